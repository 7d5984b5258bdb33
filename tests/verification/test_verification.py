"""The quick verification cases: every row of their table must pass."""

import os
import pathlib
import sys
import tempfile
import unittest

FOLDER = pathlib.Path(os.environ["LITHOCLASE_SOURCE_DIR"]) / "tests" / "verification"
sys.path.insert(0, str(FOLDER))

import verify  # noqa: E402  pylint: disable=wrong-import-position


class QuickCases(unittest.TestCase):
    def test_every_row_passes(self):
        cases = verify.chosen_cases([], quick=True)
        with tempfile.TemporaryDirectory() as directory:
            laboratories = verify.run_cases(cases, os.environ["LITHOCLASE_EXECUTABLE"], directory, 2, quick=True)
        for laboratory in laboratories:
            with self.subTest(laboratory.case):
                self.assertTrue(laboratory.rows, "the case checks nothing")
            for row in laboratory.rows:
                with self.subTest(row.case, quantity=row.quantity):
                    self.assertTrue(row.passed, ", ".join(row.as_text()))


if __name__ == "__main__":
    unittest.main()
