"""Cases V1 and V2: manufactured solutions, orders of convergence in space and time."""

import numpy as np


def levels(level):
    """Entries for a uniform mesh: every cell of the coarse mesh halved `level` times."""
    return {"Mesh/minimum level": level, "Mesh/maximum level": level}


def check_convergence(lab, parameter_file, what, meshes, fields):
    """Runs the case on each of the meshes, (size of its cells, entries), the last two of which give the orders: 2 for
    the L2 norm of Q1 elements, 1 for the H1 seminorm. Returns the curves to draw."""
    histories = [lab.run(parameter_file, f"{what}_{1.0 / size:g}", settings).history for size, settings in meshes]
    sizes = [size for size, _ in meshes]
    curves = []
    for field in fields:
        for norm, order in (("l2", 2), ("h1", 1)):
            errors = [history.last(f"{field}_{norm}") for history in histories]
            lab.check_order(f"order in h, {norm.upper()}, {field.replace('_', ' ')}, {what}", sizes, errors, order)
            curves.append((f"{field.replace('_', ' ')}, {norm.upper()}, {what}", sizes, errors, order))
    return curves


def time_differences(lab, parameter_file, what, steps, settings, line):
    """Root mean squares of the differences on a line between runs with one step size and the next smaller one: what
    they share, the error of the mesh, drops out."""
    values = []
    for step in steps:
        run = lab.run(parameter_file, f"{what}_{step:g}s", {**settings, "Time stepping/initial step": f"{step:.12g} s"})
        values.append(run.line(line)["lithium"])
    return [np.sqrt(np.mean((coarse - fine) ** 2)) for coarse, fine in zip(values, values[1:])]


def draw_convergence(title, xlabel, curves):
    """Errors over sizes, (label, sizes, errors, order), each with a thin line of its order through the last point."""

    def draw(axes):
        for number, (label, sizes, errors, order) in enumerate(curves):
            sizes, errors = np.array(sizes), np.array(errors)
            marker = "os^vD*"[number % 6]
            axes.loglog(sizes, errors, marker, markersize=5, label=label)
            axes.loglog(sizes, errors[-1] * (sizes / sizes[-1]) ** order, "-", color="grey", linewidth=0.7)
        axes.set(xlabel=xlabel, ylabel="error", title=title)
        axes.legend(fontsize=6)

    return draw


def charge_transport(lab):
    """V1: both potentials, coupled by the reaction, every type of boundary condition."""
    curves = []
    for dim, finest in ((2, (4, 5)), (3, (3, 4))) if lab.quick else ((2, (3, 4, 5, 6, 7)), (3, (2, 3, 4, 5))):
        meshes = [(2.0**-level, levels(level)) for level in finest]
        curves += check_convergence(lab, f"v1_charge_transport_{dim}d.prm", f"{dim}-D", meshes, ("ionic", "electronic"))
    lab.plot("manufactured_charge_transport.png", draw_convergence("V1 charge transport", "cell size", curves))


def benchmark(lab):
    """V2: PFHub benchmark 7a. Its norm of the error is that of the values at the vertices."""
    cells, steps = ([96], [0.2]) if lab.quick else ([96, 128, 256, 512], [0.4, 0.4, 0.2, 0.1])
    errors = []
    for n, step in zip(cells, steps):
        settings = {"Mesh/coarse cells": f"{n}, {n // 2}", "Time stepping/initial step": f"{step} s"}
        history = lab.run("v2_allen_cahn.prm", f"{n}_cells", settings, ranks=2 if n > 200 else 1).history
        errors.append(history.last("error_l2_vertices"))
    lab.check("L2 error at h = 1/96 (at most)", errors[0], 0.0, 4e-3)
    if lab.quick:
        return
    lab.check("L2 error at h = 1/512 (at most)", errors[-1], 0.0, 1.1e-4)
    sizes = [1.0 / n for n in cells]
    lab.check_order("order in h, L2", sizes, errors, 2)
    lab.plot("allen_cahn_space.png", draw_convergence("V2 Allen-Cahn, PFHub 7a", "h", [("BDF2", sizes, errors, 2)]))

    steps, curves = [0.8, 0.4, 0.2, 0.1], []
    for scheme, order in (("euler", 1), ("bdf2", 2)):
        settings = {"Electrodeposition/time scheme": scheme}
        differences = time_differences(lab, "v2_allen_cahn.prm", scheme, steps, settings, "interface")
        lab.check_order(f"order in time, {scheme}", steps[:-1], differences, order)
        curves.append((scheme, steps[:-1], differences, order))
    lab.plot("allen_cahn_time.png", draw_convergence("V2 Allen-Cahn, PFHub 7a", "time step, s", curves))
