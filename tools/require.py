"""Fail with one sentence when something that the tests need is missing. Usage: require.py chromium"""

from __future__ import annotations

import shutil
import sys

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main(wanted: list[str]) -> int:
    """Exit status: 0 when everything is there."""
    if "chromium" in wanted and not any(map(shutil.which, CHROMIUM)):
        print(
            "error: the browser tests need Chromium; install it (Debian and Ubuntu: apt install chromium), "
            "or run `make fast` for the tests without browser and server",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
