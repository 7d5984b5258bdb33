#!/usr/bin/env python3
"""Makes powder_pressed.png and powder_in_liquid.png, the data of input/studies/powder_in_liquid.yaml.

The same 36 particles of about 4 um twice: pressed together, with pores where three meet, and apart by ionic liquid, 46 % of the area. In space
that is the share of volume of 20 % by weight with 1.5 g/cm^3 for the liquid and 5.1 g/cm^3 for LLZO. 240 x 240 pixels of 0.1 um; 255 is what is
between the particles, gas or liquid, all others are particles.
"""

import pathlib

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkIOImage import vtkPNGWriter

FOLDER = pathlib.Path(__file__).resolve().parent
PIXELS, SIDE, BETWEEN, SHARE = 240, 6, 255, 0.46
PORE = 7.0  # pixels from two other particles


def particles():
    """Number [y, x] of the nearest centre, from 1, and the distances to the nearest and the second face to another, in pixels."""
    random = np.random.default_rng(5)
    pitch = PIXELS / SIDE
    centres = np.array([(pitch * (i + 0.5 + 0.5 * (j % 2) - 0.25), pitch * (j + 0.5)) for j in range(SIDE) for i in range(SIDE)])
    centres += random.uniform(-0.22 * pitch, 0.22 * pitch, centres.shape)
    y, x = np.mgrid[:PIXELS, :PIXELS] + 0.5
    square = (x[..., None] - centres[:, 0]) ** 2 + (y[..., None] - centres[:, 1]) ** 2
    nearest = square.argmin(axis=-1)
    own = np.take_along_axis(square, nearest[..., None], axis=-1)
    apart = np.hypot(*(centres[nearest][..., None, :] - centres).transpose(3, 0, 1, 2))
    apart[apart == 0.0] = np.inf
    with np.errstate(invalid="ignore"):
        faces = np.sort(np.where(np.isinf(apart), np.inf, (square - own) / (2.0 * apart)), axis=-1)
    return nearest + 1, faces[..., 0], faces[..., 1]


def write_png(name, labels):
    image = vtkImageData()
    image.SetDimensions(PIXELS, PIXELS, 1)
    array = numpy_to_vtk(labels.astype(np.uint8).ravel(), deep=True)
    array.SetName("labels")
    image.GetPointData().SetScalars(array)
    writer = vtkPNGWriter()
    writer.SetFileName(str(FOLDER / name))
    writer.SetInputData(image)
    writer.Write()


def main():
    labels, first, second = particles()
    write_png("powder_pressed.png", np.where(second < PORE, BETWEEN, labels))
    write_png("powder_in_liquid.png", np.where(first < np.quantile(first, SHARE), BETWEEN, labels))


if __name__ == "__main__":
    main()
