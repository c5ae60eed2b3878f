"""Postfix log lines that each carry a serial number, and the search for what is missing.

A serial stands as "sNNNNNNNNNN" in the text of a line, so it can be found in a record whatever became of the line's
fields. All lines of one kind are equally long: the number of lines in a run of bytes follows from its length."""

import re
import threading
import time
from pathlib import Path

KINDS = (
    "postfix/smtpd[2101]: connect from s{n:010d}.example.net[192.0.2.7]",
    "postfix/smtpd[2101]: {n:010X}: client=s{n:010d}.example.net[192.0.2.7]",
    "postfix/cleanup[2102]: {n:010X}: message-id=<s{n:010d}@example.net>",
    "postfix/qmgr[987]: {n:010X}: from=<s{n:010d}@example.net>, size=2310, nrcpt=1 (queue active)",
    "postfix/smtp[2103]: {n:010X}: to=<anna@example.org>, relay=mx.example.org[198.51.100.9]:25, delay=1.2, "
    "delays=0.1/0/0.5/0.6, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as s{n:010d})",
    "imapd[2104]: a foreign program's line s{n:010d}",
)
SERIAL = re.compile(rb"s(\d{10})")


def head(n):
    """Time and host: one second passes every 100 lines."""
    s = n // 100
    return f"2026-11-{1 + s // 86400:02d}T{s // 3600 % 24:02d}:{s // 60 % 60:02d}:{s % 60:02d}+00:00 mx1 "


def message(n):
    """The text of line n behind its syslog header."""
    return KINDS[n % len(KINDS)].format(n=n).partition("]: ")[2]


def line(n):
    return (head(n) + KINDS[n % len(KINDS)].format(n=n)).encode()


def block(first, end):
    """Lines `first` to before `end`, each with its newline."""
    return b"".join(line(n) + b"\n" for n in range(first, end))


def lines_within(size):
    """How many whole lines stand in the first `size` bytes of the lines from 0 on."""
    lengths = [len(line(n)) + 1 for n in range(len(KINDS))]
    rounds, rest = divmod(size, sum(lengths))
    count = rounds * len(KINDS)
    for length in lengths:
        if rest < length:
            break
        rest -= length
        count += 1
    return count


def append(path, data):
    with open(path, "ab") as f:
        f.write(data)


class Writer:
    """Appends the lines 0 to before `total` to a file, `rate` a second, from a thread of its own: a mail server. It
    pauses before line `limit`, which a test may raise as it goes."""

    def __init__(self, path, total, rate):
        self.path = Path(path)
        self.total = self.limit = total
        self.rate = rate
        self.written = 0
        self.stopped = False
        self.failure = None
        self.path.touch()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped = True
        self.thread.join()

    def run(self):
        try:
            last, owed = time.monotonic(), 0.0
            with open(self.path, "ab", buffering=0) as f:
                while self.written < self.total and not self.stopped:
                    time.sleep(0.002)
                    now = time.monotonic()
                    owed = min(owed + (now - last) * self.rate, 5000)
                    last = now
                    due = min(self.written + int(owed), self.limit)
                    owed -= due - self.written
                    f.write(block(self.written, due))
                    self.written = due
        except OSError as e:
            self.failure = e

    def done(self):
        assert self.failure is None, self.failure
        return self.written == self.total


class Tally:
    """Compares what was written with what arrived.

    Each arrived record must carry the text of its line. The records of one serial must have one event id, which no
    other serial has."""

    def __init__(self, total):
        self.ids = [None] * total
        self.records = 0
        self.complaints = []

    def add(self, event):
        self.records += 1
        found = SERIAL.search(event["message"].encode())
        n = int(found[1]) if found else -1
        if not 0 <= n < len(self.ids):
            self.complaints.append(f"a record that was never written: {event}")
        elif event["message"] != message(n):
            self.complaints.append(f"serial {n} has the message {event['message']!r}")
        elif self.ids[n] is None:
            self.ids[n] = event["event_id"]
        elif self.ids[n] != event["event_id"]:
            self.complaints.append(f"serial {n} has two ids, {self.ids[n]} and {event['event_id']}")
        return n

    def missing(self):
        return [n for n, event_id in enumerate(self.ids) if event_id is None]

    def again(self):
        """How many records were there more than once."""
        return self.records - (len(self.ids) - len(self.missing()))

    def check(self):
        assert not self.complaints, self.complaints[:5]
        missing = self.missing()
        assert not missing, f"{len(missing)} of {len(self.ids)} lines are missing, the first: {missing[:10]}"
        assert len(set(self.ids)) == len(self.ids), "two lines share an event id"
