"""The page of one run: how it ended, pictures, curves, observables, parameters, materials, versions, warnings and the log."""

import re
import shlex
from pathlib import Path

import lithoclase_style as style
import numpy as np
import plot_history
import report_html as html
from collect_study import NOT_OBSERVED
from lithoclase_results import ResultError, display_unit, label, read_parameters
from lithoclase_study import reason_of, state_of
from lithoclase_units import quantity
from report_html import Head, Raw, escape

MAIN_PANELS = ("Cell voltage", "Current density", "Pressure in lithium", "Crack length", "Leakage current density",
               "Lithium by place", "Reaction force", "Effective conductivity")
LOG_TAIL = 40  # lines
NOT_PICTURES = {"history"}  # drawn anew as curves
FIRST_PICTURES = ("overview", "structure_strip", "damage_strip")  # the others are folded if one of these is there


def run_page(results, case_name=None, state=None, reason=None, base=None, varied=(), case=None, back=None):
    """The HTML page of `results` (Results).

    state, reason: what a driver knows of it; base: Path of the parameter file or results to compare with; varied: keys of the
    parameters that the study varies; case: Path of the case, whose entries are those set on purpose; back: link to the study.
    """
    name = case_name or results.record.get("case") or results.path.resolve().name
    state, reason = state or state_of(results), reason if reason is not None else reason_of(results)
    sections = [
        html.section("curves", "Curves", *curves(results)),
        html.section("pictures", "Pictures", *pictures(results)),
        html.section("events", "Events", events(results)),
        html.section("observables", "Observables", observables(results)),
        html.section("microstructure", "Microstructure", microstructure(results)),
        html.section("parameters", "Parameters", *parameters(results, base, varied, case)),
        html.section("materials", "Materials", materials(results)),
        html.section("versions", "Versions and machine", versions(results)),
        html.section("log", "Warnings and log", *log(results)),
    ]
    exit_reason = results.record.get("exit_reason", "")
    link = f'<p><a href="{escape(back)}">Study</a></p>' if back else ""
    body = (f'<header><p class="kind">Lithoclase run</p><h1>{escape(name)}</h1>{html.state(state)}'
            f'<p class="reason">{escape(without_noise(reason or exit_reason or "No reason is known."))}</p>{link}'
            f'{html.facts(facts(results))}{html.navigation(sections)}</header>\n<main>' + "\n".join(sections)
            + f'</main>\n<footer>{escape(results.path.resolve())}</footer>')
    return html.page(f"{name} - Lithoclase", body)


def without_noise(text):
    """The sentence with its numbers rounded to five digits."""
    return re.sub(r"\d+\.\d{5,}(e[-+]?\d+)?", lambda match: f"{float(match.group()):.5g}", text)


def facts(results):
    """What comes first: when, how long, how large, and the main results."""
    record, history, entries = results.record, results.history, []

    def add(name, value, unit, remark=""):
        shown = display_unit(unit, [value])
        entries.append((name, f"{html.number_text(value * shown.factor)} {shown}".strip(), remark))

    for event, values in results.events.items():
        if isinstance(values.get("current_density", ("",))[0], float):
            at, unit = values["time"]
            time = display_unit(unit, [at])
            add(label(event), *values["current_density"], f"at {html.number_text(at * time.factor)} {time}")
    if history is not None:
        for name in ("time", "cell_voltage", "charge", "crack_length", "lithium_pressure_max", "effective_ionic_conductivity_xx",
                     "effective_ionic_conductivity_yy"):
            if name in history and np.isfinite(history[name][-1]) and (name != "time" or len(history) > 1):
                add("Simulated time" if name == "time" else label(name), history[name][-1], history.units[name], "last value")
        for name in ("unknowns", "memory"):
            if name in history:
                add("Unknowns" if name == "unknowns" else "Memory, all ranks", np.nanmax(history[name]), history.units[name])
    times = [attempt.get("wall_time [s]") or 0.0 for attempt in results.attempts()]
    if sum(times) > 0 or history is not None:
        counted = history["wall_time"][-1] if history is not None and "wall_time" in history else 0.0
        ranks = record.get("ranks")
        add("Wall time", max(sum(times), counted), "s", f"{ranks} rank{'s' * (ranks != 1)}" if ranks else "")
    if record.get("start"):
        day, _, hour = html.date(record["start"]).partition(" ")
        entries.append(("Started", day, hour + (", resumed" if record.get("resumed") else "")))
    return entries


# --- Pictures and curves -----------------------------------------------------------------------------------------------

def picture_files(results):
    """Pictures in the order in which they tell the run, and that of the microstructure if there are no others."""
    files = {path.stem: path for path in sorted((results.path / "pictures").glob("*.png")) if path.stem not in NOT_PICTURES}
    ordered = [files.pop(name) for name in FIRST_PICTURES if name in files] + list(files.values())
    plain = results.path / "microstructure.png"
    return ordered or ([plain] if plain.is_file() else [])


def pictures(results):
    """Pictures of the fields; how to make them if there are none."""
    files = picture_files(results)
    first = [path for path in files if path.stem in FIRST_PICTURES] or files[:3]
    others = [path for path in files if path not in first]
    hint = ""
    if not (results.path / "pictures").is_dir():
        hint = "<p class=quiet>No fields have been drawn. <code>postprocess/render.py RESULTS</code> does so.</p>"
    return [hint, gallery(first), html.folded(f"{len(others)} more pictures", gallery(others))]


def gallery(files):
    """Pictures with captions, film strips and overviews as wide as the page."""
    figures = []
    for path in files:
        strip = path.stem.endswith("_strip")
        name = label(re.sub(r"_strip$", "", path.stem))
        caption = f"{name}, in time" if strip else name
        figures.append(html.picture(path, caption, caption, longest=1500 if path.stem in FIRST_PICTURES else 900,
                                    wide=strip or path.stem == "overview"))
    return f'<div class="gallery">{"".join(figures)}</div>' if figures else ""


def curves(results):
    """The main curves, and all others folded; nothing if there is a single row."""
    history = results.history
    if history is None or len(history) < 2 or "time" not in history:
        return []
    try:
        panels = plot_history.choose_panels([history])
    except ResultError:
        return []
    main = [panel for panel in panels if panel.title in MAIN_PANELS]
    others = [panel for panel in panels if panel.title not in MAIN_PANELS]
    return [draw_panels(history, main) if main else "",
            html.folded(f"{len(others)} more curves", draw_panels(history, others)) if others else ""]


def draw_panels(history, panels):
    titles = ", ".join(panel.title.lower() for panel in panels)
    return html.figure(plot_history.plot([history], panels), f"Curves in time: {titles}")


def events(results):
    """When a crack began, lithium followed and the cell shorted."""
    rows = []
    for event, values in results.events.items():
        cells = [label(event)]
        for name in ("time", "current_density", "cell_voltage", "charge", "x", "y", "z", "place"):
            value, unit = values.get(name, ("", "1"))
            shown = display_unit(unit, [value]) if isinstance(value, float) else None
            cells.append(f"{html.number_text(value * shown.factor)} {shown}" if shown else value)
        rows.append(cells)
    heads = [Head(text) for text in ("Event", "Time", "Current density", "Cell voltage", "Charge", "x", "y", "z", "Place")]
    keep = [i for i in range(len(heads)) if any(row[i] for row in rows)]
    if not rows:
        return ""
    return html.table("event-table", [heads[i] for i in keep], [[row[i] for i in keep] for row in rows], label="Events")


def observables(results):
    """Last and extreme values of all columns of the history."""
    history = results.history
    if history is None:
        return ""
    rows = []
    for name, values in history.columns.items():
        finite = values[np.isfinite(values)]
        if finite.size == 0 or (name in NOT_OBSERVED and name != "step_size"):
            continue
        unit = display_unit(history.units[name], finite)
        numbers = [values[-1] * unit.factor, finite.min() * unit.factor, finite.max() * unit.factor]
        rows.append([label(name), str(unit)] + numbers[:1 if len(history) == 1 else 3])
    heads = [Head("Observable"), Head("Unit"), Head("Last", True), Head("Smallest", True), Head("Largest", True)]
    return html.table("observable-table", heads[:3 if len(history) == 1 else 5], rows, tall=True, label="Observables")


def microstructure(results):
    rows = []
    for head, value in results.microstructure.items():
        name, _, unit = head.partition(" [")
        unit = unit.rstrip("]").replace("1", "", 1) if unit == "1]" else unit.rstrip("]")
        if isinstance(value, bool):
            value = "yes" if value else "no"
        elif isinstance(value, float):
            shown = display_unit(unit or "1", [value])
            value, unit = html.number_text(value * shown.factor), str(shown)
        rows.append([label(name), value, unit])
    heads = [Head("Property"), Head("Value"), Head("Unit")]
    return html.table("microstructure-table", heads, rows, label="Microstructure") if rows else ""


# --- Parameters --------------------------------------------------------------------------------------------------------

def parameters(results, base=None, varied=(), case=None):
    """All parameters as the program took them; what differs from the base is marked."""
    entries = results.parameters
    if not entries:
        return []
    base, set_here = base_of(results, base), keys_set(results, case)
    before = base_entries(base)
    rows, marked = [], set()
    for i, (key, value) in enumerate(entries.items()):
        remark = difference(key, value, before, set_here, varied) if before is not None else "varied" if key in varied else ""
        if remark:
            marked.add(i)
        *section, name = key.split("/")
        rows.append([" / ".join(section), name, value, before.get(key, "") if before else "", remark])
    heads = [Head("Section"), Head("Parameter"), Head("Value", wide=True), Head("In the base", wide=True), Head("Difference")]
    told = (f"<p class=quiet>Compared with <code>{escape(base)}</code>: {len(marked)} of {len(rows)} differ (marked).</p>"
            if before is not None else
            "<p class=quiet>No base to compare with is known; <code>report.py RUN --base CASE.prm</code> names one.</p>")
    table = html.table("parameter-table", heads if before is not None else heads[:3] + heads[4:],
                       rows if before is not None else [row[:3] + row[4:] for row in rows], marked,
                       only="only what differs" if marked else None, tall=True, label="Parameters")
    return [told, table]


def base_of(results, base):
    """The Path to compare with: the given one, else the case that the command names, if it is still there."""
    if base is not None:
        return Path(base)
    for word in command_words(results):
        if word.endswith(".prm") and Path(word).is_file():
            return Path(word)
    return None


def base_entries(base):
    """The entries of the base, a parameter file or a folder of results; None if there is none."""
    if base is None:
        return None
    return read_parameters(base / "parameters.prm" if base.is_dir() else base) or None


def command_words(results):
    """The words of the command, apart at blanks: it is recorded without quotes, so values of --set may be in pieces."""
    try:
        return shlex.split(results.record.get("command", ""))
    except ValueError:
        return results.record.get("command", "").split()


def keys_set(results, case):
    """Keys that the case or the command sets, beside those of the base."""
    keys = set(re.findall(r"--set ([^=]+?) *=", results.record.get("command", "")))
    return keys | set(read_parameters(case) if case else ())


def difference(key, value, before, set_here, varied):
    """How a parameter differs from the base: "varied", "changed", "set here" (the base has the default), or ""."""
    if key in before:
        if same_value(value, before[key]):
            return ""
        return "varied" if key in varied else "changed"
    return "varied" if key in varied else "set here" if key in set_here else ""


def same_value(one, other):
    """Whether two entries mean the same: as quantities, else as words."""
    a, b = quantity(one), quantity(other)
    if a is not None and b is not None:
        return a[1] == b[1] and abs(a[0] - b[0]) <= 1e-12 * max(abs(a[0]), abs(b[0]))
    return re.sub(r"\s+", "", one) == re.sub(r"\s+", "", other)


def materials(results):
    """Material values with source and quality."""
    rows = [[entry.get("material", ""), label(entry.get("property", "")), entry.get("value", ""), entry.get("quality", ""),
             entry.get("source", ""), entry.get("note", "")]
            for entry in results.record.get("materials") or [] if isinstance(entry, dict)]
    heads = [Head("Material"), Head("Property"), Head("Value"), Head("Quality"), Head("Source"), Head("Note", wide=True)]
    return html.table("material-table", heads, rows, tall=True, label="Materials") if rows else ""


# --- Versions, warnings, log -------------------------------------------------------------------------------------------

def versions(results):
    record = results.record
    if not record:
        return ""
    host = record.get("host") or {}
    rows = [["Lithoclase", record.get("revision", "")]] + sorted((record.get("libraries") or {}).items())
    rows += [[f"Seed of {name}", seed] for name, seed in (record.get("seeds") or {}).items()]
    rows += [["Machine", f'{host.get("name", "")}, {host.get("processor", "")}, {host.get("cores", "")} cores'],
             ["Ranks", record.get("ranks", "")], ["Command", Raw(f'<code>{escape(record.get("command", ""))}</code>')]]
    for i, attempt in enumerate(record.get("earlier_runs") or [], start=1):
        rows.append([f"Attempt {i}", f'{attempt.get("start", "")}: {attempt.get("exit_reason", "no end is recorded")}'])
    cells = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{value if isinstance(value, Raw) else escape(value)}</td></tr>'
                    for name, value in rows)
    return f'<div class="scroll"><table><tbody>{cells}</tbody></table></div>'


def log(results):
    """Warnings, then the end of the log."""
    warnings, problems = results.warnings, results.problems
    said = "".join(f"<li>{escape(text)}</li>" for text in warnings + problems)
    parts = [f"<h3>Warnings</h3><ul>{said}</ul>" if said else "<p>No warnings.</p>" if results.log else ""]
    if results.log:
        tail = escape("\n".join(results.log[-LOG_TAIL:]).strip("\n"))
        parts.append(f'<h3>End of the log</h3><pre tabindex="0">{tail}</pre>')
    return parts


def use_style():
    style.use_style(9.5)
