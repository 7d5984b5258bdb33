"""A study on a real Slurm of one node, started and ended by the test, and the commands given to a PBS."""

import os
import pathlib
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import slurm_server  # noqa: E402
from study_case import LONG_TESTS, Call, lc, text, wait_for  # noqa: E402

FOREVER = 1000000
JOB = 'job: {{scheduler: slurm, time: "0:{minutes:02d}:00", margin: {margin}, partition: main}}'


@unittest.skipIf(slurm_server.why_not(), slurm_server.why_not())
class Slurm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server_folder = lc.Folder()
        cls.addClassCleanup(cls.server_folder.close)
        try:
            cls.server = slurm_server.Slurm(cls.server_folder.path)
        except RuntimeError as error:
            raise unittest.SkipTest(str(error))
        cls.addClassCleanup(cls.server.close)

    def setUp(self):
        self.folder = lc.Folder()
        self.addCleanup(self.folder.close)
        self.call = Call(self.folder, environment=self.server.environment)

    def study(self, currents, steps, more="", minutes=59, margin=60):
        self.folder.write("study.yaml", text(currents, steps, more + JOB.format(minutes=minutes, margin=margin)))

    def state(self, number):
        return self.call.status(number)["state"]

    def test_array(self):
        """Six runs: one is killed and resumed by the next call, one has parameters that only the run finds bad, four are simply done."""
        self.study([5, 6, 7, 8, 9, 10], "'{min(200, 10 + 1000*max(0, current - 9))}'",  # 10, the last one 200
                   "  Mechanics/active: \"{current == 5}\"\n  Mechanics/Boundary conditions/base/boundary: bottom\n  Mechanics/Boundary conditions/base/type: fixed\n"
                   "  Mechanics/Elasticity/stiffness factor: x-1*um\n")
        result = self.call("run")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(len(list(self.call.path.glob("jobs/*/job.sh"))), 1)
        wait_for(lambda: self.call.rows(6) >= 4)
        program = subprocess.run(["pgrep", "-P", str(self.call.status(6)["job"]["pid"])], stdout=subprocess.PIPE, text=True).stdout.split()
        os.kill(int(program[0]), signal.SIGKILL)
        wait_for(lambda: self.call("status") and not {"submitted", "running", "waiting"} & set(self.call.states()))
        self.assertEqual(self.call.states(), ["failed", *["finished"] * 4, "failed"])
        self.assertIn("stiffness factor", self.call.status(1)["reason"])
        self.assertIn("SIGKILL", self.call.status(6)["reason"])
        before = self.call.rows(6)
        again = self.call("run", "--wait")
        self.assertIn("2 runs start, 1 of them from a checkpoint", again.stdout)
        self.assertEqual((again.returncode, self.call.states()), (1, ["failed", *["finished"] * 5]))
        times = self.call.times(6)
        self.assertGreater(len(times), before)
        self.assertEqual((len(times), times), (200, sorted(set(times))))
        self.assertEqual(self.call.rows(2), 10)

    @LONG_TESTS
    def test_over_the_time_limit(self):
        """A limit of one minute: Slurm sends SIGUSR1, the run writes a checkpoint and goes back to the queue by itself, and goes on when its turn comes."""
        self.study([5], FOREVER, minutes=1, margin=5)
        self.assertEqual(self.call("run").returncode, 0)
        wait_for(lambda: self.call.rows(1) >= 1)
        wait_for(lambda: "requeued" in self.call.status(1)["reason"])
        self.assertEqual(self.state(1), "submitted")
        rows = self.call.rows(1)
        wait_for(lambda: self.state(1) == "running" and self.call.rows(1) > rows)
        self.assertEqual(self.call.status(1)["attempts"], 2)
        times = self.call.times(1)
        self.assertEqual(times, sorted(set(times)))
        self.assertEqual(self.call("cancel").returncode, 0)
        wait_for(lambda: self.state(1) == "cancelled")
        self.assertIn("checkpoint of step", self.call.status(1)["reason"])

    def test_job_that_dies_without_a_word(self):
        """Job and worker are killed at once: the status says so, and what waits is taken back by `cancel`."""
        self.study([5, 6, 7], FOREVER)
        self.assertEqual(self.call("run").returncode, 0)
        wait_for(lambda: self.call.rows(1) >= 1)
        worker = self.call.status(1)["job"]["pid"]
        program = subprocess.run(["pgrep", "-P", str(worker)], stdout=subprocess.PIPE, text=True).stdout.split()
        for pid in (worker, int(program[0])):
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: "without a word" in self.call("status").stdout)
        self.assertEqual(self.state(1), "failed")
        self.call("cancel")
        wait_for(lambda: set(self.call.states()[1:]) == {"cancelled"})
        wait_for(lambda: not self.server.call("squeue", "--noheader"))

    def test_no_answer(self):
        """The controller is not there: one sentence, and nothing is taken for dead."""
        self.study([5], FOREVER)
        self.call.environment["SLURM_CONF"] = "/nowhere/slurm.conf"
        result = self.call("run")
        self.assertEqual(result.returncode, 2)
        self.assertIn("study.py: 'sbatch --parsable", result.stderr)
        self.assertEqual(self.state(1), "waiting")


class Pbs(unittest.TestCase):
    """With stand-ins for qsub, qstat, qdel that note how they are called: there is no PBS to test with."""

    def setUp(self):
        self.folder = lc.Folder()
        self.addCleanup(self.folder.close)
        bin = self.folder.path / "bin"
        bin.mkdir()
        for name, answer in (("qsub", "echo '17[].server'"), ("qstat", "echo '17[0].server me R long'; echo '17[1].server me Q long'"), ("qdel", "true"), ("qsig", "true")):
            (bin / name).write_text(f"#!/bin/sh\necho {name} \"$@\" >> {self.folder.path}/calls\n{answer}\n")
            (bin / name).chmod(0o755)
        self.call = Call(self.folder, environment={"PATH": f"{bin}:{os.environ['PATH']}"})

    def test_array(self):
        self.folder.write("study.yaml", text([5, 6, 7], 2, "job: {scheduler: pbs}"))
        self.assertEqual(self.call("run").returncode, 0)
        self.assertEqual(self.call.states(), ["submitted"] * 3)
        self.call("status")
        self.assertEqual(self.call.states(), ["submitted", "submitted", "failed"])
        self.call("cancel")
        calls = (self.folder.path / "calls").read_text()
        self.assertIn(f"qsub {self.call.path}/jobs/0001/job.sh", calls)
        self.assertIn("qdel 17[0].server", calls)
        self.assertNotIn("qdel 17[2].server", calls)
        script = (self.call.path / "jobs" / "0001" / "job.sh").read_text()
        done = subprocess.run(["bash", str(self.call.path / "jobs" / "0001" / "job.sh")], env={**self.call.environment, "PBS_ARRAY_INDEX": "2", "PBS_JOBID": "17[2].server"},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, script + done.stdout)
        self.assertEqual(self.call.status(3)["state"], "finished")


if __name__ == "__main__":
    unittest.main()
