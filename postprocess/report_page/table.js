"use strict";
// Tables that sort by a click on a head and filter by what is typed above: words anywhere, and per column a word or, for
// numbers, ">3", "<=0.4", "=2" or "1..3".

function cellValue(row, column) {
  const cell = row.cells[column];
  return "value" in cell.dataset ? (cell.dataset.value === "" ? NaN : Number(cell.dataset.value)) : cell.textContent.trim();
}

function compare(a, b) {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

function isMissing(value) {
  return value === "" || Number.isNaN(value);
}

function sortTable(table, column) {
  const head = table.tHead.rows[0].cells[column];
  const descending = head.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", descending ? "descending" : "ascending");
  const rows = Array.from(table.tBodies[0].rows);
  rows.sort((p, q) => {
    const a = cellValue(p, column), b = cellValue(q, column);
    if (isMissing(a) || isMissing(b)) return isMissing(a) - isMissing(b); // at the end either way
    return descending ? compare(b, a) : compare(a, b);
  });
  table.tBodies[0].append(...rows);
}

// What is shown is compared, in the unit of the head; the numbers that sort are in SI units.
function columnTest(text) {
  const range = /^(-?[\d.]+(?:e[-+]?\d+)?)\s*\.\.\s*(-?[\d.]+(?:e[-+]?\d+)?)$/i.exec(text);
  const relation = /^(<=|>=|<|>|=)\s*(-?[\d.]+(?:e[-+]?\d+)?)$/i.exec(text);
  if (range) return (shown) => Number(shown) >= Number(range[1]) && Number(shown) <= Number(range[2]);
  if (relation) {
    const limit = Number(relation[2]);
    const tests = { "<": (x) => x < limit, ">": (x) => x > limit, "<=": (x) => x <= limit, ">=": (x) => x >= limit,
      "=": (x) => x === limit };
    return (shown) => shown !== "" && tests[relation[1]](Number(shown));
  }
  return (shown) => shown.toLowerCase().includes(text.toLowerCase());
}

function filterTable(table, tools) {
  const words = tools.querySelector("input[type=search]").value.toLowerCase().split(/\s+/).filter(Boolean);
  const only = tools.querySelector("input[type=checkbox]");
  const tests = Array.from(table.tHead.rows[0].cells, (head) => head.querySelector("input"))
    .map((input, column) => [column, input ? input.value.trim() : ""])
    .filter(([, text]) => text).map(([column, text]) => [column, columnTest(text)]);
  let shown = 0;
  for (const row of table.tBodies[0].rows) {
    const text = row.textContent.toLowerCase();
    const keep = words.every((word) => text.includes(word)) && !(only && only.checked && !row.classList.contains("differs")) &&
      tests.every(([column, test]) => test(row.cells[column].textContent.trim()));
    row.hidden = !keep;
    shown += keep;
  }
  tools.querySelector("output").textContent = shown + " of " + table.tBodies[0].rows.length + " rows";
  table.dispatchEvent(new CustomEvent("filtered"));
}

for (const table of document.querySelectorAll("table.sortable")) {
  const tools = document.getElementById(table.dataset.tools);
  Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
    const button = head.querySelector("button");
    if (button) button.addEventListener("click", () => sortTable(table, column));
    const input = head.querySelector("input");
    if (input) input.addEventListener("input", () => filterTable(table, tools));
  });
  for (const input of tools.querySelectorAll("input")) input.addEventListener("input", () => filterTable(table, tools));
  filterTable(table, tools);
}

// What is folded would be lost on paper.
window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
