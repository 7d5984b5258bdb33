"""Bad images of labels: one clear sentence and exit code 2 for each mistake."""

import gzip
import pathlib
import struct
import sys
import unittest
import zlib

import h5py
import numpy as np
from vtkmodules.vtkCommonCore import vtkOutputWindow, vtkStringOutputWindow
from vtkmodules.vtkIOXML import vtkXMLImageDataReader

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import lithoclase_case as lc  # noqa: E402

BAD_INPUT = 2
CASE = """
set dimension = {dimension}
set mode = effective conductivity
subsection Mesh
  set size = {size}
  set coarse cells = 1, 1
  set minimum level = {level}
  set maximum level = {level}
end
subsection Microstructure
  subsection Label image
    set file = {file}
  end
end
"""


def halves():
    """Labels of two grains, [y, x] = [32, 32]."""
    labels = np.ones((32, 32), np.int32)
    labels[:, 16:] = 2
    return labels


def vti(labels, spacing="0.25 0.25 0.25"):
    """Text of a .vti file with the labels [y, x] of its cells."""
    rows, columns = labels.shape
    return (f'<VTKFile type="ImageData" version="1.0" byte_order="LittleEndian"><ImageData WholeExtent="0 {columns} 0 {rows} 0 1" '
            f'Origin="0 0 0" Spacing="{spacing}"><Piece Extent="0 {columns} 0 {rows} 0 1"><CellData>'
            f'<DataArray type="Int32" Name="label" format="ascii">{" ".join(map(str, labels.ravel()))}</DataArray>'
            "</CellData></Piece></ImageData></VTKFile>")


def raw_vti(labels):
    """Bytes of a .vti file whose values follow as they are in memory."""
    rows, columns = labels.shape
    values = labels.astype("<i4").tobytes()
    head = (f'<VTKFile type="ImageData" version="1.0" byte_order="LittleEndian" header_type="UInt32"><ImageData WholeExtent="0 {columns} 0 {rows} 0 1" '
            f'Origin="0 0 0" Spacing="0.25 0.25 0.25"><Piece Extent="0 {columns} 0 {rows} 0 1"><CellData>'
            '<DataArray type="Int32" Name="label" format="appended" offset="0"/></CellData></Piece></ImageData><AppendedData encoding="raw">_')
    return head.encode() + struct.pack("<I", len(values)) + values + b"</AppendedData></VTKFile>\n"


def vtk_finds_appended_data(path):
    """Whether this system's VTK reads such a .vti file; that of Ubuntu 24.04 does not."""
    errors = vtkStringOutputWindow()
    before = vtkOutputWindow.GetInstance()
    vtkOutputWindow.SetInstance(errors)
    reader = vtkXMLImageDataReader()
    reader.SetFileName(str(path))
    reader.Update()
    vtkOutputWindow.SetInstance(before)
    return reader.GetErrorCode() == 0 and not errors.GetOutput()


def legacy_vtk(labels, binary):
    """Bytes of a .vtk file with the labels [y, x] of its cells."""
    rows, columns = labels.shape
    head = (f"# vtk DataFile Version 3.0\nlabels\n{'BINARY' if binary else 'ASCII'}\nDATASET STRUCTURED_POINTS\nDIMENSIONS {columns + 1} {rows + 1} 2\n"
            f"ORIGIN 0 0 0\nSPACING 0.25 0.25 0.25\nCELL_DATA {labels.size}\nSCALARS label int 1\nLOOKUP_TABLE default\n")
    values = labels.astype(">i4").tobytes() if binary else " ".join(map(str, labels.ravel())).encode()
    return head.encode() + values + b"\n"


def png(labels):
    """Bytes of a grey picture, top row first."""
    def part(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows, columns = labels.shape
    lines = b"".join(b"\0" + line.astype(np.uint8).tobytes() for line in labels)
    return (b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)) + part(b"IDAT", zlib.compress(lines)) + part(b"IEND", b""))


def rectilinear(labels, x, y):
    """Text of a .vtk file with the labels [y, x] of the cells between coordinates."""
    axes = "".join(f"{axis}_COORDINATES {len(places)} double\n{' '.join(map(str, places))}\n" for axis, places in (("X", x), ("Y", y), ("Z", [0, 1])))
    return (f"# vtk DataFile Version 3.0\nlabels\nASCII\nDATASET RECTILINEAR_GRID\nDIMENSIONS {len(x)} {len(y)} 2\n{axes}"
            f"CELL_DATA {labels.size}\nSCALARS label int 1\nLOOKUP_TABLE default\n{' '.join(map(str, labels.ravel()))}\n")


def tiff(layers, big_endian=False, big=False):
    """Bytes of a grey TIFF file (or BigTIFF) of layers [y, x], each with its pixels behind its description."""
    order, place, size = ">" if big_endian else "<", "Q" if big else "I", 8 if big else 4
    content = (b"MM" if big_endian else b"II") + (struct.pack(order + "HHHQ", 43, 8, 0, 16) if big else struct.pack(order + "HI", 42, 8))
    for layer in layers:
        rows, columns = layer.shape
        entries = {256: columns, 257: rows, 258: 8, 259: 1, 262: 1, 273: 0, 277: 1, 278: rows, 279: layer.size}
        end = len(content) + struct.calcsize(order + ("Q" if big else "H")) + len(entries) * (4 + 2 * size) + size
        entries[273] = end
        content += struct.pack(order + ("Q" if big else "H"), len(entries))
        content += b"".join(struct.pack(f"{order}HH{place}{place}", tag, 16 if big else 4, 1, value) for tag, value in entries.items())
        content += struct.pack(order + place, 0 if layer is layers[-1] else end + layer.size) + layer.astype(np.uint8).tobytes()
    return content


class BadLabelImage(unittest.TestCase):
    def setUp(self):
        self.folder = lc.Folder()
        self.addCleanup(self.folder.close)

    def result(self, file, *settings, level=6):
        case = self.folder.write("case.prm", CASE.format(dimension=2, size="8 um, 8 um", level=level, file=file))
        settings = [setting if setting.startswith("Microstructure/") else "Microstructure/Label image/" + setting for setting in settings]
        return lc.run(case, "--validate", settings=settings, folder=self.folder.path)

    def refused(self, words, file, *settings, level=6):
        result = self.result(file, *settings, level=level)
        self.assertEqual(result.returncode, BAD_INPUT, result.stdout + result.stderr)
        message = [line for line in result.stderr.splitlines() if line.startswith("lithoclase: ")]
        self.assertEqual(len(message), 1, result.stderr)
        self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)
        for word in words:
            self.assertIn(word, message[0])

    def npy(self, labels, name="labels.npy"):
        np.save(self.folder.path / name, labels)
        return name

    def hdf5(self):
        with h5py.File(self.folder.path / "labels.h5", "w") as file:
            file["/scan/GrainIds"] = halves()
            file["/scan/Quality"] = np.ones(5)
        return "labels.h5"

    def test_the_image_itself_is_valid(self):
        result = self.result(self.npy(halves()), "spacing=0.25 um")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.folder.write("labels.vti", vti(halves()))
        result = self.result("labels.vti", "file unit=1 um")
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_missing_file(self):
        self.refused(["nothing.vti", "does not exist"], "nothing.vti")

    def test_unknown_format(self):
        self.folder.write("labels.stl", "solid")
        self.refused([".stl", ".vti", ".npy"], "labels.stl")

    def test_one_label_only(self):
        self.refused(["one label only, 1"], self.npy(np.ones((32, 32), np.uint8)), "spacing=0.25 um")

    def test_more_labels_than_cells(self):
        labels = np.kron(np.arange(64).reshape(8, 8), np.ones((4, 4), int))
        self.refused(["64 grains", "more than", "finest cells (4)"], self.npy(labels), "spacing=0.25 um", level=1)

    def test_grey_values(self):
        self.refused(["grey values", "segment"], self.npy(np.arange(64 * 64).reshape(64, 64)), "spacing=0.125 um")

    def test_spacing_left_out(self):
        self.refused(["nothing about the size of its voxels", "spacing"], self.npy(halves()))

    def test_unit_left_out(self):
        self.folder.write("labels.vti", vti(halves()))
        self.refused(["0.25", "without a unit", "file unit"], "labels.vti")

    def test_one_spacing_for_flat_voxels(self):
        self.folder.write("labels.vti", vti(halves(), "0.25 0.5 1"))
        self.refused(["ratio 0.25 : 0.5 : 1", "one per axis"], "labels.vti", "spacing=0.25 um")

    def test_mirrored_axis(self):
        self.folder.write("labels.vti", vti(halves(), "-0.25 0.25 1"))
        self.refused(["-0.25", "fall along x", "mirror' = x"], "labels.vti", "file unit=1 um")
        content = legacy_vtk(halves(), False).replace(b"SPACING 0.25 0.25", b"SPACING -0.25 -0.25")
        (self.folder.path / "labels.vtk").write_bytes(content)
        self.folder.write("grid.vtk", rectilinear(halves(), np.linspace(8, 0, 33), np.linspace(8, 0, 33)))
        for name in ("labels.vtk", "grid.vtk"):
            self.refused(["-0.25", "fall along x, y", "mirror' = x, y"], name, "file unit=1 um")
            self.refused(["-0.25", "mirror' = x, y"], name, "spacing=0.25 um")
            self.refused(["-0.25", "fall along y", "mirror' = y"], name, "file unit=1 um", "mirror=x")
            result = self.result(name, "file unit=1 um", "mirror=x, y")  # as the sentence says
            self.assertEqual(result.returncode, 0, result.stderr)

    def test_image_smaller_than_the_box(self):
        self.refused(["from 0 um to 4 um", "must cover"], self.npy(halves()), "spacing=0.125 um")

    def test_files_cut_short(self):
        name = self.npy(halves())
        path = self.folder.path / name
        path.write_bytes(path.read_bytes()[:-100])
        self.refused(["cut short"], name, "spacing=0.25 um")
        text = vti(halves())
        self.folder.write("labels.vti", text[: len(text) // 2])
        self.refused(["cut short"], "labels.vti", "file unit=1 um")
        name = self.hdf5()
        path = self.folder.path / name
        path.write_bytes(path.read_bytes()[:1000])
        self.refused(["cut short"], name, "spacing=0.25 um", "dataset=scan/GrainIds")
        header = "ObjectType = Image\nNDims = 2\nDimSize = 32 32\nElementSpacing = 1 1\nElementType = MET_INT\nElementDataFile = labels.raw\n"
        self.folder.write("labels.mhd", header)
        (self.folder.path / "labels.raw").write_bytes(halves().tobytes()[:-100])
        self.refused(["cut short"], "labels.mhd", "spacing=0.25 um")

    def test_files_of_vtk_formats_cut_short(self):
        files = {"labels.vti": raw_vti(halves()), "ascii.vtk": legacy_vtk(halves(), False), "binary.vtk": legacy_vtk(halves(), True), "labels.png": png(halves())}
        for name, content in files.items():
            spacing = "spacing=0.25 um" if name.endswith("png") else "file unit=1 um"
            path = self.folder.path / name
            path.write_bytes(content)
            result = self.result(name, spacing)
            if name == "labels.vti" and not vtk_finds_appended_data(path):
                self.refused(["Data Mode"], name, spacing)
                continue
            self.assertEqual(result.returncode, 0, name + result.stderr)
            for length in (len(content) - 30, len(content) // 2):
                with self.subTest(file=name, length=length):
                    path.write_bytes(content[:length])
                    self.refused(["cut short"], name, spacing)
        damaged = bytearray(files["labels.png"])
        damaged[50] ^= 1
        path.write_bytes(damaged)
        self.refused(["checksum"], "labels.png", "spacing=0.25 um")

    def test_tiff_files_cut_short(self):
        layers = [halves(), 3 - halves(), halves()]
        path = self.folder.path / "stack.tif"
        settings = ("spacing=0.25 um", "crop=:, :, 2:2")
        for form in ({}, {"big_endian": True}, {"big": True}):
            content = tiff(layers, **form)
            path.write_bytes(content)
            result = self.result("stack.tif", *settings)
            self.assertEqual(result.returncode, 0, result.stderr)
            begin_of_last = content.rfind(tiff(layers[2:], **form)[-1024:]) - 2  # within its description
            for length, layer, reach in ((len(content) - 1, 3, len(content)), (begin_of_last, 3, begin_of_last + 2), (1000, 1, None), (9, 1, None)):
                with self.subTest(form=form, length=length):
                    path.write_bytes(content[:length])
                    words = ["stack.tif' is cut short", f"layer {layer} reaches to byte ", f"the file ends at byte {length}."]
                    self.refused(words + ([f"byte {reach}, but"] if reach and length > begin_of_last else []), "stack.tif", *settings)
        path.write_bytes(b"II*")
        self.refused(["cut short", "within the first 8 bytes"], "stack.tif", *settings)
        path.write_bytes(b"begin like something else")
        self.refused(["does not begin like a TIFF file"], "stack.tif", *settings)
        circle = bytearray(tiff(layers[:1]))
        circle[8 + 2 + 9 * 12: 8 + 2 + 9 * 12 + 4] = struct.pack("<I", 8)
        path.write_bytes(circle)
        self.refused(["after layer 1 it begins anew"], "stack.tif", *settings)

    def test_series_with_a_layer_missing(self):
        settings = ("spacing=0.25 um", "crop=:, :, 1:1")
        for ending, content in {"png": png(halves()), "tif": tiff([halves()])}.items():
            for number in (1, 2, 3, 4):
                (self.folder.path / f"layer_{number:03}.{ending}").write_bytes(content)
            result = self.result(f"layer_*.{ending}", *settings)
            self.assertEqual(result.returncode, 0, result.stderr)
            (self.folder.path / f"layer_003.{ending}").unlink()
            self.refused([f"layer_*.{ending}' lacks layer 3, between 'layer_002.{ending}' and 'layer_004.{ending}'"], f"layer_*.{ending}", *settings)
            (self.folder.path / f"layer_02.{ending}").write_bytes(content)
            self.refused(["same number twice", f"'layer_002.{ending}' and 'layer_02.{ending}'"], f"layer_*.{ending}", *settings)

    def test_grid_of_unequal_voxels(self):
        x = np.concatenate([np.linspace(0, 4, 17), np.linspace(4.5, 8, 8)])
        labels = np.ones((32, 24), int)
        labels[:, 16:] = 2
        self.folder.write("grid.vtk", rectilinear(labels, x, np.linspace(0, 8, 33)))
        result = self.result("grid.vtk", "file unit=1 um")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.refused(["grid of unequal voxels", "file unit"], "grid.vtk", "spacing=0.25 um")
        x[3] = x[2]
        self.folder.write("grid.vtk", rectilinear(labels, x, np.linspace(0, 8, 33)))
        self.refused(["coordinates along x", "neither rise nor fall"], "grid.vtk", "file unit=1 um")

    def test_resampling_that_cannot_be(self):
        name = self.npy(halves())
        result = self.result(name, "spacing=0.25 um", "resampled spacing=0.3 um")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.refused(["8 um long along x", "one voxel", "resampled spacing"], name, "spacing=0.25 um", "resampled spacing=6 um")
        self.refused(["6.4e13 voxels", "4294967294", "resampled spacing"], name, "spacing=0.25 um", "resampled spacing=1e-6 um")
        self.refused(["resampled spacing' has 4 values", "one per axis"], name, "spacing=0.25 um", "resampled spacing=1 um, 1 um, 1 um, 1 um")
        self.refused(["24 times finer than the band width", "resampled spacing = 0.0625 um"], name, "spacing=0.25 um", "resampled spacing=0.02 um")
        self.refused(["positive"], name, "spacing=0.25 um", "resampled spacing=0 um")
        self.refused(["coarsening"], name, "spacing=0.25 um", "coarsening=2")

    def test_turned_meta_image(self):
        for line, words in {"TransformMatrix = -1 0 0 1": ["TransformMatrix is not the unit matrix"], "ElementSpacing = -0.25 0.25": ["not positive"],
                            "TransformMatrix = 1 0 0 1": None}.items():
            with self.subTest(line=line):
                header = f"ObjectType = Image\nNDims = 2\nDimSize = 32 32\n{line}\nElementType = MET_INT\nElementDataFile = labels.raw\n"
                self.folder.write("labels.mhd", header)
                (self.folder.path / "labels.raw").write_bytes(halves().tobytes())
                if words:
                    self.refused(["mirrored", *words], "labels.mhd", "spacing=0.25 um")
                else:
                    self.assertEqual(self.result("labels.mhd", "spacing=0.25 um").returncode, 0)

    def nrrd(self, body, encoding, kind="int", name="labels.nrrd"):
        head = f"NRRD0004\ntype: {kind}\ndimension: 2\nsizes: 32 32\nendian: little\nencoding: {encoding}\n\n"
        (self.folder.path / name).write_bytes(head.encode() + body)
        return name

    def test_nrrd(self):
        packed = gzip.compress(halves().tobytes())
        result = self.result(self.nrrd(packed, "gzip"), "spacing=0.25 um")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.refused(["cut short"], self.nrrd(packed[:-30], "gzip"), "spacing=0.25 um")
        text = " ".join(map(str, halves().ravel())).encode()
        self.refused(["cut short", "values for 32 x 32 x 1"], self.nrrd(text[:-10], "ascii"), "spacing=0.25 um")
        self.refused(["1.5", "(0, 0, 0)", "whole numbers"], self.nrrd(b"1.5" + text[1:], "ascii"), "spacing=0.25 um")
        self.refused(["'bzip2'", "'gzip'"], self.nrrd(packed, "bzip2"), "spacing=0.25 um")
        self.refused(["'block'", "whole numbers"], self.nrrd(packed, "raw", "block"), "spacing=0.25 um")

    def tesr(self, data, format_="ascii"):
        text = f"***tesr\n **format\n   2.1\n **general\n   2\n   32 32\n   0.25 0.25\n **data\n   {format_}\n"
        (self.folder.path / "labels.tesr").write_bytes(text.encode() + data)
        return "labels.tesr"

    def test_raster_tessellation(self):
        text = " ".join(map(str, halves().ravel())).encode()
        result = self.result(self.tesr(text + b"\n***end\n"), "file unit=1 um")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.refused(["cut short"], self.tesr(text[:-20]), "file unit=1 um")
        self.refused(["cut short"], self.tesr(halves().astype(np.int16).tobytes()[:-20], "binary16"), "file unit=1 um")
        self.refused(["'float'", "binary16"], self.tesr(text, "float"), "file unit=1 um")
        self.refused(["1.5", "whole numbers"], self.tesr(b"1.5" + text[1:]), "file unit=1 um")
        self.folder.write("labels.tesr", "***tesr\n **format\n   2.1\n **general\n   2\n   32 32\n   1 1\n***end\n")
        self.refused(["'**data'"], "labels.tesr", "file unit=1 um")

    def table(self, header="x,y,FeatureId", skip=0, label=lambda value: value):
        lines = [f"{0.25 * i},{0.25 * j},{label(value)}" for (j, i), value in np.ndenumerate(halves())]
        self.folder.write("map.csv", "\n".join([header] + lines[skip:]) + "\n")
        return "map.csv"

    def test_tables(self):
        result = self.result(self.table(), "file unit=1 um")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.refused(["lacks the column FeatureId", "'Quality'", "Euler angles"], self.table("x,y,Quality"), "file unit=1 um")
        self.refused(["lacks the column y", "'x'"], self.table("x,row,FeatureId"), "file unit=1 um")
        self.refused(["1023 points", "32 x 32 x 1", "cut short"], self.table(skip=1), "file unit=1 um")
        self.refused(["1.25", "whole numbers"], self.table(label=lambda value: value + 0.25), "file unit=1 um")
        path = self.folder.path / self.table()
        path.write_text(path.read_text()[:-3])
        self.refused(["Line 1025", "2 numbers for 3 columns", "cut short"], "map.csv", "file unit=1 um")

    def test_labels_that_are_no_whole_numbers(self):
        labels = halves().astype(float)
        labels[3, 5] = 1.5
        self.refused(["1.5", "(5, 3, 0)", "whole numbers"], self.npy(labels), "spacing=0.25 um")

    def test_dataset_that_is_missing(self):
        self.refused(["GrainId", "did you mean '/scan/GrainIds'"], self.hdf5(), "spacing=0.25 um", "dataset=/scan/GrainId")
        self.refused(["'/scan/GrainIds'"], self.hdf5(), "spacing=0.25 um")

    def test_label_that_the_image_lacks(self):
        self.refused(["'7'", "holds no such label", "1 to 2"], self.npy(halves()), "spacing=0.25 um", "empty labels=7")
        self.folder.write("angles.txt", "unit degree\n1 0 0 0\n9 0 45 0\n")
        self.refused(["Line 3", "label 9", "1 to 2"], self.npy(halves()), "spacing=0.25 um", "orientation file=angles.txt")

    def test_infiltration_that_cannot_be(self):
        labels = halves()
        labels[12:20, 4:12] = 3
        name = self.npy(labels)
        infiltration = ("spacing=0.25 um", "Microstructure/Pores/Infiltration/active=true")
        self.refused(["name them among the empty labels"], name, "liquid labels=3", *infiltration)
        self.refused(["none of the 1 pores is open to the side `bottom`"], name, "empty labels=3", *infiltration)
        self.refused(["there are no pores to fill", "empty labels"], name, *infiltration)
        labels[:12, 6:10] = 3
        name = self.npy(labels)
        self.refused(["smallest throat radius of 0.6 um", "radius of 0.4375 um"], name, "empty labels=3", *infiltration,
                     "Microstructure/Pores/Infiltration/smallest throat radius=0.6 um")

    def test_label_in_two_lists(self):
        self.refused(["label 2", "another list"], self.npy(halves()), "spacing=0.25 um", "empty labels=2", "liquid labels=1:2")

    def test_volume_in_two_dimensions(self):
        self.refused(["4 layers", "crop = :, :, 2:2"], self.npy(np.stack([halves()] * 4)), "spacing=0.25 um")

    def test_crop_outside(self):
        self.refused(["'0:40'", "0:31"], self.npy(halves()), "spacing=0.25 um", "crop=0:40, :")

    def test_image_and_generated_grains(self):
        name = self.npy(halves())
        case = self.folder.write("both.prm", CASE.format(dimension=2, size="8 um, 8 um", level=6, file=name))
        result = lc.run(case, "--validate", folder=self.folder.path,
                        settings=["Microstructure/Label image/spacing=0.25 um", "Microstructure/Grains/number of grains=3"])
        self.assertEqual(result.returncode, BAD_INPUT, result.stderr)
        self.assertIn("leave one of them out", result.stderr)


if __name__ == "__main__":
    unittest.main()
