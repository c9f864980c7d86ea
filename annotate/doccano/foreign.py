"""Read a project that somebody else made: texts, and whose labels they are, as far as the server tells.

In a collaborative project its administrator reads everybody's labels with users and times. In an
independent one only a person's own login does; for the others there is the export archive, one file
a person, without times.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, TypeVar

from annotate.core.errors import ConfigError, ServerFailure
from annotate.core.imports.foreign import ForeignLabel, ForeignRelation
from annotate.core.observation import Observation
from annotate.core.sketch import Sketch
from annotate.doccano.archive import MAX_UNPACKED, MEMBER, fetch_archive
from annotate.doccano.reading import READERS, Accounts, observe
from annotate.doccano.transport import Transport
from annotate.doccano.wire import field

Record = dict[str, Any]
_T = TypeVar("_T")
Advance = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ForeignExample:
    """A text of the project; ``meta`` is whatever its makers put there."""

    example: int
    text: str
    meta: Record


@dataclass(frozen=True, slots=True)
class Marks:
    """One person's labels on one example; offsets as the server stores them, in whatever unit."""

    labels: tuple[ForeignLabel, ...] = ()
    relations: tuple[ForeignRelation, ...] = ()
    finished: bool = False


_NOTHING = Marks()


@dataclass(frozen=True, slots=True)
class PersonsWork:
    """What one account did, by example. ``timed``: read with times; else from the archive alone.

    ``user`` is empty for labels whose account the server cannot name.
    """

    user: str
    timed: bool
    marks: Mapping[int, Marks]


@dataclass(frozen=True, slots=True)
class ForeignProject:
    """A project as it was read: by example id; people by name."""

    project_id: int
    name: str
    collaborative: bool
    examples: tuple[ForeignExample, ...]
    people: tuple[PersonsWork, ...]
    label_types: tuple[Record, ...]
    members: tuple[Record, ...]


def read_foreign_project(
    server: Transport,
    project_id: int,
    logins: Mapping[str, Transport],
    *,
    advance: Advance = lambda done, total: None,
) -> ForeignProject:
    """Read a project. ``logins`` are sessions of annotators, by name, for an independent project.

    Raises ConfigError (no project of spans), Refused, ServerFailure.
    """
    base = f"projects/{project_id}"
    settings = server.get(base)
    if not isinstance(settings, dict) or settings.get("project_type") != "SequenceLabeling":
        kind = settings.get("project_type") if isinstance(settings, dict) else None
        raise ConfigError(
            f"project {project_id} is {kind or 'no project'}, not one of labels on words",
            hint="only sequence labelling projects can be pulled",
        )
    examples = tuple(_example(one) for one in server.pages(f"{base}/examples"))
    types = {"span_types": server.get_list(f"{base}/span-types"), "relation_types": []}
    if settings.get("use_relation"):
        types["relation_types"] = server.get_list(f"{base}/relation-types")
    members = server.get_list(f"{base}/members")
    reader = _Reader(server, base, examples, types, members)
    archive = reader.archive(project_id)
    collaborative = bool(settings.get("collaborative_annotation"))
    people = (
        reader.everybody(archive.get(MEMBER, {}), advance)
        if collaborative
        else reader.one_by_one(archive, logins, advance)
    )
    return ForeignProject(
        project_id,
        str(settings.get("name") or ""),
        collaborative,
        examples,
        tuple(people),
        tuple(types["span_types"]),
        tuple(members),
    )


def _example(one: Record) -> ForeignExample:
    meta = one.get("meta")
    name = one.get("upload_name") or one.get("filename")
    own = meta if isinstance(meta, dict) else {}
    return ForeignExample(
        field(one, "id", int), field(one, "text", str), {**({"filename": name} if name else {}), **own}
    )


class _Reader:
    def __init__(
        self,
        server: Transport,
        base: str,
        examples: Sequence[ForeignExample],
        types: dict[str, list[Record]],
        members: Sequence[Record],
    ) -> None:
        self._server, self._base, self._examples, self._types = server, base, examples, types
        self._texts = {one.example: one.text for one in examples}
        names = {field(one, "user", int): field(one, "username", str) for one in members}
        self._people = Accounts(server, names)
        self._members = sorted(names.values())

    def archive(self, project_id: int) -> dict[str, dict[int, Marks]]:
        """Marks by file of the export and example; ``finished`` where the export of confirmed ones has it."""
        found: dict[str, dict[int, Marks]] = {}
        rows: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for name, several in _files(fetch_archive(self._server, project_id)):
            found[name] = {}
            for example, row in self._located(name, several):
                found[name][example] = _marks(row)
                rows[name][_spelled(row)].append(example)
        for name, several in _files(fetch_archive(self._server, project_id, approved=True)):
            for row in several:
                for example in rows[name][_spelled(row)]:
                    marks = found[name][example]
                    found[name][example] = Marks(marks.labels, marks.relations, finished=True)
        return found

    def _located(self, name: str, rows: Sequence[Record]) -> list[tuple[int, Record]]:
        """Rows with their example.

        Columns ``id`` and ``data`` of the makers' own replace the example's id and text in an export. Then
        the text tells which it is, else its place in the order. Raises ServerFailure where neither does.
        """
        by_text: dict[str, deque[int]] = defaultdict(deque)
        for one in self._examples:
            by_text[one.text].append(one.example)
        found: list[tuple[int, Record]] = []
        for row in rows:
            same = by_text[str(row.get("text"))]
            number = row.get("id")
            if isinstance(number, int) and number in same:
                same.remove(number)
                found.append((number, row))
            elif same:
                found.append((same.popleft(), row))
        if len(found) == len(rows):
            return found
        return self._in_order(name, rows)

    def _in_order(self, name: str, rows: Sequence[Record]) -> list[tuple[int, Record]]:
        texts = {one.text for one in self._examples}
        pairs = list(zip(self._examples, rows, strict=False))
        fits = all(row.get("text") == one.text or row.get("text") not in texts for one, row in pairs)
        if len(rows) != len(self._examples) or not fits:
            raise ServerFailure(
                f"{name} of the export has rows that are none of the project's texts",
                hint="columns named `id`, `data` or `text` of the makers' own hide them: rename these; "
                "or somebody was changing the project: run the command again",
            )
        return [(one.example, row) for one, row in pairs]

    def everybody(self, archive: Mapping[int, Marks], advance: Advance) -> Iterator[PersonsWork]:
        """A collaborative project: every label with its user and times."""
        observed = self._details(self._server, archive, advance)
        found: dict[str, dict[int, Marks]] = defaultdict(dict)
        for example, seen in observed.items():
            for user in sorted({*(one.user for one in seen.labels), *(one.user for one in seen.relations)}):
                found[user][example] = _marks_of(seen, user, finished=archive.get(example, _NOTHING).finished)
        for user in sorted(found):
            yield PersonsWork(user, True, found[user])

    def one_by_one(
        self, archive: Mapping[str, Mapping[int, Marks]], logins: Mapping[str, Transport], advance: Advance
    ) -> Iterator[PersonsWork]:
        """An independent project: with a person's own login where there is one, else from the archive."""
        for user in self._members:
            marks = archive.get(f"{user}.jsonl", {})
            if user not in logins:
                yield PersonsWork(user, False, {key: one for key, one in marks.items() if _is_work(one)})
                continue
            observed = self._details(logins[user], marks, advance)
            own = {
                key: _marks_of(seen, user, finished=marks.get(key, _NOTHING).finished)
                for key, seen in observed.items()
            }
            yield PersonsWork(user, True, own)

    def _details(
        self, server: Transport, archive: Mapping[int, Marks], advance: Advance
    ) -> dict[int, Observation]:
        # Where an export hides its ids, equal texts cannot be told apart: all of them are asked for.
        texts = {self._texts[example] for example, marks in archive.items() if _is_work(marks)}
        wanted = sorted(one.example for one in self._examples if one.text in texts)
        found = {}
        for number, (example, seen) in enumerate(
            zip(wanted, _in_parallel(lambda one: self._look(server, one), wanted), strict=True), 1
        ):
            found[example] = seen
            advance(number, len(wanted))
        return found

    def _look(self, server: Transport, example: int) -> Observation:
        path = f"{self._base}/examples/{example}"
        relations = server.get_list(f"{path}/relations") if self._types["relation_types"] else []
        records = {
            **self._types,
            "spans": server.get_list(f"{path}/spans"),
            "relations": relations,
            "states": [],
            "comments": [],
        }
        sketch = Sketch(example, None, self._texts[example], (), (), (), False)
        return observe("", records, self._texts, [sketch], self._people)


def _spelled(row: Record) -> str:
    return json.dumps(row, sort_keys=True)


def _is_work(marks: Marks) -> bool:
    return bool(marks.labels or marks.relations)


def _in_parallel(ask: Callable[[int], _T], examples: Sequence[int]) -> Iterator[_T]:
    with ThreadPoolExecutor(READERS) as pool:
        for at in range(0, len(examples), 50 * READERS):
            yield from pool.map(ask, examples[at : at + 50 * READERS])


def _marks_of(seen: Observation, user: str, *, finished: bool) -> Marks:
    labels = sorted((one for one in seen.labels if one.user == user), key=lambda one: one.label_id)
    relations = sorted((one for one in seen.relations if one.user == user), key=lambda one: one.relation_id)
    return Marks(
        tuple(
            ForeignLabel(
                str(one.label_id),
                one.label,
                one.utf16_start,
                one.utf16_end,
                created_at=one.created_at,
                updated_at=one.updated_at,
            )
            for one in labels
        ),
        tuple(
            ForeignRelation(
                str(one.relation_id),
                one.relation,
                str(one.from_label),
                str(one.to_label),
                one.created_at,
                one.updated_at,
            )
            for one in relations
        ),
        finished,
    )


def _files(data: bytes) -> Iterator[tuple[str, list[Record]]]:
    """The JSONL files of an export; it came from outside, so sizes and rows are checked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(one.file_size for one in archive.infolist()) > MAX_UNPACKED:
                raise ServerFailure("the export is too large to be one of texts")
            for name in archive.namelist():
                if PurePosixPath(name).name == name and name.endswith(".jsonl"):
                    yield name, [_row(name, line) for line in archive.read(name).split(b"\n") if line.strip()]
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise ServerFailure(f"the export arrived damaged: {error}", hint="run the command again") from error


def _row(name: str, line: bytes) -> Record:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ServerFailure(f"{name} of the export has a line that is not JSON: {error}") from error
    if not isinstance(row, dict):
        raise ServerFailure(f"{name} of the export has a line that is no object")
    return row


def _marks(row: Record) -> Marks:
    """Labels and relations of an export's row: with ids, or as triples without."""
    try:
        if isinstance(row.get("entities"), list):
            labels = [
                ForeignLabel(str(one["id"]), one["label"], one["start_offset"], one["end_offset"])
                for one in row["entities"]
            ]
        else:
            triples = enumerate(row.get("label") or (), 1)
            labels = [ForeignLabel(f"#{number}", name, start, end) for number, (start, end, name) in triples]
        relations = [
            ForeignRelation(str(one["id"]), one["type"], str(one["from_id"]), str(one["to_id"]))
            for one in row.get("relations") or ()
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ServerFailure(f"a row of the export has labels in an unknown form: {error!r}") from error
    if not all(isinstance(one.start, int) and isinstance(one.end, int) for one in labels):
        raise ServerFailure("a row of the export has labels without whole numbers as places")
    return Marks(tuple(labels), tuple(relations))
