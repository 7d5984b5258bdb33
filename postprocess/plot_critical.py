#!/usr/bin/env python3
"""Plots the critical currents that a study has searched for, with their brackets as error bars.

    plot_critical.py STUDY --against pressure
    plot_critical.py STUDY --against flaw_size --by toughness_ratio

The critical current of a variant lies between the ends of its bar (critical.csv in the study); the dot in the middle is no result.
A triangle that points up is a variant whose event was not seen up to there, one that points down had it there already.
"""

import argparse
import csv
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import lithoclase_style as style
import matplotlib.pyplot as plt
import numpy as np
import plot_study
from collect_study import Column
from lithoclase_results import ResultError, label
from lithoclase_study import read_study, si_value
from lithoclase_units import si_unit
from matplotlib.transforms import ScaledTranslation

SHIFT = 4.0  # between the bars of two curves at the same place [points]


@dataclass
class Brackets:
    """What a search knows of each variant: the event was not seen at `lower` and was seen at `upper` (nan: not known)."""

    event: str
    parameters: dict  # name -> Axis; the seed among them where there are several
    lower: plot_study.Axis
    upper: plot_study.Axis
    remarks: list
    runs: list        # of texts, the numbers of the runs

    @property
    def middle(self):
        return 0.5 * (self.lower.values + self.upper.values)


def read_brackets(study):
    """The Brackets of a Study, None if it has no search. ResultError if critical.csv cannot be read."""
    path = study.path / "critical.csv"
    if not path.is_file():
        return None
    try:
        with open(path, newline="", encoding="utf-8") as file:
            head, *rows = list(csv.reader(file))
        names, (seed, event, lower, upper, remark, runs) = head[:-6], zip(*(row[-6:] for row in rows))
        quantity, unit = re.fullmatch(r"(.*)_lower \[(.*)\]", head[-4]).groups()
        limits = [[float(text or "nan") for text in texts] for texts in (lower, upper)]
    except (OSError, UnicodeError, csv.Error, ValueError, AttributeError) as error:
        raise ResultError(f"{path} cannot be read: {type(error).__name__}: {error}") from None
    parameters = {name: parameter_axis(study, name, [row[i] for row in rows]) for i, name in enumerate(names)}
    if len(set(seed)) > 1:
        parameters["seed"] = parameter_axis(study, "seed", list(seed))
    return Brackets(event[0], parameters, *limit_axes(quantity, unit, limits), list(remark), list(runs))


def parameter_axis(study, name, texts):
    """The values of a parameter as they are drawn: numbers if all of them are."""
    parameter = next((p for p in study.parameters if p.name == name), None)
    numbers = [si_value(parameter, text) if parameter else (float(text), "1") for text in texts]
    if all(numbers) and len({unit for _, unit in numbers}) == 1:
        return plot_study.make_axis(Column(name, "parameters", numbers[0][1], [value for value, _ in numbers]))
    return plot_study.make_axis(Column(name, "parameters", None, texts))


def limit_axes(quantity, unit, limits):
    """The lower and upper ends, both in the unit in which the larger ones read best."""
    name, factor = si_unit(unit) or (unit, 1.0)
    ends = np.array(limits) * factor
    both = plot_study.make_axis(Column(quantity, "onsets", name, ends.ravel()))
    return [plot_study.Axis(both.title, values * both.unit.factor, both.unit, [], both.column) for values in ends]


def draw_brackets(axes, brackets, against, by=None):
    """A bar for each bracket, one curve per value of `by`; returns what the marks mean."""
    x, groups = axis_of(brackets, against), axis_of(brackets, by) if by else None
    levels = np.unique(groups.values) if groups else [None]
    for i, level in enumerate(levels):
        rows = groups.values == level if groups else np.full(len(x.values), True)
        shift = ScaledTranslation(SHIFT * (i - 0.5 * (len(levels) - 1)) / 72, 0, axes.figure.dpi_scale_trans)
        draw_curve(axes, brackets, x, rows, {"color": style.CURVES[i % len(style.CURVES)], "transform": axes.transData + shift},
                   groups.text(level) if groups else None)
    if groups:
        axes.legend(title=plot_study.plain_title(groups), title_fontsize=plt.rcParams["legend.fontsize"], alignment="left",
                    loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.0)
    ends = np.concatenate([brackets.lower.values, brackets.upper.values])
    y = plot_study.Axis(brackets.lower.title, ends, brackets.lower.unit, [])
    plot_study.finish_axes(axes, x, y)
    if not y.log:
        axes.set_ylim(bottom=0.0)
    return note(brackets)


def axis_of(brackets, name):
    if name not in brackets.parameters:
        raise plot_study.unknown("a parameter of the search", name, list(brackets.parameters))
    return brackets.parameters[name]


def draw_curve(axes, brackets, x, rows, look, text):
    """The brackets of `rows`, a line through the means of their middles."""
    lower, upper, middle = brackets.lower.values, brackets.upper.values, brackets.middle
    both = rows & np.isfinite(middle)
    half = 0.5 * np.abs(upper - lower)  # a lower end above the upper one (not monotonic) is drawn as well
    axes.errorbar(x.values[both], middle[both], half[both], fmt="o", ms=3.5, elinewidth=1.1, capsize=3, label=text, **look)
    places = np.unique(x.values[both])
    axes.plot(places, [middle[both & (x.values == place)].mean() for place in places], lw=0.8, alpha=0.6, **look)
    for ends, missing, marker in ((lower, upper, "^"), (upper, lower, "v")):
        open_ended = rows & np.isfinite(ends) & ~np.isfinite(missing)
        axes.plot(x.values[open_ended], ends[open_ended], marker, ms=6, mfc="none", mew=0.9, **look)


def note(brackets):
    lower, upper = np.isfinite(brackets.lower.values), np.isfinite(brackets.upper.values)
    sentences = [f"{label(brackets.event)}: the critical value lies between the ends of a bar."]
    if (lower & ~upper).any():
        sentences.append("Triangle up: not seen up to there.")
    if (upper & ~lower).any():
        sentences.append("Triangle down: seen there already.")
    unknown = int((~lower & ~upper).sum())
    if unknown:
        sentences.append(f"Without {unknown} of which nothing is known.")
    return " ".join(sentences)


def figure_of(brackets, against, by=None):
    """The figure with the brackets against a parameter."""
    figure, axes = plt.subplots(figsize=(4.6, 3.2), layout="constrained")
    plot_study.write_note(figure, draw_brackets(axes, brackets, against, by), 4.6)
    return figure


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", type=Path, help="folder of the study")
    parser.add_argument("--against", required=True, metavar="PARAMETER", help="parameter of the horizontal axis")
    parser.add_argument("--by", metavar="PARAMETER", help="one curve for each value of this one")
    parser.add_argument("--output", action="append", metavar="FILE",
                        help="picture to write, .png, .pdf or .svg; may be repeated (default: in pictures/ of the study)")
    parser.add_argument("--dpi", type=int, default=200)
    options = parser.parse_args(arguments)
    style.use_style()
    try:
        brackets = read_brackets(read_study(options.study))
        if brackets is None:
            raise ResultError(f"{options.study} has no critical.csv: it was no search, or it has not ended a round yet")
        figure = figure_of(brackets, options.against, options.by)
    except ResultError as error:
        sys.exit(f"plot_critical: {error}")
    style.save(figure, options.output or [options.study / "pictures" / f"critical_against_{options.against}.png"], options.dpi)


if __name__ == "__main__":
    main()
