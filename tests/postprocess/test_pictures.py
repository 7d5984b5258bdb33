"""Plots and pictures: the programs run and write files of a sensible size; parts with known answers are checked."""

import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import warnings
from pathlib import Path

import numpy as np
from PIL import Image

import field_image
import lithoclase_results as results
import lithoclase_style as style
import plot_history
import render
import synthetic


class WithResults(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "case"
        warnings.simplefilter("error", UserWarning)
        self.addCleanup(warnings.resetwarnings)

    def run_quietly(self, program, *arguments):
        with contextlib.redirect_stdout(io.StringIO()):
            program([str(argument) for argument in arguments])

    def assert_picture(self, path, least_colours=20):
        """The file is a picture with something on it."""
        with Image.open(path) as image:
            self.assertGreater(min(image.size), 100)
            colours = image.convert("RGB").getcolors(maxcolors=image.size[0] * image.size[1])
        self.assertGreater(len(colours), least_colours)


class HistoryPlots(WithResults):
    def test_one_run_and_two_runs(self):
        synthetic.write_results(self.path, cells=(4, 6), times=(0.0,))
        other = self.path.parent / "other.csv"
        synthetic.write_history(other, speed=5e-9)
        self.run_quietly(plot_history.main, self.path)
        self.assert_picture(self.path / "pictures" / "history.png")
        pdf = self.path.parent / "both.pdf"
        self.run_quietly(plot_history.main, self.path, other, "--output", pdf, "--against", "charge", "--labels", "a,b")
        self.assertEqual(pdf.read_bytes()[:4], b"%PDF")

    def test_panels_hold_the_columns_that_belong_together(self):
        self.path.mkdir()
        synthetic.write_history(self.path / "history.csv")
        panels = {plot.title: plot.curves for plot in plot_history.choose_panels([results.read_history(self.path)])}
        self.assertEqual([name for name, _ in panels["Lithium by place"]], ["anode", "grain_boundary", "pore", "isolated"])
        self.assertEqual(panels["Cell voltage"], [("", "cell_voltage")])
        self.assertEqual([name for name, _ in panels["Position of the front"]], ["mean", "max"])

    def test_forces_energies_and_cracks(self):
        self.path.mkdir()
        synthetic.write_crack_history(self.path / "history.csv")
        history = results.read_history(self.path)
        plots = plot_history.with_force_displacement(plot_history.choose_panels([history]), [history])
        curves = {plot.title: [name for name, _ in plot.curves] for plot in plots}
        self.assertEqual(curves["Reaction force"], ["bottom_y", "top_y"])  # x is zero or rounding
        self.assertEqual(curves["Energies"], ["strain_energy", "work", "fracture_energy"])
        for title in ("Crack length", "Volume of the opening", "Largest damage", "Passes of displacement and damage"):
            self.assertIn(title, curves)
        against, = [plot for plot in plots if plot.abscissas is not None]  # the bottom is held, the top pulled
        self.assertEqual(against.title, "Force: top y")
        np.testing.assert_allclose(against.abscissas[0], synthetic.PULL * history["time"], rtol=1e-12)
        self.run_quietly(plot_history.main, self.path)
        self.assert_picture(self.path / "pictures" / "history.png")

    def test_a_history_of_one_step_shows_points(self):
        self.path.mkdir()
        synthetic.write_crack_history(self.path / "history.csv", n_steps=1)
        self.run_quietly(plot_history.main, self.path)
        self.assert_picture(self.path / "pictures" / "history.png")

    def test_an_unknown_column_is_named(self):
        self.path.mkdir()
        synthetic.write_history(self.path / "history.csv")
        with self.assertRaisesRegex(SystemExit, "No run has a column 'voltage'; there are: .*cell_voltage"):
            self.run_quietly(plot_history.main, self.path, "--columns", "voltage")


class FieldPictures(WithResults):
    def test_all_pictures_of_a_run(self):
        synthetic.write_results(self.path, times=(0.0, 500.0, 1000.0))
        self.run_quietly(render.main, self.path, "--pixels", 300)
        for name in ("structure", "ionic_potential", "electronic_current_density", "overview", "structure_strip"):
            self.assert_picture(self.path / "pictures" / f"{name}.png")
        with Image.open(self.path / "pictures" / "structure.gif") as animation:
            self.assertEqual(animation.n_frames, 3)

    def test_cracks(self):
        synthetic.write_results(self.path, times=(0.0, 1000.0), of=synthetic.crack_fields)
        self.run_quietly(render.main, self.path, "--pixels", 300)
        pictures = self.path / "pictures"
        for name in ("structure", "damage", "first_principal_stress", "hydrostatic_pressure", "overview", "damage_strip"):
            self.assert_picture(pictures / f"{name}.png")
        self.assertFalse((pictures / "stress.png").exists() or (pictures / "lithium.png").exists())
        with Image.open(pictures / "damage.gif") as animation:
            self.assertEqual(animation.n_frames, 2)
        self.run_quietly(render.main, self.path, "--pixels", 300, "--deformed", "--fields", "structure,damage",
                         "--output", self.path / "deformed")
        self.assert_picture(self.path / "deformed" / "damage_strip.png")

    def test_an_overview_of_mechanics_alone(self):
        synthetic.write_results(self.path, times=(0.0,), of=synthetic.plain_block)
        self.run_quietly(render.main, self.path, "--pixels", 200)
        self.assert_picture(self.path / "pictures" / "overview.png")
        self.assertFalse((self.path / "pictures" / "structure.png").exists())

    def test_coarse_meshes_and_vtkhdf(self):
        synthetic.write_results(self.path, cells=(6, 9), times=(0.0,), kind="vtkhdf")
        self.run_quietly(render.main, self.path, "--fields", "structure,overpotential", "--range", "overpotential=-0.02:0.02",
                         "--format", "png,pdf", "--output", self.path / "there")
        self.assert_picture(self.path / "there" / "overpotential.png")
        self.assertTrue((self.path / "there" / "structure.pdf").is_file())

    def test_an_unknown_field_is_named(self):
        synthetic.write_results(self.path, cells=(4, 6), times=(0.0,))
        with self.assertRaisesRegex(SystemExit, "no field 'lithum'; it has: structure, .*lithium"):
            self.run_quietly(render.main, self.path, "--fields", "lithum")

    def test_three_dimensions(self):
        synthetic.write_results(self.path, dim=3, cells=(12, 12, 18), times=(1000.0,))
        command = [sys.executable, render.__file__, str(self.path), "--fields", "structure", "--pixels", "300"]
        subprocess.run(command + ["--flat", "--output", str(self.path / "flat")], check=True, stdout=subprocess.DEVNULL)
        self.assert_picture(self.path / "flat" / "structure.png")
        if not os.environ.get("DISPLAY") and not shutil.which("xvfb-run"):
            self.skipTest("neither a display nor xvfb-run")
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        # Lit silver has many tones, which no flat picture has.
        self.assert_picture(self.path / "pictures" / "structure.png", least_colours=500)

    def test_a_crack_in_three_dimensions(self):
        if not os.environ.get("DISPLAY") and not shutil.which("xvfb-run"):
            self.skipTest("neither a display nor xvfb-run")
        synthetic.write_results(self.path, dim=3, cells=(12, 12, 18), times=(1000.0,), of=synthetic.crack_fields)
        subprocess.run([sys.executable, render.__file__, str(self.path), "--fields", "damage", "--pixels", "300"], check=True,
                       stdout=subprocess.DEVNULL)
        self.assert_picture(self.path / "pictures" / "damage.png", least_colours=300)


class Cracks(WithResults):
    """What pictures of a crack must get right, on a coarse mesh."""

    def setUp(self):
        super().setUp()
        synthetic.write_results(self.path, times=(1000.0,), of=synthetic.crack_fields)
        self.snapshot = results.open_frames(self.path)[0].read()

    def test_the_first_principal_stress_is_the_first_component(self):
        np.testing.assert_array_equal(self.snapshot.values("first_principal_stress"),
                                      self.snapshot.values("principal_stresses")[:, 0])
        alone = results.open_frames(self.path)[0].read(["first_principal_stress"])
        self.assertEqual(alone.unit("first_principal_stress"), "Pa")

    def test_what_is_broken_or_empty_does_not_count_in_the_colours_of_stresses(self):
        values = self.snapshot.values("principal_stresses").copy()
        damage = self.snapshot.values("damage")
        broken = damage[synthetic.box(2, (40, 60))[1]].min(axis=1) > field_image.BROKEN
        empty = self.snapshot.values("phase") == 1
        self.assertGreater(min(broken.sum(), empty.sum()), 5)
        before, _ = field_image.common_norm([field_image.make_picture(self.snapshot, "first_principal_stress", 300)])
        self.snapshot.values("first_principal_stress")[broken | empty] = 1e12
        after, _ = field_image.common_norm([field_image.make_picture(self.snapshot, "first_principal_stress", 300)])
        self.assertEqual((before.vmin, before.vmax), (after.vmin, after.vmax))
        self.assertEqual(after.vmin, -after.vmax)
        self.assertLessEqual(after.vmax, np.quantile(values, 0.999) * 1.1e-6)  # MPa

    def test_damage_is_drawn_from_zero_to_one(self):
        picture = field_image.make_picture(self.snapshot, "damage", 300)
        norm, ends = field_image.common_norm([picture])
        self.assertEqual((norm.vmin, norm.vmax, ends), (0, 1, "neither"))

    def test_the_deformed_body_is_as_much_larger_as_it_is_pulled(self):
        displacement = self.snapshot.values("displacement")
        deformed = self.snapshot.deformed(50.0)
        self.assertAlmostEqual((deformed.bounds[3] - self.snapshot.bounds[3]) / (50 * displacement[:, 1].max()), 1.0, delta=0.05)
        picture = field_image.make_picture(deformed, "damage", 300)
        self.assertIn("displacement × 50", field_image.caption(picture, 1000.0))
        self.assertNotIn("×", field_image.caption(field_image.make_picture(self.snapshot, "damage", 100), 1000.0))

    def test_a_magnification_without_displacement_is_refused(self):
        other = self.path.parent / "other"
        synthetic.write_results(other, cells=(4, 6), times=(0.0,))
        with self.assertRaisesRegex(SystemExit, "no field 'displacement'"):
            self.run_quietly(render.main, other, "--deformed")


class Parts(unittest.TestCase):
    def test_formulas_of_time(self):
        time = np.array([0.0, 1.0, 10.0])
        for text, expected in (("2*nm*t/s", 2e-9 * time), ("5 nm", [5e-9] * 3), ("-1e-9*t^2", -1e-9 * time**2),
                               ("if(t<2, t, 2)*um", [0, 1e-6, 2e-6]), ("0.05*nm*min(t, 4*s)", [0, 5e-11, 2e-10])):
            np.testing.assert_allclose(results.evaluate_in_time(text, time), expected, rtol=1e-12)
        for text in ("", "x*t", "t*furlong", "t.real", "__import__('os')", "t ? 1 : 2", "(t"):
            self.assertIsNone(results.evaluate_in_time(text, time))

    def test_values_continue_into_what_is_not_valid(self):
        values = np.array([[0, 0, 0], [0, 5, 7], [0, 0, 0.0]])
        valid = np.array([[0, 0, 0], [0, 1, 1], [0, 0, 0]], dtype=bool)
        np.testing.assert_array_equal(field_image.continued(values, valid), [[5, 5, 7]] * 3)

    def test_scale_bars_have_round_lengths(self):
        for largest, length in ((6e-6, 5e-6), (1e-5, 1e-5), (4.9e-6, 2e-6), (1.99e-6, 1e-6)):
            self.assertAlmostEqual(style.nice_length(largest) / length, 1.0, delta=1e-12)

    def test_a_single_huge_value_does_not_take_all_colours(self):
        norm, ends = style.colour_scale(np.append(np.linspace(0, 1, 10000), 1e6), "linear")
        self.assertLess(norm.vmax, 1.01)
        self.assertEqual(ends, "max")

    def test_signed_fields_have_zero_in_the_middle(self):
        values = np.zeros(100000)
        values[:50] = -3.0  # an interface of few pixels
        norm, _ = style.colour_scale(values, "symmetric")
        self.assertEqual((norm.vmin, norm.vmax, norm(0.0)), (-3.0, 3.0, 0.5))

    def test_logarithmic_scales_have_whole_decades(self):
        norm, _ = style.colour_scale(np.geomspace(3e-4, 0.5, 1000), "log")
        self.assertAlmostEqual(norm.vmin / 1e-4, 1.0, delta=1e-12)
        self.assertAlmostEqual(norm.vmax, 1.0, delta=1e-12)

    def test_the_blur_keeps_sums_and_has_its_width(self):
        point = np.zeros((101, 101))
        point[50, 50] = 1.0
        smooth = field_image.blur(point, 4.0)
        self.assertAlmostEqual(smooth.sum(), 1.0, delta=1e-9)
        variance = (smooth.sum(axis=0) * (np.arange(101) - 50) ** 2).sum()
        self.assertAlmostEqual(np.sqrt(variance), 4.0, delta=0.5)  # the widths of running means are odd numbers

    def test_staircases_become_straight_boundaries(self):
        cells = np.add.outer(np.arange(20), np.arange(20)) >= 20
        grain = np.kron(cells, np.ones((10, 10)))  # a diagonal boundary in cells of 10 pixels
        smooth = field_image.smooth_grains(grain, np.full(grain.shape, 10.0), 1.0)
        row, column = np.nonzero(smooth[40:160, 40:160][1:] != smooth[40:160, 40:160][:-1])
        self.assertLess(np.ptp(row + column), 9)  # 19 with the staircase

    def test_flux_lines_follow_a_uniform_flux(self):
        lines = field_image.flux_lines(np.zeros((60, 40)), np.full((60, 40), -2.0), 4)
        self.assertEqual(len(lines), 4)
        for line in lines:
            self.assertLess(np.ptp(line[:, 0]), 1e-9)
            self.assertLess(line[-1, 1], 4)

    def test_flux_lines_stop_where_nothing_is_shown(self):
        v = np.full((60, 40), -2.0)
        v[:30] = np.nan
        for line in field_image.flux_lines(np.zeros((60, 40)), v, 4):
            self.assertGreaterEqual(line[:, 1].min(), 29)


if __name__ == "__main__":
    unittest.main()
