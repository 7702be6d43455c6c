"""Cores, ports, directories and processes: servers run on one core, whatever loads them on another."""

import atexit
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SERVER_CORE = 0
LOAD_CORE = 1
ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "build/release/bin"


def prepare():
    """This process, and the loads that it starts, keep off the servers' core; ten thousand sockets need descriptors."""
    if os.cpu_count() < 2:
        raise SystemExit("a server and its load want a core each")
    # Ended from outside, this still ends its servers and removes their data.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    os.sched_setaffinity(0, {LOAD_CORE})
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(*command, **options):
    """A load, on this process's core; what it printed."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          **options)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


class Directory:
    """Below $TMPDIR, so that all servers' data lie on one file system; removed at the end."""

    def __init__(self, name, user=None):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix=f"quire-bench-{name}-"))
        if user:
            shutil.chown(self.path, user)

    def __enter__(self):
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


class Process:
    """A server on its core, ended with SIGTERM; at the latest when this program ends."""

    def __init__(self, command, log, core=SERVER_CORE, **options):
        self._log_path = log
        with open(log, "ab") as log_file:
            given = {"stdin": subprocess.DEVNULL, "stdout": log_file, "stderr": log_file, **options}
            self._process = subprocess.Popen(["taskset", "-c", str(core), *(str(word) for word in command)], **given)
        self.pid = self._process.pid
        self.costs = []  # of the runs since somebody took them
        atexit.register(self.stop)

    def wait_for(self, what, seconds=60):
        end = time.monotonic() + seconds
        while not what():
            if self._process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{self._process.args[3]} does not answer: {self.log()[-2000:]}")
            time.sleep(0.01)

    def log(self):
        return pathlib.Path(self._log_path).read_text(encoding="utf-8", errors="replace")

    def ask(self, line):
        """The line that it answers, of a program that was started with pipes."""
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()
        answer = self._process.stdout.readline().decode()
        if not answer:
            raise SystemExit(f"{self._process.args[3]} went away: {self.log()[-2000:]}")
        return answer

    def stop(self, number=signal.SIGTERM):
        if self._process.poll() is None:
            self._process.send_signal(number)
        try:
            self._process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def resident_bytes(self):
        return status_field(self.pid, "VmRSS:") * 1024

    def forget_peak(self):
        pathlib.Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def peak_bytes(self):
        """The most that was resident since the peak was forgotten."""
        return status_field(self.pid, "VmHWM:") * 1024

    def processor_seconds(self):
        """Of the process and those that it started, ended ones too."""
        return processor_seconds(self.pid)

    def rate(self, work, seconds):
        """The operations a second that `work` answers; notes what each cost of the server's processor time.

        That is the figure to look at where something else ran beside it: a rate tells of both.
        """
        self.wait_until_idle()
        begin = self.processor_seconds()
        rate = work()
        self.costs.append((self.processor_seconds() - begin) / (rate * seconds) * 1e6)
        return rate

    def take_costs(self):
        costs, self.costs = self.costs, []
        return costs

    def wait_until_idle(self):
        """What a run leaves behind (flushes, compactions) would be billed to the next one."""
        look = 0.1
        for _ in range(600):
            before = self.processor_seconds()
            time.sleep(look)
            if self.processor_seconds() - before < 0.02 * look:
                return


def processor_seconds(pid):
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    own = sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor_seconds(int(child)) for child in children)


def machine_seconds():
    """What all processors have worked, for whomever."""
    fields = pathlib.Path("/proc/stat").read_text().splitlines()[0].split()
    user, nice, system, _, _, interrupt, soft = (int(field) for field in fields[1:8])
    return (user + nice + system + interrupt + soft) / os.sysconf("SC_CLK_TCK")


class Watch:
    """What others than this program, and what it started, did on this machine meanwhile."""

    def __enter__(self):
        self._begin = self._look()
        return self

    def __exit__(self, *_):
        pass

    def _look(self):
        return time.monotonic(), machine_seconds() - processor_seconds(os.getpid())

    def share(self):
        """In processors."""
        end = self._look()
        return (end[1] - self._begin[1]) / (end[0] - self._begin[0])


def status_field(pid, name):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def fsync_seconds(directory, count=500, size=512):
    """The median time of an append of `size` bytes with its fdatasync, with nothing else going on."""
    times = []
    path = pathlib.Path(directory) / "fsync-probe"
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    os.posix_fallocate(handle, 0, count * size)
    for number in range(count):
        begin = time.perf_counter()
        os.pwrite(handle, b"x" * size, number * size)
        os.fdatasync(handle)
        times.append(time.perf_counter() - begin)
    os.close(handle)
    path.unlink()
    return sorted(times)[count // 2]
