"""corpus/suggestions/relations: for a run that drew relations, one file of its run's name.

It is written before the run itself, so a run that is there has all of its relations.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from annotate.core.errors import BadInput, Problem
from annotate.core.ids import sha256_hex
from annotate.core.model import SuggestedRelation, SuggestionRun
from annotate.store.files import replace_file
from annotate.store.jsonl import encode_line, encode_lines
from annotate.store.study import Study

_HINT = "restore the file, or delete it with its run and run `annotate suggest` again"


@dataclass(frozen=True, slots=True)
class _Head:
    """First line: the run, and the SHA-256 of the lines after it."""

    kind: str
    run_id: str
    sha256: str


def write_relations(study: Study, run_id: str, relations: Sequence[SuggestedRelation]) -> None:
    """Store the relations of a run in one step; none: no file. Raises StorageFailure."""
    if relations:
        lines = encode_lines(replace(one, run_id=run_id) for one in relations)
        head = encode_line(_Head("relations", run_id, sha256_hex(lines)))
        replace_file(_path(study, run_id), head + lines)


def read_relations(study: Study, run: SuggestionRun) -> tuple[SuggestedRelation, ...]:
    """The relations of a run, in the order of its passages. Raises BadInput naming every bad line."""
    path = _path(study, run.run_id)
    if not path.is_file():
        return ()
    first, _, rest = path.read_bytes().partition(b"\n")
    problems: list[Problem] = []
    shown = study.shown(path)
    problems.extend(Problem(shown, 1, what) for what in _head_faults(first, run.run_id, sha256_hex(rest)))
    passages = {one.suggestion_id: one.passage_id for one in run.suggestions}
    found: list[SuggestedRelation] = []
    for number, line in enumerate(rest.splitlines(), 2):
        try:
            one = msgspec.json.decode(line, type=SuggestedRelation)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            problems.append(Problem(shown, number, f"not a relation: {error}"))
            continue
        problems.extend(Problem(shown, number, what) for what in _faults(one, run, passages))
        found.append(one)
    if problems:
        raise BadInput(f"{shown} has {len(problems)} bad line(s)", problems=problems, hint=_HINT)
    return tuple(found)


def scan_relations(
    study: Study, run_id: str, problems: list[Problem], take: Callable[[int, SuggestedRelation], object]
) -> Path | None:
    """Check a run's relations line by line without holding them; their file, None where there is none.

    ``take`` is given each relation with the byte that its line begins at, whatever is found later. What
    its ends are is for the caller to look up.
    """
    path = _path(study, run_id)
    if not path.is_file():
        return None
    shown = study.shown(path)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        first = file.readline()
        at = len(first)
        for number, line in enumerate(file, 2):
            digest.update(line)
            try:
                one = _RELATIONS.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                problems.append(Problem(shown, number, f"not a relation: {error}"))
            else:
                if one.run_id != run_id:
                    problems.append(Problem(shown, number, "belongs to another run"))
                take(at, one)
            at += len(line)
    problems.extend(Problem(shown, 1, what) for what in _head_faults(first, run_id, digest.hexdigest()))
    return path


_RELATIONS = msgspec.json.Decoder(SuggestedRelation)


def _head_faults(first: bytes, run_id: str, sha256: str) -> Iterator[str]:
    try:
        head = msgspec.json.decode(first, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        yield f"not a header: {error}"
    else:
        if (head.run_id, head.sha256) != (run_id, sha256):
            yield "the lines do not have the hash or the run that the first one says"


def _faults(one: SuggestedRelation, run: SuggestionRun, passages: dict[str, str]) -> Iterator[str]:
    if one.run_id != run.run_id:
        yield "belongs to another run"
    for end in (one.from_id, one.to_id):
        if passages.get(end) != one.passage_id:
            yield f"{end} is no suggestion of the run on passage {one.passage_id}"


def _path(study: Study, run_id: str) -> Path:
    return study.suggestions_dir / "relations" / f"{run_id}.jsonl"
