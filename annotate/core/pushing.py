"""What a push has to do, as values: computed from study, ledger and server, before anything is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from annotate.core.errors import Problem
from annotate.core.ids import sha256_hex
from annotate.core.ledger import Event, record_of
from annotate.core.model import Passage, Suggestion, SuggestionRun
from annotate.core.observation import ObservedLabel
from annotate.core.offsets import Utf16Map
from annotate.core.passage_records import passage_record
from annotate.core.queue.settings import Queued
from annotate.core.relating import SentRelation, relation_events
from annotate.core.sketch import Sketch


@dataclass(frozen=True, slots=True)
class PassagePlan:
    """What one project lacks, as passage ids. ``adopt``: on the server but not in the ledger.

    Those are what an interrupted push left. Texts stay in the study: a plan is small.
    """

    add: tuple[str, ...]
    adopt: tuple[str, ...]
    present: int
    gone_from_build: tuple[str, ...]
    problems: tuple[Problem, ...]


def plan_passages(
    shown: str, passages: Mapping[str, Passage], remote: Iterable[Sketch], known: AbstractSet[str]
) -> PassagePlan:
    """Compare passages with a project's examples, which are looked at once, one after the other.

    ``shown`` names the project in problems, ``known`` are the passages that the ledger says it has.
    A text that differs, a passage that is there twice, one that the ledger knows and the server lost:
    each is a problem for a person and is neither overwritten nor sent again.
    """
    on_server: dict[str, tuple[int, ...]] = {}
    differs: set[str] = set()
    for one in remote:
        if one.passage_id is None or one.passage_id not in passages:
            continue
        if one.passage_id not in on_server and one.text != passages[one.passage_id].text:
            differs.add(one.passage_id)
        on_server[one.passage_id] = tuple(sorted((*on_server.get(one.passage_id, ()), one.example)))
    add: list[str] = []
    adopt: list[str] = []
    problems: list[Problem] = []
    present = 0
    for passage_id in passages:
        there = on_server.get(passage_id, ())
        trouble = _trouble(there, differs=passage_id in differs, known=passage_id in known)
        if trouble:
            subject = f"passage {passage_id} ({passages[passage_id].source_file})"
            problems.append(Problem(shown, 0, *trouble, subject))
        elif not there:
            add.append(passage_id)
        elif passage_id not in known:
            adopt.append(passage_id)
        else:
            present += 1
    gone = tuple(sorted(one for one in known if one not in passages))
    return PassagePlan(tuple(add), tuple(adopt), present, gone, tuple(problems))


def _trouble(there: Sequence[int], *, differs: bool, known: bool) -> tuple[str, str] | None:
    """What is wrong with a passage on the server, and what to do about it."""
    if len(there) > 1:
        ids = ", ".join(map(str, there))
        return f"is there {len(there)} times, as examples {ids}", "delete all but the labelled one"
    if differs:
        return (
            f"example {there[0]} has another text than the study",
            "somebody edited it on the server; put the text back, or leave it: its labels are set aside",
        )
    if known and not there:
        return (
            "was pushed before and is no longer on the server",
            "somebody deleted it there; restore the server's backup, or take it out of the study",
        )
    return None


def in_order(runs: Sequence[SuggestionRun], order: Sequence[str]) -> list[list[SuggestionRun]]:
    """Runs by agent, the agents named in ``order`` first; of one agent the newest run first."""
    rank = {agent: number for number, agent in enumerate(order)}
    agents = sorted({run.agent for run in runs}, key=lambda agent: (rank.get(agent, len(rank)), agent))
    return [
        sorted(
            (run for run in runs if run.agent == agent),
            key=lambda run: (len(run.supersedes), run.run_id),
            reverse=True,
        )
        for agent in agents
    ]


def merge_suggestions(found: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    """Suggestions of one passage, by place; where two say the same of the same words, the first one."""
    merged: dict[tuple[int, int, str], Suggestion] = {}
    for one in found:
        merged.setdefault((one.start, one.end, one.label), one)
    return tuple(merged[key] for key in sorted(merged))


@dataclass(frozen=True, slots=True)
class Sent:
    """A passage, the suggestions that it is sent with, in the order of its import, and their relations.

    ``queued`` is its place in the queue, None where the study has no wishes about that.
    """

    passage: Passage
    suggestions: tuple[Suggestion, ...]
    queued: Queued | None = None
    relations: tuple[SentRelation, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrival:
    """What was sent, and the example that it is on the server."""

    sent: Sent
    sketch: Sketch


BARE_RUN = 20
"""So many passages in a row without any label are no accident and nobody's work."""


def mark_bare(arrivals: Iterable[Arrival | None]) -> Iterator[tuple[Arrival, bool]]:
    """Each arrival, and whether the server never stored its labels or its relations: its import died before.

    They come by example id; None stands for a passage that was recorded before, which got everything. An
    import stores all labels in one step, and then all relations, so the bare ones are many in a row, or
    the last ones. A single passage in between, or one with a comment or a confirmation, was emptied by a
    person; so was one without relations whose labels are not as many as were sent.
    """
    all_of_them = ((one, False) for one in arrivals)
    without_labels = _mark(
        all_of_them, lambda sent: bool(sent.suggestions), lambda one: bool(one.sketch.labels)
    )
    without_relations = _mark(
        without_labels,
        lambda sent: bool(sent.relations),
        lambda one: bool(one.sketch.relations) or len(one.sketch.labels) != len(one.sent.suggestions),
    )
    yield from ((one, bare) for one, bare in without_relations if one is not None)


def _mark(
    found: Iterable[tuple[Arrival | None, bool]],
    concerns: Callable[[Sent], bool],
    is_whole: Callable[[Arrival], bool],
) -> Iterator[tuple[Arrival | None, bool]]:
    """The same with more of them marked: of those that it concerns, and that are not marked already."""
    held: list[Arrival] = []
    many = False
    for one, bare in found:
        if one is not None and (bare or not concerns(one.sent)):
            yield one, bare
        elif one is None or is_whole(one) or one.sketch.comments or one.sketch.confirmed:
            yield from ((before, False) for before in held)
            held, many = [], False
            yield one, False
        else:
            held.append(one)
            many = many or len(held) >= BARE_RUN
            if many:
                yield from ((before, True) for before in held)
                held = []
    yield from ((before, True) for before in held)


def text_sha256(text: str) -> str:
    """Hash of a passage's text, as the ledger compares it."""
    return sha256_hex(text.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Landing:
    """Ledger events of one passage that arrived, and its suggestions that the server dropped."""

    events: tuple[Event, ...]
    lost: tuple[Suggestion, ...]
    lost_relations: tuple[SentRelation, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether everything that was sent is there."""
        return not (self.lost or self.lost_relations)


@dataclass(frozen=True, slots=True)
class OfService:
    """Ids of the labels and relations of an example that the server says the service account imported."""

    labels: frozenset[int]
    relations: frozenset[int]


def landing(project: str, arrived: Arrival, service_user: str, ours: OfService | None = None) -> Landing:
    """Record a passage and which of its labels and relations are ours.

    A suggestion is the oldest label with its words and name. With ``ours``, a suggestion whose name an
    annotator changed before we looked is recognised by its words. Who imported it is known, when is not
    yet.
    """
    passage, suggestions, seen = arrived.sent.passage, arrived.sent.suggestions, arrived.sketch
    record = {
        "project": project,
        "example": seen.example,
        "passage": passage_record(passage),
        "text_sha256": text_sha256(passage.text),
    }
    if arrived.sent.queued:
        record["queue"] = record_of(arrived.sent.queued)
    events = [Event("passage_pushed", record)]
    pairs = _pair(passage.text, suggestions, seen, ours.labels if ours else None)
    for suggestion, label_id, units in pairs:
        events += _placing(project, seen.example, suggestion, label_id, units, service_user)
    found = {suggestion.suggestion_id: label_id for suggestion, label_id, _ in pairs}
    labels = {
        number: found[one.suggestion_id]
        for number, one in enumerate(suggestions)
        if one.suggestion_id in found
    }
    drawn, undrawn = relation_events(
        (project, seen.example),
        arrived.sent.relations,
        labels,
        seen,
        service_user,
        ours.relations if ours else None,
    )
    lost = tuple(one for one in suggestions if one.suggestion_id not in found)
    return Landing((*events, *drawn), lost, tuple(undrawn))


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
    places = Utf16Map(text)
    for label_id, name, start, end in seen.labels:
        if service_labels is None or label_id in service_labels:
            by_words[places.code_points(start, end)].append((label_id, name))
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
