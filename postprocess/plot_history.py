#!/usr/bin/env python3
"""Plots the time series of one or several runs: voltage, current, charge, lithium by place, tip, leakage, step size; forces,
energies and cracks where there is mechanics.

    plot_history.py results/llzo_polycrystal                     -> results/llzo_polycrystal/pictures/history.png
    plot_history.py results/a results/b --output compare.pdf     -> both runs in the same panels
    plot_history.py results/a --columns cell_voltage,tip_speed --against charge

Where a condition prescribes a displacement in time (a platen, or a formula without x, y, z in parameters.prm), its force is
drawn against that displacement as well.
"""

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import lithoclase_style as style
import numpy as np
import matplotlib.pyplot as plt
from lithoclase_results import ResultError, display_unit, label, prescribed_displacement, read_history
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter


@dataclass(frozen=True)
class Panel:
    """Columns that share a panel: those whose name matches `pattern` in full; the part in brackets names the curve."""

    title: str
    pattern: str
    scale: str = "linear"  # linear, log, or auto: log if the values span more than a factor of 300
    least: float = 0.0     # curves below this fraction of the largest are left out


@dataclass(frozen=True)
class Plot:
    """What is drawn in one panel; without abscissas, over the column that the user chose."""

    title: str
    scale: str
    curves: list                # (curve name, column)
    abscissas: object = None    # per run an array [m] or None
    abscissa_title: str = ""


PANELS = [
    Panel("Cell voltage", r"cell_voltage()"),
    Panel("Current density", r"current_density()"),
    Panel("Charge", r"charge()"),
    Panel("Leakage current density", r"(leakage|self_discharge|internal_plating)_current(?:_density)?", "auto"),
    Panel("Salt in ionic liquid", r"salt_concentration_(.+)"),
    Panel("Lithium by place", r"lithium_volume_(.+)"),
    Panel("Position of the front", r"(?:front|tip)_position_?(.*)|(.+)_(?:front|tip)_position"),
    Panel("Tip speed", r"(?:tip|front)_speed_?(.*)|(.+)_(?:tip|front)_speed", "auto"),
    Panel("Pressure in lithium", r"(?:lithium_)?pressure_?(.*)"),
    Panel("Reaction force", r"force_(.+_[xyz])", least=1e-6),
    Panel("Mean stress", r"mean_stress_([xyz]{2})", least=1e-4),
    Panel("Energies", r"(strain_energy|fracture_energy)|external_(work)"),
    Panel("Crack length", r"crack_length_?(.*)"),
    Panel("Crack area", r"crack_area_?(.*)"),
    Panel("Volume of the opening", r"opening_volume_?(.*)"),
    Panel("Largest damage", r"damage_max()"),
    Panel("Passes of displacement and damage", r"passes()"),
    Panel("Effective conductivity", r"effective_(.+)_conductivity_?.*"),
    Panel("Step size", r"(?:time_)?step_size()", "auto"),
    Panel("Balance error", r"(.+)_error", "log"),
    Panel("Size of the problem", r"(cells|unknowns)", "auto"),
]


def main(arguments=None):
    options = parse(arguments)
    try:
        histories = [read_history(path) for path in options.runs]
        panels = choose_panels(histories, options.columns)
        if options.columns is None:
            panels = with_force_displacement(panels, histories)
        figure = plot(histories, panels, options.against, options.labels)
    except ResultError as error:
        sys.exit(f"plot_history: {error}")
    outputs = options.output or [default_output(options.runs[0])]
    style.save(figure, outputs, options.dpi)


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", help="folders of results, or history.csv files")
    parser.add_argument("--output", action="append", metavar="FILE",
                        help="picture to write, .png, .pdf or .svg; may be repeated "
                             "(default: pictures/history.png in the first run)")
    parser.add_argument("--columns", type=lambda text: text.split(","), help="only these columns, one panel each")
    parser.add_argument("--against", default="time", metavar="COLUMN", help="column of the horizontal axis (default: time)")
    parser.add_argument("--labels", type=lambda text: text.split(","), help="names of the runs (default: their folders)")
    parser.add_argument("--dpi", type=int, default=200)
    options = parser.parse_args(arguments)
    if options.labels and len(options.labels) != len(options.runs):
        parser.error(f"{len(options.labels)} labels for {len(options.runs)} runs")
    return options


def default_output(run):
    run = Path(run)
    return (run if run.is_dir() else run.parent) / "pictures" / "history.png"


def choose_panels(histories, columns=None):
    """Plots to draw: one per asked column, else those of PANELS that some run has."""
    available = list(dict.fromkeys(name for history in histories for name in history.columns))
    if columns:
        for name in columns:
            if name not in available:
                raise ResultError(f"No run has a column '{name}'; there are: {', '.join(available)}")
        return [Plot(label(name), "auto", [("", name)]) for name in columns]
    chosen = []
    for panel in PANELS:
        curves = []
        for name in available:
            match = re.fullmatch(panel.pattern, name)
            if match and any(np.any(history[name] != 0) for history in histories if name in history):
                curves.append((next((group for group in match.groups() if group), ""), name))
        curves = without_small_ones(curves, histories, panel.least)
        if curves:
            chosen.append(Plot(panel.title, panel.scale, curves))
    if not chosen:
        raise ResultError(f"None of the columns is known: {', '.join(available)}. Choose some with --columns")
    return chosen


def without_small_ones(curves, histories, least):
    """The curves whose largest value is at least the fraction `least` of the largest of all."""
    sizes = [max(np.nanmax(np.abs(history[name]), initial=0.0) for history in histories if name in history)
             for _, name in curves]
    return [curve for curve, size in zip(curves, sizes) if size >= least * max(sizes)]


def with_force_displacement(panels, histories):
    """The panels, behind that of the forces those of each force against the displacement that is prescribed with it."""
    result = []
    for panel in panels:
        result.append(panel)
        if panel.title != "Reaction force":
            continue
        for _, name in panel.curves:
            displacements = [prescribed_displacement(history, name) for history in histories]
            if any(values is not None for values in displacements):
                force = name[len("force_"):]
                result.append(Plot(f"Force: {label(force).lower()}", "linear", [("", name)], displacements,
                                   f"Displacement: {label(force).lower()}"))
    return result


def plot(histories, panels, against="time", labels=None):
    """The figure; one colour per run, or per curve where there is a single run."""
    style.use_style()
    columns = min(3 if len(panels) <= 9 else 4, len(panels))
    rows = -(-len(panels) // columns)
    figure, grid = plt.subplots(rows, columns, figsize=(0.4 + 2.5 * columns, 0.35 + 1.85 * rows), squeeze=False,
                                layout="constrained")
    labels = labels or [history.name for history in histories]
    everything = np.concatenate([history[against] for history in histories])
    unit_x = display_unit(histories[0].units[against], everything)
    for axes, panel in zip(grid.flat, panels):
        if panel.abscissas is None:
            draw_panel(axes, panel, histories, [history[against] * unit_x.factor for history in histories])
            axes.set_xlabel(style.with_unit(label(against), unit_x))
        else:
            unit = display_unit("m", np.concatenate([values for values in panel.abscissas if values is not None]))
            draw_panel(axes, panel, histories, [None if values is None else values * unit.factor for values in panel.abscissas])
            axes.set_xlabel(style.with_unit(panel.abscissa_title, unit))
    for axes in grid.flat[len(panels):]:
        axes.remove()
    if len(histories) > 1:
        handles = [plt.Line2D([], [], color=style.CURVES[i % len(style.CURVES)]) for i in range(len(histories))]
        figure.legend(handles, labels, loc="outside upper left" if _has_outside_legends() else "upper left", ncol=len(labels))
        figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 0.25 / figure.get_figheight()))
    return figure


def _has_outside_legends():
    return tuple(int(part) for part in plt.matplotlib.__version__.split(".")[:2]) >= (3, 7)


def draw_panel(axes, panel, histories, abscissas):
    """One panel with all runs over their `abscissas` (None: not this run); several curves of several runs differ in the
    dashes."""
    title, scale, curves = panel.title, panel.scale, panel.curves
    values = [history[name] for _, name in curves for history in histories if name in history]
    unit = display_unit(next(history.units[name] for _, name in curves for history in histories if name in history),
                        np.concatenate(values))
    dashes = ["-", "--", ":", "-.", (0, (5, 1, 1, 1, 1, 1))]
    single = len(histories) == 1
    for i, history in enumerate(histories):
        for j, (curve, name) in enumerate(curves):
            if name not in history or abscissas[i] is None or not np.any(np.isfinite(history[name])):
                continue
            y = history[name] * unit.factor
            colour = style.CURVES[(j if single else i) % len(style.CURVES)]
            axes.plot(abscissas[i], np.abs(y) if scale == "log" else y, color=colour,
                      ls="-" if single else dashes[j % len(dashes)], label=curve_label(curve),
                      marker="o" if len(history) == 1 else None, ms=3)
    if len(curves) == 1 and curves[0][0]:
        title += ": " + label(curves[0][0]).lower()
    axes.set_title(style.with_unit(title, unit))
    if scale == "log" or (scale == "auto" and _spans_decades(values)):
        axes.set_yscale("log")
        _widen_to_decades(axes, np.concatenate(values) * unit.factor)
        axes.yaxis.set_major_locator(LogLocator(numticks=6))
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        _widen_if_flat(axes)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.grid(True)
    axes.margins(x=0)
    if len(curves) > 1:
        if len(curves) > 5 and axes.get_yscale() == "linear":  # room for the legend above the curves
            low, high = axes.get_ylim()
            axes.set_ylim(low, high + 0.4 * (high - low))
        _curve_legend(axes, curves, single, dashes)


def curve_label(curve):
    """A name for people, but components stay "xx"."""
    return curve if re.fullmatch("[xyz]{2}", curve) else label(curve) if curve else "All"


def _curve_legend(axes, curves, single, dashes):
    handles = [plt.Line2D([], [], color=style.CURVES[j % len(style.CURVES)] if single else style.INK,
                          ls="-" if single else dashes[j % len(dashes)]) for j in range(len(curves))]
    axes.legend(handles, [curve_label(curve) for curve, _ in curves], loc="best", handlelength=1.2, labelspacing=0.2,
                borderaxespad=0.2, ncol=2 if len(curves) > 5 else 1, columnspacing=1.0)


def _spans_decades(values):
    values = np.concatenate(values)
    positive = values[np.isfinite(values) & (values > 0)]
    return positive.size > 0 and not np.any(values < 0) and positive.max() > 300 * positive.min()


def _widen_if_flat(axes):
    """A constant is a line in the middle, not noise blown up to the height of the panel."""
    low, high = axes.get_ylim()
    middle = 0.5 * (low + high)
    if high - low < 0.02 * abs(middle):
        half = 0.1 * abs(middle)
        axes.set_ylim(middle - half, middle + half)


def _widen_to_decades(axes, values):
    """The axis ends on powers of ten, so that it has labels."""
    values = np.abs(values[np.isfinite(values) & (values != 0)])
    if values.size:
        axes.set_ylim(10.0 ** np.floor(np.log10(values.min())), 10.0 ** np.ceil(np.log10(values.max() * (1 + 1e-9))))


if __name__ == "__main__":
    main()
