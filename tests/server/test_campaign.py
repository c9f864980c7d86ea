"""Push and status against a real server: what is there once, what is left alone, what is reported."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from small_studies import TEXTS, TOLD, Campaign, Told, campaigns, suggest

from annotate.core.errors import Conflict
from annotate.flows.pull import pull
from annotate.flows.push import plan, push
from annotate.flows.status import status

pytestmark = pytest.mark.server


@pytest.fixture
def campaign(embedded, tmp_path, monkeypatch):
    return campaigns(embedded, tmp_path, monkeypatch)


def on_server(made: Campaign) -> dict[str, object]:
    """Everything that stands in the projects of a study, straight from the database."""
    projects = sorted(one.project_id for one in made.remotes().values())
    marks = ",".join("?" * len(projects))
    of_example = f"example_id IN (SELECT id FROM examples_example WHERE project_id IN ({marks}))"
    tables = {
        "projects_project": f"id IN ({marks})",
        "projects_member": f"project_id IN ({marks})",
        "examples_example": f"project_id IN ({marks})",
        "label_types_spantype": f"project_id IN ({marks})",
        "label_types_relationtype": f"project_id IN ({marks})",
        "labels_span": of_example,
        "labels_relation": of_example,
        "examples_examplestate": of_example,
        "examples_comment": of_example,
    }
    return {
        table: [
            tuple(row) for row in made.rows(f"SELECT * FROM {table} WHERE {where} ORDER BY id", *projects)
        ]
        for table, where in tables.items()
    }


# --- push ---------------------------------------------------------------------------------------------------


def test_first_push_makes_the_whole_campaign(campaign):
    made = campaign()
    planned = plan(made.study)
    assert not planned.is_empty
    assert made.remotes() == {}
    report = push(made.study)
    assert report.passages_added == {made.ann.user: 3, made.bob.user: 3}
    assert report.suggestions_placed == {made.ann.user: 4, made.bob.user: 4}
    assert report.problems == ()
    assert report.warnings == ()
    for person in made.people:
        settings = made.remotes()[person.user].settings
        assert settings["collaborative_annotation"] is True
        assert settings["grapheme_mode"] is False
        assert settings["allow_overlapping"] is True
        assert settings["use_relation"] is True
        assert settings["allow_member_to_create_label_type"] is False
        own = made.project(person)
        assert {file: own.http.get(own.at(file))["text"] for file in own.examples} == {
            file: one.text for file, one in made.passages.items()
        }
        assert {one["id"] for one in own.spans("b.txt")} == {
            own.span("b.txt", quote, "DATE")["id"] for quote in ("2018", "1999")
        }
        people = {
            one["username"]: one["rolename"] for one in own.campaign.admin.get_list(f"{own.base}/members")
        }
        assert people == {person.user: "annotator", made.admin.user: "project_admin"}
    english, german = (made.remotes()[person.user].guideline for person in made.people)
    assert english.startswith("# Source criticism")
    assert german != english


def test_push_twice_is_push_once(campaign):
    made = campaign()
    push(made.study)
    ann = made.project(made.ann)
    ann.draw("a.txt", "Berlin", "ACTOR")
    ann.delete("a.txt", "spans", ann.span("a.txt", "5. Mai 1971", "DATE")["id"])
    ann.comment("a.txt", "hm")
    ann.toggle_confirmed("a.txt")
    before, lines = on_server(made), made.ledger()
    assert plan(made.study).is_empty
    report = push(made.study)
    assert report.passages_added == {made.ann.user: 0, made.bob.user: 0}
    assert report.suggestions_placed == {made.ann.user: 0, made.bob.user: 0}
    assert report.already_there == {made.ann.user: 3, made.bob.user: 3}
    assert on_server(made) == before
    assert made.ledger() == lines


def test_a_grown_corpus_adds_only_what_is_new(campaign):
    made = campaign()
    push(made.study)
    made.project(made.ann).draw("a.txt", "Berlin", "ACTOR")
    before = on_server(made)
    made.grow({**TEXTS, "aa.txt": "😀 New since 2021.\n"})
    suggest(made.study, [*TOLD, Told("aa.txt", "2021", value="2021")])
    planned = plan(made.study)
    assert [len(one.passages.add) for one in planned.projects] == [1, 1]
    report = push(made.study)
    assert report.passages_added == {made.ann.user: 1, made.bob.user: 1}
    assert report.suggestions_placed == {made.ann.user: 1, made.bob.user: 1}
    after = on_server(made)
    for table, rows in before.items():
        assert [row for row in after[table] if row in rows] == rows, table
    assert len(after["examples_example"]) == len(before["examples_example"]) + 2
    assert len(after["labels_span"]) == len(before["labels_span"]) + 2
    for person in made.people:
        made.project(person).span("aa.txt", "2021", "DATE")


def test_a_passage_that_left_the_study_stays_on_the_server(campaign):
    made = campaign()
    push(made.study)
    made.project(made.ann).draw("a.txt", "Berlin", "ACTOR")
    made.grow({"b.txt": TEXTS["b.txt"]})
    report = push(made.study)
    assert len(report.warnings) == 2
    assert all("no longer in corpus/built" in one for one in report.warnings)
    assert len(made.examples(made.ann)) == 3
    assert pull(made.study).events == {"label_appeared": 1, "label_dated": 2}


# --- disagreements ------------------------------------------------------------------------------------------


def edit(made: Campaign, person, file: str, text: str) -> None:
    example = made.project(person).examples[file]
    made.admin.send("PATCH", f"{made.admin_base(person)}/examples/{example}", json={"text": text})


def test_an_edited_passage_is_a_conflict_and_the_rest_is_pushed(campaign):
    made = campaign()
    push(made.study)
    original = made.passages["a.txt"].text
    # Without the emoji the same offsets would count differently.
    edit(made, made.ann, "a.txt", original.replace("😀 kam", "x kam, wrote somebody,"))
    made.grow({**TEXTS, "d.txt": "One more.\n"})
    with pytest.raises(Conflict) as caught:
        push(made.study)
    assert caught.value.exit_code == 7
    (problem,) = caught.value.problems
    assert "a.txt" in problem.subject
    assert "another text" in problem.what
    texts = {one["text"] for one in made.examples(made.ann)}
    assert any("wrote somebody" in one for one in texts)
    assert original not in texts
    assert "One more." in texts
    assert len(made.examples(made.bob)) == 4

    report = pull(made.study)
    assert report.events == {"passage_edited": 1, "label_dated": 2}
    assert len(report.problems) == 1
    assert pull(made.study).pull is None

    edit(made, made.ann, "a.txt", original)
    push(made.study)
    report = pull(made.study)
    assert report.events == {"passage_edited": 1}
    assert report.problems == (), "the text is ours again"
    key = made.remotes()[made.ann.user].marker.key
    (pushed,) = [
        one
        for one in made.state().passages.values()
        if (one.project, one.passage.source_file) == (key, "a.txt")
    ]
    assert pushed.edited_sha256 == pushed.text_sha256


def test_a_deleted_passage_is_a_conflict_and_nobody_rejected_its_suggestions(campaign):
    made = campaign()
    push(made.study)
    ann = made.project(made.ann)
    drawn = ann.draw("a.txt", "Berlin", "ACTOR")
    ann.relate("a.txt", "stated_by", drawn, ann.span("a.txt", "3. April 1970", "DATE"))
    ann.comment("a.txt", "remember this")
    ann.toggle_confirmed("a.txt")
    pull(made.study)
    made.admin.send("DELETE", f"{made.admin_base(made.ann)}/examples/{ann.examples['a.txt']}")
    with pytest.raises(Conflict) as caught:
        push(made.study)
    (problem,) = caught.value.problems
    assert "no longer on the server" in problem.what
    assert len(made.examples(made.ann)) == 2

    report = pull(made.study)
    assert report.events == {"passage_vanished": 1}
    assert len(report.problems) == 1
    key = made.remotes()[made.ann.user].marker.key
    fates = {
        one.placed.suggestion.quote: one.fate
        for one in made.fates().suggestions
        if one.placed.project == key and one.placed.example == ann.examples["a.txt"]
    }
    assert fates == {"3. April 1970": "accepted", "5. Mai 1971": "accepted"}
    assert [one.text for one in made.state().comments.values()] == ["remember this"]
    assert pull(made.study).pull is None


def test_a_deleted_passage_that_is_restored_from_a_backup_is_a_passage_again(campaign):
    made = campaign()
    push(made.study)
    ann = made.project(made.ann)
    ann.toggle_confirmed("a.txt")
    pull(made.study)
    example = ann.examples["a.txt"]
    kept = {
        table: made.rows(f"SELECT * FROM {table} WHERE {column} = ?", example)
        for table, column in (
            ("examples_example", "id"),
            ("labels_span", "example_id"),
            ("examples_examplestate", "example_id"),
        )
    }
    fates = made.fates()
    made.admin.send("DELETE", f"{made.admin_base(made.ann)}/examples/{example}")
    assert pull(made.study).events == {"passage_vanished": 1}
    with closing(sqlite3.connect(made.database, timeout=30)) as connection:
        for table, rows in kept.items():
            marks = ",".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", [tuple(row) for row in rows])
        connection.commit()
    report = pull(made.study)
    assert report.events == {"passage_edited": 1}
    assert report.problems == ()
    assert made.fates() == fates
    assert all(one.vanished_in is None for one in made.state().passages.values())
    push(made.study)
    assert pull(made.study).pull is None


def test_a_deleted_project_is_a_conflict_and_nothing_is_recorded(campaign):
    made = campaign()
    push(made.study)
    made.project(made.ann).draw("a.txt", "Berlin", "ACTOR")
    made.admin.send("DELETE", made.admin_base(made.bob))
    lines, server = made.ledger(), on_server(made)
    for verb in (push, pull):
        with pytest.raises(Conflict) as caught:
            verb(made.study)
        assert caught.value.exit_code == 7
    assert made.bob.user in str(caught.value.problems[0])
    assert made.ledger() == lines
    assert on_server(made) == server
    assert not made.study.snapshots_dir.exists()
    lost = status(made.study).annotators[1]
    assert lost.project_id is None
    assert "not on the server" in lost.disagreements[0]


def test_another_member_and_changed_settings_are_reported(campaign):
    made = campaign()
    push(made.study)
    base = made.admin_base(made.ann)
    users = {one["username"]: one["id"] for one in made.admin.get_list("users")}
    made.admin.send("POST", f"{base}/members", json={"user": users[made.bob.user], "role": 2})
    kind = "SequenceLabelingProject"
    made.admin.send("PATCH", base, json={"grapheme_mode": True, "resourcetype": kind})
    with pytest.raises(Conflict) as caught:
        push(made.study)
    said = "\n".join(map(str, caught.value.problems))
    assert f"'{made.bob.user}' is a member of '{made.ann.user}'" in said
    assert "grapheme_mode is True" in said
    ann, bob = status(made.study).annotators
    assert len(ann.disagreements) == 2
    assert bob.disagreements == ()


def test_a_removed_member_is_let_in_again(campaign):
    made = campaign()
    push(made.study)
    base = made.admin_base(made.ann)
    (member,) = [one for one in made.admin.get_list(f"{base}/members") if one["username"] == made.ann.user]
    made.admin.send("DELETE", f"{base}/members", json={"ids": [member["id"]]})
    assert not plan(made.study).is_empty
    push(made.study)
    assert made.project(made.ann).http.get(base)["id"] == made.remotes()[made.ann.user].project_id


# --- label types and guidelines -----------------------------------------------------------------------------


def types_of(made: Campaign, kind: str = "span-types") -> dict[str, dict]:
    return {one["text"]: one for one in made.admin.get_list(f"{made.admin_base(made.ann)}/{kind}")}


def test_types_have_the_colours_and_keys_of_the_scheme_and_are_put_back(campaign):
    made = campaign()
    push(made.study)
    base = made.admin_base(made.ann)
    labels, relations = types_of(made), types_of(made, "relation-types")
    assert len(labels) == 18
    assert len(relations) == 5
    assert labels["CLAIM"]["background_color"] == "#1565c0"
    assert labels["CLAIM"]["text_color"] == "#ffffff"
    assert labels["CLAIM"]["suffix_key"] == "c"
    assert relations["stated_by"]["background_color"] == "#2e7d32"
    assert relations["stated_by"]["suffix_key"] == "1"

    change = {**labels["CLAIM"], "background_color": "#000000", "suffix_key": None}
    made.admin.send("PATCH", f"{base}/span-types/{labels['CLAIM']['id']}", json=change)
    made.admin.send("DELETE", f"{base}/span-types/{labels['PUB']['id']}")
    made.admin.send("DELETE", f"{base}/relation-types/{relations['restates']['id']}")
    made.admin.send("POST", f"{base}/span-types", json={"text": "FOREIGN", "background_color": "#123456"})
    lines = len(made.ledger())
    push(made.study)
    after = types_of(made)
    assert after["CLAIM"] == labels["CLAIM"]
    assert {**after["PUB"], "id": 0} == {**labels["PUB"], "id": 0}
    assert after["FOREIGN"]["background_color"] == "#123456"
    assert types_of(made, "relation-types").keys() == relations.keys()
    (event,) = [one for one in made.ledger()[lines:] if one.event == "scheme_pushed"]
    assert event.data["label_types"][str(after["PUB"]["id"])] == "PUB"
    assert plan(made.study).is_empty


def test_keys_that_were_swapped_on_the_server_are_put_back(campaign):
    made = campaign()
    push(made.study)
    base = made.admin_base(made.ann)
    labels = types_of(made)
    claim, pledge = labels["CLAIM"], labels["PLEDGE"]
    for one, key in ((claim, None), (pledge, "c"), (claim, "p")):
        made.admin.send("PATCH", f"{base}/span-types/{one['id']}", json={**one, "suffix_key": key})
    push(made.study)
    assert types_of(made) == labels


def test_a_key_that_a_foreign_type_has_taken_is_reported_and_the_label_is_there_all_the_same(campaign):
    made = campaign()
    push(made.study)
    base = made.admin_base(made.ann)
    pub = types_of(made)["PUB"]
    # Somebody renamed it on the server: its labels go with it, and so does its key.
    made.admin.send("PATCH", f"{base}/span-types/{pub['id']}", json={**pub, "text": "PUBLISHED"})
    with pytest.raises(Conflict) as caught:
        push(made.study)
    (problem,) = caught.value.problems
    assert "PUBLISHED" in str(problem)
    assert "'b'" in str(problem)
    assert types_of(made)["PUB"]["suffix_key"] is None
    lines = made.ledger()
    with pytest.raises(Conflict):
        push(made.study)
    assert made.ledger() == lines
    made.admin.send(
        "PATCH", f"{base}/span-types/{pub['id']}", json={**pub, "text": "PUBLISHED", "suffix_key": None}
    )
    push(made.study)
    assert types_of(made)["PUB"]["suffix_key"] == "b"


def test_a_guideline_is_put_back_and_a_new_one_is_recorded(campaign):
    made = campaign()
    push(made.study)
    base, kind = made.admin_base(made.ann), "SequenceLabelingProject"
    wanted = made.remotes()[made.ann.user].guideline
    made.admin.send("PATCH", base, json={"guideline": "Label everything ENEMY.", "resourcetype": kind})
    push(made.study)
    assert made.remotes()[made.ann.user].guideline == wanted

    before = made.state()
    file = made.study.scheme_dir / "guidelines.md"
    file.write_text(file.read_text("utf-8") + "\nOne rule more.\n", "utf-8")
    push(made.study)
    assert made.remotes()[made.ann.user].guideline.endswith("One rule more.")
    assert not made.remotes()[made.bob.user].guideline.endswith("One rule more.")
    key = made.remotes()[made.ann.user].marker.key
    old, new = before.projects[key].scheme, made.state().projects[key].scheme
    assert old is not None
    assert new is not None
    assert new.guideline_sha256 != old.guideline_sha256
    assert new.sha256 != old.sha256
    assert plan(made.study).is_empty
