"""`run --once`, a log file to a file of JSON lines: everything arrives, once, in order, as it stood in the log."""

import pytest

from harness import lines
from harness.agent import json_lines

HEAD = b"2026-11-21T22:57:39.123456+00:00 mx1 "

# A line, and what stands in `message`.
UNUSUAL = [
    pytest.param(HEAD + b"postfix/qmgr[987]: 4F1A2B3C4D: removed", "4F1A2B3C4D: removed", id="plain"),
    pytest.param(HEAD + b"postfix/smtpd[1]: a \"quoted\\ text\" </tag>", 'a "quoted\\ text" </tag>', id="quotes"),
    pytest.param(HEAD + b"postfix/smtpd[1]: tab\there, NUL\0there, bell\x07", "tab\there, NUL\0there, bell\x07",
                 id="control"),
    pytest.param(HEAD + "postfix/smtpd[1]: Grüße, 日本, 🐘".encode(), "Grüße, 日本, 🐘", id="utf-8"),
    pytest.param(HEAD + b"postfix/smtpd[1]: latin1 \xfc, cut \xe2\x82, surrogate \xed\xa0\x80.",
                 b"latin1 \xfc, cut \xe2\x82, surrogate \xed\xa0\x80.".decode(errors="replace"), id="not-utf-8"),
    pytest.param(HEAD + b"postfix/smtpd[1]: two  blanks and one at the end ", "two  blanks and one at the end ",
                 id="blanks"),
    pytest.param(b"no header at all", "no header at all", id="no-header"),
    pytest.param(b"", "", id="empty"),
    pytest.param(b"{\"json\": 1}", '{"json": 1}', id="json"),
    pytest.param(HEAD + b"postfix/smtpd[1]: " + b"x" * 5000, "x" * 5000, id="long"),
]


@pytest.fixture
def log(folder):
    return folder / "mail.log"


@pytest.fixture
def out(folder):
    return folder / "mail.ndjson"


@pytest.fixture
def config(agent, log, out):
    return agent.config({"archive": {"file": {"path": str(out)}}}, [log])


def test_each_line_is_one_event_in_order(agent, config, log, out):
    log.write_bytes(lines.block(0, 10_000))
    agent.once(config)
    events = json_lines(out)
    assert [e["message"] for e in events] == [lines.message(n) for n in range(10_000)]
    assert {e["host"] for e in events} == {"mx1"}
    assert {e["source_path"] for e in events} == {str(log)}
    assert len({e["event_id"] for e in events}) == 10_000


def test_source_offset_is_where_the_line_begins(agent, config, log, out):
    log.write_bytes(lines.block(0, 1000))
    agent.once(config)
    data = log.read_bytes()
    for n, event in enumerate(json_lines(out)):
        assert data[event["source_offset"]:].startswith(lines.line(n) + b"\n")


@pytest.mark.parametrize("line, message", UNUSUAL)
def test_message_is_the_text_of_the_line(agent, config, log, out, line, message):
    log.write_bytes(line + b"\n")
    agent.once(config)
    events = json_lines(out)
    assert [e["message"] for e in events] == [message]
    assert events[0].get("encoding_repaired", False) == ("\ufffd" in message)


def test_second_run_ships_nothing_again(agent, config, log, out):
    log.write_bytes(lines.block(0, 500))
    agent.once(config)
    first = out.read_bytes()
    agent.once(config)
    assert out.read_bytes() == first


def test_appended_lines_alone_are_shipped(agent, config, log, out):
    log.write_bytes(lines.block(0, 500))
    agent.once(config)
    lines.append(log, lines.block(500, 800))
    agent.once(config)
    assert [e["message"] for e in json_lines(out)] == [lines.message(n) for n in range(800)]


def test_line_without_newline_waits_until_it_has_one(agent, config, log, out):
    log.write_bytes(lines.block(0, 3) + lines.line(3)[:40])
    agent.once(config)
    assert [e["message"] for e in json_lines(out)] == [lines.message(n) for n in range(3)]
    lines.append(log, lines.line(3)[40:] + b"\n")
    agent.once(config)
    assert [e["message"] for e in json_lines(out)] == [lines.message(n) for n in range(4)]


def test_event_id_depends_on_line_and_place_alone(agent, config, log, out, folder):
    """Shipped a second time, with a state of its own, each line has the id that it had."""
    log.write_bytes(lines.block(0, 300) + lines.line(0) + b"\n")
    agent.once(config)
    agent.state = folder / "other-state"
    again = folder / "again.ndjson"
    agent.once(agent.config({"archive": {"file": {"path": str(again)}}}, [log]))
    ids = [e["event_id"] for e in json_lines(out)]
    assert [e["event_id"] for e in json_lines(again)] == ids
    assert len(set(ids)) == 301, "equal lines at two places are two events"


def test_first_start_at_the_end_ships_only_what_comes_later(agent, log, out):
    log.write_bytes(lines.block(0, 100))
    inputs = {"mail": {"file": {"paths": [str(log)], "read_from": "end"}}}
    config = agent.config({"archive": {"file": {"path": str(out)}}}, [log], inputs=inputs)
    agent.once(config)
    lines.append(log, lines.block(100, 150))
    agent.once(config)
    assert [e["message"] for e in json_lines(out)] == [lines.message(n) for n in range(100, 150)]


def test_torn_last_line_of_the_output_is_cut_back(agent, config, log, out):
    """What a crash in the middle of a write leaves behind."""
    out.write_bytes(b'{"from":"an earlier run"}\n{"message":"half of an ev')
    log.write_bytes(lines.block(0, 10))
    agent.once(config)
    events = json_lines(out)
    assert events[0] == {"from": "an earlier run"}
    assert [e["message"] for e in events[1:]] == [lines.message(n) for n in range(10)]


def test_configured_host_and_added_members(agent, log, out):
    log.write_bytes(lines.block(0, 6))
    config = agent.config({"archive": {"file": {"path": str(out)}}}, [log],
                          inputs={"mail": {"host": "mx7.example.org", "file": {"paths": [str(log)]}}},
                          pipelines={"to_archive": {"input": "mail", "output": "archive", "add": {"site": "ams1"}}})
    agent.once(config)
    events = json_lines(out)
    assert {(e["host"], e["site"]) for e in events} == {("mx7.example.org", "ams1")}


def test_kept_and_dropped_events_are_counted(agent, log, out):
    """Of six kinds of line two are kept, and of these the deliveries to one host dropped; the rest arrives in order."""
    total, kinds = 6000, len(lines.KINDS)
    log.write_bytes(lines.block(0, total))
    config = agent.config({"archive": {"file": {"path": str(out)}}}, [log], pipelines={"to_archive": {
        "input": "mail", "output": "archive",
        "keep": [{"event": ["delivery"], "status": ["deferred", "sent"]}, {"program": "qmgr", "from": "s*[02468]*"},
                 {"message": "*foreign program?s line s*5"}],
        "drop": [{"event": "delivery", "relay_ip": "198.51.100.*", "response": "*queued as s???????*4"}]}})
    done = agent.once(config)

    def passes(n):
        text = lines.message(n)
        return ("status=sent" in text and f"{n:010d}"[-1] != "4") or (text.startswith("a foreign") and n % 10 == 5)
    expected = [lines.message(n) for n in range(total) if passes(n)]
    assert 0 < len(expected) < total / kinds * 2
    assert [e["message"] for e in json_lines(out)] == expected
    assert done.stderr.rstrip().splitlines()[-1].endswith(
        f"read {total}, delivered {len(expected)}, filtered {total - len(expected)}, dead-lettered 0, in flight 0, "
        "adds up; gaps 0 (0 bytes)")
    agent.once(config)
    assert len(json_lines(out)) == len(expected), "what was filtered is confirmed, too"


def test_parse_gives_the_same_fields(agent, config, log, out):
    """`parse` and `run` share the path of a line; only the place where it was read may differ."""
    log.write_bytes(lines.block(0, 600))
    agent.once(config)
    place = ("event_id", "source_path", "source_offset")

    def facts(event):
        return {k: v for k, v in event.items() if k not in place}
    from_file = [facts(event) for event in json_lines(out)]
    (out.parent / "parsed").write_bytes(agent.parse(log))
    (out.parent / "piped").write_bytes(agent.parse(stdin=log.read_bytes()))
    assert [facts(e) for e in json_lines(out.parent / "parsed")] == from_file
    assert [facts(e) for e in json_lines(out.parent / "piped")] == from_file
