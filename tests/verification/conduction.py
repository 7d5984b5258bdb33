"""Cases V6 to V9: conduction without moving metal."""

import numpy as np

from laboratory import um


def blocking_squares(bulk, boundary, boundary_width, size):
    """Conductivity [S/m] of a square lattice of grains with thin blocking boundaries: those across the current stand
    in series with the grains, those along it carry nothing: sigma_b/(1 + sigma_b R/d), R = w_gb (1/sigma_gb - 1/sigma_b)
    the area resistance that a boundary adds, w_gb << d."""
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

    lab.plot("square_grains.png", draw)


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
