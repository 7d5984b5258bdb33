"""Studies on this machine: workers, interruption and resumption, bad cases, two copies, a full disk, a vanished folder."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from study_case import CELL, LONG_TESTS, Call, lc, text, wait_for  # noqa: E402
from study_folder import Run  # noqa: E402

EXECUTE = pathlib.Path(__file__).resolve().parents[2] / "cluster" / "execute.py"
LONG = 4000  # steps: more than a test waits for


class Local(unittest.TestCase):
    def setUp(self):
        self.folder = lc.Folder()
        self.addCleanup(self.folder.close)
        self.call = Call(self.folder)

    def study(self, currents, steps, more="", **others):
        self.folder.write("study.yaml", text(currents, steps, more, **others))

    def sentence(self, result, code, *words):
        """The driver ended with `code` and one sentence that holds the words."""
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        lines = [line for line in result.stderr.splitlines() if line.startswith("study.py: ")]
        self.assertEqual(len(lines), 1, result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        for word in words:
            self.assertIn(word, lines[0])

    def start_until(self, rows):
        """Starts the study; returns when the first run has so many rows. The driver is ended with the test."""
        driver = self.call.start("run")
        self.addCleanup(driver.communicate)
        self.addCleanup(driver.terminate)
        wait_for(lambda: self.call.rows(1) >= rows)

    def test_two_workers(self):
        """All runs end, each with its own current; the second call does nothing."""
        self.study([5, 10, 20], 3)
        result = self.call("run", "--workers", "2")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.call.states(), ["finished"] * 3)
        for number, current in ((1, 50.0), (2, 100.0), (3, 200.0)):
            self.assertAlmostEqual(lc.history(self.call.run(number) / "results")[-1]["current_density"], current, delta=1e-6 * current)
            self.assertEqual(self.call.rows(number), 3)
        before = (self.call.run(1) / "results" / "run.json").stat().st_mtime_ns
        again = self.call("run")
        self.assertEqual((again.returncode, "start" in again.stdout), (0, False))
        self.assertEqual((self.call.run(1) / "results" / "run.json").stat().st_mtime_ns, before)
        table = self.call("status")
        self.assertEqual(table.returncode, 0)
        self.assertIn("current [mA/cm^2]", table.stdout)
        self.assertIn("3 finished", table.stdout)

    def test_dry_run_does_nothing(self):
        self.study([5, -1], 3, "constraints: ['current > 0']")
        result = self.call("run", "--dry-run")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("run 0001 (current = 5): valid, starts", result.stdout)
        self.assertIn("1 of them start", result.stdout)
        self.assertIn("1 sets of values are left out", result.stdout)
        self.assertFalse(self.call.path.exists())

    def test_dry_run_tells_what_the_next_call_would_do(self):
        self.study([5, 10], 3)
        self.assertEqual(self.call("run").returncode, 0)
        self.study([5, 10, 20], 3)
        before = sorted(path.stat().st_mtime_ns for path in self.call.path.rglob("*"))
        result = self.call("run", "--dry-run")
        self.assertEqual(result.returncode, 0, result.stderr)
        for words in ("(current = 5): valid, is finished, left alone", "(current = 20): valid, starts", "1 of them start"):
            self.assertIn(words, result.stdout)
        self.assertEqual(sorted(path.stat().st_mtime_ns for path in self.call.path.rglob("*")), before)
        self.study([5, 10], 4)
        self.assertIn("is refused: the study file has changed what run 0001 is", self.call("run", "--dry-run").stdout)

    def test_killed_run_goes_on_from_its_checkpoint(self):
        """The program is killed: the run has failed with that reason; the next call resumes it and the series of time has no gap and nothing twice."""
        self.study([5], 60)
        driver = self.call.start("run")
        wait_for(lambda: self.call.rows(1) >= 4)
        os.kill(self.call.program(1), signal.SIGKILL)
        driver.communicate(timeout=300)
        self.assertEqual(driver.returncode, 1)
        status = self.call.status(1)
        self.assertEqual(status["state"], "failed")
        self.assertIn("killed by SIGKILL", status["reason"])
        self.assertIn("SIGKILL", self.call("status").stdout)
        result = self.call("run")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("1 of them from a checkpoint", result.stdout)
        times = self.call.times(1)
        self.assertEqual((len(times), times), (60, sorted(set(times))))
        self.assertTrue(json.loads((self.call.run(1) / "results" / "run.json").read_text())["resumed"])
        self.assertEqual(self.call.status(1)["attempts"], 2)

    @LONG_TESTS
    def test_killed_driver_and_a_run_without_checkpoint(self):
        """Driver, worker and program are killed before the first checkpoint: the next call starts again and keeps what there was."""
        self.study([5], 40, checkpoint=1000)
        driver = self.call.start("run")
        wait_for(lambda: self.call.rows(1) >= 1)
        worker = self.call.status(1)["job"]["pid"]
        driver.kill()
        os.killpg(worker, signal.SIGKILL)
        driver.communicate()
        wait_for(lambda: "killed" in self.call("status").stdout)
        result = self.call("run")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertTrue((self.call.run(1) / "results.attempt1" / "history.csv").exists())
        self.assertEqual(self.call.rows(1), 40)

    @LONG_TESTS
    def test_stopped_driver_leaves_checkpoints(self):
        """SIGTERM to the driver: what runs writes a checkpoint and is cancelled, what waits stays waiting; `cancel` takes that back too."""
        self.study([5, 10], LONG, "  Output/checkpoint interval: 1 h")
        driver = self.call.start("run")
        wait_for(lambda: self.call.rows(1) >= 1)
        driver.terminate()
        _, errors = driver.communicate(timeout=300)
        self.assertEqual(driver.returncode, 130)
        self.assertIn("the same call goes on", errors)
        self.assertEqual(self.call.states(), ["cancelled", "waiting"])
        self.assertIn("checkpoint of step", self.call.status(1)["reason"])
        self.assertEqual(self.call("cancel").returncode, 0)
        self.assertEqual(self.call.states(), ["cancelled", "cancelled"])

    @LONG_TESTS
    def test_cancel_from_elsewhere_and_time_limit(self):
        self.study([5, 10], LONG)
        driver = self.call.start("run")
        wait_for(lambda: self.call.rows(1) >= 3)
        self.assertEqual(self.call("cancel").returncode, 0)
        driver.communicate(timeout=300)
        self.assertEqual(self.call.states(), ["cancelled", "cancelled"])
        rows = self.call.rows(1)
        self.assertEqual(self.call("run", "--workers", "2", "--time-limit", "6").returncode, 1)
        self.assertEqual(self.call.states(), ["timed_out", "timed_out"])
        self.assertGreaterEqual(self.call.rows(1), rows)  # it was resumed, though a busy machine may not get to a step
        times = self.call.times(1)
        self.assertEqual(times, sorted(set(times)))

    def test_bad_parameters_stop_all_before_anything_is_submitted(self):
        self.study([5, "x"], 3)
        result = self.call("run")
        self.sentence(result, 2, "1 of 2 cases are refused", "nothing was started")
        self.assertIn("run 0002 (current = x) is refused: ", result.stderr)
        self.assertIn("parameter 'Protocol/current density' is 'x mA/cm^2'", result.stderr)
        self.assertEqual(self.call.states(), ["waiting", "failed"])
        self.assertFalse((self.call.run(1) / "results").exists())
        skipped = self.call("run", "--skip-invalid")
        self.assertEqual((skipped.returncode, self.call.states()), (1, ["finished", "failed"]))
        self.assertIn("Protocol/current density", self.call("status").stdout)

    @LONG_TESTS
    def test_a_run_that_fails_says_why_and_is_left_alone_in_the_end(self):
        """What --validate cannot see: the program's sentence is the reason. After job/attempts failures only --retry tries again."""
        mechanics = ("  Mechanics/active: true\n  Mechanics/Boundary conditions/base/boundary: bottom\n  Mechanics/Boundary conditions/base/type: fixed\n"
                     "  Mechanics/Elasticity/stiffness factor: x-1*um\njob: {attempts: 1}")
        self.study([5], 3, mechanics)
        self.assertEqual(self.call("run").returncode, 1)
        status = self.call.status(1)
        self.assertEqual((status["state"], status["exit_code"]), ("failed", 2))
        self.assertIn("stiffness factor", status["reason"])
        alone = self.call("run")
        self.assertIn("left alone", alone.stdout)
        self.assertEqual(self.call.status(1)["attempts"], 1)
        self.call("run", "--retry")
        self.assertEqual(self.call.status(1)["attempts"], 2)

    def test_table_of_a_study_at_work(self):
        """Share of the time that is done and what remains, as the run's log tells them; what waits has neither."""
        self.study([5, 10], LONG, "  Time stepping/end time: 20 s")  # 400 steps
        self.start_until(rows=30)
        lines = self.call("status").stdout.splitlines()
        self.assertRegex(lines[0], "run +state +current .mA/cm.2. +progress +left +took +attempts +reason")
        self.assertRegex(lines[1], r"0001 +running +5 +[1-9]\d? % +\d+ (s|min).* 1$")
        self.assertRegex(lines[2], r"0002 +waiting +10 +0$")
        self.assertEqual(lines[3], "1 waiting, 1 running")

    def test_run_that_another_process_has(self):
        """A second execute.py of the same run is turned away by the lock of its folder and changes nothing."""
        self.study([5], LONG)
        self.start_until(rows=1)
        second = subprocess.run([sys.executable, str(EXECUTE), str(self.call.path), "0001", "--command", json.dumps([lc.EXECUTABLE])], stderr=subprocess.PIPE, text=True)
        self.assertEqual((second.returncode, second.stderr), (1, "execute.py: run 0001 is at work in another process\n"))
        self.assertEqual(self.call.status(1)["attempts"], 1)
        self.assertFalse((self.call.run(1) / "results.attempt1").exists())

    def test_two_copies_at_once(self):
        self.study([5], LONG)
        self.start_until(rows=1)
        self.sentence(self.call("run"), 2, "another copy is at work")
        self.assertEqual(self.call.status(1)["attempts"], 1)

    def test_changed_study_overwrites_nothing(self):
        """More values are more runs; another setting, or another base, would change runs that are there."""
        base = self.folder.write("base.prm", f"include {CELL}\n")
        self.study([5], 2, base=base)
        self.assertEqual(self.call("run").returncode, 0)
        self.study([5, 10], 2, base=base)
        self.assertEqual(self.call("run").returncode, 0)
        self.assertEqual((self.call.states(), self.call.status(1)["attempts"]), (["finished", "finished"], 1))
        self.study([10, 20], 2, base=base)
        result = self.call("run")
        self.assertEqual(self.call.states(), ["finished"] * 3)
        self.assertIn("1 runs of this folder are not in the study file", result.stdout)
        self.study([5, 10], 3, base=base)
        self.sentence(self.call("run"), 2, "changed what run 0001 is", "--folder")
        self.study([5, 10], 2, base=base)
        base.write_text(base.read_text() + "subsection Time stepping\n set initial step = 0.4 s\nend\n")
        self.sentence(self.call("run"), 2, "base case", "has changed", "--folder")

    def test_misspelt_key_of_the_program(self):
        self.study([5], 2, "  Protocol/current densty: 1")
        result = self.call("run")
        self.sentence(result, 2, "refused")
        self.assertIn("did you mean 'Protocol/current density'", result.stderr)

    def test_no_program(self):
        self.study([5], 2)
        self.call.environment["LITHOCLASE_EXECUTABLE"] = "/nowhere/lithoclase"
        self.sentence(self.call("run"), 2, "/nowhere/lithoclase", "cannot be started")

    def test_vanished_folders(self):
        self.study([5, 10], 2)
        self.assertEqual(self.call("run").returncode, 0)
        subprocess.run(["rm", "-r", str(self.call.run(1))], check=True)
        self.assertIn("its folder has vanished", self.call("status").stdout)
        result = self.call("run")
        self.assertEqual((result.returncode, self.call.states()), (0, ["finished", "finished"]))
        self.assertIn("run 0001: its folder has vanished, it starts from the beginning", result.stdout)
        self.assertEqual(self.call.status(2)["attempts"], 1)
        subprocess.run(["rm", "-r", str(self.call.path)], check=True)
        self.sentence(self.call("status"), 2, "there is no study folder")

    def test_folder_that_vanishes_during_the_run(self):
        """The worker says so in one sentence, the other run is done."""
        self.study([5, 10], 40)
        driver = self.call.start("run")
        wait_for(lambda: self.call.rows(1) >= 1)
        subprocess.run(["mv", str(self.call.run(1)), str(self.folder.path / "elsewhere")], check=True)
        # The program may still write there.
        wait_for(lambda: subprocess.run(["rm", "-rf", str(self.folder.path / "elsewhere")], stderr=subprocess.DEVNULL).returncode == 0)
        output, errors = driver.communicate(timeout=300)
        self.assertEqual(driver.returncode, 1, output + errors)
        self.assertNotIn("Traceback", errors)
        self.assertIn("cannot go on", errors)
        self.assertEqual(self.call.status(2)["state"], "finished")


@unittest.skipUnless(os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode == 0,
                     "a small disk to fill needs root and 'unshare --mount'")
class FullDisk(Local):
    """The study's folder is on a disk of few kilobytes."""

    def mounted(self, kilobytes):
        self.call.path.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(self.call.path)], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", str(self.call.path)])

    def enlarge(self):
        subprocess.run(["mount", "-o", "remount,size=100m", str(self.call.path)], check=True)

    @LONG_TESTS
    def test_no_room_for_the_study(self):
        self.study(range(1, 60), 2)
        self.mounted(16)
        result = self.call("run")
        self.assertIn(result.returncode, (1, 2))
        self.sentence(result, result.returncode, "No space left on device")
        self.study([5], 2)
        self.enlarge()
        result = self.call("run")
        self.assertEqual((result.returncode, self.call.states()), (0, ["finished"]), result.stderr)

    def test_no_room_for_results(self):
        """The program fails with its sentence; with more room the next call goes on."""
        self.study([5, 10], 3)
        self.mounted(120)
        result = self.call("run")
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        self.assertIn("failed", self.call("status").stdout + str(self.call.states()))
        self.enlarge()
        again = self.call("run")
        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)
        self.assertEqual((self.call.states(), self.call.rows(1), self.call.rows(2)), (["finished", "finished"], 3, 3))


for name in [name for name in dir(Local) if name.startswith("test_")]:
    setattr(FullDisk, name, None)  # its own tests only; FullDisk takes the helpers


class States(unittest.TestCase):
    def test_only_failures_count_as_failures(self):
        """A run that is stopped by its time limit again and again has not failed."""
        folder = lc.Folder()
        self.addCleanup(folder.close)
        run = Run(folder.path, {"id": "0001", "folder": "runs/0001", "values": {}, "seed": None})
        run.folder.mkdir(parents=True)
        run.set_status("failed", "refused", invalid=True)  # before it began
        for end in ("timed_out", "timed_out", "failed", "cancelled", "failed"):
            run.set_status("running")
            run.set_status(end)
        self.assertEqual(run.status()["failures"], 2)
