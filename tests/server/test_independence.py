"""With Bob's login nothing of Ann's can be had from the server: every address it knows is tried.

The list of addresses comes from the running code, so none can be forgotten. The same walk on a Doccano
without our guard does find Ann's things, which shows that it looks in the right places; there `push` warns.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from deployed import Deployed, running_server
from small_studies import TEXTS, Campaign, Person, build, campaigns, make_person, write_study
from walking import Held, routes, session_of, walk, walk_reading, work_and_hold

from annotate.core.errors import ServerFailure
from annotate.doccano.campaign import foreign_labels_readable
from annotate.doccano.embedded import ensure_environment
from annotate.doccano.embedded.home import Home
from annotate.doccano.embedded.launch import backend_path, server_environment, web_command
from annotate.flows.connecting import connect_as
from annotate.flows.pull import pull
from annotate.flows.push import push
from annotate.store.study import Study

pytestmark = pytest.mark.server

# --- the embedded server ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def embedded(tmp_path_factory) -> Iterator[Deployed]:
    """A server of its own: the walk tries the number of every task that there is on the server."""
    with running_server(tmp_path_factory.mktemp("walked") / "home") as found:
        yield found


@pytest.fixture(scope="module")
def two(embedded, tmp_path_factory) -> Iterator[tuple[Held, Held, Held]]:
    """Ann and Bob in one campaign, and another campaign of Ann's alone with a text nobody else has."""
    with pytest.MonkeyPatch.context() as patch:
        make = campaigns(embedded, tmp_path_factory.mktemp("independence"), patch)
        # Accounts of their own: in another test Bob is made a member of a project of Ann's.
        common = make(names=("ann-apart", "bob-apart"))
        push(common.study)
        secret = f"Geheimtext{secrets.token_hex(6)}"
        alone = make(names=("ann-apart",), texts={**TEXTS, "a.txt": f"{secret}: {TEXTS['a.txt']}"})
        push(alone.study)
        apart = work_and_hold(alone, alone.ann)
        apart.words.append(secret)
        yield work_and_hold(common, common.ann), work_and_hold(common, common.bob), apart


def test_no_address_of_the_embedded_server_gives_bob_anything_of_anns(embedded, two):
    ann, bob, apart = two
    python = ensure_environment(lambda text: None)
    paths = routes(server_environment(Home(embedded.home), python), python, embedded.home)
    assert "v1/projects/<int:project_id>/examples/<int:example_id>/spans" in paths
    assert len(paths) > 80
    session = session_of(connect_as(bob.campaign.study, bob.owner.user, bob.owner.password))
    for held in (ann, apart):
        before = held.rows()
        findings = walk(embedded.url, session, paths, bob, held)
        assert findings == [], "\n".join(map(str, findings))
        assert held.rows() == before
    session.close()


def test_the_probe_finds_no_hole_in_the_embedded_server(embedded, tmp_path, monkeypatch):
    made = campaigns(embedded, tmp_path, monkeypatch)()
    assert push(made.study).warnings == ()
    ann, bob = made.project(made.ann), made.project(made.bob)
    for http in (made.admin, bob.http):
        own, foreign = bob.remote.project_id, ann.examples["a.txt"]
        assert foreign_labels_readable(http, own, foreign) is False
        assert foreign_labels_readable(http, own, bob.examples["a.txt"]) is True


# --- a server that is not ours ------------------------------------------------------------------------------

SETTINGS = """
from config.settings.production import *
DJANGO_DRF_FILEPOND_UPLOAD_TMP = {folder!r} + "/uploads"
DJANGO_DRF_FILEPOND_ALLOW_EXTERNAL_UPLOAD_DIR = True
CELERY_TASK_ALWAYS_EAGER = CELERY_TASK_STORE_EAGER_RESULT = True
"""
PREPARE = """
import json, sys, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("create_roles")
from django.contrib.auth import get_user_model
for name, password, superuser in json.load(sys.stdin):
    make = get_user_model().objects
    (make.create_superuser if superuser else make.create_user)(username=name, password=password)
"""


@dataclass(frozen=True)
class PlainServer:
    """A Doccano as others run it: production settings, no guard."""

    url: str
    folder: Path
    python: Path
    environment: dict[str, str]
    operator: Person
    people: tuple[Person, Person]


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Iterator[PlainServer]:
    folder = tmp_path_factory.mktemp("plain")
    python = ensure_environment(lambda text: None)
    (folder / "plain_settings.py").write_text(SETTINGS.format(folder=str(folder)), "utf-8")
    (folder / "uploads").mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "plain_settings",
        "PYTHONPATH": os.pathsep.join((str(backend_path(python)), str(folder))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        "MEDIA_ROOT": f"{folder}/media",
        "SECRET_KEY": secrets.token_hex(20),
        "DEBUG": "False",
    }
    operator, *people = make_person("operator"), make_person("ann"), make_person("bob")
    accounts = [
        (operator.user, operator.password, True),
        *((one.user, one.password, False) for one in people),
    ]
    done = subprocess.run(
        [str(python), "-c", PREPARE], env=environment, cwd=folder, input=json.dumps(accounts),
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with (folder / "web.log").open("wb") as log:
        web = subprocess.Popen(
            web_command(python, listener.fileno()), env=environment, cwd=folder,
            pass_fds=[listener.fileno()], stdout=log, stderr=log,
        )  # fmt: skip
    listener.close()
    try:
        wait_for(url, folder / "web.log", web)
        yield PlainServer(url, folder, python, environment, operator, (people[0], people[1]))
    finally:
        web.terminate()
        web.wait(30)


def wait_for(url: str, log: Path, process: subprocess.Popen) -> None:
    # The socket listens already: the first answer comes as soon as there is somebody to give it.
    answer = requests.get(f"{url}/v1/social/links/", timeout=90)
    assert answer.status_code == 200, log.read_text("utf-8", "replace")[-2000:]
    assert process.poll() is None


@pytest.fixture
def abroad(plain, tmp_path, monkeypatch) -> Campaign:
    """A study on the plain server, reached through annotate.toml and a password of the environment."""
    monkeypatch.setenv("ANNOTATE_DOCCANO_PASSWORD", plain.operator.password)
    study = write_study(tmp_path / "abroad", plain.people, server=plain.url)
    config = study.root / "annotate.toml"
    text = config.read_text("utf-8").replace(
        f'url = "{plain.url}"', f'url = "{plain.url}"\nuser = "{plain.operator.user}"'
    )
    config.write_text(text, "utf-8")
    study = Study(study.root)
    return Campaign(study, plain.people, plain.folder / "db.sqlite3", build(study, TEXTS))


def test_push_to_a_server_with_the_hole_warns_and_the_walk_finds_it(abroad, plain):
    report = push(abroad.study)
    assert report.passages_added == {one.user: len(TEXTS) for one in plain.people}
    (warning,) = report.warnings
    assert "each other's labels" in warning
    assert "docs/servers.md" in warning
    assert plain.operator.password not in str(report)
    assert push(abroad.study).warnings == report.warnings, "said again as long as it is so"

    ann, bob = (work_and_hold(abroad, one) for one in abroad.people)
    http = connect_as(abroad.study, bob.owner.user, bob.owner.password)
    assert foreign_labels_readable(http, bob.numbers["project_id"][0], ann.numbers["example_id"][0]) is True
    session = session_of(http)
    paths = [
        one
        for one in routes(plain.environment, plain.python, plain.folder)
        if "spans" in one or "comment" in one
    ]
    findings = walk_reading(plain.url, session, paths, bob, ann)
    assert any("/spans" in one.request and "holds" in one.why for one in findings)
    session.close()


def test_a_foreign_server_is_read_like_our_own(abroad):
    push(abroad.study)
    mine = abroad.project(abroad.ann)
    mine.draw("b.txt", "Minister", "ACTOR")
    mine.toggle_confirmed("b.txt")
    assert pull(abroad.study).events == {"confirmed": 1, "label_appeared": 1}
    (label,) = abroad.fates().labels
    assert (label.origin, label.status, label.annotator) == ("manual", "confirmed", abroad.ann.user)
    (project, *_) = abroad.state().projects.values()
    assert project.server == abroad.study.config.server.url


def test_a_stopped_foreign_server_is_a_server_failure(abroad, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = listener.getsockname()[1]
    config = abroad.study.root / "annotate.toml"
    text = config.read_text("utf-8")
    config.write_text(re.sub(r"http://127\.0\.0\.1:\d+", f"http://127.0.0.1:{free}", text), "utf-8")
    with pytest.raises(ServerFailure, match="cannot reach") as caught:
        push(Study(abroad.study.root))
    assert caught.value.exit_code == 6
