"""Reads what a Lithoclase run leaves in results/<case>/: history.csv, fields.pvd with .vtu/.pvtu files, and .vtkhdf files.

Every array and column carries its SI unit in its name, "ionic_potential [V]"; here they are found by the plain name. Numbers
stay in SI units until `display_unit` picks a unit to show them in.
"""

import ast
import csv
import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkPoints
from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPlane, vtkUnstructuredGrid
from vtkmodules.vtkFiltersCore import vtkAppendFilter, vtkCellDataToPointData, vtkContourFilter, vtkCutter, vtkProbeFilter
from vtkmodules.vtkIOHDF import vtkHDFReader
from vtkmodules.vtkIOXML import vtkXMLPUnstructuredGridReader, vtkXMLUnstructuredGridReader


class ResultError(Exception):
    """The results are not there or cannot be read; the message says which file and why."""


# --- Names and units ---------------------------------------------------------------------------------------------------

def split_name(text):
    """("cell_voltage", "V") for "cell_voltage [V]"; the unit is "1" where none is given.

    HDF5 allows no "/" in names: "A m-2" is read as "A/m^2".
    """
    match = re.fullmatch(r"\s*(.*?)\s*\[(.*)\]\s*", text)
    if not match:
        return text.strip(), "1"
    return match.group(1), canonical_unit(match.group(2).strip() or "1")


def canonical_unit(unit):
    """The unit with at most one "/" and "^": "A m-2", "A.m^-2" and "A*m-2" become "A/m^2"."""
    unit = unit.replace("\u2215", "/").replace("µ", "u")
    if "/" in unit:
        return unit
    above, below = [], []
    for factor in re.split(r"[ .*]+", unit):
        match = re.fullmatch(r"([A-Za-z]+)\^?-(\d+)", factor)
        if match:
            below.append(match.group(1) + ("" if match.group(2) == "1" else "^" + match.group(2)))
        else:
            above.append(re.sub(r"^([A-Za-z]+)(\d+)$", r"\1^\2", factor))
    if not below:
        return " ".join(above)
    return (" ".join(above) or "1") + "/" + " ".join(below)


def label(name):
    """A name for people: "Ionic potential" for "ionic_potential"."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


@dataclass(frozen=True)
class DisplayUnit:
    """A unit to show: shown value = SI value * factor."""

    text: str
    factor: float

    def __str__(self):
        return self.text


# SI unit -> (largest magnitude up to which the unit serves, unit, factor), in rising order.
_DISPLAY_UNITS = {
    "m": [(2e-7, "nm", 1e9), (2e-3, "µm", 1e6), (np.inf, "mm", 1e3)],
    "m^2": [(1e-7, "µm²", 1e12), (np.inf, "mm²", 1e6)],
    "m^3": [(1e-10, "µm³", 1e18), (np.inf, "mm³", 1e9)],
    "m/s": [(2e-7, "nm/s", 1e9), (np.inf, "µm/s", 1e6)],
    "s": [(1e-1, "ms", 1e3), (600.0, "s", 1.0), (4 * 3600.0, "min", 1 / 60), (np.inf, "h", 1 / 3600)],
    "V": [(1e-3, "µV", 1e6), (2.0, "mV", 1e3), (np.inf, "V", 1.0)],
    "A/m^2": [(1e-5, "nA/cm²", 1e5), (1e-1, "µA/cm²", 1e2), (1e4, "mA/cm²", 1e-1), (np.inf, "A/cm²", 1e-4)],
    "A/m^3": [(1e5, "mA/cm³", 1e-3), (1e8, "A/cm³", 1e-6), (np.inf, "kA/cm³", 1e-9)],
    "C/m^2": [(36.0, "µAh/cm²", 1 / 36.0), (np.inf, "mAh/cm²", 1 / 3.6e4)],
    "Pa": [(1e3, "Pa", 1.0), (1e6, "kPa", 1e-3), (5e9, "MPa", 1e-6), (np.inf, "GPa", 1e-9)],
    "S/m": [(1e-7, "nS/cm", 1e7), (1e-2, "µS/cm", 1e4), (1e2, "mS/cm", 1e1), (np.inf, "S/cm", 1e-2)],
    "mol/m^3": [(np.inf, "mol/m³", 1.0)],
    "J/m^2": [(np.inf, "J/m²", 1.0)],
    "J": [(1e-9, "pJ", 1e12), (1e-6, "nJ", 1e9), (1e-3, "µJ", 1e6), (np.inf, "mJ", 1e3)],
    "J/m": [(1e-6, "nJ/m", 1e9), (1e-3, "µJ/m", 1e6), (np.inf, "mJ/m", 1e3)],
    "N": [(1e-3, "µN", 1e6), (1.0, "mN", 1e3), (np.inf, "N", 1.0)],
    "N/m": [(1.0, "mN/m", 1e3), (1e3, "N/m", 1.0), (np.inf, "kN/m", 1e-3)],
    "J/m^3": [(np.inf, "MJ/m³", 1e-6)],
    "Ohm m^2": [(np.inf, "Ω cm²", 1e4)],
    "B": [(1e9, "MB", 1e-6), (np.inf, "GB", 1e-9)],
    "byte": [(1e9, "MB", 1e-6), (np.inf, "GB", 1e-9)],
    "1": [(np.inf, "", 1.0)],
}


def display_unit(unit, values=()):
    """The unit in which values [SI] of this SI unit read best, by their largest magnitude; the SI unit itself if unknown."""
    values = np.abs(np.asarray(values, dtype=float))
    values = values[np.isfinite(values)]
    largest = values.max() if values.size else 0.0
    choices = _DISPLAY_UNITS.get(unit)
    if choices is None:
        return DisplayUnit(unit.replace("^2", "²").replace("^3", "³"), 1.0)
    if largest == 0.0:  # nothing to judge by: the unit of everyday use
        everyday = {"m": "µm", "m/s": "nm/s", "s": "s", "V": "mV", "A/m^2": "mA/cm²", "C/m^2": "mAh/cm²", "Pa": "MPa"}
        for _, text, factor in choices:
            if text == everyday.get(unit):
                return DisplayUnit(text, factor)
    for limit, text, factor in choices:
        if largest <= limit:
            return DisplayUnit(text, factor)
    return DisplayUnit(*choices[-1][1:])


# --- History -----------------------------------------------------------------------------------------------------------

@dataclass
class History:
    """The columns of history.csv, one number per accepted step, in SI units."""

    path: Path
    columns: dict  # plain name -> array of shape (n_steps,)
    units: dict    # plain name -> SI unit
    name: str = ""

    def __getitem__(self, name):
        if name not in self.columns:
            raise ResultError(f"{self.path} has no column '{name}'; it has: {', '.join(self.columns)}")
        return self.columns[name]

    def __contains__(self, name):
        return name in self.columns

    def __len__(self):
        return len(next(iter(self.columns.values()), ()))


def read_history(path):
    """The history of a run; `path` is the CSV file or the folder of the results.

    A last line that is cut off (the run is still writing) is left out. Entries that are no numbers become nan.
    Raises ResultError if the file is missing, empty or has lines of another length.
    """
    path = Path(path)
    if path.is_dir():
        path = path / "history.csv"
    if not path.is_file():
        raise ResultError(f"There is no history at {path}")
    with open(path, newline="", encoding="utf-8") as file:
        lines = [line for line in csv.reader(file) if line and not line[0].startswith("#")]
    if not lines:
        raise ResultError(f"{path} is empty")
    header, rows = [split_name(text) for text in lines[0]], lines[1:]
    if rows and len(rows[-1]) < len(header):
        rows.pop()
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise ResultError(f"{path}, line {number}: {len(row)} entries under {len(header)} columns")
    table = np.array([[_number(entry) for entry in row] for row in rows], dtype=float).reshape(len(rows), len(header))
    columns = {name: table[:, i] for i, (name, _) in enumerate(header)}
    return History(path, columns, dict(header), path.resolve().parent.name)


def _number(text):
    try:
        return float(text)
    except ValueError:
        return float("nan")


# --- What a run has prescribed -----------------------------------------------------------------------------------------

def prescribed_displacement(history, force):
    """The displacement [m] at each time of the history that belongs to the column `force`, "force_<condition>_<axis>".

    From a column of the history (a platen, "displacement_<condition>") or from the formula in parameters.prm beside it.
    None if there is neither, or if the formula depends on the place or is constant.
    """
    match = re.fullmatch(r"force_(.+)_([xyz])", force)
    if not match or "time" not in history:
        return None
    condition, axis = match.groups()
    values = None
    for column in (f"displacement_{condition}_{axis}", f"displacement_{condition}"):
        if column in history:
            values = history[column]
            break
    else:
        entries = read_parameters(history.path.parent / "parameters.prm")
        text = entries.get(f"Mechanics/Boundary conditions/{condition}/displacement {axis}", "")
        values = evaluate_in_time(text, history["time"])
    if values is None or not np.isfinite(values).any() or np.ptp(values[np.isfinite(values)]) == 0:
        return None
    return values


def read_parameters(path, _including=()):
    """All entries of a parameter file and those that it includes, by their full path "Section/Subsection/entry"; none if there is
    no such file."""
    path = Path(path)
    entries, sections = {}, []
    if not path.is_file() or path in _including:
        return entries
    for line in path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        words = line.split("#")[0].strip()
        if words.startswith("subsection "):
            sections.append(words[len("subsection "):].strip())
        elif words == "end" and sections:
            sections.pop()
        elif words.startswith("set "):
            key, _, value = words[len("set "):].partition("=")
            entries["/".join(sections + [key.strip()])] = value.strip()
        elif words.startswith("include "):
            included = read_parameters(path.parent / words[len("include "):].strip(), (*_including, path))
            entries.update(("/".join(sections + [key]), value) for key, value in included.items())
    return entries


_CONSTANTS = {"pi": np.pi, "nm": 1e-9, "um": 1e-6, "mm": 1e-3, "cm": 1e-2, "m": 1.0, "ms": 1e-3, "s": 1.0, "h": 3600.0}
_FUNCTIONS = {"sin": np.sin, "cos": np.cos, "tanh": np.tanh, "exp": np.exp, "sqrt": np.sqrt, "abs": np.abs, "min": np.minimum,
              "max": np.maximum, "if": np.where}
_OPERATORS = {ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide, ast.Pow: np.power,
              ast.USub: np.negative, ast.UAdd: np.positive, ast.Lt: np.less, ast.LtE: np.less_equal, ast.Gt: np.greater,
              ast.GtE: np.greater_equal}


def evaluate_in_time(text, time):
    """The values of a formula of `t` alone, shape of `time`; None if it is empty, depends on the place or uses what is not known
    here."""
    code = re.sub(r"(\d)\s+([A-Za-z])", r"\1*\2", text).replace("^", "**")  # "5 nm" is a quantity
    code = re.sub(r"\bif\b", "if_", code)
    try:
        with np.errstate(all="ignore"):
            values = _value_of(ast.parse(code, mode="eval").body, time)
    except (SyntaxError, ValueError, TypeError):
        return None
    return np.broadcast_to(np.asarray(values, dtype=float), time.shape).copy()


def _value_of(node, time):
    """The value of a part of a formula; ValueError for what is not known."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return float(node.value)
    if isinstance(node, ast.Name):
        if node.id == "t":
            return time
        if node.id in _CONSTANTS:
            return _CONSTANTS[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value_of(node.left, time), _value_of(node.right, time))
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value_of(node.operand, time))
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _OPERATORS:
        return _OPERATORS[type(node.ops[0])](_value_of(node.left, time), _value_of(node.comparators[0], time))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.rstrip("_") in _FUNCTIONS:
        return _FUNCTIONS[node.func.id.rstrip("_")](*(_value_of(argument, time) for argument in node.args))
    raise ValueError("not a formula of time alone")


# --- Fields ------------------------------------------------------------------------------------------------------------

@dataclass
class Snapshot:
    """The fields at one time, as a vtkUnstructuredGrid."""

    time: float  # [s], nan if the file does not tell
    grid: object
    path: Path
    view: tuple = None  # what pictures show, instead of the bounds of the mesh
    magnification: float = 0.0  # of the displacements by which the points have been moved
    _names: dict = field(default_factory=dict)  # plain name -> (full name, unit, "point" | "cell")

    def __post_init__(self):
        for where, data in (("cell", self.grid.GetCellData()), ("point", self.grid.GetPointData())):
            for i in range(data.GetNumberOfArrays()):
                full_name = data.GetArrayName(i)
                name, unit = split_name(full_name)
                self._names[name] = (full_name, unit, where)

    @property
    def names(self):
        """Plain names of all arrays."""
        return list(self._names)

    def __contains__(self, name):
        return name in self._names

    def unit(self, name):
        """SI unit of an array."""
        return self._find(name)[1]

    def full_name(self, name):
        return self._find(name)[0]

    def location(self, name):
        """"point" or "cell"."""
        return self._find(name)[2]

    def values(self, name):
        """Values [SI], shape (n,) or (n, n_components), over points or cells."""
        full_name, _, where = self._find(name)
        data = self.grid.GetPointData() if where == "point" else self.grid.GetCellData()
        return vtk_to_numpy(data.GetArray(full_name))

    @property
    def bounds(self):
        """(x_min, x_max, y_min, y_max, z_min, z_max) [m]."""
        return self.view or self.grid.GetBounds()

    @property
    def dim(self):
        """2 if the mesh lies in the plane z = 0, else 3."""
        low, high = self.bounds[4:]
        return 2 if high == low else 3

    def deformed(self, magnification, view=None):
        """The Snapshot with its points moved by `magnification` times the displacement."""
        full_name, _, where = self._find("displacement")
        if where != "point":
            raise ResultError(f"{self.path}: the displacement is not given at the points")
        points = vtk_to_numpy(self.grid.GetPoints().GetData())
        moved = vtkPoints()
        moved.SetData(numpy_to_vtk(points + magnification * self.values("displacement"), deep=True))
        grid = vtkUnstructuredGrid()
        grid.ShallowCopy(self.grid)
        grid.SetPoints(moved)
        return Snapshot(self.time, grid, self.path, view, magnification)

    def _find(self, name):
        if name not in self._names:
            raise ResultError(f"{self.path} has no field '{name}'; it has: {', '.join(self._names) or 'none'}")
        return self._names[name]


# Scalars made of one component of an array: plain name -> (plain name of the array, component, number of components).
_DERIVED = {"first_principal_stress": ("principal_stresses", 0, 3)}


def _add_derived(grid):
    for data in (grid.GetPointData(), grid.GetCellData()):
        arrays = [data.GetArray(i) for i in range(data.GetNumberOfArrays())]
        names = {split_name(array.GetName())[0]: array for array in arrays if array is not None}
        for name, (source, component, n_components) in _DERIVED.items():
            if source in names and name not in names and names[source].GetNumberOfComponents() == n_components:
                values = vtk_to_numpy(names[source])[:, component]
                array = numpy_to_vtk(np.ascontiguousarray(values), deep=True)
                array.SetName(names[source].GetName().replace(source, name))
                data.AddArray(array)


@dataclass
class Frame:
    """One output time: what is on disk, read when asked for."""

    time: float  # [s]
    files: list

    def read(self, names=None):
        """The Snapshot; with `names` only these arrays (plain names) are read, which saves memory."""
        if names is not None:
            names = list(names) + [source for name, (source, _, _) in _DERIVED.items() if name in names]
        grids = [read_grid(file, names) for file in self.files]
        grid = grids[0] if len(grids) == 1 else _append(grids)
        _add_derived(grid)
        time = self.time if np.isfinite(self.time) else _time_in(grid)
        return Snapshot(time, grid, self.files[0])


def open_frames(path):
    """All output times, in order, of a results folder, a .pvd file or single .vtu, .pvtu, .vtkhdf files.

    In a folder fields.pvd is taken, else fields.vtkhdf.series, else fields/*.vtkhdf. Raises ResultError if there is nothing
    to read.
    """
    path = Path(path)
    if path.is_dir():
        for series in (path / "fields.pvd", path / "fields.vtkhdf.series"):
            if series.is_file():
                return open_frames(series)
        files = sorted(path.glob("fields/*.vtkhdf"))
        if not files:
            raise ResultError(f"{path} has neither fields.pvd nor fields/*.vtkhdf")
        frames = [Frame(_time_of_hdf(file), [file]) for file in files]
        return sorted(frames, key=lambda frame: frame.time)
    if not path.is_file():
        raise ResultError(f"There is no file or folder {path}")
    if path.suffix == ".pvd":
        return read_pvd(path)
    if path.suffix == ".series":
        return read_series(path)
    return [Frame(_time_of_hdf(path) if path.suffix == ".vtkhdf" else float("nan"), [path])]


def read_pvd(path):
    """The Frames of a .pvd file. Several files of one time are parts of one mesh."""
    path = Path(path)
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise ResultError(f"{path} cannot be read: {error}") from None
    frames = {}
    for entry in root.iter("DataSet"):
        time = float(entry.get("timestep", "nan"))
        frames.setdefault(time, Frame(time, [])).files.append(path.parent / entry.get("file"))
    if not frames:
        raise ResultError(f"{path} names no data set")
    return sorted(frames.values(), key=lambda frame: frame.time)


def read_series(path):
    """The Frames of a .vtkhdf.series file."""
    path = Path(path)
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))["files"]
        return [Frame(float(entry["time"]), [path.parent / entry["name"]]) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResultError(f"{path} cannot be read: {error}") from None


def read_grid(path, names=None):
    """The vtkUnstructuredGrid of one .vtu, .pvtu or .vtkhdf file, with all arrays or those of the given plain names."""
    readers = {".vtu": vtkXMLUnstructuredGridReader, ".pvtu": vtkXMLPUnstructuredGridReader, ".vtkhdf": vtkHDFReader}
    path = Path(path)
    if path.suffix not in readers:
        raise ResultError(f"{path}: files of kind '{path.suffix}' cannot be read, only {', '.join(readers)}")
    if not path.is_file():
        raise ResultError(f"There is no file {path}")
    reader = readers[path.suffix]()
    reader.SetFileName(str(path))
    if names is not None:
        reader.UpdateInformation()
        for selection in (reader.GetPointDataArraySelection(), reader.GetCellDataArraySelection()):
            for i in range(selection.GetNumberOfArrays()):
                full_name = selection.GetArrayName(i)
                selection.SetArraySetting(full_name, int(split_name(full_name)[0] in names))
    reader.Update()
    grid = reader.GetOutput()
    if grid is None or grid.GetNumberOfCells() == 0:
        raise ResultError(f"{path} holds no cells")
    return grid


def _append(grids):
    append = vtkAppendFilter()
    for grid in grids:
        append.AddInputData(grid)
    append.Update()
    return append.GetOutput()


def _time_in(grid):
    """The time that a file carries in its field data [s], else nan."""
    for name in ("time [s]", "TimeValue", "TIME", "time"):
        array = grid.GetFieldData().GetArray(name)
        if array is not None and array.GetNumberOfTuples() > 0:
            return array.GetTuple1(0)
    return float("nan")


def _time_of_hdf(path):
    """The time of a VTKHDF file [s] without reading its fields; nan if it tells none."""
    import h5py
    try:
        with h5py.File(path, "r") as file:
            group = file.get("VTKHDF/FieldData", {})
            for name in ("time [s]", "TimeValue", "time"):
                if name in group:
                    return float(np.ravel(group[name][()])[0])
    except OSError as error:
        raise ResultError(f"{path} cannot be read: {error}") from None
    return float("nan")


# --- Planes, sampled images, contour lines -----------------------------------------------------------------------------

@dataclass
class FieldImage:
    """Fields sampled on the pixels of a plane, row 0 at the bottom (the anode)."""

    extent: tuple    # (left, right, bottom, top) [m]
    valid: np.ndarray  # (rows, columns) of bool: the pixel lies in the mesh
    values: dict     # plain name -> (rows, columns) or (rows, columns, 3) [SI]
    units: dict      # plain name -> SI unit
    cell_size: np.ndarray  # (rows, columns): side of the cell that holds the pixel [m]

    @property
    def shape(self):
        return self.valid.shape

    def coordinates(self):
        """Coordinates of the pixels [m]: x of the columns, y of the rows."""
        left, right, bottom, top = self.extent
        rows, columns = self.shape
        return (left + (np.arange(columns) + 0.5) * (right - left) / columns,
                bottom + (np.arange(rows) + 0.5) * (top - bottom) / rows)

    def magnitude(self, name):
        """The field, or its length where it is a vector, shape (rows, columns)."""
        values = self.values[name]
        return values if values.ndim == 2 else np.linalg.norm(values, axis=2)


def plane_axes(dim, normal="y"):
    """Axes (horizontal, vertical, normal) of a plane: the x-y plane in 2-D, else the plane with the given normal."""
    if dim == 2:
        return 0, 1, 2
    return {"x": (1, 2, 0), "y": (0, 2, 1), "z": (0, 1, 2)}[normal]


def sample(snapshot, names, longer_side=1200, normal="y", position=0.5):
    """Samples fields on a plane: the whole mesh in 2-D, in 3-D the plane across `normal` at the relative `position`.

    `longer_side` is the number of pixels along the longer side. Cell fields are constant per cell, point fields are
    interpolated as the finite elements do. Returns a FieldImage.
    """
    across, up, through = plane_axes(snapshot.dim, normal)
    bounds = np.array(snapshot.bounds).reshape(3, 2)
    sides = bounds[:, 1] - bounds[:, 0]
    pixel = max(sides[across], sides[up]) / longer_side
    counts = np.ones(3, dtype=int)
    spacing = np.ones(3)
    origin = bounds[:, 0].copy()
    for axis in (across, up):
        counts[axis] = max(2, round(sides[axis] / pixel))
        spacing[axis] = sides[axis] / counts[axis]
        origin[axis] += 0.5 * spacing[axis]
    # Off the faces between cells, where both or none might claim the pixel.
    origin[through] += (position + 1e-6) * sides[through] if position < 0.5 else (position - 1e-6) * sides[through]

    image = vtkImageData()
    image.SetDimensions(*(int(n) for n in counts))
    image.SetSpacing(*spacing)
    image.SetOrigin(*origin)
    source = vtkUnstructuredGrid()
    source.ShallowCopy(snapshot.grid)
    size = numpy_to_vtk(cell_sizes(source), deep=True)
    size.SetName("cell_size of the sampling")
    source.GetCellData().AddArray(size)
    probe = vtkProbeFilter()
    probe.SetInputData(image)
    probe.SetSourceData(source)
    probe.Update()
    data = probe.GetOutput().GetPointData()

    shape = (counts[up], counts[across])
    valid = vtk_to_numpy(data.GetArray(probe.GetValidPointMaskArrayName())).reshape(shape).astype(bool)
    values = {}
    for name in names:
        array = vtk_to_numpy(data.GetArray(snapshot.full_name(name)))
        values[name] = array.reshape(shape + array.shape[1:]).astype(float)
    extent = (bounds[across, 0], bounds[across, 1], bounds[up, 0], bounds[up, 1])
    size = vtk_to_numpy(data.GetArray("cell_size of the sampling")).reshape(shape)
    return FieldImage(extent, valid, values, {name: snapshot.unit(name) for name in names}, size)


def cell_sizes(grid):
    """Length of the first edge of each cell [m], shape (n_cells,)."""
    points = vtk_to_numpy(grid.GetPoints().GetData())
    first = vtk_to_numpy(grid.GetCells().GetOffsetsArray())[:-1]
    corners = vtk_to_numpy(grid.GetCells().GetConnectivityArray())
    return np.linalg.norm(points[corners[first + 1]] - points[corners[first]], axis=1).astype(float)


def contour_lines(snapshot, name, level=0.5, normal="y", position=0.5):
    """The line(s) where a point field equals `level` [SI] in the plane of `sample`: segments of shape (n, 2, 2) [m]."""
    grid = point_data(snapshot, name)
    across, up, through = plane_axes(snapshot.dim, normal)
    if snapshot.dim == 3:
        bounds = np.array(snapshot.bounds).reshape(3, 2)
        origin, direction = bounds.mean(axis=1), np.zeros(3)
        origin[through] = bounds[through, 0] + position * (bounds[through, 1] - bounds[through, 0])
        direction[through] = 1.0
        grid = cut(grid, origin, direction)
    contour = vtkContourFilter()
    contour.SetInputData(grid)
    contour.SetInputArrayToProcess(0, 0, 0, 0, snapshot.full_name(name))
    contour.SetValue(0, level)
    contour.Update()
    lines = contour.GetOutput()
    if lines.GetNumberOfLines() == 0:
        return np.zeros((0, 2, 2))
    points = vtk_to_numpy(lines.GetPoints().GetData())[:, [across, up]]
    return points[vtk_to_numpy(lines.GetLines().GetConnectivityArray()).reshape(-1, 2)]


def point_data(snapshot, name):
    """The grid with `name` as point data: as it is, or averaged from the cells."""
    if snapshot.location(name) == "point":
        return snapshot.grid
    convert = vtkCellDataToPointData()
    convert.SetInputData(snapshot.grid)
    convert.Update()
    return convert.GetOutput()


def cut(grid, origin, normal):
    """The vtkPolyData where the plane through `origin` [m] across `normal` cuts the grid."""
    plane = vtkPlane()
    plane.SetOrigin(*origin)
    plane.SetNormal(*normal)
    cutter = vtkCutter()
    cutter.SetCutFunction(plane)
    cutter.SetInputData(grid)
    cutter.Update()
    return cutter.GetOutput()
