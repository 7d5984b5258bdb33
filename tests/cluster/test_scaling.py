"""Scaling: tables and efficiencies of a stand-in whose times are known, and of the program itself; costs per unknown as differences."""

import csv
import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from study_case import SOURCE, lc  # noqa: E402

# Four steps of 8 s, on RANKS ranks divided by their number but for 1 s that stays; unknowns by the cells of the mesh, 1 GiB.
STAND_IN = """#!{python}
import os, pathlib, sys
if "--version" in sys.argv:
    sys.exit()
given = dict(argument.split("=", 1) for argument in sys.argv[1:] if "=" in argument)
if "refuse" in os.environ:
    sys.exit("lithoclase: the mesh is refused")
ranks = int(os.environ.get("RANKS", 1))
steps = int(given["Time stepping/maximum steps"])
cells = 1
for number in given["Mesh/coarse cells"].split(","):
    cells *= 4 * int(number)
folder = pathlib.Path(given["Output/directory"])
folder.mkdir(parents=True)
step = 1.0 + 7.0 * cells / 4096 / ranks
rows = ["wall_time [s],unknowns [1],memory [B],linear_iterations [1]"] + [f"{{10 + step * i}},{{3 * cells}},{{2**30}},{{7 * ranks if i > 1 else 99}}" for i in range(1, steps + 1)]
(folder / "history.csv").write_text("\\n".join(rows) + "\\n")
"""


class Scaling(unittest.TestCase):
    def setUp(self):
        self.folder = lc.Folder()
        self.addCleanup(self.folder.close)
        self.environment = {**os.environ, **lc.MPI_ENVIRONMENT, "LITHOCLASE_EXECUTABLE": lc.EXECUTABLE}

    def stand_in(self, **environment):
        program = self.folder.write("program", STAND_IN.format(python=sys.executable))
        program.chmod(0o755)
        self.environment.update(LITHOCLASE_EXECUTABLE=str(program), **environment)

    def call(self, kind, *arguments):
        return subprocess.run([sys.executable, str(SOURCE / "cluster" / "scaling.py"), kind, "--output", str(self.folder.path / "scaling"), *arguments],
                              env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=600)

    def table(self, kind):
        with open(self.folder.path / f"scaling_{kind}.csv", newline="") as file:
            return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]

    def check_picture(self, kind):
        self.assertEqual((self.folder.path / f"scaling_{kind}.png").read_bytes()[:8], b"\x89PNG\r\n\x1a\n")

    def test_strong(self):
        """8 s on one rank, 1 + 7/2 on two, 1 + 7/4 on four."""
        self.stand_in()
        result = self.call("strong", "--ranks", "4,1,2", "--cells", "16", "--launcher", "env RANKS={ranks}")
        self.assertEqual(result.returncode, 0, result.stderr)
        table = self.table("strong")
        self.assertEqual([(row["ranks"], row["seconds per step"], row["unknowns"]) for row in table], [(1, 8.0, 12288), (2, 4.5, 12288), (4, 2.75, 12288)])
        self.assertEqual([row["linear iterations per step"] for row in table], [7, 14, 28])
        for row, efficiency in zip(table, (1.0, 8 / 4.5 / 2, 8 / 2.75 / 4)):
            self.assertAlmostEqual(row["efficiency"], efficiency)
        self.assertIn("CONTENDED", result.stdout)  # the stand-in does not work
        self.check_picture("strong")

    def test_weak(self):
        """As many cubes as ranks take the time of one."""
        self.stand_in()
        result = self.call("weak", "--ranks", "1,3", "--cells", "16", "--launcher", "env RANKS={ranks}")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual([(row["unknowns"], row["seconds per step"], row["efficiency"]) for row in self.table("weak")], [(12288, 8.0, 1.0), (36864, 8.0, 1.0)])
        self.check_picture("weak")

    def test_the_program_itself(self):
        """The same unknowns on one and two ranks (how long they take is no matter here: tests share the machine)."""
        result = self.call("strong", "--ranks", "1,2", "--cells", "16")
        self.assertEqual(result.returncode, 0, result.stderr)
        one, two = self.table("strong")
        self.assertEqual((one["unknowns"], two["unknowns"]), (3 * 17**3,) * 2)
        self.assertGreater(one["seconds per step"], 0)
        self.check_picture("strong")

    def test_costs(self):
        """Unknowns, memory and processor time of both cases at each size; cost_model.py takes the file."""
        self.stand_in()
        costs = self.folder.path / "costs.json"
        self.assertEqual(self.call("costs", "--cells", "16,24", "--costs", str(costs)).returncode, 0)
        measured = json.loads(costs.read_text())
        self.assertEqual(sorted(measured), ["charge_3d", "coupled_3d"])
        self.assertEqual([(entry["unknowns"], entry["memory [B]"]) for entry in measured["charge_3d"]], [(3 * 16**3, 2**30), (3 * 24**3, 2**30)])

    def test_no_program(self):
        self.environment["LITHOCLASE_EXECUTABLE"] = "/nowhere/lithoclase"
        result = self.call("strong", "--ranks", "1")
        self.assertEqual((result.returncode, result.stderr.count("\n")), (2, 1))
        self.assertIn("'/nowhere/lithoclase' cannot be started: No such file", result.stderr)

    def test_refused(self):
        """The program's sentence is passed on, before anything is written."""
        self.stand_in(refuse="yes")
        result = self.call("strong", "--ranks", "1", "--cells", "16")
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stderr, "scaling.py: charge_3d with 16^3 cells on 1 ranks failed: lithoclase: the mesh is refused\n")
        self.assertFalse((self.folder.path / "scaling_strong.csv").exists())


if __name__ == "__main__":
    unittest.main()
