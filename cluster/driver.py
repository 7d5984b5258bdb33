"""What `study.py run` and `cancel` do."""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import job_settings
import schedulers
import search as searching
import status_table
from expressions import describe
from failures import StudyError
from study_folder import ACTIVE, Run, StudyFolder, create, study_lock, write_case

POLL = 5.0  # s between two looks at a batch system
ANSWER = 600.0  # s that the program may take to check a case


def ask_program(job, *arguments):
    """Completed process of the program with these arguments, without MPI."""
    command = [*job.program(), *arguments]
    environment = {"OMP_NUM_THREADS": "1", **os.environ}
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, timeout=ANSWER)
    except OSError as error:
        raise StudyError(f"the program '{command[0]}' cannot be started: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise StudyError(f"'{' '.join(arguments)}' of the program gave no answer within {ANSWER / 60:.0f} minutes") from None


def fingerprint(study, job):
    """A checksum of the base case with all it includes; StudyError if the program refuses the base."""
    done = ask_program(job, "--print-parameters", str(study.base))
    if done.returncode != 0:
        raise StudyError(f"the base case '{study.base}' cannot be read: {_sentence(done)}")
    values = [line.strip() for line in done.stdout.splitlines() if line.strip() and not line.strip().startswith("#")]
    return hashlib.sha256("\n".join(values).encode()).hexdigest()


def _sentence(done):
    lines = [line for line in done.stderr.splitlines() if line.startswith("lithoclase: ")] or done.stderr.splitlines() or [f"exit code {done.returncode}"]
    return lines[-1].removeprefix("lithoclase: ")


def validate(runs, job):
    """{id: message} of the runs that the program refuses."""
    def check(run):
        done = ask_program(job, "--validate", str(run.folder / "case.prm"))
        return None if done.returncode == 0 else _sentence(done)

    with ThreadPoolExecutor(max(job.workers, 1)) as pool:
        return {run.id: message for run, message in zip(runs, pool.map(check, runs)) if message}


def name_of(run):
    seed = f", seed {run.seed}" if run.seed is not None else ""
    return f"run {run.id} ({describe(run.values)}{seed})"


def is_spent(run, job):
    """Whether the run has failed as often as it may. Time limits and cancellations are no failures."""
    status = run.status()
    return status["state"] == "failed" and status.get("failures", 0) >= job.attempts


class Driver:
    """One call of `study.py run`."""

    def __init__(self, study, job, path, options):
        self.study, self.job, self.path, self.options = study, job, path, options
        self.scheduler = schedulers.make(job, options.time_limit)
        self.folder = None
        self.tried = set()    # runs are tried once per call
        self.present = set()  # runs that are in the study file as it is now

    def run(self):
        with study_lock(self.path):
            self.open()
            self.add_variants()
            while True:
                schedulers.refresh(self.folder, self.scheduler)
                new = self.do_round()
                if self.job.scheduler != "local" and self.options.wait:
                    self.wait()
                if not self.add_search_runs() and not new:
                    break
                if self.job.scheduler != "local" and not self.options.wait:
                    break
            return self.finish()

    def open(self):
        mark = fingerprint(self.study, self.job)
        if not (self.path / "study.json").exists():
            self.folder = create(self.path, self.study, mark)
        else:
            self.folder = StudyFolder(self.path)
            if self.folder.data["base_fingerprint"] != mark:
                raise StudyError(f"the base case '{self.study.base}' has changed since this study was made in '{self.path}': give another --folder")

    def base_values(self):
        variants, left_out = self.study.variants()
        if left_out:
            print(f"{left_out} sets of values are left out by constraints")
        return variants

    def add_variants(self):
        """Runs that are not there yet; those that are must be what they were."""
        search = self.study.search
        points = [search.low, search.high] if search and search.method == "bisection" else [None]
        for values, seed in self.base_values():
            for point in points:
                self.add(values if point is None else {**values, search.parameter: point}, seed)
        for bracket in self.brackets():
            self.present |= set(bracket.runs)
        others = [run for run in self.folder.runs if run.id not in self.present]
        if others:
            print(f"{len(others)} runs of this folder are not in the study file as it is now and are left alone")
        self.save_cases()

    def brackets(self):
        """Of the variants in the study file, if it is a search."""
        if not self.study.search:
            return []
        variants = self.study.variants()[0]
        return [bracket for bracket in searching.brackets(self.folder, self.study.search) if (bracket.values, bracket.seed) in variants]

    def add(self, values, seed):
        """Whether the run is a new one."""
        found = self.folder.find(values, seed)
        run = found or self.folder.add(values, seed)
        self.present.add(run.id)
        return found is None

    def runs(self):
        return [run for run in self.folder.runs if run.id in self.present]

    def save_cases(self):
        """Writes study.json, and case.prm of each run that has none."""
        made = self.folder.data.setdefault("made", [])  # runs whose folder was there once
        self.folder.save()
        for run in self.runs():
            if run.id in made and not run.folder.is_dir():
                print(f"run {run.id}: its folder has vanished, it starts from the beginning")
            write_case(run, self.study.case_text(run.values, run.seed, self.study.base))
        self.folder.data["made"] = sorted({*made, *self.present})
        self.folder.save()

    def do_round(self):
        """Checks and starts what can be started; returns the number of runs."""
        self.check()
        chosen = [run for run in self.runs() if run.id not in self.tried and self.wanted(run)]
        self.tried |= {run.id for run in chosen}
        if not chosen:
            return 0
        resumed = sum(run.has_checkpoint() for run in chosen)
        print(f"{len(chosen)} runs start" + (f", {resumed} of them from a checkpoint" if resumed else ""), flush=True)
        for run in chosen:
            if run.status()["state"] != "waiting":
                run.set_status("waiting")
        self.scheduler.submit(self.folder, chosen, self.report)
        return len(chosen)

    def wanted(self, run):
        status = run.status()
        if status["state"] in ("finished", *ACTIVE) or status.get("invalid"):
            return False
        spent = is_spent(run, self.job)
        if spent and not self.options.retry:
            print(f"{name_of(run)} has failed {status['failures']} times and is left alone (--retry): {status['reason']}")
        return not spent or self.options.retry

    def check(self):
        """--validate for each case that has not passed it."""
        fresh = [run for run in self.runs() if not run.status().get("validated") and run.status()["state"] in ("waiting", "failed")]
        bad = validate(fresh, self.job)
        for run in fresh:
            if run.id in bad:
                print(f"{name_of(run)} is refused: {bad[run.id]}", file=sys.stderr)
                run.set_status("failed", bad[run.id], invalid=True)
            else:
                state = run.status()
                run.set_status(state["state"] if not state.get("invalid") else "waiting", "" if state.get("invalid") else state["reason"], validated=True, invalid=False)
        if bad and not self.options.skip_invalid:
            raise StudyError(f"{len(bad)} of {len(self.present)} cases are refused, so nothing was started; --skip-invalid leaves them out")

    def report(self, run):
        status = run.status()
        print(f"{name_of(run)}: {status['state']}" + (f", {status['reason']}" if status["reason"] else ""), flush=True)

    def wait(self):
        while True:
            schedulers.refresh(self.folder, self.scheduler)
            if not any(run.status()["state"] in ACTIVE for run in self.runs()):
                return
            time.sleep(POLL)

    def add_search_runs(self):
        """The next runs of a bisection; returns their number."""
        search = self.study.search
        if not search or search.method != "bisection":
            return 0
        added = 0
        for bracket in self.brackets():
            for value in searching.next_values(bracket, search):
                added += self.add({**bracket.values, search.parameter: value}, bracket.seed)
        if added:
            self.save_cases()
        return added

    def finish(self):
        if self.study.search:
            print(searching.write_table(self.folder, self.study.search, self.brackets()), end="")
        states = status_table.count(self.runs())
        print(f"{self.folder.path}: {status_table.in_words(states)}")
        unfinished = states["failed"] if self.job.scheduler != "local" else len(self.present) - states["finished"]
        return 1 if unfinished else 0


def cancel(folder):
    """Stops what runs and takes back what waits; a later `run` goes on with all of it."""
    schedulers.refresh(folder)
    stopped = 0
    for run in folder.runs:
        state = run.status()
        if state["state"] in ACTIVE:
            name = (state.get("job") or {}).get("scheduler", "local")
            schedulers.make(job_settings.JobSettings(scheduler=name)).cancel([run])
        if state["state"] == "running":
            print(f"{name_of(run)} is asked to stop with a checkpoint")
            stopped += 1
        elif state["state"] in ("waiting", "submitted") and run.folder.is_dir():
            run.set_status("cancelled", "cancelled before it began")
            stopped += 1
    print(f"{stopped} runs are cancelled; 'study.py run' goes on with them")
    return 0


def intention(there, text, options, job):
    """(what a call would do with the run that is `there`, or with a new one for None; whether it starts it). `text`: its case as the study file is now."""
    if there is None:
        return "starts", True
    status = there.status()
    case = there.folder / "case.prm"
    if case.is_file() and case.read_text() != text:
        return f"is refused: the study file has changed what run {there.id} is", False
    if status["state"] in ("finished", *ACTIVE):
        return f"is {status['state']}, left alone", False
    if is_spent(there, job) and not options.retry:
        return f"has failed {status['failures']} times, left alone (--retry)", False
    if there.has_checkpoint():
        return f"goes on from step {there.checkpoint_step()}", True
    return "starts", True


def print_intentions(study, job, path, options, runs, bad):
    """A line for each run; returns how many would start."""
    folder = StudyFolder(path) if (Path(path) / "study.json").exists() else None
    if folder and folder.data["base_fingerprint"] != fingerprint(study, job):
        raise StudyError(f"the base case '{study.base}' has changed since this study was made in '{path}': give another --folder")
    starting = 0
    for run in runs:
        there = folder.find(run.values, run.seed) if folder else None
        if run.id in bad:
            print(f"{name_of(run)}: refused: {bad[run.id]}")
            continue
        words, starts = intention(there, (run.folder / "case.prm").read_text(), options, job)
        print(f"{name_of(run)}: valid, {words}")
        starting += starts
    return 0 if bad and not options.skip_invalid else starting


def dry_run(study, job, path, options):
    """Prints the runs, whether each is valid, what a call would do with it, and the job script; writes nothing outside a temporary folder."""
    variants, left_out = study.variants()
    search = study.search
    points = [search.low, search.high] if search and search.method == "bisection" else [None]
    with tempfile.TemporaryDirectory(prefix="lithoclase_study_") as scratch:
        runs = []
        for values, seed in variants:
            for point in points:
                both = values if point is None else {**values, search.parameter: point}
                run = Run(scratch, {"id": f"{len(runs) + 1:04d}", "folder": f"runs/{len(runs) + 1:04d}", "values": both, "seed": seed})
                write_case(run, study.case_text(both, seed, study.base))
                runs.append(run)
        bad = validate(runs, job)
        starting = print_intentions(study, job, path, options, runs, bad)
    print(f"{len(runs)} runs in {path}" + (" at first, more follow from the search" if points[0] is not None else "") + f", {starting} of them start; "
          f"{left_out} sets of values are left out by constraints")
    if job.scheduler == "local":
        print(f"{job.workers} at a time on this machine: {' '.join(job.command())} case.prm")
    elif starting:
        path = Path(path).resolve()
        print(schedulers.make(job).script(study.name, path, starting, schedulers.Batch.next_folder(path)), end="")
    return 2 if bad else 0
