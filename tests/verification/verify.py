#!/usr/bin/env python3
"""Runs the verification cases and prints their table; see cases.py for what there is.

Leaves in the folder of results table.csv, table.md (a line per case) and a figure per group of cases."""

import argparse
import concurrent.futures
import csv
import pathlib
import shutil
import sys
import time
import traceback

from cases import CASES
from laboratory import COLUMNS, FOLDER, Laboratory, Row, RunFailed, Slots

FIGURES = FOLDER / "figures"


def run_case(case, executable, directory, slots, quick):
    """The laboratory with the rows of one case. A run that fails is a row that fails."""
    laboratory = Laboratory(case.name, executable, directory, slots, quick)
    try:
        case.function(laboratory)
    except RunFailed as failure:
        laboratory.rows.append(Row(case.name, str(failure), *[float("nan")] * 4))
    except Exception as error:  # pylint: disable=broad-except  # one broken case must not hide the others
        traceback.print_exc()
        laboratory.rows.append(Row(case.name, f"{type(error).__name__}: {error}", *[float("nan")] * 4))
    return laboratory


def run_cases(cases, executable, directory, ranks, quick=False, report=print):
    """Laboratories of all cases, in the order of the list; as many at a time as there are cores to use."""
    directory = pathlib.Path(directory).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    slots = Slots(ranks)
    with concurrent.futures.ThreadPoolExecutor(max_workers=ranks + 1) as pool:
        futures = {pool.submit(run_case, case, executable, directory, slots, quick): case for case in cases}
        for future in concurrent.futures.as_completed(futures):
            laboratory = future.result()
            failed = sum(not row.passed for row in laboratory.rows)
            state = f"{failed} of {len(laboratory.rows)} rows FAIL" if failed else f"{len(laboratory.rows)} rows pass"
            report(f"{laboratory.case:<36} {state}, {laboratory.run_time:.0f} core seconds", flush=True)
        laboratories = {futures[future].name: future.result() for future in futures}
    return [laboratories[case.name] for case in cases]


def print_table(rows):
    texts = [COLUMNS] + [row.as_text() for row in rows]
    widths = [max(len(text[column]) for text in texts) for column in range(len(COLUMNS))]
    print()
    for text in texts:
        left = [text[column].ljust(widths[column]) for column in (0, 1)]
        right = [text[column].rjust(widths[column]) for column in range(2, len(COLUMNS))]
        print("  ".join(left + right).rstrip())


def write_table(rows, file_name):
    with open(file_name, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(row.as_text() for row in rows)


def write_summary(laboratories, file_name):
    """A table in Markdown with one line per case: the row that is nearest to its tolerance."""
    titles = {case.name: case.title for case in CASES}
    with open(file_name, "w", encoding="utf-8") as file:
        file.write("| case | what | rows passed | nearest to its tolerance | value | reference | error | tolerance |\n")
        file.write("|---|---|---|---|---|---|---|---|\n")
        for laboratory in laboratories:
            rows = laboratory.rows
            passed = sum(row.passed for row in rows)
            worst = max(rows, key=lambda row: row.closeness)
            numbers = [f"{number:.4g}" for number in (worst.value, worst.reference, worst.error, worst.tolerance)]
            cells = [laboratory.case.split("_")[0], titles[laboratory.case], f"{passed} of {len(rows)}", worst.quantity]
            file.write("| " + " | ".join(cells + numbers) + " |\n")


def draw_figures(laboratories, directory):
    """One figure per group of cases, V1.png, V2.png, ..., with a panel for each plot. Returns the paths."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams.update({"font.size": 8, "axes.titlesize": 9, "axes.grid": True, "grid.alpha": 0.3,
                                "legend.fontsize": 6, "legend.framealpha": 0.7, "lines.markersize": 4})
    from matplotlib import pyplot

    panels = {}
    for laboratory in laboratories:
        panels.setdefault(laboratory.case.split("_")[0], []).extend(laboratory.plots)
    paths = []
    for group, plots in panels.items():
        if not plots:
            continue
        columns = min(3, len(plots))
        lines = -(-len(plots) // columns)
        figure, axes = pyplot.subplots(lines, columns, figsize=(3.5 * columns, 2.8 * lines), layout="constrained",
                                       squeeze=False)
        for axis, draw in zip(axes.flat, plots):
            draw(axis)
        for axis in axes.flat[len(plots):]:
            axis.remove()
        paths.append(pathlib.Path(directory) / f"{group}.png")
        figure.savefig(paths[-1], dpi=150)
        pyplot.close(figure)
    return paths


def chosen_cases(names, quick):
    """All cases, the quick ones, or those whose name begins with one of the names (V3 is not V31)."""
    for name in names:
        if not any(case.answers_to(name) for case in CASES):
            sys.exit(f"verify.py: there is no case '{name}'; --list shows all")
    cases = [case for case in CASES if not names or any(case.answers_to(name) for name in names)]
    return [case for case in cases if case.quick] if quick else cases


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", help="names of cases, e.g. V3 (default: all)")
    parser.add_argument("--executable", default="build/release/lithoclase", help="default: %(default)s")
    parser.add_argument("--ranks", type=int, default=2, help="processor cores to use (default: %(default)s)")
    parser.add_argument("--directory", default="results/verification", help="default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="only cases of a few seconds, with fewer variations")
    parser.add_argument("--figures", action="store_true", help=f"copy the figures to {FIGURES}, for the README")
    parser.add_argument("--list", action="store_true", help="list the cases")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    cases = chosen_cases(arguments.cases, arguments.quick)
    if arguments.list:
        for case in cases:
            print(f"{case.name:<36} {case.title}{' (quick)' if case.quick else ''}")
        return 0
    executable = pathlib.Path(arguments.executable).resolve()
    if not executable.is_file():
        sys.exit(f"verify.py: there is no executable '{executable}'; ./quickstart verify builds it")
    begin = time.monotonic()
    laboratories = run_cases(cases, executable, arguments.directory, max(1, arguments.ranks), arguments.quick)
    rows = [row for laboratory in laboratories for row in laboratory.rows]
    write_table(rows, pathlib.Path(arguments.directory) / "table.csv")
    write_summary(laboratories, pathlib.Path(arguments.directory) / "table.md")
    figures = draw_figures(laboratories, arguments.directory)
    if arguments.figures:
        FIGURES.mkdir(exist_ok=True)
        for figure in figures:
            shutil.copy(figure, FIGURES)
    print_table(rows)
    failed = sum(not row.passed for row in rows)
    print(f"\n{len(rows) - failed} passed, {failed} failed")
    print(f"{(time.monotonic() - begin) / 60:.1f} minutes; table and plots are in {arguments.directory}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
