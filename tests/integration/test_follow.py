"""`run` on a growing log file: nothing is missed and nothing comes twice while the file is written and rotated."""

import pytest

from harness import lines
from harness.agent import json_lines, line_count


@pytest.fixture
def log(folder):
    return folder / "mail.log"


@pytest.fixture
def out(folder):
    return folder / "mail.ndjson"


@pytest.fixture
def config(agent, log, out):
    return agent.config({"archive": {"file": {"path": str(out)}}}, [log])


def messages(out):
    return [e["message"] for e in json_lines(out)]


def test_written_lines_arrive_while_it_runs(agent, config, log, out):
    with lines.Writer(log, 20_000, rate=20_000) as writer:
        run = agent.start(config)
        run.wait_for(lambda: writer.done() and line_count(out) >= 20_000, "all lines are shipped")
    run.stop()
    assert messages(out) == [lines.message(n) for n in range(20_000)]


def test_half_a_line_waits_for_the_other_half(agent, config, log, out):
    log.write_bytes(lines.block(0, 2) + lines.line(2)[:50])
    run = agent.start(config)
    run.wait_for(lambda: line_count(out) >= 2, "the whole lines are shipped")
    lines.append(log, lines.line(2)[50:] + b"\n" + lines.block(3, 5))
    run.wait_for(lambda: line_count(out) >= 5, "the completed line is shipped")
    run.stop()
    assert messages(out) == [lines.message(n) for n in range(5)]


def test_missing_file_is_taken_when_it_appears(agent, config, log, out):
    run = agent.start(config)
    run.wait_for_log(str(log))
    log.write_bytes(lines.block(0, 20))
    run.wait_for(lambda: line_count(out) >= 20, "the new file's lines are shipped")
    run.stop()
    assert messages(out) == [lines.message(n) for n in range(20)]


def test_rotation_by_rename_and_create_with_a_writer_that_holds_the_old_file(agent, config, log, out):
    """mail.log becomes mail.log.1 while a daemon still writes to it; the new mail.log has been read from before the old
    one gets its last lines."""
    with open(log, "ab", buffering=0) as held:
        held.write(lines.block(0, 100))
        run = agent.start(config)
        run.wait_for(lambda: line_count(out) >= 100, "the first lines are shipped")
        log.rename(log.with_name("mail.log.1"))
        held.write(lines.block(100, 150))
        log.write_bytes(lines.block(1000, 1100))
        run.wait_for(lambda: line_count(out) >= 250, "the lines around the rotation are shipped")
        held.write(lines.block(150, 200))
        run.wait_for(lambda: line_count(out) >= 300, "the old file's last lines are shipped")
        lines.append(log, lines.block(1100, 1200))
        run.wait_for(lambda: line_count(out) >= 400, "the new file's next lines are shipped")
    run.stop()
    shipped = messages(out)
    old = [lines.message(n) for n in range(200)]
    new = [lines.message(n) for n in range(1000, 1200)]
    assert [m for m in shipped if m in set(old)] == old
    assert [m for m in shipped if m in set(new)] == new
    assert len(shipped) == 400


def test_many_rotations_under_a_steady_writer(agent, config, log, out):
    """Each file is written to the end, renamed away, and followed by the next."""
    run = agent.start(config)
    for generation in range(10):
        with open(log, "ab", buffering=0) as f:
            for n in range(generation * 200, generation * 200 + 200):
                f.write(lines.line(n) + b"\n")
        for old in range(generation, 0, -1):
            log.with_name(f"mail.log.{old}").rename(log.with_name(f"mail.log.{old + 1}"))
        run.wait_for(lambda end=generation * 200 + 1: line_count(out) >= end, "the file is seen")
        log.rename(log.with_name("mail.log.1"))
    run.wait_for(lambda: line_count(out) >= 2000, "all lines are shipped")
    run.stop()
    assert messages(out) == [lines.message(n) for n in range(2000)]


def test_log_deleted_before_it_was_read_is_a_gap(agent, config, log, out):
    """It can't be shipped any more, but it must not go unnoticed."""
    log.write_bytes(lines.block(0, 100))
    agent.once(config)
    lines.append(log, lines.block(100, 150))
    log.unlink()
    log.write_bytes(lines.block(200, 230))
    done = agent.once(config)
    assert "read 30, delivered 30, filtered 0, dead-lettered 0, in flight 0, adds up; gaps 1 " in done.stderr
    events = json_lines(out)
    assert [e["event"] for e in events if e["event"] == "gap"] == ["gap"]
    expected = [lines.message(n) for n in [*range(100), *range(200, 230)]]
    assert [e["message"] for e in events if e["event"] != "gap"] == expected


def test_two_logs_at_once(agent, folder, out):
    paths = [folder / "mail.log", folder / "mail.err"]
    for first, path in enumerate(paths):
        path.write_bytes(lines.block(first * 1000, first * 1000 + 500))
    run = agent.start(agent.config({"archive": {"file": {"path": str(out)}}}, paths))
    run.wait_for(lambda: line_count(out) >= 1000, "both files are shipped")
    run.stop()
    for first, path in enumerate(paths):
        of_path = [e["message"] for e in json_lines(out) if e["source_path"] == str(path)]
        assert of_path == [lines.message(n) for n in range(first * 1000, first * 1000 + 500)]
