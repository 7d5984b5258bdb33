"""The ParaView macro: pictures of made-up results in two and three dimensions, where there is a pvpython."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import synthetic

MACRO = Path(__file__).resolve().parents[2] / "postprocess" / "paraview_macro.py"
PVPYTHON = shutil.which("pvpython")
SILVER, LIQUID = (0.706, 0.729, 0.761), (0.561, 0.749, 0.878)


class Macro(unittest.TestCase):
    def test_it_is_python(self):
        compile(MACRO.read_text(encoding="utf-8"), str(MACRO), "exec")

    @unittest.skipUnless(PVPYTHON, "no ParaView: pvpython is not installed")
    def test_pictures(self):
        # ParaView closes and opens its display: the server must not start anew in between.
        server = ["xvfb-run", "-a", "-s", "-screen 0 1280x1024x24 -noreset"]
        display = [] if os.environ.get("DISPLAY") else server
        for dim, cells, fields in ((2, (20, 30), synthetic.fields), (3, (8, 8, 12), synthetic.crack_fields)):
            with tempfile.TemporaryDirectory() as folder:
                synthetic.write_results(Path(folder), dim, cells, times=(0.0, 1000.0), of=fields)
                picture = Path(folder) / "picture.png"
                subprocess.run([*display, PVPYTHON, MACRO, Path(folder) / "fields.pvd", picture], check=True, timeout=300,
                               stdout=subprocess.DEVNULL)
                pixels = plt.imread(picture)[..., :3]
                self.assertTrue((Path(folder) / "picture.pvsm").is_file())
            self.assertEqual(pixels.shape, (1200, 1400, 3))
            quarters = [pixels[i:i + 600, j:j + 700] for i in (0, 600) for j in (0, 700)]
            for quarter in quarters:
                self.assertGreater(len(np.unique(quarter.reshape(-1, 3), axis=0)), 10)
            if dim == 2:
                # The anode and the finger: 4 of 30 um and some, of a picture that covers about a third of the quarter.
                self.assertGreater(self.share(quarters[0], SILVER), 0.03)
                self.assertGreater(self.share(quarters[0], LIQUID), 0.005)

    @staticmethod
    def share(pixels, colour):
        return np.mean(np.all(np.abs(pixels - colour) < 0.01, axis=2))


if __name__ == "__main__":
    unittest.main()
