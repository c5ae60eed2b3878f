"""What README.md shows is what the program does."""

import re
from pathlib import Path

import pytest

from harness.agent import event_read

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text()


def block(language):
    """The one fenced block of that language."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)
    assert len(found) == 1, f"{len(found)} blocks of {language}"
    return found[0]


def test_example_line_becomes_the_example_event(agent):
    shown = event_read(block("json").encode())
    made = event_read(agent.parse(stdin=block("text").encode()))
    for event in (shown, made):  # it depends on the host
        assert re.fullmatch(r"[0-9a-f]{32}", event.pop("event_id", "0" * 32))
    assert made == shown
    assert list(made) == list(shown), "in the same order"


def test_example_configuration_is_right(agent, folder):
    config = folder / "example.yaml"
    config.write_text(block("yaml").replace("/var/lib/postship", str(folder / "lib")))
    assert agent.check(config).returncode == 0


@pytest.mark.parametrize("path", sorted(set(re.findall(
    r"`((?:src|include|tests|conf|packaging)/[\w/.-]*|[A-Z]+(?:\.md)?)`", README))))
def test_named_path_exists(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(test_\w+)`", README))))
def test_named_test_exists(name):
    folder = Path(__file__).parent
    assert any(f"def {name}(" in path.read_text() for path in folder.glob("test_*.py"))
