"""Cases V10 to V12: elasticity."""

import numpy as np


def kirsch(r):
    """Hoop stress over the applied tension beside a hole of radius 1, across the tension."""
    return 1.0 + 0.5 / r**2 + 1.5 / r**4


def goodier(r, poisson_ratio):
    """The same beside a spherical cavity: Goodier, J. Appl. Mech. 1 (1933) 39."""
    return 1.0 + ((4.0 - 5.0 * poisson_ratio) / r**3 + 9.0 / r**5) / (2.0 * (7.0 - 5.0 * poisson_ratio))


def stress_concentration(lab):
    """V10: the stress beside a hole and beside a spherical cavity, from two cells off the wall outwards."""
    radius, tension = 1e-6, 100e6
    curves = []
    cases = [("kirsch", "y", "stress_xx", kirsch, 4e-6 / 256, (1.25, 1.5, 2.0, 3.0)),
             ("sphere", "x", "stress_zz", lambda r: goodier(r, 0.26), 1e-6 / 16, (1.25, 1.5, 2.0, 3.0))]
    for name, axis, component, exact, cell, places in cases[: 1 if lab.quick else 2]:
        line = lab.run(f"v10_{name}.prm", name, ranks=2).line("axis")
        r, ratio = line[axis] / radius, line[component] / tension
        outside = r >= 1.0 + 2.0 * cell / radius - 1e-9
        r, ratio = r[outside], ratio[outside]
        for place in places:
            lab.check(f"stress over tension at r = {place} a, {name}", np.interp(place, r, ratio), exact(place), 0.02)
        worst = np.argmax(np.abs(ratio / exact(r) - 1.0))
        lab.check(f"where worst, r = {r[worst]:.4g} a, {name}", ratio[worst], exact(r[worst]), 0.02)
        # What is left to the wall is the exact profile's own change.
        lab.check(f"peak, from r = a + 2 cells, {name}", ratio[0] * exact(1.0) / exact(r[0]), exact(1.0), 0.02)
        curves.append((name, r, ratio, exact(r)))

    def draw(axes):
        for name, r, ratio, exact in curves:
            axes.plot(r, exact, "k-", linewidth=1)
            axes.plot(r[::4], ratio[::4], "o", markersize=4, label=name)
        axes.set(xlabel="r / a", ylabel="stress / tension", title="V10 hole and spherical cavity")
        axes.legend()

    lab.plot("stress_concentration.png", draw)
