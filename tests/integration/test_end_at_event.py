"""`Time stepping/end at event`: the run ends with the step of events.csv, and only then."""

import csv
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import lithoclase_case as lc  # noqa: E402

CRACK = pathlib.Path(__file__).resolve().parents[1] / "restart" / "crack.prm"
SETTINGS = ("Mechanics/Newton/relative tolerance=1e-8", "Fracture/damage tolerance=1e-7", "Alternate minimisation/tolerance=1e-3", "Output/formats=",
            "Output/directory=results")


class EndAtEvent(unittest.TestCase):
    def setUp(self):
        self.folder = lc.Folder()
        self.addCleanup(self.folder.close)

    def run_crack(self, event, *arguments, steps=8):
        result = lc.run(CRACK, *arguments, settings=[*SETTINGS, f"Time stepping/end at event={event}", f"Time stepping/maximum steps={steps}"],
                        folder=self.folder.path)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result.stdout, [row["time"] for row in lc.history(self.folder.path / "results")]

    def events(self):
        with open(self.folder.path / "results" / "events.csv", newline="") as file:
            return {row["event"]: float(row["time [s]"]) for row in csv.DictReader(file)}

    def test_the_step_of_the_event_is_the_last(self):
        _, without = self.run_crack("none")
        seen = self.events()["cracking"]
        self.assertLess(seen, without[-1], "the crack must grow before the end, else this shows nothing")
        said, times = self.run_crack("cracking")
        self.assertIn("the event at which it was to end", said)
        self.assertEqual(times, [time for time in without if time <= seen])

    def test_an_event_that_does_not_happen_ends_nothing(self):
        said, times = self.run_crack("short circuit", steps=2)
        self.assertIn("the largest number of steps", said)
        self.assertEqual(len(times), 2)


if __name__ == "__main__":
    unittest.main()
