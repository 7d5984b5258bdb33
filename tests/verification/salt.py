"""Case V20: salt in ionic liquid, its depletion by current, and the contact resistance between liquid and electrolyte."""

import numpy as np

from laboratory import FARADAY, THERMAL_VOLTAGE

CONCENTRATION = 347.0  # mol/m^3, of the parameter files, as all below
DIFFUSIVITY = 1e-11  # m^2/s
TRANSFERENCE = 0.1
CONDUCTIVITY = 0.14  # S/m
EXCHANGE_CURRENT_DENSITY = 8.5642  # A/m^2
FILM = 20e-6  # m
LIMITING_CURRENT = 2.0 * FARADAY * DIFFUSIVITY * CONCENTRATION / ((1.0 - TRANSFERENCE) * FILM)  # A/m^2


def sand_time(current_density):
    """Time [s] after which the salt at an electrode is used up: pi D (F c0/(2 i (1-t+)))^2."""
    return np.pi * DIFFUSIVITY * (FARADAY * CONCENTRATION / (2.0 * current_density * (1.0 - TRANSFERENCE))) ** 2


def time_of_depletion(history):
    """Where the straight line through the last quarter of the decrease of c over sqrt(t) meets zero [s]."""
    concentration, root = history["salt_concentration_min"], np.sqrt(history["time"])
    late = concentration < 0.25 * CONCENTRATION
    slope, start = np.polyfit(root[late], concentration[late], 1)
    return (start / slope) ** 2


def sand(lab):
    """V20: time until the salt at the lithium is used up."""
    curves = []
    for current in [10.0] if lab.quick else [10.0, 15.0]:
        reference = sand_time(current)
        run = lab.run("v20_sand.prm", f"i_{current:g}", {"Protocol/current density": f"{current} A/m^2"})
        history = run.history
        lab.check(f"time of depletion [s], i {current:g} A/m^2", time_of_depletion(history), reference, 0.02)
        lab.check("why it ends: the salt is used up", float("is used up" in run.screen), 1.0, 0.0)
        lab.check(f"salt_balance_error where worst, i {current:g} A/m^2",
                  np.abs(history["salt_balance_error"]).max(), 0.0, 1e-10)
        curves.append((current, history["time"] / reference, history["salt_concentration_min"] / CONCENTRATION))

    def draw(axes):
        for current, time, concentration in curves:
            axes.plot(np.sqrt(time), concentration, label=f"i {current:g} A/m$^2$")
        axes.plot([0.0, 1.0], [1.0, 0.0], "k--", linewidth=0.8, label="Sand")
        axes.set(xlabel=r"$\sqrt{t/\tau}$", ylabel="$c/c_0$ at the lithium", title="V20 depletion")
        axes.legend()

    lab.plot(draw)


def film_voltage(current_density):
    """Voltage [V] of the steady film between lithium and a reversible counter electrode: kinetics at the depleted side,
    diffusion potential between the sides, resistance."""
    fraction = current_density / LIMITING_CURRENT
    kinetic = np.arcsinh(current_density / (2.0 * EXCHANGE_CURRENT_DENSITY * np.sqrt(1.0 - fraction)))
    diffusion = 2.0 * (1.0 - TRANSFERENCE) * np.log((1.0 + fraction) / (1.0 - fraction))
    return THERMAL_VOLTAGE * (2.0 * kinetic + diffusion) + current_density * FILM / CONDUCTIVITY


def film(lab):
    """V20: steady film at half of the limiting current."""
    current = 0.5 * LIMITING_CURRENT
    run = lab.run("v20_film.prm", "half", {"Protocol/current density": f"{current:.12g} A/m^2"})
    line = run.line("film")
    height, concentration = line["y"] - 2e-6, line["salt_concentration"]
    inside = height > 0.5e-6
    reference = CONCENTRATION * (1.0 + 0.5 * (2.0 * height / FILM - 1.0))
    worst = np.argmax(np.abs(concentration - reference)[inside])
    lab.check("concentration where worst [mol/m^3], half the limiting current", concentration[inside][worst],
              reference[inside][worst], 0.01, CONCENTRATION)
    lab.check("cell voltage [V], half the limiting current", run.history.last("cell_voltage"), film_voltage(current), 0.01)
    lab.check("salt_balance_error where worst", np.abs(run.history["salt_balance_error"]).max(), 0.0, 1e-10)

    def draw(axes):
        axes.plot(1e6 * height, concentration / CONCENTRATION, label="computed")
        axes.plot(1e6 * height, reference / CONCENTRATION, "k:", label="exact")
        axes.set(xlabel="height above the lithium, um", ylabel="$c/c_0$", title="V20 steady film, half of the limiting current")
        axes.legend()

    lab.plot(draw)


def limiting_current(lab):
    """V20: limiting current of the film, from a slow ramp to the end of the salt.

    While the current i = r t grows slowly the concentration at the lithium is c0 [1 - (i - r L^2/(12 D))/i_lim]: linear, late
    by the time in which the profile follows.
    """
    rate = 0.1  # A/(m^2 s)
    run = lab.run("v20_film.prm", "ramp", {"Protocol/shape": "ramp", "Protocol/current density": f"{400 * rate} A/m^2",
                                           "Protocol/ramp time": "400 s", "Time stepping/end time": "400 s",
                                           "Salt transport/maximum change": "0.05"})
    current, ratio = rate * run.history["time"], run.history["salt_concentration_min"] / CONCENTRATION
    late = ratio < 0.5
    slope, start = np.polyfit(current[late], ratio[late], 1)
    lag = rate * FILM**2 / (12.0 * DIFFUSIVITY)
    lab.check("limiting current [A/m^2] by the slope of c over i", -1.0 / slope, LIMITING_CURRENT, 0.01)
    lab.check("current [A/m^2] at which c would vanish, less its lag", -start / slope - lag, LIMITING_CURRENT, 0.01)
    lab.check("c/c0 where farthest from the line below a half", np.abs(ratio - start - slope * current)[late].max(), 0.0, 0.002)
    lab.check("why it ends: the salt is used up", float("is used up" in run.screen), 1.0, 0.0)

    def draw(axes):
        axes.plot(current / LIMITING_CURRENT, ratio, label="computed")
        axes.plot([0.0, 1.0], [1.0, 0.0], "k--", linewidth=0.8, label="exact")
        axes.set(xlabel=r"$i/i_{\mathrm{lim}}$", ylabel="$c/c_0$ at the lithium", title="V20 film, ramp of the current")
        axes.legend()

    lab.plot(draw)


def relaxation(lab):
    """V20: decay of a wave of concentration, and the diffusion potential, with a negative transference number."""
    run = lab.run("v20_relaxation.prm", "wave")
    line, time = run.line("film"), run.history.last("time")
    amplitude = 100.0 * np.exp(-DIFFUSIVITY * (np.pi / FILM) ** 2 * time)
    concentration = line["salt_concentration"]
    lab.check("amplitude of the wave after 4 s [mol/m^3]", 0.5 * (concentration[0] - concentration[-1]), amplitude, 5e-3)
    reference = 2.0 * THERMAL_VOLTAGE * 1.5 * np.log((CONCENTRATION + amplitude) / (CONCENTRATION - amplitude))
    lab.check("diffusion potential [V]", line["ionic_potential"][0] - line["ionic_potential"][-1], reference, 5e-3)


def contact(lab):
    """V20: contact resistance in series, for walls of different widths, also those that cut cells."""
    worst = []
    for resistance in [10.0] if lab.quick else [1.0, 10.0, 100.0]:  # Ohm cm^2
        for half_width in [0.125e-6, 0.375e-6]:
            for shift in [0.0] if lab.quick else [0.0, 0.04e-6]:
                settings = {
                    "Electrolyte/ionic liquid contact resistance": f"{resistance} Ohm cm^2",
                    "Microstructure/half width of pore walls": f"{half_width * 1e6:g} um",
                    "Microstructure/Phases by expression/liquid": f"2*um*sin(pi*(x-{shift:g})/(2*um))",
                }
                name = f"{resistance:g}_{half_width * 1e9:.0f}nm_{shift * 1e9:.0f}nm"
                value = lab.run("v20_contact.prm", name, settings).history.last("effective_ionic_conductivity_xx")
                reference = 8e-6 / (4e-6 / 0.046 + 4e-6 / CONDUCTIVITY + 4.0 * resistance * 1e-4)
                worst.append((abs(value / reference - 1.0), resistance, half_width, value, reference))
        error, _, half_width, value, reference = max(row for row in worst if row[1] == resistance)
        lab.check(f"sigma_xx [S/m] where worst, {resistance:g} Ohm cm^2, half width {half_width * 1e6:g} um", value,
                  reference, 0.01)
