#!/usr/bin/env python3
"""Small parameter studies made of real runs, to try out what collects, plots and reports them.

    small_study.py conductivity results/studies/conductivity
    small_study.py critical_current results/studies/critical_current --runs 6

"conductivity": number of grains x conductivity of their boundaries, three seeds (4 s a run); "critical_current": samples of
the toughness of grain boundaries and the ramp time, and a run with a value that is refused (25 s a run). The meshes are
coarse: the numbers are for trying out, not for science. LITHOCLASE_EXECUTABLE names the program.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import yaml

INPUT = Path(__file__).resolve().parents[2] / "input"
COARSE = {
    "conductivity": {
        "Mesh/minimum level": "6", "Mesh/maximum level": "7", "Microstructure/band width": "0.5 um",
        "Microstructure/Pores/Populations/voids/smallest radius": "0.7 um",
        "Microstructure/Pores/Populations/voids/porosity": "0.02"},
    "critical_current": {
        "Mesh/minimum level": "3", "Mesh/maximum level": "4", "Microstructure/band width": "1.25 um",
        "Fracture/crack width": "0.94 um", "Electrodeposition/front width": "0.64 um", "Coupling/maximum sweeps": "1"},
}
PARAMETERS = {
    "conductivity": [("grains", "Microstructure/Grains/number of grains", None),
                     ("boundary conductivity", "Electrolyte/grain boundary ionic conductivity", "uS/cm")],
    "critical_current": [("boundary toughness", "Fracture/grain boundary toughness", "J/m^2"),
                         ("ramp time", "Protocol/ramp time", "s")],
}
BASES = {"conductivity": "effective_conductivity.prm", "critical_current": "critical_current.prm"}
SEED = "Microstructure/Grains/seed"


def runs_of(study):
    """(values by name, seed) of each run."""
    if study == "conductivity":
        return [({"grains": grains, "boundary conductivity": f"{conductivity} uS/cm"}, seed)
                for grains, conductivity, seed in itertools.product((10, 20, 40, 80), (1, 3, 10, 100), (1, 2, 3))]
    samples = [(1.86, 20), (2.4, 12), (3.1, 31), (4.4, 17), (5.6, 27), (2.1, 38), (3.7, 10), (5.0, 36), (2.7, 23), (4.0, 40),
               (6.1, 14), (1.9, 29)]  # one in each row and column of a lattice, but at random there
    runs = [({"boundary toughness": f"{toughness} J/m^2", "ramp time": f"{time} s"}, None) for toughness, time in samples]
    return runs + [({"boundary toughness": "-1 J/m^2", "ramp time": "20 s"}, None)]


def write_study(folder, study, runs):
    """study.yaml, study.json, case.prm and status.json of all runs, each waiting."""
    folder.mkdir(parents=True, exist_ok=True)
    parameters = [{"name": name, "key": key, "unit": unit} for name, key, unit in PARAMETERS[study]]
    entries = []
    for number, (values, seed) in enumerate(runs, start=1):
        entry = {"id": f"{number:04}", "folder": f"runs/{number:04}", "values": values, "seed": seed}
        run = folder / entry["folder"]
        run.mkdir(parents=True, exist_ok=True)
        settings = dict(COARSE[study], **{p["key"]: values[p["name"]] for p in parameters})
        if seed is not None:
            settings[SEED] = seed
        settings["Output/directory"] = str(run / "results")
        (run / "case.prm").write_text(case_file(INPUT / BASES[study], settings), encoding="utf-8")
        set_status(run, "waiting")
        entries.append(entry)
    record = {"name": study.replace("_", " "), "base": f"input/{BASES[study]}",
              "created": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "parameters": parameters, "runs": entries}
    (folder / "study.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
    (folder / "study.yaml").write_text(yaml.safe_dump({"base": record["base"], "fixed": COARSE[study]}), encoding="utf-8")


def case_file(base, settings):
    """The text of a case: the base with some entries set otherwise."""
    lines = [f"include {base}", ""]
    for key, value in settings.items():
        *sections, name = key.split("/")
        lines += [f"{'  ' * i}subsection {section}" for i, section in enumerate(sections)]
        lines.append(f"{'  ' * len(sections)}set {name} = {value}")
        lines += [f"{'  ' * i}end" for i in reversed(range(len(sections)))]
    return "\n".join(lines) + "\n"


def set_status(run, state, reason="", attempts=0):
    (run / "status.json").write_text(json.dumps({"state": state, "reason": reason, "attempts": attempts, "job": None}),
                                     encoding="utf-8")


def execute(run, executable):
    """Runs one case; its state follows from the exit code, the reason of a failure is what the program said last."""
    set_status(run, "running", attempts=1)
    done = subprocess.run([executable, str(run / "case.prm")], capture_output=True, text=True, timeout=600)
    said = (done.stderr.strip().splitlines() or [""])[-1]
    set_status(run, "finished" if done.returncode == 0 else "failed", "" if done.returncode == 0 else said, 1)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", choices=list(BASES))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, help="only the first ones; the others wait")
    options = parser.parse_args(arguments)
    executable = os.environ.get("LITHOCLASE_EXECUTABLE", str(INPUT.parent / "build/release/lithoclase"))
    folder = options.folder.resolve()
    if (folder / "study.json").exists():
        sys.exit(f"small_study: {folder} is there already")
    write_study(folder, options.study, runs_of(options.study))
    for run in sorted((folder / "runs").iterdir())[:options.runs]:
        execute(run, executable)
        print(run, json.loads((run / "status.json").read_text(encoding="utf-8"))["state"], flush=True)


if __name__ == "__main__":
    main()
