"""The nasty study with one passage adjudicated: decisions of every kind, without a server."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import studies
from studies import Server

from annotate.core.adjudication.decided import ADJUDICATION, Decided, record_of_decision
from annotate.core.adjudication.judge import Outcome, judge
from annotate.core.adjudication.offer import due
from annotate.core.judgments import judgments
from annotate.core.ledger import Event
from annotate.core.spans import Link, Span
from annotate.flows.adjudicate.plan import read_ground
from annotate.store.ledger import append
from annotate.store.scheme import read_scheme
from annotate.store.study import Study


def outcome(*spans: Span, comments: tuple[str, ...] = (), links: tuple[Link, ...] = ()) -> Outcome:
    numbers = {span: 100 + number for number, span in enumerate(spans)}
    return Outcome(numbers, {link: 7 for link in links}, "judge", "2025-11-06T10:00:00Z", comments)


JUDGE = Server("prj-judge0000000", 9, "judge")


def adjudicated(template: Study, root: Path) -> Study:
    """The nasty study, its one doubly confirmed passage adjudicated by events as a server gives them."""
    shutil.copytree(template.root, root)
    study = Study(root)
    passage = next(one for one in studies.build().passages if one.source_file == "a-emoji.txt")
    planned = adjudicate_plan(study)
    given = replace(planned, project=JUDGE.key, example=201)
    opened = Event("project_opened", {**JUDGE.opened().data, "pass": ADJUDICATION})
    digest = read_scheme(study.scheme_dir).sha256
    append(
        study,
        "adjudicate",
        [
            opened,
            JUDGE.scheme("1.1.0", digest),
            JUDGE.pushed(passage, 201),
            Event("passage_decided", record_of_decision(given)),
        ],
        at="2025-11-06T08:00:00Z",
    )
    kept = [one.span for one in given.spans if one.status == "unanimous" or one.span.label == "PUB"]
    new = passage.text.index("Schweigen")
    spans = (*kept, Span("rhetoric", "LOADED", new, new + 9))
    decided = judge(given, outcome(*spans, comments=("=because",)))
    labels = [
        JUDGE.label(passage, 201, 301, "LOADED", "Schweigen"),
        JUDGE.label(passage, 201, 302, "PUB", "2020-04-25", user=studies.SERVICE),
        JUDGE.comment(201, 351, "judge", "=because"),
        JUDGE.confirmed(201, "judge", "2025-11-06T09:00:00Z"),
    ]
    append(study, "pull", labels, at="2025-11-06T10:00:00Z")
    append(
        study,
        "adjudicate",
        [Event("passage_decided", record_of_decision(decided))],
        at="2025-11-06T10:00:01Z",
    )
    return study


def adjudicate_plan(study: Study) -> Decided:
    """What a start would offer, without the server that it would ask for."""
    ground = read_ground(study)
    dataset = ground.dataset
    judged = judgments(dataset.assignments, dataset.labels, dataset.relations)
    todo = due(judged, ground.state.decisions, ("frame", "rhetoric"), ground.scheme)
    assert (todo.unanimous, len(todo.offers)) == ((), 1)
    return todo.offers[0]
