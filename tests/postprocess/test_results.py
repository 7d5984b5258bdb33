"""Reading results: names and units, histories, .pvd, .vtu and .vtkhdf files, sampled planes, contour lines."""

import tempfile
import unittest
from pathlib import Path

import numpy as np

import lithoclase_results as results
import synthetic


class Names(unittest.TestCase):
    def test_name_and_unit_are_separated(self):
        self.assertEqual(results.split_name("cell_voltage [V]"), ("cell_voltage", "V"))
        self.assertEqual(results.split_name("current_density [A/m^2]"), ("current_density", "A/m^2"))
        self.assertEqual(results.split_name("current_density [A m-2]"), ("current_density", "A/m^2"))
        self.assertEqual(results.split_name("speed [m s-1]"), ("speed", "m/s"))
        self.assertEqual(results.split_name("grain"), ("grain", "1"))

    def test_display_units_fit_the_size(self):
        for unit, value, text, shown in (("m", 20e-6, "µm", 20), ("A/m^2", 100, "mA/cm²", 10),
                                         ("C/m^2", 3.6e4, "mAh/cm²", 1), ("V", 0.05, "mV", 50), ("s", 7200, "min", 120),
                                         ("Pa", 2e8, "MPa", 200), ("S/m", 0.046, "mS/cm", 0.46)):
            display = results.display_unit(unit, [-value, 0.0])
            self.assertEqual(display.text, text)
            self.assertAlmostEqual(value * display.factor, shown, delta=1e-12 * shown)  # one rounding

    def test_unknown_units_are_shown_as_they_are(self):
        self.assertEqual(results.display_unit("W/m^2", [3.0]), results.DisplayUnit("W/m²", 1.0))


class Histories(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name) / "history.csv"

    def test_columns_are_found_by_plain_name(self):
        synthetic.write_history(self.path)
        history = results.read_history(self.folder.name)
        self.assertEqual(len(history), 200)
        self.assertEqual(history.units["charge"], "C/m^2")
        self.assertEqual(history["charge"][-1], 2e5)

    def test_a_line_still_being_written_is_left_out(self):
        self.path.write_text("time [s],cell_voltage [V]\n0,0.1\n1,0.2\n2")
        np.testing.assert_array_equal(results.read_history(self.path)["time"], [0, 1])

    def test_what_cannot_be_read_is_named(self):
        with self.assertRaisesRegex(results.ResultError, "no history at"):
            results.read_history(self.path)
        self.path.write_text("time [s],charge [C/m^2]\n1,2,3\n4,5\n")
        with self.assertRaisesRegex(results.ResultError, "line 2: 3 entries under 2 columns"):
            results.read_history(self.path)
        self.path.write_text("time [s]\n1\n")
        with self.assertRaisesRegex(results.ResultError, "no column 'charge'; it has: time"):
            results.read_history(self.path)["charge"]


class Fields(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name) / "case"

    def check_frames(self, kind, dim, cells):
        synthetic.write_results(self.path, dim, cells, times=(0.0, 500.0), kind=kind)
        frames = results.open_frames(self.path)
        self.assertEqual([frame.time for frame in frames], [0.0, 500.0])
        snapshot = frames[1].read()
        self.assertEqual(snapshot.dim, dim)
        self.assertEqual(snapshot.unit("ionic_current_density"), "A/m^2")
        self.assertEqual(snapshot.location("grain"), "cell")
        _, _, point_data, cell_data = synthetic.fields(dim, cells, 500.0)
        np.testing.assert_array_equal(snapshot.values("lithium"), point_data["lithium [1]"])
        np.testing.assert_array_equal(snapshot.values("ionic_current_density"), cell_data["ionic_current_density [A/m^2]"])

    def test_pvd_and_vtu(self):
        self.check_frames("vtu", 2, (10, 15))

    def test_vtkhdf(self):
        self.check_frames("vtkhdf", 2, (10, 15))

    def test_three_dimensions(self):
        self.check_frames("vtkhdf", 3, (4, 5, 6))

    def test_only_the_arrays_asked_for_are_read(self):
        synthetic.write_results(self.path, cells=(4, 6), times=(0.0,))
        self.assertEqual(results.open_frames(self.path)[0].read(["lithium"]).names, ["lithium"])

    def test_parts_of_one_time_are_put_together(self):
        self.path.mkdir()
        for i in range(2):
            points, *rest = synthetic.fields(2, (4, 6), 0.0)
            synthetic.write_vtu(self.path / f"{i}.vtu", synthetic.grid(2, points + [i * synthetic.WIDTH, 0, 0], *rest))
        (self.path / "fields.pvd").write_text(
            '<VTKFile><Collection><DataSet timestep="1" part="0" file="0.vtu"/>'
            '<DataSet timestep="1" part="1" file="1.vtu"/></Collection></VTKFile>')
        frames = results.open_frames(self.path)
        self.assertEqual(len(frames), 1)
        self.assertAlmostEqual(frames[0].read().bounds[1], 2 * synthetic.WIDTH, delta=1e-12)

    def test_what_cannot_be_read_is_named(self):
        self.path.mkdir()
        with self.assertRaisesRegex(results.ResultError, "neither fields.pvd nor"):
            results.open_frames(self.path)
        (self.path / "fields.pvd").write_text("<VTKFile><Collection>")
        with self.assertRaisesRegex(results.ResultError, "fields.pvd cannot be read"):
            results.open_frames(self.path)
        synthetic.write_results(self.path / "good", cells=(4, 6), times=(0.0,))
        with self.assertRaisesRegex(results.ResultError, "no field 'lithum'; it has: .*lithium"):
            results.open_frames(self.path / "good")[0].read().values("lithum")

    def test_a_linear_field_is_sampled_exactly(self):
        for dim, cells in ((2, (10, 15)), (3, (4, 5, 6))):
            points, connectivity, point_data, cell_data = synthetic.fields(dim, cells, 0.0)
            snapshot = results.Snapshot(0.0, synthetic.grid(dim, points, connectivity, point_data, cell_data), self.path)
            image = results.sample(snapshot, ["ionic_potential", "ionic_current_density"], longer_side=90)
            self.assertEqual(image.shape, (90, 60))
            self.assertTrue(image.valid.all())
            _, y = image.coordinates()
            exact = -0.01 + 2.0e3 * (y - synthetic.HEIGHT)
            # Scale 60 mV; rounding of single-precision coordinates inside VTK stays below 1e-6 of it.
            np.testing.assert_allclose(image.values["ionic_potential"], exact[:, None] * np.ones(60), atol=6e-8)
            self.assertEqual(image.values["ionic_current_density"].shape, (90, 60, 3))

    def test_the_contour_of_a_linear_field_is_its_line(self):
        for dim, cells in ((2, (10, 15)), (3, (4, 5, 6))):
            snapshot = results.Snapshot(0.0, synthetic.grid(dim, *synthetic.fields(dim, cells, 0.0)), self.path)
            lines = results.contour_lines(snapshot, "ionic_potential", level=-0.01 - 2.0e3 * 0.31 * synthetic.HEIGHT)
            length = np.linalg.norm(lines[:, 1] - lines[:, 0], axis=1).sum()
            self.assertAlmostEqual(length / synthetic.WIDTH, 1.0, delta=1e-5)
            np.testing.assert_allclose(lines[..., 1], 0.69 * synthetic.HEIGHT, rtol=1e-5)


if __name__ == "__main__":
    unittest.main()
