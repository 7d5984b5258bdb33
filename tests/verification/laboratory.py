"""Runs the ordinary executable on parameter files and compares what it writes with references.

A case is a function that gets a Laboratory, calls run() as often as it needs and check() for each number with a
known answer. Cases run at the same time, each run on as many slots (processor cores) as it has ranks.
"""

import csv
import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from lithoclase_case import MPI_ENVIRONMENT  # noqa: E402  pylint: disable=wrong-import-position

# Constants of the model, written down again on purpose: the references must not share them with the program.
FARADAY = 96485.33212  # C/mol
GAS_CONSTANT = 8.314462618  # J/(mol K)
TEMPERATURE = 298.15  # K
LITHIUM_MOLAR_VOLUME = 1.300e-5  # m^3/mol
THERMAL_VOLTAGE = GAS_CONSTANT * TEMPERATURE / FARADAY  # V
VOLUME_PER_CHARGE = LITHIUM_MOLAR_VOLUME / FARADAY  # m^3/C

FOLDER = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass
class Row:
    """One line of the table."""

    case: str
    quantity: str
    value: float
    reference: float
    error: float
    tolerance: float

    @property
    def passed(self):
        return bool(self.error <= self.tolerance)  # false for nan

    @property
    def closeness(self):
        """Error over tolerance: a row above 1 fails. Rows that must be exact count as 0 or infinity."""
        if self.passed and self.tolerance == 0.0:
            return 0.0
        return self.error / self.tolerance if self.error <= self.tolerance else float("inf")

    def as_text(self):
        numbers = [f"{number:.6g}" for number in (self.value, self.reference, self.error, self.tolerance)]
        return [self.case, self.quantity, *numbers, "pass" if self.passed else "fail"]


COLUMNS = ["case", "quantity", "value", "reference", "error", "tolerance", "pass"]


class RunFailed(Exception):
    """The executable ended with an exit code that was not expected."""


class Slots:
    """Hands out processor cores. A run takes all of its cores at once, so two runs cannot wait for each other."""

    def __init__(self, number):
        self.number = number
        self._free = number
        self._condition = threading.Condition()

    def take(self, wanted):
        with self._condition:
            self._condition.wait_for(lambda: self._free >= wanted)
            self._free -= wanted

    def give_back(self, number):
        with self._condition:
            self._free += number
            self._condition.notify_all()


class Columns:
    """A file of columns with a first line of names, `name [unit]`: history.csv or a line. Columns by name without
    unit."""

    def __init__(self, path):
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        names = [name.split(" [")[0] for name in rows[0]]
        values = np.array(rows[1:], dtype=float).reshape(-1, len(names))
        self._columns = dict(zip(names, values.T))

    def __getitem__(self, name):
        return self._columns[name]

    def __contains__(self, name):
        return name in self._columns

    def last(self, name):
        return float(self._columns[name][-1])

    def rows(self):
        """The same as a list of dictionaries."""
        return [dict(zip(self._columns, map(float, values))) for values in zip(*self._columns.values())]


@dataclasses.dataclass
class Run:
    """What a finished run left."""

    directory: pathlib.Path
    exit_code: int
    screen: str
    wall_time: float

    @property
    def history(self):
        return Columns(self.directory / "history.csv")

    def line(self, name):
        """The line of that name in the last output."""
        return Columns(sorted((self.directory / "lines").glob(f"{name}_*.csv"))[-1])


class Laboratory:
    """Runs and checks of one case."""

    def __init__(self, case, executable, directory, slots, quick=False):
        self.case = case
        self.quick = quick
        self.rows = []
        self.plots = []  # functions that draw on a matplotlib Axes; called later by the main thread
        self.run_time = 0.0
        self._executable = str(executable)
        self._directory = pathlib.Path(directory) / case
        self._slots = slots

    def run(self, parameter_file, name, settings=None, ranks=1, options=(), keep=False, may_fail=False):
        """Runs tests/verification/<parameter_file> with entries {"Section/key": value} replaced.

        The results go to a folder of their own, `name`. `keep`: do not clear the folder first (to resume a run).
        """
        directory = self._directory / name
        if not keep:
            shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True, exist_ok=True)
        entries = {"Output/directory": directory, **(settings or {})}
        cores = min(ranks, self._slots.number)
        command = ["mpirun", "-np", str(ranks)] if ranks > 1 else []
        command += [self._executable, str(FOLDER / parameter_file)]
        for key, value in entries.items():
            command += ["--set", f"{key}={value}"]
        command += options
        self._slots.take(cores)
        begin = time.monotonic()
        try:
            result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                                    env={**os.environ, **MPI_ENVIRONMENT})
        finally:
            self._slots.give_back(cores)
        wall_time = time.monotonic() - begin
        self.run_time += wall_time * cores
        (directory / "screen.txt").write_text(result.stdout, encoding="utf-8")
        if result.returncode != 0 and not may_fail:
            lines = result.stdout.strip().splitlines() or ["(it printed nothing)"]
            raise RunFailed(f"{name}: exit code {result.returncode}: {lines[-1]}")
        return Run(directory, result.returncode, result.stdout, wall_time)

    def check(self, quantity, value, reference, tolerance, scale=None):
        """Adds a row. The error is |value - reference| over `scale`, by default the reference (1 if that is zero)."""
        if scale is None:
            scale = abs(reference) if reference != 0.0 else 1.0
        error = abs(value - reference) / scale
        self.rows.append(Row(self.case, quantity, float(value), float(reference), float(error), float(tolerance)))

    def check_order(self, quantity, steps, errors, reference, tolerance=0.1):
        """Order of convergence between the two finest of some step sizes."""
        order = np.log(errors[-2] / errors[-1]) / np.log(steps[-2] / steps[-1])
        self.check(quantity, order, reference, tolerance, scale=1.0)

    def plot(self, draw):
        """Adds a panel to the figure of the case's group (V1, V2, ...)."""
        self.plots.append(draw)


def um(*lengths):
    """Lengths in metres as the text of a parameter."""
    return ", ".join(f"{length * 1e6:.12g} um" for length in lengths)
