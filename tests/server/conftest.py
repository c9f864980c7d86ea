"""One real embedded server for the whole test session, and others for tests that break things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from annotate.doccano import embedded as server


def quiet(text: str) -> None:
    """Progress that nobody reads."""


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server: its address, its home, and the service account's (name, password)."""

    url: str
    home: Path
    service: tuple[str, str] = field(repr=False)

    @property
    def database(self) -> Path:
        """The server's SQLite file; open it with mode=ro."""
        return server.database_path(self.home)

    def add_user(self, name: str, password: str) -> str:
        """Make an annotator's account: 'created', or 'updated' when there was one."""
        return server.add_user(self.home, name, password, progress=quiet)


def start_in(home: Path, port: int | None = None) -> EmbeddedServer:
    """Start (or find) the server of a home."""
    info = server.start(home, port=port, progress=quiet)
    return EmbeddedServer(info.url, info.home, server.service_credentials(home))


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """The session's server. Give your projects and users names of your own; nothing is cleaned in between."""
    home = tmp_path_factory.mktemp("doccano") / "home"
    try:
        yield start_in(home)
    finally:
        server.stop(home)


@pytest.fixture
def scratch_server(tmp_path: Path) -> Iterator[Callable[..., EmbeddedServer]]:
    """A factory of servers that a test may kill: ``scratch_server(name="home", port=None)``."""
    homes: list[Path] = []

    def make(name: str = "home", port: int | None = None) -> EmbeddedServer:
        homes.append(tmp_path / name)
        return start_in(homes[-1], port)

    yield make
    for home in homes:
        server.stop(home)
