"""Cases V3 to V5: fronts of lithium, their speed, voltage and balance."""

import numpy as np

from laboratory import FARADAY, LITHIUM_MOLAR_VOLUME, THERMAL_VOLTAGE, um

CONDUCTIVITY = 0.046  # S/m, of planar_cell.prm
EXCHANGE_CURRENT_DENSITY = 128.463  # A/m^2, likewise
CHARGE_TRANSFER_RESISTANCE = THERMAL_VOLTAGE / EXCHANGE_CURRENT_DENSITY  # Ohm m^2


def faraday_speed(current_density):
    """Speed [m/s] of a planar front that takes all of the current density [A/m^2]: V_Li i/F."""
    return LITHIUM_MOLAR_VOLUME * current_density / FARADAY


def cell_voltage(current_density, electrolyte_thickness):
    """Voltage [V] of the planar cell: Butler-Volmer with alpha = 1/2 inverted, plus Ohm's law."""
    kinetic = 2.0 * THERMAL_VOLTAGE * np.arcsinh(current_density / (2.0 * EXCHANGE_CURRENT_DENSITY))
    return kinetic + current_density * electrolyte_thickness / CONDUCTIVITY


def kinetic_length(current_density):
    """l_k [m] = sigma d(eta)/di at the working point, alpha = 1/2; sigma RT/(F i0) for small currents."""
    slope = CHARGE_TRANSFER_RESISTANCE / np.sqrt(1.0 + (current_density / (2.0 * EXCHANGE_CURRENT_DENSITY)) ** 2)
    return CONDUCTIVITY * slope


def planar_box(front_width):
    """Entries of the planar cell with delta = 4 cells: 2 x 128 cells, the front at 6 delta."""
    return {
        "Mesh/size": um(0.5 * front_width, 32.0 * front_width),
        "Microstructure/Anode/thickness": um(6.0 * front_width),
        "Electrodeposition/front width": um(front_width),
    }


def planar_front_speed(lab):
    """V3: slope of a line through the front positions of the last eight front widths."""
    currents = [10.0] if lab.quick else [1.0, 10.0, 100.0]
    widths = [0.1e-6, 1e-6] if lab.quick else [0.1e-6, 0.25e-6, 0.5e-6, 1e-6]
    curves = []
    for current in currents:
        for width in widths:
            speed = faraday_speed(current)
            end = 16.0 * width / speed
            settings = {
                **planar_box(width),
                "Protocol/current density": f"{current} A/m^2",
                "Time stepping/initial step": f"{0.1 * width / speed:.12g} s",
                "Time stepping/end time": f"{end:.12g} s",
            }
            history = lab.run("v3_planar_front.prm", f"i_{current:g}_delta_{width * 1e9:.0f}nm", settings).history
            late = history["time"] > 0.5 * end
            measured = np.polyfit(history["time"][late], history["front_position_max"][late], 1)[0]
            lab.check(f"speed [m/s], i {current:g} A/m^2, delta {width * 1e6:g} um", measured, speed, 2e-3)
            curves.append((f"i {current:g} A/m$^2$, $\\delta$ {width * 1e6:g} um", history["time"] * speed / width,
                           (history["front_position_max"] - 6.0 * width) / width))

    def draw(axes):
        for label, distance, position in curves:
            axes.plot(distance, position - distance, label=label, linewidth=1)
        axes.set(xlabel="$V_{Li}\\, i\\, t / (F\\, \\delta)$", ylabel="(front position - Faraday's law) / $\\delta$",
                 title="V3 planar front")
        axes.legend(ncols=2, loc="lower right")

    lab.plot(draw)


def overpotential(lab):
    """V4: the voltage of the first step, with the metal surface exactly where it was put."""
    currents = [10.0] if lab.quick else [1.0, 10.0, 100.0]
    ratios = [0.05, 0.2] if lab.quick else [0.02, 0.05, 0.1, 0.2]
    errors = {}
    for current in currents:
        for ratio in ratios:
            width = ratio * kinetic_length(current)
            settings = {**planar_box(width), "Protocol/current density": f"{current} A/m^2"}
            history = lab.run("v4_overpotential.prm", f"i_{current:g}_ratio_{ratio:g}", settings).history
            voltage = history.last("cell_voltage")
            reference = cell_voltage(current, 26.0 * width)
            scale = current * CHARGE_TRANSFER_RESISTANCE
            lab.check(f"cell voltage [V], i {current:g} A/m^2, delta/l_k {ratio:g}", voltage, reference, 7e-3, scale)
            errors.setdefault(current, []).append((voltage - reference) / scale)

    def draw(axes):
        for current, values in errors.items():
            axes.plot(ratios, 100.0 * np.array(values), "o-", label=f"i {current:g} A/m$^2$")
        axes.axhline(0.7, color="grey", linestyle="--")
        axes.axhline(-0.7, color="grey", linestyle="--")
        axes.set(xlabel="$\\delta / l_k$", ylabel="error of the voltage, % of $i R_{ct}$", title="V4 planar cell")
        axes.legend()

    lab.plot(draw)


CLOSURE_RUNS = {
    "polycrystal": {},
    "connected counter electrode": {
        "Counter electrode/electrons": "connected",
        "Counter electrode/kinetics": "butler-volmer",
        "Counter electrode/exchange current density": "10 mA/cm^2",
    },
    "potentiostatic": {"Protocol/control": "potentiostatic", "Protocol/voltage": "30 mV"},
    "plating and stripping": {
        "Electrodeposition/Accessibility/grain": "1",
        "Protocol/shape": "cycle",
        "Protocol/plating time": "60 s",
        "Protocol/rest time": "5 s",
        "Protocol/stripping time": "30 s",
    },
    "3-D": {
        "dimension": "3",
        "Mesh/size": "6 um, 6 um, 6 um",
        "Mesh/coarse cells": "1, 1, 1",
        "Mesh/minimum level": "2",
        "Mesh/maximum level": "5",
        "Electrodeposition/front width": "0.4 um",
        "Electrodeposition/refinement margin": "3",
        "Microstructure/Pores/Single pores/liquid/centre": "2 um, 3 um, 3.5 um",
        "Microstructure/Pores/Single pores/liquid/semi-axes": "1.5 um",
        "Microstructure/Pores/Single pores/empty/centre": "4.4 um, 3 um, 4 um",
        "Microstructure/Pores/Single pores/empty/semi-axes": "1.5 um",
        "Time stepping/maximum steps": "20",  # the mesh follows the front from step 15 on
    },
}


def closure(lab):
    """V5: the columns of the history that state the balance, and the same balance put together anew."""
    names = ["polycrystal"] if lab.quick else CLOSURE_RUNS
    curves = []
    for name in names:
        history = lab.run("v5_closure.prm", name.replace(" ", "_"), CLOSURE_RUNS[name]).history
        lab.check(f"largest charge_balance_error, {name}", np.abs(history["charge_balance_error"]).max(), 0.0, 1e-8)
        lab.check(f"largest charge_volume_error, {name}", np.abs(history["charge_volume_error"]).max(), 0.0, 1e-8)
        passed = np.sum(history["ionic_current_density"] * history["step_size"])
        turnover = np.sum(np.abs(history["ionic_current_density"]) * history["step_size"])
        lithium = sum(history[column] for column in
                      ("lithium_volume", "lithium_volume_collector", "lithium_volume_nucleated"))
        # The volume before the first step is not in the table: count from the end of the first step.
        first = history["ionic_current_density"][0] * history["step_size"][0]
        gained = FARADAY / LITHIUM_MOLAR_VOLUME * (lithium[-1] - lithium[0])
        # The history has 12 digits, of which the large volume of the anode takes some.
        lab.check(f"lithium volume as charge [C/m^2], {name}", gained, passed - first, 1e-8, turnover)
        if not lab.quick:
            cells = history["cells"]
            lab.check(f"changes of the mesh (at least one), {name}", float(np.ptp(cells) > 0), 1.0, 0.0)
        curves.append((name, np.abs(history["charge_volume_error"]), np.abs(history["charge_balance_error"])))

    def draw(axes):
        for number, (name, volume, charge) in enumerate(curves):
            axes.semilogy(volume, "-", color=f"C{number}", linewidth=1, label=name)
            axes.semilogy(charge, ":", color=f"C{number}", linewidth=1)
        axes.axhline(1e-8, color="grey", linestyle="--")
        axes.set(xlabel="step", ylabel="relative error: lithium (line), charge (dots)", title="V5 closure", ylim=(1e-16, 1e-5))
        axes.legend(ncols=2, loc="upper center")

    lab.plot(draw)
