#!/usr/bin/env python3
"""Performance of the coupled step: times, iterations, growth with size, ranks, refinement. Prints a table and compares ratios with a baseline.

    python3 tests/performance/harness.py [--executable PATH] [--quick] [--save-baseline]

Step, speed-up and refinement are taken from the faster of two runs. Times depend on the machine, so the baseline (baseline.json beside this file)
holds ratios only, each from runs of one call of this script. A run on two ranks counts only if both had a core for themselves: processor time (GNU time)
of at least 188 % of the run's wall time, without the start of mpirun, which takes a second of one core; otherwise the row says "contended" and is not
judged. Differences of ratios below 15 % are noise.
"""

import argparse
import itertools
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import lithoclase_case as lc  # noqa: E402

NOISE = 0.15
PARTS = ["step", "growth", "refinement", "solver", "fracture", "coupled", "conduction"]
FULL_CPU = 188.0  # per cent, two ranks


class Run:
    """One run of a case with its timings.

    Attributes: rows (history), seconds_per_step (mean without the first two steps, s), total (wall s of the run), cpu (per cent of the wall time), linear,
    nonlinear (largest per step without the first two), memory (bytes, all ranks), output_share (of the run's wall time), screen (what it printed).
    """

    def __init__(self, folder, name, case, ranks, settings, petsc_options=""):
        results = folder / name
        line = ["/usr/bin/time", "-v", *lc.command(case, ranks=ranks, settings=[*settings, f"Output/directory={results}"])]
        done = subprocess.run(line, cwd=folder, env={**os.environ, **lc.MPI_ENVIRONMENT, "PETSC_OPTIONS": petsc_options, "OMPI_MCA_mpi_yield_when_idle": "0",
                                                     "OMPI_MCA_hwloc_base_binding_policy": "core" if ranks > 1 else "none",
                                                     "PRTE_MCA_rmaps_default_mapping_policy": "core" if ranks > 1 else ":oversubscribe"},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{name} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        self.screen = done.stdout
        self.rows = lc.history(results)
        late = self.rows[2:]
        walls = [after["wall_time"] - before["wall_time"] for before, after in zip(self.rows[1:], late)]
        self.seconds_per_step = sum(walls) / max(len(walls), 1)
        self.total = self.rows[-1]["wall_time"]
        processor = sum(float(re.search(rf"{kind} time \(seconds\): ([\d.]+)", done.stderr).group(1)) for kind in ("User", "System"))
        self.cpu = 100 * processor / self.total
        self.nonlinear = max((row["nonlinear_iterations"] for row in late), default=0)
        self.linear = max((row["linear_iterations"] for row in late), default=0)
        self.charge_linear = self.solver_lines(done.stdout)
        self.memory = self.rows[-1]["memory"]
        self.unknowns = self.rows[-1]["unknowns"]
        share = re.search(r"^  output\s+\d+\s+[\d.]+ s\s+([\d.]+) %", done.stdout, re.MULTILINE)
        self.output_share = float(share.group(1)) / 100 if share else None  # None: it wrote nothing
        self.contended = ranks > 1 and self.cpu < FULL_CPU

    @staticmethod
    def solver_lines(text):
        """Largest linear iterations per Newton iteration of charge transport, first two steps left out."""
        pairs = re.findall(r"charge transport\s+(\d+) nonlinear,\s+(\d+) linear", text)[2:]
        return max((int(linear) / max(int(newton), 1) for newton, linear in pairs), default=0.0)


def fastest(*arguments, repeats=2):
    """The fastest of some runs that are alike: other load on the machine only adds time."""
    return min((Run(*arguments) for _ in range(repeats)), key=lambda run: run.seconds_per_step)


class Table:
    """Rows of (what, value, limit, verdict), printed at the end; ratios are kept for the baseline."""

    def __init__(self, baseline):
        self.rows, self.ratios, self.baseline, self.failed = [], {}, baseline, False

    def check(self, what, value, limit, good, unit="", contended=False):
        verdict = "contended" if contended else "ok" if good else "TOO SLOW"
        self.failed |= verdict == "TOO SLOW"
        self.rows.append((what, f"{value:.3g} {unit}".strip(), limit, verdict))

    def ratio(self, name, value, contended=False):
        self.ratios[name] = value
        before = self.baseline.get(name)
        if before is not None:
            worse = value / before - 1
            self.check(f"{name} against the baseline", value, f"{before:.3g} + {NOISE:.0%}", worse <= NOISE, contended=contended)

    def print(self):
        widths = [max(len(str(row[i])) for row in [("what", "value", "limit", "verdict"), *self.rows]) for i in range(4)]
        for row in [("what", "value", "limit", "verdict"), *self.rows]:
            print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)))


def level_settings(level):
    return [f"Mesh/minimum level={level}", f"Mesh/maximum level={level}"]


def fine_settings():
    """The 512 x 512 problem, with an interface of four cells."""
    return [*level_settings(7), "Electrodeposition/front width=0.16 um"]


def measure_step(table, folder, quick):
    settings = fine_settings() if not quick else level_settings(6)
    run = fastest(folder, "step512", HERE / "uniform.prm", 2, settings)
    size = "512 x 512" if not quick else "256 x 256"
    table.check(f"Newton iterations per step, {size}", run.nonlinear, "<= 4", run.nonlinear <= 4)
    table.check(f"CG iterations per Newton iteration, {size}", run.charge_linear, "<= 15", run.charge_linear <= 15)
    limit = 6.0 if not quick else 1.5
    table.check(f"coupled step on 2 ranks, {size}", run.seconds_per_step, f"<= {limit} s", run.seconds_per_step <= limit, "s", run.contended)
    table.check(f"memory of all ranks, {size}", run.memory / 2**30, "<= 3 GiB", run.memory <= 3 * 2**30, "GiB")
    one = fastest(folder, "step512_1", HERE / "uniform.prm", 1, settings)
    speed_up = one.seconds_per_step / run.seconds_per_step
    table.check("speed-up of two ranks", speed_up, ">= 1.6", speed_up >= 1.6, contended=run.contended)
    table.ratio("time of two ranks / time of one", 1 / speed_up, run.contended)


def measure_growth(table, folder, quick):
    levels = [5, 6, 7] if quick else [5, 6, 7, 8]
    runs = [Run(folder, f"size{level}", HERE / "uniform.prm", 2, level_settings(level)) for level in levels]
    power = math.log(runs[-1].seconds_per_step / runs[0].seconds_per_step) / math.log(runs[-1].unknowns / runs[0].unknowns)
    sizes = f"{4 * 2**levels[0]}^2 to {4 * 2**levels[-1]}^2"
    table.check(f"cost grows with unknowns to the power, {sizes}", power, "<= 1.1", power <= 1.1, contended=any(r.contended for r in runs))


def measure_refinement(table, folder, main_job, quick):
    stop = ["Output/checkpoint interval=0 s", "Time stepping/maximum steps=" + ("15" if quick else "60")]
    adaptive = fastest(folder, "adaptive", main_job, 2, stop)
    level = re.search(r"set maximum level\s*=\s*(\d+)", main_job.read_text()).group(1)
    uniform = fastest(folder, "uniform", main_job, 2, [*stop, f"Mesh/minimum level={level}"])
    ratio = uniform.total / adaptive.total
    contended = adaptive.contended or uniform.contended
    table.check("main job: uniform mesh / refined mesh, wall time", ratio, ">= 3", ratio >= 3, contended=contended)
    table.ratio("main job: refined / uniform", 1 / ratio, contended)
    last, other = adaptive.rows[-1], uniform.rows[-1]
    for column in ("front_position_max", "cell_voltage"):
        time = min(last["time"], other["time"])
        a, b = interpolate(adaptive.rows, column, time), interpolate(uniform.rows, column, time)
        table.check(f"main job: {column}, refined against uniform", abs(a / b - 1), "<= 1 %", abs(a / b - 1) <= 0.01)
    table.check("main job: share of output", adaptive.output_share, "< 10 %", adaptive.output_share < 0.1)  # it writes some


SOLVED = 1e-8  # of the residual that a solve begins with
# Iterations of bare linear systems with voids of contrast 1e-6 (gamg in 2-D) or 1e-3, without a crack. Mechanics' own choice, gamg, must keep to them with
# a crack as well; for boomeramg with a crack nothing is known to compare with.
ITERATIONS = {("2-D", "gamg"): 23, ("2-D", "boomeramg"): 12, ("3-D", "gamg"): 22, ("3-D", "boomeramg"): 17}


def read_solves(screen):
    """(iterations until the residual is SOLVED times the first one, in the slowest solve that went so far; iterations of all solves), of mechanics.

    From what `-mechanics_ksp_monitor` prints.
    """
    solves = []
    for number, norm in re.findall(r"^\s*(\d+) KSP Residual norm (\S+)", screen, re.MULTILINE):
        if number == "0":
            solves.append([])
        solves[-1].append(float(norm))
    needed = [next((n for n, norm in enumerate(norms) if norm <= SOLVED * norms[0]), 0) for norms in solves]
    return max(needed), sum(len(norms) - 1 for norms in solves)


def event_seconds(screen, name):
    """Wall time of an event in PETSc's log, on the slowest rank."""
    return float(re.search(rf"^{name}\s+\d+\s+\S+\s+(\S+)", screen, re.MULTILINE).group(1))


def measure_solver(table, folder, quick):
    """The displacement's linear system with voids, and with a crack through the sample as well. The true residual decides."""
    for dim, case, level in (("2-D", "broken_plate.prm", 6), ("3-D", "broken_block.prm", 3)):
        for (what, broken), preconditioner in itertools.product((("voids", "false"), ("voids and crack", "true")), ("gamg", "boomeramg")):
            settings = [f"Fracture/active={broken}", f"Mechanics/preconditioner={preconditioner}"]
            if quick:  # the crack is as many cells wide on all meshes
                settings += [*level_settings(level), f"Fracture/crack width={0.25 if dim == '2-D' else 1.6} um"]
            run = Run(folder, f"solver_{dim}_{broken}_{preconditioner}", HERE / case, 2, settings, "-mechanics_ksp_monitor -log_view")
            iterations, of_all = read_solves(run.screen)
            what = f"{dim}, {what}, {preconditioner}"
            limit = ITERATIONS[dim, preconditioner]
            judged = preconditioner == "gamg" or broken == "false"
            table.check(f"iterations to {SOLVED:g}, {what}", iterations, f"<= {limit}" if judged else "", 0 < iterations <= limit or not judged)
            table.check(f"set-up, {what}", event_seconds(run.screen, "mechanics_setup"), "", True, "s", run.contended)
            solve = event_seconds(run.screen, "mechanics_solve") * iterations / of_all
            table.check(f"solve, {what}", solve, "", True, "s", run.contended)


def seconds_per_pass(run):
    """Of displacement and damage, with the solves that end a step; the first step left out."""
    first, last = run.rows[0], run.rows[-1]
    return (last["solve_time"] - first["solve_time"]) / sum(row["passes"] for row in run.rows[1:])


def plate_settings(level):
    """The crack is as many cells wide on all meshes."""
    return [*level_settings(level), f"Fracture/crack width={5.0 / 2**level} mm"]


def measure_fracture(table, folder, quick):
    verification = lc.SOURCE / "tests" / "verification"
    # The peers' times and errors stand in the README.
    steps = ["Time stepping/end time=1 s", "Time stepping/initial step=0.25 s", "Time stepping/maximum step=0.25 s", "Time stepping/maximum steps=4",
             "Crack pressure/pressure=1e-3*t", "Mesh/maximum level=9", "Fracture/crack width=0.03 m"]
    sneddon = Run(folder, "sneddon", verification / "v16_sneddon.prm", 2, steps)
    volume = sneddon.rows[-1]["opening_volume"] / 5.943e-3 - 1
    table.check(f"crack under pressure, four solves, {sneddon.unknowns:.0f} unknowns", sneddon.total, "<= 5 s", sneddon.total <= 5, "s", sneddon.contended)
    table.check("error of its opening volume", volume, "<= 2 %", abs(volume) <= 0.02)
    notch = Run(folder, "notch", verification / "v14_single_edge_notch.prm", 2, [])
    peak = max(row["force_top_y"] for row in notch.rows) / 1e6
    table.check(f"notched tension, {sum(row['passes'] for row in notch.rows):.0f} passes, whole run", notch.total, "<= 20 s", notch.total <= 20, "s", notch.contended)
    table.check("its peak force", peak, "0.66 to 0.72 kN", 0.66 <= peak <= 0.72, "kN")
    levels = [7, 8] if quick else [7, 8, 9]
    runs = [Run(folder, f"plate{level}", HERE / "cracked_plate.prm", 2, plate_settings(level)) for level in levels]
    first, last = runs[-1].rows[0], runs[-1].rows[-1]
    share = (last["solve_time"] - first["solve_time"]) / (last["linear_solve_time"] - first["linear_solve_time"])
    table.check(f"pass / its linear solves, {runs[-1].unknowns:.0f} unknowns", share, "<= 1.5", share <= 1.5, contended=runs[-1].contended)
    table.ratio("pass / its linear solves", share, runs[-1].contended)
    table.check("one pass there", seconds_per_pass(runs[-1]), "", True, "s", runs[-1].contended)
    power = math.log(seconds_per_pass(runs[-1]) / seconds_per_pass(runs[0])) / math.log(runs[-1].unknowns / runs[0].unknowns)
    table.check(f"cost of a pass grows with unknowns to the power, {2**levels[0]}^2 to {2**levels[-1]}^2", power, "<= 1.15", power <= 1.15,
                contended=any(run.contended for run in runs))


def measure_coupled(table, folder, quick):
    """All modules, with lithium pressure. Small steps of growing pressure: the cost of a pass, not the number of passes of a running crack."""
    cases = {"2-D": ("coupled.prm", [] if not quick else level_settings(3) + ["Electrodeposition/front width=0.3 um", "Fracture/crack width=0.4 um"])}
    if not quick:
        cases["3-D"] = ("coupled_3d.prm", [])
    for name, (case, settings) in cases.items():
        run = Run(folder, f"coupled{name}", HERE / case, 2, settings)
        what = f"coupled step with lithium pressure, {name}, {run.unknowns:.0f} unknowns"
        passes = sum(row["passes"] for row in run.rows[2:]) / max(len(run.rows[2:]), 1)
        table.check(f"{what}, {passes:.1f} passes per step", run.seconds_per_step, "", True, "s", run.contended)
        table.check(f"memory of all ranks, {name}", run.memory / 2**30, "<= 20 GiB", run.memory <= 20 * 2**30, "GiB")
        table.check(f"charge-volume error at the end, {name}", abs(run.rows[-1]["charge_volume_error"]), "<= 0.1", abs(run.rows[-1]["charge_volume_error"]) <= 0.1)


def measure_conduction(table, folder, quick):
    """Effective conductivity in 3-D, both carriers and three axes; the counted unknowns are those of one solve."""
    run = Run(folder, "conduction", HERE / "conduction_3d.prm", 2, level_settings(3) + ["Microstructure/band width=0.4 um"] if quick else [])
    what = f"effective conductivity in 3-D, {run.unknowns:.0f} unknowns"
    table.check(f"{what}, six solves, whole run", run.total, "", True, "s", run.contended)
    table.check(f"memory of all ranks, {what}", run.memory / 2**30, "<= 20 GiB", run.memory <= 20 * 2**30, "GiB")
    table.check(f"CG iterations per solve, {what}", run.rows[-1]["linear_iterations"] / 6, "", True)


def interpolate(rows, column, time):
    for before, after in zip(rows, rows[1:]):
        if after["time"] >= time:
            t = (time - before["time"]) / (after["time"] - before["time"])
            return (1 - t) * before[column] + t * after[column]
    return rows[-1][column]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--executable", help="the program (default: LITHOCLASE_EXECUTABLE or build/release/lithoclase)")
    parser.add_argument("--quick", action="store_true", help="smaller sizes, some minutes")
    parser.add_argument("--only", choices=PARTS, action="append", help="these parts only")
    parser.add_argument("--save-baseline", action="store_true", help="keep the ratios of this call as the new baseline")
    arguments = parser.parse_args()
    if arguments.quick and arguments.save_baseline:
        parser.error("the baseline is of the full sizes: leave out --quick or --save-baseline")
    lc.EXECUTABLE = arguments.executable or os.environ.get("LITHOCLASE_EXECUTABLE") or str(lc.SOURCE / "build/release/lithoclase")
    baseline_file = HERE / "baseline.json"
    table = Table(json.loads(baseline_file.read_text()) if baseline_file.exists() and not arguments.quick else {})
    parts = arguments.only or PARTS
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lithoclase_performance_"))
    try:
        if "step" in parts:
            measure_step(table, folder, arguments.quick)
        if "growth" in parts:
            measure_growth(table, folder, arguments.quick)
        if "refinement" in parts:
            measure_refinement(table, folder, lc.SOURCE / "input" / "llzo_polycrystal.prm", arguments.quick)
        if "solver" in parts:
            measure_solver(table, folder, arguments.quick)
        if "fracture" in parts:
            measure_fracture(table, folder, arguments.quick)
        if "coupled" in parts:
            measure_coupled(table, folder, arguments.quick)
        if "conduction" in parts:
            measure_conduction(table, folder, arguments.quick)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    table.print()
    if arguments.save_baseline:
        baseline_file.write_text(json.dumps({**table.baseline, **table.ratios}, indent=2) + "\n")
    return 1 if table.failed else 0


if __name__ == "__main__":
    sys.exit(main())
