"""One real embedded server for all tests of a process, and others for tests that break things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from deployed import Deployed, running_server, start_deployed

from annotate.doccano import embedded as server


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The session's server. Give your projects and users names of your own; nothing is cleaned in between."""
    with running_server(tmp_path_factory.mktemp("doccano") / "home") as found:
        yield found


@pytest.fixture
def scratch_server(tmp_path: Path) -> Iterator[Callable[..., Deployed]]:
    """A factory of servers that a test may kill: ``scratch_server(name="home", port=None)``."""
    homes: list[Path] = []

    def make(name: str = "home", port: int | None = None) -> Deployed:
        homes.append(tmp_path / name)
        return start_deployed(homes[-1], port=port)

    yield make
    for home in homes:
        server.stop(home)
