"""A study on disk: study.yaml, study.json, one folder per run with case.prm, status.json and results/. README.md shows the layout.

Files are replaced in one step, so that a full disk or a killed process leaves the old one. Locks are those of flock: they vanish with
the last process that holds them, a child that inherited them included.
"""

import contextlib
import csv
import datetime
import fcntl
import json
import os
import re
from pathlib import Path

from failures import StudyError, explain

STATES = ("waiting", "submitted", "running", "finished", "failed", "timed_out", "cancelled")
ACTIVE = ("submitted", "running")


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_atomically(path, text):
    """Replaces the file by `text`; OSError if it cannot be written, the old file is then still there."""
    path = Path(path)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open(new, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink()
        raise


def read_json(path, what):
    try:
        return json.loads(Path(path).read_text())
    except OSError as error:
        raise StudyError(f"{what} '{path}' cannot be read: {error.strerror}") from None
    except ValueError:
        raise StudyError(f"{what} '{path}' is damaged: it is no JSON") from None


def take_lock(path):
    """An open file that holds the lock, or None if another process has it."""
    file = open(path, "a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def is_locked(path):
    """Whether a process of this machine holds the lock."""
    try:
        lock = take_lock(path)
    except OSError:
        return False
    if lock:
        lock.close()
    return lock is None


class Run:
    """One run of a study: its folder and its status."""

    def __init__(self, study_folder, record):
        self.id, self.values, self.seed = record["id"], record["values"], record["seed"]
        self.folder = Path(study_folder) / record["folder"]
        self.results = self.folder / "results"

    # --- Status

    def status(self):
        """{"state", "reason", "attempts", "failures", "job"}; waiting if there is none."""
        if not self.folder.is_dir():
            return {"state": "waiting", "reason": "its folder has vanished", "attempts": 0, "job": None}
        try:
            return json.loads((self.folder / "status.json").read_text())
        except FileNotFoundError:
            return {"state": "waiting", "reason": "", "attempts": 0, "job": None}
        except (OSError, ValueError) as error:
            return {"state": "failed", "reason": f"status.json cannot be read: {error}", "attempts": 0, "job": None}

    def set_status(self, state, reason="", **entries):
        """Writes the status; entries that are not given stay. OSError if the disk is full or the folder gone."""
        before = self.status()
        status = {**before, "state": state, "reason": reason, **entries}
        if state == "failed" and before["state"] in ACTIVE:  # an attempt has ended so
            status["failures"] = before.get("failures", 0) + 1
        write_atomically(self.folder / "status.json", json.dumps(status, indent=1) + "\n")

    def locked(self):
        """Whether a process of this machine works on the run."""
        return is_locked(self.folder / "lock")

    # --- What the program has left

    def has_checkpoint(self):
        return (self.results / "checkpoint" / "latest").is_file()

    def checkpoint_step(self):
        """Number of the step of the newest checkpoint, -1 if there is none."""
        try:
            slot = (self.results / "checkpoint" / "latest").read_text().strip()
            return int(json.loads((self.results / "checkpoint" / slot / "manifest.json").read_text())["step"])
        except (OSError, ValueError, KeyError, TypeError):
            return -1

    def progress(self):
        """(per cent or None, remaining time as text) from the end of log.txt."""
        try:
            with open(self.results / "log.txt", "rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - 20000))
                text = file.read().decode(errors="replace")
        except OSError:
            return None, ""
        found = re.findall(r"^\s*progress ([\d.]+) %(?:, about (.*) left)?", text, re.MULTILINE)
        return (float(found[-1][0]), found[-1][1] or "") if found else (None, "")

    def record(self):
        """run.json as a dictionary, empty if it cannot be read."""
        try:
            return json.loads((self.results / "run.json").read_text())
        except (OSError, ValueError):
            return {}

    def wall_time(self):
        """Wall time of all attempts that have ended [s]."""
        record = self.record()
        return sum(part.get("wall_time [s]", 0.0) for part in [record, *record.get("earlier_runs", [])])

    def rows(self, name):
        """history.csv or events.csv as a list of dictionaries of text; empty if it is not there."""
        try:
            with open(self.results / name, newline="") as file:
                return list(csv.DictReader(file))
        except OSError:
            return []


class StudyFolder:
    """The folder of a study and its list of runs, study.json."""

    def __init__(self, path):
        self.path = Path(path).resolve()
        if not self.path.is_dir():
            raise StudyError(f"there is no study folder '{path}'")
        self.data = read_json(self.path / "study.json", "the list of runs")
        try:
            self.runs = [Run(self.path, record) for record in self.data["runs"]]
        except (KeyError, TypeError):
            raise StudyError(f"the list of runs '{self.path / 'study.json'}' is damaged: an entry is missing") from None

    def run(self, identifier):
        for run in self.runs:
            if run.id == identifier:
                return run
        raise StudyError(f"the study '{self.path}' has no run '{identifier}'")

    def find(self, values, seed):
        """The run with these values and this seed, or None."""
        for run in self.runs:
            if run.values == values and run.seed == seed:
                return run
        return None

    def add(self, values, seed):
        """A new run, without a folder yet; save() keeps it."""
        number = max((int(run.id) for run in self.runs), default=0) + 1
        record = {"id": f"{number:04d}", "folder": f"runs/{number:04d}", "values": values, "seed": seed}
        self.data["runs"].append(record)
        self.runs.append(Run(self.path, record))
        return self.runs[-1]

    def save(self):
        write_atomically(self.path / "study.json", json.dumps(self.data, indent=1) + "\n")


@contextlib.contextmanager
def study_lock(path):
    """Makes the folder if need be; one driver at a time: StudyError if another one is at work there."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
        lock = take_lock(Path(path) / "lock")
    except OSError as error:
        raise StudyError(f"the study folder '{path}' cannot be made: {explain(error)}") from None
    if lock is None:
        raise StudyError(f"another copy is at work on the study '{path}': wait for its end, or look with 'status'")
    with lock:
        yield


def create(path, study, fingerprint):
    """Makes the folder of a new study without runs; StudyError if something else is there."""
    path = Path(path)
    if any(entry.name not in ("lock", "study.yaml") for entry in path.iterdir()):
        raise StudyError(f"'{path}' is there already and no study: nothing is overwritten, give another --folder")
    try:
        write_atomically(path / "study.yaml", study.text)
        data = {"name": study.name, "base": str(study.base), "created": now(), "expected_trend": study.expected_trend, "base_fingerprint": fingerprint,
                "parameters": [{"name": p.name, "key": study.key_of(p), "unit": p.unit} for p in study.parameters], "runs": []}
        if study.search:
            data["search"] = vars(study.search)
            if study.search.method == "bisection":
                data["parameters"].append({"name": study.search.parameter, "key": study.search.key, "unit": study.search.unit})
        write_atomically(path / "study.json", json.dumps(data, indent=1) + "\n")
    except OSError as error:
        raise StudyError(f"the study folder '{path}' cannot be made: {explain(error)}") from None
    return StudyFolder(path)


def write_case(run, text):
    """Makes the run's folder with case.prm; StudyError if another case is there. Returns whether it is new."""
    case = run.folder / "case.prm"
    try:
        if case.is_file():
            if case.read_text() != text:
                raise StudyError(f"the study file has changed what run {run.id} is ('{case}'): nothing is overwritten, give another --folder")
            return False
        run.folder.mkdir(parents=True, exist_ok=True)
        write_atomically(case, text)
    except OSError as error:
        raise StudyError(f"the folder of run {run.id} cannot be written: {explain(error)}") from None
    return True
