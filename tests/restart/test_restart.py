"""The same answer after a restart, on another number of ranks, and after rejected steps; damage to none by refinement.

Ten steps of a small cell with refinement and coarsening on. The tolerances of the solvers are 1e-12 here, since growth amplifies what
they leave. Compared are all columns of the last row except those about the computation itself, relative to the largest value of the
column in the run.
"""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import lithoclase_case as lc  # noqa: E402

CASE = pathlib.Path(__file__).resolve().parents[1] / "support" / "small_cell.prm"
TIGHT = ("Charge transport/Newton/relative tolerance=1e-13", "Charge transport/Newton/linear tolerance=1e-10", "Output/formats=")
ABOUT_THE_COMPUTATION = {"sweeps", "nonlinear_iterations", "linear_iterations", "wall_time", "memory"}
ERRORS = {"charge_balance_error", "charge_volume_error"}  # rounding noise, bounded by other tests


class Restart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = lc.Folder()
        cls.reference = cls.run_case("reference", 10)

    @classmethod
    def tearDownClass(cls):
        cls.folder.close()

    @classmethod
    def run_case(cls, name, steps, *arguments, ranks=1, settings=()):
        result = lc.run(CASE, *arguments, ranks=ranks, folder=cls.folder.path,
                        settings=[*TIGHT, f"Time stepping/maximum steps={steps}", f"Output/directory={name}",
                                  "Output/checkpoint step interval=5", *settings])
        assert result.returncode == 0, result.stdout[-2000:] + result.stderr
        return lc.history(cls.folder.path / name)

    def assert_same(self, rows, tolerance):
        self.assertEqual(len(rows), len(self.reference))
        for column in self.reference[-1]:
            if column in ABOUT_THE_COMPUTATION | ERRORS:
                continue
            scale = max(abs(row[column]) for row in self.reference) or 1.
            difference = abs(rows[-1][column] - self.reference[-1][column]) / scale
            self.assertLessEqual(difference, tolerance, column)

    def test_the_mesh_changed_during_the_run(self):
        self.assertGreater(len({row["cells"] for row in self.reference}), 1)

    def test_same_ranks(self):
        self.run_case("same", 5)
        self.assert_same(self.run_case("same", 10, "--resume"), 1e-10)

    def test_two_ranks_without_restart(self):
        self.assert_same(self.run_case("two", 10, ranks=2), 1e-8)

    def test_restart_on_more_ranks(self):
        self.run_case("more", 5)
        self.assert_same(self.run_case("more", 10, "--resume", ranks=2), 1e-8)

    def test_restart_on_fewer_ranks(self):
        self.run_case("fewer", 5, ranks=2)
        self.assert_same(self.run_case("fewer", 10, "--resume"), 1e-8)


if __name__ == "__main__":
    unittest.main()
