"""Fail with one sentence for each program that the tests need and that is missing. Usage: require.py NAME…"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

WITHOUT = "or run `make fast` for the tests without browser and server"
#: By name: programs of which one is enough, folders to look into besides PATH, and what to say.
NEEDED: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "chromium": (
        ("chromium", "chromium-browser", "google-chrome"),
        (),
        "the browser tests need Chromium; install it (Debian, Ubuntu: apt install chromium)",
    ),
    "postgresql": (
        ("postgres",),
        ("/usr/lib/postgresql/*/bin",),
        "deployment tests need PostgreSQL's server; install it (Debian, Ubuntu: apt install postgresql)",
    ),
    "nginx": (
        ("nginx",),
        ("/usr/sbin",),
        "deployment tests need nginx; install it (Debian, Ubuntu: apt install nginx-light)",
    ),
    "openssl": (
        ("openssl",),
        (),
        "deployment tests make certificates with openssl; install it (Debian, Ubuntu: apt install openssl)",
    ),
}


def is_there(name: str) -> bool:
    """Whether one of the programs is in PATH or in the folders where Debian keeps it."""
    programs, patterns, _ = NEEDED[name]
    folders = [str(found) for pattern in patterns for found in Path("/").glob(pattern.lstrip("/"))]
    path = os.pathsep.join([os.environ.get("PATH", ""), *folders])
    return any(shutil.which(program, path=path) for program in programs)


def main(wanted: list[str]) -> int:
    """Exit status: 0 when everything is there."""
    missing = [name for name in wanted if not is_there(name)]
    for name in missing:
        print(f"error: {NEEDED[name][2]}, {WITHOUT}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
