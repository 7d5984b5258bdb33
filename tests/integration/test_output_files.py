"""The field files that two ranks write are read by VTK's own readers and by h5py, and hold the fields that were written."""

import os
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

import h5py
import numpy as np
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkFiltersCore import vtkCellCenters
from vtkmodules.vtkFiltersVerdict import vtkCellSizeFilter
from vtkmodules.vtkIOHDF import vtkHDFReader
from vtkmodules.vtkIOXML import vtkXMLGenericDataObjectReader

EDGE = 20e-6  # of the box; its lower corner is at -1e-6
TOLERANCE = 1e-5  # of numbers with 32 bits, up to about 20


def expected(points, factor, dim):
    """The linear function of tests/unit/adaptive_case.h."""
    return 1.0 + sum(factor * (d + 1) * points[:, d] / EDGE for d in range(dim))


class OutputFiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        program = os.path.join(os.environ["LITHOCLASE_BUILD_DIR"], "unit_tests")
        subprocess.run(
            ["mpirun", "-n", "2", program, "--gtest_filter=FieldOutput.WritesFilesForReaders"],
            env=dict(os.environ, LITHOCLASE_TEST_OUTPUT=cls.folder),
            check=True,
            stdout=subprocess.DEVNULL,
        )

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def path(self, dim, name):
        return os.path.join(self.folder, f"{dim}d", name)

    def check_grid(self, grid, dim):
        points = vtk_to_numpy(grid.GetPoints().GetData()).astype(float)
        at_points, in_cells = grid.GetPointData(), grid.GetCellData()
        potential = vtk_to_numpy(at_points.GetArray("ionic_potential [V]"))
        np.testing.assert_allclose(potential, expected(points, 1, dim), atol=TOLERANCE)
        displacement = vtk_to_numpy(at_points.GetArray("displacement [m]"))
        self.assertEqual(displacement.shape, (len(points), 3))
        for d in range(dim):
            np.testing.assert_allclose(displacement[:, d], expected(points, d + 1, dim), atol=TOLERANCE)
        self.assertTrue(np.all(displacement[:, dim:] == 0))

        centers = vtkCellCenters()
        centers.SetInputData(grid)
        centers.Update()
        centers = vtk_to_numpy(centers.GetOutput().GetPoints().GetData()).astype(float)
        rate = vtk_to_numpy(in_cells.GetArray("reaction_rate [A m^-3]"))
        np.testing.assert_allclose(rate, expected(centers, -2, dim), atol=TOLERANCE)
        current = vtk_to_numpy(in_cells.GetArray("ionic_current_density [A m^-2]"))
        np.testing.assert_allclose(current, centers / EDGE, atol=TOLERANCE)
        grain = vtk_to_numpy(in_cells.GetArray("grain [1]"))
        np.testing.assert_array_equal(grain, np.where(centers[:, 0] < 0.2 * EDGE, 1, 2))

        sizes = vtkCellSizeFilter()
        sizes.SetInputData(grid)
        sizes.Update()
        name = "Area" if dim == 2 else "Volume"
        total = np.sum(vtk_to_numpy(sizes.GetOutput().GetCellData().GetArray(name)).astype(float))
        self.assertAlmostEqual(total / EDGE**dim, 1.0, places=5)
        time = grid.GetFieldData().GetArray("TimeValue")
        self.assertEqual(time.GetNumberOfTuples(), 1)
        self.assertEqual(time.GetTuple1(0), 1.5)

    def test_pvd_lists_files_that_exist(self):
        for dim in (2, 3):
            root = ElementTree.parse(self.path(dim, "fields.pvd")).getroot()
            entries = [(float(e.get("timestep")), e.get("file")) for e in root.iter("DataSet")]
            self.assertEqual(
                entries, [(0.0, "fields/fields_000000.pvtu"), (1.5, "fields/fields_000007.pvtu")]
            )
            for _, name in entries:
                self.assertTrue(os.path.exists(self.path(dim, name)))

    def test_vtu_of_each_group(self):
        for dim in (2, 3):
            n_cells = 0
            for piece in range(2):
                reader = vtkXMLGenericDataObjectReader()
                reader.SetFileName(self.path(dim, f"fields/fields_000007_{piece}.vtu"))
                reader.Update()
                self.check_points_are_unique(reader.GetOutput())
                n_cells += reader.GetOutput().GetNumberOfCells()
            with h5py.File(self.path(dim, "fields/fields_000007.vtkhdf")) as file:
                self.assertEqual(n_cells, np.sum(file["VTKHDF/NumberOfCells"]))

    def test_vtu_is_plain_xml(self):
        """Newer XML parsers, and ParaView 5.11 with them, refuse what is appended to it."""
        for dim in (2, 3):
            arrays = list(ElementTree.parse(self.path(dim, "fields/fields_000007_0.vtu")).getroot().iter("DataArray"))
            self.assertGreater(len(arrays), 5)
            self.assertLessEqual({array.get("format") for array in arrays}, {"binary", "ascii"})

    def check_points_are_unique(self, grid):
        points = vtk_to_numpy(grid.GetPoints().GetData())
        self.assertEqual(len(np.unique(points, axis=0)), len(points))

    def test_pvtu_holds_the_fields(self):
        for dim in (2, 3):
            reader = vtkXMLGenericDataObjectReader()
            reader.SetFileName(self.path(dim, "fields/fields_000007.pvtu"))
            reader.Update()
            self.check_grid(reader.GetOutput(), dim)

    def test_vtkhdf_holds_the_fields(self):
        for dim in (2, 3):
            reader = vtkHDFReader()
            name = self.path(dim, "fields/fields_000007.vtkhdf")
            self.assertTrue(reader.CanReadFile(name))
            reader.SetFileName(name)
            reader.Update()
            self.check_grid(reader.GetOutput(), dim)

    def test_vtkhdf_layout(self):
        for dim in (2, 3):
            with h5py.File(self.path(dim, "fields/fields_000007.vtkhdf")) as file:
                root = file["VTKHDF"]
                self.assertEqual(list(root.attrs["Version"]), [1, 0])
                self.assertEqual(root.attrs["Type"], b"UnstructuredGrid")
                n_points, n_cells = root["NumberOfPoints"][:], root["NumberOfCells"][:]
                self.assertEqual(len(n_points), 2, "a partition per rank")
                self.assertEqual(root["Points"].shape, (sum(n_points), 3))
                self.assertEqual(root["Offsets"].shape, (sum(n_cells) + 2,))
                self.assertEqual(root["Types"].shape, (sum(n_cells),))
                self.assertEqual(root["Connectivity"].shape, (sum(n_cells) * 2**dim,))
                self.assertEqual(root["PointData/displacement [m]"].shape, (sum(n_points), 3))
                self.assertEqual(root["CellData/reaction_rate [A m^-3]"].attrs["unit"], b"A m^-3")
                self.assertEqual(root["FieldData/step"][0], 7)
                begin = 0
                for n in n_points:
                    points = root["Points"][begin : begin + n]
                    self.assertEqual(len(np.unique(points, axis=0)), n, "no point twice inside a rank")
                    begin += n


if __name__ == "__main__":
    unittest.main()
