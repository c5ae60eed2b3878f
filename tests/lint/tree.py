"""What the checks share: walking a source tree, reading C without its comments, saying what is wrong."""
import os
import re
import sys

SKIPPED = {".git", "build", "__pycache__", ".pytest_cache"}


def files(root, *suffixes, under=("",)):
    """Paths below root (relative, sorted) that end in one of the suffixes, in the folders `under`."""
    found = []
    for folder, names, leaves in os.walk(root):
        names[:] = sorted(n for n in names if n not in SKIPPED)
        for leaf in set(leaves) - SKIPPED:
            path = os.path.relpath(os.path.join(folder, leaf), root)
            if path.endswith(suffixes or "") and path.startswith(under):
                found.append(path)
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="surrogateescape") as f:
        return f.read()


def code(text):
    """C without comments and without what stands in literals; lines stay where they are."""
    def blank(m):
        kept = m[0][0] + m[0][-1] if m[0][0] in "\"'" else " "
        return kept + "\n" * m[0].count("\n")
    return re.sub(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", blank, text, flags=re.S)


def includes(text):
    """(line number, form, name) of each #include; form is '"' or '<'."""
    for number, line in enumerate(text.splitlines(), 1):
        m = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if m:
            yield number, m[1], m[2]


def finish(problems):
    """Prints each problem, a line each, and ends the check."""
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
