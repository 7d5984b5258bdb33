"""The studies in input/studies: each says what trend to expect, the cases of its small version are valid, and those of two of them are run.

LITHOCLASE_LONG_TESTS=1 runs the small versions of all and checks all cases in full size (five minutes).
"""

import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from study_case import DRIVER, LONG_TESTS, SOURCE, Call, lc  # noqa: E402
import study_file  # noqa: E402

RUN = ("grain_size_boundary_conductivity", "stack_pressure")
ALL = "LITHOCLASE_LONG_TESTS" in os.environ
STUDIES = sorted((SOURCE / "input" / "studies").glob("*.yaml"))


class Shipped(unittest.TestCase):
    def test_all_are_there(self):
        self.assertGreaterEqual(len(STUDIES), 7)

    def test_trends_and_sizes(self):
        """Each has a trend with a source and no more than fifty runs."""
        for path in STUDIES:
            study = study_file.read(path)
            self.assertGreater(len(study.expected_trend), 100, path)
            self.assertRegex(study.expected_trend, r"20\d\d", path)
            self.assertLessEqual(len(study.variants()[0]), 50, path)
            self.assertEqual(study.name, path.stem)

    def test_small_versions(self):
        for path in STUDIES:
            with self.subTest(study=path.stem):
                self.small_version(path, path.stem in RUN or ALL)

    @LONG_TESTS
    def test_full_size_is_valid(self):
        for path in STUDIES:
            with self.subTest(study=path.stem):
                self.driver(path, "--dry-run")

    def driver(self, path, *arguments):
        """Call with the scratch folder in which the study was run; the study must succeed."""
        folder = lc.Folder()
        self.addCleanup(folder.close)
        call = Call(folder)
        result = subprocess.run([sys.executable, str(DRIVER), "run", str(path), "--folder", str(call.path), "--workers", "2", *arguments], env=call.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=3000)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return call

    def small_version(self, path, really):
        call = self.driver(path, "--smoke", *([] if really else ["--dry-run"]))
        if not really:
            return
        self.assertEqual(set(call.states()), {"finished"})
        for run in call.path.glob("runs/*"):
            self.assertTrue((run / "results" / "history.csv").read_text().count("\n") >= 2, run)
        search = study_file.read(path, smoke=True).search
        if search:
            self.assertTrue((call.path / "critical.csv").is_file())


if __name__ == "__main__":
    unittest.main()
