"""`annotate history`: the ledger in words, for one document, passage, label or file, or for all."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from annotate.core.errors import UsageError
from annotate.core.history import HistoryEntry, history
from annotate.core.ledger import Line
from annotate.store.built import read_built
from annotate.store.ledger import read_ledger
from annotate.store.study import Study


def read_history(
    study: Study, what: str = "", *, annotator: str = "", since: str = ""
) -> tuple[HistoryEntry, ...]:
    """Entries about ``what`` (an id, or a file name; empty: everything), oldest first.

    ``annotator``: what this account did, and what happened in its project. ``since``: only what was
    recorded after this transaction. Raises UsageError for a name that is none, with the nearest ones;
    IntegrityFailure when the ledger does not hold.
    """
    lines = read_ledger(study)
    entries = tuple(history(lines))
    if what:
        entries = _about(study, entries, what)
    if annotator:
        known = {name for one in entries for name in (one.who, one.project)} - {""}
        everyone = known | {person.user for person in study.config.annotators}
        _require(annotator, everyone, "nobody is called")
        entries = tuple(one for one in entries if annotator in (one.who, one.project))
    if since:
        start = _end_of(lines, since)
        entries = tuple(one for one in entries if one.seq > start)
    return entries


def _about(study: Study, entries: Sequence[HistoryEntry], what: str) -> tuple[HistoryEntry, ...]:
    documents = _documents(study)
    # The build may have cut a document anew since its passages were pushed: its file leads there too.
    found = tuple(one for one in entries if what in _names(one))
    known = {name for one in entries for name in _names(one)} | set(documents)
    if not found and what in documents:
        return ()
    _require(what, known, "no label, document, passage or source of this study is called")
    return found


def _names(entry: HistoryEntry) -> frozenset[str]:
    about = entry.about
    file = about.source_file
    names = {about.passage_id, about.document_id, file, PurePosixPath(file).name if file else ""}
    return frozenset({*names, *about.labels} - {""})


def _documents(study: Study) -> frozenset[str]:
    """What the build knows: nothing has to have happened to it."""
    if not (study.built_dir / "manifest.json").is_file():
        return frozenset()
    built = read_built(study)
    names = {name for one in built.passages for name in (one.passage_id, one.document_id)}
    files = {name for one in built.sources for name in (one.file, PurePosixPath(one.file).name)}
    return frozenset({*names, *files, *(one.document_id for one in built.documents)})


def _end_of(lines: Iterable[Line], transaction: str) -> int:
    ends = {line.transaction: line.seq for line in lines}
    _require(transaction, ends, "no transaction is called")
    return ends[transaction]


def _require(word: str, known: Iterable[str], what: str) -> None:
    names = sorted(known)
    if word in names:
        return
    close = difflib.get_close_matches(word, names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else "`annotate history` alone lists everything"
    raise UsageError(f"{what} {word!r}", hint=hint)
