"""Two people label in a browser; pull and export then hold exactly what they did, row by row as in the database.

Each of the two has their own way: Ann takes labels from the menu, Bob from keys and the list at the side.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from conftest import PATIENCE
from pages import AnnotationPage, LoginPage, ProjectList
from playwright.sync_api import Browser, Page
from small_studies import Campaign, Person, Told, make_campaign

from annotate.flows import export
from annotate.flows.pull import pull
from annotate.flows.push import push

pytestmark = pytest.mark.browser

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
TEXTS = {
    "quay.txt": "Küstenbote Nord, 2020-04-25\r\n\r\n"
    f"Hallo 😀 Familie {FAMILY} Ko\u0308nig! Am 3. April 1970 kam Minister Vesk nach Berlin, und die "
    "Bru\u0308cke über den Sund war ein 🎉 unver\u00adgleichlicher Sieg des Volkes. Seit 1999 gilt sie als "
    "sicher, sagte Vesk am 5. Mai 1971.\r\n\r\nEr lobte die Arbeiter.\r\n",
    "slogan.txt": "🎺 Auf der Wand stand 1984 zu lesen: „Alle Züge nach Norden!“\n",
}
SUGGESTED = ("2020-04-25", "3. April 1970", "1999", "Mai 1971")
TOLD = (*(Told("quay.txt", quote) for quote in SUGGESTED), Told("slogan.txt", "1984"))

ANN_LABELS = {
    ("ACTOR", "Minister Vesk", "manual", "confirmed"),
    ("CLAIM", "kam Minister Vesk nach Berlin", "manual", "confirmed"),
    ("EXAGGERATE", "unvergleichlicher Sieg", "manual", "confirmed"),
    ("VAGUE", f"{FAMILY} Ko\u0308nig", "manual", "confirmed"),
    ("DATE", "3. April 1970", "accepted", "confirmed"),
    ("DATE", "5. Mai 1971", "edited", "confirmed"),
    ("PUB", "2020-04-25", "edited", "confirmed"),
    ("SLOGAN", "„Alle Züge nach Norden!“", "manual", "draft"),
}
BOB_LABELS = {
    ("ACTOR", "Vesk", "manual", "confirmed"),
    ("CUE", "sagte", "manual", "confirmed"),
    ("EXAGGERATE", "🎉 unvergleichlicher Sieg des Volkes", "manual", "confirmed"),
    ("DATE", "3. April 1970", "accepted", "confirmed"),
    ("DATE", "am 5. Mai 1971", "edited", "confirmed"),
    ("VAGUE", "1999", "edited", "confirmed"),
}
ANN_RELATIONS = {
    ("stated_by", "kam Minister Vesk nach Berlin", "Minister Vesk"),
    ("dates", "3. April 1970", "kam Minister Vesk nach Berlin"),
}
BOB_RELATIONS = {("targets", "🎉 unvergleichlicher Sieg des Volkes", "Vesk")}
ANN_FATES = {
    "2020-04-25": "edited",
    "3. April 1970": "accepted",
    "1999": "rejected",
    "Mai 1971": "edited",
    "1984": "untouched",
}
BOB_FATES = {**ANN_FATES, "2020-04-25": "rejected", "1999": "edited"}
ANN_COMMENT = "„Minister“ wovon? 🤔"
BOB_COMMENT = "Which bridge?"


@dataclass
class Seen:
    """What one person's browser showed and what went wrong in it."""

    projects: list[str]
    suggestions: list[tuple[str, str]]
    colours: dict[str, str]
    guideline: str
    before_confirming: list[tuple[str, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@dataclass
class Worked:
    """The campaign after both have worked, and the dataset made of it."""

    campaign: Campaign
    seen: dict[str, Seen]
    folder: Path

    def table(self, name: str) -> list[dict[str, str]]:
        """Rows of a table of the dataset."""
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def project(self, person: Person) -> int:
        """A person's project on the server."""
        return self.campaign.remotes()[person.user].project_id

    def people(self) -> Iterator[tuple[Person, str, int]]:
        """Each person with pseudonym and project."""
        for number, person in enumerate(self.campaign.people, 1):
            yield person, f"A{number}", self.project(person)


@contextmanager
def screen_of(browser: Browser, seen: list[str]) -> Iterator[Page]:
    """A browser window of one's own; what fails in it is written down."""
    context = browser.new_context(viewport={"width": 1400, "height": 1150}, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.on("pageerror", lambda error: seen.append(f"script: {error}"))
    page.on(
        "response",
        lambda r: seen.append(f"{r.status} {r.request.method} {r.url}") if r.status >= 400 else None,
    )
    try:
        yield page
    finally:
        context.close()


def arrive(
    page: Page, url: str, person: Person, project: int, name: str, artifacts: Path
) -> tuple[AnnotationPage, Seen]:
    LoginPage(page, url).log_in(person.user, person.password)
    projects = ProjectList(page).names()
    passage = AnnotationPage(page, url, project)
    passage.open(1)
    seen = Seen(projects, passage.drawn(), passage.colours(), "")
    passage.screenshot(artifacts / f"{name}-1-suggestions.png")
    seen.guideline = passage.open_guideline()
    passage.screenshot(artifacts / f"{name}-2-guideline.png")
    passage.close_guideline()
    return passage, seen


def ann_works(page: Page, url: str, person: Person, project: int, artifacts: Path) -> Seen:
    passage, seen = arrive(page, url, person, project, "ann", artifacts)
    passage.label_by_menu("Minister Vesk", "ACTOR")
    passage.label_by_menu("kam Minister Vesk nach Berlin", "CLAIM")
    passage.label_by_menu("unvergleichlicher Sieg", "EXAGGERATE")
    passage.label_by_menu(f"{FAMILY} Ko\u0308nig", "VAGUE")
    passage.delete("DATE", "1999")
    passage.delete("DATE", "Mai 1971")
    passage.label_by_menu("5. Mai 1971", "DATE")
    passage.relabel("DATE", "2020-04-25", "PUB")
    claim = ("CLAIM", "kam Minister Vesk nach Berlin")
    passage.relate("stated_by", claim, ("ACTOR", "Minister Vesk"))
    passage.relate("dates", ("DATE", "3. April 1970"), claim)
    passage.comment(ANN_COMMENT)
    seen.before_confirming = passage.drawn()
    passage.confirm()
    passage.screenshot(artifacts / "ann-3-done.png")
    passage.open(2)
    passage.label_by_menu("„Alle Züge nach Norden!“", "SLOGAN")
    passage.screenshot(artifacts / "ann-4-draft.png")
    return seen


def bob_works(page: Page, url: str, person: Person, project: int, artifacts: Path) -> Seen:
    passage, seen = arrive(page, url, person, project, "bob", artifacts)
    passage.press_key("o")
    passage.label_selected("Vesk", nth=2)
    passage.press_key("q")
    passage.label_selected("sagte")
    passage.choose_chip("EXAGGERATE")
    passage.label_selected("🎉 unvergleichlicher Sieg des Volkes")
    passage.delete("DATE", "2020-04-25")
    passage.delete("DATE", "Mai 1971")
    passage.choose_chip("DATE")
    passage.label_selected("am 5. Mai 1971")
    passage.release_chip("DATE")
    passage.relabel("DATE", "1999", "VAGUE")
    passage.relate("targets", ("EXAGGERATE", "🎉 unvergleichlicher Sieg des Volkes"), ("ACTOR", "Vesk", 2))
    passage.comment(BOB_COMMENT)
    seen.before_confirming = passage.drawn()
    passage.confirm()
    passage.screenshot(artifacts / "bob-3-done.png")
    return seen


@pytest.fixture(scope="module")
def worked(embedded, browser, artifacts, tmp_path_factory) -> Iterator[Worked]:
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


# --- what they saw ------------------------------------------------------------------------------------------


def test_each_sees_only_the_own_project(worked):
    for person, _, _ in worked.people():
        (name,) = worked.seen[person.user].projects
        assert name.endswith(person.user)


def test_suggestions_are_drawn_under_the_right_words_in_the_right_colour(worked):
    for person, _, _ in worked.people():
        assert worked.seen[person.user].suggestions == [("DATE", quote) for quote in SUGGESTED]
        assert worked.seen[person.user].colours == {"DATE": "#00838f"}


def test_the_guideline_is_readable_in_the_own_language(worked):
    english, german = (worked.seen[person.user].guideline for person, _, _ in worked.people())
    assert "guidelines for annotators" in english
    assert "CLAIM" in english
    assert "##" not in english
    assert "ä" in german


def test_labels_are_drawn_where_they_were_set(worked):
    ann, bob = (worked.seen[person.user].before_confirming for person, _, _ in worked.people())
    for drawn, wanted in ((ann, ANN_LABELS), (bob, BOB_LABELS)):
        for label, quote, _, _ in wanted - {("SLOGAN", "„Alle Züge nach Norden!“", "manual", "draft")}:
            # A label over a line's end is drawn in two parts.
            assert any(name == label and words.strip() and words.strip() in quote for name, words in drawn), (
                label
            )


def test_nothing_failed_in_the_browser(worked):
    for person, _, _ in worked.people():
        assert worked.seen[person.user].failures == []


# --- what pull and export hold ------------------------------------------------------------------------------


def test_exactly_these_labels(worked):
    rows = worked.table("labels")
    for pseudonym, wanted in (("A1", ANN_LABELS), ("A2", BOB_LABELS)):
        found = [
            (row["label"], row["quote"], row["origin"], row["status"])
            for row in rows
            if row["annotator"] == pseudonym
        ]
        assert sorted(found) == sorted(wanted)
    assert len(rows) == len(ANN_LABELS) + len(BOB_LABELS)
    assert worked.table("quarantine") == []


def test_exactly_these_relations_fates_and_comments(worked):
    labels = {row["label_id"]: row["quote"] for row in worked.table("labels")}
    relations = worked.table("relations")
    for pseudonym, wanted in (("A1", ANN_RELATIONS), ("A2", BOB_RELATIONS)):
        found = {
            (row["relation"], labels[row["from_label_id"]], labels[row["to_label_id"]])
            for row in relations
            if row["annotator"] == pseudonym
        }
        assert found == wanted
    assert len(relations) == len(ANN_RELATIONS) + len(BOB_RELATIONS)
    suggestions = worked.table("suggestions")
    for pseudonym, wanted in (("A1", ANN_FATES), ("A2", BOB_FATES)):
        assert {row["quote"]: row["fate"] for row in suggestions if row["assignee"] == pseudonym} == wanted
    assert len(suggestions) == 2 * len(TOLD)
    comments = {(row["annotator"], row["text"]) for row in worked.table("comments")}
    assert comments == {("A1", ANN_COMMENT), ("A2", BOB_COMMENT)}


def test_quotes_are_the_sources_own_words(worked):
    for row in worked.table("labels"):
        source = TEXTS[row["source_file"]]
        start, end = int(row["source_start"]), int(row["source_end"])
        assert source[start:end].replace("\u00ad", "") == row["quote"]


# --- row by row with the server's database ------------------------------------------------------------------


def same_moment(cell: str, stored: str) -> bool:
    return datetime.fromisoformat(cell) == datetime.fromisoformat(f"{stored}+00:00")


def as_browser_sees(text: str, start: int, end: int) -> str:
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def test_labels_agree_with_the_database(worked):
    rows = {int(row["doccano_label"]): row for row in worked.table("labels")}
    untouched = {
        int(row["doccano_label"]) for row in worked.table("suggestions") if row["fate"] == "untouched"
    }
    compared = set()
    for person, pseudonym, project in worked.people():
        stored = worked.campaign.rows(
            "SELECT s.*, t.text AS label, e.text, u.username, c.confirmed_at, w.username AS confirmed_by"
            " FROM labels_span s JOIN examples_example e ON e.id = s.example_id"
            " JOIN label_types_spantype t ON t.id = s.label_id JOIN auth_user u ON u.id = s.user_id"
            " LEFT JOIN examples_examplestate c ON c.example_id = e.id"
            " LEFT JOIN auth_user w ON w.id = c.confirmed_by_id WHERE e.project_id = ?",
            project,
        )
        for span in stored:
            if span["id"] in untouched:
                assert span["confirmed_at"] is None
                continue
            row = rows[span["id"]]
            compared.add(span["id"])
            assert row["label"] == span["label"]
            assert row["quote"] == as_browser_sees(span["text"], span["start_offset"], span["end_offset"])
            assert same_moment(row["created_at"], span["created_at"])
            assert same_moment(row["updated_at"], span["updated_at"])
            assert row["annotator"] == pseudonym
            drawn_by_a_person = span["username"] == person.user
            assert drawn_by_a_person or span["username"] == worked.campaign.admin.user
            manual_or_moved = row["origin"] == "manual" or row["quote"].endswith("5. Mai 1971")
            assert drawn_by_a_person == manual_or_moved
            if span["confirmed_at"] is None:
                assert (row["status"], row["confirmed_at"]) == ("draft", "")
            else:
                assert row["status"] == "confirmed"
                assert span["confirmed_by"] == person.user
                assert same_moment(row["confirmed_at"], span["confirmed_at"])
            assert (int(row["doccano_project"]), int(row["doccano_example"])) == (project, span["example_id"])
    assert compared == set(rows)


def test_relations_and_comments_agree_with_the_database(worked):
    labels = {row["label_id"]: int(row["doccano_label"]) for row in worked.table("labels")}
    relations = {int(row["doccano_relation"]): row for row in worked.table("relations")}
    comments = {int(row["doccano_comment"]): row for row in worked.table("comments")}
    seen_relations, seen_comments = set(), set()
    for person, pseudonym, project in worked.people():
        for one in worked.campaign.rows(
            "SELECT r.*, t.text AS relation, u.username FROM labels_relation r"
            " JOIN examples_example e ON e.id = r.example_id JOIN auth_user u ON u.id = r.user_id"
            " JOIN label_types_relationtype t ON t.id = r.type_id WHERE e.project_id = ?",
            project,
        ):
            row = relations[one["id"]]
            seen_relations.add(one["id"])
            assert row["relation"] == one["relation"]
            assert labels[row["from_label_id"]] == one["from_id_id"]
            assert labels[row["to_label_id"]] == one["to_id_id"]
            assert one["username"] == person.user
            assert row["annotator"] == pseudonym
            assert same_moment(row["created_at"], one["created_at"])
            assert same_moment(row["updated_at"], one["updated_at"])
        for one in worked.campaign.rows(
            "SELECT c.*, u.username FROM examples_comment c JOIN examples_example e ON e.id = c.example_id"
            " JOIN auth_user u ON u.id = c.user_id WHERE e.project_id = ?",
            project,
        ):
            row = comments[one["id"]]
            seen_comments.add(one["id"])
            assert row["text"] == one["text"]
            assert one["username"] == person.user
            assert row["annotator"] == pseudonym
            assert same_moment(row["created_at"], one["created_at"])
    assert seen_relations == set(relations)
    assert seen_comments == set(comments)


def test_confirmations_agree_with_the_database(worked):
    assigned = {int(row["doccano_example"]): row for row in worked.table("assignments")}
    for person, pseudonym, project in worked.people():
        states = worked.campaign.rows(
            "SELECT s.*, u.username FROM examples_examplestate s JOIN examples_example e ON e.id = s.example_id"
            " JOIN auth_user u ON u.id = s.confirmed_by_id WHERE e.project_id = ?",
            project,
        )
        assert [one["username"] for one in states] == [person.user]
        for one in states:
            row = assigned.pop(one["example_id"])
            assert (row["assignee"], row["confirmed_by"], row["status"]) == (
                pseudonym,
                pseudonym,
                "confirmed",
            )
            assert same_moment(row["confirmed_at"], one["confirmed_at"])
    assert all(row["confirmed_at"] == "" for row in assigned.values())


def test_screenshots_are_kept(worked, artifacts):
    for name in ("ann-1-suggestions", "ann-2-guideline", "ann-3-done", "bob-2-guideline", "bob-3-done"):
        assert (artifacts / f"{name}.png").stat().st_size > 20_000
