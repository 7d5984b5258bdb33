#!/usr/bin/env python3
"""Writes a report as one self-contained HTML page, of a run or of a parameter study.

    report.py results/llzo_polycrystal           -> results/llzo_polycrystal/report.html
    report.py results/studies/conductivity       -> report.html in the study
    report.py STUDY --runs                       -> also report.html in the results of each run, linked from the table

The page holds pictures, curves, tables that sort and filter, parameters (what differs from the base is marked), versions,
warnings and the end of the log; it needs no network, is for light and dark screens, narrow ones and paper. Pictures are those of
render.py; --draw makes those that are missing.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import report_run
import report_study
from lithoclase_results import ResultError
from lithoclase_study import Results, read_study


def main(arguments=None):
    options = parse(arguments)
    path = options.path
    try:
        if (path / "study.json").is_file():
            written = report_study_and_runs(path, options)
        elif any((path / name).is_file() for name in ("run.json", "history.csv", "log.txt")):
            written = [report_one_run(path, options)]
        else:
            raise ResultError(f"{path} is neither a study (study.json) nor a folder of results (run.json, history.csv)")
    except ResultError as error:
        sys.exit(f"report: {error}")
    print(*written, sep="\n")


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, help="folder of results or of a study")
    parser.add_argument("--base", type=Path, help="parameter file or results with which the parameters are compared "
                                                  "(default: the base of the study, else the case of the command)")
    parser.add_argument("--runs", action="store_true", help="of a study: a page for each run as well")
    parser.add_argument("--draw", action="store_true",
                        help="draw the pictures of runs that have none: of a run all fields, in a study the structure")
    parser.add_argument("--output", type=Path, metavar="FILE", help="(default: report.html in the folder)")
    options = parser.parse_args(arguments)
    if options.base is not None and not options.base.exists():
        parser.error(f"--base: there is no file or folder {options.base}")
    return options


def report_one_run(path, options):
    """Writes the page of results outside of a study."""
    results = Results(path)
    if options.draw:
        draw_pictures(results)
    report_run.use_style()
    return write(options.output or path / "report.html", report_run.run_page(results, base=options.base))


def report_study_and_runs(path, options):
    study = read_study(path)
    written = []
    runs = [run for run in study.runs if run.results.path.is_dir()]
    for run in runs:
        if options.draw:
            draw_pictures(run.results, ["--fields", "structure", "--strip-fields", "structure"])
    if options.runs:
        report_run.use_style()
        base = options.base or base_case(study)
        for run in runs:
            written.append(write(run.results.path / "report.html", run_page(study, run, base)))
    report_study.use_style()
    return [write(options.output or path / "report.html", report_study.study_page(study))] + written


def run_page(study, run, base):
    """The page of a run of a study."""
    back = "/".join([".."] * (len(run.folder.relative_to(study.path).parts) + 1)) + "/report.html"
    return report_run.run_page(run.results, f"{study.name}, run {run.id}", run.state, run.reason, base,
                               {parameter.key for parameter in study.parameters}, run.folder / "case.prm", back)


def base_case(study):
    """The base of a study as Path, None if it is not there any more; a relative one is sought from here and from the study."""
    for folder in (Path(), study.path):
        if study.base and (folder / study.base).exists():
            return folder / study.base
    return None


def draw_pictures(results, chosen=()):
    """Runs render.py (as a program: it may need a display of its own) where there are fields but no pictures; `chosen`: options
    that say which ones, by default all."""
    fields = (results.path / "fields.pvd").is_file() or any(results.path.glob("fields/*.vtkhdf"))
    if not fields or any((results.path / "pictures").glob("*.png")):
        return
    done = subprocess.run([sys.executable, Path(__file__).with_name("render.py"), results.path, "--animation", "none",
                           *chosen], capture_output=True, text=True)
    if done.returncode != 0:
        results.problems.append(f"render.py failed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")


def write(path, page):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
