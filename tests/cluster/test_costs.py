"""The cost model: known costs come back from made-up measurements, sizes and needs of simple meshes are those computed by hand."""

import argparse
import json
import math
import pathlib
import sys
import unittest

CLUSTER = pathlib.Path(__file__).resolve().parents[2] / "cluster"
sys.path.insert(0, str(CLUSTER))
import cost_model  # noqa: E402


def entry(unknowns, power=1.25):
    """A step takes 1 ms at 1000 unknowns; 100 MiB and 2 kiB per unknown."""
    return {"unknowns": unknowns, "processor seconds per step": 1e-3 * (unknowns / 1000) ** power, "memory [B]": 100 * 2**20 + 2048 * unknowns}


class Costs(unittest.TestCase):
    def test_fit(self):
        costs = cost_model.fit([entry(1000), entry(8000), entry(64000)])
        self.assertAlmostEqual(costs.power, 1.25)
        self.assertAlmostEqual(costs.step(1e6) / (1e-3 * 1000**1.25), 1.0)
        self.assertAlmostEqual(costs.memory(1e6, 10) / (1000 * 2**20 + 2048e6), 1.0)

    def test_noise_of_one_size_counts_little(self):
        """Sizes in the ratio 8, the time of the largest 20 % too long: the power rises by ln 1.2/(2 ln 8), not by twice that."""
        noisy = entry(64000)
        noisy["processor seconds per step"] *= 1.2
        self.assertAlmostEqual(cost_model.fit([entry(1000), entry(8000), noisy]).power, 1.25 + math.log(1.2) / (2 * math.log(8)))

    def test_one_size_is_not_enough(self):
        with self.assertRaisesRegex(SystemExit, "one size of a case, but growth with size needs two"):
            cost_model.fit([{"unknowns": 1000, "processor seconds per step": 2.0, "memory [B]": 1e9}])

    def test_growth_below_linear_counts_as_linear(self):
        self.assertEqual(cost_model.fit([entry(1000, 0.8), entry(8000, 0.8)]).power, 1.0)

    def test_cells(self):
        """A cube of 100 um at 0.1 um has 1e9 cells; with 10 % fine and the rest twice as coarse 0.1 + 0.9/8 of that."""
        self.assertAlmostEqual(cost_model.cells(100**3, 0.1, 1.0, 3) / 1e9, 1.0)
        self.assertAlmostEqual(cost_model.cells(100**3, 0.1, 0.1, 1) / 0.2125e9, 1.0)

    def estimate(self, **changes):
        options = {"edge": 10.0, "volume": None, "cell": 0.1, "levels": 1, "steps": 100, "cores": 10, "memory": 8, "unknowns_per_rank": 1e5, "efficiency": 0.5, "passes": 20.0, **changes}
        case = options.pop("case", "charge_3d")
        return cost_model.estimate(cost_model.fit([entry(1000, 1.0), entry(8000, 1.0)]), case, argparse.Namespace(**options), 1.0)

    def test_needs(self):
        """3e6 unknowns: 30 ranks on 3 nodes, 7 GiB with all ranks' own; 100 steps of 3 s of processor time on 15 effective ranks: 20 s."""
        need = self.estimate()
        self.assertEqual((need["nodes"], need["ranks"]), (3, 30))
        self.assertAlmostEqual(need["unknowns"], 3e6)
        self.assertAlmostEqual(need["hours"] * 3600, 20.0)
        self.assertAlmostEqual(need["memory"] / (3000 * 2**20 + 2048 * 3e6), 1.0)

    def test_memory_asks_for_more_nodes(self):
        """With 2.5 GiB per node the 5.7 GiB of the unknowns and 1 GiB per node for the ranks, times 1.5, ask for 9 nodes (8.6/(2.5 - 1.5))."""
        self.assertEqual(self.estimate(memory=2.5)["nodes"], 9)

    def test_passes_of_a_running_crack(self):
        """8 unknowns per vertex instead of 3 on as many more ranks, 20 passes of each step."""
        charge, coupled = self.estimate(), self.estimate(case="coupled_3d")
        self.assertEqual(coupled["ranks"], 80)
        self.assertAlmostEqual(coupled["hours"] / charge["hours"], 20.0)

    def test_measured_costs_ship(self):
        measured = json.loads((CLUSTER / "costs.json").read_text())
        for case in cost_model.UNKNOWNS_PER_VERTEX:
            self.assertGreaterEqual(len(measured[case]), 2)


if __name__ == "__main__":
    unittest.main()
