"""The file output where the disk is full."""

import os
import subprocess

import pytest

from harness import lines
from harness.agent import json_lines, line_count

ROOM = 6 << 20


@pytest.fixture
def small_disk(folder):
    """A file system of 6 MiB. To mount it takes root, or sudo without a password."""
    mount_point = folder / "disk"
    mount_point.mkdir()
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    mounted = subprocess.run([*prefix, "mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=0777", "tmpfs", mount_point],
                             capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.fail(f"this test mounts a small tmpfs and so needs root (or sudo): {mounted.stderr}")
    yield mount_point
    subprocess.run([*prefix, "umount", "-l", mount_point], check=True)


def test_full_disk_waits_says_so_and_goes_on_by_itself(agent, folder, small_disk):
    log, out, ballast = folder / "mail.log", small_disk / "mail.ndjson", small_disk / "ballast"
    total = 6000
    ballast.write_bytes(bytes(ROOM - (1 << 20)))
    log.write_bytes(lines.block(0, total))
    run = agent.start(agent.config({"archive": {"file": {"path": str(out)}}}, [log]))
    run.wait_for_log(os.strerror(28))  # ENOSPC
    assert str(out) in run.log(), "the message must name the file"
    assert line_count(out) < total
    ballast.unlink()
    run.wait_for(lambda: line_count(out) >= total, "it goes on once there is room", seconds=120)
    run.stop()
    tally = lines.Tally(total)
    for event in json_lines(out):
        tally.add(event)
    tally.check()


def test_once_on_a_full_disk_gives_up_with_the_checkpoint_at_what_is_there(agent, folder, small_disk):
    log, out, ballast = folder / "mail.log", small_disk / "mail.ndjson", small_disk / "ballast"
    total = 6000
    ballast.write_bytes(bytes(ROOM - (1 << 20)))
    log.write_bytes(lines.block(0, total))
    config = agent.config({"archive": {"file": {"path": str(out)}}}, [log])
    assert agent.once(config, timeout="2s", check=False).returncode == 1
    ballast.unlink()
    agent.once(config)
    tally = lines.Tally(total)
    for event in json_lines(out):
        tally.add(event)
    tally.check()
