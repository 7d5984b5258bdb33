"""Nucleation that stops at the foot of its barrier, where Newton's method from the usual guess fails."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import lithoclase_case as lc  # noqa: E402

CASE = pathlib.Path(__file__).resolve().parent / "tight_electrolyte.prm"


class TightElectrolyte(unittest.TestCase):
    def setUp(self):
        self.folder = lc.Folder()
        self.addCleanup(self.folder.close)

    def history(self, name, *settings):
        result = lc.run(CASE, settings=[f"Output/directory={name}", *settings], folder=self.folder.path)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertNotIn("step failed", result.stdout)
        rows = lc.history(self.folder.path / name)
        self.assertEqual(len(rows), 3)
        return rows

    def test_the_first_step_succeeds(self):
        leaky = self.history("leaky")
        for row in leaky:
            self.assertLess(abs(row["charge_balance_error"]), 1e-7)
        # With a thousandth of the conductivity what is left goes through the diffuse edge of the metal.
        tighter = self.history("tighter", "Electrolyte/electronic conductivity=1e-12 S/cm", "Electrolyte/grain boundary electronic conductivity=1e-10 S/cm")
        for row, less in zip(leaky, tighter):
            self.assertLess(less["leakage_current_density"], row["leakage_current_density"])
            self.assertAlmostEqual(less["cell_voltage"] / row["cell_voltage"], 1, delta=0.01)


if __name__ == "__main__":
    unittest.main()
