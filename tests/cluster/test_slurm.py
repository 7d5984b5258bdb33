"""A study on a real Slurm of one node, started and ended by the test, and the commands given to a PBS."""

import os
import pathlib
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import slurm_server  # noqa: E402
from study_case import Call, lc, text, wait_for  # noqa: E402

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
        """Six runs: one has parameters that only the run finds bad, one is over its limit of a minute and goes back to the queue by itself, one is killed and resumed by the next call."""
        self.study([5, 6, 7, 8, 9, 10], f"'{{10 + {FOREVER}*(current == 9) + 90*(current == 10)}}'",
                   "  Mechanics/active: \"{current == 5}\"\n  Mechanics/Boundary conditions/base/boundary: bottom\n  Mechanics/Boundary conditions/base/type: fixed\n"
                   "  Mechanics/Elasticity/stiffness factor: x-1*um\n", minutes=1, margin=5)
        result = self.call("run")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(len(list(self.call.path.glob("jobs/*/job.sh"))), 1)
        wait_for(lambda: self.call.rows(6) >= 4)
        os.kill(self.call.program(6), signal.SIGKILL)
        self.over_the_limit(5)
        wait_for(lambda: self.call("status") and {1, 2, 3, 4, 6} <= self.ended())
        self.assertEqual(self.call.states(), ["failed", "finished", "finished", "finished", "running", "failed"])
        self.assertIn("stiffness factor", self.call.status(1)["reason"])
        self.assertIn("SIGKILL", self.call.status(6)["reason"])
        self.killed_run_goes_on(6, 100)
        self.assertEqual(self.call.rows(2), 10)
        self.assertEqual(self.call("cancel").returncode, 0)
        wait_for(lambda: self.state(5) == "cancelled")
        self.assertIn("checkpoint of step", self.call.status(5)["reason"])
        self.rising(5)

    def ended(self):
        """Numbers of the runs that nothing works on or waits for."""
        return {number for number, state in enumerate(self.call.states(), start=1) if state not in ("submitted", "running", "waiting")}

    def rising(self, number):
        """The series of time has nothing twice."""
        times = self.call.times(number)
        self.assertEqual(times, sorted(set(times)))

    def over_the_limit(self, number):
        """Slurm sends SIGUSR1, the run writes a checkpoint, goes back to the queue, and goes on from there when its turn comes."""
        wait_for(lambda: "requeued" in self.call.status(number)["reason"])
        self.assertEqual(self.state(number), "submitted")
        rows = self.call.rows(number)
        self.assertGreater(rows, 0)
        wait_for(lambda: self.state(number) == "running" and self.call.rows(number) > rows)
        self.assertEqual(self.call.status(number)["attempts"], 2)
        self.rising(number)

    def killed_run_goes_on(self, number, steps):
        """The next call resumes it, tries the failed one again, and leaves alone what is at work."""
        before = self.call.rows(number)
        again = self.call("run")
        self.assertIn("2 runs start, 1 of them from a checkpoint", again.stdout)
        wait_for(lambda: self.call("status") and {1, 2, 3, 4, number} <= self.ended())
        self.assertEqual((self.state(1), self.state(number)), ("failed", "finished"))
        self.assertGreater(self.call.rows(number), before)
        self.assertEqual(self.call.rows(number), steps)
        self.rising(number)

    def test_job_that_dies_without_a_word(self):
        """Job and worker are killed at once: the status says so, and what waits is taken back by `cancel`."""
        self.study([5, 6, 7], FOREVER)
        self.assertEqual(self.call("run").returncode, 0)
        wait_for(lambda: self.call.rows(1) >= 1)
        worker = self.call.status(1)["job"]["pid"]
        for pid in (worker, self.call.program(1)):
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
