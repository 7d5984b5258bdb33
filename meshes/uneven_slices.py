#!/usr/bin/env python3
"""Makes uneven_slices.vtk, the data of input/uneven_slices_3d.prm.

It stands in for a volume that was cut away slice by slice (ion beam and electron microscope): square pixels of 0.2 um, slices of 0.2 to 0.6 um,
measured one by one. 8 grains and 10 % of voids in a cube of 6.4 um, as a legacy VTK file of cells between coordinates in um; 0 is void.
"""

import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent
SIDE, PIXELS, GRAINS, POROSITY = 6.4, 32, 8, 0.1  # um


def cuts(random):
    """Depths of the cuts, 0 to SIDE, um."""
    thickness = random.uniform(0.2, 0.6, 16)
    return np.round(np.concatenate([[0.0], np.cumsum(thickness) * SIDE / thickness.sum()]), 2)


def spread(random, number, distance):
    """Points [number, 3] in the cube, at least `distance` apart, um."""
    points = []
    while len(points) < number:
        point = random.uniform(0.0, SIDE, 3)
        if all(np.linalg.norm(point - other) > distance for other in points):
            points.append(point)
    return np.array(points)


def main():
    random = np.random.default_rng(4)
    depth, edges = cuts(random), np.linspace(0.0, SIDE, PIXELS + 1)
    middle = [0.5 * (places[1:] + places[:-1]) for places in (depth, edges, edges)]
    z, y, x = np.meshgrid(*middle, indexing="ij")
    places = np.stack([x, y, z], axis=-1)
    labels = 1 + np.argmin([np.linalg.norm(places - seed, axis=-1) for seed in spread(random, GRAINS, 2.4)], axis=0)
    voids = spread(random, 6, 2.6)
    radius = (POROSITY * SIDE**3 / len(voids) / (4.0 / 3.0 * np.pi)) ** (1.0 / 3.0)
    for centre in np.clip(voids, radius, SIDE - radius):
        labels[np.linalg.norm(places - centre, axis=-1) < radius] = 0

    lines = ["# vtk DataFile Version 3.0", "labels", "BINARY", "DATASET RECTILINEAR_GRID", f"DIMENSIONS {PIXELS + 1} {PIXELS + 1} {len(depth)}"]
    text = "\n".join(lines).encode() + b"\n"
    for axis, values in (("X", edges), ("Y", edges), ("Z", depth)):
        text += f"{axis}_COORDINATES {len(values)} float\n".encode() + values.astype(">f4").tobytes() + b"\n"
    text += f"CELL_DATA {labels.size}\nSCALARS label unsigned_char 1\nLOOKUP_TABLE default\n".encode() + labels.astype(np.uint8).tobytes() + b"\n"
    (FOLDER / "uneven_slices.vtk").write_bytes(text)


if __name__ == "__main__":
    main()
