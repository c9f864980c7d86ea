"""PostgreSQL, two web workers, nginx with TLS, a path prefix: from push to pull."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from deployed import deeds
from proxy import Site, make_authority, running_site
from small_studies import Campaign, campaigns

from annotate.core.errors import ServerFailure
from annotate.doccano import embedded as server
from annotate.flows.connecting import connect
from annotate.flows.pull import pull
from annotate.flows.push import plan, push
from annotate.flows.status import status
from annotate.store.study import Study

pytestmark = pytest.mark.server
PREFIX = "/doccano"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site"), path=PREFIX) as found:
        assert server.status(found.server.home).deployment.workers == 2
        assert server.status(found.server.home).deployment.public_url == found.url
        yield found


@pytest.fixture
def outside(site, tmp_path, monkeypatch) -> Campaign:
    """A study on another machine: it knows the address, the password and the authority, no home."""
    made = campaigns(site.server, tmp_path, monkeypatch)()
    monkeypatch.setenv("DOCCANO_HOME", str(tmp_path / "nowhere"))
    monkeypatch.setenv("ANNOTATE_DOCCANO_PASSWORD", site.server.service[1])
    return at(made, site.url, site.authority.ca)


def at(made: Campaign, url: str, ca: Path | None) -> Campaign:
    """The same campaign with its annotate.toml pointing there."""
    config = made.study.root / "annotate.toml"
    lines = [
        f'url = "{url}"' if line.startswith("url = ") else line
        for line in config.read_text("utf-8").splitlines()
        if not line.startswith("ca_file")
    ]
    if ca is not None:
        shutil.copy(ca, made.study.root / "ca.pem")
        lines.insert(lines.index("[server]") + 1, 'ca_file = "ca.pem"')
    config.write_text("\n".join(lines) + "\n", "utf-8")
    made.study = Study(made.study.root)
    made.__dict__.pop("admin", None)
    return made


def test_push_labels_pull_and_status_through_the_proxy(site, outside):
    report = push(outside.study)
    assert report.suggestions_placed == {outside.ann.user: 4, outside.bob.user: 4}
    assert report.warnings == ()  # the probe for the hole between projects found none
    pull(outside.study)
    own = outside.project(outside.ann)
    drawn = own.draw("b.txt", "Second", "DATE")
    own.relate("b.txt", "restates", drawn, own.span("b.txt", "2018", "DATE"))
    own.comment("c.txt", "seen through TLS")
    own.toggle_confirmed("b.txt")
    events = deeds(pull(outside.study))
    assert events == {"label_appeared": 1, "relation_appeared": 1, "comment_appeared": 1, "confirmed": 1}
    assert pull(outside.study).pull is None
    assert plan(outside.study).is_empty
    found = [(one.labels, one.suggestions_left, one.confirmed) for one in status(outside.study).annotators]
    assert found == [(1, 4, 1), (0, 4, 0)]
    paths = {line.split('"')[1].split()[1] for line in site.proxy.log.read_text().splitlines()}
    assert all(path == "/" or path.startswith(f"{PREFIX}/v1/") for path in paths)


def test_an_unknown_authority_is_refused_by_default(site, outside):
    with pytest.raises(ServerFailure, match="certificate of https://localhost") as caught:
        status(at(outside, site.url, None).study)
    assert caught.value.exit_code == 6
    assert "server.ca_file" in caught.value.hint


def test_another_authority_and_another_name_are_refused(site, outside, tmp_path):
    other = make_authority(tmp_path / "other")
    with pytest.raises(ServerFailure, match="certificate"):
        connect(at(outside, site.url, other.ca).study)
    by_number = site.url.replace("localhost", "127.0.0.1")
    with pytest.raises(ServerFailure, match="certificate"):
        connect(at(outside, by_number, site.authority.ca).study)


def test_a_redirect_is_not_followed(site, outside):
    plain = f"http://localhost:{site.proxy.plain_port}{PREFIX}"
    with pytest.raises(ServerFailure, match="redirects to https://localhost") as caught:
        connect(at(outside, plain, site.authority.ca).study)
    assert "server.url" in caught.value.hint


def test_a_wrong_path_is_said(site, outside):
    with pytest.raises(ServerFailure, match="404"):
        connect(at(outside, site.url + "-no", site.authority.ca).study)


def test_what_the_proxy_says_is_believed_and_nothing_more(site):
    session = requests.Session()
    session.trust_env = False  # the machine's own authorities are no part of this
    session.verify = str(site.authority.ca)
    login = {"username": site.server.service[0], "password": site.server.service[1]}
    answer = session.post(f"{site.url}/v1/auth/login/", json=login, timeout=30)
    assert answer.status_code == 200
    cookies = {cookie.name: cookie for cookie in session.cookies}
    assert all(cookie.secure and cookie.path == f"{PREFIX}/" for cookie in cookies.values())
    # A browser's request from this site is taken, one from another site is not.
    headers = {"X-CSRFToken": cookies["csrftoken"].value, "Referer": f"{site.url}/projects"}
    body = {
        "project_type": "SequenceLabeling",
        "resourcetype": "SequenceLabelingProject",
        "name": "by cookie",
        "description": "d",
        "guideline": "",
    }
    for origin, expected in ((site.url.removesuffix(PREFIX), 201), ("https://evil.example", 403)):
        made = session.post(
            f"{site.url}/v1/projects", json=body, headers={**headers, "Origin": origin}, timeout=30
        )
        assert made.status_code == expected, made.text
    # Addresses that the server writes hold the prefix and the host that people see.
    for name in ("p1", "p2"):
        session.post(f"{site.url}/v1/projects", json={**body, "name": name}, headers=headers, timeout=30)
    listed = session.get(f"{site.url}/v1/projects?limit=1", timeout=30).json()
    assert listed["next"].startswith(f"{site.url}/v1/projects?")
    assert session.get(f"{site.url}/annotate/ready", timeout=30).status_code == 404
    rebound = requests.get(f"{site.server.url}/v1/me", headers={"Host": "evil.example"}, timeout=30)
    assert rebound.status_code == 400
