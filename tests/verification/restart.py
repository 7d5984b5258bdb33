"""Case V21: restart, rollback, number of ranks, with refinement on."""

import numpy as np

import laboratory  # pylint: disable=unused-import  # makes tests/support known
import restart_runs


def compare_restarts(lab, parameter_file):
    """The last of ten steps after a restart and on other ranks; returns (what, difference, tolerance) of each."""

    def run(folder, steps, ranks, options):
        return lab.run(parameter_file, folder, {"Time stepping/maximum steps": steps}, ranks, options,
                       keep="--resume" in options)

    reference = run("reference", restart_runs.STEPS, 1, []).history.rows()
    lab.check("changes of the mesh (at least one)", float(len({row["cells"] for row in reference}) > 1), 1.0, 0.0)
    bars = []
    for name, (_, _, tolerance) in restart_runs.RUNS.items():
        rows = restart_runs.do_run(run, name).history.rows()
        difference, column = restart_runs.largest_difference(rows[-1], reference)
        lab.check(f"{name}: difference of {column}", difference, 0.0, tolerance)
        bars.append((name, difference, tolerance))
    return bars


def everything_on(lab):
    """V21 with charge transport, growth, mechanics, lithium pressure, fracture and embrittlement, while a crack grows."""
    compare_restarts(lab, "../restart/filled_crack.prm")


def same_answer(lab):
    """V21: the last of ten steps after a restart, on other ranks, and with steps that were rejected on the way."""
    bars = compare_restarts(lab, "v21_restart.prm")

    # A first step that is far too long is halved until it can be done: as if the run had begun with that one.
    rejected = lab.run("v21_restart.prm", "rollback", {"Time stepping/initial step": "512 s"})
    lab.check("rollback: rejected steps (at least one)", float("step failed" in rejected.screen), 1.0, 0.0)
    rows = rejected.history.rows()
    direct = lab.run("v21_restart.prm", "direct", {"Time stepping/initial step": f"{rows[0]['step_size']:.17g} s"})
    difference, column = restart_runs.largest_difference(rows[-1], direct.history.rows())
    lab.check(f"rollback: difference of {column}", difference, 0.0, 1e-10)
    bars.append(("rollback", difference, 1e-10))

    def draw(axes):
        names, differences, tolerances = zip(*bars)
        axes.barh(names, np.maximum(differences, 1e-16), log=True)
        axes.plot(tolerances, names, "k|", markersize=14, label="tolerance")
        axes.set(xlabel="largest relative difference", title="V21 restart and rollback")
        axes.legend(loc="lower right")

    lab.plot(draw)
