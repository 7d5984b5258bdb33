"""Cases V13 to V17: fracture."""

import numpy as np


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
            for what, energy in (("growth of the crack's energy", history["fracture_energy"]), ("energy release rate", dissipated)):
                lab.check(f"{what}, {name}", np.polyfit(time[steady], energy[steady], 1)[0], reference, 0.03)
            curves.append((name, time, history["fracture_energy"] - history["fracture_energy"][0]))

    def draw(axes):
        for name, time, energy in curves:
            axes.plot(time, energy, label=name)
        axes.set(xlabel="tip of the given field [m]", ylabel="energy of the crack", title="V15 travelling crack")
        axes.legend()

    lab.plot(draw)


def effective_radius(crack_width, cell, model="AT1"):
    """Radius of a crack of radius 1 with the damage beyond its tip."""
    share = 3.0 / 8.0 if model == "AT1" else 0.5
    return 1.0 + 0.25 * np.pi * crack_width / (1.0 + share * cell / crack_width)


def pressurised_crack(lab):
    """V16: opening of a straight and of a penny-shaped crack under pressure."""
    cell, curves = 20.0 / 5 / 2**8, []
    for model, width in (("AT1", 0.05), ("AT2", 0.05)):
        history = lab.run("v16_sneddon.prm", model, {"Fracture/crack model": model, "Fracture/crack width": f"{width} m"}, ranks=2).history
        radius = effective_radius(width, cell, model)
        lab.check(f"opening volume, {model}", history.last("opening_volume"), 5.943e-3 * radius**2, 0.02)
        places = np.array([0.0, 0.25, 0.5, 0.75, 0.875])
        opening = np.array([history.last(f"opening_{int(1000 * place)}") for place in places]) * 20.0 * 16.0
        curves.append((model, places, opening, radius))

    def draw(axes):
        x = np.linspace(0.0, 1.0, 200)
        axes.plot(x, 3.84e-3 * np.sqrt(1.0 - x**2), "k-", linewidth=1)
        for model, places, opening, radius in curves:
            axes.plot(places, opening, "o", label=model)
        axes.set(xlabel="x / a", ylabel="opening", title="V16 crack under pressure")
        axes.legend()

    lab.plot(draw)
