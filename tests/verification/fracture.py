"""Cases V13 to V17: fracture."""

import numpy as np

from laboratory import FOLDER


def bar_strength(lab):
    """V13: the peak of the stress where damage is homogeneous; E = G_c = 1, l = 0.03."""
    crack_width, curves = 0.03, []
    for model in ("AT1", "AT2"):
        factor = np.sqrt(3.0 / 8.0 if model == "AT1" else 27.0 / 256.0)
        for ratio in (0.0, 0.15):
            modulus = 1.0 / (1.0 - ratio**2)  # E' in plane strain
            settings = {"Fracture/crack model": model, "Mechanics/Elasticity/poisson ratio": ratio}
            if model == "AT2":  # damaged at any load: the whole way
                settings["Mechanics/Boundary conditions/pull/displacement x"] = "0.03*4*t"
            history = lab.run("v13_bar.prm", f"{model}_{ratio}", settings).history
            strain = 4.0 * history["time"] if model == "AT2" else 3.2 + 0.4 * history["time"]
            stress = history["force_pull_x"] / crack_width
            lab.check(f"strength, {model}, nu {ratio}", stress.max(), factor * np.sqrt(modulus / crack_width), 0.01)
            if model == "AT2":
                energy = 0.5 * modulus * strain**2
                exact = 2.0 * energy / (1.0 / crack_width + 2.0 * energy)
                worst = np.argmax(np.abs(history["damage_max"] - exact))
                lab.check(f"damage where worst, AT2, nu {ratio}", history["damage_max"][worst], exact[worst], 0.01)
            curves.append((f"{model}, nu {ratio}", strain, stress))

    def draw(axes):
        for name, strain, stress in curves:
            axes.plot(strain, stress, label=name)
        axes.set(xlabel="strain", ylabel="stress", title="V13 strength of a bar")
        axes.legend()

    lab.plot(draw)


def single_edge_notch(lab):
    """V14: the notched plate under tension, beside two other codes."""
    history = lab.run("v14_single_edge_notch.prm", "tension", ranks=2).history
    time = history["time"]
    displacement = np.where(time < 20.0, 0.25 * time, 5.0 + 0.05 * (time - 20.0))  # [um]
    force = history["force_top_y"] / 1e6  # [kN] per mm
    stiffness = force / displacement * 1e3  # [kN/mm]
    lab.check("stiffness at 0.25 um [kN/mm]", stiffness[0], 142.75, 0.015)
    lab.check("secant stiffness at 2.3 um [kN/mm]", np.interp(2.3, displacement, stiffness), 137.5, 0.015)
    peak = np.argmax(force)
    lab.check("peak force [kN], 0.66 to 0.72", force[peak], 0.69, 0.03, scale=1.0)
    lab.check("displacement at the peak [um], 5.3 to 5.7", displacement[peak], 5.5, 0.2, scale=1.0)

    def draw(axes):
        axes.plot(displacement, force)
        axes.plot(5.53, 0.7004, "k+", label="another code, peak")
        axes.set(xlabel="displacement [um]", ylabel="force [kN]", title="V14 notched plate")
        axes.legend()

    lab.plot(draw)


def travelling_crack(lab):
    """V15: what a unit of crack length costs, from the surfing boundary condition."""
    ratio, curves = 0.25, []  # h/l
    for model, excess in (("AT1", 3.0 / 8.0 * ratio), ("AT2", 0.5 * ratio)):
        for corrected in (False, True):
            name = f"{model}{', corrected' if corrected else ''}"
            settings = {"Fracture/crack model": model, "Fracture/toughness correction": str(corrected).lower()}
            history = lab.run("v15_surfing.prm", name.replace(", ", "_"), settings, ranks=2).history
            time = history["time"]
            steady = time >= 0.6
            reference = 1.0 if corrected else 1.0 + excess
            dissipated = history["external_work"] - history["strain_energy"]
            energies = {"growth of the crack's energy": history["fracture_energy"], "energy release rate": dissipated}
            for what, energy in energies.items():
                lab.check(f"{what}, {name}", np.polyfit(time[steady], energy[steady], 1)[0], reference, 0.03)
            curves.append((name, time, history["fracture_energy"] - history["fracture_energy"][0]))

    def draw(axes):
        for name, time, energy in curves:
            axes.plot(time, energy, label=name)
        axes.set(xlabel="tip of the given field [m]", ylabel="energy of the crack", title="V15 travelling crack")
        axes.legend()

    lab.plot(draw)


def effective_length(crack_width, cell, model):
    """Half length by the crack's energy of a crack of half length 1: its profile goes on beyond the tips."""
    share = 3.0 / 8.0 if model == "AT1" else 0.5
    return 1.0 + 0.25 * np.pi * crack_width / (1.0 + share * cell / crack_width)


def mean_opening(place, half_strip):
    """Of sqrt(1 - x^2) over a strip of x."""
    x = np.clip(np.linspace(place - half_strip, place + half_strip, 2001), -1.0, 1.0)
    return 3.84e-3 * np.sqrt(1.0 - x**2).mean()


def pressurised_crack(lab):
    """V16: opening of a straight and of a penny-shaped crack under pressure."""
    cell, width, half_strip, curves = 20.0 / 5 / 2**8, 0.05, 1.0 / 32.0, []
    places = np.array([0.0, 0.25, 0.5, 0.75, 0.875])
    for model in ("AT1", "AT2"):
        history = lab.run("v16_sneddon.prm", model, {"Fracture/crack model": model}, ranks=2).history
        lab.check(f"opening volume, {model}", history.last("opening_volume"), 5.943e-3, 0.02)
        half_length = 0.5 * history.last("crack_length")
        lab.check(f"half length by the crack's energy, {model}", half_length, effective_length(width, cell, model), 0.01)
        opening = np.array([history.last(f"opening_{int(1000 * place)}") for place in places]) * 20.0 / (2.0 * half_strip)
        # The box makes the crack stiffer by 1.5 %.
        reference = 5.943 / 6.03186 * np.array([mean_opening(place, half_strip) for place in places])
        for place in (0.0, 0.5):
            k = list(places).index(place)
            lab.check(f"opening at x = {place} a, {model}", opening[k], reference[k], 0.02)
        curves.append((model, opening))
    if not lab.quick:
        history = lab.run("v16_penny.prm", "penny", ranks=2).history
        lab.check("opening volume of the penny", 2.0 * history.last("opening_volume"), 5.12e-3, 0.04)

    def draw(axes):
        x = np.linspace(0.0, 1.0, 200)
        axes.plot(x, 3.84e-3 * np.sqrt(1.0 - x**2), "k-", linewidth=1)
        for model, opening in curves:
            axes.plot(places, opening, "o", label=model)
        axes.set(xlabel="x / a", ylabel="opening", title="V16 crack under pressure")
        axes.legend()

    lab.plot(draw)


def weak_boundary(lab):
    """V17: a crack meets a weak grain boundary: it follows the boundary or crosses it."""
    wide = {"factors": (0.85, 1.15), "probe": 0.1, "settings": {}}
    # At 30 degrees the band must be narrower than the crack; see the parameter file.
    narrow = {"factors": (0.85, 1.034), "probe": 0.2,
              "settings": {"Mesh/maximum level": 6, "Mesh/lower corner": "0 m, -1.00390625 m",
                           "Microstructure/band width": "0.025 m", "Time stepping/end time": "32 s"}}
    bars = []
    for angle, way in ((60, wide),) if lab.quick else ((30, narrow), (60, wide), (90, wide)):
        critical = np.cos(np.radians(0.5 * angle)) ** 4
        for factor, reference in zip(way["factors"], (1.0, -1.0)):
            ratio, place = min(1.0, factor * critical), way["probe"]
            along = (1.5 + place * np.cos(np.radians(angle)), place * np.sin(np.radians(angle)))
            settings = {**way["settings"], "Microstructure/Grains/seed file": FOLDER / f"v17_seeds_{angle}.txt",
                        "Fracture/grain boundary toughness": f"{ratio:.4f} J/m^2",
                        "Diagnostics/Probes/straight/point": f"{1.5 + place:.6f} m, 0 m",
                        "Diagnostics/Probes/along/point": f"{along[0]:.6f} m, {along[1]:.6f} m"}
            history = lab.run("v17_weak_boundary.prm", f"{angle}_{factor}", settings, ranks=2).history
            share = history.last("along") - history.last("straight")
            quantity = f"damage along the boundary less that ahead, {angle} degrees, G_gb/G {ratio:.3f}"
            lab.check(quantity, share, reference, 0.9, scale=1.0)
            bars.append((angle, ratio, critical, share))

    def draw(axes):
        angles = np.linspace(0.0, 100.0, 100)
        axes.plot(angles, np.cos(np.radians(0.5 * angles)) ** 4, "k-", linewidth=1)
        for angle, ratio, _, share in bars:
            axes.plot(angle, ratio, "o" if share > 0.0 else "x", color="C0" if share > 0.0 else "C1")
        axes.set(xlabel="angle [degrees]", ylabel="toughness of the boundary / grain", title="V17 follows (o) or crosses (x)")

    lab.plot(draw)
