"""The page of a parameter study: what was varied, observables against parameters, maps, the table of runs, failures and cost."""

import json
import os
from pathlib import Path

import lithoclase_style as style
import matplotlib.pyplot as plt
import numpy as np
import plot_critical
import plot_study
import report_html as html
from collect_study import collect
from lithoclase_results import ResultError, display_unit
from lithoclase_study import STATES
from report_html import Head, Raw, escape
from report_run import picture_files, without_noise

# Observables that are worth a plot, the first ones that differ between the runs.
KEY_OBSERVABLES = (
    "cracking_current_density", "short_circuit_current_density", "cracking_time", "short_circuit_time",
    "final_effective_ionic_conductivity_yy", "final_effective_ionic_conductivity_xx", "final_effective_electronic_conductivity_yy",
    "final_cell_voltage", "max_lithium_pressure_max", "final_crack_length", "final_crack_area", "max_leakage_current_density",
    "final_lithium_volume_isolated", "final_front_position_max", "final_lithium_volume", "final_strain_energy")
MAX_PLOTTED = 2     # observables
MAX_PARAMETERS = 4  # plots per observable
MAX_PICTURES = 60
MAX_COLUMNS = 6     # observables in the table of runs


def study_page(study):
    """The HTML page of a Study."""
    table = collect(study)
    observables = key_observables(table)
    sections = [
        html.section("critical", "Critical currents", critical(study)),
        html.section("plots", "Observables against parameters", plots(table, observables)),
        html.section("explorer", "Any column against any other", explorer(table, observables)),
        html.section("runs", "Runs", runs_table(study, table, observables)),
        html.section("pictures", "Pictures", pictures(study, table)),
        html.section("failures", "Runs that did not end well", failures(table)),
        html.section("parameters", "Parameters and base", parameters(study, table)),
        html.section("versions", "Versions", versions(study)),
    ]
    count = counts(table)
    expected = f"<p>Expected: {escape(study.expected_trend)}</p>" if study.expected_trend else ""
    body = (f'<header><p class="kind">Lithoclase parameter study</p><h1>{escape(study.name)}</h1>'
            f'<p>{" &nbsp; ".join(html.state(name, f"{n} {name}".replace("_", " ")) for name, n in count.items())}</p>'
            f'<p class="quiet">Base <code>{escape(study.base)}</code>, made {escape(html.date(study.created))}</p>{expected}'
            f'{html.facts(facts(table))}{html.navigation(sections)}</header>\n<main>' + "\n".join(sections)
            + f'</main>\n<footer>{escape(study.path.resolve())}</footer>')
    return html.page(f"{study.name} - Lithoclase study", body, ("table.js", "explorer.js"))


def counts(table):
    """{state: number of runs}, the good ones first."""
    states = table["state"].values
    return {name: states.count(name) for name in STATES if name in states}


def facts(table):
    entries = [("Runs", str(table.n_rows), f"{table['state'].values.count('finished')} finished")]
    for name, title, summary, remark in (("core_hours", "Core-hours", np.nansum, "of all runs and attempts"),
                                         ("wall_time", "Wall time of a run", np.nanmedian, "median"),
                                         ("memory", "Memory of a run", np.nanmax, "largest, all ranks"),
                                         ("unknowns", "Unknowns", np.nanmax, "largest")):
        if name in table and np.isfinite(table[name].numbers()).any():
            value = summary(table[name].numbers())
            unit = display_unit(table[name].unit, [value])
            entries.append((title, f"{html.number_text(value * unit.factor, 3)} {unit}".strip(), remark))
    return entries


def key_observables(table):
    """Names of columns that are worth a plot: those that differ between finished runs."""
    finished = np.array([state == "finished" for state in table["state"].values])

    def differs(name):
        values = table[name].numbers()[finished]
        values = values[np.isfinite(values)]
        return values.size > 1 and np.ptp(values) > 1e-6 * np.abs(values).max()

    known = [name for name in KEY_OBSERVABLES if name in table and differs(name)]
    others = [column.name for column in table.group("observables") if column.name.startswith("final_") and differs(column.name)]
    return known or [name for name in others if name != "final_time"][:4]


# --- Search ------------------------------------------------------------------------------------------------------------

def critical(study):
    """The brackets of a search: a plot against each of the first parameters, and their table."""
    try:
        brackets = plot_critical.read_brackets(study)
    except ResultError as error:
        return f"<p>{escape(error)}</p>"
    if brackets is None:
        return ""
    names = [name for name in brackets.parameters if name != "seed"]
    varied = [name for name in names if len(np.unique(brackets.parameters[name].values)) > 1]
    figures = []
    for first in varied[:MAX_PARAMETERS]:
        second = next((name for name in varied if name != first), None)
        words = f"{brackets.upper.title} against {first}" + (f", by {second}" if second else "") + ", with brackets"
        figures.append(html.figure(plot_critical.figure_of(brackets, first, second), words))
    return (f'<div class="plots">{"".join(figures)}</div>' if figures else "") + brackets_table(brackets)


def brackets_table(brackets):
    """One row per variant: parameters, the ends of its bracket, how the search stands, runs."""
    heads, cells = [], []
    for axis in brackets.parameters.values():
        heads.append(Head(axis.title, numeric=not axis.words))
        cells.append([axis.text(value) for value in axis.values] if axis.words else list(axis.values))
    for axis, words in ((brackets.lower, f"no {brackets.event} at"), (brackets.upper, f"{brackets.event} at")):
        heads.append(Head(style.with_unit(f"{plot_study.plain_title(axis)}, {words}", axis.unit), numeric=True))
        cells.append(list(axis.values))
    heads += [Head("Search"), Head("Runs", wide=True)]
    cells += [brackets.remarks, brackets.runs]
    return html.table("critical-table", heads, list(zip(*cells)), label="Critical currents")


# --- Plots -------------------------------------------------------------------------------------------------------------

def plots(table, observables):
    """Each of the first observables against each parameter, and a map where there are two."""
    figures = []
    for name in observables[:MAX_PLOTTED]:
        try:
            sample = plot_study.read_sample(table, name)
        except ResultError:
            continue
        parameters = [p for p in sample.parameters if p != "seed"] or list(sample.parameters)
        for first in parameters[:MAX_PARAMETERS]:
            second = next((p for p in parameters if p != first), None)
            drawn = plot_study.figure_of(sample, lambda axes: plot_study.draw_curves(axes, sample, first, second))
            figures.append(html.figure(drawn, f"{sample.y.title} against {first}" + (f", by {second}" if second else "")))
        numbers = [p for p in parameters if not sample.parameters[p].words]
        if len(numbers) >= 2:
            drawn = plot_study.figure_of(sample, lambda axes: plot_study.draw_map(axes, sample, *numbers[:2]))
            figures.append(html.figure(drawn, f"Map of {sample.y.title} over {numbers[0]} and {numbers[1]}"))
    return f'<div class="plots">{"".join(figures)}</div>' if figures else "<p>No observable differs between finished runs yet.</p>"


def explorer(table, observables):
    """A plot whose axes are chosen on the page; it shows the runs that the table of runs shows."""
    columns = [column for column in table.columns.values() if column.unit is not None and column.group != "run"
               and np.isfinite(column.numbers()).any()]
    if not any(column.group in ("observables", "onsets") for column in columns):
        return ""
    data = {"runs": table["run"].values, "columns": []}
    for column in columns:
        values = column.numbers()
        unit = display_unit(column.unit, values) if column.unit != "1" else None
        shown = values * unit.factor if unit else values
        data["columns"].append({"name": plot_study.title(column.name), "group": column.group, "unit": str(unit or ""),
                                "values": [float(f"{v:.6g}") if np.isfinite(v) else None for v in shown]})
    groups = {"parameters": "Parameters", "onsets": "Onsets", "observables": "Observables", "cost": "Cost"}
    options = ""
    for group, title in groups.items():
        entries = "".join(f'<option value="{i}">{escape(c["name"])}</option>' for i, c in enumerate(data["columns"])
                          if c["group"] == group)
        options += f'<optgroup label="{title}">{entries}</optgroup>' if entries else ""
    names = [column.name for column in columns]
    first = [name for name in names if table[name].group == "parameters" and name != "seed"] + ["seed"]
    chosen = {key: names.index(name) if name in names else ""
              for key, name in (("x", first[0]), ("y", observables[0] if observables else ""), ("colour", (first + [""])[1]))}
    text = json.dumps(data, allow_nan=False).replace("</", "<\\/")
    return ('<p class="quiet">Shows the finished runs that the table below shows; its filters apply here as well.</p>'
            f'<div class="tools"><label>Vertical <select id="explorer-y" data-first="{chosen["y"]}">{options}</select></label>'
            f'<label>Horizontal <select id="explorer-x" data-first="{chosen["x"]}">{options}</select></label>'
            f'<label>Colour <select id="explorer-colour" data-first="{chosen["colour"]}">'
            f'<option value="">none</option>{options}</select></label>'
            f'<output id="explorer-count" class="quiet" aria-live="polite"></output></div>'
            '<figure class="explorer">'
            '<svg id="explorer-plot" viewBox="0 0 640 360" role="img" aria-label="Scatter plot"></svg></figure>'
            f'<script type="application/json" id="explorer-data">{text}</script>')


# --- Tables ------------------------------------------------------------------------------------------------------------

def runs_table(study, table, observables):
    """One row per run: state, parameters, main observables, cost, reason."""
    columns = [c for c in table.group("parameters") if not c.name.endswith("(as given)")]
    columns += [table[name] for name in observables[:MAX_COLUMNS] if name in table]
    columns += [table[name] for name in ("wall_time", "ranks", "unknowns") if name in table]
    heads, cells = [Head("Run"), Head("State")], []
    links = [run_link(study, run) for run in study.runs]
    cells.append([Raw(f'<a href="{escape(link)}">{escape(run.id)}</a>') if link else run.id
                  for run, link in zip(study.runs, links)])
    cells.append([Raw(html.state(state)) for state in table["state"].values])
    for column in columns:
        if column.unit is None:
            heads.append(Head(plot_study.title(column.name)))
            cells.append(column.values)
        else:
            values = column.numbers()
            unit = display_unit(column.unit, values) if column.unit != "1" else display_unit("1")
            heads.append(Head(style.with_unit(plot_study.title(column.name), unit), numeric=True))
            cells.append(list(values * unit.factor))
    heads.append(Head("How it ended", wide=True))
    cells.append([without_noise(reason or exit_reason)
                  for reason, exit_reason in zip(table["reason"].values, table["exit_reason"].values)])
    note = ""
    if any(links):
        note = "<p class=quiet>The numbers of runs lead to their own pages.</p>"
    return html.table("run-table", heads, list(zip(*cells)), filters=True, tall=True, label="Runs") + note


def run_link(study, run):
    """Link to the page of a run, None if it has none."""
    page = run.folder / "results" / "report.html"
    return Path(os.path.relpath(page, study.path)).as_posix() if page.is_file() else None


def pictures(study, table):
    """One small picture of each run that has one."""
    figures = []
    for run in study.runs[:MAX_PICTURES]:
        files = {path.stem: path for path in picture_files(run.results)}
        name = next((name for name in ("structure", "damage", "overview", *files) if name in files), None)
        if name:
            values = ", ".join(f"{name} {value}" for name, value in run.values.items())
            values += f", seed {run.seed}" if run.seed is not None else ""
            figures.append(html.picture(files[name], f"Run {run.id}: {values}", f"{run.id}: {values}", longest=420,
                                        link=run_link(study, run)))
    left = f"<p class=quiet>The first {MAX_PICTURES} of {table.n_rows} runs.</p>" if table.n_rows > MAX_PICTURES else ""
    return f'<div class="gallery small">{"".join(figures)}</div>{left}' if figures else ""


def failures(table):
    """Runs by reason."""
    groups = {}
    for run, state, reason in zip(table["run"].values, table["state"].values, table["reason"].values):
        if state in ("failed", "timed_out", "cancelled", "missing"):
            groups.setdefault((state, reason or "no reason is known"), []).append(run)
    rows = [[Raw(html.state(state)), ", ".join(runs), reason] for (state, reason), runs in groups.items()]
    heads = [Head("State"), Head("Runs"), Head("Reason", wide=True)]
    return html.table("failure-table", heads, rows, label="Failures") if rows else ""


def parameters(study, table):
    """What was varied, between which values."""
    rows = []
    for parameter in study.parameters:
        name = parameter.name if parameter.name in table else f"{parameter.name} (parameter)"
        given = list(dict.fromkeys(str(run.values.get(parameter.name, "")) for run in study.runs))
        if name in table and table[name].unit is not None:
            values = table[name].numbers()
            unit = display_unit(table[name].unit, values) if table[name].unit != "1" else display_unit("1")
            low, high = np.nanmin(values) * unit.factor, np.nanmax(values) * unit.factor
            span = f"{html.number_text(low)} to {html.number_text(high)} {unit}".strip()
        else:
            span = ", ".join(given[:8])
        rows.append([parameter.name, parameter.key, span, len(given)])
    seeds = {run.seed for run in study.runs if run.seed is not None}
    if seeds:
        rows.append(["seed", "", ", ".join(str(seed) for seed in sorted(seeds)[:12]), len(seeds)])
    heads = [Head("Name"), Head("Parameter"), Head("Values", wide=True), Head("How many", numeric=True)]
    return html.table("parameter-table", heads, rows, label="Parameters") + html.folded("Study file", study_file(study))


def study_file(study):
    path = study.path / "study.yaml"
    return f"<pre>{escape(path.read_text(encoding='utf-8', errors='replace'))}</pre>" if path.is_file() else ""


def versions(study):
    """Which revision made which runs: a study is one experiment only if it is one."""
    groups = {}
    for run in study.runs:
        record = run.results.record
        if record:
            libraries = ", ".join(f"{name} {version}" for name, version in sorted((record.get("libraries") or {}).items()))
            key = (record.get("revision", ""), libraries, (record.get("host") or {}).get("name", ""))
            groups.setdefault(key, []).append(run.id)
    rows = [[*key, f"{runs[0]} ... {runs[-1]}" if len(runs) > 1 else runs[0], len(runs)] for key, runs in groups.items()]
    heads = [Head("Lithoclase"), Head("Libraries", wide=True), Head("Machine"), Head("Runs"), Head("How many", numeric=True)]
    warning = "<p><strong>Runs were made by different versions.</strong></p>" if len({key[0] for key in groups}) > 1 else ""
    return warning + html.table("version-table", heads, rows, label="Versions") if rows else ""


def use_style():
    style.use_style(9)
    plt.rcParams["figure.max_open_warning"] = 0
