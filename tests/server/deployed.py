"""Embedded servers for tests: each in a home of its own, on a port that no other worker takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ports import port_for

from annotate.doccano import embedded as server
from annotate.flows.pull import PullReport


def quiet(text: str) -> None:
    """Progress that nobody reads."""


@dataclass(frozen=True)
class Deployed:
    """A running server: its address on this machine, its home, the service account's (name, password)."""

    url: str
    home: Path
    service: tuple[str, str] = field(repr=False)

    @property
    def database(self) -> Path:
        """The server's SQLite file, where it has one; open it with mode=ro."""
        return server.database_path(self.home)

    def add_user(self, name: str, password: str) -> str:
        """Make an annotator's account: 'created', or 'updated' when there was one."""
        return server.add_user(self.home, name, password, progress=quiet)


def start_deployed(home: Path, *, port: int | None = None, **options: object) -> Deployed:
    """Start (or find) the server of a home; options as `annotate server start` has them."""
    info = server.start(home, port=port or port_for(home), progress=quiet, **options)
    return Deployed(info.url, info.home, server.service_credentials(home))


@contextmanager
def running_server(home: Path) -> Iterator[Deployed]:
    """A server for as long as a block lasts."""
    try:
        yield start_deployed(home)
    finally:
        server.stop(home)


def deeds(report: PullReport) -> dict[str, int]:
    """What people did, by kind; without the times that a pull learned on the way."""
    learned = ("label_dated", "relation_dated")
    return {kind: count for kind, count in report.events.items() if kind not in learned}
