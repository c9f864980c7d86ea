"""Check the ledger, the snapshots it names and the passages it holds (invariant 9)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from annotate.core.errors import Problem
from annotate.core.ids import sha256_hex
from annotate.core.ledger import Head, Line
from annotate.core.passage_records import passage_of
from annotate.flows.dataset_corpus import passage_fault
from annotate.store.ledger import LedgerLine, check_ledger
from annotate.store.study import Study

_RESTORE = "restore it from your version control or backup; do not edit it"


@dataclass(frozen=True, slots=True)
class History:
    """What was read of a ledger; ``sound`` when chain and files hold."""

    found: tuple[LedgerLine, ...]
    sound: bool
    snapshot_files: int
    problems: tuple[Problem, ...]


def read_history(study: Study, texts: Mapping[str, str]) -> History:
    """Every ledger line that can be read, and every fault of chain, snapshots and pushed passages."""
    found, breaks = check_ledger(study)
    problems = [*breaks, *_snapshot_faults(study, found), *_passage_faults(found, texts)]
    files = sum(len(_files_of(one.line.data)) for one in found if one.line.event == "pulled")
    return History(found, not breaks, files, tuple(problems))


def lines_to(history: History, head: Head) -> tuple[Line, ...] | str:
    """The ledger up to a dataset's head; or why there is no such ledger here."""
    lines = [one.line for one in history.found]
    at = next((index for index, line in enumerate(lines) if line.seq == head.seq), None)
    if at is None:
        last = lines[-1].seq if lines else 0
        return f"it was made from ledger line {head.seq}, but the ledger ends at line {last}"
    if lines[at].hash != head.hash:
        return f"it was made from a ledger whose line {head.seq} has another hash than the one here"
    return tuple(lines[: at + 1])


def _files_of(data: Mapping[str, Any]) -> dict[str, str]:
    files = data.get("files")
    return {str(name): str(digest) for name, digest in files.items()} if isinstance(files, dict) else {}


def _snapshot_faults(study: Study, found: Sequence[LedgerLine]) -> Iterator[Problem]:
    for one in found:
        if one.line.event == "pulled":
            yield from _faults_of_snapshot(study, one)


def _faults_of_snapshot(study: Study, one: LedgerLine) -> Iterator[Problem]:
    name = one.line.data.get("snapshot")
    if not isinstance(name, str) or not _is_plain(name) or "/" in name:
        yield Problem(one.file, one.number, "names no snapshot folder")
        return
    folder = study.snapshots_dir / name
    listed = _files_of(one.line.data)
    for file, digest in listed.items():
        path = folder / file
        data = _bytes_of(path) if _is_plain(file) else None
        if data is None:
            yield Problem(study.shown(path), 0, f"is missing, but {one.line.transaction} read it", _RESTORE)
        elif sha256_hex(data) != digest:
            yield Problem(study.shown(path), 0, f"is not what {one.line.transaction} read", _RESTORE)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for file in sorted(there - listed.keys()):
        yield Problem(study.shown(folder / file), 0, f"was not read by {one.line.transaction}", _RESTORE)


def _is_plain(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts and "\\" not in name


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _passage_faults(found: Iterable[LedgerLine], texts: Mapping[str, str]) -> Iterator[Problem]:
    for one in found:
        if one.line.event == "labels_imported":
            yield from _imported_passage_faults(one, texts)
        if one.line.event != "passage_pushed":
            continue
        try:
            passage = passage_of(one.line.data["passage"])
            what = passage_fault(passage, texts)
            digest = sha256_hex(passage.text.encode("utf-8", "surrogatepass"))
            if what is None and digest != one.line.data["text_sha256"]:
                what = "text_sha256 is not the hash of the passage's text"
        except (KeyError, TypeError, AttributeError) as error:
            what = f"the passage cannot be read: {error!r}"
        if what:
            yield Problem(one.file, one.number, what, _RESTORE)


def _imported_passage_faults(one: LedgerLine, texts: Mapping[str, str]) -> Iterator[Problem]:
    try:
        faults = [passage_fault(passage_of(record), texts) for record in one.line.data["passages"]]
    except (KeyError, TypeError, AttributeError) as error:
        faults = [f"a passage cannot be read: {error!r}"]
    for what in filter(None, faults):
        yield Problem(one.file, one.number, what, _RESTORE)
