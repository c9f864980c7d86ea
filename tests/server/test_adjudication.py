"""Adjudication on a real server: what is offered, what a decision becomes, what a second run adds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_studies import OwnProject, Person, account, campaigns

from annotate.core.adjudication.decided import ADJUDICATION
from annotate.core.errors import ConfigError, Conflict
from annotate.doccano.adjudicating import Desk
from annotate.doccano.campaign import find_projects
from annotate.doccano.transport import Transport
from annotate.flows import adjudicate, export, verify
from annotate.flows.agree import agree
from annotate.flows.derived import derive_now
from annotate.flows.pull import pull
from annotate.flows.push import push
from annotate.store.study import Study

pytestmark = pytest.mark.server


class Bench:
    """A campaign of two annotators with an adjudicator beside them."""

    def __init__(self, made: Any, judge: Person) -> None:
        self.made = made
        self.judge = judge
        text = f'\n[adjudication]\nuser = "{judge.user}"\npseudonym = "J1"\n'
        config = made.study.root / "annotate.toml"
        config.write_text(config.read_text("utf-8") + text, "utf-8")
        self.study = Study(made.study.root)
        made.study = self.study

    def remotes(self) -> dict[str, Any]:
        """The adjudication project by its user."""
        return find_projects(self.made.admin, self.study.config.study.id, ADJUDICATION)

    def desk(self) -> OwnProject:
        """The adjudication project through the adjudicator's own login."""
        return OwnProject(_Elsewhere(self.made, self.remotes()), self.judge)

    def gold(self) -> set[tuple[str, str, str, str, bool]]:
        """What the dataset says now."""
        rows = derive_now(self.study)[0].gold
        return {(row.status, row.verdict, row.label, row.quote, row.stale) for row in rows}


class _Elsewhere:
    """A campaign whose projects are others."""

    def __init__(self, made: Any, remotes: dict[str, Any]) -> None:
        self.study, self.passages, self._remotes = made.study, made.passages, remotes

    def remotes(self) -> dict[str, Any]:
        """These."""
        return self._remotes


@pytest.fixture
def bench(embedded, tmp_path: Path, monkeypatch) -> Bench:
    made = campaigns(embedded, tmp_path, monkeypatch)()
    found = Bench(made, account(embedded, "judge", "en"))
    push(found.study)
    return found


def label_and_pull(bench: Bench) -> None:
    """Both confirm a and c; on a they differ, on c they find nothing; b is confirmed by one."""
    ann, bob = bench.made.project(bench.made.ann), bench.made.project(bench.made.bob)
    name = ann.draw("a.txt", "Vesk", "ACTOR")
    ann.relate(
        "a.txt", "dates", ann.span("a.txt", "3. April 1970", "DATE"), ann.draw("a.txt", "ging er", "CLAIM")
    )
    ann.draw("a.txt", "Meldung", "PUB")
    bob.draw("a.txt", "nach Berlin", "ACTOR")
    bob.draw("a.txt", "sofort Vesk", "ACTOR")
    bob.delete("a.txt", "spans", bob.span("a.txt", "5. Mai 1971", "DATE")["id"])
    assert name["user"]
    for own, files in ((ann, "abc"), (bob, "ac")):
        for file in files:
            own.toggle_confirmed(f"{file}.txt")
    pull(bench.study)


def offered(bench: Bench) -> list[tuple[str, str]]:
    desk = bench.desk()
    text = bench.made.passages["a.txt"].text
    names = {number: name for name, number in desk.label_types.items()}
    # The emoji before some of the words counts two in UTF-16.
    units = text.encode("utf-16-le")
    return sorted(
        (names[one["label"]], units[2 * one["start_offset"] : 2 * one["end_offset"]].decode("utf-16-le"))
        for one in desk.spans("a.txt")
    )


UNION = [
    ("ACTOR", "Vesk"),
    ("ACTOR", "nach Berlin"),
    ("ACTOR", "sofort Vesk"),
    ("CLAIM", "ging er"),
    ("DATE", "3. April 1970"),
    ("DATE", "5. Mai 1971"),
    ("PUB", "Meldung"),
]


def test_from_disagreement_to_gold(bench):
    label_and_pull(bench)
    report = agree(bench.study)
    assert (report.coverage.passages_by_several, report.coverage.passages_by_one) == (2, 1)
    planned = adjudicate.plan(bench.study)
    assert (len(planned.unanimous), len(planned.offers), planned.settled) == (1, 1, 0)
    assert bench.remotes() == {}
    lines = bench.made.ledger()
    started = adjudicate.start(bench.study)
    assert (started.unanimous, started.offered, started.offered_again) == (1, 1, 0)
    assert offered(bench) == UNION
    desk = bench.desk()
    assert set(desk.examples) == {"a.txt"}
    assert len(desk.http.get_list(f"{desk.at('a.txt')}/relations")) == 1
    (comment,) = desk.http.pages(f"{desk.base}/comments", example=desk.examples["a.txt"])
    assert "DATE “3. April 1970”: all" in comment["text"]
    assert "do not agree here" in comment["text"]
    assert not any(one.user in comment["text"] for one in bench.made.people)
    people = {one["username"] for one in bench.made.admin.get_list(f"{desk.base}/members")}
    assert people == {bench.judge.user, bench.made.admin.user}
    assert bench.gold() == {
        ("unanimous", "kept", "DATE", "3. April 1970", False),
        *(("unresolved", "", *one, False) for one in set(UNION) - {("DATE", "3. April 1970")}),
    }
    # The inputs are as they were.
    assert bench.made.ledger()[: len(lines)] == lines
    decide(desk)
    finished = adjudicate.finish(bench.study)
    assert (finished.decided, finished.waiting) == (1, 0)
    assert bench.gold() == DECIDED
    rows = {row.quote: row for row in derive_now(bench.study)[0].gold}
    assert rows["Vesk"].reason == "a name is a name"
    assert (rows["Vesk"].adjudicator, rows["Vesk"].annotators, rows["Vesk"].set_by) == ("J1", "A1;A2", "A1")
    # Decided over Ann's label, and over Bob's wider one in whose stead it stands.
    assert len(rows["Vesk"].over_label_ids.split(";")) == 2
    assert rows["Berlin"].set_by == ""
    assert rows["3. April 1970"].value == "1970-04-03"
    (relation,) = derive_now(bench.study)[0].gold_relations
    assert (relation.relation, relation.status, relation.verdict) == ("dates", "adjudicated", "kept")
    dataset = derive_now(bench.study)[0]
    assert {row.annotator for row in dataset.labels} == {"A1", "A2"}
    assert {row.assignee for row in dataset.assignments} == {"A1", "A2"}
    assert dataset.comments == ()
    export.apply(bench.study, export.plan(bench.study, "gold"))
    verified = verify.verify(bench.study, "gold")
    assert verified.checked["quotes of gold"] == len(DECIDED)


def decide(desk: OwnProject) -> None:
    """Keep Vesk and the date, refuse two actors and the dateline, mark Berlin instead."""
    for label, quote in (("ACTOR", "sofort Vesk"), ("ACTOR", "nach Berlin"), ("PUB", "Meldung")):
        desk.delete("a.txt", "spans", desk.span("a.txt", quote, label)["id"])
    desk.draw("a.txt", "Berlin", "ACTOR")
    desk.comment("a.txt", "a name is a name")
    desk.toggle_confirmed("a.txt")


DECIDED = {
    ("unanimous", "kept", "DATE", "3. April 1970", False),
    ("adjudicated", "kept", "DATE", "5. Mai 1971", False),
    ("adjudicated", "kept", "ACTOR", "Vesk", False),
    ("adjudicated", "kept", "ACTOR", "Berlin", False),
    ("adjudicated", "kept", "CLAIM", "ging er", False),
    ("adjudicated", "none", "ACTOR", "sofort Vesk", False),
    ("adjudicated", "none", "ACTOR", "nach Berlin", False),
    ("adjudicated", "none", "PUB", "Meldung", False),
}


def test_again_adds_nothing_and_a_change_of_mind_supersedes(bench):
    label_and_pull(bench)
    adjudicate.start(bench.study)
    before, spans = bench.made.ledger(), offered(bench)
    assert adjudicate.plan(bench.study).is_empty
    assert adjudicate.start(bench.study).settled == 2
    assert (bench.made.ledger(), offered(bench)) == (before, spans)
    decide(bench.desk())
    adjudicate.finish(bench.study)
    before = bench.made.ledger()
    again = adjudicate.finish(bench.study)
    assert (again.pull, again.decided) == (None, 0)
    assert bench.made.ledger() == before
    assert adjudicate.plan(bench.study).is_empty
    desk = bench.desk()
    desk.toggle_confirmed("a.txt")
    desk.delete("a.txt", "spans", desk.span("a.txt", "Berlin", "ACTOR")["id"])
    assert adjudicate.finish(bench.study).decided == 0
    assert bench.gold() == DECIDED
    desk.toggle_confirmed("a.txt")
    assert adjudicate.finish(bench.study).decided == 1
    assert bench.gold() == DECIDED - {("adjudicated", "kept", "ACTOR", "Berlin", False)}


def test_labels_that_change_afterwards_are_offered_again(bench):
    label_and_pull(bench)
    adjudicate.start(bench.study)
    decide(bench.desk())
    adjudicate.finish(bench.study)
    bob = bench.made.project(bench.made.bob)
    bob.draw("a.txt", "kam", "CUE")
    pull(bench.study)
    stale = {row for row in bench.gold() if row[4]}
    assert {row[2] for row in stale} == {"ACTOR", "DATE", "PUB"}  # the layer of CUE, nothing else
    assert adjudicate.status(bench.study).stale == 1
    again = adjudicate.start(bench.study)
    assert (again.offered, again.offered_again) == (0, 1)
    # What was refused is not put back; what is new is there; the confirmation is gone.
    assert ("CUE", "kam") in offered(bench)
    assert ("PUB", "Meldung") not in offered(bench)
    desk = bench.desk()
    assert list(desk.http.pages(f"{desk.at('a.txt')}/states")) == []
    assert adjudicate.finish(bench.study).decided == 0
    assert adjudicate.plan(bench.study).is_empty
    desk.toggle_confirmed("a.txt")
    assert adjudicate.finish(bench.study).decided == 1
    assert bench.gold() == DECIDED | {("adjudicated", "kept", "CUE", "kam", False)}
    assert adjudicate.status(bench.study).stale == 0


def test_one_layer_first_and_another_later(bench):
    label_and_pull(bench)
    started = adjudicate.start(bench.study, ["claims"])
    assert (started.unanimous, started.offered) == (1, 1)
    assert offered(bench) == [("CLAIM", "ging er")]
    bench.desk().toggle_confirmed("a.txt")
    adjudicate.finish(bench.study)
    claim = ("adjudicated", "kept", "CLAIM", "ging er", False)
    assert bench.gold() == {claim}
    again = adjudicate.start(bench.study)
    assert (again.unanimous, again.offered_again) == (1, 1)
    assert offered(bench) == UNION
    assert claim in bench.gold()


class _CutOffError(Exception):
    """The connection goes, and with it the process."""


@pytest.mark.parametrize("answered", [True, False], ids=["refused", "reply lost"])
@pytest.mark.parametrize("at", range(1, 5))
def test_killed_on_the_way_and_run_again(bench, monkeypatch, at, answered):
    """At each request of the last steps: before the server has it, or after, the answer lost."""
    label_and_pull(bench)
    sent = 0
    send = Transport.send

    def cut(self: Transport, method: str, path: str, **options: Any) -> Any:
        nonlocal sent
        last_steps = any(word in path for word in ("/upload", "/comments", "/states", "/spans", "/relations"))
        sent += bool(last_steps)
        if last_steps and sent == at:
            if answered:
                raise _CutOffError
            send(self, method, path, **options)
            raise _CutOffError
        return send(self, method, path, **options)

    complete = Desk.complete
    with monkeypatch.context() as patched:
        patched.setattr(Transport, "send", cut)
        patched.setattr(
            Desk, "complete", lambda desk, sketch, offering: lose(desk, sketch, offering, complete)
        )
        with pytest.raises(_CutOffError):
            adjudicate.start(bench.study)
    adjudicate.start(bench.study)
    assert offered(bench) == UNION
    desk = bench.desk()
    assert len(desk.http.get_list(f"{desk.at('a.txt')}/relations")) == 1
    assert len(list(desk.http.pages(f"{desk.base}/examples"))) == 1
    assert len(list(desk.http.pages(f"{desk.base}/comments", example=desk.examples["a.txt"]))) == 1
    assert adjudicate.plan(bench.study).is_empty


def lose(desk: Desk, sketch: Any, offering: Any, complete: Any) -> None:
    """As if the server's worker had died between passages and labels: two spans are not there yet."""
    path = f"projects/{desk.project_id}/examples/{sketch.example}/spans"
    for one in desk.server.get_list(path)[:2]:
        desk.server.raw("DELETE", f"{path}/{one['id']}")
    complete(desk, replace(sketch), offering)


def test_who_may_adjudicate_and_who_may_look(bench, embedded):
    label_and_pull(bench)
    config = bench.study.root / "annotate.toml"
    text = config.read_text("utf-8")
    config.write_text(text.replace(bench.judge.user, bench.made.ann.user), "utf-8")
    with pytest.raises(ConfigError, match="problem") as failed:
        adjudicate.start(Study(bench.study.root))
    assert any("account of its own" in str(one) for one in failed.value.problems)
    config.write_text(text.partition("\n[adjudication]")[0], "utf-8")
    with pytest.raises(ConfigError, match="names nobody who decides"):
        adjudicate.start(Study(bench.study.root))
    config.write_text(text.replace(bench.judge.user, "nobody-there"), "utf-8")
    with pytest.raises(ConfigError, match="no account"):
        adjudicate.start(Study(bench.study.root))
    config.write_text(text, "utf-8")
    adjudicate.start(bench.study)
    base = f"projects/{bench.remotes()[bench.judge.user].project_id}"
    roles = {one["name"]: one["id"] for one in bench.made.admin.get_list("roles")}
    users = {one["username"]: one["id"] for one in bench.made.admin.get_list("users")}
    body = {"user": users[bench.made.ann.user], "role": roles["annotator"]}
    bench.made.admin.send("POST", f"{base}/members", json=body)
    bench.made.project(bench.made.bob).draw("a.txt", "kam", "CUE")
    pull(bench.study)
    with pytest.raises(Conflict, match="not as it was made") as conflict:
        adjudicate.start(bench.study)
    assert bench.made.ann.user in str(conflict.value.problems[0])


def test_left_open_by_a_comment(bench):
    label_and_pull(bench)
    adjudicate.start(bench.study)
    desk = bench.desk()
    desk.delete("a.txt", "spans", desk.span("a.txt", "3. April 1970", "DATE")["id"])
    desk.comment("a.txt", "Unresolved: ask the desk")
    desk.toggle_confirmed("a.txt")
    adjudicate.finish(bench.study)
    gold = {row[:3]: row for row in bench.gold() if row[3] != "3. April 1970"}
    assert {key[0] for key in gold} == {"unresolved"}
    assert ("adjudicated", "none", "DATE", "3. April 1970", False) in bench.gold()
