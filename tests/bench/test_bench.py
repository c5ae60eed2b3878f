"""The bench works: its tables have a row for each stage and program, with figures."""

import os
import re
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
RELEASE = HERE.parent.parent / "build" / "release" / "postship"
ROWS = ["read", "header", "parse", "enrich and id", "encode", "whole", "postship parse > /dev/null",
        "postship run --once, file to file"]


def test_quick_bench_has_a_figure_for_each_row():
    folder = Path(os.environ.get("POSTSHIP", RELEASE)).resolve().parent
    done = subprocess.run([HERE / "run", "--quick", "3000", "--build", folder], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    for name in ROWS:
        assert re.search(rf"^\| {re.escape(name)} +\| +-?[0-9]", done.stdout, re.M), f"no row {name!r}:\n{done.stdout}"


def test_generated_lines_are_the_same_each_time():
    def lines():
        return subprocess.run([HERE / "gen.py", "2000"], capture_output=True, check=True).stdout
    first = lines()
    assert first.count(b"\n") == 2000
    assert lines() == first
