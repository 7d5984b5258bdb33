"""Where runs go: workers on this machine, a Slurm or a PBS job array. Each has submit, alive, ended and cancel."""

import getpass
import json
import os
import re
import shlex
import signal
import string
import subprocess
import sys
import time
from pathlib import Path

from failures import StudyError
from job_settings import SCHEDULERS, JobSettings
from study_folder import ACTIVE, is_locked, write_atomically

HERE = Path(__file__).resolve().parent


def execute_line(path, job):
    """Command (list) that runs a case of the study in the folder `path`, without the number of the run."""
    return [sys.executable, str(HERE / "execute.py"), str(path), "--command", json.dumps(job.command())]


class Local:
    """Workers on this machine: each is a process of execute.py in a session of its own, so that Ctrl-C reaches the driver only."""

    def __init__(self, job, time_limit=None):
        self.job, self.time_limit = job, time_limit

    def submit(self, folder, runs, report):
        """Does the runs, `workers` at a time; report(run) is called at the end of each. KeyboardInterrupt stops all with a checkpoint."""
        waiting, working = list(runs), {}
        line = execute_line(folder.path, self.job) + (["--stop-after", str(self.time_limit)] if self.time_limit else [])
        try:
            while waiting or working:
                while waiting and len(working) < self.job.workers:
                    run = waiting.pop(0)
                    if run.status()["state"] != "cancelled":  # in the meantime
                        working[run.id] = (run, subprocess.Popen([*line, run.id], stdout=subprocess.DEVNULL, start_new_session=True))
                for run, process in list(working.values()):
                    if process.poll() is not None:
                        del working[run.id]
                        report(run)
                time.sleep(0.1)
        except KeyboardInterrupt:
            for _, process in working.values():
                process.terminate()
            for run, process in working.values():
                process.wait()
                report(run)
            raise

    def alive(self, runs):
        """Runs whose lock is held; of runs on another machine nobody here can tell."""
        return {run.id for run in runs if run.locked() or (run.status().get("job") or {}).get("host", os.uname().nodename) != os.uname().nodename}

    def ended(self, run):
        return "failed", "the run was killed, or its status could not be written"

    def cancel(self, runs):
        for run in runs:
            job = run.status().get("job") or {}
            if job.get("host") != os.uname().nodename:
                raise StudyError(f"run {run.id} is at work on '{job.get('host')}': cancel it there")
            os.kill(job["pid"], signal.SIGTERM)


class _Template(string.Template):
    delimiter = "@"  # shell scripts are full of $


class Batch:
    """What Slurm and PBS have in common: one array per submission, jobs/NNNN/ with its script, list of runs and output."""

    def __init__(self, job):
        self.job = job

    def script(self, name, path, number, where):
        """Text of the job script for `number` runs of the study `name` in the folder `path`; `where` is the folder of this submission."""
        job = self.job
        setup = [f"module load {shlex.quote(module)}" for module in job.modules] + job.setup
        line = execute_line(path, job)
        text = (HERE / "templates" / self.template).read_text()
        return _Template(text).substitute(
            name=name, directives="\n".join(self.directives(number, where)), setup="\n".join(setup), folder=shlex.quote(str(path)),
            runs=shlex.quote(str(where / "runs.txt")), execute=" ".join(shlex.quote(part) for part in line), arguments=self.arguments())

    def submit(self, folder, runs, report):
        """One array for these runs. Their status is written before: a task may begin at once and then has its own word. The number that the
        batch system gives to the array goes to array.txt."""
        where = self.next_folder(folder.path)
        where.mkdir(parents=True)
        write_atomically(where / "runs.txt", "".join(run.id + "\n" for run in runs))
        write_atomically(where / "job.sh", self.script(folder.data["name"], folder.path, len(runs), where))
        before = [run.status() for run in runs]
        for index, run in enumerate(runs):
            run.set_status("submitted", "", job={"scheduler": self.name, "output": str(where), "index": index if len(runs) > 1 else None})
        try:
            array = self.call(*self.submit_command(where))
        except StudyError:
            for run, status in zip(runs, before):
                run.set_status(**status)
            raise
        write_atomically(where / "array.txt", array.strip().split(";")[0] + "\n")
        for run in runs:
            report(run)

    @staticmethod
    def next_folder(path):
        """Of the next submission of the study in the folder `path`."""
        number = max((int(folder.name) for folder in (path / "jobs").glob("[0-9]*")), default=0) + 1
        return path / "jobs" / f"{number:04d}"

    def call(self, *command):
        """Output of a command of the batch system; StudyError with its message."""
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        except FileNotFoundError:
            raise StudyError(f"'{command[0]}' was not found: is {self.name} on this machine?") from None
        except subprocess.TimeoutExpired:
            raise StudyError(f"'{command[0]}' gave no answer within two minutes") from None
        if done.returncode != 0:
            raise StudyError(f"'{' '.join(command[:3])}' failed: {' '.join((done.stderr or done.stdout).split())}")
        return done.stdout

    def job_id(self, run):
        """What the batch system calls the run's task; empty if it was never told."""
        job = run.status().get("job") or {}
        try:
            array = (Path(job["output"]) / "array.txt").read_text().strip()
        except (OSError, KeyError):
            return ""
        return self.task(array, job.get("index"))


class Slurm(Batch):
    name, template = "slurm", "slurm.sh"

    def directives(self, number, where):
        job = self.job
        limit = f"%{job.at_once}" if job.at_once else ""
        lines = [f"--array=0-{number - 1}{limit}", f"--ntasks={job.ranks}", f"--time={job.time}", f"--signal=B:USR1@{job.margin}",
                 f"--output={shlex.quote(str(where))}/%a.txt", "--open-mode=append", "--requeue" if job.requeue else "--no-requeue"]
        lines += [f"--account={job.account}"] * bool(job.account) + [f"--partition={job.partition}"] * bool(job.partition)
        lines += [f"--mem={job.memory}"] * bool(job.memory) + job.options
        return [f"#SBATCH {line}" for line in lines]

    def arguments(self):
        return '--requeue "scontrol requeue ${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"' if self.job.requeue else ""

    @staticmethod
    def submit_command(where):
        return "sbatch", "--parsable", str(where / "job.sh")

    @staticmethod
    def task(array, index):
        return f"{array}_{index or 0}"

    def alive(self, runs):
        queue = set(self.call("squeue", "--noheader", "--array", "--format=%i", f"--user={getpass.getuser()}").split())
        return {run.id for run in runs if self.job_id(run) in queue}

    def ended(self, run):
        """What Slurm says of a job that left the queue without a word in status.json."""
        state = ""
        for command, pattern in ((["scontrol", "--oneliner", "show", "job", self.job_id(run)], r"JobState=(\w+)"),
                                 (["sacct", "-n", "-X", "-P", "-o", "State", "-j", self.job_id(run)], r"^(\w+)")):
            try:
                found = re.search(pattern, self.call(*command))
            except StudyError:
                continue  # forgotten, or no accounting
            if found:
                state = found.group(1)
                break
        states = {"TIMEOUT": "timed_out", "PREEMPTED": "timed_out", "CANCELLED": "cancelled"}
        return states.get(state, "failed"), f"the job ended without a word ({state or 'unknown state'}), see {(run.status().get('job') or {}).get('output')}"

    def cancel(self, runs):
        """Waiting jobs leave the queue; running ones are asked for a checkpoint."""
        for run in runs:
            if run.status()["state"] == "running":
                self.call("scancel", "--batch", "--signal=TERM", self.job_id(run))
            else:
                self.call("scancel", self.job_id(run))


class Pbs(Batch):
    name, template = "pbs", "pbs.sh"

    def directives(self, number, where):
        job = self.job
        memory = f":mem={job.memory.lower()}b" if job.memory else ""
        lines = [f"-J 0-{number - 1}"] * (number > 1)  # PBS refuses an array of one
        lines += [f"-l select=1:ncpus={job.ranks}:mpiprocs={job.ranks}{memory}", f"-l walltime={job.time}", f"-o {where}/", "-j oe", "-r y" if job.requeue else "-r n"]
        lines += [f"-A {job.account}"] * bool(job.account) + [f"-q {job.partition}"] * bool(job.partition) + job.options
        return [f"#PBS {line}" for line in lines]

    def arguments(self):
        # PBS gives no signal before the limit: execute.py has its own clock.
        stop = f"--stop-after {max(self.job.seconds() - self.job.margin, 1)}"
        return stop + (' --requeue "qrerun $PBS_JOBID"' if self.job.requeue else "")

    @staticmethod
    def submit_command(where):
        return "qsub", str(where / "job.sh")

    @staticmethod
    def task(array, index):
        return array.replace("[]", f"[{index}]")

    def alive(self, runs):
        """Ids are compared without the name of the server, which qstat cuts off."""
        queue = set()
        for line in self.call("qstat", "-t", "-u", getpass.getuser()).splitlines():
            columns = line.split()
            if columns and re.match(r"\d+", columns[0]) and not {"F", "X", "C"} & set(columns[1:]):
                queue.add(columns[0].split(".")[0])
        return {run.id for run in runs if self.job_id(run).split(".")[0] in queue}

    def ended(self, run):
        return "failed", f"the job ended without a word, see {(run.status().get('job') or {}).get('output')}"

    def cancel(self, runs):
        for run in runs:
            if run.status()["state"] == "running":
                self.call("qsig", "-s", "SIGTERM", self.job_id(run))
            else:
                self.call("qdel", self.job_id(run))


def make(job, time_limit=None):
    """The scheduler that the job settings name."""
    return Local(job, time_limit) if job.scheduler == "local" else {"slurm": Slurm, "pbs": Pbs}[job.scheduler](job)


def refresh(folder, scheduler=None):
    """Runs that are active by their status but whose job or process is gone get the state that they ended in. Without a scheduler each is
    asked where it was sent to; those that another copy is submitting just now have no number yet and are left alone."""
    active = [run for run in folder.runs if run.status()["state"] in ACTIVE]
    for name in SCHEDULERS:
        runs = [run for run in active if (run.status().get("job") or {}).get("scheduler", "local") == name]
        if not runs:
            continue
        asked = scheduler if scheduler and scheduler.job.scheduler == name else make(JobSettings(scheduler=name))
        alive = asked.alive(runs)
        submitting = name != "local" and scheduler is None and is_locked(folder.path / "lock")
        for run in runs:
            if submitting and not asked.job_id(run):
                continue
            if run.id not in alive and run.status()["state"] in ACTIVE:  # it may have ended between the two looks
                run.set_status(*asked.ended(run))
