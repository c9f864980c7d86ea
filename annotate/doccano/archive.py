"""Doccano's export of a relation project: every example with the ids of its labels, in one answer.

It carries no people and no times, but one export costs the server less than listing the examples
does. Compared with what the ledger knows, it says where something happened.
"""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterator
from typing import Any

import msgspec

from annotate.core.errors import ServerFailure
from annotate.core.sketch import Sketch
from annotate.doccano.transport import Transport

MEMBER = "all.jsonl"
MAX_UNPACKED = 4 * 1024**3
"""Bytes that an archive may unpack to; more is not an export of passages."""

TASK_SECONDS = 1800.0


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
    confirmed = {row.id for row in _rows(_download(server, project_id, approved=True))}
    rows = _rows(_download(server, project_id, approved=False))
    return sorted((_sketch(row, row.id in confirmed) for row in rows), key=lambda one: one.example)


def _download(server: Transport, project_id: int, *, approved: bool) -> bytes:
    path = f"projects/{project_id}/download"
    started = server.send("POST", path, json={"format": "JSONL", "exportApproved": approved})
    task = started.get("task_id") if isinstance(started, dict) else None
    if not isinstance(task, str):
        raise ServerFailure("the server started no export")
    deadline = time.monotonic() + TASK_SECONDS
    pause = 0.1
    while time.monotonic() < deadline:
        status = server.get(f"tasks/status/{task}")
        if isinstance(status, dict) and status.get("ready"):
            if status.get("error"):
                raise ServerFailure(f"the server's export failed: {str(status['error'])[:300]}")
            return server.raw("GET", path, params={"taskId": task}).content
        time.sleep(pause)
        pause = min(pause * 1.4, 2.0)
    raise ServerFailure(
        f"the export was not done after {TASK_SECONDS:.0f} s",
        hint="is the task worker running? `annotate server status`; then run the same command again",
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
        raise ServerFailure(
            f"the export arrived damaged: {error}", hint="run the same command again"
        ) from error
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
