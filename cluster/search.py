"""Search for critical currents: what the runs of a study say of the bracket of each variant, and which run comes next.

An event (events.csv) either has happened in a run or has not. Ramp: one run per variant; the event was seen in a step, so that the critical
current lies between that of the step before and that of the event. Bisection: runs at constant current; it lies between the largest
current without and the smallest with the event.
"""

import csv
import io
from dataclasses import dataclass

from expressions import number_text
from study_folder import ACTIVE, write_atomically

MA_PER_CM2 = 10.0  # A/m^2


@dataclass
class Bracket:
    """What is known of a variant: the event was seen at `upper` and not at `lower` (None: not known), in the unit of the search."""

    values: dict
    seed: int
    lower: float = None
    upper: float = None
    runs: tuple = ()
    remark: str = ""
    done: bool = False


def event_row(run, event):
    """The row of the event, or None if it has not happened."""
    for row in run.rows("events.csv"):
        if row.get("event") == event:
            return row
    return None


def ramp_bracket(run, search):
    """The bracket from one run in which the current rises."""
    bracket = Bracket(run.values, run.seed, runs=(run.id,))
    state = run.status()["state"]
    row = event_row(run, search.event)
    history = [(float(line["time [s]"]), abs(float(line["current_density [A/m^2]"])) / MA_PER_CM2) for line in run.rows("history.csv")
               if line.get("current_density [A/m^2]")]
    if row:
        bracket.upper = abs(float(row["current_density [A/m^2]"])) / MA_PER_CM2
        before = [current for time, current in history if time < float(row["time [s]"]) * (1 - 1e-9)]
        bracket.lower = before[-1] if before else 0.0
        bracket.remark, bracket.done = "bracketed", True
    elif state == "finished":
        bracket.lower = max((current for _, current in history), default=None)
        bracket.remark, bracket.done = f"no {search.event} in this ramp", True
    else:
        bracket.remark = f"run {run.id} is {state}"
    return bracket


def bisection_bracket(values, seed, runs, search):
    """The bracket from the runs of one variant, each at a constant value of the searched parameter."""
    bracket = Bracket(values, seed, runs=tuple(run.id for run in runs))
    for run in runs:
        current, state = run.values[search.parameter], run.status()["state"]
        if event_row(run, search.event):
            bracket.upper = current if bracket.upper is None else min(bracket.upper, current)
        elif state == "finished":
            bracket.lower = current if bracket.lower is None else max(bracket.lower, current)
        elif state not in ACTIVE:
            bracket.remark = f"run {run.id} is {state}"
    lower, upper = bracket.lower, bracket.upper
    if lower is not None and upper is not None and lower >= upper:
        bracket.remark, bracket.done = f"not monotonic: {search.event} at {number_text(upper)}, but not at {number_text(lower)}", True
    elif upper is not None and upper <= search.low:
        bracket.remark, bracket.done = "below the range", True
    elif lower is not None and lower >= search.high:
        bracket.remark, bracket.done = "above the range", True
    elif lower is not None and upper is not None and upper - lower <= search.tolerance * upper:
        bracket.remark, bracket.done = "bracketed", True
    return bracket


def next_values(bracket, search):
    """Values of the searched parameter that this variant has to be run at next; the ends of the range together."""
    if bracket.done:
        return []
    if bracket.lower is None or bracket.upper is None:
        return [search.low, search.high]
    mean = (bracket.lower * bracket.upper) ** 0.5 if bracket.lower > 0 else 0.5 * bracket.upper
    return [float(f"{mean:.4g}")]


def variants_of(folder, search):
    """[(values without the searched parameter, seed, runs)] in the order of the study."""
    groups = []
    for run in folder.runs:
        values = {name: value for name, value in run.values.items() if name != search.parameter}
        for group in groups:
            if group[0] == values and group[1] == run.seed:
                group[2].append(run)
                break
        else:
            groups.append((values, run.seed, [run]))
    return groups


def brackets(folder, search):
    """The bracket of each variant of the study."""
    if search.method == "ramp":
        return [ramp_bracket(run, search) for run in folder.runs]
    return [bisection_bracket(values, seed, runs, search) for values, seed, runs in variants_of(folder, search)]


def write_table(folder, search, found):
    """critical.csv in the study's folder: parameters, seed, bracket, remark, runs."""
    names = list(found[0].values) if found else []
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    quantity = "critical_" + (search.parameter if search.method == "bisection" else "current")
    writer.writerow([*names, "seed", "event", f"{quantity}_lower [{search.unit}]", f"{quantity}_upper [{search.unit}]", "remark", "runs"])
    for bracket in found:
        ends = ["" if end is None else f"{end:.6g}" for end in (bracket.lower, bracket.upper)]
        seed = "" if bracket.seed is None else bracket.seed
        writer.writerow([*(number_text(value) for value in bracket.values.values()), seed, search.event, *ends, bracket.remark, " ".join(bracket.runs)])
    write_atomically(folder.path / "critical.csv", text.getvalue())
    return text.getvalue()
