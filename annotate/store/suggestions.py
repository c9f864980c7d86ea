"""corpus/suggestions: one file a run. Its head names the suggester and every passage it looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import msgspec

from annotate.core.errors import BadInput, Problem
from annotate.core.ids import content_id, sha256_hex
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
    paths = sorted(study.suggestions_dir.glob("run-*.jsonl"))
    runs = [_read(path, study.shown(path), problems) for path in paths]
    if problems:
        raise BadInput(f"corpus/suggestions has {len(problems)} bad line(s)", problems=problems, hint=_HINT)
    return tuple(run for run in runs if run is not None)


def _run_id(run: SuggestionRun) -> str:
    bare = [replace(one, run_id="") for one in run.suggestions]
    content = [
        run.agent,
        run.agent_version,
        run.config_sha256,
        list(run.passages_seen),
        list(run.supersedes),
        [msgspec.to_builtins(one) for one in bare],
    ]
    return content_id("run", content)


def _read(path: Path, shown: str, problems: list[Problem]) -> SuggestionRun | None:
    lines = path.read_bytes().removesuffix(b"\n").split(b"\n")
    before = len(problems)
    header = _decoded(lines[0], _Header, shown, 1, problems)
    suggestions = [
        _decoded(line, Suggestion, shown, number, problems) for number, line in enumerate(lines[1:], 2)
    ]
    if header is None:
        return None
    seen = set(header.passages_seen)
    for number, one in enumerate(suggestions, 2):
        if one is not None:
            problems.extend(Problem(shown, number, what) for what in _faults(one, header, seen))
    if len(problems) > before:
        return None
    run = SuggestionRun(
        run_id=header.run_id,
        agent=header.agent,
        agent_version=header.agent_version,
        config_sha256=header.config_sha256,
        config=header.config,
        passages_seen=header.passages_seen,
        suggestions=tuple(one for one in suggestions if one is not None),
        supersedes=header.supersedes,
    )
    problems.extend(Problem(shown, 1, what) for what in _head_faults(run, header, path))
    return run


def _decoded(
    line: bytes, kind: type[_Value], shown: str, number: int, problems: list[Problem]
) -> _Value | None:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what = "not a header" if number == 1 else "not a suggestion"
        problems.append(Problem(shown, number, f"{what}: {error}"))
        return None


def _faults(one: Suggestion, header: _Header, seen: set[str]) -> Iterator[str]:
    if one.passage_id not in seen:
        yield f"the passage {one.passage_id} is not among those the run looked at"
    if not 0 <= one.start < one.end or one.end - one.start != len(one.quote):
        yield f"[{one.start}, {one.end}) is not the place of {len(one.quote)} characters"
    mine = (one.run_id, one.agent, one.agent_version, one.config_sha256)
    if mine != (header.run_id, header.agent, header.agent_version, header.config_sha256):
        yield "belongs to another run"


def _head_faults(run: SuggestionRun, header: _Header, path: Path) -> Iterator[str]:
    if header.kind != HEADER:
        yield f"the first line is no {HEADER}"
    if sha256_hex(run.config.encode("utf-8")) != run.config_sha256:
        yield "the configuration does not have the hash beside it"
    if _run_id(run) != run.run_id or path.stem != run.run_id:
        yield "the content does not have the run's id: something was changed by hand"
