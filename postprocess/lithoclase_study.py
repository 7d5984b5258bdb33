"""Reads a parameter study and its runs: what was varied, what came of it, what it cost.

    <study>/study.json            name, base case, parameters, runs
    <study>/<run>/case.prm        the case
    <study>/<run>/status.json     state, reason, attempts, job
    <study>/<run>/results/        what the program left

Nothing that is missing or damaged in a run is an error: the run then has no such part, and a reason. Numbers are in SI units.
"""

import csv
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lithoclase_results import ResultError, History, read_history, read_parameters, split_name
from lithoclase_units import quantity

STATES = ("finished", "running", "submitted", "waiting", "failed", "timed_out", "cancelled", "missing")


class Results:
    """The folder that one run of the program left; its parts are read when asked for."""

    def __init__(self, path):
        self.path = Path(path)
        self.problems = []  # sentences about files that could not be read

    @cached_property
    def record(self):
        """The run record; {} if there is none."""
        return self._json("run.json")

    @cached_property
    def microstructure(self):
        """The report of the microstructure; {} if there is none."""
        return self._json("microstructure.json")

    @cached_property
    def history(self):
        """The History, None if there is none or it has no row yet."""
        try:
            history = read_history(self.path)
        except (ResultError, OSError, UnicodeError) as error:
            if (self.path / "history.csv").exists():
                self.problems.append(str(error))
            return None
        return history if isinstance(history, History) and len(history) > 0 else None

    @cached_property
    def events(self):
        """{event: {plain name: (number or text, unit)}} of events.csv, in the order of the file."""
        try:
            with open(self.path / "events.csv", newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
        except (OSError, UnicodeError, csv.Error):
            return {}
        events = {}
        for row in rows:
            event = row.pop("event", None)
            if event:
                events[event.replace(" ", "_")] = {split_name(name)[0]: (_number_or_text(text), split_name(name)[1])
                                                   for name, text in row.items() if name and text}
        return events

    @cached_property
    def parameters(self):
        """{"Section/entry": value} of all parameters as the program took them."""
        return read_parameters(self.path / "parameters.prm")

    @cached_property
    def log(self):
        """The lines of log.txt."""
        try:
            return (self.path / "log.txt").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []

    @property
    def warnings(self):
        """What the program warned of, each sentence once."""
        return list(dict.fromkeys(line[len("Warning: "):] for line in self.log if line.startswith("Warning: ")))

    def attempts(self):
        """The records of all runs that this folder saw, the last one last."""
        return self.record.get("earlier_runs", []) + ([self.record] if self.record else [])

    def _json(self, name):
        path = self.path / name
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(content, dict):
                return content
            self.problems.append(f"{name} holds no record")
        except FileNotFoundError:
            pass
        except (OSError, ValueError) as error:
            self.problems.append(f"{name} cannot be read ({error})")
        return {}


def _number_or_text(text):
    try:
        return float(text)
    except ValueError:
        return text


@dataclass
class Run:
    """One run of a study."""

    id: str
    folder: Path
    values: dict = field(default_factory=dict)  # parameter name -> value as given
    seed: object = None
    status: dict = field(default_factory=dict)  # status.json, {} if there is none

    @cached_property
    def results(self):
        return Results(self.folder / "results")

    @property
    def state(self):
        """One of STATES: that of status.json, else what the results say."""
        if not self.folder.is_dir():
            return "missing"
        if self.status.get("state") in STATES:
            return self.status["state"]
        return state_of(self.results)

    @property
    def reason(self):
        """Why the run is in its state, "" for a run that ended well."""
        if not self.folder.is_dir():
            return f"there is no folder {self.folder}"
        reason = self.status.get("reason") or ""
        if reason or self.state in ("finished", "waiting", "submitted"):
            return reason
        return reason_of(self.results)


def state_of(results):
    """The state of results that no driver has made."""
    if not results.record:
        return "failed" if results.path.is_dir() else "waiting"
    code = results.record.get("exit_code")
    return "running" if code is None else "finished" if code == 0 else "failed"


def reason_of(results):
    """How results ended in the program's own words: the exit reason, else the last line of the log."""
    if results.record.get("exit_reason"):
        return results.record["exit_reason"]
    if results.record:
        return "the run record tells no end: the run goes on or was killed"
    lines = [line for line in results.log if line.strip()]
    return lines[-1].strip() if lines else "no run record" if results.path.is_dir() else "no results"


@dataclass
class Parameter:
    """What was varied."""

    name: str
    key: str = ""
    unit: str = None  # of values given as plain numbers


@dataclass
class Study:
    path: Path
    name: str
    base: str
    created: str
    parameters: list  # of Parameter
    runs: list        # of Run
    expected_trend: str = ""  # in the words of who planned it


def read_study(path):
    """The Study in a folder. Raises ResultError if there is no readable study.json."""
    path = Path(path)
    file = path / "study.json"
    if not file.is_file():
        raise ResultError(f"There is no study at {path}: it has no study.json")
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        parameters = [Parameter(entry["name"], entry.get("key") or "", entry.get("unit")) for entry in record["parameters"]]
        runs = [Run(str(entry["id"]), path / entry["folder"], entry.get("values", {}), entry.get("seed"),
                    _read_status(path / entry["folder"] / "status.json")) for entry in record["runs"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ResultError(f"{file} cannot be read: {type(error).__name__}: {error}") from None
    return Study(path, record.get("name") or path.resolve().name, record.get("base") or "", record.get("created") or "",
                 parameters, runs, record.get("expected_trend") or "")


def _read_status(path):
    try:
        status = json.loads(path.read_text(encoding="utf-8"))
        return status if isinstance(status, dict) else {}
    except (OSError, ValueError):
        return {}


def si_value(parameter, value):
    """(number in SI units, SI unit) of a value of a Parameter, None if it is no number."""
    return quantity(value, parameter.unit)
