"""Parts of a self-contained HTML page: figures, pictures, tables that sort and filter, facts. All functions return HTML."""

import base64
import html
import io
import math
import re
from dataclasses import dataclass
from pathlib import Path
from string import Template

import matplotlib.pyplot as plt
from PIL import Image

PAGE = Path(__file__).resolve().parent / "report_page"
INK, GRID = "#1f2328", "#e4e6e8"  # of lithoclase_style, which become the colours of the page


def page(title, body, scripts=("table.js",)):
    """The whole page, with style and scripts in it."""
    script = "\n".join((PAGE / name).read_text(encoding="utf-8") for name in scripts)
    style = (PAGE / "style.css").read_text(encoding="utf-8")
    template = Template((PAGE / "page.html").read_text(encoding="utf-8"))
    return template.substitute(title=escape(title), style=style, body=body, script=script)


def escape(text):
    return html.escape(str(text), quote=True)


def section(key, title, *parts):
    """A section with an anchor; nothing if it has no content."""
    content = "\n".join(part for part in parts if part)
    return f'<section aria-labelledby="{key}">\n<h2 id="{key}">{escape(title)}</h2>\n{content}\n</section>' if content else ""


def navigation(sections):
    """Links to the sections that are there."""
    found = re.findall(r'<h2 id="([^"]+)">(.*?)</h2>', "".join(sections))
    return "<nav aria-label=\"Sections\">" + "".join(f'<a href="#{key}">{title}</a>' for key, title in found) + "</nav>"


def state(name, text=None):
    """A state with its mark and colour."""
    return f'<span class="state {escape(name)}">{escape(text or name.replace("_", " "))}</span>'


def facts(entries):
    """Numbers that come first: (name, value, remark) each."""
    rows = ""
    for name, value, remark in entries:
        small = f"<small>{escape(remark)}</small>" if remark else ""
        rows += f"<div><dt>{escape(name)}</dt><dd>{escape(value)}{small}</dd></div>"
    return f'<dl class="facts">{rows}</dl>' if rows else ""


def date(text):
    """"2026-01-31 14:05 UTC" of "2026-01-31T14:05:59Z"."""
    return re.sub(r"(\d+-\d+-\d+)T(\d+:\d+):\d+Z", r"\1 \2 UTC", text)


def folded(title, content):
    return f"<details><summary>{escape(title)}</summary>\n{content}\n</details>" if content else ""


# --- Pictures ----------------------------------------------------------------------------------------------------------

def figure(drawing, alt, caption=""):
    """A matplotlib figure as vector drawing in the colours of the page, light or dark; closes it."""
    text = io.StringIO()
    with plt.rc_context({"svg.fonttype": "none", "svg.hashsalt": alt}):
        drawing.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    plt.close(drawing)
    svg = text.getvalue()
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r'<g id="[^"]*">', "<g>", svg)  # the same in each drawing
    svg = svg.replace(INK, "currentColor").replace(GRID, "var(--grid)").replace("#6b737c", "var(--quiet)")
    svg = re.sub(r"font: ([^;\"]*?)px [^;\"]*", r"font: \1px system-ui, 'Segoe UI', Arial, sans-serif", svg)
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{escape(alt)}" ', 1)
    return f"<figure>{svg}{_caption(caption)}</figure>"


def picture(path, alt, caption="", longest=1500, wide=False, link=None):
    """A picture file, made smaller and embedded."""
    with Image.open(path) as image:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image)
        small = white.convert("RGB")
    small.thumbnail((longest, longest))
    data = io.BytesIO()
    small.save(data, "WEBP", quality=82, method=4)
    source = "data:image/webp;base64," + base64.b64encode(data.getvalue()).decode("ascii")
    tag = f'<img src="{source}" alt="{escape(alt)}" width="{small.width}" height="{small.height}">'
    if link:
        tag = f'<a href="{escape(link)}">{tag}</a>'
    return f'<figure{" class=wide" if wide else ""}>{tag}{_caption(caption)}</figure>'


def _caption(caption):
    return f"<figcaption>{escape(caption)}</figcaption>" if caption else ""


# --- Tables ------------------------------------------------------------------------------------------------------------

@dataclass
class Head:
    """The head of a column."""

    text: str
    numeric: bool = False
    wide: bool = False


def number_text(value, digits=4):
    """A number for people; nothing for nan."""
    if value is None or not math.isfinite(value):
        return "" if value is None or math.isnan(value) else str(value)
    text = f"{value:.{digits}g}"
    return f"{value:.0f}" if "e" in text and abs(value) < 1e15 and value == round(value) else text


def table(key, heads, rows, marked=(), filters=False, only=None, tall=False, label=""):
    """A table that sorts and filters.

    A cell is a text, a Raw, or a number; numbers sort as such. `marked`: rows that differ; `filters`: a field in each head;
    `only`: text of a box that leaves only the marked rows. Short tables need no field for words.
    """
    box = f'<label><input type="checkbox"> {escape(only)}</label>' if only else ""
    hidden = "" if filters or only or len(rows) > 6 else " hidden"
    tools = (f'<div class="tools"{hidden} id="{key}-tools">'
             '<label>Filter <input type="search" placeholder="words" autocomplete="off"></label>'
             f'{box}<output class="quiet" aria-live="polite"></output></div>')
    kind = "scroll tall" if tall else "scroll"
    return (f'{tools}<div class="{kind}" tabindex="0" role="region" aria-label="{escape(label or key)}">'
            f'<table class="sortable" id="{key}" data-tools="{key}-tools"><thead><tr>'
            + "".join(_head(head, filters) for head in heads) + "</tr></thead>\n<tbody>\n"
            + "\n".join(_row(row, heads, i in marked) for i, row in enumerate(rows)) + "\n</tbody></table></div>")


class Raw(str):
    """Text that is HTML already."""


def _head(head, filters):
    field = ""
    if filters:
        hint = ">1, 2..3" if head.numeric else "words"
        field = f'<input type="text" placeholder="{escape(hint)}" aria-label="Filter {escape(head.text)}" autocomplete="off">'
    kind = " class=number" if head.numeric else ""
    return f'<th scope="col"{kind}><button type="button">{escape(head.text)}</button>{field}</th>'


def _row(row, heads, marked):
    return f"<tr{' class=differs' if marked else ''}>" + "".join(_cell(cell, head) for cell, head in zip(row, heads)) + "</tr>"


def _cell(cell, head):
    if head.numeric:
        value = None if cell in (None, "") else float(cell)
        missing = value is None or math.isnan(value)
        return f'<td class="number" data-value="{"" if missing else repr(value)}">{"" if missing else number_text(value)}</td>'
    content = cell if isinstance(cell, Raw) else escape("" if cell is None else cell)
    return f"<td{' class=wide' if head.wide else ''}>{content}</td>"
