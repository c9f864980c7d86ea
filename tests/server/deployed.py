"""A server that a test starts with options of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

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
        """The server's SQLite file, where it has one."""
        return server.database_path(self.home)

    def add_user(self, name: str, password: str) -> str:
        """Make an annotator's account."""
        return server.add_user(self.home, name, password, progress=quiet)


def start_deployed(home: Path, **options: object) -> Deployed:
    """Start the server of a home; options as `annotate server start` has them."""
    info = server.start(home, progress=quiet, **options)
    return Deployed(info.url, info.home, server.service_credentials(home))


def deeds(report: PullReport) -> dict[str, int]:
    """What people did, by kind; without the times that a pull learned on the way."""
    return {kind: count for kind, count in report.events.items() if kind != "label_dated"}
