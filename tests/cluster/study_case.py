"""Studies of a small coupled cell that the tests of the driver run."""

import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests" / "support"), str(SOURCE / "cluster")]
import lithoclase_case as lc  # noqa: E402

LONG_TESTS = unittest.skipUnless("LITHOCLASE_LONG_TESTS" in os.environ, "takes long: set LITHOCLASE_LONG_TESTS=1")
DRIVER = SOURCE / "cluster" / "study.py"
CELL = pathlib.Path(__file__).resolve().parent / "cell.prm"
TEXT = """
name: cell
base: {base}
parameters:
  current: {{key: Protocol/current density, unit: mA/cm^2, values: {currents}}}
settings:
  Time stepping/maximum steps: {steps}
  Output/checkpoint step interval: {checkpoint}
{more}
"""


def text(currents, steps, more="", base=CELL, checkpoint=2):
    return TEXT.format(checkpoint=checkpoint, base=base, currents=list(currents), steps=steps, more=more)


class Call:
    """Calls of study.py in a scratch folder."""

    def __init__(self, folder, study="study.yaml", environment=()):
        self.folder, self.study_file = folder, study
        self.environment = {**os.environ, **lc.MPI_ENVIRONMENT, "LITHOCLASE_EXECUTABLE": lc.EXECUTABLE, **dict(environment)}
        self.path = folder.path / "study"

    def line(self, command, *arguments):
        first = [str(self.folder.path / self.study_file), "--folder", str(self.path)] if command == "run" else [str(self.path)]
        return [sys.executable, str(DRIVER), command, *first, *arguments]

    def start(self, command, *arguments, prefix=()):
        return subprocess.Popen([*prefix, *self.line(command, *arguments)], env=self.environment, cwd=self.folder.path, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def __call__(self, command, *arguments, prefix=(), timeout=900):
        process = self.start(command, *arguments, prefix=prefix)
        output, errors = process.communicate(timeout=timeout)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def run(self, number):
        return self.path / "runs" / f"{number:04d}"

    def status(self, number):
        return json.loads((self.run(number) / "status.json").read_text())

    def program(self, number):
        """Number of the process of lithoclase that works on a run."""
        worker = str(self.status(number)["job"]["pid"])
        return int(subprocess.run(["pgrep", "-P", worker], stdout=subprocess.PIPE, text=True).stdout.split()[0])

    def states(self):
        return [json.loads(path.read_text())["state"] for path in sorted(self.path.glob("runs/*/status.json"))]

    def rows(self, number):
        try:
            return len(lc.history(self.run(number) / "results"))
        except (OSError, ValueError, TypeError):
            return 0

    def times(self, number):
        return [row["time"] for row in lc.history(self.run(number) / "results")]


def wait_for(condition, seconds=300):
    """Waits until condition() is true; AssertionError after `seconds`."""
    end = time.time() + seconds
    while not condition():
        assert time.time() < end, "waited in vain"
        time.sleep(0.1)
