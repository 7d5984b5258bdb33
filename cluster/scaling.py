#!/usr/bin/env python3
"""Strong and weak scaling, and the costs per unknown that the estimate of README.md rests on.

    scaling.py strong --ranks 1,2,4,8 [--cells 24] [--launcher "srun -n {ranks}"] [--output scaling]
    scaling.py weak   --ranks 1,2,4,8 [--cells 16]
    scaling.py costs  [--cells 16,24,32]                 writes costs.json, which cost_model.py reads

strong: the same cube on more ranks. weak: as many cubes in a row as ranks. Each writes a table (CSV) and a plot (PNG). The time of a step is
the wall time between the steps of history.csv; linear iterations grow a little with size and ranks and are part of what is lost. A run that
did not have its cores for itself is marked, as ranks started on other nodes are, whose processor time is not seen. costs: processor time of
a step (children's rusage, so that other load on the machine counts little) and memory on one rank, for several sizes. Cases: cluster/cases;
--case takes charge_3d or coupled_3d.
"""

import argparse
import csv
import json
import os
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import job_settings
from failures import StudyError

CASES = Path(__file__).resolve().parent / "cases"
STEPS = 4
IDLE = 0.94   # ranks on an idle machine have more than this share of their cores
EDGE = 6.0  # um, of the cube, whatever its cells


def settings(cells_per_edge, cubes, steps):
    """--set arguments for `cubes` cubes in a row of cells_per_edge^3 cells, four of which make the edge of a coarse cell."""
    coarse = cells_per_edge // 4
    entries = [f"Mesh/size={cubes * EDGE:g} um, {EDGE:g} um, {EDGE:g} um", f"Mesh/coarse cells={cubes * coarse}, {coarse}, {coarse}",
               f"Time stepping/maximum steps={steps}"]
    return [part for entry in entries for part in ("--set", entry)]


def timed(line):
    """(finished process, wall time, processor time) of a command [s]; StudyError if it cannot be started."""
    begin, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env={"OMP_NUM_THREADS": "1", **os.environ})
    except OSError as error:
        raise StudyError(f"'{line[0]}' cannot be started: {error.strerror} (LITHOCLASE_EXECUTABLE names the program)") from None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, time.monotonic() - begin, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run(case, cells, cubes=1, ranks=1, launcher="mpirun -n {ranks}", steps=STEPS):
    """{"unknowns", "seconds per step", "processor seconds", "memory", ...} of one run; StudyError with the program's sentence if it fails."""
    program = job_settings.JobSettings().program()
    with tempfile.TemporaryDirectory(prefix="lithoclase_scaling_") as folder:
        start = shlex.split(launcher.format(ranks=ranks)) if ranks > 1 else []
        line = [*start, *program, str(CASES / f"{case}.prm"), *settings(cells, cubes, steps), "--set", f"Output/directory={folder}/results"]
        _, wall_of_start, processor_of_start = timed([*start, *program, "--version"])
        done, wall, processor = timed(line)
        if done.returncode != 0:
            raise StudyError(f"{case} with {cells}^3 cells on {ranks} ranks failed: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
        with open(Path(folder) / "results" / "history.csv", newline="") as file:
            rows = [{name.split(" [")[0]: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    seconds = (rows[-1]["wall_time"] - rows[0]["wall_time"]) / max(len(rows) - 1, 1)
    share = (processor - processor_of_start) / (ranks * (wall - wall_of_start))  # starting waits for disk and network
    linear = sum(row["linear_iterations"] for row in rows[1:]) / max(len(rows) - 1, 1)
    return {"ranks": ranks, "unknowns": rows[-1]["unknowns"], "seconds per step": seconds, "linear iterations per step": linear, "memory [B]": rows[-1]["memory"],
            "processor seconds": processor, "share of cores": share}


def scale(arguments):
    """The runs of strong or weak scaling, in rising order of ranks, with their efficiency against the first."""
    results = []
    for ranks in sorted(int(number) for number in arguments.ranks.split(",")):
        result = run(arguments.case, int(arguments.cells), ranks if arguments.kind == "weak" else 1, ranks, arguments.launcher)
        first = results[0] if results else result
        ideal = first["seconds per step"] * (first["ranks"] / ranks if arguments.kind == "strong" else 1.0)
        result["efficiency"] = ideal / result["seconds per step"]
        results.append(result)
        print(f"{ranks:6d} ranks  {result['unknowns']:12.0f} unknowns  {result['seconds per step']:9.3f} s and "
              f"{result['linear iterations per step']:6.1f} linear iterations per step  efficiency {result['efficiency']:.2f}"
              + ("" if result["share of cores"] > IDLE else f"  CONTENDED: the ranks had {result['share of cores']:.0%} of their cores"), flush=True)
    return results


def plotting():
    """matplotlib.pyplot for files; StudyError before any run if it is not there."""
    try:
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot
    except ImportError:
        raise StudyError(f"'{sys.executable}' has no matplotlib for the plot: give another interpreter, e.g. /usr/bin/python3") from None
    return matplotlib.pyplot


def write(results, kind, case, output, plt):
    """Table and plot."""
    with open(f"{output}_{kind}.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, results[0])
        writer.writeheader()
        writer.writerows(results)
    ranks = [result["ranks"] for result in results]
    times = [result["seconds per step"] for result in results]
    ideal = [times[0] * (ranks[0] / n if kind == "strong" else 1.0) for n in ranks]
    figure, axes = plt.subplots(figsize=(5, 4), constrained_layout=True)
    axes.loglog(ranks, ideal, "--", color="grey", label="ideal")
    axes.loglog(ranks, times, "o-", label=f"{case}, {results[0]['unknowns']:.3g} unknowns" + (" per rank" if kind == "weak" else ""))
    shared = [(n, t) for n, t, result in zip(ranks, times, results) if result["share of cores"] <= IDLE]
    if shared:
        axes.plot(*zip(*shared), "o", color="white", markeredgecolor="C3", markersize=9, label="did not have its cores for itself")
    axes.set(xlabel="MPI ranks", ylabel="wall time of a step [s]", xticks=ranks, xticklabels=ranks, ylim=(0.5 * min(times + ideal), 2 * max(times + ideal)))
    axes.xaxis.set_minor_locator(plt.NullLocator())
    axes.yaxis.set_major_locator(plt.LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_minor_locator(plt.NullLocator())
    axes.yaxis.set_major_formatter("{x:g}")
    axes.legend()
    figure.savefig(f"{output}_{kind}.png", dpi=150)
    print(f"{output}_{kind}.csv and .png are written")


def measure_costs(arguments):
    """Processor time per step as the difference of a long and a short run, so that start and mesh do not count; memory of the run."""
    costs = {}
    for case in ("charge_3d", "coupled_3d"):
        costs[case] = []
        for cells in (int(number) for number in arguments.cells.split(",")):
            short, long = (run(case, cells, steps=steps) for steps in (1, STEPS))
            entry = {"unknowns": long["unknowns"], "processor seconds per step": (long["processor seconds"] - short["processor seconds"]) / (STEPS - 1),
                     "memory [B]": long["memory [B]"]}
            costs[case].append(entry)
            print(f"{case:11s} {entry['unknowns']:10.0f} unknowns  {1e6 * entry['processor seconds per step'] / entry['unknowns']:8.1f} us per unknown and step  "
                  f"{entry['memory [B]'] / entry['unknowns'] / 1024:6.2f} kiB per unknown", flush=True)
    Path(arguments.costs).write_text(json.dumps(costs, indent=1) + "\n")
    return costs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["strong", "weak", "costs"])
    parser.add_argument("--ranks", default="1,2", help="numbers of ranks, with commas")
    parser.add_argument("--cells", help="cells along the edge of a cube, multiples of 4, at least 16: bands need three (default: strong 24, weak 16, costs 16,24,32)")
    parser.add_argument("--case", default="charge_3d", choices=["charge_3d", "coupled_3d"])
    parser.add_argument("--launcher", default="mpirun -n {ranks}", help="how ranks are started")
    parser.add_argument("--output", default="scaling", help="beginning of the names of table and plot")
    parser.add_argument("--costs", default=str(Path(__file__).resolve().parent / "costs.json"), help="file for the costs per unknown")
    arguments = parser.parse_args()
    arguments.cells = arguments.cells or {"strong": "24", "weak": "16", "costs": "16,24,32"}[arguments.kind]
    for file in (arguments.output, arguments.costs):  # before the work, not after it
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    try:
        if arguments.kind == "costs":
            measure_costs(arguments)
        else:
            plt = plotting()
            write(scale(arguments), arguments.kind, arguments.case, arguments.output, plt)
    except StudyError as error:
        print(f"scaling.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
