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
        panels = {title: curves for title, _, curves in plot_history.choose_panels([results.read_history(self.path)])}
        self.assertEqual([name for name, _ in panels["Lithium by place"]], ["anode", "grain_boundary", "pore", "isolated"])
        self.assertEqual(panels["Cell voltage"], [("", "cell_voltage")])
        self.assertEqual([name for name, _ in panels["Position of the front"]], ["mean", "max"])

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


class Parts(unittest.TestCase):
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
