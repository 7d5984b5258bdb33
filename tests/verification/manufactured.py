"""Cases V1 and V2: manufactured solutions, orders of convergence in space and time."""

import numpy as np


def levels(level):
    """Entries for a uniform mesh: every cell of the coarse mesh halved `level` times."""
    return {"Mesh/minimum level": level, "Mesh/maximum level": level}


def refined_along_a_boundary(level):
    """Entries for a mesh of which a strip of fixed width is refined once more: that beside the boundary of two grains, which conducts like them and
    does not react."""
    return {"Mesh/minimum level": level, "Mesh/maximum level": level + 1, "Microstructure/Grains/number of grains": 2,
            "Microstructure/band width": "0.25 m", "Electrolyte/nucleation": "false"}


def run_meshes(lab, parameter_file, what, meshes):
    """Histories on each of the meshes, (size of its cells, entries)."""
    return [lab.run(parameter_file, f"{what}_{1.0 / size:g}", settings).history for size, settings in meshes]


def check_orders(lab, what, sizes, histories, fields):
    """Orders of Q1 elements from the two finest meshes: 2 for the L2 norm, 1 for the H1 seminorm. Returns curves to
    draw."""
    curves = []
    for field in fields:
        for norm, order in (("l2", 2), ("h1", 1)):
            errors = [history.last(f"{field}_{norm}") for history in histories]
            lab.check_order(f"order in h, {norm.upper()}, {field}, {what}", sizes, errors, order)
            curves.append((f"{field}, {norm.upper()}, {what}", sizes, errors, order))
    return curves


def check_convergence(lab, parameter_file, what, meshes, fields):
    histories = run_meshes(lab, parameter_file, what, meshes)
    return check_orders(lab, what, [size for size, _ in meshes], histories, fields)


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
        axes.set_xscale("log", base=2)
        axes.set(xlabel=xlabel, ylabel="error", title=title)
        axes.legend(loc="lower right")

    return draw


def charge_transport(lab):
    """V1: both potentials, coupled by the reaction, every type of boundary condition."""
    curves, hanging = [], []
    for dim, finest in ((2, (4, 5)), (3, (3, 4))) if lab.quick else ((2, (3, 4, 5, 6, 7)), (3, (2, 3, 4, 5))):
        meshes = [(2.0**-level, levels(level)) for level in finest]
        curves += check_convergence(lab, f"v1_charge_transport_{dim}d.prm", f"{dim}-D", meshes, ("ionic", "electronic"))
        meshes = [(2.0**-level, refined_along_a_boundary(level)) for level in finest[-2:]]
        hanging += check_convergence(lab, f"v1_charge_transport_{dim}d.prm", f"{dim}-D, hanging nodes", meshes, ("ionic", "electronic"))
    lab.plot(draw_convergence("V1 charge transport", "h, m", curves))
    lab.plot(draw_convergence("V1 charge transport, hanging nodes", "largest h, m", hanging))


def effective_conductivity(lab):
    """V1: the potential, and the tensor of a conductivity that is a product of one function per axis."""
    curves = []
    for dim, refined in ((2, (5, 6)), (3, (3, 4))) if lab.quick else ((2, (4, 5, 6, 7, 8)), (3, (3, 4, 5))):
        meshes = [(2.0**-level, levels(level)) for level in refined]
        what = f"{dim}-D"
        parameter_file, sizes = f"v1_effective_conductivity_{dim}d.prm", [size for size, _ in meshes]
        histories = run_meshes(lab, parameter_file, what, meshes)
        curves += check_orders(lab, what, sizes, histories, ("deviation",))
        amplitudes = (0.5, 0.3, 0.4)[:dim]
        for carrier, b in (("ionic", amplitudes), ("electronic", amplitudes[::-1])):
            means = 1.0 / np.sqrt(1.0 - np.square(b))
            for axis, name in enumerate("xyz"[:dim]):
                column = f"effective_{carrier}_conductivity_{name}{name}"
                exact = np.prod(means) / means[axis]
                errors = [abs(history.last(column) - exact) for history in histories]
                lab.check_order(f"order in h, {carrier} sigma_{name}{name}, {what}", sizes, errors, 2)
    lab.plot(draw_convergence("V1 effective conductivity", "h, m", curves))


def mechanics(lab):
    """V1: displacement of a turned cubic crystal under a body force, given displacements and tractions."""
    curves = []
    for dim, refined in ((2, (4, 5)),) if lab.quick else ((2, (4, 5, 6, 7)), (3, (4, 5))):
        meshes = [(2.0**-level, levels(level)) for level in refined]
        fields = [f"u_{axis}" for axis in "xyz"[:dim]]
        curves += check_convergence(lab, f"v1_mechanics_{dim}d.prm", f"{dim}-D", meshes, fields)
    lab.plot(draw_convergence("V1 mechanics, cubic crystal", "h, m", curves))


# The same displacement and damage solve the equations of both crack models: (crack width [m], toughness [J/m^2]).
AT2_LIKE_AT1 = {2: (0.272652541119, 0.817957623358), 3: (0.302036872119, 0.906110616356)}


def fracture(lab):
    """V1: displacement and damage that drive each other, AT1 and AT2."""
    for dim, refined in ((2, (3, 4)),) if lab.quick else ((2, (3, 4, 5, 6)), (3, (3, 4, 5))):
        fields = ["damage"] + [f"u_{axis}" for axis in "xyz"[:dim]]
        width, toughness = AT2_LIKE_AT1[dim]
        curves = []
        for model, settings in (("AT1", {}), ("AT2", {"Fracture/crack width": f"{width} m",
                                                      "Fracture/toughness": f"{toughness} J/m^2"})):
            meshes = [(2.0**-level, {**levels(level), "Fracture/crack model": model, **settings}) for level in refined]
            found = check_convergence(lab, f"v1_fracture_{dim}d.prm", f"{model}, {dim}-D", meshes, fields)
            curves += [curve for curve in found if curve[0].startswith(("damage", "u_x"))]
        lab.plot(draw_convergence(f"V1 displacement and damage, {dim}-D", "h, m", curves))


def allen_cahn(lab):
    """V1: Allen-Cahn formulation with reaction; its time schemes."""
    curves = []
    for dim, refined in ((2, (3, 4)), (3, (2, 3))) if lab.quick else ((2, (3, 4, 5, 6)), (3, (2, 3, 4))):
        meshes = [(2.0**-level, {**levels(level), "Time stepping/initial step": f"{2.0**-level} s"})
                  for level in refined]
        curves += check_convergence(lab, f"v1_allen_cahn_{dim}d.prm", f"{dim}-D", meshes, ("lithium",))
    lab.plot(draw_convergence("V1 Allen-Cahn, steps h/(1 m/s)", "h, m", curves))
    curves = []
    steps = [0.025, 0.0125] if lab.quick else [0.1, 0.05, 0.025, 0.0125]
    for scheme, order in (("euler", 1), ("bdf2", 2)):
        errors = []
        for step in steps:
            settings = {"Electrodeposition/time scheme": scheme, "Time stepping/initial step": f"{step} s"}
            errors.append(lab.run("v1_allen_cahn_time.prm", f"{scheme}_{step}s", settings).history.last("lithium_l2"))
        lab.check_order(f"order in time, {scheme}", steps, errors, order)
        curves.append((scheme, steps, errors, order))
    lab.plot(draw_convergence("V1 Allen-Cahn", "time step, s", curves))


def electrodeposition(lab):
    """V1: interface-flux form, reaction and regularisation."""
    curves = []
    for dim, refined in ((2, (3, 4)), (3, ())) if lab.quick else ((2, (3, 4, 5)), (3, (3, 4, 5))):
        meshes = [(2.0**-level, {**levels(level), "Time stepping/initial step": f"{32.0 * 4.0 ** -level} s"})
                  for level in refined]
        if meshes:
            found = check_convergence(lab, f"v1_electrodeposition_{dim}d.prm", f"{dim}-D", meshes, ("lithium",))
            for (label, sizes, errors, order), power in zip(found, (0.5 * dim, 0.5 * dim - 1.0)):  # in um
                curves.append((label, sizes, np.multiply(errors, 1e6**power), order))
    if lab.quick:
        return
    lab.plot(draw_convergence("V1 electrodeposition", "h, um", curves))
    steps = [2.0**-k for k in range(3, 8)]
    differences = time_differences(lab, "v1_electrodeposition_2d.prm", "time", steps, levels(4), "across")
    lab.check_order("order in time, euler", steps[:-1], differences, 1)
    lab.plot(draw_convergence("V1 electrodeposition", "time step, s", [("euler", steps[:-1], differences, 1)]))


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
    lab.plot(draw_convergence("V2 Allen-Cahn, PFHub 7a", "h, m", [("BDF2", sizes, errors, 2)]))

    steps, curves = [0.8, 0.4, 0.2, 0.1], []
    for scheme, order in (("euler", 1), ("bdf2", 2)):
        settings = {"Electrodeposition/time scheme": scheme}
        differences = time_differences(lab, "v2_allen_cahn.prm", scheme, steps, settings, "interface")
        lab.check_order(f"order in time, {scheme}", steps[:-1], differences, order)
        curves.append((scheme, steps[:-1], differences, order))
    lab.plot(draw_convergence("V2 Allen-Cahn, PFHub 7a", "time step, s", curves))
