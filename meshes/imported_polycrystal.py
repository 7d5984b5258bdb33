#!/usr/bin/env python3
"""Makes imported_polycrystal.png and imported_polycrystal_orientations.txt, the data of input/imported_polycrystal.prm.

They stand in for a segmented micrograph: grains with curved boundaries, voids, two pores with ionic liquid, and wrong
pixels (specks) as a segmentation leaves them. 120 x 100 pixels of 0.1 um; 0 is void, 255 ionic liquid, all others are
grains.
"""

import pathlib

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkIOImage import vtkPNGWriter

FOLDER = pathlib.Path(__file__).resolve().parent
COLUMNS, ROWS = 120, 100  # pixels
VOID, LIQUID = 0, 255


def smooth_noise(random, wave_length, amplitude):
    """Random field [y, x] of a few long waves, pixels."""
    y, x = np.mgrid[:ROWS, :COLUMNS]
    field = np.zeros((ROWS, COLUMNS))
    for _ in range(12):
        angle, phase = random.uniform(0.0, 2.0 * np.pi, 2)
        field += np.cos(2.0 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / wave_length + phase)
    return amplitude * field / np.sqrt(6.0)


def seeds(random, number, distance):
    """Points [number, 2] (x, y) at least `distance` apart, pixels."""
    points = []
    while len(points) < number:
        point = random.uniform((0.0, 0.0), (COLUMNS, ROWS))
        if all(np.hypot(*(point - other)) > distance for other in points):
            points.append(point)
    return np.array(points)


def main():
    random = np.random.default_rng(11)
    y, x = np.mgrid[:ROWS, :COLUMNS] + 0.5
    x_bent, y_bent = x + smooth_noise(random, 45.0, 2.0), y + smooth_noise(random, 45.0, 2.0)
    grains = seeds(random, 11, 26.0)
    names = 10 + 7 * np.arange(len(grains))
    labels = names[np.argmin([np.hypot(x_bent - a, y_bent - b) for a, b in grains], axis=0)]
    for centre_x, centre_y, radius, label in ((28, 62, 7, VOID), (88, 36, 6, VOID), (66, 78, 7, LIQUID), (52, 28, 6, LIQUID)):
        labels[np.hypot(x_bent - centre_x, 1.2 * (y_bent - centre_y)) < radius] = label
    for _ in range(25):
        labels[random.integers(2, ROWS - 2), random.integers(2, COLUMNS - 2)] = random.choice(names)

    image = vtkImageData()
    image.SetDimensions(COLUMNS, ROWS, 1)
    image.GetPointData().SetScalars(numpy_to_vtk(labels.astype(np.uint8).ravel(), deep=True))
    writer = vtkPNGWriter()
    writer.SetInputData(image)
    writer.SetFileName(str(FOLDER / "imported_polycrystal.png"))
    writer.Write()

    angles = np.degrees([random.uniform(0.0, 2.0 * np.pi, len(names)), np.arccos(random.uniform(-1.0, 1.0, len(names))),
                         random.uniform(0.0, 2.0 * np.pi, len(names))]).T
    lines = [f"{name} {a:.2f} {b:.2f} {c:.2f}" for name, (a, b, c) in zip(names, angles)]
    text = "# label, Euler angles after Bunge: phi1 Phi phi2\nunit degree\n" + "\n".join(lines) + "\n"
    (FOLDER / "imported_polycrystal_orientations.txt").write_text(text)


if __name__ == "__main__":
    main()
