"""Cases V7 to V9 with the structure given as labels of pixels instead of formulas."""

import pathlib
import tempfile

import numpy as np

from conduction import blocking_squares, tilted_layers
from laboratory import um


def pixel_centres(pixels, size):
    """x and y [m] of the pixels [y, x] of a square image."""
    points = (np.arange(pixels) + 0.5) / pixels * size
    return np.meshgrid(points, points)


class Labels:
    """A file of labels for one run."""

    def __init__(self, labels, size):
        self._folder = tempfile.TemporaryDirectory()
        self._file = pathlib.Path(self._folder.name) / "labels.npy"
        np.save(self._file, labels.astype(np.int32))
        self._pixel = size / len(labels)

    def __enter__(self):
        return {"Microstructure/Label image/file": str(self._file), "Microstructure/Label image/spacing": um(self._pixel)}

    def __exit__(self, *_):
        self._folder.cleanup()


def squares(lab):
    """V7: square grains of 1 um, 32 cells and 32 or 16 pixels wide."""
    size, grain, bulk, boundary, boundary_width = 2e-6, 1e-6, 0.046, 5.97e-4, 10e-9
    expected = blocking_squares(bulk, boundary, boundary_width, grain)
    for pixels in (64, 32):
        x, y = pixel_centres(pixels, size)
        grains = np.round(x / grain) % 2 + 2 * np.round(y / grain)  # periodic along x
        with Labels(1 + grains, size) as settings:
            settings |= {"Mesh/size": um(size, size), "Microstructure/Grains/arrangement": "random",
                         "Microstructure/Grains/grain size": "from number of grains", "Microstructure/Grains/offset": "",
                         "Microstructure/band width": um(4 * grain / 32)}
            history = lab.run("v7_squares.prm", f"squares_{pixels}_pixels", settings).history
        for axes in ("xx", "yy"):
            lab.check(f"sigma_{axes} [S/m], squares, {pixels} pixels on 64 cells",
                      history.last(f"effective_ionic_conductivity_{axes}"), expected, 0.01)


def disc(lab):
    """V8: ionic liquid in a disc, conductivities 100 : 1, against the same disc as a formula on the same cells."""
    size, radius, middle = 8e-6, 2e-6, (4.1e-6, 3.95e-6)
    formula = f"{radius}-sqrt((x-{middle[0]})^2+(y-{middle[1]})^2)"
    smooth = lab.run("v9_laminate.prm", "disc_smooth", {"Microstructure/Phases by expression/liquid": formula}).history
    for pixels in (128, 64):
        x, y = pixel_centres(pixels, size)
        with Labels(np.where(np.hypot(x - middle[0], y - middle[1]) < radius, 9, 4), size) as settings:
            settings |= {"Microstructure/Label image/liquid labels": "9", "Microstructure/Phases by expression/liquid": ""}
            history = lab.run("v9_laminate.prm", f"disc_{pixels}_pixels", settings).history
        for axes in ("xx", "yy"):
            name = f"effective_ionic_conductivity_{axes}"
            lab.check(f"sigma_{axes} [S/m], disc, {pixels} pixels on 128 cells", history.last(name), smooth.last(name), 0.01)


def tilted_laminate(lab):
    """V9: the tilted laminate, against the same layers as a formula on the same cells."""
    first, second, period, size, flux, gradient = 0.046, 0.0046, 4e-6, 8e-6, 100.0, 1000.0
    for degrees in [30] if lab.quick else [17, 30, 73]:
        angle = np.radians(degrees)
        second_phase, potential = tilted_layers(angle, period, first, second, flux, gradient)
        sides = {f"Boundary conditions/{side}/value": potential for side in ("left", "right", "bottom", "top")}
        smooth = lab.run("v9_laminate_tilted.prm", f"{degrees}_degrees_smooth",
                         {**sides, "Microstructure/Phases by expression/liquid": second_phase}).history
        for pixels in (128, 64):
            x, y = pixel_centres(pixels, size)
            in_second = np.sin(2.0 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period) > 0.0
            with Labels(np.where(in_second, 2, 1), size) as settings:
                settings |= {"Microstructure/Label image/liquid labels": "2", "Microstructure/Phases by expression/liquid": "",
                             **sides}
                history = lab.run("v9_laminate_tilted.prm", f"{degrees}_degrees_{pixels}_pixels", settings).history
            currents = [np.array([run.last("current_x"), run.last("current_y")]) for run in (history, smooth)]
            for name, direction in (("across", (np.cos(angle), np.sin(angle))), ("along", (-np.sin(angle), np.cos(angle)))):
                value, reference = (-current @ np.array(direction) for current in currents)
                lab.check(f"current density {name} the layers [A/m^2], {degrees} degrees, {pixels} pixels on 128 cells", value,
                          reference, 0.01)
