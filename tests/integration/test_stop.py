"""How `run` ends: cleanly on a signal, at once on the second, and unharmed by SIGKILL."""

import random
import re
import signal
from pathlib import Path

import pytest

from harness import lines
from harness.agent import json_lines, line_count
from harness.wait import wait_until

NOBODY = "127.0.0.1:1"  # a reserved port where nothing listens


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_cleanly_and_the_next_run_repeats_nothing(agent, folder, signo):
    log, out = folder / "mail.log", folder / "mail.ndjson"
    log.write_bytes(lines.block(0, 2000))
    config = agent.config({"archive": {"file": {"path": str(out)}}}, [log])
    run = agent.start(config)
    run.wait_for(lambda: line_count(out) >= 2000, "all lines are shipped")
    run.stop(signo)
    lines.append(log, lines.block(2000, 2100))
    agent.once(config)
    assert [e["message"] for e in json_lines(out)] == [lines.message(n) for n in range(2100)]


def test_signal_while_busy_loses_and_repeats_nothing(agent, folder):
    """Stopped in the middle of the work several times: what was read is flushed and the checkpoint says so."""
    log, out = folder / "mail.log", folder / "mail.ndjson"
    config = agent.config({"archive": {"file": {"path": str(out)}}}, [log])
    with lines.Writer(log, 30_000, rate=15_000) as writer:
        for part in range(1, 5):
            run = agent.start(config)
            run.wait_for(lambda end=part * 6000: line_count(out) >= end, "a part is shipped")
            run.stop()
        wait_until(writer.done, "all lines are written")
    agent.once(config)
    assert [e["message"] for e in json_lines(out)] == [lines.message(n) for n in range(30_000)]


def test_books_add_up_at_the_end(agent, folder):
    """What was read is delivered or, where the destination is dead, still in flight; and the log says both."""
    log, out = folder / "mail.log", folder / "mail.ndjson"
    log.write_bytes(lines.block(0, 2000))
    config = agent.config({"archive": {"file": {"path": str(out)}},
                           "bus": {"kafka": {"brokers": NOBODY, "topic": "mail"}}}, [log], shutdown_timeout="1s")
    run = agent.start(config)
    run.wait_for(lambda: line_count(out) >= 2000, "the file has all lines")
    run.wait_for_log(NOBODY)
    run.stop()
    said = run.log()
    assert "read 2000, delivered 2000, filtered 0, dead-lettered 0, in flight 0, adds up; gaps 0" in said
    assert "read 2000, delivered 0, filtered 0, dead-lettered 0, in flight 2000, adds up; gaps 0" in said


def test_core_dumps_are_off(agent, folder):
    """A core would hold the lines of the log."""
    run = agent.start(agent.config({"archive": {"file": {"path": str(folder / "out")}}}, [folder / "mail.log"]))
    run.wait_for_log("mail.log")
    limits = Path(f"/proc/{run.pid}/limits").read_text()
    assert re.search(r"^Max core file size +0 +0 ", limits, re.M), limits
    run.stop()


def test_second_signal_ends_at_once(agent, folder):
    """The first signal waits for confirmations that can't come, for up to ten minutes; the second doesn't."""
    log = folder / "mail.log"
    log.write_bytes(lines.block(0, 100))
    config = agent.config({"bus": {"kafka": {"brokers": NOBODY, "topic": "mail"}}}, [log], shutdown_timeout="10m")
    run = agent.start(config)
    run.wait_for_log(NOBODY)
    run.process.send_signal(signal.SIGTERM)

    def ended():  # two pending signals of one number are one: so more of them, until one is the second
        if run.alive():
            run.process.send_signal(signal.SIGTERM)
        return not run.alive()
    wait_until(ended, "the second signal ends it")
    assert run.process.returncode == -signal.SIGTERM


def test_confirmations_that_do_not_come_delay_the_end_by_shutdown_timeout_only(agent, folder):
    log = folder / "mail.log"
    log.write_bytes(lines.block(0, 100))
    config = agent.config({"bus": {"kafka": {"brokers": NOBODY, "topic": "mail"}}}, [log], shutdown_timeout="1s")
    run = agent.start(config)
    run.wait_for_log(NOBODY)
    run.stop()


def test_sigkill_loses_nothing_of_file_to_file(agent, folder):
    """Killed at random moments: every line arrives, repeated ones with the id that they had, none torn. The kills are
    mostly further apart than two checkpoints."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    total, kills = 100_000, 7
    log, out = folder / "mail.log", folder / "mail.ndjson"
    config = agent.config({"archive": {"file": {"path": str(out)}}}, [log])
    with lines.Writer(log, total, rate=8000) as writer:
        for kill in range(kills):
            run = agent.start(config)
            until = (kill + chance.uniform(0.2, 0.9)) * total / (kills + 1)
            run.wait_for(lambda: writer.written >= until, "the moment of the kill")
            run.kill()
        wait_until(writer.done, "all lines are written")
    agent.once(config)
    tally = lines.Tally(total)
    for event in json_lines(out):
        tally.add(event)
    print(f"{tally.again()} records came again")
    tally.check()
