"""Parameter studies: quantities in SI units, the table of a study, plots of observables against parameters."""

import contextlib
import csv
import ctypes
import ctypes.util
import io
import json
import math
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import h5py
import matplotlib.pyplot as plt
import numpy as np

import collect_study
import plot_critical
import plot_study
import synthetic_study
from lithoclase_results import ResultError, read_parameters
from lithoclase_study import read_study
from lithoclase_units import quantity, si_unit

UNITS = ["um", "nm", "mm^2", "1/s", "h", "min", "mA/cm^2", "uA/cm^2", "mS/cm", "S/m", "Ohm cm^2", "kOhm", "MPa", "GPa", "J/m^2",
         "mJ/m^2", "mV", "K", "kg/m^3", "g/cm^3", "mol/L", "cm^2/s", "J/mol/K", "m s-1", "N/m", "%", "A m-2", "C/m^2", "kJ/mol"]


class Quantities(unittest.TestCase):
    def test_quantities_of_parameter_files(self):
        for text, value, unit in (("20 um", 2e-5, "m"), ("5*MPa", 5e6, "Pa"), ("-1.5e-3 mV", -1.5e-6, "V"), ("14", 14.0, "1"),
                                  ("10 mA/cm^2", 100.0, "A/m^2"), ("1 mAh/cm^2", 3.6e4, "C/m^2"), ("25 degC", 298.15, "K"),
                                  ("5 Ohm cm^2", 5e-4, "Ohm m^2"), ("2 eV", 2 * 1.602176634e-19, "J")):
            number, name = quantity(text)
            self.assertEqual(name, unit)
            self.assertAlmostEqual(number / value, 1.0, delta=1e-14)
        self.assertEqual(quantity(3, "um"), (3e-6, "m"))

    def test_what_is_no_single_number_is_none(self):
        for text in ("cubic", "20 um, 20 um", "2*nm*t/s", "5 furlong", "", "true", "1 um 2", "3 m^0.5", True, None):
            self.assertIsNone(quantity(text), text)

    def test_factors_are_those_of_udunits(self):
        name = ctypes.util.find_library("udunits2")
        if not name:
            self.skipTest("the library udunits2 is not there")
        library = ctypes.CDLL(name)
        for function in ("ut_read_xml", "ut_parse", "ut_get_converter"):
            getattr(library, function).restype = ctypes.c_void_p
        library.cv_convert_double.restype = ctypes.c_double
        library.ut_set_error_message_handler(library.ut_ignore)
        system = ctypes.c_void_p(library.ut_read_xml(None))
        for text in UNITS:
            unit, factor = si_unit(text)
            parsed = [ctypes.c_void_p(library.ut_parse(system, t.encode(), 2)) for t in (text, unit)]
            converter = library.ut_get_converter(*parsed)
            self.assertTrue(converter, f"{text} to {unit}")
            one = library.cv_convert_double(ctypes.c_void_p(converter), ctypes.c_double(1.0))
            self.assertAlmostEqual(factor / one, 1.0, delta=1e-12, msg=text)


class WithStudy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "study"

    def run_quietly(self, main, *arguments):
        with contextlib.redirect_stdout(io.StringIO()):
            main([str(argument) for argument in arguments])


class Tables(WithStudy):
    def rows(self):
        with open(self.path / "table.csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def test_values_of_finished_runs(self):
        synthetic_study.write_study(self.path)
        self.run_quietly(collect_study.main, self.path)
        rows = self.rows()
        self.assertEqual(len(rows), 27 + 6)
        row = rows[0]  # 1 um, 1 J/m^2, seed 1
        for head, value in (("size [m]", 1e-6), ("strength [J/m^2]", 1), ("seed [1]", 1),
                            ("final_effective_ionic_conductivity_yy [S/m]", 2.0 * 0.01 * 0.9), ("final_cell_voltage [V]", 0.01),
                            ("max_cell_voltage [V]", 0.019), ("min_cell_voltage [V]", 0.01), ("cracking_current_density [A/m^2]", 10),
                            ("short_circuit_time [s]", 2), ("cracking_x [m]", 4e-6), ("wall_time [s]", 36),
                            ("core_hours [h]", 0.02), ("ranks [1]", 2), ("unknowns [1]", 1010), ("memory [B]", 2e8), ("steps [1]", 3)):
            self.assertAlmostEqual(float(row[head]) / value, 1.0, delta=1e-12, msg=head)
        for head, text in (("run", "0001"), ("state", "finished"), ("reason", ""), ("size (as given)", "1 um"), ("job", "12_3"),
                           ("strength (as given)", "1 J/m^2"), ("exit_reason", "the end time is reached"),
                           ("cracking_place", "grain boundary")):
            self.assertEqual(row[head], text)

    def test_the_cost_counts_all_attempts_with_their_ranks(self):
        synthetic_study.write_study(self.path)
        self.run_quietly(collect_study.main, self.path)
        self.assertEqual(float(self.rows()[1]["wall_time [s]"]), 36 + 72)
        self.assertAlmostEqual(float(self.rows()[1]["core_hours [h]"]), (2 * 36 + 72) / 3600, delta=1e-12)

    def test_runs_in_trouble_are_rows_with_a_reason(self):
        synthetic_study.write_study(self.path)
        self.run_quietly(collect_study.main, self.path)
        waiting, running, failed, timed_out, gone, damaged = self.rows()[27:]
        self.assertEqual([row["state"] for row in (waiting, running, failed, timed_out, gone)],
                         ["waiting", "running", "failed", "timed_out", "missing"])
        self.assertIn("goes on", running["reason"])
        self.assertEqual(failed["reason"], "the solver <did> not converge")
        self.assertEqual(timed_out["reason"], "over its time limit")
        self.assertIn("there is no folder", gone["reason"])
        self.assertIn("run.json cannot be read", damaged["reason"])
        for row in (waiting, failed, gone):
            self.assertEqual(row["final_cell_voltage [V]"], "")
            self.assertEqual(float(row["size [m]"]), 1e-5)
        self.assertEqual(float(running["final_time [s]"]), 10.0)  # the line that is cut off does not count
        self.assertEqual((float(running["wall_time [s]"]), running["wall_time_from"]), (30.0, "history"))

    def test_hdf5_holds_the_same(self):
        synthetic_study.write_study(self.path)
        self.run_quietly(collect_study.main, self.path, "--output", self.path / "out" / "all")
        with h5py.File(self.path / "out" / "all.h5") as file:
            self.assertEqual(file.attrs["base"], "base.prm")
            self.assertEqual(file["parameters/size"].attrs["unit"], "m")
            np.testing.assert_allclose(file["parameters/size"][:27], np.repeat([1e-6, 1e-5, 1e-4], 9), rtol=1e-14)
            self.assertTrue(math.isnan(file["observables/final_cell_voltage"][27]))
            self.assertEqual(file["run/state"].asstr()[29], "failed")
            self.assertEqual(set(file), {"run", "parameters", "observables", "onsets", "cost"})

    def test_jobs_are_numbers_or_records(self):
        for job, text in ((None, ""), (12, "12"), ("12_3", "12_3"), ({"pid": 7, "host": "a"}, "pid 7, host a")):
            self.assertEqual(collect_study.job_text(job), text)

    def test_words_and_mixed_values_are_texts(self):
        runs = synthetic_study.write_study(self.path, troubled=False)
        record = json.loads((self.path / "study.json").read_text())
        for i, run in enumerate(record["runs"]):
            run["values"] = {"split": ["none", "spectral"][i % 2], "state": 1 + i % 3}
        record["parameters"] = [{"name": "split", "key": "a/b", "unit": None}, {"name": "state", "key": "c", "unit": None}]
        (self.path / "study.json").write_text(json.dumps(record))
        table = collect_study.collect(read_study(self.path))
        self.assertIsNone(table["split"].unit)
        self.assertEqual(table["split"].values[:2], ["none", "spectral"])
        self.assertEqual(table["state"].values[0], "finished")  # a parameter of that name goes beside it
        self.assertEqual(table["state (parameter)"].values[:3], [1.0, 2.0, 3.0])
        self.assertEqual(len(runs), 27)

    def test_without_status_the_results_tell_the_state(self):
        synthetic_study.write_study(self.path, troubled=False)
        for file in self.path.glob("runs/*/status.json"):
            file.unlink()
        (self.path / "runs/0002/results/run.json").unlink()
        record = json.loads((self.path / "runs/0003/results/run.json").read_text())
        (self.path / "runs/0003/results/run.json").write_text(json.dumps(dict(record, exit_code=3, exit_reason="step failed")))
        runs = read_study(self.path).runs
        self.assertEqual([run.state for run in runs[:3]], ["finished", "failed", "failed"])
        self.assertEqual([run.reason for run in runs[:3]], ["", "The run ends.", "step failed"])

    def test_what_is_no_study_is_named(self):
        self.path.mkdir()
        with self.assertRaisesRegex(SystemExit, "no study at .*no study.json"):
            collect_study.main([str(self.path)])
        (self.path / "study.json").write_text('{"runs": []}')
        with self.assertRaisesRegex(SystemExit, "study.json cannot be read: KeyError: 'parameters'"):
            collect_study.main([str(self.path)])

    def test_includes_of_parameter_files_are_followed(self):
        self.path.mkdir()
        (self.path / "part.prm").write_text("subsection Mesh\n set size = 3 um\n set levels = 2\nend\n")
        (self.path / "case.prm").write_text("include part.prm\nsubsection Mesh\n set levels = 4\nend\ninclude case.prm\n")
        self.assertEqual(read_parameters(self.path / "case.prm"), {"Mesh/size": "3 um", "Mesh/levels": "4"})


class RealRuns(WithStudy):
    def test_a_study_of_real_runs(self):
        if not Path(os.environ.get("LITHOCLASE_EXECUTABLE", "")).is_file():
            self.skipTest("LITHOCLASE_EXECUTABLE names no program")
        source = Path(__file__).resolve().parents[2]
        subprocess.run([sys.executable, source / "cluster" / "study.py", "run", source / "input" / "studies" / "grain_size_boundary_conductivity.yaml", "--smoke",
                        "--folder", self.path], check=True, stdout=subprocess.DEVNULL, timeout=600)
        table = collect_study.collect(read_study(self.path))
        self.assertEqual(table["state"].values, ["finished", "finished"])
        for axis in ("xx", "yy"):
            small, large = table[f"final_effective_ionic_conductivity_{axis}"].numbers()
            # Blocking boundaries and voids of 4 % lower the 0.046 S/m of the grains, small grains more than large ones.
            self.assertTrue(0.015 < small < large < 0.92 * 0.046, (small, large))
        self.assertGreater(table["wall_time"].values[0], 0)
        self.assertGreater(table["unknowns"].values[0], 1000)


class Plots(WithStudy):
    CONDUCTIVITY = "effective_ionic_conductivity_yy"

    def sample(self, observable, **options):
        synthetic_study.write_study(self.path, **options)
        return plot_study.read_sample(collect_study.collect(read_study(self.path)), observable)

    def axes(self):
        figure, axes = plt.subplots()
        self.addCleanup(plt.close, figure)
        return axes

    def test_means_and_spread_over_seeds(self):
        sample, axes = self.sample(self.CONDUCTIVITY), self.axes()
        self.assertEqual(sample.left_out, 5)  # the one with a damaged record did finish
        note = plot_study.draw_curves(axes, sample, "size", "strength")
        self.assertIn("range over seeds", note)
        self.assertEqual((axes.get_xscale(), axes.get_yscale()), ("log", "log"))
        mean = next(line for line in axes.get_lines() if line.get_label() == "1 J/m²")
        np.testing.assert_allclose(mean.get_xdata(), [1, 10, 100], rtol=1e-12)  # um
        factor = sample.y.unit.factor
        np.testing.assert_allclose(mean.get_ydata() / factor, [0.02, 0.2, 2.0], rtol=1e-12)
        bars = axes.containers[0].lines[2][0].get_segments()
        # The standard deviation of 0.9, 1, 1.1 is 0.1.
        np.testing.assert_allclose(bars[2][:, 1] / factor, [1.8, 2.2], rtol=1e-9)

    def test_a_formula_is_drawn_in_units_of_the_axes(self):
        sample, axes = self.sample(self.CONDUCTIVITY), self.axes()
        plot_study.draw_curves(axes, sample, "size", "strength", ("known", "2e4*size*strength"))
        known = next(line for line in axes.get_lines() if line.get_label() == "known")
        np.testing.assert_allclose(known.get_xdata()[[0, -1]], [1, 100], rtol=1e-12)  # um
        np.testing.assert_allclose(known.get_ydata()[[0, -1]] / sample.y.unit.factor, [0.02, 2.0], rtol=1e-12)
        with self.assertRaisesRegex(plot_study.StudyError, "there is no parameter 'length'"):
            plot_study.draw_curves(axes, sample, "size", "strength", ("known", "length"))

    def test_an_onset_that_was_not_reached_is_a_lower_limit(self):
        sample, axes = self.sample("short_circuit_current_density", troubled=False), self.axes()
        self.assertEqual((sample.reached.sum(), (~sample.reached).sum()), (18, 9))
        np.testing.assert_allclose(sample.y.values[~sample.reached] / sample.y.unit.factor, 100.0)  # the last current density
        plot_study.draw_curves(axes, sample, "strength")
        triangles = [line for line in axes.get_lines() if line.get_marker() == "^"]
        self.assertEqual(len(triangles[0].get_xdata()), 9)

    def test_a_map_has_the_means_in_its_cells(self):
        sample, axes = self.sample(self.CONDUCTIVITY, troubled=False), self.axes()
        plot_study.draw_map(axes, sample, "size", "strength")
        mesh = next(c for c in axes.collections if type(c).__name__ == "QuadMesh")
        values = np.asarray(mesh.get_array()).reshape(3, 3) / sample.y.unit.factor
        np.testing.assert_allclose(values, [[0.02, 0.2, 2.0]] * 3, rtol=1e-12)
        points = next(c for c in axes.collections if type(c).__name__ == "PathCollection")
        self.assertEqual(len(points.get_offsets()), 9)
        self.assertEqual(axes.get_xscale(), "log")

    def test_cells_end_half_way(self):
        np.testing.assert_allclose(plot_study.edges(np.array([1.0, 2.0, 4.0]), False), [0.5, 1.5, 3.0, 5.0])
        np.testing.assert_allclose(plot_study.edges(np.array([1.0, 100.0]), True), [0.1, 10.0, 1000.0])

    def test_scattered_samples_are_interpolated_between_runs(self):
        synthetic_study.write_study(self.path, troubled=False)
        record = json.loads((self.path / "study.json").read_text())
        record["runs"] = record["runs"][:6]
        for run, (a, b) in zip(record["runs"], [(0, 0), (1, 0.1), (0.2, 1), (0.9, 0.8), (0.4, 0.5), (0.6, 0.3)]):
            run["values"] = {"size": a, "strength": b}
        (self.path / "study.json").write_text(json.dumps(record))
        sample, axes = plot_study.read_sample(collect_study.collect(read_study(self.path)), "cell_voltage"), self.axes()
        self.assertIn("interpolated", plot_study.draw_map(axes, sample, "size", "strength"))
        points = axes.collections[-1].get_offsets()
        self.assertEqual(len(points), 6)

    def test_categories_stand_side_by_side(self):
        synthetic_study.write_study(self.path, troubled=False)
        record = json.loads((self.path / "study.json").read_text())
        for i, run in enumerate(record["runs"]):
            run["values"]["size"] = ["volumetric", "spectral", "none"][i // 9]
        (self.path / "study.json").write_text(json.dumps(record))
        sample, axes = plot_study.read_sample(collect_study.collect(read_study(self.path)), self.CONDUCTIVITY), self.axes()
        plot_study.draw_curves(axes, sample, "size")
        self.assertEqual([tick.get_text() for tick in axes.get_xticklabels()], ["none", "spectral", "volumetric"])

    def test_pictures_are_written(self):
        synthetic_study.write_study(self.path)
        self.run_quietly(plot_study.main, self.path, "--observable", self.CONDUCTIVITY, "--against", "size", "--by", "strength")
        self.run_quietly(plot_study.main, self.path, "--observable", self.CONDUCTIVITY, "--map", "size", "strength")
        for name in ("against_size_by_strength", "map_size_strength"):
            image = plt.imread(self.path / "pictures" / f"{self.CONDUCTIVITY}_{name}.png")
            self.assertGreater(len(np.unique(image.reshape(-1, image.shape[2]), axis=0)), 50)

    def test_unknown_names_are_answered_with_a_suggestion(self):
        synthetic_study.write_study(self.path)
        for arguments, message in ((("--observable", "cell_voltag", "--against", "size"), "did you mean .*final_cell_voltage"),
                                   (("--observable", "cell_voltage", "--against", "sizes"), "did you mean size"),
                                   (("--observable", "cell_voltage", "--map", "size", "colour"), "there are: size, strength, seed")):
            with self.assertRaisesRegex(SystemExit, message):
                plot_study.main([str(self.path), *arguments])

    def test_without_values_there_is_no_plot(self):
        with self.assertRaisesRegex(ResultError, "No finished run has a value of 'short_circuit_time'"):
            sample = self.sample("cracking_time", strengths=(5,), troubled=False)
            self.assertTrue(sample.reached.all())
            table = collect_study.collect(read_study(self.path))
            table.set(0, "onsets", "short_circuit_time", math.nan, "s")
            plot_study.read_sample(table, "short_circuit_time")


class Brackets(unittest.TestCase):
    """The picture of a search."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "study"
        synthetic_study.write_study(self.path, ("1 um",), (1,), (1,), troubled=False)
        synthetic_study.write_critical(self.path)
        self.brackets = plot_critical.read_brackets(read_study(self.path))

    def test_bars_span_the_brackets(self):
        figure, axes = plt.subplots()
        note = plot_critical.draw_brackets(axes, self.brackets, "size")
        bars = [segment[:, 1].tolist() for segment in axes.collections[0].get_segments()]
        self.assertEqual(bars, [[8.0, 9.0], [4.0, 5.0]])
        marks = {line.get_marker(): (line.get_xdata().tolist(), line.get_ydata().tolist()) for line in axes.lines if line.get_marker() in "^v"}
        self.assertEqual(marks, {"^": ([1.0], [20.0]), "v": ([10.0], [2.0])})
        self.assertEqual(axes.get_xlabel(), "Size (µm)")
        self.assertEqual(axes.get_ylabel(), "Critical current (mA/cm²)")
        for words in ("Cracking", "not seen up to there", "seen there already", "Without 1 of which nothing is known"):
            self.assertIn(words, note)
        plt.close(figure)

    def test_the_program_draws_and_refuses(self):
        with contextlib.redirect_stdout(io.StringIO()):
            plot_critical.main([str(self.path), "--against", "size", "--by", "strength"])
        self.assertTrue((self.path / "pictures/critical_against_size.png").is_file())
        with self.assertRaisesRegex(SystemExit, "no column 'sise'.*did you mean size"):
            plot_critical.main([str(self.path), "--against", "sise"])
        (self.path / "critical.csv").unlink()
        with self.assertRaisesRegex(SystemExit, "has no critical.csv"):
            plot_critical.main([str(self.path), "--against", "size"])


if __name__ == "__main__":
    unittest.main()
