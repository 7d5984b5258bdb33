"""The state of a study as a table."""

import schedulers
from expressions import number_text
from study_folder import STATES


def count(runs):
    """{state: number of runs}."""
    states = [run.status()["state"] for run in runs]
    return {state: states.count(state) for state in STATES}


def in_words(states):
    """"3 finished, 1 failed"."""
    return ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in states.items() if number) or "no runs"


def duration(seconds):
    """"2 h 5 min"; "40 s"."""
    minutes = round(seconds / 60)
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def row(run):
    """Columns of one run."""
    status = run.status()
    percent, left = run.progress()
    if status["state"] == "finished":
        percent, left = 100.0, ""
    wall = run.wall_time()
    values = [number_text(value) for value in run.values.values()] + ([str(run.seed)] if run.seed is not None else [])
    return [run.id, status["state"].replace("_", " "), *values, "" if percent is None else f"{percent:.0f} %", left if status["state"] == "running" else "",
            duration(wall) if wall else "", str(status.get("attempts", 0)), status["reason"]]


def header(folder):
    names = [p["name"] + (f" [{p['unit']}]" if p["unit"] else "") for p in folder.data["parameters"]]
    seeds = ["seed"] if any(run.seed is not None for run in folder.runs) else []
    return ["run", "state", *names, *seeds, "progress", "left", "took", "attempts", "reason"]


def show(folder):
    """Prints the table; returns the exit code."""
    schedulers.refresh(folder)
    rows = [header(folder), *(row(run) for run in folder.runs)]
    widths = [max(len(line[i]) for line in rows if i < len(line)) for i in range(len(rows[0]))]
    for line in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    states = count(folder.runs)
    print(in_words(states) + estimate(folder, states))
    return 1 if states["failed"] else 0


def estimate(folder, states):
    """What runs that have not begun will take, by the mean of those that have finished."""
    times = [run.wall_time() for run in folder.runs if run.status()["state"] == "finished"]
    begun = states["waiting"] + states["submitted"]
    if not times or not begun:
        return ""
    mean = sum(times) / len(times)
    return f"; a run takes {duration(mean)} on average, those that have not begun {duration(mean * begun)} in all"
