"""Study files: which runs follow from them, and one sentence for each mistake. Searches for critical currents on made-up results."""

import json
import math
import pathlib
import sys
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests" / "support"), str(SOURCE / "cluster")]
import job_settings  # noqa: E402
import lithoclase_case as lc  # noqa: E402
import sampling  # noqa: E402
import schedulers  # noqa: E402
import search as searching  # noqa: E402
import study_file  # noqa: E402
from expressions import evaluate, fill_in  # noqa: E402
from failures import StudyError  # noqa: E402
from study_folder import StudyFolder, create, study_lock, write_case  # noqa: E402

HEAD = "name: test\nbase: base.prm\n"
CURRENT = "  current: {key: Protocol/current density, unit: mA/cm^2, values: [5, 10]}\n"


class WithFolder(unittest.TestCase):
    def setUp(self):
        self.folder = lc.Folder()
        self.addCleanup(self.folder.close)
        self.folder.write("base.prm", "set dimension = 2\n")

    def study(self, text, smoke=False):
        return study_file.read(self.folder.write("study.yaml", HEAD + text), smoke)

    def refused(self, words, text, smoke=False):
        with self.assertRaises(StudyError) as caught:
            self.study(text, smoke)
        for word in ["study.yaml", *words]:
            self.assertIn(word, str(caught.exception))


class Runs(WithFolder):
    """Which runs a study has."""

    def test_grid(self):
        variants, _ = self.study("parameters:\n" + CURRENT + "  size: {key: A/b, unit: um, from: 1, to: 3, number: 3}\n").variants()
        pairs = [(values["current"], values["size"]) for values, _ in variants]
        self.assertEqual(pairs, [(5, 1), (5, 2), (5, 3), (10, 1), (10, 2), (10, 3)])

    def test_logarithmic_range(self):
        self.assertEqual(sampling.grid_values(1e-9, 1e-6, 4, True), [1e-9, 1e-8, 1e-7, 1e-6])

    def test_seeds(self):
        variants, _ = self.study("parameters:\n" + CURRENT + "seeds: {keys: [A/seed], number: 3}\n").variants()
        self.assertEqual([seed for _, seed in variants], [1, 2, 3, 1, 2, 3])

    def test_constraints_leave_out(self):
        study = self.study("parameters:\n" + CURRENT + "  size: {key: A/b, values: [1, 2, 4]}\nconstraints: ['current*size <= 20']\n")
        variants, left_out = study.variants()
        self.assertEqual([(v["current"], v["size"]) for v, _ in variants], [(5, 1), (5, 2), (5, 4), (10, 1), (10, 2)])
        self.assertEqual(left_out, 1)

    def test_latin_hypercube(self):
        """Each tenth of each axis holds one of ten samples; another seed gives others; the log axis is even in the logarithm."""
        text = "parameters:\n  a: {key: A/a, from: 2, to: 4}\n  b: {key: A/b, from: 1.0e-9, to: 1.0e-5, log: true}\nsamples: {number: 10, seed: %d}\n"
        samples = [values for values, _ in self.study(text % 3).variants()[0]]
        self.assertEqual(sorted(int((sample["a"] - 2) / 2 * 10) for sample in samples), list(range(10)))
        self.assertEqual(sorted(int((math.log10(sample["b"]) + 9) / 4 * 10) for sample in samples), list(range(10)))
        self.assertEqual(samples, [values for values, _ in self.study(text % 3).variants()[0]])
        self.assertNotEqual(samples, [values for values, _ in self.study(text % 4).variants()[0]])

    def test_random_samples(self):
        """Within the range; the mean of 400 uniform numbers on 0 to 1 is 0.5 within four of its standard deviations, 0.058."""
        samples = [values["a"] for values, _ in self.study("parameters:\n  a: {key: A/a, from: 0, to: 1}\nsamples: {number: 400, method: random}\n").variants()[0]]
        self.assertTrue(all(0 <= sample <= 1 for sample in samples))
        self.assertLess(abs(sum(samples) / 400 - 0.5), 0.058)

    def test_whole_numbers(self):
        samples = [values["n"] for values, _ in self.study("parameters:\n  n: {key: A/n, from: 3, to: 5, integer: true}\nsamples: {number: 30}\n").variants()[0]]
        self.assertEqual(sorted(samples), [3] * 10 + [4] * 10 + [5] * 10)

    def test_samples_at_each_point_of_a_grid(self):
        variants, _ = self.study("parameters:\n" + CURRENT + "  a: {key: A/a, from: 0, to: 1}\nsamples: {number: 3}\n").variants()
        values = [v for v, _ in variants]
        self.assertEqual([v["current"] for v in values], [5, 5, 5, 10, 10, 10])
        self.assertEqual([v["a"] for v in values[:3]], [v["a"] for v in values[3:]])

    def test_case(self):
        study = self.study("parameters:\n" + CURRENT + "  p: {unit: MPa, values: [20]}\nsettings:\n  A/B/load: '-{p} MPa'\n  A/end: '{36/current} s'\nseeds: {keys: [G/seed], values: [7]}\n")
        text = study.case_text(*study.variants()[0][0], "/base.prm")
        for words in ("include /base.prm\n", "subsection Protocol\n  set current density = 5 mA/cm^2\nend\n", "subsection A\n  subsection B\n    set load = -20 MPa\n  end\nend\n",
                      "set end = 7.2 s\n", "subsection G\n  set seed = 7\n", "subsection Output\n  set directory = results\n"):
            self.assertIn(words, text)

    def test_files_beside_the_base_case(self):
        study = self.study("parameters:\n" + CURRENT + "settings:\n  A/file: '{base_folder}/../{3*(current == 5) + 4*(current == 10)}.png'\n")
        for (values, seed), name in zip(study.variants()[0], ("3.png", "4.png")):
            self.assertIn(f"set file = /cases/input/../{name}\n", study.case_text(values, seed, "/cases/input/base.prm"))

    def test_numbers_that_yaml_takes_for_text(self):
        variants, _ = self.study("parameters:\n  a: {key: A/a, values: [1e-9, 2]}\n").variants()
        self.assertEqual(variants[0][0]["a"], 1e-9)

    def test_smoke(self):
        text = "parameters:\n" + CURRENT + "settings: {A/a: 1}\nsmoke:\n  parameters:\n    current: {values: [3]}\n  settings: {A/b: 2}\n"
        small = self.study(text, smoke=True)
        self.assertEqual(small.name, "test_smoke")
        case = small.case_text(*small.variants()[0][0], "/base.prm")
        for words in ("set a = 1", "set b = 2", "set current density = 3 mA/cm^2"):
            self.assertIn(words, case)


    def test_example_of_the_manual(self):
        """README.md says 144 runs less what the constraint takes, and a small version of one."""
        manual = (SOURCE / "cluster" / "README.md").read_text()
        lines = manual[manual.index("    name: grains"):manual.index("That is 2 x 3")].splitlines()
        example = "\n".join(line[4:] for line in lines).replace("../llzo_polycrystal.prm", "base.prm")
        path = self.folder.write("study.yaml", example)
        variants, left_out = study_file.read(path).variants()
        self.assertEqual(len(variants) + 3 * left_out, 144)
        self.assertGreater(left_out, 0)
        self.assertEqual(len(study_file.read(path, smoke=True).variants()[0]), 1)


class Mistakes(WithFolder):
    """One sentence each, with the nearest valid name."""

    def test_misspelt_entry(self):
        self.refused(["paramters", "did you mean 'parameters'"], "paramters: {}\n")

    def test_misspelt_entry_of_a_parameter(self):
        self.refused(["'valus'", "did you mean 'values'", "'current'"], "parameters:\n  current: {key: A/b, valus: [1]}\n")

    def test_misspelt_name_in_a_constraint(self):
        self.refused(["curent", "did you mean 'current'"], "parameters:\n" + CURRENT + "constraints: ['curent < 6']\n")

    def test_misspelt_name_in_a_setting(self):
        self.refused(["curent", "did you mean 'current'"], "parameters:\n" + CURRENT + "settings: {A/b: '{curent} s'}\n")

    def test_missing_base(self):
        with self.assertRaisesRegex(StudyError, "base case 'nothing.prm' does not exist"):
            study_file.read(self.folder.write("study.yaml", "name: a\nbase: nothing.prm\nparameters:\n" + CURRENT))

    def test_missing_file(self):
        with self.assertRaisesRegex(StudyError, "nothing.yaml' cannot be read"):
            study_file.read("nothing.yaml")

    def test_no_yaml(self):
        self.refused(["is no YAML"], "parameters: [\n")

    def test_name_given_twice(self):
        self.refused(["'current' is given twice"], "parameters:\n" + CURRENT + CURRENT)

    def test_range_without_samples(self):
        self.refused(["'a'", "'samples'"], "parameters:\n  a: {key: A/a, from: 0, to: 1}\n")

    def test_falling_range(self):
        self.refused(["from 2 to 1", "must rise"], "parameters:\n  a: {key: A/a, from: 2, to: 1, number: 2}\n")

    def test_logarithm_of_zero(self):
        self.refused(["positive"], "parameters:\n  a: {key: A/a, from: 0, to: 1, number: 2, log: true}\n")

    def test_misspelt_method(self):
        self.refused(["latin hyperkube", "did you mean 'latin hypercube'"], "parameters:\n  a: {key: A/a, from: 0, to: 1}\nsamples: {number: 2, method: latin hyperkube}\n")

    def test_unused_parameter(self):
        self.refused(["'a'", "no 'key'"], "parameters:\n  a: {values: [1]}\n")

    def test_everything_excluded(self):
        self.refused(["no run is left"], "parameters:\n" + CURRENT + "constraints: ['current > 100']\n")

    def test_unknown_event(self):
        self.refused(["crackng", "did you mean 'cracking'"], "parameters:\n" + CURRENT + "search: {method: ramp, event: crackng}\n")

    def test_no_smoke(self):
        self.refused(["no section 'smoke'"], "parameters:\n" + CURRENT, smoke=True)

    def test_formulas_reach_nothing_else(self):
        for text in ("__import__('os')", "current.real", "open('x')", "[1][0]", "lambda: 1", "1 if 1 else 2"):
            with self.assertRaises(StudyError, msg=text):
                evaluate(text, {"current": 1})

    def test_formula_without_value(self):
        with self.assertRaisesRegex(StudyError, "no value for current = 0"):
            evaluate("1/current", {"current": 0})

    def test_formula(self):
        self.assertEqual(fill_in("5 um, {1.7 + size} um", {"size": 2.3}), "5 um, 4 um")
        self.assertTrue(evaluate("1 < a <= 3 and not b == 2", {"a": 3, "b": 1}))

    def test_job_settings(self):
        for entries, words in (({"partiton": "a"}, "did you mean 'partition'"), ({"time": 3600}, "text .in quotes."), ({"time": "1 h"}, "hours:minutes:seconds"),
                               ({"ranks": 0}, "must be positive"), ({"scheduler": "slrum"}, "did you mean 'slurm'"), ({"requeue": "yes"}, "true or false")):
            with self.assertRaisesRegex(StudyError, words):
                job_settings.read_job_settings(entries)

    def test_job_settings_of_the_command_line_are_the_strongest(self):
        path = self.folder.write("job.yaml", "ranks: 8\naccount: abc\nat once: 3\n")
        job = job_settings.read_job_settings({"ranks": 4, "executable": "/bin/lithoclase"}, path, ranks=2)
        self.assertEqual((job.ranks, job.account, job.at_once, job.command()), (2, "abc", 3, ["mpirun", "-n", "2", "/bin/lithoclase"]))


class Scripts(WithFolder):
    """Job scripts."""

    def script(self, **entries):
        job = job_settings.read_job_settings({"executable": "/opt/lithoclase", **entries})
        return schedulers.make(job).script("grains", "/data/my study", 6, pathlib.Path("/data/my study/jobs/0001"))

    def test_slurm(self):
        text = self.script(scheduler="slurm", ranks=4, time="12:00:00", account="abc", partition="long", memory="8G", modules=["openmpi/4"], setup=["export A=1"],
                           options=["--constraint=zen3"], margin=300, **{"at once": 3})
        for line in ("#SBATCH --array=0-5%3", "#SBATCH --ntasks=4", "#SBATCH --time=12:00:00", "#SBATCH --signal=B:USR1@300", "#SBATCH --account=abc",
                     "#SBATCH --partition=long", "#SBATCH --mem=8G", "#SBATCH --constraint=zen3", "#SBATCH --requeue", "module load openmpi/4", "export A=1"):
            self.assertIn(line + "\n", text)
        self.assertIn("'[\"mpirun\", \"-n\", \"4\", \"/opt/lithoclase\"]'", text)
        self.assertIn("'/data/my study'", text)
        self.assertIn('--requeue "scontrol requeue', text)

    def test_pbs(self):
        text = self.script(scheduler="pbs", ranks=4, time="1:00:00", account="abc", partition="long", memory="8G", container="/opt/lithoclase.sif", executable="")
        for line in ("#PBS -J 0-5", "#PBS -l select=1:ncpus=4:mpiprocs=4:mem=8gb", "#PBS -l walltime=1:00:00", "#PBS -A abc", "#PBS -q long", "#PBS -r y"):
            self.assertIn(line + "\n", text)
        self.assertIn('["mpirun", "-n", "4", "apptainer", "exec", "/opt/lithoclase.sif", "lithoclase"]', text)
        self.assertIn('--stop-after 3480 --requeue "qrerun $PBS_JOBID"', text)

    def test_no_requeue(self):
        self.assertNotIn("--requeue \"", self.script(scheduler="slurm", requeue=False))
        self.assertIn("#SBATCH --no-requeue", self.script(scheduler="slurm", requeue=False))


class Searches(WithFolder):
    """Brackets of critical currents."""

    def make(self, search):
        text = "parameters:\n  size: {key: A/b, values: [1, 2]}\nsearch: " + search + "\n"
        study = self.study(text)
        path = self.folder.path / "study"
        with study_lock(path):
            return study, create(path, study, "")

    def result(self, run, state="finished", events="", history=""):
        write_case(run, "")
        run.results.mkdir()
        (run.results / "events.csv").write_text("event,time [s],current_density [A/m^2]\n" + events)
        (run.results / "history.csv").write_text("time [s],current_density [A/m^2]\n" + history)
        run.set_status(state)

    def test_ramp(self):
        study, folder = self.make("{method: ramp, event: cracking}")
        first, second = folder.add({"size": 1}, None), folder.add({"size": 2}, None)
        self.result(first, events="cracking,3,90\nshort circuit,5,140\n", history="1,50\n2,80\n3,90\n4,120\n")
        self.result(second, history="1,50\n2,80\n")
        found = searching.brackets(folder, study.search)
        self.assertEqual([(b.lower, b.upper) for b in found], [(8.0, 9.0), (8.0, None)])
        self.assertIn("no cracking", found[1].remark)
        table = searching.write_table(folder, study.search, found)
        self.assertIn("1,,cracking,8,9,bracketed,0001", table)

    def test_ramp_that_has_failed_has_no_bracket(self):
        study, folder = self.make("{method: ramp}")
        self.result(folder.add({"size": 1}, None), state="failed", history="1,50\n")
        bracket = searching.brackets(folder, study.search)[0]
        self.assertEqual((bracket.lower, bracket.upper, bracket.done), (None, None, False))

    def test_bisection_finds_a_known_value(self):
        """The event happens above 7.3: the bracket holds it and is narrower than 5 %; it takes the ends and log2(ln(20)/0.05) = 6 halvings."""
        study, folder = self.make("{method: bisection, from: 1, to: 20, tolerance: 0.05}")
        variant = {"size": 1}
        for current in (1.0, 20.0):
            folder.add({**variant, "current": current}, None)
        for _ in range(20):
            for run in folder.runs:
                if not run.folder.exists():
                    self.result(run, events="cracking,1,1\n" if run.values["current"] > 7.3 else "")
            bracket = searching.brackets(folder, study.search)[0]
            values = searching.next_values(bracket, study.search)
            if not values:
                break
            self.assertEqual(len(values), 1)
            folder.add({**variant, "current": values[0]}, None)
        self.assertTrue(bracket.lower <= 7.3 < bracket.upper)
        self.assertLessEqual(bracket.upper - bracket.lower, 0.05 * bracket.upper)
        self.assertEqual((bracket.remark, len(folder.runs)), ("bracketed", 8))

    def test_bisection_outside_the_range(self):
        study, folder = self.make("{method: bisection, from: 1, to: 20}")
        for size, event in ((1, "cracking,1,1\n"), (2, "")):
            for current in (1.0, 20.0):
                self.result(folder.add({"size": size, "current": current}, None), events=event)
        found = searching.brackets(folder, study.search)
        self.assertEqual([(b.lower, b.upper, b.remark, b.done) for b in found], [(None, 1.0, "below the range", True), (20.0, None, "above the range", True)])

    def test_a_failed_run_is_no_answer(self):
        study, folder = self.make("{method: bisection, from: 1, to: 20}")
        self.result(folder.add({"size": 1, "current": 1.0}, None))
        self.result(folder.add({"size": 1, "current": 20.0}, None), state="failed")
        bracket = searching.brackets(folder, study.search)[0]
        self.assertEqual((bracket.lower, bracket.upper, bracket.done, bracket.remark), (1.0, None, False, "run 0002 is failed"))


class Layout(WithFolder):
    """The folder of a study, which other programs read."""

    def test_study_json(self):
        study = self.study("parameters:\n" + CURRENT + "seeds: {keys: [A/seed], number: 1}\n")
        path = self.folder.path / "study"
        with study_lock(path):
            folder = create(path, study, "mark")
            write_case(folder.add({"current": 5}, 1), "case")
            folder.save()
        data = json.loads((path / "study.json").read_text())
        self.assertEqual(data["parameters"], [{"name": "current", "key": "Protocol/current density", "unit": "mA/cm^2"}])
        self.assertEqual(data["runs"], [{"id": "0001", "folder": "runs/0001", "values": {"current": 5}, "seed": 1}])
        self.assertEqual((path / "study.yaml").read_text(), study.text)
        self.assertEqual(StudyFolder(path).runs[0].status()["state"], "waiting")

    def test_something_else_is_there(self):
        path = self.folder.path / "study"
        path.mkdir()
        (path / "precious.txt").write_text("data")
        with self.assertRaisesRegex(StudyError, "nothing is overwritten"):
            create(path, self.study("parameters:\n" + CURRENT), "mark")


if __name__ == "__main__":
    unittest.main()
