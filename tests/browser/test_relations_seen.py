"""Suggested relations in a browser: drawn as arcs, accepted, drawn again, deleted; pulled and counted."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from acting import screen_of
from pages import AnnotationPage, LoginPage
from small_studies import Campaign, account, build, write_study

from annotate.flows import export, report
from annotate.flows.pull import pull
from annotate.flows.push import push
from annotate.flows.suggest import suggest
from annotate.flows.verify import verify
from annotate.store.ledger import read_ledger
from annotate.store.study import Study

pytestmark = pytest.mark.browser

TEXTS = {
    "r1.txt": "😀 Der Minister erklärte, die Fähre sei am 3. April 1970 gesunken.\n",
    "r2.txt": "Die Sprecherin des Hafens sagte, der Damm sei am 5. Mai 1971 gebrochen. "
    "Der Lotse Vesk behauptete, die Lampe sei 1999 erloschen.\n",
    "r3.txt": "Der Bürgermeister behauptete, der Turm sei 1984 eingestürzt.\n",
}
FERRY, DAM, LAMP, TOWER = (
    "die Fähre sei am 3. April 1970 gesunken",
    "der Damm sei am 5. Mai 1971 gebrochen",
    "die Lampe sei 1999 erloschen",
    "der Turm sei 1984 eingestürzt",
)
SPEAKER = "Die Sprecherin des Hafens"
ARCS = [("dates", "CLAIM", "DATE"), ("stated_by", "ACTOR", "CLAIM")]
"""What a sentence is suggested with, from left to right."""

SUGGESTED = {
    ("dates", "3. April 1970", FERRY): "accepted",
    ("stated_by", FERRY, "Der Minister"): "accepted",
    # Its label was moved: both were deleted and drawn again.
    ("stated_by", DAM, SPEAKER): "edited",
    ("dates", "5. Mai 1971", DAM): "accepted",
    # One was deleted, one went with its date.
    ("stated_by", LAMP, "Der Lotse Vesk"): "rejected",
    ("dates", "1999", LAMP): "rejected",
    ("dates", "1984", TOWER): "untouched",
    ("stated_by", TOWER, "Der Bürgermeister"): "untouched",
}
RELATIONS = {
    ("dates", "3. April 1970", FERRY, "accepted"),
    ("stated_by", FERRY, "Der Minister", "accepted"),
    ("stated_by", DAM, "Die Sprecherin", "edited"),
    ("dates", "5. Mai 1971", DAM, "accepted"),
    ("dates", "5. Mai 1971", LAMP, "manual"),
}
LABEL_FATES = {SPEAKER: "edited", "sagte": "edited", "1999": "rejected"}
"""Of the second passage; its other suggestions were accepted."""


@pytest.fixture
def campaign(embedded, tmp_path, monkeypatch) -> Iterator[Campaign]:
    monkeypatch.setenv("DOCCANO_HOME", str(embedded.home))
    person = account(embedded, "related", "de")
    study = write_study(tmp_path / "study", [person])
    assert study.config.pass_settings("spans").suggest == ("source_criticism",)
    made = Campaign(study, (person,), embedded.database, build(study, TEXTS))
    suggest(study)
    return made


def work(page, url: str, campaign: Campaign, shots: Path) -> None:
    person = campaign.ann
    LoginPage(page, url).log_in(person.user, person.password)
    passage = AnnotationPage(page, url, campaign.remotes()[person.user].project_id)
    passage.open(1)
    passage.wait_for_drawn("CLAIM", FERRY)
    passage.wait_for_arcs(*ARCS)
    passage.screenshot(shots / "relations-1-suggested.png")
    passage.confirm()
    passage.open(2)
    passage.wait_for_arcs(*ARCS, *ARCS)
    passage.delete("ACTOR", SPEAKER)
    # The relation goes with its label.
    passage.wait_for_arcs(*ARCS, ARCS[0])
    passage.label_by_menu("Die Sprecherin", "ACTOR")
    passage.relate("stated_by", ("CLAIM", DAM), ("ACTOR", "Die Sprecherin"))
    passage.wait_for_arcs(*ARCS, *ARCS)
    passage.relabel("CUE", "sagte", "VAGUE")
    passage.delete_relation("stated_by", 2)
    passage.delete("DATE", "1999")
    passage.wait_for_arcs(*ARCS)
    passage.relate("dates", ("DATE", "5. Mai 1971"), ("CLAIM", LAMP))
    passage.screenshot(shots / "relations-2-changed.png")
    passage.confirm()
    passage.open(3)
    passage.wait_for_arcs(*ARCS)


def test_the_round_trip_of_suggested_relations(campaign, embedded, browser, artifacts):
    study, user = campaign.study, campaign.ann.user
    done = push(study)
    assert done.relations_placed == {user: len(SUGGESTED)}
    failures: list[str] = []
    with screen_of(browser, failures) as page:
        work(page, embedded.url, campaign, artifacts)
    assert failures == []
    pull(study)
    export.apply(study, export.plan(study, "related"))
    verify(study, "related")
    tables = {name: table(study, name) for name in ("labels", "suggestions", "relations")}
    drawn = table(study, "suggested_relations")
    quotes = {row["label_id"]: row["quote"] for row in tables["labels"]}
    said = {row["suggestion_id"]: row["quote"] for row in tables["suggestions"]}
    assert {
        (row["relation"], said[row["from_suggestion_id"]], said[row["to_suggestion_id"]]): row["fate"]
        for row in drawn
    } == SUGGESTED
    assert {
        (row["relation"], quotes[row["from_label_id"]], quotes[row["to_label_id"]], row["origin"])
        for row in tables["relations"]
    } == RELATIONS
    assert {row["status"] for row in tables["relations"]} == {"confirmed"}
    ids = {row["relation_id"] for row in tables["relations"] if row["suggestion_id"]}
    assert {row["relation_id"] for row in drawn} - {""} == ids
    second = campaign.passages["r2.txt"].passage_id
    fates = {row["quote"]: row["fate"] for row in tables["suggestions"] if row["passage_id"] == second}
    assert {quote: fate for quote, fate in fates.items() if fate != "accepted"} == LABEL_FATES
    assert table(study, "quarantine") == []
    counted = {sheet.name: sheet.records() for one in report.count(study).sections for sheet in one.sheets}
    assert {
        row["relation"]: tuple(row[name] for name in ("accepted", "edited", "rejected", "untouched"))
        for row in counted["relations_by_relation"]
    } == {"dates": (2, 0, 1, 1), "stated_by": (1, 1, 1, 1)}
    (by_agent,) = counted["relations_by_agent"]
    assert by_agent["agent"].startswith("source_criticism")
    assert (by_agent["decided"], by_agent["share"]) == (6, 0.5)
    before, there = read_ledger(study), related(campaign)
    assert push(study).relations_placed == {user: 0}
    assert pull(study).events == {}
    assert read_ledger(study) == before
    assert related(campaign) == there
    assert len(there) == len(RELATIONS) + 2


def table(study: Study, name: str) -> list[dict[str, str]]:
    with (study.exports_dir / "related" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def related(campaign: Campaign) -> list[tuple[int, ...]]:
    """Every relation of the study on the server."""
    sql = (
        "SELECT r.id, r.from_id_id, r.to_id_id FROM labels_relation r"
        " JOIN examples_example e ON e.id = r.example_id WHERE e.project_id = ? ORDER BY r.id"
    )
    return [tuple(row) for row in campaign.rows(sql, campaign.remotes()[campaign.ann.user].project_id)]
