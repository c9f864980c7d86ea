"""Run a verb of annotate and end this process with SIGKILL at a chosen call, as a power cut would.

    python dying.py STUDY VERB TARGET before|after NTH

TARGET is MODULE:NAME of a function; or ``renames``: every file or folder that is renamed into its
place; or ``syncs``: every file or folder that is brought to the disk; or ``changes``: every request that
changes something on the server (logins, mere uploads of a file and exports do not count). Not a test
module: tests start it as a process.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def deadly(real: Callable[..., Any], when: str, nth: int, counts: Callable[..., bool]) -> Callable[..., Any]:
    """The function, with death before or after its ``nth`` call that counts."""
    left = nth

    def call(*args: Any, **options: Any) -> Any:
        nonlocal left
        counted = counts(*args)
        left -= counted
        if counted and left == 0 and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = real(*args, **options)
        if counted and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return call


def is_change(session: object, request: Any, **options: Any) -> bool:
    """Whether an HTTP request changes a project."""
    unimportant = ("/v1/auth/", "/v1/fp/", "/download")
    return request.method != "GET" and not any(part in request.url for part in unimportant)


def main(study: str, verb: str, target: str, when: str, nth: str) -> None:
    """Patch, then run the verb on the study."""
    if target == "changes":
        import requests

        requests.Session.send = deadly(requests.Session.send, when, int(nth), is_change)  # type: ignore[method-assign]
    elif target == "renames":
        for name in ("replace", "rename"):
            setattr(os, name, deadly(getattr(os, name), when, int(nth), lambda *args: True))
    elif target == "syncs":
        os.fsync = deadly(os.fsync, when, int(nth), lambda *args: True)
    else:
        module_name, name = target.split(":")
        module = importlib.import_module(module_name)
        setattr(module, name, deadly(getattr(module, name), when, int(nth), lambda *args: True))
    from annotate.store.study import Study

    getattr(importlib.import_module(f"annotate.flows.{verb}"), verb)(Study(Path(study)))


if __name__ == "__main__":
    main(*sys.argv[1:])
