"""A real server and a real browser. Where either is missing these tests fail; they are never skipped."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from annotate.doccano import embedded as server

# The builder of small studies lies beside the server's tests.
sys.path.insert(0, str(Path(__file__).parents[1] / "server"))

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 60_000
"""Milliseconds for each wait: Doccano's first page takes its time on a busy machine."""


def quiet(text: str) -> None:
    """Progress that nobody reads."""


@dataclass(frozen=True)
class EmbeddedServer:
    """The server of these tests: its address, its home, its database."""

    url: str
    home: Path

    @property
    def database(self) -> Path:
        """Its SQLite file; open it read-only."""
        return server.database_path(self.home)

    def add_user(self, name: str, password: str) -> str:
        """Make an account."""
        return server.add_user(self.home, name, password, progress=quiet)


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """One server for all browser tests."""
    home = tmp_path_factory.mktemp("doccano-browser") / "home"
    try:
        info = server.start(home, port=None, progress=quiet)
        yield EmbeddedServer(info.url, info.home)
    finally:
        server.stop(home)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium of this machine."""
    found = next((path for path in map(shutil.which, CHROMIUM) if path), None)
    if found is None:
        pytest.fail("the browser tests need Chromium (Debian and Ubuntu: apt install chromium)")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS), timeout=PATIENCE)
        try:
            yield opened
        finally:
            opened.close()


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Where screenshots are kept; git ignores it."""
    return Path(__file__).parents[2] / "test-artifacts"
