"""With one annotator's login nothing of another's project is read or changed."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator

import pytest
from embedded_api import Api, eventually

pytestmark = pytest.mark.server


class Campaign:
    """A project of one annotator with a text, spans, a relation, a comment and a confirmation."""

    def __init__(self, embedded, name: str) -> None:
        self.login = (f"{name}-{uuid.uuid4().hex[:6]}", "Grüne-Wiese-99")
        embedded.add_user(*self.login)
        self.secret = f"Geheimtext{uuid.uuid4().hex}"
        self.admin = Api(embedded.url, embedded.service)
        self.project = self.admin.made(
            "projects",
            {
                "name": name, "description": "x", "guideline": "", "project_type": "SequenceLabeling",
                "resourcetype": "SequenceLabelingProject", "collaborative_annotation": True,
                "use_relation": True, "allow_overlapping": True,
            },
        )["id"]  # fmt: skip
        base = self.base = f"projects/{self.project}"
        users = {user["username"]: user["id"] for user in self.admin.got("users")}
        self.member = self.admin.made(f"{base}/members", {"user": users[self.login[0]], "role": 2})["id"]
        self.type = self.admin.made(f"{base}/span-types", {"text": "Ort"})["id"]
        self.category_type = self.admin.made(f"{base}/category-types", {"text": "Bericht"})["id"]
        self.relation_type = self.admin.made(f"{base}/relation-types", {"text": "sagt"})["id"]
        self.tag = self.admin.made(f"{base}/tags", {"text": "neu"})["id"]
        self.example = self.admin.made(f"{base}/examples", {"text": f"{self.secret} liegt dort."})["id"]
        self.me = Api(embedded.url, self.login)
        self.at = f"{base}/examples/{self.example}"
        self.spans = [
            self.me.made(f"{self.at}/spans", {"label": self.type, "start_offset": a, "end_offset": b})["id"]
            for a, b in ((0, len(self.secret)), (len(self.secret) + 1, len(self.secret) + 6))
        ]
        self.relation = self.me.made(
            f"{self.at}/relations",
            {"from_id": self.spans[0], "to_id": self.spans[1], "type": self.relation_type},
        )["id"]
        self.category = self.me.made(f"{self.at}/categories", {"label": self.category_type})["id"]
        self.text = self.me.made(f"{self.at}/texts", {"text": f"{self.secret} kurz"})["id"]
        self.comment = self.me.made(f"{base}/comments?example={self.example}", {"text": self.secret})["id"]
        self.me.made(f"{self.at}/states", {})

    def rows(self) -> dict[str, object]:
        """Everything an intruder could have changed, read by the administrator."""
        names = ("spans", "relations", "categories", "texts", "states")
        found = {name: self.admin.got(f"{self.at}/{name}") for name in names}
        found["comments"] = self.admin.got(f"{self.base}/comments?limit=100")
        for name in ("examples", "span-types", "relation-types", "category-types", "tags", "members"):
            found[name] = self.admin.got(f"{self.base}/{name}")
        return found


@pytest.fixture(scope="module")
def campaigns(embedded):
    return Campaign(embedded, "anna"), Campaign(embedded, "bert")


def test_own_paths_work(campaigns):
    anna, _ = campaigns
    me, at = anna.me, anna.at
    assert me.got(f"{anna.base}")["name"] == "anna"
    assert me.got(f"{anna.base}/my-role")["rolename"] == "annotator"
    assert me.got(f"{anna.base}/examples?confirmed=&q=")["count"] == 1
    assert me.got(at)["text"].startswith(anna.secret)
    span = {"id": 0, "user": 0, "label": anna.type, "start_offset": 1, "end_offset": 2}
    made = me.made(f"{at}/spans", span)
    changed = me.call("PATCH", f"{at}/spans/{made['id']}", {**span, "id": made["id"], "end_offset": 3})
    assert changed.status_code == 200
    assert changed.json()["end_offset"] == 3
    assert me.call("DELETE", f"{at}/spans/{made['id']}").status_code == 204
    assert len(me.got(f"{at}/spans")) == 2
    assert me.got(f"{at}/relations/{anna.relation}")["from_id"] == anna.spans[0]
    assert me.got(f"{anna.base}/comments?example={anna.example}")["count"] == 1
    assert me.call("PATCH", f"{anna.base}/comments/{anna.comment}", {"text": anna.secret}).status_code == 200
    assert me.got(f"{at}/states")["count"] == 1
    assert me.got(f"{anna.base}/metrics/progress")["complete"] == 1
    assert me.got(f"{anna.base}/span-types/{anna.type}")["text"] == "Ort"
    assert [row["name"] for row in me.got("projects")["results"]] == ["anna"]


def crafted(anna: Campaign, bert: Campaign) -> Iterator[tuple[str, str, object]]:
    """Anna's project in front, Bert's things behind it."""
    base, foreign = anna.base, f"{anna.base}/examples/{bert.example}"
    lists = ("spans", "relations", "categories", "texts", "bboxes", "segments")
    yield "GET", foreign, None
    yield "PATCH", foreign, {"text": "weg"}
    yield "DELETE", foreign, None
    for name in (*lists, "states"):
        yield "GET", f"{foreign}/{name}", None
    for name in lists:
        yield "DELETE", f"{foreign}/{name}", None
    yield "POST", f"{foreign}/states", {}
    yield "POST", f"{foreign}/spans", {"label": anna.type, "start_offset": 0, "end_offset": 1}
    yield "POST", f"{foreign}/categories", {"label": anna.category_type}
    yield "POST", f"{foreign}/texts", {"text": "x"}
    details = {
        "spans": bert.spans[0], "relations": bert.relation, "categories": bert.category, "texts": bert.text,
    }  # fmt: skip
    for name, key in details.items():
        for example in (bert.example, anna.example):
            yield "GET", f"{base}/examples/{example}/{name}/{key}", None
            yield "PATCH", f"{base}/examples/{example}/{name}/{key}", {"prob": 0.5}
            yield "PUT", f"{base}/examples/{example}/{name}/{key}", {"prob": 0.5}
            yield "DELETE", f"{base}/examples/{example}/{name}/{key}", None
    yield "GET", f"{base}/comments?example={bert.example}", None
    yield "GET", f"{base}/comments?example={anna.example}&example={bert.example}", None
    yield "POST", f"{base}/comments?example={bert.example}", {"text": "x"}
    yield "GET", f"{base}/examples?project={bert.project}", None
    yield "POST", f"{base}/auto-labeling?example={bert.example}", {}
    yield "GET", f"{base}/span-types/{bert.type}", None
    yield "GET", f"{base}/category-types/{bert.category_type}", None
    yield "GET", f"{base}/relation-types/{bert.relation_type}", None
    # Bodies that name what is Bert's.
    own = anna.at
    yield "POST", f"{own}/spans", {"label": bert.type, "start_offset": 0, "end_offset": 1}
    yield "POST", f"{own}/categories", {"label": bert.category_type}
    yield "PATCH", f"{own}/spans/{anna.spans[0]}", {"example": bert.example}
    yield "PATCH", f"{own}/spans/{anna.spans[0]}", {"label": bert.type}
    yield "PATCH", f"{own}/texts/{anna.text}", {"example": bert.example}
    yield "PATCH", f"{own}/categories/{anna.category}", {"example": bert.example}
    relation = {"from_id": anna.spans[0], "to_id": anna.spans[1], "type": anna.relation_type}
    for name, key in (("from_id", bert.spans[0]), ("to_id", bert.spans[0]), ("type", bert.relation_type)):
        yield "POST", f"{own}/relations", {**relation, name: key}
        yield "PATCH", f"{own}/relations/{anna.relation}", {name: key}
    yield "PATCH", f"{own}/relations/{anna.relation}", {"example": bert.example}
    yield "DELETE", f"{base}/comments", {"ids": [bert.comment]}
    # Project 0 makes Doccano take the project for its permission check from the query.
    for path in (f"examples/{bert.example}", f"examples/{bert.example}/spans", f"comments/{bert.comment}"):
        yield "GET", f"projects/0/{path}?project_id={anna.project}", None
    yield "GET", f"{base}/examples/{10**30}/spans", None


def test_crafted_paths_are_not_found(campaigns):
    anna, bert = campaigns
    before = bert.rows(), anna.rows()
    wrong = []
    for method, path, body in crafted(anna, bert):
        answer = anna.me.call(method, path, body)
        # What an annotator may not do even at home is refused before anybody looks at the id.
        writes = method in ("PATCH", "DELETE") and path.endswith(f"/{bert.example}")
        forbidden = answer.status_code == 403 and writes
        if not (answer.status_code == 404 or forbidden) or bert.secret in answer.text:
            wrong.append(f"{method} {path} {body}: {answer.status_code} {answer.text[:120]}")
    assert not wrong, "\n".join(wrong)
    assert (bert.rows(), anna.rows()) == before


def test_nothing_foreign_in_a_foreign_projects_own_paths(campaigns):
    anna, bert = campaigns
    parts = ("", "/examples", "/comments", "/span-types", "/members", "/metrics/member-progress", "/my-role")
    for path in parts:
        answer = anna.me.call("GET", bert.base + path)
        assert answer.status_code in (403, 404), path
    for name in ("spans", "relations", "states"):
        assert anna.me.call("GET", f"{bert.at}/{name}").status_code == 403
    nobody = Api(anna.me.url)
    assert nobody.call("GET", f"{anna.base}/examples/{bert.example}").status_code in (401, 403)


def test_an_administrator_cannot_mix_projects_up_either(campaigns):
    anna, bert = campaigns
    before = bert.rows()
    for method, path, body in (
        ("DELETE", f"{anna.base}/span-types/{bert.type}", None),
        ("DELETE", f"{anna.base}/span-types", {"ids": [bert.type]}),
        ("DELETE", f"{anna.base}/examples", {"ids": [bert.example]}),
        ("DELETE", f"{anna.base}/tags/{bert.tag}", None),
        ("PATCH", f"{anna.base}/members/{bert.member}", {"role": 1}),
        ("GET", f"{anna.base}/download?taskId={uuid.uuid4()}", None),
    ):
        assert bert.admin.call(method, path, body).status_code == 404, path
    assert bert.rows() == before


def test_html_forms_do_not_list_other_peoples_spans(campaigns):
    anna, bert = campaigns
    for name in ("relations", "spans", f"relations/{anna.relation}"):
        answer = anna.me.call("GET", f"{anna.at}/{name}", headers={"Accept": "text/html"})
        assert bert.secret not in answer.text
        assert "<option" not in answer.text


def test_annotators_cannot_list_accounts_rename_themselves_or_use_the_server_as_a_proxy(campaigns):
    anna, _ = campaigns
    assert anna.me.call("GET", "users").status_code == 403
    assert anna.me.call("PATCH", "auth/user/", {"username": "somebody-else"}).status_code == 403
    assert anna.me.got("auth/user/")["username"] == anna.login[0]
    for path in ("fp/fetch/?target=http://127.0.0.1:9/x.txt", "fp/load/?id=x", "fp/restore/?id=" + "2" * 22):
        assert anna.me.call("GET", path).status_code in (403, 404), path
    upload = anna.me.call("POST", "fp/process/", files={"filepond": ("a.jsonl", b"{}")})
    assert upload.status_code == 403
    assert anna.me.call("POST", f"{anna.base}/auto-labeling/request-testing", {}).status_code == 403


# --- the worker ---------------------------------------------------------------------------------------------


def run_task(api: Api, path: str, body: object) -> tuple[str, dict]:
    task = api.call("POST", path, body).json()["task_id"]
    assert eventually(lambda: api.got(f"tasks/status/{task}")["ready"])
    return task, api.got(f"tasks/status/{task}")


def upload(api: Api, content: bytes) -> str:
    answer = api.call("POST", "fp/process/", files={"filepond": ("rows.jsonl", content)})
    assert answer.status_code == 200
    return answer.text


def test_import_and_export_run_in_the_worker_and_belong_to_their_project(campaigns):
    anna, bert = campaigns
    rows = [{"text": f"Satz {i} 😀", "entities": [], "relations": []} for i in range(3)]
    content = "\n".join(json.dumps(row) for row in rows).encode()
    order = {"format": "JSONL", "task": "RelationExtraction", "encoding": "utf-8"}
    order["uploadIds"] = [upload(anna.admin, content)]
    _, done = run_task(anna.admin, f"{anna.base}/upload", order)
    assert done["error"] is None
    assert done["result"] == {"error": []}
    assert anna.admin.got(f"{anna.base}/examples?limit=100")["count"] == 4

    export, done = run_task(bert.admin, f"{bert.base}/download", {"format": "JSONL", "exportApproved": False})
    assert done["error"] is None
    for path, status in ((bert.base, 200), (anna.base, 404)):
        assert bert.admin.call("GET", f"{path}/download?taskId={export}").status_code == status
    assert anna.me.call("GET", f"{anna.base}/download?taskId={export}").status_code == 403
    assert anna.me.call("GET", f"tasks/status/{export}").status_code == 404


def test_a_failing_import_is_not_repeated(campaigns):
    anna, _ = campaigns
    row = {"text": "Satz", "entities": [], "relations": [{"from_id": 7, "to_id": 8, "type": "sagt"}]}
    before = anna.admin.got(f"{anna.base}/examples")["count"]
    order = {"format": "JSONL", "task": "RelationExtraction", "encoding": "utf-8"}
    order["uploadIds"] = [upload(anna.admin, json.dumps(row).encode())]
    _, done = run_task(anna.admin, f"{anna.base}/upload", order)
    assert done["error"] is not None
    time.sleep(3)
    assert anna.admin.got(f"{anna.base}/examples")["count"] <= before + 1
