"""Two people label in a browser; pull and export then hold exactly what they did, as the database does."""

from __future__ import annotations

from datetime import datetime

import pytest
from acting import (
    ANN_COMMENT,
    ANN_FATES,
    ANN_LABELS,
    ANN_RELATIONS,
    BOB_COMMENT,
    BOB_FATES,
    BOB_LABELS,
    BOB_RELATIONS,
    SUGGESTED,
    TEXTS,
    TOLD,
)

pytestmark = pytest.mark.browser


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
            "SELECT s.*, u.username FROM examples_examplestate s"
            " JOIN examples_example e ON e.id = s.example_id"
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
