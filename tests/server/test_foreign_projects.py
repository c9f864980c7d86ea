"""`annotate pull --project`: projects that others made, with secrets and without, pulled twice."""

from __future__ import annotations

import csv
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from small_studies import Person, account, make_person, write_study

from annotate.core.errors import ConfigError, UsageError
from annotate.core.state import fold
from annotate.doccano.transport import Transport
from annotate.flows import export
from annotate.flows.connecting import connect, connect_as
from annotate.flows.history import read_history
from annotate.flows.pull_project import ProjectReport, ProjectRequest, pull_project
from annotate.flows.verify import verify
from annotate.store.ledger import read_ledger
from annotate.store.study import Study

pytestmark = pytest.mark.server

TEXTS = (
    "The harbour office said on Monday that two ferries 😀 collided near Vesk.",
    "Nobody was hurt 😀😀, the captain told the radio; the office denies it.",
    "A third text that nobody labels.",
)


def utf16(text: str, quote: str) -> tuple[int, int]:
    """Offsets as the web page counts them, reckoned without our own conversion."""
    start = len(text[: text.index(quote)].encode("utf-16-le")) // 2
    return start, start + len(quote.encode("utf-16-le")) // 2


@dataclass
class Theirs:
    """A project that somebody made by hand in Doccano."""

    study: Study
    people: tuple[Person, ...]
    admin: Transport
    number: int
    examples: list[int]
    types: dict[str, int]
    relations: dict[str, int]
    logins: dict[str, Transport] = field(default_factory=dict)

    def path(self, which: int) -> str:
        return f"projects/{self.number}/examples/{self.examples[which]}"

    def as_(self, person: Person) -> Transport:
        if person.user not in self.logins:
            self.logins[person.user] = connect_as(self.study, person.user, person.password)
        return self.logins[person.user]

    def draw(self, person: Person, which: int, quote: str, label: str) -> dict[str, Any]:
        low, high = utf16(TEXTS[which], quote)
        body = {"label": self.types[label], "start_offset": low, "end_offset": high}
        return self.as_(person).send("POST", f"{self.path(which)}/spans", json=body)

    def confirm(self, person: Person, which: int) -> None:
        self.as_(person).send("POST", f"{self.path(which)}/states", json={})

    def pull(self, **options: Any) -> ProjectReport:
        options.setdefault("offsets", "utf-16")
        return pull_project(self.study, ProjectRequest(self.number, **options))

    def rows(self, name: str, table: str = "labels") -> list[dict[str, str]]:
        export.apply(self.study, export.plan(self.study, name, export.ExportOptions(names=True)))
        assert verify(self.study, name).problems == ()
        with (self.study.exports_dir / name / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def make(embedded, tmp_path, monkeypatch):
    monkeypatch.setenv("DOCCANO_HOME", str(embedded.home))

    def build(*, collaborative: bool, relations: bool = True) -> Theirs:
        people = (account(embedded, "cleo", "en"), account(embedded, "dan", "en"))
        study = write_study(tmp_path / f"study-{uuid.uuid4().hex[:6]}", ())
        admin = connect(study)
        project = admin.send(
            "POST",
            "projects",
            json={
                "name": "Ferries ../é <b>",
                "description": "by hand",
                "project_type": "SequenceLabeling",
                "resourcetype": "SequenceLabelingProject",
                "guideline": "as you like",
                "collaborative_annotation": collaborative,
                "allow_overlapping": True,
                "grapheme_mode": False,
                "use_relation": relations,
                "random_order": False,
            },
        )
        base = f"projects/{project['id']}"
        users = {one["username"]: one["id"] for one in admin.get_list("users")}
        roles = {one["name"]: one["id"] for one in admin.get_list("roles")}
        for person in people:
            body = {"user": users[person.user], "role": roles["annotator"]}
            admin.send("POST", f"{base}/members", json=body)
        types = {}
        for number, name in enumerate(("CLAIM", "Who")):
            look = {"background_color": "#00838f", "text_color": "#ffffff", "suffix_key": str(number)}
            types[name] = admin.send("POST", f"{base}/span-types", json={"text": name, **look})["id"]
        kinds = {}
        if relations:
            look = {"background_color": "#00838f", "text_color": "#ffffff"}
            kinds["stated_by"] = admin.send(
                "POST", f"{base}/relation-types", json={"text": "stated_by", **look}
            )["id"]
        examples = [admin.send("POST", f"{base}/examples", json={"text": text})["id"] for text in TEXTS]
        return Theirs(study, people, admin, project["id"], examples, types, kinds)

    return build


MAP = ("Who=ACTOR",)


def test_a_collaborative_project_comes_in_with_people_times_and_relations(make):
    theirs = make(collaborative=True)
    cleo, dan = theirs.people
    claim = theirs.draw(cleo, 0, "two ferries 😀 collided", "CLAIM")
    office = theirs.draw(dan, 0, "harbour office", "Who")
    body = {"from_id": claim["id"], "to_id": office["id"], "type": theirs.relations["stated_by"]}
    theirs.draw(dan, 1, "the captain", "Who")
    own = theirs.draw(dan, 1, "denies it", "CLAIM")
    theirs.as_(dan).send(
        "POST",
        f"{theirs.path(1)}/relations",
        json={**body, "from_id": own["id"], "to_id": theirs.draw(dan, 1, "the office", "Who")["id"]},
    )
    theirs.confirm(cleo, 0)

    with pytest.raises(UsageError, match="mean nothing"):
        theirs.pull()
    report = theirs.pull(mapping=MAP)
    assert report.people == {cleo.user: 1, dan.user: 4}
    assert (report.problems, report.untimed, len(report.sources)) == ((), (), 3)
    rows = theirs.rows("all")
    found = {(row["annotator"], row["quote"], row["label"], row["status"]) for row in rows}
    assert found == {
        (cleo.user, "two ferries 😀 collided", "CLAIM", "confirmed"),
        (dan.user, "harbour office", "ACTOR", "confirmed"),
        (dan.user, "the captain", "ACTOR", "draft"),
        (dan.user, "denies it", "CLAIM", "draft"),
        (dan.user, "the office", "ACTOR", "draft"),
    }
    (row,) = [one for one in rows if one["quote"].startswith("two")]
    assert row["created_at"].startswith(claim["created_at"][:19])
    assert (row["doccano_project"], row["doccano_example"], row["doccano_label"]) == (
        str(theirs.number),
        str(theirs.examples[0]),
        str(claim["id"]),
    )
    (relation,) = theirs.rows("all", "relations")
    assert (relation["relation"], relation["annotator"]) == ("stated_by", dan.user)
    sources = (theirs.study.sources_csv).read_text("utf-8")
    assert sources.count(f"embedded/projects/{theirs.number}") == 3
    assert theirs.pull(mapping=MAP).pull is None


def test_the_second_pull_brings_only_changes_and_notices_what_vanished(make):
    theirs = make(collaborative=True)
    cleo, dan = theirs.people
    theirs.draw(cleo, 0, "two ferries 😀 collided", "CLAIM")
    other = theirs.draw(dan, 1, "the captain", "Who")
    theirs.pull(mapping=MAP)
    before = {row["quote"]: row["label_id"] for row in theirs.rows("one")}
    assert theirs.pull(mapping=MAP).events == {}
    theirs.draw(cleo, 1, "the radio", "Who")
    theirs.as_(dan).send("DELETE", f"{theirs.path(1)}/spans/{other['id']}")
    theirs.confirm(cleo, 0)
    report = theirs.pull(mapping=MAP)
    # Cleo's first label is finished now: told once more under its id.
    assert report.events == {"imported_label_vanished": 1, "label_imported": 2, "labels_imported": 1}
    rows = {row["quote"]: row for row in theirs.rows("two")}
    assert set(rows) == {"two ferries 😀 collided", "the radio"}
    assert rows["two ferries 😀 collided"]["label_id"] == before["two ferries 😀 collided"]
    assert rows["two ferries 😀 collided"]["status"] == "confirmed"
    told = [entry.what for entry in read_history(theirs.study, before["the captain"])]
    assert told == ["imported", "deleted"]
    # Drawn again, it is the same label again.
    theirs.draw(dan, 1, "the captain", "Who")
    theirs.pull(mapping=MAP)
    assert {row["label_id"] for row in theirs.rows("three")} == {
        *before.values(),
        rows["the radio"]["label_id"],
    }


def test_an_independent_project_without_and_with_secrets(make, monkeypatch):
    theirs = make(collaborative=False)
    cleo, dan = theirs.people
    theirs.draw(cleo, 0, "two ferries 😀 collided", "CLAIM")
    theirs.draw(dan, 0, "two ferries 😀 collided", "CLAIM")
    theirs.draw(dan, 1, "the office", "Who")
    theirs.confirm(dan, 0)
    report = theirs.pull(mapping=MAP)
    assert set(report.untimed) >= {cleo.user, dan.user}
    assert any("times are unknown" in one for one in report.warnings)
    rows = {(row["annotator"], row["quote"]): row for row in theirs.rows("archive")}
    assert len(rows) == 3
    assert {row["created_at"] for row in rows.values()} == {""}
    status = {key: row["status"] for key, row in rows.items()}
    assert status[dan.user, "two ferries 😀 collided"] == "confirmed"
    assert status[cleo.user, "two ferries 😀 collided"] == "draft"

    with pytest.raises(ConfigError) as caught:
        theirs.pull(mapping=MAP, users=(dan.user,))
    variable = caught.value.hint.split()[1]
    monkeypatch.setenv(variable, dan.password)
    report = theirs.pull(mapping=MAP, users=(dan.user,))
    assert dan.user not in report.untimed
    timed = {(row["annotator"], row["quote"]): row for row in theirs.rows("timed")}
    assert {key: row["label_id"] for key, row in timed.items()} == {
        key: row["label_id"] for key, row in rows.items()
    }
    for (user, _), row in timed.items():
        assert bool(row["created_at"]) == (user == dan.user)
    # Known times are not forgotten by a pull that cannot read them, and nothing vanishes for it.
    monkeypatch.delenv(variable)
    assert theirs.pull(mapping=MAP).events == {}
    written = [path.read_bytes() for path in theirs.study.corpus.rglob("*") if path.is_file()]
    assert not any(dan.password.encode() in data for data in written)


def test_a_token_opens_as_well_as_a_password(make, monkeypatch):
    theirs = make(collaborative=False, relations=False)
    cleo, dan = theirs.people
    theirs.draw(cleo, 0, "Vesk", "CLAIM")
    theirs.draw(dan, 0, "Vesk", "CLAIM")
    login = Transport(theirs.admin.url, "", "", login=False)
    key = login.send("POST", "auth/login/", json={"username": cleo.user, "password": cleo.password})["key"]
    name = "".join(one if one.isalnum() else "_" for one in cleo.user.upper())
    monkeypatch.setenv(f"ANNOTATE_DOCCANO_TOKEN_{name}", key)
    theirs.pull(users=(cleo.user,))
    rows = theirs.rows("plain")
    assert {(row["annotator"], bool(row["created_at"])) for row in rows} == {
        (cleo.user, True),
        (dan.user, False),
    }


def test_offsets_that_can_mean_two_things_stop_the_pull(make):
    theirs = make(collaborative=True)
    theirs.draw(theirs.people[0], 0, "Vesk", "CLAIM")
    theirs.draw(theirs.people[0], 0, "near", "CLAIM")
    with pytest.raises(UsageError, match="two places"):
        theirs.pull(offsets="auto")
    assert fold(read_ledger(theirs.study)).imports.labels == {}
    assert list(theirs.study.raw_dir.glob("doccano-*")) == []
    theirs.pull()
    assert {row["quote"] for row in theirs.rows("told")} == {"Vesk", "near"}


def test_texts_that_the_study_has_already_are_not_saved_again(make, tmp_path):
    theirs = make(collaborative=True)
    theirs.draw(theirs.people[0], 0, "Vesk", "CLAIM")
    (tmp_path / "own.txt").write_bytes(TEXTS[0].encode())
    from annotate.flows import ingest

    ingest.apply(ingest.plan(theirs.study, [tmp_path / "own.txt"]))
    dry = theirs.pull(dry_run=True)
    assert (dry.pull, len(dry.sources)) == (None, 2)
    assert not list(Path(theirs.study.raw_dir).glob("doccano-*"))
    theirs.pull()
    (row,) = theirs.rows("own")
    assert row["source_file"] == "own.txt"


def test_a_column_id_of_the_makers_own_confuses_nothing(make):
    theirs = make(collaborative=False)
    cleo, dan = theirs.people
    base = f"projects/{theirs.number}/examples"
    for number, example in enumerate(theirs.examples):
        # In an export this id stands where the example's would; here it is that of another example.
        meta = {"id": theirs.examples[number - 1], "data": "other words"}
        theirs.admin.send("PATCH", f"{base}/{example}", json={"meta": meta})
    theirs.draw(cleo, 0, "ferries", "CLAIM")
    theirs.draw(dan, 1, "office", "CLAIM")
    theirs.confirm(dan, 1)
    report = theirs.pull()
    assert report.problems == ()
    rows = {
        (row["annotator"], row["quote"], row["status"], row["doccano_example"]) for row in theirs.rows("id")
    }
    assert rows == {
        (cleo.user, "ferries", "draft", str(theirs.examples[0])),
        (dan.user, "office", "confirmed", str(theirs.examples[1])),
    }


def test_an_edited_text_is_a_new_source_and_the_old_one_stays(make):
    theirs = make(collaborative=True)
    theirs.draw(theirs.people[0], 0, "Vesk", "CLAIM")
    theirs.pull()
    text = f"Corrected: {TEXTS[0]}"
    theirs.admin.send("PATCH", theirs.path(0), json={"text": text})
    report = theirs.pull()
    assert (len(report.sources), report.events["label_imported"]) == (1, 1)
    # Doccano moves no offsets: the label is on other words now, and that is what the pull says.
    (row,) = theirs.rows("edited")
    assert row["quote"] == "lide"
    assert len(list(theirs.study.raw_dir.glob("doccano-*/*.txt"))) == 4


def test_a_stranger_and_an_own_project_are_refused(make, monkeypatch):
    theirs = make(collaborative=False)
    nobody = make_person("nobody")
    with pytest.raises(ConfigError):
        theirs.pull(users=(nobody.user,))
    from annotate.doccano import campaign

    marker = campaign.new_marker(theirs.study.config.study.id, "spans", "cleo")
    number = campaign.create_project(theirs.admin, marker, "ours", "")
    with pytest.raises(UsageError, match="own"):
        pull_project(theirs.study, ProjectRequest(number))
