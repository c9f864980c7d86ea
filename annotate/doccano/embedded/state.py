"""What the supervisor records about itself and its children, for whoever looks from outside."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace

from annotate.doccano.embedded.home import Home, write_atomically
from annotate.doccano.embedded.process import Process

CHILDREN = ("web", "worker")


@dataclass(frozen=True, slots=True)
class ServerState:
    """The record in ``run/server.json``; ``failure`` is set when the supervisor gave up."""

    supervisor: Process
    port: int
    children: dict[str, Process] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)
    failure: str = ""

    @property
    def url(self) -> str:
        """Address for people and programs on this machine."""
        return f"http://127.0.0.1:{self.port}"

    def with_child(self, name: str, process: Process, restarts: int) -> ServerState:
        """The same record with one child replaced."""
        return replace(
            self,
            children={**self.children, name: process},
            restarts={**self.restarts, name: restarts},
        )


def write_state(home: Home, state: ServerState) -> None:
    """Replace the record in one step."""
    write_atomically(home.state, json.dumps(asdict(state), indent=1, sort_keys=True) + "\n")


def read_state(home: Home) -> ServerState | None:
    """Read the record; None when there is none, or when it is not one of ours."""
    try:
        record = json.loads(home.state.read_text(encoding="utf-8"))
        return ServerState(
            supervisor=_process(record["supervisor"]),
            port=int(record["port"]),
            children={name: _process(found) for name, found in record["children"].items()},
            restarts={name: int(count) for name, count in record["restarts"].items()},
            failure=str(record["failure"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _process(record: dict[str, object]) -> Process:
    pid = record["pid"]
    if not isinstance(pid, int) or pid <= 1:
        raise ValueError(pid)
    return Process(pid, str(record["started"]))
