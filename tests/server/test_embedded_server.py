"""The embedded server for real: life and death of its processes, what it keeps private, what it lets through."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from annotate.core.errors import BadInput, Conflict, UsageError
from annotate.doccano import embedded as server
from annotate.doccano.embedded.home import Home
from annotate.doccano.embedded.process import process_start
from annotate.doccano.embedded.state import read_state

pytestmark = pytest.mark.server
Make = Callable[..., "EmbeddedServer"]  # noqa: F821 - the type lives in conftest.py


def ignore(text: str) -> None:
    pass


def eventually(check: Callable[[], bool], seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.2)
    return False


class Api:
    """Doccano's HTTP interface with one user's token; answers are checked by the tests themselves."""

    def __init__(self, url: str, login: tuple[str, str] | None = None) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        if login is not None:
            answer = self.call("POST", "auth/login/", {"username": login[0], "password": login[1]})
            assert answer.status_code == 200, answer.text
            self.session.cookies.clear()
            self.session.headers["Authorization"] = f"Token {answer.json()['key']}"

    def call(self, method: str, path: str, body: object = None, **options: object) -> requests.Response:
        return self.session.request(method, f"{self.url}/v1/{path}", json=body, timeout=30, **options)

    def made(self, path: str, body: object) -> dict:
        answer = self.call("POST", path, body)
        assert answer.status_code == 201, f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()

    def got(self, path: str) -> object:
        answer = self.call("GET", path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()


# --- life and death -----------------------------------------------------------------------------------------


def test_started_twice_is_one_server_and_stopped_twice_is_no_error(scratch_server):
    first = scratch_server()
    pids = server.status(first.home).pids
    again = server.start(first.home, port=None, progress=ignore)
    assert again.already_running
    assert again.url == first.url
    assert again.pids == pids
    assert server.running_url(first.home) == first.url
    assert server.stop(first.home).was_running
    assert not server.stop(first.home).was_running
    assert not server.status(first.home).running
    assert server.running_url(first.home) is None
    assert all(process_start(pid) is None for pid in pids.values())


def test_two_starts_at_once_make_one_server(tmp_path):
    home = tmp_path / "home"
    code = (
        "import sys; from pathlib import Path; from annotate.doccano import embedded as s;"
        "i = s.start(Path(sys.argv[1]), port=None, progress=lambda t: None); print(i.pids['supervisor'])"
    )
    try:
        both = [
            subprocess.Popen([sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        answers = {process.communicate(timeout=300)[0].strip() for process in both}
        assert [process.returncode for process in both] == [0, 0]
        assert len(answers) == 1
    finally:
        server.stop(home)


def test_each_process_may_be_killed(scratch_server):
    found = scratch_server()
    before = server.status(found.home).pids
    for name in ("web", "worker"):
        os.kill(before[name], signal.SIGKILL)
        assert eventually(lambda name=name: server.status(found.home).pids.get(name) != before[name])
        assert eventually(lambda: server.status(found.home).ready), server.logs(found.home, lines=20)
    status = server.status(found.home)
    assert status.restarts == {"web": 1, "worker": 1}
    assert status.worker == "answers"
    assert status.url == found.url

    os.kill(status.pids["supervisor"], signal.SIGKILL)
    assert eventually(lambda: not server.status(found.home).running, 5)
    if sys.platform == "linux":  # elsewhere the next start or stop ends them
        children = [status.pids["web"], status.pids["worker"]]
        assert eventually(lambda: all(process_start(pid) is None for pid in children), 20)
    again = server.start(found.home, port=None, progress=ignore)
    assert not again.already_running
    assert again.url == found.url
    assert server.status(found.home).ready


def test_stop_ends_what_a_killed_supervisor_left(scratch_server):
    found = scratch_server()
    pids = server.status(found.home).pids
    os.kill(pids["worker"], signal.SIGSTOP)  # so that it does not notice the death of its parent
    os.kill(pids["supervisor"], signal.SIGKILL)
    assert eventually(lambda: process_start(pids["supervisor"]) is None, 5)
    assert process_start(pids["worker"]) is not None
    result = server.stop(found.home)
    assert result.was_running
    assert process_start(pids["worker"]) is None


def test_stale_record_with_a_recycled_pid_is_no_server_and_nobody_is_harmed(scratch_server, tmp_path):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as bystander:
        home = Home(tmp_path / "home")
        home.run.mkdir(parents=True)
        process = {"pid": bystander.pid, "started": "12"}
        home.state.write_text(
            json.dumps(
                {
                    "supervisor": process,
                    "port": 8765,
                    "children": {"web": process, "worker": process},
                    "restarts": {},
                    "failure": "",
                }
            )
        )
        assert not server.status(home.root).running
        assert not server.stop(home.root).was_running
        home.state.write_text("no json")
        found = scratch_server()
        assert server.status(found.home).ready
        assert bystander.poll() is None
        bystander.communicate(b"\n")


def test_supervisor_ends_when_its_home_is_deleted(scratch_server):
    found = scratch_server()
    pids = server.status(found.home).pids
    for path in (found.home / "run").iterdir():
        path.unlink()
    assert eventually(lambda: all(process_start(pid) is None for pid in pids.values()), 30)


def test_a_task_that_died_with_its_worker_is_reported_as_failed(scratch_server):
    found = scratch_server()
    admin = Api(found.url, found.service)
    task = str(uuid.uuid4())
    with contextlib.closing(sqlite3.connect(found.database, timeout=30)) as connection:
        connection.execute(
            "INSERT INTO django_celery_results_taskresult (task_id, status, content_type, content_encoding,"
            " date_created, date_done) VALUES (?, 'STARTED', 'application/json', 'utf-8',"
            " '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
            (task,),
        )
        connection.commit()
    assert admin.got(f"tasks/status/{task}") == {"ready": False, "result": None, "error": None}
    os.kill(server.status(found.home).pids["worker"], signal.SIGKILL)
    assert eventually(lambda: admin.got(f"tasks/status/{task}")["ready"])
    assert "stopped before this task was done" in admin.got(f"tasks/status/{task}")["error"]["text"]


# --- ports --------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_taken_port(scratch_server, tmp_path):
    with taken_port() as port:
        with pytest.raises(Conflict, match=rf"port {port} .*taken"):
            scratch_server(port=port)
        assert not server.status(tmp_path / "home").running
        home = tmp_path / "home"
        (home / "port").write_text(f"{port}\n")
        found = scratch_server()
        assert found.url != f"http://127.0.0.1:{port}"
    remembered = (found.home / "port").read_text().strip()
    assert found.url.endswith(":" + remembered)
    with pytest.raises(Conflict, match="already runs on port"):
        server.start(found.home, port=port, progress=ignore)
    server.stop(found.home)
    assert server.start(found.home, port=None, progress=ignore).url == found.url


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc/net")
def test_listens_on_the_loopback_address_only(embedded):
    port = int(embedded.url.rpartition(":")[2])
    addresses = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        lines = Path(table).read_text().splitlines()[1:] if Path(table).exists() else []
        for line in lines:
            local, state = line.split()[1], line.split()[3]
            if state == "0A" and int(local.rpartition(":")[2], 16) == port:
                addresses.append(local.rpartition(":")[0])
    assert addresses == ["0100007F"]


# --- what is private ----------------------------------------------------------------------------------------


def test_everything_in_the_home_is_for_its_owner_only(embedded):
    for path in [embedded.home, *embedded.home.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    name, password = server.service_credentials(embedded.home)
    assert name == "annotate-service"
    assert len(password) > 40


def test_no_secret_is_in_logs_or_command_lines(embedded):
    embedded.add_user("logged-out", "Nirgends-Zu-Lesen-1")
    Api(embedded.url, ("logged-out", "Nirgends-Zu-Lesen-1"))
    secrets = ["Nirgends-Zu-Lesen-1"]
    secrets += [(embedded.home / n).read_text().strip() for n in ("secret-key", "service-password", "control-key")]
    logged = "\n".join(server.logs(embedded.home, lines=10_000))
    commands = subprocess.run(["ps", "axeww"], capture_output=True, text=True, check=True).stdout
    for secret in secrets:
        assert secret not in logged
        assert secret not in commands


def test_add_user(embedded):
    name = f"anna-{uuid.uuid4().hex[:6]}"
    assert embedded.add_user(name, "Grüne-Wiese-99") == "created"
    old = Api(embedded.url, (name, "Grüne-Wiese-99"))
    assert old.got("me")["username"] == name
    assert embedded.add_user(name, "Grüne-Wiese-99") == "updated"
    assert old.call("GET", "me").status_code == 200  # the same password changes nothing
    assert embedded.add_user(name, "Blaue-Wiese-98") == "updated"
    assert old.call("GET", "me").status_code == 403
    assert Api(embedded.url, (name, "Blaue-Wiese-98")).got("me")["is_superuser"] is False
    account = {found.name: found for found in server.list_users(embedded.home)}[name]
    assert account.active
    assert not account.superuser


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("bad", "12345678", "entirely numeric"),
        ("bad", "kurz", "too short"),
        ("bad", "", "too short"),
        ("badly-named", "badly-named", "too similar to the username"),
        ("no spaces", "Grüne-Wiese-99", "valid username"),
        ("", "Grüne-Wiese-99", "blank"),
    ],
)
def test_add_user_says_what_django_says(embedded, name, password, said):
    with pytest.raises(BadInput, match=said):
        embedded.add_user(name, password)
    assert name not in {found.name for found in server.list_users(embedded.home)}


def test_the_service_account_is_not_for_people(embedded):
    with pytest.raises(UsageError):
        embedded.add_user("annotate-service", "Grüne-Wiese-99")


def test_strangers_get_nothing(embedded):
    nobody = Api(embedded.url)
    upload = nobody.call("POST", "fp/process/", files={"filepond": ("a.jsonl", b"{}")})
    assert upload.status_code in (401, 403)
    for target in ("http://127.0.0.1:9/", embedded.url + "/v1/me"):
        answer = nobody.call("GET", "fp/fetch/", params={"target": target})
        assert answer.status_code in (401, 403)
    for path in ("fp/load/?id=x", "fp/restore/?id=x", "users", "me", "projects", "tasks/status/x"):
        assert nobody.call("GET", path).status_code in (401, 403), path
    (embedded.home / "media" / "export.zip").write_bytes(b"PK secret")
    for path in ("/media/export.zip", "/media/%2e%2e/db.sqlite3", "/annotate/ready"):
        answer = requests.get(embedded.url + path, timeout=10)
        assert answer.status_code == 404, path
        assert b"secret" not in answer.content
    assert nobody.call("GET", "health/").status_code == 404
    assert nobody.call("GET", "no/such/thing").status_code == 404


def test_no_other_site_and_no_other_name(embedded):
    answer = requests.get(
        embedded.url + "/v1/social/links/", headers={"Origin": "http://evil.example"}, timeout=10
    )
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    rebound = requests.get(embedded.url + "/v1/me", headers={"Host": "evil.example"}, timeout=10)
    assert rebound.status_code == 400


# --- independence -------------------------------------------------------------------------------------------


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
            self.me.made(f"{self.at}/spans", {"label": self.type, "start_offset": a, "end_offset": a + 3})["id"]
            for a in (0, 4)
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
    made = me.made(f"{at}/spans", {"id": 0, "user": 0, "label": anna.type, "start_offset": 1, "end_offset": 2})
    changed = me.call(
        "PATCH", f"{at}/spans/{made['id']}",
        {"id": made["id"], "label": anna.type, "user": 0, "start_offset": 1, "end_offset": 3},
    )  # fmt: skip
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
        forbidden = answer.status_code == 403 and method in ("PATCH", "DELETE") and path.endswith(f"/{bert.example}")
        if not (answer.status_code == 404 or forbidden) or bert.secret in answer.text:
            wrong.append(f"{method} {path} {body}: {answer.status_code} {answer.text[:120]}")
    assert not wrong, "\n".join(wrong)
    assert (bert.rows(), anna.rows()) == before


def test_nothing_foreign_in_a_foreign_projects_own_paths(campaigns):
    anna, bert = campaigns
    for path in ("", "/examples", "/comments", "/span-types", "/members", "/metrics/member-progress", "/my-role"):
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


def test_record_names_running_processes(embedded):
    state = read_state(Home(embedded.home))
    assert state is not None
    assert state.supervisor.alive
    assert all(child.alive for child in state.children.values())
    with contextlib.closing(sqlite3.connect(embedded.database)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
