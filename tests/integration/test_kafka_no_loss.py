"""No line is lost on the way to a real Kafka: neither when postship is killed, nor when the broker hangs or dies.

Every line carries a serial number. The serials written are compared with those found in the values of the records; a
record that comes again must have the event id that it had, and no two serials may share one."""

import random

import pytest

from harness import lines
from harness.agent import event_read
from harness.wait import wait_until

MILLION = 1_000_000
KILLS = 10
KILLS_IN_FLIGHT = 7  # at least


@pytest.fixture
def chance():
    """Random moments, another set each time; the seed of a failed run is in its output."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    return random.Random(seed)


def config(agent, broker, topic, log):
    """Batches are made over 50 ms, so that at any moment records are on their way."""
    properties = {"compression.type": "lz4", "linger.ms": 50, "socket.timeout.ms": 2000}
    return agent.config(
        {"bus": {"kafka": {"brokers": broker.address, "topic": topic, "properties": properties}}}, [log])


def last_serial(broker, topic):
    """The serial of the topic's last record, or -1."""
    serial = -1
    for record in broker.records(topic, first=-1):
        serial = int(lines.SERIAL.search(record.value)[1])
    return serial


def kill_in_flight(run, broker, topic, log):
    """Kills the run. True when it hit with records in flight: the process had read lines that are not in the topic.

    The process is asked first, then killed, so it may have read more, never less. The broker is asked last, when
    nothing more comes from the dead process, so it may have got more, never less. Both err to the side of "not in
    flight". All records are in one partition in the order of the log, hence the last record's serial says how many
    lines the topic has."""
    lines_read = lines.lines_within(run.read_offset(log))
    run.kill()
    broker.settled_end_offset(topic)
    lines_there = last_serial(broker, topic) + 1
    print(f"killed with {lines_read} lines read, {lines_there} in the topic: {max(0, lines_read - lines_there)} in flight")
    return lines_read > lines_there


def check_topic(broker, topic, total):
    tally = lines.Tally(total)
    for record in broker.records(topic):
        tally.add(event_read(record.value))
    print(f"{total} lines written, {tally.records} records found, {tally.again()} of them again")
    tally.check()


def test_million_lines_while_killed_ten_times(agent, folder, broker, topic, chance):
    log = folder / "mail.log"
    ship = config(agent, broker, topic, log)
    in_flight = 0
    with lines.Writer(log, MILLION, rate=25_000) as writer:
        for kill in range(KILLS):
            run = agent.start(ship)
            until = (kill + chance.uniform(0.2, 0.9)) * MILLION / (KILLS + 1)
            run.wait_for(lambda: writer.written >= until, "the moment of the kill", seconds=300)
            in_flight += kill_in_flight(run, broker, topic, log)
        run = agent.start(ship)
        run.wait_for(writer.done, "all lines are written", seconds=300)
        run.stop()
    agent.once(ship)
    check_topic(broker, topic, MILLION)
    assert in_flight >= KILLS_IN_FLIGHT, f"only {in_flight} of {KILLS} kills hit with records in flight"


def test_broker_hangs_dies_and_comes_back(agent, folder, broker, topic, chance):
    """Twice each, in turn, while the log is written. It hangs for longer than a request may take."""
    parts, size, rate = 5, 40_000, 8000
    log = folder / "mail.log"
    ship = config(agent, broker, topic, log)
    run = agent.start(ship)

    def wait_written(count):
        run.wait_for(lambda: writer.written >= count, "the writer's next part", seconds=300)
    with lines.Writer(log, parts * size, rate) as writer:
        for part in range(parts - 1):
            writer.limit = (part + 1) * size
            wait_written((part + chance.uniform(0.1, 0.4)) * size)
            before = broker.end_offset(topic)
            if part % 2 == 0:
                broker.hang()
                wait_written(writer.limit)  # three seconds or more
                broker.go_on()
            else:
                broker.kill()
                broker.start()
            run.wait_for(lambda: broker.end_offset(topic) > before, "records arrive again", seconds=120)
        writer.limit = writer.total
        run.wait_for(writer.done, "all lines are written", seconds=300)
    run.stop()
    agent.once(ship)
    check_topic(broker, topic, writer.total)


def test_broker_dies_while_postship_is_killed(agent, folder, broker, topic, chance):
    """Both at once: the records in flight are known to nobody but the log."""
    total = 100_000
    log = folder / "mail.log"
    ship = config(agent, broker, topic, log)
    with lines.Writer(log, total, rate=15_000) as writer:
        for part in range(3):
            run = agent.start(ship)
            until = (part + chance.uniform(0.3, 0.8)) * total / 4
            run.wait_for(lambda: writer.written >= until, "the moment of the kill", seconds=300)
            broker.kill()
            run.kill()
            broker.start()
        wait_until(writer.done, "all lines are written", seconds=300)
    agent.once(ship)
    check_topic(broker, topic, total)
