"""Cases V6 to V9: conduction without moving metal."""

import numpy as np

from laboratory import um


def leakage_profile(lab):
    """V6: phi_i - phi_e from i R_a at the anode to -i R_c at the counter electrode, in a cell and by boundary
    conditions alone."""
    for parameter_file, bottom, points, tolerance in (("v6_leakage_profile.prm", 1e-6, "in the cell", 0.01),
                                                      ("v6_leakage_robin.prm", 0.0, "with robin conditions", 1e-6)):
        resistances, top = (2e-3, 1e-3), 8e-6  # Ohm m^2, m
        run = lab.run(parameter_file, parameter_file.removesuffix(".prm"))
        line = run.line("stack")
        current = run.history.last("ionic_top")
        height = (line["y"] - bottom) / (top - bottom)
        expected = current * (resistances[0] * (1.0 - height) - resistances[1] * height)
        difference = line["ionic_potential"] - line["electronic_potential"]
        worst = np.argmax(np.abs(difference - expected))
        lab.check(f"phi_i - phi_e [V] where worst, {points}", difference[worst], expected[worst], tolerance,
                  current * resistances[0])
        # The currents themselves: each carrier has the cell voltage over its own resistances.
        voltage = line["electronic_potential"][-1]
        ionic = voltage / (sum(resistances) + (top - bottom) / 0.046)
        lab.check(f"ionic current density [A/m^2], {points}", current, ionic, tolerance)
        lab.check(f"electronic current density [A/m^2], {points}", run.history.last("electronic_top"),
                  voltage / ((top - bottom) / 0.002), tolerance)
        if "cell" in points:
            lab.plot(draw_profile(line["y"], difference, expected))


def draw_profile(height, difference, expected):
    def draw(axes):
        axes.plot(height * 1e6, expected * 1e6, "k-", label="exact")
        axes.plot(height * 1e6, difference * 1e6, "o", label="computed")
        axes.set(xlabel="y, um", ylabel="$\\phi_i - \\phi_e$, uV", title="V6 leaking cell")
        axes.legend()

    return draw


def insulating_inclusion(lab):
    """V8: current density on the equator of an insulating disc, 1 + (a/r)^2, and sphere, 1 + (a/r)^3/2; conductivity of an array of discs."""
    radius, far = 1e-6, 0.046 * 1000.0
    curves = []
    for name, power, factor, axis, cell in (("disc", 2, 1.0, "y", 1e-6 / 32), ("sphere", 3, 0.5, "z", 1e-6 / 16)):
        line = lab.run(f"v8_{name}.prm", name).line("equator")
        outside = line["x"] >= radius + 2.0 * cell - 1e-15
        r = line["x"][outside]
        ratio = -line[f"ionic_current_density_{axis}"][outside] / far
        exact = 1.0 + factor * (radius / r) ** power
        worst = np.argmax(np.abs(ratio / exact - 1.0))
        lab.check(f"current density where worst, r {r[worst] / radius:.3g} a, {name}", ratio[worst], exact[worst], 0.03)
        lab.check(f"current density at r = a + 2 cells, {name}", ratio[0], exact[0], 0.03)
        curves.append((name, r / radius, ratio, exact))
    share = np.pi / 16.0
    square = 1.0 - 2.0 * share / (1.0 + share - 0.305827 * share**4 / (1.0 - 1.402958 * share**8) - 0.013362 * share**8)
    history = lab.run("v8_square_array.prm", "square array").history
    lab.check("conductivity of a square array of discs [S/m]", history.last("effective_ionic_conductivity_yy"), 0.046 * square, 0.002)

    def draw(axes):
        for name, r, ratio, exact in curves:
            axes.plot(r, exact, "k-", linewidth=1)
            axes.plot(r[:: max(1, len(r) // 30)], ratio[:: max(1, len(r) // 30)], "o", markersize=4, label=name)
        axes.set(xlabel="r / a", ylabel="current density on the equator / that far away", title="V8 insulating disc and sphere")
        axes.legend()

    lab.plot(draw)


def blocking_squares(bulk, boundary, boundary_width, size):
    """Conductivity [S/m] of a square lattice of grains with thin blocking boundaries: those across the current stand
    in series with the grains, those along it carry nothing: sigma_b/(1 + sigma_b R/d), R = w_gb (1/sigma_gb -
    1/sigma_b) the area resistance that a boundary adds, w_gb << d."""
    resistance = boundary_width * (1.0 / boundary - 1.0 / bulk)
    return bulk / (1.0 + bulk * resistance / size)


def square_grains(lab):
    """V7: four grain sizes, and for the smallest one several numerical widths of the bands."""
    bulk, boundary, boundary_width = 0.046, 5.97e-4, 10e-9
    sizes = [1e-6] if lab.quick else [1e-6, 3e-6, 10e-6, 30e-6]
    cells = 32  # per grain
    curve = []
    for size in sizes:
        expected = blocking_squares(bulk, boundary, boundary_width, size)
        for width_in_cells in (4, 8):
            settings = {
                "Mesh/size": um(2.0 * size, 2.0 * size),
                "Microstructure/band width": um(width_in_cells * size / cells),
                "Microstructure/Grains/grain size": um(size),
                "Microstructure/Grains/offset": um(0.5 * size, 0.5 * size),
            }
            name = f"grain_{size * 1e6:g}um_band_{width_in_cells}_cells"
            history = lab.run("v7_squares.prm", name, settings).history
            for axes in ("xx", "yy"):
                value = history.last(f"effective_ionic_conductivity_{axes}")
                lab.check(f"sigma_{axes} [S/m], grains {size * 1e6:g} um, band {width_in_cells} cells", value, expected,
                          0.01)
            curve.append((size, width_in_cells, value))

    def draw(axes):
        x = np.geomspace(0.7e-6, 40e-6)
        axes.semilogx(x * 1e6, 10.0 * blocking_squares(bulk, boundary, boundary_width, x), "k-", label="exact")
        for width, marker in ((4, "o"), (8, "x")):
            chosen = [(size * 1e6, 10.0 * value) for size, cells_wide, value in curve if cells_wide == width]
            axes.semilogx(*zip(*chosen), marker, label=f"band of {width} cells")
        axes.set(xlabel="grain size, um", ylabel="effective conductivity, mS/cm", title="V7 square grains")
        axes.legend()

    lab.plot(draw)


def laminate(lab):
    """V9: layers across and along the axes: mean of the resistivities, mean of the conductivities."""
    first, second = 0.046, 4.6e-4
    series, parallel = 2.0 / (1.0 / first + 1.0 / second), 0.5 * (first + second)
    for direction, expected in (("x", {"xx": series, "yy": parallel}), ("y", {"xx": parallel, "yy": series})):
        settings = {"Microstructure/Phases by expression/liquid": f"2*um*sin(pi*{direction}/(2*um))"}
        history = lab.run("v9_laminate.prm", f"layers_across_{direction}", settings).history
        for axes, reference in expected.items():
            value = history.last(f"effective_ionic_conductivity_{axes}")
            lab.check(f"sigma_{axes} [S/m], layers across {direction}", value, reference, 0.01)


def tilted_layers(angle, period, first, second, flux, gradient):
    """Formulas for a laminate whose normal is at `angle` to x: where the second phase is (a distance), and the exact
    potential: piecewise linear across the layers, slopes flux/sigma, linear along them."""
    across = f"(x*{np.cos(angle):.15g}+y*{np.sin(angle):.15g})"
    along = f"(y*{np.cos(angle):.15g}-x*{np.sin(angle):.15g})"
    whole = f"floor({across}/{period:.15g})"
    part = f"({across}/{period:.15g}-{whole})"
    second_phase = f"{period / (2.0 * np.pi):.15g}*sin(2*pi*{across}/{period:.15g})"
    resistance = (f"({whole}*{0.5 / first + 0.5 / second:.15g}+min({part},0.5)/{second:.15g}"
                  f"+max({part}-0.5,0)/{first:.15g})")
    return second_phase, f"{flux * period:.15g}*{resistance}+{gradient:.15g}*{along}"


def tilted_laminate(lab):
    """V9: mean current density across and along the layers of a laminate at several angles to the mesh."""
    first, second, period, size, flux, gradient = 0.046, 0.0046, 4e-6, 8e-6, 100.0, 1000.0
    points = (np.arange(2000) + 0.5) / 2000 * size
    x, y = np.meshgrid(points, points, indexing="ij")
    errors = []
    for degrees in [30] if lab.quick else [17, 30, 45, 73]:
        angle = np.radians(degrees)
        second_phase, potential = tilted_layers(angle, period, first, second, flux, gradient)
        settings = {f"Boundary conditions/{side}/value": potential for side in ("left", "right", "bottom", "top")}
        settings["Microstructure/Phases by expression/liquid"] = second_phase
        history = lab.run("v9_laminate_tilted.prm", f"{degrees}_degrees", settings).history
        # Current flows down the potential.
        normal = np.array([np.cos(angle), np.sin(angle)])
        current = -np.array([history.last("current_x"), history.last("current_y")])
        in_second = np.sin(2.0 * np.pi * (x * normal[0] + y * normal[1]) / period) > 0.0
        mean_conductivity = np.where(in_second, second, first).mean()
        lab.check(f"current density across the layers [A/m^2], {degrees} degrees", current @ normal, flux, 0.01)
        lab.check(f"current density along the layers [A/m^2], {degrees} degrees",
                  current @ np.array([-normal[1], normal[0]]), gradient * mean_conductivity, 0.01)
        errors.append((degrees, *[100.0 * row.error for row in lab.rows[-2:]]))

    def draw(axes):
        degrees, across, along = zip(*errors)
        axes.plot(degrees, across, "o-", label="across the layers")
        axes.plot(degrees, along, "s-", label="along the layers")
        axes.axhline(1.0, color="grey", linestyle="--")
        axes.set(xlabel="angle to the mesh, degrees", ylabel="error of the current density, %",
                 title="V9 tilted laminate", ylim=(0.0, None))
        axes.legend()

    lab.plot(draw)
