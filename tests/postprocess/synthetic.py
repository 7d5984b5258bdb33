"""Small made-up results with known values: a polycrystal with a void, a liquid pore and a finger of lithium."""

from pathlib import Path

import h5py
import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import VTK_HEXAHEDRON, VTK_QUAD, vtkCellArray, vtkUnstructuredGrid
from vtkmodules.vtkIOXML import vtkXMLUnstructuredGridWriter

WIDTH, HEIGHT = 20e-6, 30e-6  # [m]
N_GRAINS = 18


def box(dim, cells):
    """Points (n, 3) [m] and cells (m, 2^dim) of a box of WIDTH (x WIDTH) x HEIGHT with `cells` per direction."""
    sides = [WIDTH] * (dim - 1) + [HEIGHT]
    axes = [np.linspace(0, side, n + 1) for side, n in zip(sides, cells)]
    grids = np.meshgrid(*axes, indexing="ij")
    points = np.zeros((grids[0].size, 3))
    for i, grid in enumerate(grids):
        points[:, i] = grid.ravel()
    number = np.arange(grids[0].size).reshape([n + 1 for n in cells])
    corners = {2: [(0, 0), (1, 0), (1, 1), (0, 1)],
               3: [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)]}[dim]
    connectivity = [number[tuple(slice(o, o + n) for o, n in zip(corner, cells))].ravel() for corner in corners]
    return points, np.stack(connectivity, axis=1)


def stack_coordinate(points, dim):
    return points[:, dim - 1]


def distance(points, dim, centre, radius):
    """Signed distance to a disc or sphere, negative inside [m]; `centre` in units of the sides."""
    sides = np.array([WIDTH] * (dim - 1) + [HEIGHT])
    return np.linalg.norm(points[:, :dim] - np.array(centre)[:dim] * sides, axis=1) - radius


def lithium(points, dim, time):
    """A planar anode and a finger that has grown for `time` [s] at 10 nm/s."""
    y = stack_coordinate(points, dim)
    front = 4e-6 + 1e-9 * time
    tip = 5e-6 + 10e-9 * time
    wobble = 0.5 * WIDTH + 1.5e-6 * np.sin(y / 3e-6)
    aside = np.abs(points[:, 0] - wobble)
    if dim == 3:
        aside = np.hypot(aside, points[:, 1] - 0.5 * WIDTH)
    finger = np.minimum(1.2e-6 - aside, tip - y)
    inside = np.maximum(front - y, finger)
    return 0.5 * (1 + np.tanh(inside / 0.4e-6))


def fields(dim, cells, time):
    """All arrays of one output: points, cells, point data and cell data with their full names."""
    points, connectivity = box(dim, cells)
    centres = points[connectivity].mean(axis=1)
    sides = np.array([WIDTH] * (dim - 1) + [HEIGHT])
    seeds = np.random.default_rng(3).random((N_GRAINS, dim)) * sides
    grain = np.argmin(np.linalg.norm(centres[:, None, :dim] - seeds, axis=2), axis=1)
    void = np.minimum(distance(centres, dim, (0.2, 0.35, 0.5), 1.8e-6), distance(centres, dim, (0.8, 0.7, 0.8), 1.3e-6))
    pore = distance(centres, dim, (0.78, 0.45, 0.45), 2.4e-6)
    phase = np.where(void < 0, 1.0, np.where(pore < 0, 2.0, 0.0))
    y = stack_coordinate(points, dim)
    current = np.zeros((len(centres), 3))
    tip = 5e-6 + 10e-9 * time
    r = np.linalg.norm(centres[:, :dim] - np.append([0.5 * WIDTH] * (dim - 1), tip), axis=1)
    current[:, dim - 1] = -100.0 * (1 + 2e-6 / (r + 1e-6))
    current[:, 0] = -100.0 * (centres[:, 0] - 0.5 * WIDTH) * 2e-6 / (r + 1e-6) ** 2
    current[phase == 1] = 0.0
    xi = lithium(points, dim, time)
    point_data = {
        "lithium [1]": xi,
        "ionic_potential [V]": -0.01 + 2.0e3 * (y - HEIGHT),
        "electronic_potential [V]": np.where(xi > 0.5, 0.0, 2.0e3 * y),
        "overpotential [V]": -0.02 * np.exp(-((xi - 0.5) / 0.2) ** 2) * (1 + np.sin(points[:, 0] / 2e-6)),
    }
    cell_data = {
        "ionic_current_density [A/m^2]": current,
        "electronic_current_density [A/m^2]": 1e-4 * current * (1 + 50 * (grain % 3 == 0))[:, None],
        "grain [1]": grain.astype(float),
        "phase [1]": phase,
    }
    return points, connectivity, point_data, cell_data


def crack_fields(dim, cells, time):
    """All arrays of one output of a body that is torn along y or z: a crack of half-width 1 um runs from the left side at
    10 nm/s through the grains, opened by up to 20 nm, under 100 MPa; the profile of the damage is that of AT1."""
    points, connectivity = box(dim, cells)
    _, _, _, cell_data = fields(dim, cells, time)
    width, tip = 1e-6, 2e-6 + 10e-9 * time

    def path(x):
        return 0.5 * HEIGHT + 1.2e-6 * np.sin(x / 3e-6)

    def distances(where):
        """Along the crack beyond its tip, and across it (signed)."""
        return np.maximum(where[:, 0] - tip, 0), stack_coordinate(where, dim) - path(where[:, 0])

    ahead, across = distances(points)
    damage = np.clip(1 - np.maximum(np.hypot(ahead, across) - 0.3e-6, 0) / (2 * width), 0, 1) ** 2
    displacement = np.zeros((len(points), 3))
    opening = 20e-9 * np.sqrt(np.clip((tip - points[:, 0]) / 20e-6, 0, None))
    displacement[:, dim - 1] = 5e-9 * points[:, dim - 1] / HEIGHT + 0.5 * opening * np.clip(across / 0.3e-6, -1, 1)
    centres = points[connectivity].mean(axis=1)
    ahead, across = distances(centres)
    intact = 1 - damage[connectivity].mean(axis=1)
    r = np.hypot(centres[:, 0] - tip, across) + 0.3e-6
    shadow = np.where(centres[:, 0] < tip, 1 - np.exp(-np.abs(across) / 4e-6), 1.0)  # unloaded beside the crack
    first = 1e8 * intact**2 * (shadow + np.sqrt(1e-6 / r))
    principal = np.stack([first, 0.3 * first, -0.1e8 * intact], axis=1)
    stress = np.zeros((len(centres), 9))
    stress[:, 0], stress[:, 4], stress[:, 8] = principal[:, 1], principal[:, 0], principal[:, 2]
    point_data = {"damage [1]": damage, "displacement [m]": displacement}
    cell_data = {
        "stress [Pa]": stress,
        "principal_stresses [Pa]": principal,
        "hydrostatic_pressure [Pa]": -principal.mean(axis=1),
        "strain_energy_density [J m^-3]": 0.5 * first**2 / 150e9 + 1.0,
        "grain [1]": cell_data["grain [1]"],
        "phase [1]": np.where(cell_data["phase [1]"] == 1, 1.0, 0.0),
    }
    return points, connectivity, point_data, cell_data


def plain_block(dim, cells, time):
    """All arrays of a body of one grain without pores, damage and metal, as pure mechanics leaves them."""
    points, connectivity, point_data, cell_data = crack_fields(dim, cells, time)
    del point_data["damage [1]"]
    point_data["lithium [1]"] = np.zeros(len(points))
    for name in ("grain [1]", "phase [1]"):
        cell_data[name] = 0 * cell_data[name]
    return points, connectivity, point_data, cell_data


def grid(dim, points, connectivity, point_data, cell_data):
    """The vtkUnstructuredGrid of these arrays."""
    result = vtkUnstructuredGrid()
    vtk_points = vtkPoints()
    vtk_points.SetData(numpy_to_vtk(points, deep=True))
    result.SetPoints(vtk_points)
    cells = vtkCellArray()
    cells.SetData(connectivity.shape[1], numpy_to_vtkIdTypeArray(connectivity.astype(np.int64).ravel(), deep=True))
    result.SetCells(VTK_QUAD if dim == 2 else VTK_HEXAHEDRON, cells)
    for target, arrays in ((result.GetPointData(), point_data), (result.GetCellData(), cell_data)):
        for name, values in arrays.items():
            array = numpy_to_vtk(np.ascontiguousarray(values), deep=True)
            array.SetName(name)
            target.AddArray(array)
    return result


def write_vtu(path, vtk_grid):
    writer = vtkXMLUnstructuredGridWriter()
    writer.SetFileName(str(path))
    writer.SetInputData(vtk_grid)
    writer.SetDataModeToBinary()  # VTK 9.1 with a newer expat reads nothing that is appended to the XML
    writer.Write()


def write_vtkhdf(path, dim, points, connectivity, point_data, cell_data, time):
    """A VTKHDF 1.0 file with one partition. HDF5 allows no "/" in names: units are written as "A m-2"."""
    with h5py.File(path, "w") as file:
        root = file.create_group("VTKHDF")
        root.attrs["Version"] = np.array([1, 0], dtype=np.int64)
        root.attrs.create("Type", np.bytes_("UnstructuredGrid"), dtype=h5py.string_dtype("ascii", 16))
        root["NumberOfPoints"] = np.array([len(points)])
        root["NumberOfCells"] = np.array([len(connectivity)])
        root["NumberOfConnectivityIds"] = np.array([connectivity.size])
        root["Points"] = points
        root["Connectivity"] = connectivity.ravel()
        root["Offsets"] = np.arange(len(connectivity) + 1) * connectivity.shape[1]
        root["Types"] = np.full(len(connectivity), VTK_QUAD if dim == 2 else VTK_HEXAHEDRON, dtype=np.uint8)
        for group, arrays in (("PointData", point_data), ("CellData", cell_data)):
            for name, values in arrays.items():
                root.create_group(group) if group not in root else None
                root[group][name.replace("A/m^2", "A m-2")] = values
        root.create_group("FieldData")["time [s]"] = np.array([time])


def write_results(folder, dim=2, cells=(40, 60), times=(0.0, 500.0, 1000.0, 1500.0), kind="vtu", of=fields):
    """A results folder with fields and history; returns its path. `of` makes the arrays: fields or crack_fields."""
    folder = Path(folder)
    (folder / "fields").mkdir(parents=True)
    entries = []
    for i, time in enumerate(times):
        arrays = of(dim, cells, time)
        path = folder / "fields" / f"fields_{i:05d}.{kind}"
        if kind == "vtu":
            write_vtu(path, grid(dim, *arrays))
            entries.append(f'<DataSet timestep="{time}" part="0" file="fields/{path.name}"/>')
        else:
            write_vtkhdf(path, dim, *arrays, time)
    if entries:
        (folder / "fields.pvd").write_text('<?xml version="1.0"?>\n<VTKFile type="Collection" version="0.1"><Collection>'
                                           + "\n".join(entries) + "</Collection></VTKFile>\n")
    (write_history if of is fields else write_crack_history)(folder / "history.csv")
    return folder


def write_history(path, n_steps=200, speed=10e-9):
    """history.csv of a run at 100 A/m^2 that lasts 2000 s."""
    time = np.linspace(0, 2000, n_steps)
    columns = {
        "step [1]": np.arange(n_steps),
        "time [s]": time,
        "step_size [s]": np.full(n_steps, 10.0) * (1 + 0.5 * np.sin(time / 200)),
        "cell_voltage [V]": 0.12 - 0.03 * time / 2000 - 0.01 * np.exp(-time / 100),
        "current_density [A/m^2]": np.full(n_steps, 100.0),
        "leakage_current_density [A/m^2]": 0.02 * np.exp(time / 1000),
        "charge [C/m^2]": 100.0 * time,
        "lithium_volume_anode [m]": 4e-6 + 1e-10 * 100 * time,
        "lithium_volume_grain_boundary [m]": 3e-11 * 100 * time,
        "lithium_volume_pore [m]": 2e-6 * np.clip((time - 900) / 1100, 0, 1) ** 2,
        "lithium_volume_void [m]": 0.0 * time,
        "lithium_volume_isolated [m]": 1e-7 * np.clip((time - 1200) / 800, 0, 1),
        "front_position_mean [m]": 4e-6 + 1e-9 * time,
        "front_position_max [m]": 5e-6 + speed * time,
        "tip_speed [m/s]": speed * (1 + 0.2 * np.sin(time / 150)),
        "charge_volume_error [1]": 1e-10 * (1 + np.sin(time / 50) ** 2),
        "cells [1]": 4000 + 2 * time,
    }
    write_csv(path, columns)


def write_csv(path, columns):
    lines = [",".join(columns)] + [",".join(f"{value:.12g}" for value in row) for row in zip(*columns.values())]
    Path(path).write_text("\n".join(lines) + "\n")


PULL = 0.05e-9  # speed of the upper side in write_crack_history() [m/s]


def write_crack_history(path, n_steps=150):
    """history.csv of a body that is pulled at the top and breaks at 1000 s, and the parameters that say so beside it."""
    time = np.linspace(10, 1500, n_steps)
    pull = PULL * time
    broken = 1 / (1 + np.exp(-(time - 1000) / 15))
    force = 4e10 * pull * (1 - 0.97 * broken)
    columns = {
        "time [s]": time,
        "step_size [s]": np.full(n_steps, 10.0),
        "strain_energy [J/m]": 0.5 * force * pull,
        "external_work [J/m]": np.concatenate([[0], np.cumsum(0.5 * (force[1:] + force[:-1]) * np.diff(pull))]),
        "fracture_energy [J/m]": 2e-5 * broken,
        "crack_length [m]": 2e-6 + 18e-6 * broken,
        "opening_volume [m^2]": 3e-13 * broken,
        "damage_max [1]": np.minimum(1, time / 950) ** 2,
        "passes [1]": np.round(3 + 40 * broken * (1 - broken)),
        "force_bottom_x [N/m]": 1e-9 * force,
        "force_bottom_y [N/m]": -force,
        "force_top_x [N/m]": 0 * force,
        "force_top_y [N/m]": force,
        "mean_stress_yy [Pa]": force / WIDTH,
        "nonlinear_iterations [1]": np.full(n_steps, 2),
    }
    write_csv(path, columns)
    (Path(path).parent / "parameters.prm").write_text(f"""subsection Mechanics
  subsection Boundary conditions
    subsection bottom
      set type = displacement
      set displacement x = 0
      set displacement y = 0
    end
    subsection top
      set type = displacement
      set displacement x =
      set displacement y = {PULL * 1e9:g}*nm*t/s   # pulled
    end
  end
end
""")
