"""Cases V10 to V12: elasticity."""

import dataclasses
import itertools

import numpy as np

from laboratory import FOLDER


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


MODES = {"xx-yy": (1, -1, 0), "xx+yy-2zz": (1, 1, -2)}  # extensions without change of volume; the others are yz, xz, xy


def bulk_and_shear(stiffness):
    """Bulk modulus and the shear moduli of the five modes without change of volume, by name."""
    bulk = stiffness[:3, :3].sum() / 9.0
    moduli = {name: 0.5 * np.dot(mode, stiffness[:3, :3] @ mode) / np.dot(mode, mode) for name, mode in MODES.items()}
    return bulk, {**moduli, **dict(zip(COMPONENTS[3:], np.diag(stiffness)[3:]))}


@dataclasses.dataclass
class CubicCrystal:
    """Elastic constants [Pa] and what they say about a polycrystal without texture."""

    c11: float
    c12: float
    c44: float

    @property
    def bulk(self):
        return (self.c11 + 2.0 * self.c12) / 3.0

    def voigt_and_reuss(self):
        """Shear modulus at uniform strain and at uniform stress."""
        difference = self.c11 - self.c12
        return (difference + 3.0 * self.c44) / 5.0, 5.0 * difference * self.c44 / (4.0 * self.c44 + 3.0 * difference)

    def hashin_shtrikman(self):
        """Bounds of the shear modulus, the lower first: Hashin, Shtrikman, J. Mech. Phys. Solids 10 (1962) 343."""
        shear = 0.5 * (self.c11 - self.c12), self.c44

        def bound(a, b, weight):  # the comparison body has the shear modulus a
            beta = -3.0 * (self.bulk + 2.0 * a) / (5.0 * a * (3.0 * self.bulk + 4.0 * a))
            return a + weight / (5.0 / (b - a) - 2.0 * (5.0 - weight) * beta)

        return sorted((bound(*shear, 3.0), bound(*shear[::-1], 2.0)))


def draw_shear_moduli(title, crystal, moduli, reference):
    """Shear moduli by mode and their mean between the bounds."""

    def draw(axes):
        voigt, reuss = crystal.voigt_and_reuss()
        lower, upper = crystal.hashin_shtrikman()
        axes.axhspan(reuss / 1e9, voigt / 1e9, color="0.9", label="Reuss to Voigt")
        axes.axhspan(lower / 1e9, upper / 1e9, color="0.75", label="Hashin and Shtrikman")
        if reference is not None:
            axes.axhline(reference / 1e9, color="k", linewidth=1, label="reference")
        names = [*moduli, "mean"]
        values = [*moduli.values(), np.mean(list(moduli.values()))]
        axes.plot(range(5), np.array(values[:5]) / 1e9, "o", label="mode")
        axes.plot(5, values[5] / 1e9, "D", label="mean of the modes")
        axes.set_xticks(range(6), names, rotation=30)
        axes.set(ylabel="shear modulus, GPa", title=title)
        axes.legend()

    return draw


def stiffness_columns(history, dim):
    """The effective stiffness of its own mode, as a matrix in the order of COMPONENTS (2-D: xx, yy, xy)."""
    components = [c for c in COMPONENTS if dim == 3 or "z" not in c]
    return np.array([[history.last(f"effective_stiffness_{row}{column}") for column in components] for row in components])


def turned_crystal(c11, c12, c44, phi_1, capital_phi, phi_2):
    """6 x 6 stiffness in the axes of the sample, in the order of COMPONENTS, by the sum over all indices."""

    def about(axis, angle):
        i, j = (axis + 1) % 3, (axis + 2) % 3
        matrix = np.eye(3)
        matrix[i, i] = matrix[j, j] = np.cos(angle)
        matrix[j, i], matrix[i, j] = np.sin(angle), -np.sin(angle)
        return matrix

    rotation = about(2, phi_1) @ about(0, capital_phi) @ about(2, phi_2)
    crystal = np.zeros((3, 3, 3, 3))
    for i, k in itertools.product(range(3), repeat=2):
        crystal[i, i, k, k] = c11 if i == k else c12
        if i != k:
            crystal[i, k, i, k] = crystal[i, k, k, i] = c44
    tensor = np.einsum("ia,jb,kc,ld,abcd->ijkl", *[rotation] * 4, crystal)
    pairs = [("xyz".index(c[0]), "xyz".index(c[1])) for c in COMPONENTS]
    return np.array([[tensor[(*row, *column)] for column in pairs] for row in pairs])


def layered(first, second):
    """Stiffness of two equal layers across x. Traction (xx, xy, xz) and strain along the layers are common to both."""
    size = len(first)
    across = [0, 3, 4] if size == 6 else [0, 2]
    along = [k for k in range(size) if k not in across]

    def mean(part):
        return 0.5 * (part(first) + part(second))

    def block(c, rows, columns):
        return c[np.ix_(rows, columns)]

    soft = np.linalg.inv(mean(lambda c: np.linalg.inv(block(c, across, across))))
    coupling = mean(lambda c: np.linalg.solve(block(c, across, across), block(c, across, along)))
    rest = mean(lambda c: block(c, along, along)
                - block(c, along, across) @ np.linalg.solve(block(c, across, across), block(c, across, along)))
    result = np.zeros((size, size))
    result[np.ix_(across, across)] = soft
    result[np.ix_(across, along)] = soft @ coupling
    result[np.ix_(along, across)] = (soft @ coupling).T
    result[np.ix_(along, along)] = rest + coupling.T @ soft @ coupling
    return result


PLANE = {"dimension": "2", "Mesh/size": "1 um, 1 um", "Mesh/coarse cells": "1, 1", "Mesh/periodic axes": "x, y",
         "Microstructure/Grains/seed file": str(FOLDER / "v12_seeds_2d.txt")}


def effective_laminate(lab):
    """V12: the mode `effective stiffness` on one crystal, on layers of two crystals and of two isotropic solids, and
    with a void."""
    constants, angles = (187e9, 75.1e9, 71.0e9), ((0.2, 0.9, 0.4), (1.1, 0.5, 0.3))
    crystals = [turned_crystal(*constants, *angle) for angle in angles]
    modulus, ratio, factor = 150e9, 0.26, 0.1
    lame, shear = modulus * ratio / (1.0 + ratio) / (1.0 - 2.0 * ratio), 0.5 * modulus / (1.0 + ratio)
    isotropic = turned_crystal(lame + 2.0 * shear, lame, shear, 0.0, 0.0, 0.0)
    for dim in (2, 3):
        plane = PLANE if dim == 2 else {}
        kept = np.ix_([0, 1, 3], [0, 1, 3]) if dim == 2 else np.ix_(range(6), range(6))
        cubic = {"Mechanics/Elasticity/symmetry": "cubic", "Mechanics/Elasticity/c11": "187 GPa",
                 "Mechanics/Elasticity/c12": "75.1 GPa", "Mechanics/Elasticity/c44": "71.0 GPa"}
        aligned = {"Microstructure/Grains/orientation file": str(FOLDER / "v12_aligned.txt")}
        solids = {"Mechanics/Elasticity/youngs modulus": "150 GPa", "Mechanics/Elasticity/poisson ratio": "0.26",
                  "Mechanics/Elasticity/stiffness factor": f"if(x<0.5*um,1,{factor})"}
        cases = [("one crystal", {**cubic, **aligned}, turned_crystal(*constants, 0.0, 0.0, 0.0)[kept]),
                 ("two crystals", cubic, layered(*[c[kept] for c in crystals])),
                 ("two solids", solids, layered(isotropic[kept], factor * isotropic[kept]))]
        for what, settings, exact in cases:
            name = f"{what} {dim}d".replace(" ", "_")
            history = lab.run("v12_laminate.prm", name, {**plane, **settings}).history
            computed = stiffness_columns(history, dim)
            worst = np.unravel_index(np.argmax(np.abs(computed - exact)), exact.shape)
            lab.check(f"stiffness [Pa] where worst, {what}, {dim}-D", computed[worst], exact[worst], 1e-9,
                      scale=np.abs(exact).max())
    # Cells must be small against the wall, over which stiffness is mixed by volume: on 64^2 the bulk modulus is 0.14 % above.
    plane = {**PLANE, "Mesh/minimum level": "8", "Mesh/maximum level": "8",
             "Microstructure/Phases by expression/empty": "0.25*um-sqrt((x-0.5*um)^2+(y-0.5*um)^2)"}
    history = lab.run("v12_laminate.prm", "void", plane).history
    for modulus in ("bulk_modulus_in_the_plane", "shear_modulus"):
        upper, computed = history.last(modulus + "_hashin_shtrikman_upper"), history.last("mean_" + modulus)
        lab.check(f"{modulus} with a void, Reuss [Pa]", history.last(modulus + "_reuss"), 0.0, 0.0, scale=1.0)
        lab.check(f"{modulus} with a void by the upper bound (at most 1)", max(computed / upper, 1.0), 1.0, 1e-9)


def polycrystal(lab):
    """V12: bulk and shear modulus of random cubic polycrystals, of LLZO and of lithium."""
    crystal = CubicCrystal(187e9, 75.1e9, 71.0e9)
    history = lab.run("v12_polycrystal.prm", "LLZO", ranks=2).history
    stiffness = effective_stiffness(history, 1e-3)
    bulk, moduli = bulk_and_shear(stiffness)
    lab.check("bulk modulus [Pa]", bulk, 112.4e9, 1e-3)
    lab.check("shear modulus [Pa], mean of five modes", np.mean(list(moduli.values())), 64.56e9, 1e-3)
    lab.check("asymmetry of the effective stiffness", np.abs(stiffness - stiffness.T).max() / bulk, 0.0, 1e-6)
    by_mode = lab.run("v12_polycrystal.prm", "mode", {"mode": "effective stiffness"}, ranks=2).history
    worst = np.abs(stiffness_columns(by_mode, 3) - stiffness).max()
    lab.check("the mode 'effective stiffness' against six loads", worst / bulk, 0.0, 1e-6)
    for modulus in ("bulk_modulus", "shear_modulus"):
        low, high = (by_mode.last(f"{modulus}_{bound}") for bound in ("reuss", "voigt"))
        lab.check(f"{modulus} [Pa], between Reuss and Voigt", by_mode.last(f"mean_{modulus}"), 0.5 * (low + high),
                  0.5 * (high - low) + 1e-6 * high, scale=1.0)
    lab.plot(draw_shear_moduli("V12 LLZO, 200 grains", crystal, moduli, 64.56e9))
    if lab.quick:
        return
    crystal = CubicCrystal(13.5e9, 11.44e9, 8.78e9)
    settings = {f"Mechanics/Elasticity/{name}": f"{value / 1e9:g} GPa" for name, value in dataclasses.asdict(crystal).items()}
    history = lab.run("v12_polycrystal.prm", "lithium", settings, ranks=2).history
    bulk, moduli = bulk_and_shear(effective_stiffness(history, 1e-3))
    lab.check("bulk modulus of lithium [Pa]", bulk, crystal.bulk, 1e-3)
    low, high = crystal.hashin_shtrikman()
    shear = np.mean(list(moduli.values()))
    lab.check("shear modulus of lithium [Pa], between the bounds", shear, 0.5 * (low + high), 0.5 * (high - low), scale=1.0)
    lab.plot(draw_shear_moduli("V12 lithium, 200 grains", crystal, moduli, None))
