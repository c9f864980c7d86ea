"""What goes to a suggester behind an address and what may come back: ``annotate-suggest/1``.

docs/plugins.md tells it to who builds one. The answer comes from outside and may hold anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from annotate.core.errors import Problem, ServerFailure
from annotate.core.model import Passage, Suggestion
from annotate.core.suggested_rows import Told, related
from annotate.core.suggesting import FIELDS, Looked, Terms, suggestion_of, unknown_fields

CONTRACT: Final = "annotate-suggest/1"
LEAVES: Final = (
    "contract",
    "labels.name",
    "labels.layer",
    "labels.definition",
    "passages.id",
    "passages.language",
    "passages.published",
    "passages.text",
)
"""Everything that a request holds. Nothing of annotators, labels, sources' files or the study is among it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One passage as it is asked about. ``published`` is EDTF, None where unknown."""

    passage: Passage
    language: str
    published: str | None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The labels that may be suggested: name, layer, definition."""

    labels: tuple[tuple[str, str, str], ...]


def question(asked: Sequence[Asked], vocabulary: Vocabulary) -> dict[str, Any]:
    """The body of a request."""
    return {
        "contract": CONTRACT,
        "labels": [
            {"name": name, "layer": layer, "definition": definition}
            for name, layer, definition in vocabulary.labels
        ],
        "passages": [
            {
                "id": one.passage.passage_id,
                "language": one.language,
                "published": one.published,
                "text": one.passage.text,
            }
            for one in asked
        ],
    }


def understood(answer: object, asked: Sequence[Asked], terms: Terms) -> Iterator[Looked]:
    """What an answer says, one result for each passage that was asked about, in their order.

    Raises ServerFailure where it does not speak the contract at all.
    """
    by_id, problems = _by_passage(answer, {one.passage.passage_id for one in asked}, terms.by.agent)
    if problems:
        yield Looked("", (), (), tuple(problems), answered=False)
    for one in asked:
        passage = one.passage
        said = by_id.get(passage.passage_id)
        if said is None:
            problem = Problem(terms.by.agent, 0, "the answer does not mention it", subject=passage.passage_id)
            yield Looked(passage.passage_id, (), (), (problem,), answered=False)
        else:
            yield _looked(said, passage, terms)


def _by_passage(
    answer: object, asked: set[str], agent: str
) -> tuple[dict[str, Mapping[str, Any]], list[Problem]]:
    if not isinstance(answer, dict) or answer.get("contract") != CONTRACT:
        raise ServerFailure(f"{agent} does not answer in the contract {CONTRACT}", hint="see docs/plugins.md")
    if not isinstance(answer.get("passages"), list):
        raise ServerFailure(f"{agent} answers without a list of passages", hint="see docs/plugins.md")
    found: dict[str, Mapping[str, Any]] = {}
    problems: list[Problem] = []
    for number, one in enumerate(answer["passages"], 1):
        told = one.get("id") if isinstance(one, dict) else None
        if not isinstance(told, str) or told not in asked:
            problems.append(Problem(agent, 0, f"passage {number} of the answer is none that was asked about"))
        elif told in found:
            problems.append(Problem(agent, 0, "the answer mentions it twice", subject=told))
        else:
            found[told] = one
    return found, problems


def _looked(said: Mapping[str, Any], passage: Passage, terms: Terms) -> Looked:
    rows = said.get("suggestions")
    odd = unknown_fields(said, ("id", "suggestions"))
    if odd or not isinstance(rows, list):
        what = odd or "suggestions is no list"
        problem = Problem(terms.by.agent, 0, what, subject=passage.passage_id)
        return Looked(passage.passage_id, (), (), (problem,), answered=False)
    good: dict[str, Suggestion] = {}
    told: list[Told] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows, 1):
        one = suggestion_of(row, passage, terms) if isinstance(row, dict) else f"no object with {FIELDS[0]} …"
        if isinstance(one, str):
            problems.append(Problem(terms.by.agent, 0, f"suggestion {number}: {one}", "", passage.passage_id))
        else:
            told.append(Told(number, row, good.setdefault(one.suggestion_id, one)))
    relations, faults = related(told, terms.allows)
    for fault in faults:
        what = f"suggestion {fault.place}: {fault.what}"
        problems.append(Problem(terms.by.agent, 0, what, "", passage.passage_id))
    ordered = sorted(good.values(), key=lambda one: (one.start, one.end, one.label, one.suggestion_id))
    return Looked(passage.passage_id, tuple(ordered), (), tuple(problems), relations=relations)
