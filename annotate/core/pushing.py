"""What a push has to do, as values: computed from study, ledger and server, before anything is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from annotate.core.errors import Problem
from annotate.core.ids import sha256_hex
from annotate.core.ledger import Event, record_of
from annotate.core.model import Passage, Suggestion, SuggestionRun
from annotate.core.observation import ObservedLabel
from annotate.core.offsets import code_points
from annotate.core.sketch import Sketch
from annotate.core.state import State, passage_record


@dataclass(frozen=True, slots=True)
class PassagePlan:
    """What one project lacks. ``adopt``: on the server but not in the ledger (an interrupted push)."""

    add: tuple[Passage, ...]
    adopt: tuple[tuple[Sketch, Passage], ...]
    present: int
    gone_from_build: tuple[str, ...]
    problems: tuple[Problem, ...]


def plan_passages(
    project: str,
    shown: str,
    passages: Sequence[Passage],
    remote: Iterable[Sketch],
    state: State,
) -> PassagePlan:
    """Compare passages with a project's examples; ``shown`` names the project in problems.

    A text that differs, a passage that is there twice, one that the ledger knows and the server lost:
    each is a problem for a person and is neither overwritten nor sent again.
    """
    on_server: dict[str, list[Sketch]] = defaultdict(list)
    for one in remote:
        if one.passage_id:
            on_server[one.passage_id].append(one)
    known = {
        pushed.passage.passage_id: pushed for pushed in state.passages.values() if pushed.project == project
    }
    add: list[Passage] = []
    adopt: list[tuple[Sketch, Passage]] = []
    problems: list[Problem] = []
    present = 0
    for passage in passages:
        there = on_server.get(passage.passage_id, [])
        if problem := _passage_problem(shown, passage, there, known=passage.passage_id in known):
            problems.append(problem)
        elif not there:
            add.append(passage)
        elif passage.passage_id not in known:
            adopt.append((there[0], passage))
        else:
            present += 1
    wanted = {passage.passage_id for passage in passages}
    return PassagePlan(
        tuple(add), tuple(adopt), present, tuple(sorted(known.keys() - wanted)), tuple(problems)
    )


def _passage_problem(shown: str, passage: Passage, there: Sequence[Sketch], *, known: bool) -> Problem | None:
    subject = f"passage {passage.passage_id} ({passage.source_file})"
    if len(there) > 1:
        ids = ", ".join(str(one.example) for one in there)
        return Problem(
            shown,
            0,
            f"is there {len(there)} times, as examples {ids}",
            "delete all but the labelled one",
            subject,
        )
    if there and there[0].text != passage.text:
        return Problem(
            shown,
            0,
            f"example {there[0].example} has another text than the study",
            "somebody edited it on the server; put the text back, or leave it: its labels are set aside",
            subject,
        )
    if known and not there:
        return Problem(
            shown,
            0,
            "was pushed before and is no longer on the server",
            "somebody deleted it there; restore the server's backup, or take it out of the study",
            subject,
        )
    return None


def select_suggestions(runs: Sequence[SuggestionRun], order: Sequence[str]) -> list[tuple[Suggestion, ...]]:
    """Per agent, for each passage the suggestions of the newest run that saw it; agents in ``order``."""
    rank = {agent: number for number, agent in enumerate(order)}
    agents = sorted({run.agent for run in runs}, key=lambda agent: (rank.get(agent, len(rank)), agent))
    chosen: list[tuple[Suggestion, ...]] = []
    for agent in agents:
        mine = [run for run in runs if run.agent == agent]
        mine.sort(key=lambda run: (len(run.supersedes), run.run_id), reverse=True)
        seen: set[str] = set()
        found: list[Suggestion] = []
        for run in mine:
            fresh = set(run.passages_seen) - seen
            found.extend(one for one in run.suggestions if one.passage_id in fresh)
            seen |= fresh
        chosen.append(tuple(found))
    return chosen


def merge_suggestions(runs: Iterable[Sequence[Suggestion]]) -> dict[str, tuple[Suggestion, ...]]:
    """Suggestions by passage; where two agents say the same of the same words, the first one's."""
    merged: dict[str, dict[tuple[int, int, str], Suggestion]] = defaultdict(dict)
    for suggestions in runs:
        for one in suggestions:
            merged[one.passage_id].setdefault((one.start, one.end, one.label), one)
    return {passage_id: tuple(found[key] for key in sorted(found)) for passage_id, found in merged.items()}


BARE_RUN = 20
"""So many passages in a row without any label are no accident and nobody's work."""


def bare_runs(
    arrived: Iterable[tuple[Sketch, Passage]], suggestions: Mapping[str, Sequence[Suggestion]]
) -> list[tuple[Sketch, Passage]]:
    """Passages whose labels the server never stored: its import died between passages and labels.

    It stores all labels of an import in one step, so they are many in a row, or the last ones. A single
    passage in between, or one with a comment or a confirmation, was emptied by a person.
    """
    found: list[tuple[Sketch, Passage]] = []
    run: list[tuple[Sketch, Passage]] = []
    for sketch, passage in sorted(arrived, key=lambda one: one[0].example):
        if not suggestions.get(passage.passage_id):
            continue
        if sketch.labels or sketch.comments or sketch.confirmed:
            found += run if len(run) >= BARE_RUN else []
            run = []
        else:
            run.append((sketch, passage))
    return found + run


def text_sha256(text: str) -> str:
    """Hash of a passage's text, as the ledger compares it."""
    return sha256_hex(text.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Landing:
    """Ledger events of one passage that arrived, and its suggestions that the server dropped."""

    events: tuple[Event, ...]
    lost: tuple[Suggestion, ...]


def landing(
    project: str,
    passage: Passage,
    suggestions: Sequence[Suggestion],
    seen: Sketch,
    service_user: str,
    service_labels: frozenset[int] | None = None,
) -> Landing:
    """Record a passage and which of its labels are ours.

    A suggestion is the oldest label with its words and name. ``service_labels`` are the ids that the
    server says the service account imported; with them, a suggestion whose name an annotator changed
    before we looked is recognised by its words. Who imported it is known, when is not yet.
    """
    events = [
        Event(
            "passage_pushed",
            {
                "project": project,
                "example": seen.example,
                "passage": passage_record(passage),
                "text_sha256": text_sha256(passage.text),
            },
        )
    ]
    pairs = _pair(passage.text, suggestions, seen, service_labels)
    for suggestion, label_id, units in pairs:
        events += _placing(project, seen.example, suggestion, label_id, units, service_user)
    found = {suggestion.suggestion_id for suggestion, _, _ in pairs}
    return Landing(tuple(events), tuple(one for one in suggestions if one.suggestion_id not in found))


def _placing(
    project: str, example: int, suggestion: Suggestion, label_id: int, units: tuple[int, int], user: str
) -> list[Event]:
    label = ObservedLabel(
        project=project,
        example=example,
        label_id=label_id,
        label=suggestion.label,
        start=suggestion.start,
        end=suggestion.end,
        utf16_start=units[0],
        utf16_end=units[1],
        user=user,
        created_at="",
        updated_at="",
    )
    placed = {
        "project": project,
        "example": example,
        "label_id": label_id,
        "suggestion": record_of(suggestion),
    }
    return [Event("label_appeared", record_of(label)), Event("suggestion_placed", placed)]


def _pair(
    text: str, suggestions: Sequence[Suggestion], seen: Sketch, service_labels: frozenset[int] | None
) -> list[tuple[Suggestion, int, tuple[int, int]]]:
    by_words: dict[tuple[int, int], list[tuple[int, str]]] = defaultdict(list)
    units: dict[int, tuple[int, int]] = {}
    for label_id, name, start, end in seen.labels:
        if service_labels is None or label_id in service_labels:
            by_words[code_points(text, start, end)].append((label_id, name))
            units[label_id] = (start, end)
    pairs: list[tuple[Suggestion, int, tuple[int, int]]] = []
    for same_name in (True, False):
        if not same_name and service_labels is None:
            break
        done = {suggestion.suggestion_id for suggestion, _, _ in pairs}
        for one in suggestions:
            there = by_words[one.start, one.end]
            match = next((found for found in there if found[1] == one.label or not same_name), None)
            if one.suggestion_id not in done and match:
                there.remove(match)
                pairs.append((one, match[0], units[match[0]]))
    return sorted(pairs, key=lambda pair: pair[1])
