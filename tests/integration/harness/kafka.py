"""A real Kafka broker, its topics, and what is in them."""

import os
import re
import shlex
import signal
import subprocess
from pathlib import Path

from harness.wait import wait_until

KAFKA_UP = Path(__file__).parent.parent / "kafka" / "kafka-up"
KADMIN = KAFKA_UP.with_name("kadmin.c")


def run(command, **more):
    done = subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False, **more)
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}: {done.stderr}{done.stdout}"
    return done.stdout


class Broker:
    """One broker in one folder. It outlives its starter: stop() must be called. Topics exist only when made."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.address = None
        self.kadmin = self.folder / "kadmin"
        self.folder.mkdir(parents=True, exist_ok=True)
        run(["cc", "-O1", "-o", self.kadmin, KADMIN, "-lrdkafka"])

    def start(self):
        """Starts it if it doesn't run; the same data and the same port as before. Returns when it answers."""
        facts = run([KAFKA_UP, "-o", "auto.create.topics.enable=false", self.folder / "data"], timeout=600)
        self.address = dict(word.split("=", 1) for word in shlex.split(facts))["KAFKA_PLAINTEXT"]

    def pid(self):
        return int((self.folder / "data" / "pid").read_text())

    def hang(self):
        os.kill(self.pid(), signal.SIGSTOP)

    def go_on(self):
        os.kill(self.pid(), signal.SIGCONT)

    def go_on_if_hung(self):
        try:
            self.go_on()
        except ProcessLookupError:
            pass

    def kill(self):
        """SIGKILL: no flush, no goodbye. Returns when its port is free."""
        port = int(self.address.rpartition(":")[2])
        os.kill(self.pid(), signal.SIGKILL)
        wait_until(lambda: not listening(port), "the killed broker lets go of its port")

    def stop(self):
        run([KAFKA_UP, "stop", self.folder / "data"], timeout=120)

    def topic_make(self, name, partitions=1, **settings):
        """A topic that keeps its records: retention goes by their time, which for those of the tests is long past."""
        settings = {"retention.ms": -1, **settings}
        run([self.kadmin, self.address, "create", name, partitions,
             *(f"{key}={value}" for key, value in settings.items())])
        wait_until(lambda: self.topic_ready(name, partitions), f"topic {name} has its leaders")
        return name

    def topic_ready(self, name, partitions):
        listed = subprocess.run(["kcat", "-L", "-b", self.address, "-t", name, "-m", "5"], capture_output=True,
                                text=True, check=False).stdout
        return len(re.findall(r"partition \d+, leader [0-9]+,", listed)) == partitions

    def end_offset(self, topic, partition=0):
        """How many records the partition has taken so far, confirmed or not to whoever sent them."""
        query = ["kcat", "-Q", "-b", self.address, "-t", f"{topic}:{partition}:-1"]

        def answer():  # a broker that has just come back may not lead its partitions yet
            done = subprocess.run(query, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            return re.search(r"offset (\d+)", done.stdout)
        return int(wait_until(answer, f"the broker says where {topic} ends")[1])

    def settled_end_offset(self, topic):
        """The end offset once nothing arrives any more: for a topic whose writer is dead."""
        seen = []

        def stable():
            seen.append(self.end_offset(topic))
            return len(seen) >= 5 and len(set(seen[-5:])) == 1
        wait_until(stable, f"topic {topic} stops growing")
        return seen[-1]

    def records(self, topic, first="beginning", count=None):
        """Yields the records of a topic up to its present end; of one partition in order. Safe for any bytes."""
        command = ["kcat", "-C", "-b", self.address, "-t", topic, "-o", str(first), "-e", "-q",
                   "-X", "fetch.wait.max.ms=50", "-f", "%p %o %T %K %S\n%k%s\n"]
        if count is not None:
            command += ["-c", str(count)]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=1 << 20) as reader:
            while head := reader.stdout.readline():
                partition, offset, stamp, key_size, value_size = map(int, head.split())
                key = reader.stdout.read(key_size) if key_size >= 0 else None
                value = reader.stdout.read(max(value_size, 0))
                assert reader.stdout.read(1) == b"\n", "kcat's output is not what was asked for"
                yield Record(partition, offset, stamp, key, value)
            assert reader.wait() == 0, "kcat failed to read the topic"


class Record:
    __slots__ = ("partition", "offset", "stamp", "key", "value")

    def __init__(self, partition, offset, stamp, key, value):
        self.partition, self.offset = partition, offset
        self.stamp = stamp  # milliseconds since 1970
        self.key, self.value = key, value  # bytes; key None: none


def listening(port):
    """Does anything listen on this port of 127.0.0.1? Asks the kernel, connects nowhere."""
    wanted = f":{port:04X} "
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if any(wanted in row[:40] and row.split()[3] == "0A" for row in Path(table).read_text().splitlines()[1:]):
            return True
    return False
