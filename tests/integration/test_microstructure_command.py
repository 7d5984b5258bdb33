"""`lithoclase microstructure` makes report and picture of the structure and nothing else."""

import json
import math
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import lithoclase_case as lc  # noqa: E402

CASE = pathlib.Path(__file__).resolve().parents[1] / "support" / "small_cell.prm"


class MicrostructureCommand(unittest.TestCase):

    def test_leaves_report_and_picture_without_a_simulation(self):
        folder = lc.Folder()
        self.addCleanup(folder.close)
        done = subprocess.run(["mpirun", "-n", "2", lc.EXECUTABLE, "microstructure", str(CASE)], cwd=folder.path, text=True,
                              env={**os.environ, **lc.MPI_ENVIRONMENT}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        results = folder.path / "results"
        self.assertEqual({path.name for path in results.iterdir()} - {".lock"}, {"microstructure.json", "microstructure.png"})
        self.assertEqual((results / "microstructure.png").read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
        report = json.loads((results / "microstructure.json").read_text())
        text = json.dumps(report)
        self.assertIn("porosity", text)
        self.assertIn("porosity", done.stdout)
        pores = math.pi * (0.8**2 + 0.7**2) / (8 * 6)  # of the area above the anode
        numbers = [value for key, value in walk(report) if "porosity" in key and isinstance(value, float)]
        self.assertTrue(any(abs(number / pores - 1) < 0.02 for number in numbers), (pores, numbers))


def walk(tree, name=""):
    """(name, value) of all numbers of a tree of dictionaries and lists."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from walk(value, key)
    elif isinstance(tree, list):
        for value in tree:
            yield from walk(value, name)
    else:
        yield name, tree


if __name__ == "__main__":
    unittest.main()
