"""Cases V18, V19: a flaw filled with lithium, half a plate of v18_flaw.prm; V5 with such a flaw at the anode."""

import json
import pathlib

import numpy as np

from laboratory import VOLUME_PER_CHARGE

MATERIALS = pathlib.Path(__file__).resolve().parents[2] / "input" / "materials"

HALF_LENGTH = 10e-6  # a [m]
MODULUS = 150e9 / (1.0 - 0.26**2)  # E' [Pa]
RESISTANCE = 5e-4  # R_ct [Ohm m^2]
TOUGHNESS = np.sqrt(6.216 * MODULUS)  # K_Ic [Pa sqrt(m)]
TIME_CONSTANT = np.pi * HALF_LENGTH * RESISTANCE / (2.0 * VOLUME_PER_CHARGE**2 * MODULUS)
CRITICAL_PRESSURE = TOUGHNESS / np.sqrt(np.pi * HALF_LENGTH)
# Largest relative change of an answer when a parameter is halved the second time: what was found (0.063, 0.30, 0.24, 0.013, that of the lithium in
# the crack each time), rounded up. The crack width is one of the model, and the metal's diffuse edge drains the foot of the flaw, so that
# these two change the answer itself.
CONVERGED = {"h": 0.1, "l": 0.4, "delta": 0.3, "dt": 0.02}
GRIFFITH = TOUGHNESS**4 / (np.pi * MODULUS)  # V p^3 of half a crack that grows


def resolution(ratio):
    """Crack width a/ratio on four cells."""
    return {"Fracture/crack width": f"{1e6 * HALF_LENGTH / ratio:.12g} um",
            "Mesh/maximum level": 6 + int(np.log2(ratio / 10))}


def overpotential_of_growth(growth, overpotential, wanted):
    """That at which the crack has grown by so much; not a number if it never does."""
    return float(np.interp(wanted, growth, overpotential)) if growth.max() >= wanted else float("nan")


def measured_time_constants(history, stall):
    """Of each step of 1 to 3 s. An Euler step of dp/dt = (p_inf - p)/tau is undone as such: the plain logarithm of
    1 - p/p_inf would have the error of the time steps in it."""
    time, pressure, step = history["time"], history["lithium_pressure_max"], history["step_size"]
    values = step * (stall - pressure) / np.diff(pressure, prepend=0.0)
    return values[(time > 1.0) & (time < 3.0)]


def stall(lab):
    """V18: plating on the flanks fills the flaw until its pressure stops it."""
    reference, curves, constants = 1e-3 / VOLUME_PER_CHARGE, [], []
    steps = {"Time stepping/initial step": "0.1 s", "Time stepping/growth": 1.15}
    ratios = (10,) if lab.quick else (10, 20, 40)
    for ratio in ratios:
        history = lab.run("v18_flaw.prm", f"uniform_{ratio}", {**resolution(ratio), **steps}).history
        constant = measured_time_constants(history, reference).mean()
        constants.append(constant)
        curves.append((f"a/l = {ratio}", history["time"], history["lithium_pressure_max"]))
        # The profile of damage goes on by pi l/4 beyond the tip, and with it the surface that reacts.
        excess = history["flank_area"][0] / (2.0 * HALF_LENGTH)
        lab.check(f"time constant x surface of the flanks, a/l {ratio} [s]", constant * excess, TIME_CONSTANT, 0.02)
    lab.check("pressure at the end [MPa/mV], uniform", history.last("lithium_pressure_max") / 1e6, reference / 1e6, 0.02)
    if not lab.quick:
        lab.check("time constant, a/l 40 [s]", constants[-1], TIME_CONSTANT, 0.05)
    settings = {**resolution(10), **steps, "Lithium pressure/slot flow": "creep", "Diagnostics/Probes/middle/field": "lithium_pressure",
                "Diagnostics/Probes/middle/point": "1 um, 0.01 um", "Diagnostics/Probes/tip/field": "lithium_pressure",
                "Diagnostics/Probes/tip/point": "9.5 um, 0.01 um"}
    history = lab.run("v18_flaw.prm", "creep", settings).history
    for place in ("middle", "tip"):
        lab.check(f"pressure at the end [MPa/mV], creep, {place}", history.last(place) / 1e6, reference / 1e6, 0.02)

    def draw(axes):
        time = np.linspace(0.0, 15.0, 200)
        axes.plot(time, 7.42 * (1.0 - np.exp(-time / TIME_CONSTANT)), "k-", linewidth=1)
        for (name, times, pressure), constant in zip(curves, constants):
            axes.plot(times, pressure / 1e6, ".", label=f"{name}: {100.0 * (constant / TIME_CONSTANT - 1.0):+.1f} % in time")
        axes.set(xlabel="time [s]", ylabel="pressure [MPa]", title="V18 filled flaw at -1 mV", xlim=(0.0, 15.0))
        axes.legend(loc="lower right")

    lab.plot(draw)


def critical_overpotential(lab):
    """V19: the potential difference, slowly raised, at which the flaw grows."""
    curves, errors = [], []
    # Where the ramp begins and ends [mV].
    cases = {("central", 10): (21.25, 23.375), ("central", 20): (21.25, 23.75), ("edge", 10): (18.5, 20.5)}
    for place, ratio in list(cases)[: 1 if lab.quick else None]:
        # Fast kinetics, so that the pressure follows; a step in which the crack runs is taken again, shorter.
        start, end = cases[place, ratio]
        settings = {**resolution(ratio), "Electrolyte/exchange current density": "513.85 A/m^2",
                    "Flank reaction/potential difference": f"-0.001*if(t<1, {start}*t, {start}+0.25*(t-1))",
                    "Time stepping/initial step": "1 s", "Time stepping/maximum step": "1 s",
                    "Time stepping/end time": f"{1.0 + 4.0 * (end - start)} s", "Fracture/snap-through step": "0.001 s"}
        factor = 1.0
        if place == "edge":
            # The mouth is kept shut, else lithium squeezes out of the broken layer, and holds the plate along x.
            conditions = "Mechanics/Boundary conditions/"
            settings.update({conditions + "left/where": f"{2.1 * 1e6 * HALF_LENGTH / ratio}*um - abs(y)",
                             conditions + "right/type": "traction", conditions + "right/traction x": "0",
                             conditions + "bottom/type": "roller"})
            factor = 1.1215
        history = lab.run("v18_flaw.prm", f"{place}_{ratio}", settings).history
        overpotential = start + 0.25 * (history["time"] - 1.0)
        pressure, length = history["lithium_pressure_max"], history["crack_length"]
        critical = 1e3 * VOLUME_PER_CHARGE * CRITICAL_PRESSURE / factor
        grown = overpotential_of_growth(length - length[0], overpotential, 0.5 * HALF_LENGTH / ratio)
        name = f"{place}, a/l {ratio}"
        lab.check(f"overpotential when the crack has grown by l/2 [mV], {name}", grown, critical, 0.1)
        highest = 1e3 * VOLUME_PER_CHARGE * pressure.max()
        lab.check(f"largest pressure x V_Li/F [mV], {name}", highest, critical, 0.1)
        errors.append(abs(highest / critical - 1.0))
        if place == "central":
            before = np.searchsorted(overpotential, 0.95 * critical) - 1
            stalled = 1e-3 * overpotential[before] / VOLUME_PER_CHARGE
            lab.check(f"pressure before that [MPa], {name}", pressure[before] / 1e6, stalled / 1e6, 0.01)
        curves.append((name, overpotential, length - length[0]))
    if not lab.quick:
        lab.check("error at a/l 20 less that at a/l 10 (below zero)", max(0.0, errors[1] - errors[0]), 0.0, 0.0)

    def draw(axes):
        for name, overpotential, length in curves:
            axes.plot(overpotential, 1e6 * length, ".-", label=name)
        for factor in (1.0, 1.1215):
            axes.axvline(1e3 * VOLUME_PER_CHARGE * CRITICAL_PRESSURE / factor, color="k", linewidth=1)
        axes.set(xlabel="overpotential [mV]", ylabel="growth [um]", title="V19 critical overpotential", xlim=(18.0, 25.0))
        axes.legend()

    lab.plot(draw)


def brittle_solid(name):
    """E' [Pa] and K_Ic [Pa sqrt(m)] of a material file, and the settings of v18_flaw.prm for it."""
    properties = json.loads((MATERIALS / f"{name}.json").read_text(encoding="utf-8"))["properties"]
    youngs, poisson, toughness = (properties[key]["value"] for key in ("youngs_modulus", "poisson_ratio", "fracture_toughness"))
    assert youngs.endswith(" GPa") and toughness.endswith(" MPa m^0.5")
    modulus = 1e9 * float(youngs.split()[0]) / (1.0 - float(poisson) ** 2)
    intensity = 1e6 * float(toughness.split()[0])
    return modulus, intensity, {"Electrolyte/electrolyte": name, "Mechanics/Elasticity/youngs modulus": youngs,
                                "Mechanics/Elasticity/poisson ratio": poisson,
                                "Fracture/toughness": f"{intensity**2 / modulus:.12g} J/m^2"}


def flaw_size(lab):
    """V19: the overpotential that a flaw withstands by its size, in a tough and in a weak electrolyte."""
    sizes = np.array([1.0, 4.0, 16.0, 64.0])  # a [um]
    curves = []
    # Where the ramp ends, in percent of the expected: beyond it the crack runs through the plate, and takes long to compute.
    for name, end in (("LLZO", 97.5), ("LPSCl", 98.5)):
        modulus, intensity, material = brittle_solid(name)
        critical = 1e3 * VOLUME_PER_CHARGE * intensity / np.sqrt(np.pi * 1e-6 * sizes)  # mV
        grown = []
        for a, expected in zip(sizes, critical):
            # The plate of v18_flaw.prm in proportion; kinetics so fast that the pressure follows the ramp by 1 % per second.
            length, start = 0.1 * a, 0.88 * expected
            settings = {**material, "Mesh/size": f"{16 * a} um, {32 * a} um", "Mesh/lower corner": f"0 um, {-16 * a} um",
                        "Fracture/crack width": f"{length:.12g} um", "Fracture/snap-through step": "0.001 s",
                        "Fracture/Initial cracks/flaw/from": f"0 um, {a / 80:.12g} um",
                        "Fracture/Initial cracks/flaw/to": f"{a} um, {a / 80:.12g} um",
                        "Electrolyte/exchange current density": f"{513.85 * a / 10.0 * MODULUS / modulus:.12g} A/m^2",
                        "Flank reaction/potential difference": f"-0.001*{expected:.12g}*if(t<1, 0.88*t, 0.88+0.01*(t-1))",
                        "Time stepping/initial step": "0.1 s", "Time stepping/growth": 1.4, "Time stepping/maximum step": "0.5 s",
                        "Time stepping/end time": f"{end - 87.0} s"}
            history = lab.run("v18_flaw.prm", f"{name}_{a:.0f}um", settings).history
            growth = 1e6 * (history["crack_length"] - history["crack_length"][0])
            overpotential = start + 0.01 * expected * (history["time"] - 1.0)
            grown.append(overpotential_of_growth(growth, overpotential, 0.5 * length))
            lab.check(f"overpotential when the crack has grown by l/2 [mV], {name}, a {a:.0f} um", grown[-1], expected, 0.1)
        curves.append((name, intensity, grown))

    def draw(axes):
        line = np.geomspace(0.7, 90.0, 50)
        for (name, intensity, grown), colour in zip(curves, ("C0", "C1")):
            axes.loglog(line, 1e3 * VOLUME_PER_CHARGE * intensity / np.sqrt(np.pi * 1e-6 * line), color=colour, linewidth=1)
            axes.loglog(sizes, grown, "o", color=colour, label=f"{name}, {1e-6 * intensity:g} MPa m$^{{1/2}}$")
        axes.set(xlabel="half length of the flaw [um]", ylabel="overpotential [mV]",
                 title=r"V19 critical overpotential; lines: $K_{Ic} V_{Li}/(F\sqrt{\pi a})$")
        axes.legend()

    lab.plot(draw)


def given_volume(lab):
    """V19: a flaw into which a volume is injected: its pressure, and that at which it grows."""
    without_reaction = {"Flank reaction/active": "false", "Time stepping/initial step": "1 s", "Time stepping/maximum step": "1 s"}
    once = {**without_reaction, "Time stepping/end time": "1 s", **resolution(10)}
    given = {"Lithium pressure/active": "false", "Crack pressure/active": "true", "Crack pressure/pressure": "10*MPa"}
    opening = lab.run("v18_flaw.prm", "given_pressure", {**once, **given}).history.last("opening_volume")
    volume = {"Lithium pressure/Injections/flaw/volume": f"{opening:.12g}*t"}
    history = lab.run("v18_flaw.prm", "given_volume", {**once, **volume}).history
    lab.check("pressure that opens as much [MPa]", history.last("lithium_pressure_max") / 1e6, 10.0, 0.005)
    lab.check("volume that is not accounted for", history.last("confined_volume_error"), 0.0, 1e-4)
    if lab.quick:
        return

    # From just before it grows to half as long again.
    growing = {**without_reaction, **resolution(10), "Time stepping/end time": "8 s",
               "Lithium pressure/Injections/flaw/volume": "0.000001^2*if(t<1, 0.36*t, 0.36+0.03*(t-1))"}
    history = lab.run("v18_flaw.prm", "growing", growing).history
    pressure, opened = history["lithium_pressure_max"], history["opening_volume"]
    # The exponent of V = p^-3 itself says little: 1 % in the toughness while p falls by 7 % changes it by 0.5.
    runs = history["crack_length"] > history["crack_length"][0] + 0.5e-6
    toughness = (opened[runs] * pressure[runs] ** 3 / GRIFFITH) ** 0.25
    lab.check("toughness of a growing crack by its volume and pressure, over K_Ic", toughness.mean(), 1.0, 0.02)
    lab.check("change of this as the crack grows", toughness[-1] - toughness[0], 0.0, 0.02)

    def draw(axes):
        axes.plot(1e12 * opened, pressure / 1e6, ".-", label="injected")
        law = np.linspace(0.6 * opened.max(), opened.max(), 50)
        axes.plot(1e12 * law, np.cbrt(GRIFFITH / law) / 1e6, "k-", linewidth=1, label="Griffith")
        axes.set(xlabel="volume of the half crack [um^2]", ylabel="pressure [MPa]", title="V19 injected volume")
        axes.legend()

    lab.plot(draw)


def closure(lab):
    """V5: charge and lithium close while a filled flaw at the anode grows."""
    history = lab.run("v5_filled_crack.prm", "anode").history
    for column in ("charge_balance_error", "charge_volume_error", "confined_volume_error"):
        lab.check(f"largest {column}, filled crack", np.abs(history[column]).max(), 0.0, 1e-6)
    # Put together anew: with no room for growth all lithium is in the crack, squeezed into the metal, or drained.
    places = ("lithium_volume_cracks", "lithium_volume_squeezed", "lithium_volume_drained")
    confined = sum(history[place] for place in places)
    lab.check("lithium without room [um]", 1e6 * confined[-1], 1e6 * VOLUME_PER_CHARGE * history.last("charge"), 1e-6)
    length = history["crack_length"]
    lab.check("growth of the crack [um] (more than a quarter of l)", float(length[-1] - length[0] > 0.075e-6), 1.0, 0.0)
    # Sweeps that are extrapolated end at the same answer, as far as their tolerance of 2e-5 says.
    faster = lab.run("v5_filled_crack.prm", "accelerated", {"Coupling/acceleration": "true"}).history
    for column in ("crack_length", "lithium_pressure_max"):
        lab.check(f"{column} with accelerated sweeps, relative", faster.last(column) / history.last(column), 1.0, 1e-4)
    lab.check("more sweeps with acceleration", max(0.0, faster["sweeps"].sum() - history["sweeps"].sum()), 0.0, 0.0)

    def draw(axes):
        for place in places:
            axes.plot(history["charge"], 1e9 * history[place], label=place.replace("lithium_volume_", ""))
        axes.plot(history["charge"], 1e9 * VOLUME_PER_CHARGE * history["charge"], "k.", label="charge")
        axes.set(xlabel="charge [C/m^2]", ylabel="volume per area [nm]", title="V5 filled crack at the anode")
        axes.legend()

    lab.plot(draw)


def convergence(lab):
    """The flaw of V5 with h, l, delta and dt halved, twice each: by how much its answers change, and with which order."""

    def run(name, level=7, width=0.4, front=0.4, step=0.1):
        settings = {"Mesh/maximum level": level, "Fracture/crack width": f"{width} um", "Electrodeposition/front width": f"{front} um",
                    "Time stepping/initial step": f"{step} s", "Time stepping/maximum step": f"{step} s", "Time stepping/growth": 1.0001,
                    "Time stepping/end time": "0.5 s", "Time stepping/maximum steps": 100000, "Alternate minimisation/tolerance": 1e-5,
                    "Coupling/tolerance": 1e-4, "Coupling/acceleration": "true"}
        history = lab.run("v5_filled_crack.prm", name, settings).history
        # Not the largest pressure: it is that at the tip, where slot flow makes it steep.
        return {"cell voltage": history.last("cell_voltage"), "crack length": history.last("crack_length"),
                "lithium in the crack": history.last("lithium_volume_cracks")}

    finest, coarser = run("h_0.05"), run("h_0.09", level=6)
    studies = {"h": [run("h_0.19", level=5), coarser, finest],
               "l": [run("l_0.8", width=0.8), finest, run("l_0.2", width=0.2)],
               "delta": [finest, run("delta_0.2", front=0.2), run("delta_0.1", front=0.1)],
               "dt": [coarser, run("dt_0.05", level=6, step=0.05), run("dt_0.025", level=6, step=0.025)]}
    changes = {}
    for parameter, answers in studies.items():
        for quantity in finest:
            first, second = (answers[i + 1][quantity] - answers[i][quantity] for i in (0, 1))
            changes[parameter, quantity] = abs(first / answers[-1][quantity]), abs(second / answers[-1][quantity])
            order = np.log2(abs(first / second))
            lab.check(f"{quantity} with {parameter} halved again: change, order {order:.2f}", changes[parameter, quantity][1], 0.0,
                      CONVERGED[parameter])

    def draw(axes):
        for (parameter, quantity), values in changes.items():
            axes.semilogy((1, 2), values, "o-", label=f"{parameter}: {quantity}")
        axes.set(xticks=(1, 2), xlabel="halvings", ylabel="relative change", title="Convergence of a filled flaw at the anode")
        axes.legend(fontsize="x-small", ncol=2)

    lab.plot(draw)


def nucleated_closure(lab):
    """V5: charge and lithium close while lithium nucleated on a grain boundary breaks it and joins the crack."""
    history = lab.run("v5_nucleated.prm", "boundary").history
    for column in ("charge_balance_error", "charge_volume_error", "confined_volume_error"):
        lab.check(f"largest {column}, nucleated", np.abs(history[column]).max(), 0.0, 1e-6)
    # Put together anew: with no room for growth all lithium is nucleated, in cracks, squeezed into the metal, or drained.
    places = tuple(f"lithium_volume_{place}" for place in ("nucleated", "cracks", "squeezed", "drained"))
    confined = sum(history[place] for place in places)
    charge = VOLUME_PER_CHARGE * history["charge"]
    for step, when in ((history["damage_max"] < 0.9).nonzero()[0][-1], "before"), (-1, "after"):
        lab.check(f"lithium without room by charge, {when} the boundary breaks", confined[step] / charge[step], 1.0, 1e-6)
    joined = history["lithium_volume_joined"][-1] / history["lithium_volume_nucleated"].max()
    lab.check("lithium that joins the crack (most of what had nucleated)", float(joined > 0.5), 1.0, 0.0)

    def draw(axes):
        for place in places[:2]:
            axes.plot(history["time"], 1e9 * history[place], label=place.replace("lithium_volume_", ""))
        axes.plot(history["time"], 1e9 * history["lithium_volume_joined"], label="joined")
        axes.set(xlabel="time [s]", ylabel="volume per area [nm]", title="V5 nucleated lithium breaks a boundary")
        axes.legend()

    lab.plot(draw)
