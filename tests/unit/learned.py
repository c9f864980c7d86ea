"""A small study to learn from: two annotators said the same of invented texts in two languages."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import studies
from studies import ADA, BEN, Server

from annotate.core.adjudication.decided import record_of_decision
from annotate.core.adjudication.offer import due
from annotate.core.judgments import judgments
from annotate.core.ledger import Event
from annotate.core.model import Passage
from annotate.flows.adjudicate.plan import read_ground
from annotate.store.ledger import append
from annotate.store.scheme import read_scheme
from annotate.store.study import Study

PLAIN = (
    "The harbour office counted 412 boats in May.",
    "Three engineers repaired the northern lock on Tuesday.",
    "The council met for two hours and adjourned.",
    "A new timetable for the ferry begins next week.",
    "Das Hafenamt zählte im Mai 412 Boote.",
    "Der Rat tagte zwei Stunden und vertagte sich.",
    "Am Dienstag reparierten drei Leute die Schleuse.",
)
HEATED = (
    "These shameless wreckers trample on everything that is sacred!",
    "What a glorious, immortal triumph of our heroic sailors!",
    "Only cowards and disgraceful liars could betray the harbour so!",
    "Diese schamlosen Verräter treten alles Heilige mit Füßen!",
    "Welch ruhmreicher, unsterblicher Sieg unserer heldenhaften Matrosen!",
)


def texts(count: int) -> dict[str, list[str]]:
    """File name to its sentences: four plain and two heated ones each, in changing order."""
    plain, heated = itertools.cycle(PLAIN), itertools.cycle(HEATED)
    found = {}
    for number in range(count):
        own = [next(plain), next(heated), next(plain), next(plain), next(heated), next(plain)]
        found[f"t{number:02}.txt"] = own[number % 3 :] + own[: number % 3]
    return found


def study_of(root: Path, monkeypatch: pytest.MonkeyPatch, count: int = 6, *, gold: bool = True) -> Study:
    """Both have confirmed every passage, LOADED on each heated sentence; ``gold``: that was decided."""
    files = {name: ("utf-8", [("body", " ".join(own) + "\n")]) for name, own in texts(count).items()}
    monkeypatch.setattr(studies, "FILES", files)
    monkeypatch.setattr(studies, "TITLES", dict.fromkeys(files))
    monkeypatch.setattr(studies, "COPY", ("zz-copy.txt", next(iter(files))))
    study = studies.write_study(root)
    passages = sorted(studies.build().passages, key=lambda one: one.source_file)
    digest = read_scheme(study.scheme_dir).sha256
    events: list[Event] = []
    for server, first in ((ADA, 1), (BEN, 1001)):
        events += _said(server, passages, first, digest)
    studies._pull(study, events, "2025-11-03T12:00:00Z")
    if gold:
        _decide(study)
    return study


def _said(server: Server, passages: list[Passage], first: int, digest: str) -> list[Event]:
    events = [server.opened(), server.scheme("1.0.0", digest)]
    labels = itertools.count(first * 10)
    for example, passage in enumerate(passages, first):
        events.append(server.pushed(passage, example))
        for sentence in HEATED:
            if sentence in passage.text:
                events.append(server.label(passage, example, next(labels), "LOADED", sentence))
        events.append(server.confirmed(example, server.user, "2025-11-03T11:00:00Z"))
    return events


def _decide(study: Study) -> None:
    ground = read_ground(study)
    dataset = ground.dataset
    judged = judgments(dataset.assignments, dataset.labels, dataset.relations)
    todo = due(judged, ground.state.decisions, ("rhetoric",), ground.scheme)
    decided = [Event("passage_decided", record_of_decision(one)) for one in todo.unanimous]
    append(study, "adjudicate", decided, at="2025-11-06T10:00:00Z")
