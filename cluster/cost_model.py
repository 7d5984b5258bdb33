#!/usr/bin/env python3
"""How many nodes and hours a simulation needs, from the measured costs per unknown in costs.json (scaling.py costs).

    cost_model.py --edge 100 --cell 0.1                    a cube of 100 um at 0.1 um
    cost_model.py --volume 100 --cell 0.1                  100 um^3 at 0.1 um

Time of a step: a N^p, through the largest measured problem, p by least squares from all sizes (at least 1). Memory: b0 + b1 N through the two
largest; each rank pays b0. Cells: the share --refined of the volume has cells of --cell, the rest cells that are 2^levels as large.
"""

import argparse
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path

UNKNOWNS_PER_VERTEX = {"charge_3d": 3, "coupled_3d": 8}  # unknowns per vertex: two potentials, lithium; displacement (3), damage, pressure


@dataclass
class Costs:
    """Fit to the measured sizes of one case."""

    seconds: float   # processor time of a step of `unknowns`
    unknowns: float
    power: float
    bytes_per_rank: float
    bytes_per_unknown: float

    def step(self, unknowns):
        return self.seconds * (unknowns / self.unknowns) ** self.power

    def memory(self, unknowns, ranks):
        return self.bytes_per_rank * ranks + self.bytes_per_unknown * unknowns


def slope_of(x, y):
    """Slope of the line through points, by least squares."""
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y)) / sum((a - mean_x) ** 2 for a in x)


def fit(entries):
    """Costs from a list of measured sizes."""
    if len(entries) < 2:
        raise SystemExit("cost_model.py: the costs hold one size of a case, but growth with size needs two: scaling.py costs --cells 16,24")
    small, large = sorted(entries, key=lambda entry: entry["unknowns"])[-2:]
    time, memory = "processor seconds per step", "memory [B]"
    power = slope_of([math.log(entry["unknowns"]) for entry in entries], [math.log(entry[time]) for entry in entries])
    slope = (large[memory] - small[memory]) / (large["unknowns"] - small["unknowns"])
    return Costs(large[time], large["unknowns"], max(power, 1.0), max(large[memory] - slope * large["unknowns"], 0.0), slope)


def cells(volume, cell, refined, levels):
    """Number of cells of a mesh that is fine in the share `refined` of the volume [um^3]."""
    return volume / cell**3 * (refined + (1.0 - refined) / 8**levels)


def estimate(costs, case, options, refined):
    """Dictionary of the sizes and needs of one simulation."""
    volume = options.edge**3 if options.edge else options.volume
    unknowns = UNKNOWNS_PER_VERTEX[case] * cells(volume, options.cell, refined, options.levels)
    nodes = max(1, math.ceil(unknowns / (options.unknowns_per_rank * options.cores)))
    while costs.memory(unknowns, nodes * options.cores) * 1.5 > nodes * options.memory * 2**30:
        if costs.bytes_per_rank * options.cores * 1.5 >= options.memory * 2**30:
            raise SystemExit("cost_model.py: the program alone fills the memory of a node with so many ranks; give fewer --cores")
        nodes += max(1, nodes // 20)
    ranks = min(nodes * options.cores, max(1, math.ceil(unknowns / options.unknowns_per_rank))) if nodes == 1 else nodes * options.cores
    passes = options.passes if case == "coupled_3d" else 1.0
    hours = options.steps * passes * costs.step(unknowns) / (ranks * options.efficiency) / 3600
    return {"case": case, "refined": refined, "unknowns": unknowns, "memory": costs.memory(unknowns, ranks), "nodes": nodes, "ranks": ranks, "hours": hours}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--edge", type=float, help="edge of the cube [um]")
    size.add_argument("--volume", type=float, help="volume [um^3]")
    parser.add_argument("--cell", type=float, required=True, help="finest cell [um]")
    parser.add_argument("--refined", type=float, default=0.05, help="share of the volume with the finest cells, on the refined mesh")
    parser.add_argument("--levels", type=int, default=3, help="how many times coarser the rest is, in halvings")
    parser.add_argument("--steps", type=int, default=500, help="accepted steps")
    parser.add_argument("--passes", type=float, default=30, help="of a step with a running crack, each as dear as the measured step")
    parser.add_argument("--cores", type=int, default=64, help="ranks of a node")
    parser.add_argument("--memory", type=float, default=256, help="memory of a node [GiB]")
    parser.add_argument("--unknowns-per-rank", type=float, default=1e5, help="below this communication costs more than it gains")
    parser.add_argument("--efficiency", type=float, default=0.7, help="of that many ranks, against one")
    parser.add_argument("--costs", default=str(Path(__file__).resolve().parent / "costs.json"))
    options = parser.parse_args()
    measured = json.loads(Path(options.costs).read_text())
    print("case        mesh       unknowns     memory  nodes   ranks      hours  node hours")
    for case, entries in measured.items():
        for refined in (options.refined, 1.0):
            need = estimate(fit(entries), case, options, refined)
            mesh = "uniform" if refined == 1.0 else f"{100 * refined:.0f} % fine"
            print(f"{case:10s}  {mesh:8s}  {need['unknowns']:9.2e}  {need['memory'] / 2**30:7.1f} G  {need['nodes']:5d}  {need['ranks']:6d}  {need['hours']:9.2f}  {need['hours'] * need['nodes']:10.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
