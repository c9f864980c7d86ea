"""Free ports for the servers of tests: each worker of pytest-xdist takes them from a range of its own."""

from __future__ import annotations

import itertools
import os
import socket
from pathlib import Path

FIRST, EACH = 20000, 1500
"""Below the ports that the system gives to clients (Linux: from 32768), so that none of those takes one."""

_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
# No port comes twice soon: a server that a test stops finds its port free when it is started again.
_OFFSETS = itertools.cycle(range(EACH))


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, and that no other worker will choose."""
    for offset in itertools.islice(_OFFSETS, EACH):
        port = FIRST + _WORKER * EACH + offset
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
    raise AssertionError("no port is free")


def port_for(home: Path) -> int | None:
    """A port for a server that starts for the first time; None for one that remembers its own."""
    return None if (home / "port").exists() else free_port()
