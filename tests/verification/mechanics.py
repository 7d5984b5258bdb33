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

    lab.plot(draw)


def eshelby(lab):
    """V11: a cylinder and a sphere with eigenstrain 1e-3 in an infinite body of the same stiffness."""
    modulus, ratio, strain, radius = 150e9, 0.26, 1e-3, 1e-6
    references = {"cylinder": (-modulus * strain / (2.0 * (1.0 - ratio**2)), strain / (2.0 * (1.0 - ratio)), 1),
                  "sphere": (-2.0 * modulus * strain / (3.0 * (1.0 - ratio)), strain * (1.0 + ratio) / (3.0 * (1.0 - ratio)), 2)}
    curves = []
    for name, (stress, extension, power) in list(references.items())[: 1 if lab.quick else 2]:
        line = lab.run(f"v11_{name}.prm", name, ranks=2).line("radius")
        r = line["x"] / radius
        inside = r < 0.9
        for component in ("stress_xx", "stress_yy"):
            worst = np.argmax(np.abs(line[component][inside] - stress))
            lab.check(f"{component} [Pa] inside where worst, {name}", line[component][inside][worst], stress, 0.02)
        at_wall = np.interp(1.0, r, line["displacement_x"]) / radius
        lab.check(f"u_r/a, {name}", at_wall, extension, 0.02)
        curves.append((name, r, line["displacement_x"] / radius / extension, np.where(r < 1.0, r, 1.0 / np.maximum(r, 1.0) ** power)))

    def draw(axes):
        for name, r, computed, exact in curves:
            axes.plot(r, exact, "k-", linewidth=1)
            axes.plot(r[::3], computed[::3], "o", markersize=4, label=name)
        axes.set(xlabel="r / a", ylabel="displacement / that of the wall", title="V11 inclusions with eigenstrain")
        axes.legend()

    lab.plot(draw)


COMPONENTS = ("xx", "yy", "zz", "xy", "xz", "yz")


def effective_stiffness(history, strain):
    """6 x 6 matrix from six steps: stress [Pa] per engineering strain."""
    return np.array([history[f"mean_stress_{component}"] for component in COMPONENTS]) / strain


def bulk_and_shear(stiffness):
    """Bulk modulus and the mean shear modulus of the five modes without change of volume."""
    bulk = stiffness[:3, :3].sum() / 9.0
    deviatoric = np.trace(stiffness[:3, :3]) - 3.0 * bulk  # sum of the two modes' 2 G
    return bulk, (0.5 * deviatoric + np.trace(stiffness[3:, 3:])) / 5.0


def polycrystal(lab):
    """V12: bulk and shear modulus of random cubic polycrystals, of LLZO and of lithium."""
    history = lab.run("v12_polycrystal.prm", "LLZO", ranks=2).history
    stiffness = effective_stiffness(history, 1e-3)
    bulk, shear = bulk_and_shear(stiffness)
    lab.check("bulk modulus [Pa]", bulk, 112.4e9, 1e-3)
    lab.check("shear modulus [Pa], mean of five modes", shear, 64.56e9, 1e-3)
    lab.check("asymmetry of the effective stiffness", np.abs(stiffness - stiffness.T).max() / bulk, 0.0, 1e-6)
    if lab.quick:
        return
    lithium = {"c11": "13.5 GPa", "c12": "11.44 GPa", "c44": "8.78 GPa"}
    settings = {f"Mechanics/Elasticity/{name}": value for name, value in lithium.items()}
    history = lab.run("v12_polycrystal.prm", "lithium", settings, ranks=2).history
    bulk, shear = bulk_and_shear(effective_stiffness(history, 1e-3))
    lab.check("bulk modulus of lithium [Pa]", bulk, (13.5e9 + 2.0 * 11.44e9) / 3.0, 1e-3)
    low, high = 3.083e9, 4.569e9  # Hashin-Shtrikman
    lab.check("shear modulus of lithium [Pa], between the bounds", shear, 0.5 * (low + high), 0.5 * (high - low), scale=1.0)
