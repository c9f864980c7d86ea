"""A real server and a real browser. Where either is missing these tests fail; they are never skipped."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The builder of small studies lies beside the server's tests.
sys.path.insert(0, str(Path(__file__).parents[1] / "server"))

from acting import PATIENCE, TEXTS, TOLD, Worked, ann_works, bob_works, screen_of
from deployed import Deployed, running_server
from playwright.sync_api import Browser, expect, sync_playwright
from small_studies import make_campaign

from annotate.flows import export
from annotate.flows.pull import pull
from annotate.flows.push import push

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


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """One server for all browser tests."""
    with running_server(tmp_path_factory.mktemp("doccano-browser") / "home") as found:
        yield found


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


@pytest.fixture(scope="session")
def worked(embedded, browser, artifacts, tmp_path_factory) -> Iterator[Worked]:
    """The campaign after both have worked in their browsers, pulled and exported."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCCANO_HOME", str(embedded.home))
        root = tmp_path_factory.mktemp("browser") / "study"
        campaign = make_campaign(root, embedded, texts=TEXTS, told=TOLD)
        push(campaign.study)
        seen = {}
        for person, work in zip(campaign.people, (ann_works, bob_works), strict=True):
            failures: list[str] = []
            with screen_of(browser, failures) as page:
                project = campaign.remotes()[person.user].project_id
                seen[person.user] = work(page, embedded.url, person, project, artifacts)
            seen[person.user].failures = failures
        pull(campaign.study)
        export.apply(campaign.study, export.plan(campaign.study, "browser"))
        yield Worked(campaign, seen, campaign.study.exports_dir / "browser")
