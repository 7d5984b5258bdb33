#!/usr/bin/env python3
"""Runs one case of a study in its folder: from the start, or from its checkpoint. Called by the driver's workers and by batch jobs.

    execute.py STUDY_FOLDER RUN --command '["mpirun", "-n", "2", "lithoclase"]' [--requeue COMMAND] [--stop-after SECONDS]

SIGUSR1 (a batch system before the time limit) or the end of --stop-after make the program write a checkpoint and end: "timed_out"; with
--requeue that command is then given, unless the attempt brought no new checkpoint. SIGTERM and SIGINT do the same: "cancelled".
Whatever the signal, the program gets SIGUSR1: mpirun passes it on to all ranks, whereas it ends them on SIGTERM. While the program runs,
the lock of the run's folder is held by it, so that nobody starts it twice.
"""

import argparse
import json
import os
import shlex
import signal
import subprocess
import sys
import time

from failures import StudyError, explain
from study_folder import StudyFolder, now, take_lock

STOPPED_EARLY = 4  # exit code of the program
REASONS = {signal.SIGUSR1: ("timed_out", "over the time limit"), signal.SIGALRM: ("timed_out", "over the time limit"),
           signal.SIGTERM: ("cancelled", "stopped by SIGTERM"), signal.SIGINT: ("cancelled", "stopped by SIGINT")}


class Program:
    """lithoclase at work on one run; remembers the first signal and passes it on."""

    def __init__(self, run, command, resume, lock):
        self.stopped_by = None
        self.process = None
        for number in REASONS:
            signal.signal(number, self.stop)
        line = [*command, "case.prm"] + (["--resume"] if resume else [])
        with open(run.folder / "output.txt", "a") as output, open(run.folder / "errors.txt", "w") as errors:
            environment = {"OMP_NUM_THREADS": "1", **os.environ}
            self.process = subprocess.Popen(line, cwd=run.folder, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, env=environment, pass_fds=[lock.fileno()])
        if self.stopped_by:
            self.process.send_signal(signal.SIGUSR1)

    def stop(self, number, frame):
        if self.stopped_by is None:
            self.stopped_by = number
            if self.process and self.process.poll() is None:
                self.process.send_signal(signal.SIGUSR1)


def set_aside(run):
    """Results without a checkpoint, of an attempt that was killed early, get another name: nothing is overwritten."""
    if run.results.exists():
        number = 1
        while (run.folder / f"results.attempt{number}").exists():
            number += 1
        run.results.rename(run.folder / f"results.attempt{number}")


def failure_reason(run, code):
    """The program's own sentence, or what its exit code says."""
    try:
        text = (run.folder / "errors.txt").read_text(errors="replace")
    except OSError:
        text = ""
    sentences = [line[len("lithoclase: "):] for line in text.splitlines() if line.startswith("lithoclase: ")]
    if code < 0 or code > 128:
        number = -code if code < 0 else code - 128
        name = signal.Signals(number).name if number in set(signal.Signals) else str(number)
        return f"killed by {name}" + (" (out of memory?)" if number == signal.SIGKILL else "")
    if code == 3:
        return str(run.record().get("exit_reason", "a step failed at its smallest size"))
    last = text.strip().splitlines()[-1] if text.strip() else f"exit code {code}"
    return (sentences or [last])[-1]


def outcome(run, code, stopped_by, step_before):
    """(state, reason) of an attempt that has ended with exit code `code`."""
    if code == 0:
        return "finished", str(run.record().get("exit_reason", ""))
    if stopped_by and (code == STOPPED_EARLY or code in (-signal.SIGUSR1, 128 + signal.SIGUSR1)):
        state, reason = REASONS[stopped_by]
        step = run.checkpoint_step()
        return state, reason + (f", checkpoint of step {step}" if step > step_before else ", no new checkpoint")
    if code == STOPPED_EARLY:
        return "timed_out", str(run.record().get("exit_reason", "stopped early"))
    return "failed", failure_reason(run, code)


def execute(run, arguments, lock):
    status = run.status()
    resume = run.has_checkpoint()
    if not resume:
        set_aside(run)
    step_before = run.checkpoint_step()
    run.set_status("running", attempts=status.get("attempts", 0) + 1, started=now(), ended=None,
                   job={**(status.get("job") or {}), "pid": os.getpid(), "host": os.uname().nodename})
    program = Program(run, arguments.command, resume, lock)
    if arguments.stop_after:
        signal.setitimer(signal.ITIMER_REAL, arguments.stop_after)
    code = program.process.wait()
    signal.setitimer(signal.ITIMER_REAL, 0)
    state, reason = outcome(run, code, program.stopped_by, step_before)
    if state == "timed_out" and arguments.requeue and run.checkpoint_step() > step_before:
        return requeue(run, reason, arguments.requeue)
    run.set_status(state, reason, ended=now(), exit_code=code)
    print(f"run {run.id}: {state}" + (f", {reason}" if reason else ""), flush=True)
    return 0 if state == "finished" else 1


def requeue(run, reason, command):
    """The job goes back to the queue; the batch system then ends this process."""
    run.set_status("submitted", f"{reason}, requeued", ended=now())
    print(f"run {run.id}: {reason}, requeued", flush=True)
    done = subprocess.run(shlex.split(command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        run.set_status("timed_out", f"{reason}; it could not be requeued: {' '.join(done.stdout.split())}")
        return 1
    time.sleep(60)  # until the batch system ends the job
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="folder of the study")
    parser.add_argument("run", help="number of the run, e.g. 0001")
    parser.add_argument("--requeue", help="command that puts the job back into the queue")
    parser.add_argument("--stop-after", type=float, help="wall time [s] after which the run is stopped with a checkpoint")
    parser.add_argument("--command", type=json.loads, required=True, help="the program's command line as a JSON list")
    arguments = parser.parse_args()
    try:
        folder = StudyFolder(arguments.folder)
        run = folder.run(arguments.run)
        lock = take_lock(run.folder / "lock")
        if lock is None:
            print(f"execute.py: run {run.id} is at work in another process", file=sys.stderr)
            return 1
        with lock:
            if run.status()["state"] == "finished":
                return 0
            return execute(run, arguments, lock)
    except StudyError as error:
        print(f"execute.py: {error}", file=sys.stderr)
    except OSError as error:
        print(f"execute.py: run {arguments.run} cannot go on: {explain(error)}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
