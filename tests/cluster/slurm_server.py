"""A Slurm of one node in a scratch folder: munged, slurmctld and slurmd with ports, keys and state of their own, ended by close()."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel")
CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock,cred_expire=6
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,batch_sched_delay=0,sched_interval=2
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
KillWait=5
NodeName={host} CPUs={cpus} RealMemory=2000 State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def why_not():
    """Why there can be no Slurm here, or None."""
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        return f"no Slurm here ({', '.join(missing)}): ./quickstart install slurm-wlm munge"
    if os.geteuid() != 0:
        return "the test's Slurm runs as root, and this is another user"
    return None


def free_port():
    with socket.socket() as probe:
        probe.bind(("", 0))
        return probe.getsockname()[1]


class Slurm:
    """Starts the three daemons; RuntimeError with the end of their logs if the node does not become idle."""

    def __init__(self, folder, cpus=2):
        self.folder = folder
        self.daemons = []
        for name in ("state", "spool"):
            (folder / name).mkdir()
        key = folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        host = socket.gethostname().split(".")[0]
        self.configuration = folder / "slurm.conf"
        self.configuration.write_text(CONFIGURATION.format(host=host, folder=folder, cpus=cpus, controller=free_port(), node=free_port()))
        self.environment = {"SLURM_CONF": str(self.configuration)}
        self.start("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={folder}/munge.sock", f"--pid-file={folder}/munged.pid",
                   f"--log-file={folder}/munged.log", f"--seed-file={folder}/munge.seed")
        self.wait((folder / "munge.sock").exists)
        self.start("slurmctld", "-D")
        self.start("slurmd", "-D")
        self.wait(lambda: self.call("sinfo", "--noheader", "--format=%T") == "idle")

    def start(self, *command):
        output = open(self.folder / f"{command[0]}.out", "w")
        with output:
            self.daemons.append(subprocess.Popen(command, env={**os.environ, **self.environment}, stdout=output, stderr=output))

    def call(self, *command):
        done = subprocess.run(command, env={**os.environ, **self.environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        return done.stdout.strip()

    def wait(self, condition, seconds=60):
        end = time.time() + seconds
        while not condition():
            if time.time() > end or any(daemon.poll() is not None for daemon in self.daemons):
                logs = "".join(f"{path.name}: {path.read_text(errors='replace')[-600:]}\n" for path in sorted(self.folder.glob("*.[lo]*")))
                self.close()
                raise RuntimeError(f"Slurm did not start:\n{logs}")
            time.sleep(0.2)

    def close(self):
        """Ends what was started, the jobs first."""
        if len(self.daemons) == 3:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.call("scancel", "--user=root")
                end = time.time() + 15
                while self.call("squeue", "--noheader") and time.time() < end:
                    time.sleep(0.5)
        for daemon in reversed(self.daemons):
            daemon.send_signal(signal.SIGTERM)
            try:
                daemon.wait(15)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self.daemons = []
