"""A SLURM of one node, of this machine's own, for tests: started as root in seconds, stopped by pid.

Debian's packages slurm-wlm, slurmdbd, munge and mariadb-server. All state lives in one folder; only slurm.conf and
gres.conf must also be reachable below /etc/slurm, since jobs lose every variable that could name another place. Two
device nodes stand in for GPUs. Accounting is on.
"""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

NEEDED = ("slurmctld", "slurmd", "slurmdbd", "munged", "mariadbd", "mariadb-install-db")
SYSTEM = Path("/etc/slurm")
NAMES = ("slurm.conf", "gres.conf")
# A file that tells a folder of these tests from that of a SLURM in use.
MARK = "made-by-tests"
# Of the daemons on 127.0.0.1; away from SLURM's own 6817 to 6819.
CONTROLLER_PORT, NODE_PORT, DATABASE_PORT = 16817, 16818, 16819
CPUS, MEMORY_MB, GPUS = 16, 32_000, 2

SLURM = """\
ClusterName=lab
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/munge.sock
SlurmctldPort={controller}
SlurmdPort={node}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/run/slurmctld.pid
SlurmdPidFile={folder}/run/slurmd.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={database}
AccountingStoragePass={folder}/munge/munge.sock
AccountingStorageTRES=gres/gpu
AccountingStoreFlags=job_comment
AccountingStorageEnforce=associations,limits
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
ReturnToService=2
SlurmdParameters=config_overrides
MinJobAge=300
KillWait=5
SchedulerParameters=sched_interval=2,bf_interval=2,sched_min_interval=0,batch_sched_delay=0
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} Boards=1 SocketsPerBoard=1 CoresPerSocket={cpus} ThreadsPerCore=1 \
RealMemory={memory} Gres=gpu:fake:{gpus} State=UNKNOWN
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=cpu Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO PriorityTier=5 PreemptMode=OFF
PartitionName=gpu Nodes={host} Default=NO MaxTime=INFINITE State=UP OverSubscribe=NO PriorityTier=5 PreemptMode=OFF
PartitionName=requeued Nodes={host} Default=NO MaxTime=INFINITE State=UP OverSubscribe=NO PreemptMode=REQUEUE
PartitionName=cancelled Nodes={host} Default=NO MaxTime=INFINITE State=UP OverSubscribe=NO PreemptMode=CANCEL
PartitionName=urgent Nodes={host} Default=NO MaxTime=INFINITE State=UP OverSubscribe=NO PriorityTier=9 PreemptMode=OFF
"""
DATABASE = """\
AuthType=auth/munge
AuthInfo=socket={folder}/munge/munge.sock
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort={database}
SlurmUser=root
PidFile={folder}/run/slurmdbd.pid
LogFile={folder}/log/slurmdbd.log
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=root
StorageLoc=slurm_acct
"""


def missing() -> str:
    """What keeps a cluster from being started here, or nothing."""
    if os.geteuid() != 0:
        return "starting SLURM's daemons needs root"
    absent = [name for name in NEEDED if shutil.which(name) is None]
    if absent:
        return f"not installed: {', '.join(absent)} (`make test-cluster` installs them where there is apt)"
    taken = [str(SYSTEM / name) for name in NAMES if (SYSTEM / name).exists() and not left_over(SYSTEM / name)]
    return f"this machine has a SLURM of its own, or these tests run already: {', '.join(taken)}" if taken else ""


def left_over(link: Path) -> bool:
    """Whether a killed run of these tests left this link: its folder is gone, or is theirs with no daemon alive."""
    if not link.is_symlink():
        return False
    folder = link.resolve().parent
    if not (folder / MARK).exists():
        return not link.exists()
    return not any(_name(pid_file.read_text()) in NEEDED for pid_file in folder.glob("*/*.pid"))


def _name(pid: str) -> str:
    """Of a process, or nothing where it has ended; another may have its number by now."""
    comm = Path(f"/proc/{pid.strip()}/comm")
    return comm.read_text().strip() if pid.strip() and comm.exists() else ""


def client(*command: str, check: bool = True) -> str:
    """Output of one of SLURM's own commands; each could wait for ever for a daemon that is gone."""
    done = subprocess.run(["timeout", "10", *command], capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr or done.stdout}")
    return done.stdout


def wait_for(what: str, holds: Callable[[], bool], seconds: float = 60) -> None:
    """Until `holds()`; raises TimeoutError naming `what`."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        time.sleep(0.1)


class Cluster:
    """The daemons of one cluster. `started()` below is the way to one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = socket.gethostname().split(".")[0]
        # Name, pid, and what was started: the daemon's parent, or itself where it stays in the foreground.
        self._daemons: list[tuple[str, int, subprocess.Popen[bytes]]] = []

    def _run(self, name: str, *arguments: str, pid_file: Path, **environment: str) -> None:
        """Start a daemon that goes into the background by itself and writes its pid.

        Without the caller's pipes: a daemon that kept one would make the caller wait for it for ever.
        """
        with (self.folder / "log" / f"{name}.out").open("w") as output:
            process = subprocess.Popen(
                [name, *arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env={**os.environ, **environment}, start_new_session=True,
            )  # fmt: skip
        wait_for(f"{name} (see {self.folder}/log)", lambda: pid_file.exists() and pid_file.read_text().strip() != "")
        self._daemons.append((name, int(pid_file.read_text()), process))

    def start(self) -> None:
        """From an empty folder to an idle node."""
        for name in ("munge", "state", "spool", "run", "log", "dev", "database"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "munge").chmod(0o700)
        (self.folder / MARK).touch()
        values = {
            **{"folder": self.folder, "host": self.host, "cpus": CPUS, "memory": MEMORY_MB, "gpus": GPUS},
            **{"controller": CONTROLLER_PORT, "node": NODE_PORT, "database": DATABASE_PORT},
        }
        for k in range(GPUS):
            os.mknod(self.folder / "dev" / f"gpu{k}", 0o20666, os.makedev(1, 3))
        gres = f"NodeName={self.host} Name=gpu Type=fake File={self.folder}/dev/gpu[0-{GPUS - 1}]\n"
        for name, text in (
            ("slurm.conf", SLURM.format(**values)),
            ("gres.conf", gres),
            ("slurmdbd.conf", DATABASE.format(**values)),
        ):
            (self.folder / name).write_text(text, encoding="utf-8")
        (self.folder / "slurmdbd.conf").chmod(0o600)
        SYSTEM.mkdir(exist_ok=True)
        for name in NAMES:
            (SYSTEM / name).unlink(missing_ok=True)
            (SYSTEM / name).symlink_to(self.folder / name)
        # Not another cluster's, which the caller's environment may name.
        os.environ["SLURM_CONF"] = str(self.folder / "slurm.conf")
        self._start_munge()
        self._start_database()
        self._start_slurm()

    def _start_munge(self) -> None:
        place = self.folder / "munge"
        (place / "key").write_bytes(secrets.token_bytes(1024))
        (place / "key").chmod(0o400)
        self._run(
            "munged", "--force", f"--socket={place}/munge.sock", f"--key-file={place}/key",
            f"--pid-file={place}/munged.pid", f"--log-file={place}/munged.log", f"--seed-file={place}/seed",
            pid_file=place / "munged.pid",
        )  # fmt: skip
        wait_for("munge", lambda: _succeeds("munge", "-n", "-S", f"{place}/munge.sock"))

    def _start_database(self) -> None:
        data, sock, pid = self.folder / "database", self.folder / "run" / "db.sock", self.folder / "run" / "db.pid"
        with (self.folder / "log" / "install-db.out").open("w") as output:
            subprocess.run(
                ["mariadb-install-db", "--no-defaults", "--user=root", f"--datadir={data}",
                 "--auth-root-authentication-method=normal", "--skip-test-db"],
                check=True, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        self._run(
            "mariadbd", "--no-defaults", "--user=root", f"--datadir={data}", f"--socket={sock}", "--skip-networking",
            f"--pid-file={pid}", "--innodb-buffer-pool-size=64M", "--innodb-lock-wait-timeout=900",
            pid_file=pid,
        )  # fmt: skip
        ping = ("mariadb-admin", "--no-defaults", "-uroot", f"--socket={sock}", "ping")
        wait_for("the database", lambda: "alive" in client(*ping, check=False))

    def _start_slurm(self) -> None:
        run, config = self.folder / "run", str(self.folder / "slurm.conf")
        socket_file = str(run / "db.sock")
        self._run("slurmdbd", pid_file=run / "slurmdbd.pid", MYSQL_UNIX_PORT=socket_file, SLURM_CONF=config)
        wait_for("slurmdbd", lambda: _succeeds("sacctmgr", "-n", "list", "cluster"))
        for words in ("cluster lab", "account lab cluster=lab", "user root account=lab"):
            client("sacctmgr", "-i", "add", *words.split())
        self._run("slurmctld", pid_file=run / "slurmctld.pid")
        wait_for("slurmctld", lambda: "UP" in client("scontrol", "ping", check=False))
        self._run("slurmd", pid_file=run / "slurmd.pid")
        self.wait_until_idle()

    def controller_restarts(self, seconds: float) -> None:
        """slurmctld ends, is away for some seconds, and comes back with the state that it saved."""
        k, (name, pid, process) = next((k, own) for k, own in enumerate(self._daemons) if own[0] == "slurmctld")
        os.kill(pid, signal.SIGTERM)
        wait_for(f"the end of {name}", partial(_ended, pid, process), 30)
        del self._daemons[k]
        (self.folder / "run" / "slurmctld.pid").unlink(missing_ok=True)
        time.sleep(seconds)
        self._run("slurmctld", pid_file=self.folder / "run" / "slurmctld.pid")
        wait_for("slurmctld", lambda: "UP" in client("scontrol", "ping", check=False))

    @contextlib.contextmanager
    def database_away(self) -> Iterator[None]:
        """slurmdbd answers nobody."""
        pid = next(pid for name, pid, _ in self._daemons if name == "slurmdbd")
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def wait_until_idle(self) -> None:
        wait_for("an idle node", lambda: client("sinfo", "-h", "-o", "%T", check=False).split()[:1] == ["idle"])

    def node(self, state: str) -> None:
        """Set the node's state: drain, resume or down. It may have come back from `down` by itself."""
        if state == "resume" and client("sinfo", "-h", "-o", "%T").split()[0].rstrip("*") in ("idle", "mixed"):
            return
        client("scontrol", "update", f"NodeName={self.host}", f"State={state}", "Reason=test")

    def stop(self) -> None:
        """End what was started, by pid and in the reverse order, and take away the links."""
        late = []
        try:
            client("scancel", "-u", "root", check=False)
            for name, pid, process in reversed(self._daemons):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
                try:
                    wait_for(f"the end of {name}", partial(_ended, pid, process), 30)
                except TimeoutError:
                    late.append(name)
                    os.kill(pid, signal.SIGKILL)
        finally:
            os.environ.pop("SLURM_CONF", None)
            for name in NAMES:
                if (SYSTEM / name).is_symlink() and Path(os.readlink(SYSTEM / name)) == self.folder / name:
                    (SYSTEM / name).unlink()
        if late:
            raise TimeoutError(f"killed, since they did not end in 30 s: {', '.join(late)}")


def _ended(pid: int, process: "subprocess.Popen[bytes]") -> bool:
    """Whether a daemon is gone; one that is a child of ours stays in /proc until it is waited for."""
    process.poll()
    return not Path(f"/proc/{pid}").exists()


def _succeeds(*command: str) -> bool:
    return subprocess.run(["timeout", "10", *command], capture_output=True, check=False).returncode == 0


@contextlib.contextmanager
def started(folder: Path) -> Iterator[Cluster]:
    """A running cluster, stopped again whatever happens."""
    cluster = Cluster(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


# What SLURM knows of jobs


def jobs_done() -> list[dict[str, str]]:
    """Every job that sacct knows, oldest first, with the rule and the wildcards that its comment tells."""
    fields = ("JobID", "Comment", "Partition", "State", "AllocTRES", "Start", "End", "WorkDir")
    lines = client("sacct", "-n", "-X", "-P", "-S", "now-1day", "-o", ",".join(fields)).splitlines()
    return [dict(zip(fields, line.split("|"), strict=True)) for line in lines]


def jobs_known() -> list[dict[str, str]]:
    """Every job in the queue: number, comment, state, work folder."""
    fields = ("JobID", "Comment", "State", "WorkDir")
    lines = client("squeue", "-h", "-o", "%A|%k|%T|%Z").splitlines()
    return [dict(zip(fields, line.split("|"), strict=True)) for line in lines]
