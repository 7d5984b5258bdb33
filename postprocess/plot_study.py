#!/usr/bin/env python3
"""Plots an observable of a parameter study against its parameters.

    plot_study.py STUDY --observable cracking_current_density --against "boundary toughness"
    plot_study.py STUDY --observable effective_ionic_conductivity_yy --against grains --by "boundary conductivity"
    plot_study.py STUDY --observable effective_ionic_conductivity_yy --map grains "boundary conductivity"
    plot_study.py STUDY --observable effective_ionic_conductivity_yy --against grain_size --by boundary_resistance \\
        --curve bricks "1/(1/0.046 + boundary_resistance/grain_size)"

An observable is a column of the table that collect_study.py makes; without `final_`, `min_` or `max_` the last value is meant.
Points are runs, lines the means, bars the standard deviation and bands the range over what else differs (the seeds). An onset that
a finished run did not reach is a triangle at the largest value that the run had. Axes are logarithmic where the values span
more than a factor of 30. --curve draws a formula of the parameters in SI units (spaces in their names as underscores) beside the
runs, dashed. A map shows a lattice of two parameters as cells; other samples are interpolated between the runs.
"""

import argparse
import difflib
import re
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cluster"))
import lithoclase_style as style
import matplotlib.pyplot as plt
import numpy as np
from collect_study import collect
from expressions import evaluate
from failures import StudyError
from lithoclase_results import DisplayUnit, ResultError, display_unit, label
from lithoclase_study import read_study
from matplotlib.colors import LogNorm, Normalize
from matplotlib.tri import Triangulation

EVENTS = ("cracking", "penetration", "short_circuit")
LOG_FACTOR = 30.0  # from this ratio of largest to smallest on an axis is logarithmic
NOTE = "#6b737c"   # colour of the notes below
MAX_CURVES = 8     # more values of --by are colours on a scale


@dataclass
class Axis:
    """The values of one column for the chosen runs, as they are drawn."""

    title: str
    values: np.ndarray  # numbers in the display unit, or the numbers of the words
    unit: DisplayUnit
    words: list         # the categories of a column of texts, else []
    column: object = None

    @property
    def log(self):
        return not self.words and spans_decades(self.values)

    def text(self, value):
        """A value with its unit, for legends."""
        return self.words[int(value)] if self.words else f"{value:.4g} {self.unit}".strip()

    def restrict(self, rows):
        return Axis(self.title, self.values[rows], self.unit, self.words, self.column)


def spans_decades(values):
    values = values[np.isfinite(values)]
    return values.size > 0 and values.min() > 0 and values.max() >= LOG_FACTOR * values.min()


@dataclass
class Sample:
    """What is drawn: the runs that have a value of the observable, and those that did not reach it."""

    y: Axis
    reached: np.ndarray   # (n,) of bool: y is the value, else the least that it can be
    parameters: dict      # column name -> Axis, of the parameters that differ, the seed among them
    left_out: int         # runs of the study that are not drawn


def read_sample(table, observable):
    """The Sample of an observable: of finished runs alone, as the last values of others are not their results."""
    column = find_column(table, observable)
    values = column.numbers()
    finished = np.array([state == "finished" for state in table["state"].values])
    limit = lower_limits(table, column.name)
    reached = np.isfinite(values)
    drawn = finished & (reached | np.isfinite(limit))
    if not (drawn & reached).any():
        raise ResultError(f"No finished run has a value of '{column.name}'")
    y = make_axis(column, np.where(reached, values, limit))
    parameters = {c.name: make_axis(c).restrict(drawn) for c in table.group("parameters")
                  if not c.name.endswith("(as given)") and len(set(c.values)) > 1}
    return Sample(y.restrict(drawn), reached[drawn], parameters, int((~drawn).sum()))


def lower_limits(table, name):
    """What the runs had at most of the observable of an onset, (n_rows,); nan if `name` is no onset."""
    for event in EVENTS:
        source = f"max_{name[len(event) + 1:]}" if name != f"{event}_time" else "final_time"
        if name.startswith(event + "_") and name in table and table[name].group == "onsets" and source in table:
            return table[source].numbers()
    return np.full(table.n_rows, np.nan)


def find_column(table, name):
    """The column of numbers with this name, or with `final_` before it. ResultError, with a suggestion, if there is none."""
    for candidate in (name, f"final_{name}"):
        if candidate in table and table[candidate].unit is not None:
            return table[candidate]
    raise unknown("an observable", name, [c.name for c in table.columns.values() if c.unit is not None])


def unknown(what, name, available):
    close = difflib.get_close_matches(name, available, n=3, cutoff=0.5)
    known = f"did you mean {' or '.join(close)}?" if close else f"there are: {', '.join(available)}"
    return ResultError(f"The study has no column '{name}' for {what}; {known}")


def make_axis(column, values=None):
    """The Axis of a column, of these values instead of its own where they are given."""
    if column.unit is None:
        words = sorted(set(column.values))
        numbers = np.array([words.index(value) for value in column.values], dtype=float)
        return Axis(label(column.name), numbers, DisplayUnit("", 1.0), words, column)
    values = column.numbers() if values is None else values
    unit = display_unit(column.unit, values) if column.unit != "1" else DisplayUnit("", 1.0)
    return Axis(style.with_unit(title(column.name), unit), values * unit.factor, unit, [], column)


def title(name):
    """"Cell voltage (largest)" is easier to read than "max_cell_voltage"."""
    for prefix, text in (("final_", ""), ("min_", ", smallest"), ("max_", ", largest")):
        if name.startswith(prefix):
            # The largest in time of what is largest in space is the largest.
            plain = name[len(prefix):].removesuffix("_max" if prefix == "max_" else "")
            return re.sub(r" ([xyz]{2})\b", r", \1", label(plain)) + text
    for event in EVENTS:
        if name.startswith(event + "_"):
            return f"{label(name[len(event) + 1:])} at {'crack start' if event == 'cracking' else event.replace('_', ' ')}"
    return label(name)


def parameter_axis(sample, name):
    if name not in sample.parameters:
        raise unknown("a parameter that differs between the finished runs", name, list(sample.parameters))
    return sample.parameters[name]


# --- Curves ------------------------------------------------------------------------------------------------------------

def draw_curves(axes, sample, against, by=None, curve=None):
    """The observable against a parameter, one curve per value of `by`; returns what the lines, bars and bands mean."""
    x = parameter_axis(sample, against)
    groups = parameter_axis(sample, by) if by else None
    levels = np.unique(groups.values) if groups is not None else []
    note = ""
    if len(levels) > MAX_CURVES:
        draw_points_by_colour(axes, sample, x, groups)
    elif len(levels):
        for i, level in enumerate(levels):
            rows = groups.values == level
            note = draw_curve(axes, sample, x, rows, style.CURVES[i], groups.text(level), (against, by)) or note
        axes.legend(title=plain_title(groups), title_fontsize=plt.rcParams["legend.fontsize"], alignment="left",
                    loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.0)
    else:
        note = draw_curve(axes, sample, x, np.full(len(x.values), True), style.CURVES[0], None, (against,))
    if curve:
        draw_formula(axes, sample, against, by, curve)
    finish_axes(axes, x, sample.y)
    return note


def plain_title(axis):
    """The title without the unit, which stands beside the values."""
    return title(axis.column.name)


def draw_curve(axes, sample, x, rows, colour, text, fixed):
    """Points of the runs `rows`; mean, standard deviation and range where several have the same abscissa."""
    y, reached = sample.y.values, sample.reached
    have, short = rows & reached, rows & ~reached
    axes.plot(x.values[have], y[have], "o", ms=3, color=colour, alpha=0.45, mew=0)
    axes.plot(x.values[short], y[short], "^", ms=5, mfc="none", mec=colour, mew=0.8)
    others = [name for name, axis in sample.parameters.items()
              if name not in fixed and len(np.unique(axis.values[rows])) > 1]
    places = np.unique(x.values[have])
    values = [y[have & (x.values == place)] for place in places]
    repeated = any(len(v) > 1 for v in values)
    if not repeated and any(name != "seed" for name in others):  # samples that differ in more: no line through them
        axes.plot([], [], "o", ms=4, color=colour, label=text)
        return ""
    means = np.array([v.mean() for v in values])
    if repeated:
        spread = np.array([v.std(ddof=1) if len(v) > 1 else 0.0 for v in values])
        axes.fill_between(places, [v.min() for v in values], [v.max() for v in values], color=colour, alpha=0.15, lw=0)
        axes.errorbar(places, means, spread, fmt="none", ecolor=colour, elinewidth=0.9, capsize=2)
    axes.plot(places, means, "-", color=colour, label=text, marker="o", ms=4)
    names = " and ".join("seeds" if name == "seed" else name for name in others)
    return f"Points: runs; line: mean; bars: standard deviation, band: range over {names}." if repeated and names else ""


def draw_points_by_colour(axes, sample, x, groups):
    """Runs in the colours of a parameter with many values."""
    norm = LogNorm() if groups.log else Normalize()
    norm.autoscale(groups.values)
    for rows, marker in ((sample.reached, "o"), (~sample.reached, "^")):
        if rows.any():
            points = axes.scatter(x.values[rows], sample.y.values[rows], c=groups.values[rows], norm=norm, cmap="viridis", s=24,
                                  marker=marker, edgecolors=style.INK, linewidths=0.4, zorder=3)
    axes.figure.colorbar(points, ax=axes, label=groups.title)


def draw_formula(axes, sample, against, by, curve):
    """A known curve beside the runs: (name, formula), one dashed line per value of `by`."""
    name, formula = curve
    x = parameter_axis(sample, against)
    groups = parameter_axis(sample, by) if by else None
    low, high = x.values.min(), x.values.max()
    places = np.geomspace(low, high, 80) if x.log else np.linspace(low, high, 80)
    levels = np.unique(groups.values) if groups is not None else [None]
    for i, level in enumerate(levels):
        values = []
        for place in places:
            known = {against: place / x.unit.factor, **({by: level / groups.unit.factor} if by else {})}
            values.append(evaluate(formula, {key.replace(" ", "_"): value for key, value in known.items()}))
        axes.plot(places, np.array(values) * sample.y.unit.factor, "--", lw=1, color=style.CURVES[i % len(style.CURVES)],
                  label=name if i == 0 else None)
    axes.legend(**({"title": plain_title(groups), "alignment": "left", "loc": "upper left", "bbox_to_anchor": (1.0, 1.0),
                    "borderaxespad": 0.0, "title_fontsize": plt.rcParams["legend.fontsize"]} if by else {}))


def finish_axes(axes, x, y):
    set_scale(axes, "x", x)
    set_scale(axes, "y", y, at_values=False)
    axes.grid(True)


def set_scale(axes, which, axis, at_values=True):
    """Title and scale of an axis; with `at_values` its ticks are the few values that it has."""
    getattr(axes, f"set_{which}label")(axis.title)
    if axis.words:
        getattr(axes, f"set_{which}ticks")(range(len(axis.words)), axis.words)
        getattr(axes, f"set_{which}lim")(-0.5, len(axis.words) - 0.5)
    elif axis.log:
        getattr(axes, f"set_{which}scale")("log")
    places = np.unique(axis.values)
    if at_values and not axis.words and len(places) <= 6:
        getattr(axes, f"set_{which}ticks")(places, [f"{place:.3g}" for place in places])
        getattr(axes, f"{which}axis").set_minor_locator(plt.NullLocator())


# --- Maps --------------------------------------------------------------------------------------------------------------

def draw_map(axes, sample, first, second):
    """The observable over two parameters, the mean where runs have both in common; returns what is drawn how."""
    x, y = parameter_axis(sample, first), parameter_axis(sample, second)
    pairs, number = np.unique(np.stack([x.values, y.values], axis=1)[sample.reached], axis=0, return_inverse=True)
    number = np.ravel(number)
    means = np.bincount(number, sample.y.values[sample.reached]) / np.bincount(number)
    norm = LogNorm() if spans_decades(means) else Normalize()
    norm.autoscale(means)
    columns, rows = np.unique(pairs[:, 0]), np.unique(pairs[:, 1])
    lattice = len(columns) > 1 and len(rows) > 1 and len(pairs) > 0.5 * len(columns) * len(rows)
    if lattice:
        draw_cells(axes, x, y, pairs, means, norm)
        note = "Cells: mean of the runs." if len(sample.y.values) > len(pairs) else ""
    else:
        note = draw_triangles(axes, x, y, pairs, means, norm)
    points = axes.scatter(pairs[:, 0], pairs[:, 1], c=means, norm=norm, cmap="viridis", s=26, edgecolors="white", linewidths=0.9,
                          zorder=3)
    short = ~sample.reached
    if short.any():
        axes.plot(x.values[short], y.values[short], "^", ms=6, mfc="none", mec=style.INK, mew=0.9, zorder=3)
        note += " Triangles: not reached."
    set_scale(axes, "x", x)
    set_scale(axes, "y", y)
    axes.figure.colorbar(points, ax=axes, label=sample.y.title)
    return note.strip()


def draw_cells(axes, x, y, pairs, means, norm):
    """A cell for each pair of values, with edges half way to the next one; the value is written in it."""
    columns, rows = np.unique(pairs[:, 0]), np.unique(pairs[:, 1])
    cells = np.full((len(rows), len(columns)), np.nan)
    cells[np.searchsorted(rows, pairs[:, 1]), np.searchsorted(columns, pairs[:, 0])] = means
    axes.set_facecolor("#e4e6e8")
    axes.pcolormesh(edges(columns, x.log), edges(rows, y.log), np.ma.masked_invalid(cells), norm=norm, cmap="viridis")
    if cells.size <= 64:
        for (column, row), value in zip(pairs, means):
            axes.annotate(f"{value:.3g}", (column, row), xytext=(0, 5), textcoords="offset points", ha="center", va="bottom",
                          color="white" if norm(value) < 0.6 else "black", fontsize=plt.rcParams["font.size"] - 1.5)


def edges(centres, log):
    """Edges half way between the centres, of shape (n + 1,)."""
    at = np.log(centres) if log else np.asarray(centres)
    middle = 0.5 * (at[1:] + at[:-1])
    ends = np.concatenate([[1.5 * at[0] - 0.5 * at[1]], middle, [1.5 * at[-1] - 0.5 * at[-2]]])
    return np.exp(ends) if log else ends


def draw_triangles(axes, x, y, pairs, means, norm):
    """Linear interpolation between scattered runs, in the coordinates that are drawn; nothing outside of them."""
    scaled = np.stack([scale(pairs[:, 0], x.log), scale(pairs[:, 1], y.log)], axis=1)
    if len(pairs) < 3 or np.linalg.matrix_rank(scaled - scaled[0], tol=1e-9) < 2:
        return ""
    triangles = Triangulation(scaled[:, 0], scaled[:, 1]).triangles
    drawn = Triangulation(pairs[:, 0], pairs[:, 1], triangles)
    axes.tripcolor(drawn, means, norm=norm, cmap="viridis", shading="gouraud", rasterized=True)
    return "Circles: runs; colours between them are interpolated."


def scale(values, log):
    """Values moved to 0 ... 1, logarithms if `log`."""
    values = np.log(values) if log else values
    return (values - values.min()) / (np.ptp(values) or 1.0)


# --- Figures -----------------------------------------------------------------------------------------------------------

def figure_of(sample, draw, width=4.6, height=3.2):
    """The figure with one panel that draw(axes) fills; what it returns stands below, with what is left out."""
    figure, axes = plt.subplots(figsize=(width, height), layout="constrained")
    notes = [draw(axes)]
    if not sample.reached.all():
        notes.append("Triangles: not reached, at the largest value of the run." if "Triangles" not in notes[0] else "")
    if sample.left_out:
        runs = "a run" if sample.left_out == 1 else f"{sample.left_out} runs"
        notes.append(f"Without {runs} that did not finish or left no value.")
    write_note(figure, " ".join(note for note in notes if note), width)
    return figure


def write_note(figure, text, width):
    """A text below a figure of this width [inch]."""
    if text:
        text = textwrap.fill(text, int(20 * width))  # 20 characters of this size to the inch
        figure.supxlabel(text, fontsize=plt.rcParams["font.size"] - 2, x=0.01, ha="left", color=NOTE)


def main(arguments=None):
    options = parse(arguments)
    style.use_style()
    try:
        sample = read_sample(collect(read_study(options.study)), options.observable)
        if options.map:
            figure = figure_of(sample, lambda axes: draw_map(axes, sample, *options.map), 5.0, 3.5)
        else:
            figure = figure_of(sample, lambda axes: draw_curves(axes, sample, options.against, options.by, options.curve))
    except (ResultError, StudyError) as error:
        sys.exit(f"plot_study: {error}")
    style.save(figure, options.output or [default_output(options)], options.dpi)


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", type=Path, help="folder of the study")
    parser.add_argument("--observable", required=True, metavar="X")
    abscissa = parser.add_mutually_exclusive_group(required=True)
    abscissa.add_argument("--against", metavar="PARAMETER", help="parameter of the horizontal axis")
    abscissa.add_argument("--map", nargs=2, metavar="PARAMETER", help="parameters of the two axes of a map")
    parser.add_argument("--by", metavar="PARAMETER", help="one curve for each value of this one")
    parser.add_argument("--curve", nargs=2, metavar=("NAME", "FORMULA"), help="a known curve, dashed; with --against only")
    parser.add_argument("--output", action="append", metavar="FILE",
                        help="picture to write, .png, .pdf or .svg; may be repeated (default: in pictures/ of the study)")
    parser.add_argument("--dpi", type=int, default=200)
    options = parser.parse_args(arguments)
    if (options.by or options.curve) and options.map:
        parser.error("--by and --curve go with --against only")
    return options


def default_output(options):
    if options.map:
        name = f"{options.observable}_map_{options.map[0]}_{options.map[1]}"
    else:
        name = f"{options.observable}_against_{options.against}" + (f"_by_{options.by}" if options.by else "")
    return options.study / "pictures" / (re.sub(r"[^\w.-]+", "_", name) + ".png")


if __name__ == "__main__":
    main()
