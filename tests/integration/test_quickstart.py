"""./quickstart with stand-ins for apt, CMake, the program and the scripts of pictures: what it calls, and what it does not call twice."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get("LITHOCLASE_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))

# Every stand-in notes its call. The program answers --print-parameters as the true one does.
STAND_INS = {
    "dpkg-query": '[[ -f $MACHINE/installed/${!#} ]] && echo installed || exit 1',
    "apt-get": 'echo "apt-get $*" >>$CALLS; for word; do [[ $word == -* ]] || touch $MACHINE/installed/$word; done',
    "sudo": 'echo "sudo" >>$CALLS; [[ $1 == env ]] && shift 2; "$@"',
    "cmake": '[[ $1 == --version ]] && { echo "cmake version 3.25"; exit; }; echo "cmake $1" >>$CALLS; mkdir -p $TREE/build/release; touch $TREE/build/release/build.ninja\n'
             '[[ -f $TREE/build/release/lithoclase ]] || cp $MACHINE/program $TREE/build/release/lithoclase',
    "mpirun": '[[ $1 == --version ]] && exit 1; shift 2; "$@"',
}
PROGRAM = '''#!/usr/bin/env bash
folder=results/$(basename "$1" .prm); [[ $1 == --print-parameters ]] && folder=results/$(basename "$2" .prm)
for word; do [[ $word == Output/directory=* ]] && folder=${word#*=}; done
if [[ $1 == --print-parameters ]]; then printf 'subsection Output\\n\\n  set directory = %s\\n\\nend\\n' "$folder"; exit; fi
shift; echo "run $*" >>$CALLS; mkdir -p "$folder"; [[ -n $REFUSED ]] && exit 2
echo time >"$folder/history.csv"; exit ${ENDS_WITH:-0}
'''


class Quickstart(unittest.TestCase):

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lithoclase_"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.tree, self.machine = self.folder / "tree", self.folder / "machine"
        for name in ("input", "meshes", "postprocess"):
            (self.tree / name).mkdir(parents=True)
        shutil.copy(SOURCE / "quickstart", self.tree)
        (self.tree / "input" / "small.prm").write_text("# a case\n")
        for name in ("plot_history", "render", "report"):
            (self.tree / "postprocess" / f"{name}.py").write_text(f"import os, sys\nprint('{name}', sys.argv[1], file=open(os.environ['CALLS'], 'a'))\n")
        (self.machine / "bin").mkdir(parents=True)
        (self.machine / "installed").mkdir()
        for name, body in STAND_INS.items():
            self.script(self.machine / "bin" / name, f"#!/usr/bin/env bash\n{body}\n")
        self.script(self.machine / "program", PROGRAM)

    @staticmethod
    def script(path, text):
        path.write_text(text)
        path.chmod(0o755)

    def call(self, *arguments, code=0, path=None, **environment):
        """Lines that the stand-ins noted, and what was printed."""
        calls = self.folder / "calls"
        calls.write_text("")
        done = subprocess.run([str(self.tree / "quickstart"), *arguments], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              env={**os.environ, "PATH": path or f"{self.machine / 'bin'}:{os.environ['PATH']}", "CALLS": str(calls), "TREE": str(self.tree),
                                   "MACHINE": str(self.machine), "LITHOCLASE_PYTHON": sys.executable, "LITHOCLASE_RANKS": "1", **environment})
        self.assertEqual(done.returncode, code, done.stdout)
        return calls.read_text().splitlines(), done.stdout

    def case(self):
        return str(self.tree / "input" / "small.prm")

    def test_first_run_installs_builds_runs_and_draws(self):
        calls, text = self.call("run", self.case())
        if os.getuid() != 0:
            calls = [line for line in calls if line != "sudo"]
        self.assertTrue(calls[0].endswith("update") and "libdeal.ii-dev" in calls[1], calls)
        results = self.tree / "results" / "small"
        self.assertEqual(calls[2:], ["cmake --preset", "cmake --build", "run ", f"plot_history {results}", f"render {results}", f"report {results}"])
        self.assertIn(f"are in {results}", text)

    def test_second_run_does_nothing_twice(self):
        self.call("run", self.case())
        calls, text = self.call("run", self.case())
        self.assertEqual(calls, ["cmake --build"])
        self.assertIn("up to date", text)

    def test_what_changed_is_run_again(self):
        for changed in (self.tree / "input" / "small.prm", self.tree / "meshes" / "image.tif", self.tree / "results" / "small" / "history.csv",
                        self.tree / "build" / "release" / "lithoclase"):
            with self.subTest(changed.name):
                self.call("run", self.case())
                stamp = self.tree / "results" / "small" / ".as_the_file_says"
                os.utime(stamp, (stamp.stat().st_mtime - 10,) * 2)  # a moment before
                for path in self.tree.rglob("*"):
                    if path.is_file() and path != stamp:
                        os.utime(path, (stamp.stat().st_mtime - 10,) * 2)
                self.assertNotIn("run ", self.call("run", self.case())[0])
                changed.touch()
                self.assertIn("run ", self.call("run", self.case())[0])

    def test_run_with_options_is_not_taken_for_the_case(self):
        self.call("run", self.case())
        self.assertIn("run --set Protocol/x=1", self.call("run", self.case(), "--set", "Protocol/x=1")[0])
        self.assertIn("run ", self.call("run", self.case())[0])

    def test_run_that_was_stopped_is_not_up_to_date(self):
        self.call("run", self.case())
        self.call("run", self.case(), "--resume", code=4, ENDS_WITH="4")
        self.assertIn("run ", self.call("run", self.case())[0])

    def test_pictures_are_of_the_folder_that_was_named(self):
        calls, text = self.call("run", self.case(), "--set", "Output/directory=results/my runs")
        results = self.tree / "results" / "my runs"
        self.assertIn(f"render {results}", calls)
        self.assertIn(f"are in {results}", text)

    def test_refused_run_draws_nothing(self):
        calls, _ = self.call("run", self.case(), code=2, REFUSED="1")
        self.assertEqual([line.split()[0] for line in calls if not line.startswith(("apt-get", "sudo", "cmake"))], ["run"])

    def test_without_apt_it_says_what_was_found(self):
        path = self.folder / "path"
        path.mkdir()
        for name in ("bash", "env", "head", "grep", "mktemp", "rm", "dirname", "basename", "nproc", "awk", "id", "mkdir", "touch", "cp", "cat", "find", "realpath"):
            os.symlink(shutil.which(name), path / name)
        for name in ("cmake", "mpirun"):
            shutil.copy(self.machine / "bin" / name, path)
        _, text = self.call("run", self.case(), path=str(path))
        for words in ("no apt", "CMake >= 3.22    cmake version 3.25", "Ninja            not found", "C++17 compiler   not found"):
            self.assertIn(words, text)

    def test_missing_case(self):
        _, text = self.call("run", "nothing.prm", code=1)
        self.assertIn("no parameter file 'nothing.prm'", text)


if __name__ == "__main__":
    unittest.main()
