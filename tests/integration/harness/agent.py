"""postship as a process, its configuration, and what it wrote."""

import json
import os
import signal
import subprocess
from pathlib import Path

from harness.wait import wait_until

STOP_SECONDS = 60


class Agent:
    """Runs one binary in one folder, with one state directory for all runs."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = Path(folder)
        self.state = self.folder / "state"
        self.stderr = self.folder / "stderr.log"  # of all runs
        self.running = []

    # Configuration

    def config(self, outputs, paths, name="postship", inputs=None, pipelines=None, **top):
        """Writes a configuration and returns its path. Without `pipelines` each output is fed by the input `mail`
        through a pipeline to_OUTPUT. (JSON is YAML.)"""
        tree = {
            "state_dir": str(self.state),
            "inputs": inputs or {"mail": {"file": {"paths": [str(p) for p in paths]}}},
            "outputs": outputs,
            "pipelines": pipelines or {f"to_{o}": {"input": "mail", "output": o} for o in outputs},
            **top,
        }
        path = self.folder / f"{name}.yaml"
        path.write_text(json.dumps(tree, indent=2) + "\n")
        return path

    # Processes

    def environment(self):
        return {**os.environ, "TZ": "UTC"}

    def once(self, config, timeout="60s", check=True):
        """`run --once` to its end; the finished process, with stderr as text."""
        done = subprocess.run(
            [self.binary, "run", "-c", str(config), "--once", "--timeout", timeout],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment(),
            timeout=600, check=False)
        with open(self.stderr, "ab") as log:
            log.write(done.stderr)
        done.stderr = done.stderr.decode(errors="replace")
        if check:
            assert done.returncode == 0, f"run --once ended with {done.returncode}:\n{done.stderr}"
        return done

    def parse(self, *arguments, stdin=b""):
        """`parse`; its standard output as bytes."""
        done = subprocess.run([self.binary, "parse", *map(str, arguments)], input=stdin, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.environment(), timeout=600, check=False)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout

    def check(self, config):
        """`check`; the finished process."""
        return subprocess.run([self.binary, "check", "-c", str(config)], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=600, check=False)

    def start(self, config):
        """`run` in the background."""
        run = Run(self, config)
        self.running.append(run)
        return run

    def said(self):
        """What all runs wrote to standard error, as bytes."""
        return self.stderr.read_bytes() if self.stderr.exists() else b""

    def kill_all(self):
        for run in self.running:
            run.kill()


class Run:
    """One background `postship run`."""

    def __init__(self, agent, config):
        self.log_path = agent.stderr
        self.log_from = len(agent.said())
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([agent.binary, "run", "-c", str(config)], stdin=subprocess.DEVNULL,
                                            stdout=subprocess.DEVNULL, stderr=log, env=agent.environment())

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        """What this run has said so far."""
        with open(self.log_path, "rb") as f:
            f.seek(self.log_from)
            return f.read().decode(errors="replace")

    def alive(self):
        return self.process.poll() is None

    def wait_for(self, condition, what, seconds=60.0):
        """wait_until that fails at once when the process has ended."""
        def still():
            if condition():
                return True
            assert self.alive(), f"postship ended with {self.process.returncode} before: {what}\n{self.log()}"
            return False
        wait_until(still, lambda: f"{what}\n{self.log()}", seconds)

    def wait_for_log(self, text, seconds=60.0):
        self.wait_for(lambda: text in self.log(), f"a message with {text!r}", seconds)

    def end(self, seconds=STOP_SECONDS):
        """Waits for the process to end by itself; its exit status."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"postship still runs after {seconds} s:\n{self.log()}") from None

    def stop(self, signo=signal.SIGTERM):
        """Asks it to stop and wants a clean end."""
        self.process.send_signal(signo)
        status = self.end()
        assert status == 0, f"stopped with {signo!r} it ended with {status}:\n{self.log()}"

    def kill(self):
        """SIGKILL, and gone when this returns."""
        if self.alive():
            self.process.kill()
        self.process.wait()

    def read_offset(self, path):
        """How far the process has read the file `path`: the offset of its open descriptor. 0: not open."""
        where = f"/proc/{self.pid}/fd"
        wanted = os.stat(path)
        furthest = 0
        for fd in os.listdir(where):
            try:
                found = os.stat(f"{where}/{fd}")
                if (found.st_dev, found.st_ino) != (wanted.st_dev, wanted.st_ino):
                    continue
                with open(f"/proc/{self.pid}/fdinfo/{fd}", encoding="ascii") as info:
                    furthest = max(furthest, int(info.readline().split()[1]))  # "pos:  N"
            except FileNotFoundError:
                continue
        return furthest


def json_lines(path):
    """The events in a file of JSON lines. Each line must be complete and strict JSON."""
    data = Path(path).read_bytes() if Path(path).exists() else b""
    assert not data or data.endswith(b"\n"), "the last line is torn"
    return [event_read(line) for line in data.split(b"\n")[:-1]]


def event_read(value):
    """One event; a name twice in an object is an error, as is anything that is not strict JSON."""
    def unique(pairs):
        members = dict(pairs)
        assert len(members) == len(pairs), f"a name twice in {value!r}"
        return members
    return json.loads(value.decode("utf-8"), object_pairs_hook=unique)


def line_count(path):
    """The complete lines of a file that may still be written."""
    path = Path(path)
    if not path.exists():
        return 0
    with open(path, "rb") as f:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: f.read(1 << 20), b""))
