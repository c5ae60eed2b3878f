"""Fixtures. Nothing is skipped: what a test needs and can't get fails it.

    POSTSHIP=/path/to/postship   the binary to test; default build/release/postship"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from harness import lines
from harness.agent import Agent
from harness.kafka import Broker

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def postship():
    """The path of the binary."""
    path = Path(os.environ.get("POSTSHIP", ROOT / "build" / "release" / "postship")).resolve()
    if not os.access(path, os.X_OK):
        pytest.fail(f"{path} is missing: build it (cmake --preset release && cmake --build --preset release) "
                    "or name another in POSTSHIP")
    return str(path)


@pytest.fixture
def folder():
    """An empty folder, gone after the test: a million lines are too much to keep."""
    path = Path(tempfile.mkdtemp(prefix="postship-test."))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def agent(postship, folder):
    """An agent with its own folder and state. Its processes don't outlive the test, and whatever they said in it, they
    may not have said what stands in the log."""
    made = Agent(postship, folder)
    yield made
    made.kill_all()
    assert not lines.SERIAL.search(made.said()), "postship's own messages hold the content of a log line"


@pytest.fixture(scope="session")
def one_broker():
    path = Path(tempfile.mkdtemp(prefix="postship-kafka."))
    made = Broker(path)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(path)


@pytest.fixture
def broker(one_broker):
    """The broker, up, whatever the test before did to it."""
    one_broker.go_on_if_hung()
    one_broker.start()
    yield one_broker
    one_broker.go_on_if_hung()


@pytest.fixture
def topic(broker, request):
    """A new topic of one partition."""
    return broker.topic_make(request.node.name.replace("[", ".").replace("]", "")[:200])
