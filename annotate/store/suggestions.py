"""corpus/suggestions: one file a run. Its head names the suggester and every passage it looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import msgspec

from annotate.core.errors import BadInput, Problem
from annotate.core.ids import ID_DIGITS, canonical_json, sha256_hex
from annotate.core.ledger import record_of
from annotate.core.model import Suggestion, SuggestionRun
from annotate.store.files import replace_file
from annotate.store.jsonl import encode_line, encode_lines
from annotate.store.study import Study

HEADER = "header"
_HINT = "restore the file, or delete it and run `annotate suggest` again"
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class _Header:
    """First line of a run's file; the fields of SuggestionRun in their order."""

    kind: str
    run_id: str
    agent: str
    agent_version: str
    config_sha256: str
    config: str
    passages_seen: tuple[str, ...]
    supersedes: tuple[str, ...] = ()


def named(run: SuggestionRun) -> SuggestionRun:
    """The run with the id that follows from its content, on itself and on each suggestion."""
    run_id = _run_id(run)
    suggestions = tuple(replace(one, run_id=run_id) for one in run.suggestions)
    return replace(run, run_id=run_id, suggestions=suggestions)


def write_run(study: Study, run: SuggestionRun) -> Path:
    """Store a run in one step; the same run again is the same file. Raises StorageFailure."""
    path = study.suggestions_dir / f"{run.run_id}.jsonl"
    header = _Header(
        HEADER,
        run.run_id,
        run.agent,
        run.agent_version,
        run.config_sha256,
        run.config,
        run.passages_seen,
        run.supersedes,
    )
    replace_file(path, encode_line(header) + encode_lines(run.suggestions))
    return path


def read_runs(study: Study) -> tuple[SuggestionRun, ...]:
    """All runs, in the order of their ids. Raises BadInput naming every bad line of every file."""
    problems: list[Problem] = []
    runs = [_read(path, study.shown(path), problems) for path in run_files(study)]
    require_no_problems(problems)
    return tuple(run for run in runs if run is not None)


def _read(path: Path, shown: str, problems: list[Problem]) -> SuggestionRun | None:
    found: list[Suggestion] = []

    def take(at: int, one: Suggestion) -> None:
        found.append(one)

    head = scan_run(path, shown, problems, take)
    return None if head is None else replace(head, suggestions=tuple(found))


def run_files(study: Study) -> list[Path]:
    """The files of all runs, in the order of their ids."""
    return sorted(study.suggestions_dir.glob("run-*.jsonl"))


def require_no_problems(problems: Sequence[Problem]) -> None:
    """Raise BadInput for what scans of runs found."""
    if problems:
        raise BadInput(f"corpus/suggestions has {len(problems)} bad line(s)", problems=problems, hint=_HINT)


def scan_run(
    path: Path, shown: str, problems: list[Problem], take: Callable[[int, Suggestion], object]
) -> SuggestionRun | None:
    """Check one run's file line by line; its head, without suggestions; None where something is wrong.

    ``take`` is given each suggestion with the byte that its line begins at, whatever is found later.
    """
    before = len(problems)
    with path.open("rb") as file:
        first = file.readline()
        at = len(first)
        header = _decoded(first, _HEADERS, shown, 1, problems)
        seen = frozenset(header.passages_seen) if header else frozenset()
        digest = _RunDigest(header) if header else None
        for number, line in enumerate(file, 2):
            one = _decoded(line, _SUGGESTIONS, shown, number, problems)
            if one is not None and header is not None and digest is not None:
                problems.extend(Problem(shown, number, what) for what in _faults(one, header, seen))
                digest.add(one)
                take(at, one)
            at += len(line)
    if header is None or digest is None or len(problems) > before:
        return None
    problems.extend(Problem(shown, 1, what) for what in _head_faults(header, digest.run_id(), path))
    return _run_of(header)


class _RunDigest:
    """The id that follows from a run's content, suggestion by suggestion: ``content_id`` of it all."""

    def __init__(self, head: _Header | SuggestionRun) -> None:
        lists = [list(head.passages_seen), list(head.supersedes)]
        start = canonical_json([head.agent, head.agent_version, head.config_sha256, *lists])
        self._sha256 = hashlib.sha256(start[:-1] + b",[")
        self._between = b""

    def add(self, one: Suggestion) -> None:
        """One more; the run's id on it does not count."""
        self._sha256.update(self._between + canonical_json(record_of(one) | {"run_id": ""}))
        self._between = b","

    def run_id(self) -> str:
        """The id."""
        digest = self._sha256.copy()
        digest.update(b"]]")
        return f"run-{digest.hexdigest()[:ID_DIGITS]}"


def _run_id(run: SuggestionRun) -> str:
    digest = _RunDigest(run)
    for one in run.suggestions:
        digest.add(one)
    return digest.run_id()


def _run_of(header: _Header) -> SuggestionRun:
    return SuggestionRun(
        run_id=header.run_id,
        agent=header.agent,
        agent_version=header.agent_version,
        config_sha256=header.config_sha256,
        config=header.config,
        passages_seen=header.passages_seen,
        supersedes=header.supersedes,
    )


_HEADERS = msgspec.json.Decoder(_Header)
_SUGGESTIONS = msgspec.json.Decoder(Suggestion)


def _decoded(
    line: bytes, decoder: msgspec.json.Decoder[_Value], shown: str, number: int, problems: list[Problem]
) -> _Value | None:
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what = "not a header" if number == 1 else "not a suggestion"
        problems.append(Problem(shown, number, f"{what}: {error}"))
        return None


def _faults(one: Suggestion, header: _Header, seen: frozenset[str]) -> Iterator[str]:
    if one.passage_id not in seen:
        yield f"the passage {one.passage_id} is not among those the run looked at"
    if not 0 <= one.start < one.end or one.end - one.start != len(one.quote):
        yield f"[{one.start}, {one.end}) is not the place of {len(one.quote)} characters"
    mine = (one.run_id, one.agent, one.agent_version, one.config_sha256)
    if mine != (header.run_id, header.agent, header.agent_version, header.config_sha256):
        yield "belongs to another run"


def _head_faults(header: _Header, run_id: str, path: Path) -> Iterator[str]:
    if header.kind != HEADER:
        yield f"the first line is no {HEADER}"
    if sha256_hex(header.config.encode("utf-8")) != header.config_sha256:
        yield "the configuration does not have the hash beside it"
    if run_id != header.run_id or path.stem != header.run_id:
        yield "the content does not have the run's id: something was changed by hand"
