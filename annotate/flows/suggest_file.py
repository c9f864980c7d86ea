"""`annotate suggest --with jsonl:FILE`: suggestions that another program wrote into a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

from annotate.core.errors import BadInput, ConfigError, Problem
from annotate.core.model import Passage, Suggestion
from annotate.core.suggested_rows import Allows, Told, related
from annotate.core.suggesting import FIELDS, Looked, Outsider, Terms, suggestion_of, unknown_fields

PREFIX = "jsonl:"
ANCHORS = ("passage_id", "text", "source_file")
"""Fields of a row that say which passage it speaks of."""


@dataclass(frozen=True, slots=True)
class FileSuggestions:
    """A file of suggestions as a suggester: the newest file of one name is the newest word."""

    by: Outsider
    path: Path
    passages: tuple[Passage, ...]

    def looks(
        self, layers: Mapping[str, str], renames: Mapping[str, str], allows: Allows
    ) -> Iterator[Looked]:
        """What the file says, by passage; first the rows that fit no passage."""
        terms = Terms(layers, renames, self.by, allows)
        ground = _Ground(self.passages)
        found: dict[str, list[Told]] = {}
        problems: list[Problem] = []
        for line, row, wrong in _read(self.path):
            suggestion = wrong or ground.place(row, terms, found)
            if isinstance(suggestion, str):
                problems.append(Problem(self.path.name, line, suggestion))
            elif suggestion is not None:
                found[suggestion.passage_id].append(Told(line, row, suggestion))
        looked = []
        for passage_id, rows in found.items():
            relations, faults = related(rows, allows)
            problems += [Problem(self.path.name, one.place, one.what) for one in faults]
            unique = {one.suggestion.suggestion_id: one.suggestion for one in rows}
            ordered = sorted(unique.values(), key=lambda one: (one.start, one.end, one.label))
            looked.append(Looked(passage_id, tuple(ordered), (), relations=relations))
        if problems:
            problems.sort(key=lambda one: one.line)
            yield Looked("", (), (), tuple(problems), answered=False)
        yield from looked


def open_file(spec: str, passages: Sequence[Passage], renames: Mapping[str, str]) -> FileSuggestions:
    """The suggester behind ``jsonl:FILE``. Raises ConfigError where there is no such file."""
    path = Path(spec.removeprefix(PREFIX))
    if not path.is_file():
        raise ConfigError(
            f"there is no file {path}", hint="--with jsonl:FILE, a path from the current folder"
        )
    try:
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    by = Outsider.of(f"{PREFIX}{path.stem}", digest[:12], {"file_sha256": digest}, renames)
    return FileSuggestions(by, path, tuple(passages))


def _read(path: Path) -> Iterator[tuple[int, Mapping[str, Any], str]]:
    """(line, row, what is wrong with it as JSON)."""
    from annotate.formats.suggestions_in import read_rows

    for line, row in read_rows(path):
        yield (line, {}, row) if isinstance(row, str) else (line, row, "")


class _Ground:
    """The passages by what a row may call them."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._by: dict[str, dict[str, list[Passage]]] = {name: defaultdict(list) for name in ANCHORS}
        for one in passages:
            for name in ANCHORS:
                self._by[name][getattr(one, name)].append(one)

    def place(
        self, row: Mapping[str, Any], terms: Terms, found: dict[str, list[Told]]
    ) -> Suggestion | str | None:
        """The suggestion of a row, its passage being among ``found`` then; or what is wrong with it.

        A row without a label says that the passage was looked at.
        """
        odd = unknown_fields(row, (*ANCHORS, *FIELDS))
        candidates = odd or self._candidates(row)
        if isinstance(candidates, str):
            return candidates
        said = {name: value for name, value in row.items() if name not in ANCHORS}
        if not said:
            if len(candidates) > 1:
                return f"{len(candidates)} passages are meant; name one by passage_id"
            found.setdefault(candidates[0].passage_id, [])
            return None
        made = [suggestion_of(said, one, terms) for one in candidates]
        good = [one for one in made if isinstance(one, Suggestion)]
        if len(good) == 1:
            found.setdefault(good[0].passage_id, [])
            return good[0]
        if good:
            return f"it fits {len(good)} passages; name one by passage_id"
        return made[0] if len(made) == 1 else f"in none of {len(made)} passages: {made[0]}"

    def _candidates(self, row: Mapping[str, Any]) -> list[Passage] | str:
        named = [name for name in ANCHORS if row.get(name) is not None]
        if not named:
            return f"names no passage ({', '.join(ANCHORS)})"
        groups: list[list[Passage]] = []
        for name in named:
            value = row[name]
            there = self._by[name].get(value, []) if isinstance(value, str) else []
            if not there:
                return f"the study has no passage with this {name}"
            groups.append(there)
        shared = set.intersection(*({one.passage_id for one in group} for group in groups))
        common = [one for one in groups[0] if one.passage_id in shared]
        if "source_file" in named and len(named) == 1 and row.get("start") is not None and len(common) > 1:
            return "start and end count in one passage, and this source has several; name it by passage_id"
        return common or "passage_id, text and source_file name different passages"
