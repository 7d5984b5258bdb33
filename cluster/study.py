#!/usr/bin/env python3
"""Parameter studies: makes the runs of a study file, checks them, and does them here or as a job array. README.md beside this file tells more.

    study.py run STUDY.yaml [--folder F] [--dry-run] [--smoke] [--scheduler S] [--workers N] [--job JOB.yaml] [--wait]
    study.py status FOLDER
    study.py cancel FOLDER

A repeated `run` goes on where the last one stopped. Exit code: 0 if all is well, 1 if runs failed or the machine did, 2 for mistakes in the input,
130 if stopped by a signal.
"""

import argparse
import signal
import sys
from pathlib import Path

try:
    import yaml  # noqa: F401
except ImportError:
    sys.exit(f"study.py: '{sys.executable}' has no PyYAML: install it (python3-yaml) or give another interpreter, e.g. /usr/bin/python3")

import driver
import job_settings
import status_table
import study_file
from failures import StudyError, explain
from study_folder import StudyFolder


def add_run(commands):
    run = commands.add_parser("run", help="does a study, or goes on with it")
    run.add_argument("study", help="study file (YAML)")
    run.add_argument("--folder", help="folder of the study (default: results/studies/NAME)")
    run.add_argument("--dry-run", action="store_true", help="says what would be done, checks each case, and does nothing")
    run.add_argument("--smoke", action="store_true", help="the small version of the study, its section 'smoke'")
    run.add_argument("--scheduler", choices=job_settings.SCHEDULERS, help="where the runs go")
    run.add_argument("--workers", type=int, help="local: runs at a time")
    run.add_argument("--ranks", type=int, help="MPI ranks of each run")
    run.add_argument("--job", help="file with job settings (YAML): account, partition, time, modules ...")
    run.add_argument("--time-limit", type=float, help="local: wall time of each run [s], then checkpoint; the next call goes on")
    run.add_argument("--skip-invalid", action="store_true", help="leaves out cases that --validate refuses; else one of them stops all")
    run.add_argument("--retry", action="store_true", help="also runs that have failed as often as job/attempts allows")
    run.add_argument("--wait", action="store_true", help="batch systems: stays until all runs have ended")


def add_others(commands):
    for name, text in (("status", "prints the state of each run"), ("cancel", "stops what runs, with a checkpoint, and takes back what waits")):
        command = commands.add_parser(name, help=text)
        command.add_argument("folder", help="folder of the study")


def run_study(arguments):
    study = study_file.read(arguments.study, arguments.smoke)
    job = job_settings.read_job_settings(study.job, arguments.job, scheduler=arguments.scheduler, workers=arguments.workers, ranks=arguments.ranks)
    if arguments.time_limit and job.scheduler != "local":
        raise StudyError("--time-limit is for workers on this machine; on a batch system set 'time' and 'margin' of the job settings")
    path = Path(arguments.folder or Path("results") / "studies" / study.name)
    if arguments.dry_run:
        return driver.dry_run(study, job, path, arguments)
    return driver.Driver(study, job, path, arguments).run()


def stop(number, frame):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    add_run(commands)
    add_others(commands)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, stop)
    try:
        if arguments.command == "run":
            return run_study(arguments)
        folder = StudyFolder(arguments.folder)
        if arguments.command == "cancel":
            return driver.cancel(folder)
        return status_table.show(folder)
    except StudyError as error:
        print(f"study.py: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"study.py: the study cannot go on: {explain(error)}; call again when this is put right", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("study.py: stopped; the same call goes on from here", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
