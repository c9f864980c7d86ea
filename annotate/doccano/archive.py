"""Doccano's export of a relation project: every example with the ids of its labels, in one answer.

It carries no people and no times, but one export costs the server less than listing the examples
does. Compared with what the ledger knows, it says where something happened.
"""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import msgspec

from annotate.core.errors import ServerFailure
from annotate.core.sketch import Sketch
from annotate.doccano.transport import Transport

MEMBER = "all.jsonl"
MAX_UNPACKED = 4 * 1024**3
"""Bytes that an archive may unpack to; more is not an export of passages."""

TASK_SECONDS = 1800.0

BATCH = 500
"""Examples in memory at a time."""

_AGAIN = "run the same command again"


class _Entity(msgspec.Struct):
    id: int
    label: str
    start_offset: int
    end_offset: int


class _Relation(msgspec.Struct):
    id: int
    from_id: int
    to_id: int
    type: str


class _Comment(msgspec.Struct):
    id: int
    comment: str


class _Row(msgspec.Struct):
    id: int
    text: str
    entities: tuple[_Entity, ...]
    relations: tuple[_Relation, ...]
    comments: tuple[_Comment, ...] = msgspec.field(name="Comments", default=())
    ext: Any = None  # named like wire.META_KEY


def read_archive(server: Transport, project_id: int) -> list[Sketch]:
    """Every example of a project as a sketch, by id. Raises Refused, ServerFailure."""
    return sorted(sketches(server, project_id), key=lambda one: one.example)


def sketches(server: Transport, project_id: int) -> Iterator[Sketch]:
    """Every example of a project as a sketch, once, one at a time in memory: confirmed ones first.

    Raises Refused, ServerFailure.
    """
    return chain.from_iterable(batches(server, project_id))


def batches(server: Transport, project_id: int) -> Iterator[list[Sketch]]:
    """``sketches``, some at a time: the confirmed ones while the server still exports the whole project."""
    # Both are started before one is waited for; the list tells cheaply whether the first is needed.
    path = f"projects/{project_id}/examples"
    some = server.get(path, {"limit": 1, "confirmed": "true"}).get("count") != 0
    tasks = [(one, _start(server, project_id, approved=one)) for one in ((True, False) if some else (False,))]
    confirmed: set[int] = set()
    for approved, task in tasks:
        rows = (row for row in _rows(_fetch(server, project_id, task)) if row.id not in confirmed)
        while found := [_sketch(row, approved) for row in islice(rows, BATCH)]:
            if approved:
                confirmed.update(one.example for one in found)
            yield found


def fetch_archive(server: Transport, project_id: int, *, approved: bool = False) -> bytes:
    """The bytes of one export, of all examples or of the confirmed ones. Raises Refused, ServerFailure."""
    return _fetch(server, project_id, _start(server, project_id, approved=approved))


def _start(server: Transport, project_id: int, *, approved: bool) -> str:
    body = {"format": "JSONL", "exportApproved": approved}
    started = server.send("POST", f"projects/{project_id}/download", json=body)
    task = started.get("task_id") if isinstance(started, dict) else None
    if not isinstance(task, str):
        raise ServerFailure("the server started no export")
    return task


def _fetch(server: Transport, project_id: int, task: str) -> bytes:
    start = time.monotonic()
    while (passed := time.monotonic() - start) < TASK_SECONDS:
        status = server.get(f"tasks/status/{task}")
        if isinstance(status, dict) and status.get("ready"):
            if status.get("error"):
                raise ServerFailure(f"the server's export failed: {str(status['error'])[:300]}", hint=_AGAIN)
            return server.raw("GET", f"projects/{project_id}/download", params={"taskId": task}).content
        time.sleep(min(0.1 + passed / 20, 1.0))
    raise ServerFailure(
        f"the export was not done after {TASK_SECONDS:.0f} s",
        hint=f"is the task worker running? `annotate server status`; then {_AGAIN}",
    )


def _rows(data: bytes) -> Iterator[_Row]:
    """The rows of an archive; the zip and every row are checked, for they came from outside."""
    decoder = msgspec.json.Decoder(_Row)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if names != [MEMBER]:
                raise ServerFailure(
                    f"the export holds {', '.join(names[:3]) or 'nothing'} instead of {MEMBER}",
                    hint="is `collaborative annotation` still on in the project's settings?",
                )
            if archive.getinfo(MEMBER).file_size > MAX_UNPACKED:
                raise ServerFailure("the export is too large to be one of passages")
            with archive.open(MEMBER) as lines:
                for line in lines:
                    if line.strip():
                        yield decoder.decode(line)
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise ServerFailure(f"the export arrived damaged: {error}", hint=_AGAIN) from error
    except msgspec.DecodeError as error:
        raise ServerFailure(
            f"the export has a row that is not one of a relation project: {error}",
            hint="examples added by hand with a column `id`, `data` or `entities` break exports; remove them",
        ) from error


def _sketch(row: _Row, confirmed: bool) -> Sketch:
    ours = row.ext.get("passage") if isinstance(row.ext, dict) else None
    return Sketch(
        example=row.id,
        passage_id=ours if isinstance(ours, str) else None,
        text=row.text,
        labels=tuple(sorted((one.id, one.label, one.start_offset, one.end_offset) for one in row.entities)),
        relations=tuple(sorted((one.id, one.type, one.from_id, one.to_id) for one in row.relations)),
        comments=tuple(sorted((one.id, one.comment) for one in row.comments)),
        confirmed=confirmed,
    )
