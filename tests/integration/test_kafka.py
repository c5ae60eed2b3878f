"""A log file to a real Kafka: what a record holds, and what happens when the broker is not as it should be."""

import random
from datetime import datetime

from harness import lines
from harness.agent import event_read, json_lines, line_count

DEAD = "127.0.0.1:1"  # a reserved port where nothing listens


def kafka(broker, topic, **properties):
    return {"kafka": {"brokers": broker if isinstance(broker, str) else broker.address, "topic": topic,
                      "properties": properties}}


def milliseconds(stamp):
    return int(datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp() * 1000)


def events(broker, topic):
    return [event_read(record.value) for record in broker.records(topic)]


def test_records_hold_what_the_file_output_writes(agent, folder, broker, topic):
    log, out = folder / "mail.log", folder / "mail.ndjson"
    log.write_bytes(lines.block(0, 5000) + lines.head(0).encode() + b"postfix/smtpd[1]: \"\xff\xfe\"\n")
    agent.once(agent.config({"archive": {"file": {"path": str(out)}}, "bus": kafka(broker, topic)}, [log]))
    assert [r.value for r in broker.records(topic)] == out.read_bytes().split(b"\n")[:-1]


def test_key_is_the_queue_id_or_else_the_host(agent, folder, broker, topic):
    log = folder / "mail.log"
    log.write_bytes(lines.block(0, 600))
    agent.once(agent.config({"bus": kafka(broker, topic)}, [log]))
    records = list(broker.records(topic))
    for n, record in enumerate(records):
        has_queue_id = 1 <= n % len(lines.KINDS) <= 4
        assert record.key.decode() == (f"{n:010X}" if has_queue_id else "mx1")
        assert event_read(record.value).get("queue_id") == (f"{n:010X}" if has_queue_id else None)
    assert len(records) == 600


def test_time_of_a_record_is_the_time_of_the_event(agent, folder, broker, topic):
    log = folder / "mail.log"
    elsewhere = b"2026-11-21T22:57:39.123456+02:00 mx1 postfix/qmgr[9]: 4F1A2B3C4D: removed\n"
    log.write_bytes(lines.block(0, 1000) + elsewhere)
    agent.once(agent.config({"bus": kafka(broker, topic)}, [log]))
    records = list(broker.records(topic))
    assert [r.stamp for r in records] == [milliseconds(event_read(r.value)["timestamp"]) for r in records]
    assert records[0].stamp == milliseconds("2026-11-01T00:00:00Z")
    assert records[-1].stamp == milliseconds("2026-11-21T20:57:39.123Z")


def test_lines_of_one_queue_id_keep_their_order_over_partitions(agent, folder, broker):
    broker.topic_make("partitioned", partitions=4)
    log = folder / "mail.log"
    texts = [f"4F1A2B3{mail:03X}: step {step}" for step in range(20) for mail in range(100)]
    log.write_text("".join(f"{lines.head(0)}postfix/smtpd[1]: {t}\n" for t in texts))
    agent.once(agent.config({"bus": kafka(broker, "partitioned")}, [log]))
    by_partition = {}
    for record in broker.records("partitioned"):
        by_partition.setdefault(record.partition, []).append(event_read(record.value))
    assert sum(map(len, by_partition.values())) == len(texts)
    assert len(by_partition) == 4, "the keys spread over the partitions"
    for found in by_partition.values():
        offsets = [e["source_offset"] for e in found]
        assert offsets == sorted(offsets)


def test_once_at_a_dead_broker_gives_up_with_the_checkpoint_at_what_was_confirmed(agent, folder, broker, topic):
    log = folder / "mail.log"
    log.write_bytes(lines.block(0, 100))
    alive = agent.config({"bus": kafka(broker, topic)}, [log])
    agent.once(alive)
    lines.append(log, lines.block(100, 200))
    gave_up = agent.once(agent.config({"bus": kafka(DEAD, topic)}, [log], name="dead"), timeout="2s", check=False)
    assert gave_up.returncode == 1
    assert DEAD in gave_up.stderr
    agent.once(alive)
    assert [e["message"] for e in events(broker, topic)] == [lines.message(n) for n in range(200)]


def test_broker_that_is_down_at_the_start_gets_all_when_it_comes(agent, folder, broker, topic):
    log = folder / "mail.log"
    log.write_bytes(lines.block(0, 3000))
    broker.stop()
    run = agent.start(agent.config({"bus": kafka(broker, topic)}, [log]))
    run.wait_for_log(broker.address)
    lines.append(log, lines.block(3000, 4000))
    broker.start()
    run.wait_for(lambda: broker.end_offset(topic) >= 4000, "the records arrive", seconds=120)
    run.stop()
    tally = lines.Tally(4000)
    for event in events(broker, topic):
        tally.add(event)
    tally.check()


def test_missing_topic_waits_says_so_and_loses_nothing(agent, folder, broker):
    """The broker makes no topics by itself."""
    log = folder / "mail.log"
    log.write_bytes(lines.block(0, 1000))
    run = agent.start(agent.config({"bus": kafka(broker, "made-later")}, [log]))
    run.wait_for_log("made-later")
    lines.append(log, lines.block(1000, 2000))
    broker.topic_make("made-later")
    run.wait_for(lambda: broker.end_offset("made-later") >= 2000, "the records arrive", seconds=120)
    run.stop()
    tally = lines.Tally(2000)
    for event in events(broker, "made-later"):
        tally.add(event)
    tally.check()


def test_record_that_the_topic_refuses_is_a_dead_letter(agent, folder, broker):
    """Too large for the topic: kept in the state directory, while all others are delivered."""
    topic = broker.topic_make("small-records", **{"max.message.bytes": 3000})
    log = folder / "mail.log"
    long = f"{lines.head(0)}postfix/smtpd[1]: {random.Random(1).randbytes(9000).hex()}\n".encode()
    log.write_bytes(lines.block(0, 500) + long + lines.block(500, 1000))
    config = agent.config({"bus": kafka(broker, topic)}, [log])
    done = agent.once(config, check=False)
    assert done.returncode == 1, "not everything was delivered"
    assert "read 1001, delivered 1000, filtered 0, dead-lettered 1, in flight 0, adds up" in done.stderr
    [letter] = json_lines(agent.state / "dead" / "to_bus.ndjson")
    assert event_read(letter["value"].encode())["message"] == long.decode().partition("]: ")[2].strip()
    agent.once(config)
    assert sorted(e["message"] for e in events(broker, topic)) == sorted(lines.message(n) for n in range(1000))


def test_dead_kafka_does_not_hold_up_the_file(agent, folder, broker, topic):
    """Two pipelines of one log. The dead one is full after 100 records; the other goes on, and later nothing is missing
    in either."""
    log, out = folder / "mail.log", folder / "mail.ndjson"
    log.write_bytes(lines.block(0, 5000))

    def config(address, name):
        return agent.config(
            {"archive": {"file": {"path": str(out)}}, "bus": kafka(address, topic)}, [log], name=name,
            pipelines={"to_archive": {"input": "mail", "output": "archive"},
                       "to_bus": {"input": "mail", "output": "bus", "window": 100}},
            shutdown_timeout="1s")
    run = agent.start(config(DEAD, "dead"))
    run.wait_for_log(DEAD)
    run.wait_for(lambda: line_count(out) >= 5000, "the file gets the first lines")
    lines.append(log, lines.block(5000, 10_000))
    run.wait_for(lambda: line_count(out) >= 10_000, "the file gets the later lines")
    run.stop()
    agent.once(config(broker.address, "alive"))
    expected = [lines.message(n) for n in range(10_000)]
    assert [e["message"] for e in json_lines(out)] == expected
    assert [e["message"] for e in events(broker, topic)] == expected
