"""How the runs of a study are started: section `job` of the study file, replaced entry by entry by a file given with --job."""

import os
import re
import shlex
import shutil
from dataclasses import dataclass, field, fields
from pathlib import Path

import yaml

from failures import StudyError, check_keys, suggestion

SCHEDULERS = ("local", "slurm", "pbs")
REPOSITORY = Path(__file__).resolve().parents[1]


@dataclass
class JobSettings:
    # What local workers do not know is for batch systems only.
    scheduler: str = "local"     # local, slurm or pbs
    workers: int = 1             # local: runs at a time
    ranks: int = 1               # MPI ranks of each run
    time: str = "24:00:00"       # wall time of each run, hours:minutes:seconds
    margin: int = 120            # s before the limit at which the checkpoint is asked for
    requeue: bool = True         # over the limit: back into the queue
    attempts: int = 20           # a run that failed so often is left alone
    at_once: int = 0             # slurm: tasks of the array that may run at a time, 0: any number
    account: str = ""
    partition: str = ""          # PBS: queue
    memory: str = ""             # of each run, e.g. 4G
    modules: list = field(default_factory=list)  # loaded before the run
    setup: list = field(default_factory=list)    # shell lines before the run
    options: list = field(default_factory=list)  # further options of sbatch or qsub, e.g. --constraint=zen3
    container: str = ""          # Apptainer image that holds the program
    launcher: str = ""           # default: "mpirun -n RANKS" for more than one rank, else none
    executable: str = ""         # default: LITHOCLASE_EXECUTABLE, build/release/lithoclase or that on the path

    def seconds(self):
        hours, minutes, seconds = (int(part) for part in self.time.split(":"))
        return 3600 * hours + 60 * minutes + seconds

    def program(self):
        """Command (list) of the program without MPI, for --validate."""
        inside = ["apptainer", "exec", self.container] if self.container else []
        return inside + [self.executable or ("lithoclase" if self.container else _find_executable())]

    def command(self):
        """Command (list) of a run."""
        launcher = self.launcher or (f"mpirun -n {self.ranks}" if self.ranks > 1 else "")
        return shlex.split(launcher.format(ranks=self.ranks)) + self.program()


def _find_executable():
    built = REPOSITORY / "build" / "release" / "lithoclase"
    found = os.environ.get("LITHOCLASE_EXECUTABLE") or (str(built) if built.is_file() else shutil.which("lithoclase"))
    if not found:
        raise StudyError("lithoclase was not found: build it (./quickstart build), or say where it is with job/executable or LITHOCLASE_EXECUTABLE")
    return found


def read_job_settings(section, path=None, **given):
    """JobSettings of the study's `section`, the YAML file `path` and the entries `given` on the command line, the later the stronger."""
    entries = dict(section)
    if path:
        try:
            more = yaml.safe_load(Path(path).read_text()) or {}
        except OSError as error:
            raise StudyError(f"the job file '{path}' cannot be read: {error.strerror}") from None
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise StudyError(f"the job file '{path}' is no YAML: {' '.join(str(error).split())}") from None
        _check(more, f"the job file '{path}'")
        entries.update(more)
    entries.update({name: value for name, value in given.items() if value is not None})
    _check(entries, "job")
    return JobSettings(**{name.replace(" ", "_"): value for name, value in entries.items()})


def _check(entries, where):
    allowed = {entry.name.replace("_", " "): entry for entry in fields(JobSettings)}
    check_keys(entries, allowed, where)
    for name, value in entries.items():
        kind = {"int": int, "bool": bool, "list": list, "str": str}[getattr(allowed[name].type, "__name__", allowed[name].type)]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            hint = " (in quotes)" if kind is str else ""
            raise StudyError(f"{where}: '{name}' is '{value}', but must be {dict(int='a whole number', bool='true or false', list='a list', str='text')[kind.__name__]}{hint}")
        if kind is int and value < (0 if name in ("at once", "margin") else 1):
            raise StudyError(f"{where}: '{name}' is {value}, but must be positive")
    if entries.get("scheduler", "local") not in SCHEDULERS:
        raise StudyError(f"{where}: 'scheduler' is '{entries['scheduler']}'{suggestion(entries['scheduler'], SCHEDULERS)}")
    if not re.fullmatch(r"\d+:[0-5]\d:[0-5]\d", entries.get("time", "24:00:00")):
        raise StudyError(f"{where}: 'time' is '{entries['time']}', but must be hours:minutes:seconds, e.g. \"12:00:00\"")
