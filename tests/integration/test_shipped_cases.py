"""The cases of input/ are valid, and each runs: two steps on a coarser mesh."""

import math
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import lithoclase_case as lc  # noqa: E402

CASES = sorted((lc.SOURCE / "input").glob("*.prm"))
COARSER = ["Mesh/minimum level=2", "Time stepping/maximum steps=2", "Output/formats=", "Output/checkpoint interval=0 s"]


class ShippedCases(unittest.TestCase):
    def setUp(self):
        self.folder = lc.Folder()
        self.addCleanup(self.folder.close)

    def test_there_are_cases(self):
        self.assertIn("llzo_polycrystal", [case.stem for case in CASES])

    def test_each_printed_is_valid(self):
        for case in CASES:
            with self.subTest(case.stem):
                printed = lc.run(case, "--print-parameters", folder=self.folder.path)
                self.assertEqual(printed.returncode, 0, printed.stderr)
                copy = self.folder.write("printed.prm", printed.stdout)
                result = lc.run(copy, "--validate", folder=self.folder.path)
                self.assertEqual(result.returncode, 0, result.stderr)

    def test_each_runs(self):
        for case in CASES:
            with self.subTest(case.stem):
                results = self.folder.path / case.stem
                result = lc.run(case, ranks=2, settings=[*COARSER, f"Output/directory={results}"], folder=self.folder.path)
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
                rows = lc.history(results)
                self.assertEqual(len(rows), 1 if "effective_ionic_conductivity_xx" in rows[0] else 2)
                for name, value in rows[-1].items():
                    self.assertTrue(math.isfinite(value), name)
                self.assertLess(abs(rows[-1].get("charge_balance_error", 0.0)), 1e-8)

    def test_results_go_to_a_folder_of_the_case_s_name(self):
        for case in CASES:
            with self.subTest(case.stem):
                self.assertIn(f"set directory = results/{case.stem}\n", case.read_text())

    def test_the_table_names_each(self):
        table = (lc.SOURCE / "input" / "README.md").read_text()
        for case in CASES:
            self.assertIn(f"`{case.name}`", table)


if __name__ == "__main__":
    unittest.main()
