"""Import passages through Doccano's upload and its task worker.

The answer of an import says little (labels may be dropped without a word, a task may die after it
stored rows), so callers always read back what is there.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from annotate.core.errors import ServerFailure
from annotate.doccano.transport import Transport

BATCH = 500
"""Rows per import. Doccano stores 1,000 at a time; a repeated ``example_uuid`` undoes only one such batch."""

TASK_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What the server said of an import: refused rows as (1-based row, message), and a crash if it died."""

    refused: tuple[tuple[int, str], ...]
    crash: str | None


def start_import(server: Transport, project_id: int, data: bytes) -> str:
    """Upload one JSONL file and queue its import; the task's id. Raises Refused, ServerFailure."""
    upload = server.raw(
        "POST",
        "fp/process/",
        files={"filepond": ("passages.jsonl", data, "application/x-ndjson")},
        # The session's own content type is JSON; None lets the multipart boundary through.
        headers={"content-type": None, "accept": "*/*"},
    ).text.strip()
    started = server.send(
        "POST",
        f"projects/{project_id}/upload",
        json={
            "uploadIds": [upload],
            "format": "JSONL",
            "task": "RelationExtraction",
            "encoding": "utf-8",
            "column_data": "text",
            "column_label": "label",
        },
    )
    task = started.get("task_id") if isinstance(started, dict) else None
    if not isinstance(task, str):
        raise ServerFailure("the server took the upload but started no import")
    return task


def finish_import(server: Transport, task: str) -> ImportOutcome:
    """Wait for an import. Raises Refused, ServerFailure."""
    return _outcome(_wait(server, task))


def _wait(server: Transport, task: str) -> dict[str, Any]:
    deadline = time.monotonic() + TASK_SECONDS
    pause = 0.1
    while time.monotonic() < deadline:
        status = server.get(f"tasks/status/{task}")
        if isinstance(status, dict) and status.get("ready"):
            return status
        time.sleep(pause)
        pause = min(pause * 1.2, 1.0)
    raise ServerFailure(
        f"the import was not done after {TASK_SECONDS:.0f} s",
        hint="is the task worker running? `annotate server status`; then run the same command again",
    )


def _outcome(status: dict[str, Any]) -> ImportOutcome:
    crash = status.get("error")
    result = status.get("result")
    rows = result.get("error") if isinstance(result, dict) else None
    refused = tuple(
        (int(row.get("line") or 0), str(row.get("message") or "refused"))
        for row in (rows or ())
        if isinstance(row, dict)
    )
    if isinstance(crash, dict):
        crash = crash.get("text")
    return ImportOutcome(refused, str(crash) if crash else None)
