"""Walk every address of a Doccano with one person's login, in search of another's things."""

from __future__ import annotations

import itertools
import json
import re
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from small_studies import Campaign, Person

from annotate.doccano.transport import Transport

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
