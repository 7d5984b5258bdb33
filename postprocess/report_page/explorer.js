"use strict";
// A scatter plot of two columns, coloured by a third, of the finished runs that the table of runs shows.

(function () {
  const holder = document.getElementById("explorer-data");
  if (!holder) return;
  const data = JSON.parse(holder.textContent);
  const plot = document.getElementById("explorer-plot"), table = document.getElementById("run-table");
  const choice = (key) => document.getElementById("explorer-" + key);
  const box = { left: 78, right: 500, top: 14, bottom: 308 };

  function add(name, attributes, text, parent = plot) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    parent.appendChild(node);
    return node;
  }

  function title(column) { return column.name + (column.unit ? " (" + column.unit + ")" : ""); }

  function show(value) { return Number(value.toPrecision(4)).toString(); }

  // From values to [0, 1], logarithmic where they span more than a factor of 30, with ticks.
  function scale(values) {
    let low = Math.min(...values), high = Math.max(...values);
    const log = low > 0 && high >= 30 * low, to = log ? Math.log10 : (v) => v;
    low = to(low); high = to(high);
    const pad = high > low ? 0.05 * (high - low) : Math.abs(high) * 0.1 || 1;
    low -= pad; high += pad;
    const ticks = [];
    if (log) {
      for (let power = Math.floor(low); power <= Math.ceil(high); power++)
        for (const factor of high - low < 3 ? [1, 3] : [1]) ticks.push(factor * 10 ** power);
    } else {
      const raw = (high - low) / 5, power = 10 ** Math.floor(Math.log10(raw));
      const step = [1, 2, 5, 10].map((f) => f * power).find((s) => s >= raw);
      for (let k = Math.ceil(low / step); k * step <= high; k++) ticks.push(k * step);
    }
    return { at: (v) => (to(v) - low) / (high - low), ticks: ticks.filter((t) => to(t) >= low && to(t) <= high) };
  }

  // Dark blue to yellow, as in the other plots.
  function colour(fraction) {
    const map = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
    const at = Math.min(Math.max(fraction, 0), 1) * 4, i = Math.min(Math.floor(at), 3);
    return "rgb(" + map[i].map((c, k) => Math.round(c + (at - i) * (map[i + 1][k] - c))).join(",") + ")";
  }

  function shownRuns() {
    const shown = new Set();
    for (const row of table.tBodies[0].rows)
      if (!row.hidden && row.querySelector(".state.finished")) shown.add(row.cells[0].textContent.trim());
    return shown;
  }

  function drawAxes(x, y, sx, sy) {
    for (const tick of sx.ticks) {
      const at = box.left + sx.at(tick) * (box.right - box.left);
      add("line", { class: "grid", x1: at, x2: at, y1: box.top, y2: box.bottom });
      add("text", { x: at, y: box.bottom + 17, "text-anchor": "middle" }, show(tick));
    }
    for (const tick of sy.ticks) {
      const at = box.bottom - sy.at(tick) * (box.bottom - box.top);
      add("line", { class: "grid", x1: box.left, x2: box.right, y1: at, y2: at });
      add("text", { x: box.left - 7, y: at + 4, "text-anchor": "end" }, show(tick));
    }
    add("line", { class: "axis", x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom });
    add("line", { class: "axis", x1: box.left, x2: box.left, y1: box.top, y2: box.bottom });
    add("text", { x: (box.left + box.right) / 2, y: box.bottom + 40, "text-anchor": "middle" }, title(x));
    add("text", { transform: "translate(14," + (box.top + box.bottom) / 2 + ") rotate(-90)", "text-anchor": "middle" }, title(y));
  }

  function drawColours(c, sc, values) {
    const low = Math.min(...values), high = Math.max(...values), x = box.right + 26;
    for (let i = 0; i < 40; i++)
      add("rect", { x: x, y: 60 + 4 * i, width: 13, height: 4.2, fill: colour(1 - i / 39) });
    add("text", { x: x + 19, y: 70 }, show(high));
    add("text", { x: x + 19, y: 220 }, show(low));
    add("text", { transform: "translate(" + (x - 8) + ",220) rotate(-90)" }, title(c).slice(0, 34));
  }

  function draw() {
    plot.replaceChildren();
    const x = data.columns[choice("x").value], y = data.columns[choice("y").value];
    const c = choice("colour").value === "" ? null : data.columns[choice("colour").value];
    const shown = shownRuns(), points = [];
    data.runs.forEach((run, i) => {
      if (shown.has(run) && x.values[i] !== null && y.values[i] !== null && (!c || c.values[i] !== null)) points.push(i);
    });
    choice("count").textContent = points.length + " runs";
    plot.setAttribute("aria-label", "Scatter plot of " + title(y) + " against " + title(x) + ", " + points.length + " runs");
    if (!points.length) return;
    const pick = (column) => points.map((i) => column.values[i]);
    const sx = scale(pick(x)), sy = scale(pick(y)), sc = c ? scale(pick(c)) : null;
    drawAxes(x, y, sx, sy);
    if (c) drawColours(c, sc, pick(c));
    const ends = c ? [sc.at(Math.min(...pick(c))), sc.at(Math.max(...pick(c)))] : null;
    for (const i of points) {
      const at = { cx: box.left + sx.at(x.values[i]) * (box.right - box.left),
        cy: box.bottom - sy.at(y.values[i]) * (box.bottom - box.top) };
      const fill = c ? colour((sc.at(c.values[i]) - ends[0]) / (ends[1] - ends[0] || 1)) : "var(--accent)";
      const point = add("circle", { ...at, r: 4.5, fill: fill });
      const text = "Run " + data.runs[i] + ": " + [y, x, c].filter(Boolean).map((k) => title(k) + " " + show(k.values[i])).join(", ");
      add("title", {}, text, point);
    }
  }

  for (const key of ["x", "y", "colour"]) {
    if (choice(key).dataset.first) choice(key).value = choice(key).dataset.first;
    choice(key).addEventListener("change", draw);
  }
  table.addEventListener("filtered", draw);
  draw();
})();
