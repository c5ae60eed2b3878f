"""The command line of the built program, which $POSTSHIP names."""

import json
import os
import re
import shutil
import subprocess
import threading

import pytest

POSTSHIP = os.environ["POSTSHIP"]
COMMANDS = ["run", "check", "parse", "completion"]

CONNECT = "Oct  7 00:00:01 mx1 postfix/smtpd[24]: connect from mail.example.net[192.0.2.5]\n"
REMOVED = "Oct  7 00:00:02 mx1 postfix/qmgr[25]: 3F1A2B4C5D: removed\n"
CONFIG = """
state_dir: {dir}/state
inputs:
  mail: {{file: {{paths: [{dir}/mail.log]}}, host: mx9}}
outputs:
  archive: {{file: {{path: {dir}/mail.ndjson}}}}
pipelines:
  to_archive: {{input: mail, output: archive, window: 500}}
"""


def postship(*args, **kwargs):
    kwargs.setdefault("stdin", None if "input" in kwargs else subprocess.DEVNULL)
    return subprocess.run([POSTSHIP, *map(str, args)], capture_output=True, text=True, check=False, **kwargs)


def events(text):
    return [json.loads(line) for line in text.splitlines()]


def try_next(command=""):
    return f"Try 'postship{command} --help'.\n"


USAGE = [
    ([], "postship: a command is missing\n", ""),
    (["rnu"], "postship: there is no command 'rnu'; did you mean run?\n", ""),
    (["prase"], "postship: there is no command 'prase'; did you mean parse?\n", ""),
    (["frobnicate"], "postship: there is no command 'frobnicate'\n", ""),
    (["-c"], "postship: expected a command, found '-c'\n", ""),
    (["run"], "postship run: --config FILE is missing: the configuration\n", " run"),
    (["run", "-c"], "postship run: -c: a value is missing\n", " run"),
    (["run", "--config"], "postship run: --config: a value is missing\n", " run"),
    (["run", "-c", "f", "g"], "postship run: unexpected 'g'\n", " run"),
    (["run", "--onec", "-c", "f"], "postship run: there is no option --onec; did you mean --once?\n", " run"),
    (["run", "--zzz=1", "-c", "f"], "postship run: there is no option --zzz\n", " run"),
    (["run", "-x"], "postship run: there is no option -x\n", " run"),
    (["run", "--once=1", "-c", "f"], "postship run: --once=1: the option takes no value\n", " run"),
    (
        ["run", "-c", "f", "--timeout", "60"],
        "postship run: --timeout: expected a duration such as 30s, 5m or 2h, at least 1s, found '60'\n",
        " run",
    ),
    (
        ["run", "-c", "f", "--log-level=loud"],
        "postship run: --log-level: expected one of error, warning, notice, info, debug, found 'loud'\n",
        " run",
    ),
    (["check"], "postship check: --config FILE is missing: the configuration\n", " check"),
    (["parse", "--schema", "x"], "postship parse: --schema: expected one of native, found 'x'\n", " parse"),
    (["completion"], "postship completion: expected the name of a shell: bash\n", " completion"),
    (["completion", "fish"], "postship completion: expected the name of a shell: bash\n", " completion"),
]


@pytest.mark.parametrize("args, message, command", USAGE)
def test_wrong_usage_says_what_to_do(args, message, command):
    done = postship(*args)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message + try_next(command))


def test_help_names_every_command():
    done = postship("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.findall(r"^  (\w+) ", done.stdout, re.M) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_and_version(command):
    for flag in ["--help", "-h"]:
        done = postship(command, flag)
        assert (done.returncode, done.stderr) == (0, "")
        assert f"Usage: postship {command}" in done.stdout
        assert all(len(line) <= 120 for line in done.stdout.splitlines())
    version = postship("--version").stdout
    assert re.fullmatch(r"postship \d+\.\d+\.\d+\n", version)
    assert postship(command, "--version").stdout == version


# check


@pytest.fixture(name="config")
def make_config(tmp_path):
    def make(text=CONFIG):
        path = tmp_path / "postship.yaml"
        path.write_text(text.format(dir=tmp_path))
        return path

    (tmp_path / "mail.log").write_text(CONNECT)
    return make


def test_check_tells_what_would_run(config, tmp_path):
    done = postship("check", "-c", config())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "pipeline to_archive\n"
        f"  input   mail: file, paths {tmp_path}/mail.log, host mx9\n"
        f"  output  archive: file, path {tmp_path}/mail.ndjson\n"
        "  window  500 events, 16384 KiB\n"
        f"  state   {tmp_path}/state/to_archive.checkpoint\n"
    )


def test_check_tells_what_is_filtered(config):
    rules = "keep: [{{event: delivery, status: [deferred, bounced]}}, {{from: ''}}], drop: [{{event: debug}}], window"
    done = postship("check", "-c", config(CONFIG.replace("window", rules)))
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        "mail.ndjson\n"
        "  keep    {event: delivery, status: [deferred, bounced]}, {from: ''}\n"
        "  drop    {event: debug}\n"
        "  window  500 events"
    ) in done.stdout


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_bad_configuration_is_told_with_its_places(config, command):
    path = config(CONFIG + "own_domain: x\nshutdown_timeout: 1\n")
    done = postship(command, "-c", path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        f"{path}:9:1: own_domain: expected one of state_dir, shutdown_timeout, own_domains, own_networks, inputs, "
        "outputs, pipelines, found an unknown key; did you mean own_domains?",
        f"{path}:10:19: shutdown_timeout: expected a duration such as 30s, 5m or 2h, from 1s to 1h, found '1'",
    ]


def test_errors_have_a_priority_where_the_journal_reads(config, tmp_path):
    path = config(CONFIG + "x: 1\ny: 1\n")
    with open(tmp_path / "stderr", "w+", encoding="utf-8") as stderr:
        stat = os.fstat(stderr.fileno())
        environment = {**os.environ, "JOURNAL_STREAM": f"{stat.st_dev}:{stat.st_ino}"}
        done = subprocess.run([POSTSHIP, "run", "-c", path], stderr=stderr, env=environment, check=False)
        assert done.returncode == 1
        stderr.seek(0)
        lines = stderr.read().splitlines()
    assert [line.split(": ")[0] for line in lines] == [f"<3>{path}:9:1", f"<3>{path}:10:1"]


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_missing_configuration(command, tmp_path):
    done = postship(command, "-c", tmp_path / "none.yaml")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{tmp_path}/none.yaml: can't be read: No such file or directory\n"


SUSPICIOUS = [
    (
        CONFIG.replace("mail.log", "later.log"),
        "warning: inputs.mail: {dir}/later.log: No such file or directory; it is read when it is there\n",
    ),
    (CONFIG.replace("/mail.log", ""), "warning: inputs.mail: {dir} is a directory\n"),
    (
        CONFIG.replace("outputs:\n", "outputs:\n  spare: {{file: {{path: '-'}}}}\n"),
        "warning: outputs.spare: no pipeline writes to it\n",
    ),
    (
        CONFIG.replace("inputs:\n", "inputs:\n  spare: {{file: {{paths: /x}}}}\n"),
        "warning: inputs.spare: no pipeline reads it\n",
    ),
    (
        CONFIG + "  again: {{input: mail, output: archive}}\n",
        "warning: pipelines.again: writes to the same file as to_archive; give each a file of its own\n",
    ),
    (CONFIG.replace("/state\n", "/mail.log\n"), "warning: state_dir: {dir}/mail.log is not a directory\n"),
]


@pytest.mark.parametrize("text, warning", SUSPICIOUS)
def test_check_warns(config, tmp_path, text, warning):
    done = postship("check", "-c", config(text))
    assert (done.returncode, done.stderr) == (0, warning.format(dir=tmp_path))


def test_check_names_what_the_user_may_not_read(tmp_path_factory):
    """As root, by becoming another user; else by taking the own right away."""
    base = tmp_path_factory.mktemp("check")
    log, closed, path = base / "mail.log", base / "closed", base / "postship.yaml"
    log.write_text(CONNECT)
    closed.mkdir()
    (base / "state").mkdir()
    path.write_text(
        CONFIG.format(dir=base)
        .replace("mail.log]", f"mail.log, {closed}/x.log]")
        .replace(f"{base}/mail.ndjson", f"{base}/state/mail.ndjson")
    )
    program = shutil.copy(POSTSHIP, base / "postship")
    right = "give the user, or a group of its own, that right"
    if os.geteuid() == 0:
        for directory in [base, base.parent, base.parent.parent]:
            directory.chmod(0o755)
        (base / "state").chmod(0o777)
        shutil.chown(log, "root", "adm")
        log.chmod(0o640)
        closed.chmod(0o700)
        user = {"user": 65534, "group": 65534, "extra_groups": []}
        expected = [
            f"user nobody can't read {log} (root:adm, mode 0640); add the user to the group adm",
            f"user nobody can't enter {closed} (root:root, mode 0700); {right}",
        ]
    else:
        log.chmod(0)
        closed.chmod(0)
        user = {}
        who = f"{log.owner()}:{log.group()}"
        expected = [
            f"user {log.owner()} can't read {log} ({who}, mode 0000); {right}",
            f"user {log.owner()} can't enter {closed} ({who}, mode 0000); {right}",
        ]
    done = subprocess.run([program, "check", "-c", path], capture_output=True, text=True, check=False, **user)
    assert done.returncode == 0
    assert done.stderr.splitlines() == [f"warning: inputs.mail: {line}" for line in expected]


def test_the_reference_passes_check(tmp_path):
    path = tmp_path / "reference.yaml"
    path.write_text(postship("check", "--reference").stdout)
    done = postship("check", "-c", path)
    assert done.returncode == 0
    assert "pipeline my_pipeline" in done.stdout


# parse


def test_parse_reads_standard_input_in_order():
    done = postship("parse", input=CONNECT + REMOVED + "\nnot syslog")
    assert (done.returncode, done.stderr) == (0, "")
    found = events(done.stdout)
    assert [e["event"] for e in found] == ["connect", "removed", "unparsed", "unparsed"]
    assert found[0]["client_ip"] == "192.0.2.5"
    assert found[3]["message"] == "not syslog"
    assert all("source_path" not in e for e in found)
    assert len({e["event_id"] for e in found}) == 4


def test_parse_reads_files_in_the_order_given(tmp_path):
    first, second = tmp_path / "1", tmp_path / "2"
    first.write_text(CONNECT + REMOVED)
    second.write_text(REMOVED)
    done = postship("parse", second, "-", first, "--host", "mx9", input=CONNECT)
    assert (done.returncode, done.stderr) == (0, "")
    found = events(done.stdout)
    assert [(e["event"], e.get("source_path"), e.get("source_offset")) for e in found] == [
        ("removed", str(second), 0),
        ("connect", None, None),
        ("connect", str(first), 0),
        ("removed", str(first), len(CONNECT)),
    ]
    assert {e["host"] for e in found} == {"mx9"}
    # the same line at the same place of the same content has the same id, by whatever way it came
    assert found[1]["event_id"] == found[2]["event_id"]
    assert found[0]["event_id"] != found[3]["event_id"]


def test_parse_goes_on_after_a_file_that_cannot_be_read(tmp_path):
    log = tmp_path / "log"
    log.write_text(CONNECT)
    done = postship("parse", tmp_path / "none", tmp_path, log)
    assert done.returncode == 1
    assert done.stderr == (
        f"postship parse: {tmp_path}/none: No such file or directory\npostship parse: {tmp_path}: Is a directory\n"
    )
    assert [e["event"] for e in events(done.stdout)] == ["connect"]


def test_parse_counts_the_most_frequent_first():
    done = postship("parse", "--stats", input=CONNECT + REMOVED + REMOVED)
    assert done.returncode == 0
    assert len(events(done.stdout)) == 3
    assert [line.split() for line in done.stderr.splitlines()] == [["2", "removed"], ["1", "connect"], ["3", "lines"]]


def test_parse_of_nothing():
    done = postship("parse", "--stats")
    assert (done.returncode, done.stdout, done.stderr.split()) == (0, "", ["0", "lines"])


def test_parse_cuts_a_line_that_is_too_long():
    done = postship("parse", input=CONNECT[:-1] + "x" * 100000 + "\n" + REMOVED)
    found = events(done.stdout)
    assert [e.get("line_cut") for e in found] == [True, None]
    assert found[1]["event"] == "removed"


def test_parse_shows_a_line_before_the_next_is_there():
    with subprocess.Popen([POSTSHIP, "parse"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        for line in [CONNECT, REMOVED]:
            process.stdin.write(line)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["message"] in line
        process.stdin.close()
        assert process.wait() == 0


def test_parse_waits_for_descriptors_that_do_not_block():
    """Both pipes are full or empty more than once: 8 MB of output go through them."""
    lines = CONNECT * 20000
    in_read, in_write = os.pipe()
    out_read, out_write = os.pipe()
    for fd in [in_read, out_write]:
        os.set_blocking(fd, False)
    with subprocess.Popen([POSTSHIP, "parse"], stdin=in_read, stdout=out_write) as process:
        os.close(in_read)
        os.close(out_write)
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=in_write, text=True) as feeder:
            os.close(in_write)
            with os.fdopen(out_read, encoding="utf-8") as out:
                feeder.stdin.write(CONNECT)
                feeder.stdin.flush()
                assert json.loads(out.readline())["event"] == "connect"
                writer = threading.Thread(target=lambda: (feeder.stdin.write(lines), feeder.stdin.close()))
                writer.start()
                assert len(out.readlines()) == 20000
                writer.join()
        assert process.wait() == 0


def test_parse_ends_quietly_when_nobody_reads(tmp_path):
    log = tmp_path / "log"
    log.write_text(CONNECT * 20000)
    with subprocess.Popen([POSTSHIP, "parse", log], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert json.loads(process.stdout.readline())["event"] == "connect"
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 0


FULL = [["parse", "-"], ["--help"], ["run", "--help"], ["--version"], ["completion", "bash"], ["check", "--reference"]]


@pytest.mark.parametrize("args", FULL)
def test_a_full_disk_is_a_failure(args):
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run(
            [POSTSHIP, *args], input=CONNECT, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert "No space left on device" in done.stderr


@pytest.mark.parametrize("args", FULL)
def test_a_closed_standard_output_is_a_failure(args):
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" "$@" >&-', POSTSHIP, *args],
        input=CONNECT,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Bad file descriptor" in done.stderr


# completion

COMPLETIONS = [
    (["che"], ["check"]),
    ([""], [*COMMANDS, "--help", "--version"]),
    (["run", "--"], ["--config", "--once", "--timeout", "--stats", "--log-level", "--help", "--version"]),
    (["run", "--on"], ["--once"]),
    (["run", "--log-level", "de"], ["debug"]),
    (["parse", "--schema", ""], ["native"]),
    (["run", "-c", "--"], []),
    (["parse", "x"], []),  # left to bash: file names
]


@pytest.mark.parametrize("words, expected", COMPLETIONS)
def test_completion_in_bash(words, expected):
    script = (
        'source <("$POSTSHIP" completion bash); COMP_WORDS=(postship "$@"); COMP_CWORD=$#; _postship;'
        ' ((${#COMPREPLY[@]} == 0)) || printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-u", "-c", script, "bash", *words], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stderr == ""
    assert done.stdout.split() == expected
