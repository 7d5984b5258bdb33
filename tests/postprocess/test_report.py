"""Reports: what the pages hold, and that they work in a real browser (chromium, without a display)."""

import contextlib
import html
import io
import json
import re
import shutil
import subprocess
import tempfile
import unittest
from html.parser import HTMLParser
from pathlib import Path

import matplotlib.pyplot as plt

import report
import report_html
import report_run
import synthetic
import synthetic_study
from lithoclase_study import read_study

CHROMIUM = next((path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None)
VOID = {"meta", "link", "input", "img", "br", "hr"}


class Page(HTMLParser):
    """Elements, and whether they are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.errors = [], [], []
        self.feed(text)
        self.errors += [f"<{name}> is not closed" for name in self.open]

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.errors.append(f"</{tag}> closes nothing")

    def of(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


class WithReports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.path = Path(folder.name) / "study"
        synthetic_study.write_study(cls.path)
        synthetic_study.write_critical(cls.path)
        pictures = cls.path / "runs/0001/results/pictures"
        pictures.mkdir()
        plt.imsave(pictures / "structure.png", [[0.0, 1.0], [1.0, 0.0]])
        study = read_study(cls.path)
        report.write(cls.path / "runs/0001/results/report.html", report.run_page(study, study.runs[0], report.base_case(study)))
        with contextlib.redirect_stdout(io.StringIO()):
            report.main([str(cls.path)])
        cls.page_of_study = (cls.path / "report.html").read_text(encoding="utf-8")
        cls.page_of_run = (cls.path / "runs/0001/results/report.html").read_text(encoding="utf-8")


class Content(WithReports):
    def test_pages_are_well_formed_and_hold_everything(self):
        for text in (self.page_of_study, self.page_of_run):
            page = Page(text)
            self.assertEqual(page.errors, [])
            for tag, attributes in page.elements:
                for name in ("src", "href", "xlink:href", "action"):
                    self.assertNotRegex(attributes.get(name) or "", r"^(\w+:)?//|^https?:", f"{tag} {attributes}")
            self.assertNotRegex(text, r"url\((?!#)|@import")

    def test_pictures_and_drawings_have_words_for_those_who_do_not_see_them(self):
        for text in (self.page_of_study, self.page_of_run):
            page = Page(text)
            self.assertTrue(page.of("img"))
            self.assertTrue(all(image.get("alt") and image["src"].startswith("data:image/") for image in page.of("img")))
            drawings = page.of("svg")
            self.assertTrue(drawings)
            self.assertTrue(all(drawing.get("role") == "img" and drawing.get("aria-label") for drawing in drawings))

    def test_texts_of_users_are_no_tags(self):
        self.assertIn("made up &lt;b&gt;", self.page_of_study)
        self.assertIn("the solver &lt;did&gt; not converge", self.page_of_study)
        self.assertIn("the front is &lt;wide&gt;", self.page_of_run)
        self.assertIn("Somebody &lt;2023&gt;", self.page_of_run)

    def test_the_study_has_all_runs_and_the_reasons(self):
        rows = re.search(r'id="run-table".*?</table>', self.page_of_study, re.S).group().split("<tr")[2:]
        self.assertEqual(len(rows), 33)
        for text in ("Expected: larger with size", "over its time limit", "there is no folder", "28 finished", "1 timed out", "1 missing"):
            self.assertIn(text, self.page_of_study)
        self.assertIn('href="runs/0001/results/report.html"', rows[0])

    def test_the_search_has_its_brackets(self):
        table = re.search(r'id="critical-table".*?</table>', self.page_of_study, re.S).group()
        heads = re.findall(r'<button type="button">(.*?)</button>', table)
        self.assertEqual(heads, ["Size (µm)", "Strength (J/m²)", "Critical current, no cracking at (mA/cm²)",
                                 "Critical current, cracking at (mA/cm²)", "Search", "Runs"])
        rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in table.split("<tr")[2:]]
        self.assertEqual(rows[1], ["10", "1", "4", "5", "bracketed", "0004 0005"])
        self.assertEqual([row[2:4] for row in rows[2:]], [["20", ""], ["", "2"], ["", ""]])
        self.assertIn("run 0008 is &lt;failed&gt;", rows[4])
        self.assertEqual(len(re.findall(r'aria-label="Critical current \(mA/cm²\) against \w+, by \w+, with brackets"', self.page_of_study)), 2)

    def test_a_study_without_a_search_has_no_brackets(self):
        path = self.path.parent / "plain"
        synthetic_study.write_study(path, ("1 um",), (1,), (1,), troubled=False)
        self.assertNotIn("critical-table", report.report_study.study_page(read_study(path)))
        (path / "critical.csv").write_text("size,seed\n1 um,\n")
        self.assertIn("critical.csv cannot be read", report.report_study.study_page(read_study(path)))

    def test_the_run_has_its_end_versions_and_warnings(self):
        for text in ("the end time is reached", synthetic_study.REVISION, "deal.II", "9.4.1", "grain boundary", "The run ends."):
            self.assertIn(text, self.page_of_run)
        self.assertEqual(self.page_of_run.count("<li>the front is"), 1)
        self.assertIn('href="../../../report.html"', self.page_of_run)

    def test_what_differs_from_the_base_is_marked(self):
        table = re.search(r'id="parameter-table".*?</table>', self.page_of_run, re.S).group()
        rows = {}
        for row in table.split("<tr")[2:]:
            cells = [html.unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
            rows[f"{cells[0]}/{cells[1]}".lstrip("/")] = (row.startswith(" class=differs"), *cells[2:])
        self.assertEqual(rows, {
            "dimension": (False, "2", "2", ""),
            "Mesh/size": (True, "1 um", "3 um", "varied"),
            "Mesh/levels": (False, "5", "5", ""),
            "Fracture/strength": (True, "1 J/m^2", "", "varied"),   # not in the base, but a parameter of the study
            "Grains/seed": (True, "1", "", "set here"),             # set by the case alone
            "Time stepping/end time": (False, "0.5 min", "30 s", ""),  # the same in another unit
        })

    def test_a_run_without_anything_has_a_page(self):
        folder = self.path.parent / "bare"
        folder.mkdir()
        (folder / "log.txt").write_text("It broke.\n")
        with contextlib.redirect_stdout(io.StringIO()):
            report.main([str(folder)])
        text = (folder / "report.html").read_text(encoding="utf-8")
        self.assertEqual(Page(text).errors, [])
        self.assertIn("It broke.", text)

    def test_pictures_are_drawn_when_asked_for(self):
        folder = self.path.parent / "drawn"
        synthetic.write_results(folder, cells=(8, 12), times=(0.0,))
        self.assertNotIn("<img", report_run.run_page(report.Results(folder)))
        results = report.Results(folder)
        report.draw_pictures(results, ["--fields", "structure", "--pixels", "200"])
        self.assertEqual(results.problems, [])
        self.assertIn('alt="Structure"', report_run.run_page(results))

    def test_all_runs_get_their_pages(self):
        path = self.path.parent / "small"
        synthetic_study.write_study(path, ("1 um",), (1,), (1, 2), troubled=False)
        with contextlib.redirect_stdout(io.StringIO()) as said:
            report.main([str(path), "--runs"])
        self.assertEqual(len(said.getvalue().split()), 3)
        self.assertIn('href="runs/0002/results/report.html"', (path / "report.html").read_text(encoding="utf-8"))

    def test_other_folders_are_refused(self):
        with self.assertRaisesRegex(SystemExit, "neither a study .* nor a folder of results"):
            report.main([str(self.path / "runs")])

    def test_numbers_are_rounded_for_people(self):
        self.assertEqual(report_html.number_text(0.0123456), "0.01235")
        self.assertEqual(report_html.number_text(123456.0), "123456")
        self.assertEqual(report_html.number_text(float("nan")), "")
        self.assertEqual(report_run.without_noise("short at 7.721772530838003 s"), "short at 7.7218 s")


# What a page reports of itself: errors of its scripts, whatever it asked for beside itself, and the results of `steps`.
HARNESS = """<script>
window.complaints = [];
window.addEventListener("error", (event) => window.complaints.push("error: " + event.message));
document.addEventListener("securitypolicyviolation", (event) => window.complaints.push("request: " + event.blockedURI));
</script>"""
REPORT = """<pre id="result"></pre><script>
window.addEventListener("load", () => {
  const result = {};
  const column = (table, i) => Array.from(document.getElementById(table).tBodies[0].rows).filter((row) => !row.hidden)
    .map((row) => row.cells[i].textContent.trim());
  const heads = (table) => Array.from(document.getElementById(table).tHead.rows[0].cells);
  const type = (input, text) => { input.value = text; input.dispatchEvent(new Event("input", { bubbles: true })); };
  try { STEPS } catch (error) { window.complaints.push("error: " + error.message); }
  result.loaded = performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => !name.startsWith("data:"));
  result.width = [document.documentElement.scrollWidth, window.innerWidth];
  setTimeout(() => {
    result.complaints = window.complaints;
    document.getElementById("result").textContent = JSON.stringify(result);
  }, 50);
});
</script>"""


@unittest.skipUnless(CHROMIUM, "no browser: chromium is not installed")
class InTheBrowser(WithReports):
    def show(self, text, steps="", width=1200):
        """What the page reports after `steps` (JavaScript that fills `result`)."""
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.html"
            text = text.replace("<head>", "<head>" + HARNESS, 1).replace("</body>", REPORT.replace("STEPS", steps) + "</body>", 1)
            page.write_text(text, encoding="utf-8")
            done = subprocess.run([CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                                   f"--user-data-dir={folder}/profile", f"--window-size={width},900", "--virtual-time-budget=3000",
                                   "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=120)
        match = re.search(r'<pre id="result">(.*?)</pre>', done.stdout, re.S)
        self.assertTrue(match and match.group(1), f"chromium gave no result: {done.stderr[-500:]}")
        return json.loads(html.unescape(match.group(1)))

    def assert_quiet(self, result):
        self.assertEqual((result["complaints"], result["loaded"]), ([], []))

    def test_the_table_of_runs_sorts_filters_and_feeds_the_plot(self):
        result = self.show(self.page_of_study, """
          const names = heads("run-table").map((head) => head.querySelector("button").textContent);
          const size = names.findIndex((name) => name.startsWith("Size")), state = names.indexOf("State");
          const click = (i) => heads("run-table")[i].querySelector("button").click();
          result.names = names;
          click(size); result.up = column("run-table", size); result.sorted = heads("run-table")[size].getAttribute("aria-sort");
          click(size); result.down = column("run-table", size);
          const voltage = names.findIndex((name) => name.startsWith("Cell voltage"));
          click(voltage); click(voltage); result.voltage = column("run-table", voltage);
          type(heads("run-table")[size].querySelector("input"), ">=10"); result.large = column("run-table", size);
          type(heads("run-table")[state].querySelector("input"), "finished"); result.finished = column("run-table", state);
          result.points = document.querySelectorAll("#explorer-plot circle").length;
          type(heads("run-table")[size].querySelector("input"), "2..50"); result.middle = column("run-table", size);
          type(heads("run-table")[size].querySelector("input"), ""); type(heads("run-table")[state].querySelector("input"), "");
          type(document.querySelector("#run-table-tools input[type=search]"), "TIME limit"); result.words = column("run-table", 0);
          result.count = document.querySelector("#run-table-tools output").textContent;""")
        self.assert_quiet(result)
        self.assertEqual(result["up"], ["1"] * 9 + ["10"] * 15 + ["100"] * 9)
        self.assertEqual(result["down"], result["up"][::-1])
        self.assertEqual(result["sorted"], "ascending")
        self.assertEqual(result["voltage"][:1] + result["voltage"][-3:], ["50", "", "", ""])  # runs without a value come last
        self.assertEqual(sorted(set(result["large"])), ["10", "100"])
        self.assertEqual((len(result["large"]), len(result["finished"]), len(result["middle"])), (24, 19, 10))
        self.assertEqual(result["points"], 19)
        self.assertEqual(set(result["middle"]), {"10"})
        self.assertEqual(result["words"], ["0031"])
        self.assertEqual(result["count"], "1 of 33 rows")

    def test_the_plot_follows_the_choice_of_columns(self):
        result = self.show(self.page_of_study, """
          const choose = (key, start) => {
            const select = document.getElementById("explorer-" + key);
            select.value = Array.from(select.options).find((option) => option.textContent.startsWith(start)).value;
            select.dispatchEvent(new Event("change"));
          };
          choose("x", "Strength"); choose("y", "Current density at short circuit"); choose("colour", "none");
          result.points = Array.from(document.querySelectorAll("#explorer-plot circle title"), (title) => title.textContent);
          result.x = Array.from(document.querySelectorAll("#explorer-plot circle"), (circle) => Number(circle.getAttribute("cx")));
          choose("colour", "Seed");
          result.colours = new Set(Array.from(document.querySelectorAll("#explorer-plot circle"), (c) => c.getAttribute("fill"))).size;""")
        self.assert_quiet(result)
        self.assertEqual(len(result["points"]), 19)  # finished runs that shorted: 18, and the one with a damaged record
        self.assertIn("Run 0001: Current density at short circuit (mA/cm²) 2, Strength (J/m²) 1", result["points"])
        self.assertEqual(len(set(result["x"])), 2)
        self.assertEqual(result["colours"], 3)

    def test_brackets_sort(self):
        result = self.show(self.page_of_study, """
          heads("critical-table")[3].querySelector("button").click();
          result.upper = column("critical-table", 3);
          result.drawn = document.querySelectorAll('section[aria-labelledby="critical"] figure svg').length;""")
        self.assert_quiet(result)
        self.assertEqual(result["upper"], ["2", "5", "9", "", ""])
        self.assertEqual(result["drawn"], 2)

    def test_only_what_differs_can_be_left(self):
        result = self.show(self.page_of_run, """
          document.querySelector("#parameter-table-tools input[type=checkbox]").click();
          result.differs = column("parameter-table", 1);""")
        self.assert_quiet(result)
        self.assertEqual(sorted(result["differs"]), ["seed", "size", "strength"])

    def test_narrow_screens_need_no_sideways_scrolling(self):
        for text in (self.page_of_study, self.page_of_run):
            result = self.show(text, width=500)
            self.assert_quiet(result)
            self.assertLessEqual(*result["width"])

    def test_errors_and_requests_would_be_noticed(self):
        result = self.show(self.page_of_run.replace("</main>", '<img src="http://127.0.0.1:9/x.png" alt=""></main>'), "nonsense();")
        self.assertIn("request: http://127.0.0.1:9/x.png", result["complaints"])
        self.assertTrue(any("nonsense" in complaint for complaint in result["complaints"]))


if __name__ == "__main__":
    unittest.main()
