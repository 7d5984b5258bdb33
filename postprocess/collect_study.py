#!/usr/bin/env python3
"""Collects a parameter study into one table, a row for each run, as CSV and HDF5.

    collect_study.py results/studies/conductivity      -> table.csv and table.h5 in the study

Columns, all numbers in SI units with the unit in the head: the run and its state, with the reason if it did not end well;
parameters as numbers and as given; the seed; `final_`, `min_` and `max_` of each observable; `cracking_`, `penetration_` and
`short_circuit_` time, current density (in a ramp: the critical one), voltage, charge and place; the cost. Runs that wait, go
on, failed or are gone are rows like the others, with what they have. In HDF5 each column is a data set, in groups.
"""

import argparse
import csv
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from lithoclase_results import ResultError
from lithoclase_study import read_study, si_value

# Columns of the history that tell of the cost of a run, and what of them counts.
COST = {"cells": np.nanmax, "unknowns": np.nanmax, "memory": np.nanmax, "nonlinear_iterations": np.nansum,
        "linear_iterations": np.nansum}
NOT_OBSERVED = {"wall_time", "step_size", "sweeps", "passes", "linear_solve_time", "solve_time", *COST}


@dataclass
class Column:
    """One column of the table: numbers with their SI unit (nan where there is none), or texts ("")."""

    name: str
    group: str   # run, parameters, observables, onsets or cost
    unit: object  # None: text
    values: list

    @property
    def head(self):
        return self.name if self.unit is None else f"{self.name} [{self.unit}]"

    @property
    def empty(self):
        return math.nan if self.unit is not None else ""

    def numbers(self):
        return np.array(self.values, dtype=float)


class Table:
    """Columns by name, all of the same length."""

    def __init__(self, n_rows):
        self.n_rows = n_rows
        self.columns = {}

    def set(self, row, group, name, value, unit=None):
        """Sets an entry; the column is made where it is new. A column that is numeric takes only numbers."""
        column = self.columns.get(name)
        if column is None:
            column = self.columns[name] = Column(name, group, unit, [])
            column.values = [column.empty] * self.n_rows
        if column.unit != unit:
            raise ResultError(f"Column '{name}' is in {column.unit or 'words'}, but row {row + 1} has it in {unit or 'words'}")
        column.values[row] = value if unit is None else float(value)

    def __getitem__(self, name):
        return self.columns[name]

    def __contains__(self, name):
        return name in self.columns

    def group(self, *names):
        return [column for column in self.columns.values() if column.group in names]


def collect(study):
    """The Table of a Study."""
    table = Table(len(study.runs))
    for row, run in enumerate(study.runs):
        add_run(table, row, run)
    for parameter in study.parameters:
        add_parameter(table, parameter, study.runs)
    for row, run in enumerate(study.runs):
        if run.seed is not None:
            table.set(row, "parameters", "seed", run.seed, "1")
    for row, run in enumerate(study.runs):
        add_observables(table, row, run.results)
        add_onsets(table, row, run.results)
        add_cost(table, row, run.results)
    return table


def add_run(table, row, run):
    table.set(row, "run", "run", run.id)
    table.set(row, "run", "state", run.state)
    table.set(row, "run", "reason", "; ".join([run.reason] * bool(run.reason) + unreadable(run.results)))
    table.set(row, "run", "exit_reason", run.results.record.get("exit_reason", ""))
    code = run.results.record.get("exit_code")
    table.set(row, "run", "exit_code", math.nan if code is None else code, "1")
    table.set(row, "run", "attempts", run.status.get("attempts") or 0, "1")
    table.set(row, "run", "job", job_text(run.status.get("job")))
    table.set(row, "run", "folder", str(run.folder))


def job_text(job):
    """A job number, or "pid 12, host a" of a record."""
    if isinstance(job, dict):
        return ", ".join(f"{key} {value}" for key, value in job.items())
    return "" if job is None else str(job)


def unreadable(results):
    """What of the results could not be read."""
    results.record, results.history  # read now
    return list(results.problems)


def add_parameter(table, parameter, runs):
    """A column of numbers if every value is one of the same unit, and one of the values as given."""
    given = [run.values.get(parameter.name) for run in runs]
    numbers = [si_value(parameter, value) for value in given]
    units = {number[1] for number, value in zip(numbers, given) if number is not None}
    numeric = len(units) == 1 and all(number is not None for number, value in zip(numbers, given) if value is not None)
    column = parameter.name if parameter.name not in table else f"{parameter.name} (parameter)"
    for row, value in enumerate(given):
        if numeric and value is not None:
            table.set(row, "parameters", column, *numbers[row])
        text = "" if value is None else str(value)
        if parameter.unit and value is not None and not isinstance(value, (str, bool)):
            text += " " + parameter.unit
        table.set(row, "parameters", f"{column} (as given)" if numeric else column, text)


def add_observables(table, row, results):
    """Last and extreme values of each column of the history."""
    if results.history is None:
        return
    for name, values in results.history.columns.items():
        unit, finite = results.history.units[name], values[np.isfinite(values)]
        if name in NOT_OBSERVED or finite.size == 0:
            continue
        table.set(row, "observables", f"final_{name}", values[-1], unit)
        if len(values) > 1 and name != "time":
            table.set(row, "observables", f"min_{name}", finite.min(), unit)
            table.set(row, "observables", f"max_{name}", finite.max(), unit)


def add_onsets(table, row, results):
    for event, values in results.events.items():
        for name, (value, unit) in values.items():
            table.set(row, "onsets", f"{event}_{name}", value, None if isinstance(value, str) else unit)


def add_cost(table, row, results):
    """Steps, size, wall time over all attempts with the ranks of each, memory of all ranks together at its peak."""
    history = results.history
    if history is not None:
        table.set(row, "cost", "steps", len(history), "1")
        for name, summary in COST.items():
            if name in history and np.isfinite(history[name]).any():
                table.set(row, "cost", name, summary(history[name]), history.units[name])
    attempts = results.attempts()
    if not attempts:
        return
    table.set(row, "cost", "ranks", attempts[-1].get("ranks", math.nan), "1")
    times = [attempt.get("wall_time [s]") for attempt in attempts]
    ranks = [attempt.get("ranks", math.nan) for attempt in attempts]
    counted = history["wall_time"][-1] if history is not None and "wall_time" in history else 0.0
    source = "run records"
    # An attempt that was killed or goes on has no time in its record: then what the history has counted, without the steps
    # that were lost.
    if None in times or counted > sum(times):
        times, ranks, source = [counted], ranks[-1:], "history"
    if sum(times) > 0:
        table.set(row, "cost", "wall_time", sum(times), "s")
        table.set(row, "cost", "core_hours", sum(t * n for t, n in zip(times, ranks)) / 3600, "h")
        table.set(row, "cost", "wall_time_from", source)


# --- Files -------------------------------------------------------------------------------------------------------------

def write_csv(table, path):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([column.head for column in table.columns.values()])
        columns = [[entry_text(value) for value in column.values] for column in table.columns.values()]
        writer.writerows(zip(*columns))


def entry_text(value):
    """Numbers with all their digits, whole ones without point; nothing where there is no number."""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.0f}" if value == int_or_nan(value) else repr(value)
    return value


def int_or_nan(value):
    return int(value) if math.isfinite(value) and abs(value) < 1e15 else math.nan


def write_hdf5(table, study, path):
    with h5py.File(path, "w") as file:
        file.attrs.update({"study": study.name, "base": study.base, "created": study.created})
        for column in table.columns.values():
            name = f"{column.group}/{column.name.replace('/', ' per ')}"  # "/" would make a group
            if column.unit is None:
                file.create_dataset(name, data=column.values, dtype=h5py.string_dtype())
            else:
                file.create_dataset(name, data=column.numbers()).attrs["unit"] = column.unit


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", type=Path, help="folder of the study")
    parser.add_argument("--output", type=Path, metavar="STEM",
                        help="the files are STEM.csv and STEM.h5 (default: table in the study)")
    options = parser.parse_args(arguments)
    try:
        study = read_study(options.study)
        table = collect(study)
    except ResultError as error:
        sys.exit(f"collect_study: {error}")
    stem = options.output or options.study / "table"
    stem.parent.mkdir(parents=True, exist_ok=True)
    write_csv(table, f"{stem}.csv")
    write_hdf5(table, study, f"{stem}.h5")
    states = [run.state for run in study.runs]
    print(f"{len(states)} runs: " + ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states)))
    print(f"{stem}.csv", f"{stem}.h5", sep="\n")


if __name__ == "__main__":
    main()
