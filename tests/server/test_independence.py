"""With Bob's login nothing of Ann's can be had from the server: every address it knows is tried.

The list of addresses comes from the running code, so none can be forgotten. The same walk on a Doccano
without our guard does find Ann's things, which shows that it looks in the right places; there `push` warns.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import secrets
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from small_studies import TEXTS, Campaign, Person, build, campaigns, make_person, write_study

from annotate.core.errors import ServerFailure
from annotate.doccano.campaign import foreign_labels_readable
from annotate.doccano.embedded import ensure_environment
from annotate.doccano.embedded.home import Home
from annotate.doccano.embedded.launch import backend_path, server_environment, web_command
from annotate.doccano.transport import Transport
from annotate.flows.connecting import connect_as
from annotate.flows.pull import pull
from annotate.flows.push import push
from annotate.store.study import Study

pytestmark = pytest.mark.server

ROUTES = """
import json, re, django
django.setup()
from django.urls import URLPattern, get_resolver

def walk(patterns, before):
    for one in patterns:
        spelled = getattr(one.pattern, "_route", None)
        if spelled is None:
            spelled = re.sub(r"\\(\\?P<(\\w+)>[^)]*\\)", r"<\\1>", one.pattern.regex.pattern)
            spelled = spelled.strip("^").replace("$", "").replace("\\\\Z", "")
        if isinstance(one, URLPattern):
            yield before + spelled
        else:
            yield from walk(one.url_patterns, before + spelled)

print(json.dumps(sorted(set(walk(get_resolver().url_patterns, "")))))
"""
# These would end Bob's own session; what they answer is about himself only.
LEFT_OUT = ("v1/auth/logout/", "v1/auth/password/change/")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


# --- Ann's things -------------------------------------------------------------------------------------------


@dataclass
class Held:
    """Ann's project as an intruder would want it: its numbers, and words that only it contains."""

    campaign: Campaign
    owner: Person
    numbers: dict[str, list[int | str]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    def rows(self) -> list[object]:
        """Everything that stands in the project, to see whether it was changed."""
        project = self.numbers["project_id"][0]
        inside = "example_id IN (SELECT id FROM examples_example WHERE project_id = ?)"
        tables = {
            "projects_project": "id = ?",
            "projects_member": "project_id = ?",
            "examples_example": "project_id = ?",
            "label_types_spantype": "project_id = ?",
            "label_types_relationtype": "project_id = ?",
            "labels_span": inside,
            "labels_relation": inside,
            "labels_category": inside,
            "labels_textlabel": inside,
            "examples_examplestate": inside,
            "examples_comment": inside,
            "auto_labeling_autolabelingconfig": "project_id = ?",
            "projects_tag": "project_id = ?",
        }
        return [
            (
                table,
                [tuple(row) for row in self.campaign.rows(f"SELECT * FROM {table} WHERE {where}", project)],
            )
            for table, where in tables.items()
        ]


def work_and_hold(made: Campaign, person: Person) -> Held:
    """Let a person label, and note what nobody else may see."""
    mine = made.project(person)
    remark = f"Geheim{secrets.token_hex(6)}"
    drawn = mine.draw("a.txt", "Berlin", "ACTOR")
    other = mine.draw("a.txt", "Vesk", "ACTOR")
    relation = mine.relate("a.txt", "restates", drawn, other)
    comment = mine.comment("a.txt", remark)
    mine.toggle_confirmed("a.txt")
    base = made.admin_base(person)
    labels = [one for file in mine.examples for one in mine.spans(file)]
    kind = made.admin.send("POST", f"{base}/category-types", json={"text": "Bericht"})
    category = mine.http.send("POST", f"{mine.at('a.txt')}/categories", json={"label": kind["id"]})
    summary = mine.http.send("POST", f"{mine.at('a.txt')}/texts", json={"text": f"{remark} kurz"})
    held = Held(made, person)
    held.numbers = {
        "project_id": [mine.remote.project_id],
        "example_id": list(mine.examples.values()),
        "spans": [drawn["id"]],
        "relations": [relation["id"]],
        "categories": [category["id"]],
        "texts": [summary["id"]],
        "comment_id": [comment["id"]],
        "span-types": [mine.label_types["ACTOR"]],
        "relation-types": [mine.relation_types["restates"]],
        "category-types": [kind["id"]],
        "member_id": [one["id"] for one in made.admin.get_list(f"{base}/members")],
        "task_id": [
            row["task_id"] for row in made.rows("SELECT task_id FROM django_celery_results_taskresult")
        ],
        "chunk_id": [
            row["upload_id"] for row in made.rows("SELECT upload_id FROM django_drf_filepond_temporaryupload")
        ],
    }
    moments = [
        one["created_at"].split("T")[1].rstrip("Z") for one in [*labels, relation, comment, category, summary]
    ]
    held.words = [remark, person.user, mine.remote.marker.word, *moments]
    return held


# --- the walk -----------------------------------------------------------------------------------------------


def routes(environment: dict[str, str], python: Path, folder: Path) -> list[str]:
    """Every address the server knows, with ``<kind:name>`` where a value goes."""
    done = subprocess.run(
        [str(python), "-c", ROUTES], env=environment, cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    return [one for one in found if one not in LEFT_OUT]


def filled(route: str, own: dict[str, list], foreign: dict[str, list]) -> Iterator[tuple[str, bool]]:
    """The address with own and foreign values in every mixture; and whether a foreign one is in it."""
    choices = []
    for match in re.finditer(r"([\w-]+)/<([^>]*)>", route):
        # Numbers of labels and label types count per kind, and the kind stands before them.
        before, name = match[1], match[2].rpartition(":")[2]
        kind = before if name in ("annotation_id", "label_id") else name
        mine = [(value, False) for value in own.get(kind, [])[:1]]
        choices.append(mine + [(value, True) for value in foreign.get(kind, [])])
    for values in itertools.product(*(choice or [(1, False)] for choice in choices)):
        path = route
        for value, _ in values:
            path = re.sub(r"<[^>]*>", str(value), path, count=1)
        yield path, any(is_foreign for _, is_foreign in values)


@dataclass
class Finding:
    """An answer that Bob should not have had."""

    request: str
    status: int
    why: str


def walk(url: str, session: requests.Session, paths: list[str], own: Held, held: Held) -> list[Finding]:
    """Try every address in every mixture, with every method, and note what should not be."""
    findings: list[Finding] = []
    tried = 0
    foreign = held.numbers
    for route in paths:
        for path, is_foreign in filled(route, own.numbers, foreign):
            for method, query, body in attempts(path, is_foreign, foreign):
                answer = session.request(
                    method, f"{url}/{path}", params=query, json=body, timeout=30, allow_redirects=False
                )
                tried += 1
                request = f"{method} /{path} {query or ''} {body or ''}"[:200]
                leaked = [word for word in held.words if word in answer.text]
                if leaked:
                    findings.append(Finding(request, answer.status_code, f"holds {leaked[0]!r}"))
                elif is_foreign and path.startswith("v1/") and answer.status_code not in (403, 404):
                    findings.append(Finding(request, answer.status_code, "is neither 403 nor 404"))
    assert tried > 500
    return findings


def attempts(path: str, is_foreign: bool, foreign: dict[str, list]) -> Iterator[tuple[str, dict | None, Any]]:
    """Requests to make of one address: reading, reading with queries, and changing."""
    example, project = foreign["example_id"][0], foreign["project_id"][0]
    yield "GET", None, None
    if not path.startswith("v1/"):
        return
    yield "GET", {"limit": 1000, "example": example}, None
    yield "GET", {"limit": 1000, "project": project}, None
    yield "GET", {"limit": 1000, "project_id": project, "example_id": example}, None
    for key in foreign["task_id"][:2]:
        yield "GET", {"taskId": key}, None
    for key in foreign["chunk_id"][:2]:
        yield "GET", {"id": key}, None
    span = foreign["spans"][0]
    body = {
        "ids": foreign["example_id"], "example": example, "project": project, "text": "x", "prob": 0.5,
        "label": foreign["span-types"][0], "type": foreign["relation-types"][0], "from_id": span,
        "to_id": span, "start_offset": 0, "end_offset": 1, "role": 1, "user": 1,
        "uploadIds": foreign["chunk_id"][:2],
        "format": "JSONL", "exportApproved": False, "task": "RelationExtraction",
    }  # fmt: skip
    for method in METHODS[1:]:
        # Alone with what is his own Bob may delete; that proves nothing and would end the walk early.
        if is_foreign or method in ("POST", "PUT", "PATCH"):
            yield method, None, body
            yield method, {"example": example}, {**body, "ids": foreign["comment_id"]}


def session_of(http: Transport) -> requests.Session:
    """Bob's token without our transport, which would refuse to hand on what we want to see."""
    session = requests.Session()
    session.trust_env = False
    request = http._session.prepare_request(requests.Request("GET", http.url))
    assert http._session.auth is not None
    http._session.auth(request)  # type: ignore[operator]
    session.headers["Authorization"] = request.headers["Authorization"]
    return session


# --- the embedded server ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two(embedded, tmp_path_factory) -> Iterator[tuple[Held, Held, Held]]:
    """Ann and Bob in one campaign, and another campaign of Ann's alone with a text nobody else has."""
    with pytest.MonkeyPatch.context() as patch:
        make = campaigns(embedded, tmp_path_factory.mktemp("independence"), patch)
        common = make()
        push(common.study)
        secret = f"Geheimtext{secrets.token_hex(6)}"
        alone = make(names=("ann",), texts={**TEXTS, "a.txt": f"{secret}: {TEXTS['a.txt']}"})
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


def walk_reading(
    url: str, session: requests.Session, paths: list[str], own: Held, held: Held
) -> list[Finding]:
    """Only the reading part, so that the plain server's campaign stays as it is."""
    findings = []
    for route in paths:
        for path, _ in filled(route, own.numbers, held.numbers):
            answer = session.get(f"{url}/{path}", timeout=30, allow_redirects=False)
            leaked = [word for word in held.words if word in answer.text]
            if leaked:
                findings.append(Finding(f"GET /{path}", answer.status_code, f"holds {leaked[0]!r}"))
    return findings


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
