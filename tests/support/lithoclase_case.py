"""Running the executable from Python tests.

Environment: LITHOCLASE_EXECUTABLE (path of the program), LITHOCLASE_SOURCE_DIR (source tree).
"""

import csv
import os
import pathlib
import shutil
import subprocess
import tempfile

EXECUTABLE = os.environ.get("LITHOCLASE_EXECUTABLE", "lithoclase")
SOURCE = pathlib.Path(os.environ.get("LITHOCLASE_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))

MPI_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",  # Open MPI 5 has other names; this one also unbinds
    "OMPI_MCA_mpi_yield_when_idle": "1",
}


class Folder:
    """A scratch folder for a test, removed at its end."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="lithoclase_"))

    def close(self):
        shutil.rmtree(self.path, ignore_errors=True)

    def write(self, name, text):
        path = self.path / name
        path.write_text(text)
        return path


def command(case, *arguments, ranks=1, settings=()):
    """The command line (list of str) that runs `case` with "Section/key=value" settings."""
    line = [] if ranks == 1 else ["mpirun", "-n", str(ranks)]
    line += [EXECUTABLE, str(case), *arguments]
    for setting in settings:
        line += ["--set", setting]
    return line


def run(case, *arguments, ranks=1, settings=(), folder=None, timeout=600, prefix=()):
    """Runs a case to its end; returns subprocess.CompletedProcess with text output.

    `prefix` is put before the command, e.g. a shell that limits file sizes.
    """
    return subprocess.run(
        [*prefix, *command(case, *arguments, ranks=ranks, settings=settings)],
        cwd=folder,
        env={**os.environ, **MPI_ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=timeout,
    )


def history(results):
    """Rows of history.csv in the folder `results` as dictionaries: column name without unit -> float."""
    with open(pathlib.Path(results) / "history.csv", newline="") as file:
        return [{name.split(" [")[0]: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
