"""A made-up parameter study with known values, in the layout that a study driver leaves.

Conductivity = 2 S/m x size / 100 um x (0.9, 1, 1.1 by seed); runs whose strength is above 4 J/m^2 never short. One run each
waits, goes on, failed, timed out, is gone and has a damaged record.
"""

import json
from pathlib import Path

SIZES = ("1 um", "10 um", "100 um")
STRENGTHS = (1, 2, 5)  # J/m^2
SEEDS = (1, 2, 3)
REVISION = "0.1.0 (abc)"


def conductivity(size, seed):
    """[S/m] of a run; `size` in m."""
    return 2.0 * (size / 1e-4) * (1 + 0.1 * (seed - 2))


def voltage(strength):
    """The last cell voltage [V]."""
    return 0.01 * strength


def write_results(folder, size, strength, seed, resumed=False):
    """What the program leaves: a history of three rows, events, record, log, parameters."""
    folder.mkdir(parents=True)
    rows = [(time, voltage(strength) * (2 - 0.1 * time), 10.0 * time, conductivity(size, seed), 1000 + time, 2e8, 3.0 * time)
            for time in (1.0, 5.0, 10.0)]
    head = ("time [s],cell_voltage [V],current_density [A/m^2],effective_ionic_conductivity_yy [S/m],unknowns [1],memory [B],"
            "wall_time [s]")
    lines = [head] + [",".join(repr(value) for value in row) for row in rows]
    (folder / "history.csv").write_text("\n".join(lines) + "\n")
    events = ["event,time [s],current_density [A/m^2],cell_voltage [V],charge [C/m^2],x [m],y [m],place",
              f"cracking,{strength},{10.0 * strength},0.1,3,4e-06,5e-06,grain boundary"]
    if strength <= 4:
        events.append(f"short circuit,{2 * strength},{20.0 * strength},0.0001,7,,,")
    (folder / "events.csv").write_text("\n".join(events) + "\n")
    record = {"case": "case", "command": "lithoclase case.prm", "start": "2026-01-02T03:04:05Z", "revision": REVISION, "ranks": 2,
              "libraries": {"deal.II": "9.4.1"}, "host": {"name": "node", "processor": "cpu", "cores": 4}, "seeds": {"grains": seed},
              "materials": [{"material": "LLZO", "property": "ionic_conductivity", "value": "0.46 mS/cm", "quality": "measured",
                             "source": "Somebody <2023>", "note": ""}],
              "resumed": resumed, "wall_time [s]": 36.0, "exit_reason": "the end time is reached", "exit_code": 0}
    if resumed:
        record["earlier_runs"] = [{"ranks": 1, "wall_time [s]": 72.0, "exit_reason": "SIGTERM", "exit_code": 4}]
    (folder / "run.json").write_text(json.dumps(record))
    (folder / "parameters.prm").write_text(parameters(f"{size * 1e6:g} um", strength, seed))
    (folder / "log.txt").write_text("Step 1\nWarning: the front is <wide>\nWarning: the front is <wide>\nThe run ends.\n")


def parameters(size, strength, seed):
    return (f"set dimension = 2\nsubsection Mesh\n  set size = {size}\n  set levels = 5\nend\nsubsection Fracture\n"
            f"  set strength = {strength} J/m^2\nend\nsubsection Grains\n  set seed = {seed}\nend\n"
            "subsection Time stepping\n  set end time = 0.5 min\nend\n")


def write_status(run, state, reason="", attempts=1):
    (run / "status.json").write_text(json.dumps({"state": state, "reason": reason, "attempts": attempts, "job": "12_3"}))


def write_study(path, sizes=SIZES, strengths=STRENGTHS, seeds=SEEDS, troubled=True):
    """A full lattice of finished runs, the second one resumed; then those in trouble."""
    path = Path(path)
    runs = []
    for size in sizes:
        for strength in strengths:
            for seed in seeds:
                name = f"runs/{len(runs) + 1:04}"
                runs.append({"id": f"{len(runs) + 1:04}", "folder": name,
                             "values": {"size": size, "strength": strength}, "seed": seed})
                metres = float(size.split()[0]) * 1e-6
                write_results(path / name / "results", metres, strength, seed, resumed=len(runs) == 2)
                (path / name / "case.prm").write_text(f"include ../../base.prm\nsubsection Grains\n  set seed = {seed}\nend\n")
                write_status(path / name, "finished")
    if troubled:
        add_troubled(path, runs)
    (path / "base.prm").write_text("set dimension = 2\nsubsection Mesh\n  set size = 3 um\n  set levels = 5\nend\n"
                                   "subsection Time stepping\n  set end time = 30 s\nend\n")
    (path / "study.yaml").write_text("base: base.prm\n")
    (path / "study.json").write_text(json.dumps({
        "name": "made up <b>", "base": "base.prm", "created": "2026-01-01T00:00:00Z", "runs": runs,
        "expected_trend": "larger with size",
        "parameters": [{"name": "size", "key": "Mesh/size", "unit": None},
                       {"name": "strength", "key": "Fracture/strength", "unit": "J/m^2"}]}))
    return runs


def write_critical(path):
    """What a search leaves: bracketed, never seen, seen at the lowest current already, nothing known."""
    (Path(path) / "critical.csv").write_text(
        "size,strength,seed,event,critical_current_lower [mA/cm^2],critical_current_upper [mA/cm^2],remark,runs\n"
        "1 um,1,,cracking,8,9,bracketed,0001\n10 um,1,,cracking,4,5,bracketed,0004 0005\n"
        "1 um,2,,cracking,20,,no cracking in this ramp,0002\n10 um,2,,cracking,,2,below the range,0007\n"
        "100 um,2,,cracking,,,run 0008 is <failed>,0008\n")


def add_troubled(path, runs):
    """waiting, running (a last line that is cut off), failed without results, timed out, gone, with a damaged record."""
    states = (("waiting", ""), ("running", ""), ("failed", "the solver <did> not converge"), ("timed_out", "over its time limit"),
              ("gone", ""), ("damaged", ""))
    for state, reason in states:
        name = f"runs/{len(runs) + 1:04}"
        runs.append({"id": f"{len(runs) + 1:04}", "folder": name, "values": {"size": "10 um", "strength": 2}, "seed": 1})
        if state == "gone":
            continue
        if state in ("running", "timed_out", "damaged"):
            write_results(path / name / "results", 1e-5, 2, 1)
        else:
            (path / name).mkdir(parents=True)
        if state == "running":
            record = json.loads((path / name / "results/run.json").read_text())
            for key in ("wall_time [s]", "exit_reason", "exit_code"):
                del record[key]
            (path / name / "results/run.json").write_text(json.dumps(record))
            with open(path / name / "results/history.csv", "a") as file:
                file.write("11.0,0.")
        if state == "damaged":
            (path / name / "results/run.json").write_text("{")
        write_status(path / name, "finished" if state == "damaged" else state, reason)
