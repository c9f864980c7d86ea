"""README.md of a dataset: what it is, what is in it, what it cannot say. No clock, only counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from annotate.core.dataset import Dataset
from annotate.core.dataset.quarantine import REASONS
from annotate.formats.markdown import plain
from annotate.formats.markdown import table as _table
from annotate.formats.package import Record
from annotate.formats.plot import MOST_DOCUMENTS, PLOT, documents_of

_ABOUT = {
    "sources": "the files as received: hash, encoding, where from, rights",
    "documents": "the articles in them, with the evidence of each date",
    "passages": "the texts that annotators saw, with the map to the source",
    "annotators": "who is named in the other tables",
    "assignments": "who was given which passage, and whether it was confirmed",
    "labels": "one row a label and annotator",
    "relations": "relations between labels",
    "gold": "what all agree on, what an adjudicator decided, and what is open; gold is `verdict` = `kept`",
    "gold_relations": "the same for relations",
    "suggestions": "machine labels and what became of them",
    "runs": "the suggester runs behind them",
    "comments": "remarks on passages",
    "chronology": "every DATE label with the days it can mean, in the order of time",
    "quarantine": "what was seen and could not be proven",
}


def readme_bytes(record: Record, dataset: Dataset) -> bytes:
    """The README of a dataset."""
    parts = [
        _head(record),
        _files(dataset),
        _labels(dataset),
        _decisions(dataset),
        _schemes(dataset),
        _history(record),
        _limits(record, dataset),
        _set_aside(dataset),
        _checking(record),
    ]
    return "\n".join("\n".join(part) + "\n" for part in parts).encode("utf-8")


def _head(record: Record) -> list[str]:
    return [
        f"# {plain(record.name)}",
        "",
        f"A dataset of the study “{plain(record.study)}”, made by source-annotate {plain(record.version)}",
        "from its ledger and its sources. It is derived: change the study and export again, do not edit it.",
        "Every row of `labels.csv` is checkable: the `source_ranges` of its source, cleaned of what a",
        "browser does not show, are its `quote`. Offsets are code points (Unicode characters), half-open.",
        "Times are UTC. An empty cell means unknown.",
    ]


def _files(dataset: Dataset) -> list[str]:
    rows = [(f"`{name}.csv`", len(found), _ABOUT[name]) for name, found in dataset.tables()]
    return [
        "## Files",
        "",
        *_table(("file", "rows", "what"), rows),
        "",
        "`schemas/` explains every column (Table Schema), `datapackage.json` names the tables,",
        "`dataset.json` says what the dataset was made from, `MANIFEST.sha256` lists every file.",
        _plot(dataset),
    ]


def _plot(dataset: Dataset) -> str:
    documents = documents_of(dataset.chronology)
    if not documents:
        return f"There is no `{PLOT}`: no DATE label has a value with both ends of a place in time."
    shown = f"the {MOST_DOCUMENTS} with most of" if documents > MOST_DOCUMENTS else "all"
    return f"`{PLOT}` shows the chronology of {shown} {documents} document(s) with dates."


def _labels(dataset: Dataset) -> list[str]:
    rows = dataset.labels
    confirmed = Counter((row.layer, row.label) for row in rows if row.status == "confirmed")
    every = Counter((row.layer, row.label) for row in rows)
    table = [(*key, every[key], confirmed[key]) for key in sorted(every)]
    return ["## Labels", "", *_table(("layer", "label", "rows", "of them confirmed"), table)]


def _decisions(dataset: Dataset) -> list[str]:
    scripted = {row.annotator for row in dataset.annotators if row.scripted}
    counts = Counter((row.annotator, row.status, row.origin) for row in dataset.labels)
    table = [
        (_named(who, scripted), status, origin, number)
        for (who, status, origin), number in sorted(counts.items())
    ]
    passages = Counter((row.assignee, row.status) for row in dataset.assignments)
    read = [(_named(who, scripted), status, number) for (who, status), number in sorted(passages.items())]
    fates = Counter((row.agent, row.agent_version, row.fate) for row in dataset.suggestions)
    return [
        "## Annotators",
        "",
        *_table(("annotator", "status", "origin", "labels"), table),
        "",
        *_table(("annotator", "passages", "number"), read),
        "",
        "## Suggestions",
        "",
        *_table(("agent", "version", "fate", "number"), [(*key, fates[key]) for key in sorted(fates)]),
    ]


def _named(who: str, scripted: Iterable[str]) -> str:
    name = who or "(unknown)"
    return f"{name} (a script, not a person)" if who in scripted else name


def _schemes(dataset: Dataset) -> list[str]:
    counts = Counter(
        (row.scheme, row.scheme_version, row.scheme_sha256, row.guideline_sha256) for row in dataset.labels
    )
    rows = [(*key, counts[key]) for key in sorted(counts)]
    return ["## Scheme", "", *_table(("scheme", "version", "SHA-256", "guideline SHA-256", "labels"), rows)]


def _history(record: Record) -> list[str]:
    return [
        "## History",
        "",
        f"Ledger line {record.head.seq}, hash `{plain(record.head.hash)}`.",
        f"Pulls: {', '.join(plain(pull) for pull in record.pulls)}.",
    ]


def _limits(record: Record, dataset: Dataset) -> list[str]:
    return ["## Known limits", "", *(f"- {limit}" for limit in _known_limits(record, dataset))]


def _known_limits(record: Record, dataset: Dataset) -> Iterator[str]:
    scripted = [row.annotator for row in dataset.annotators if row.scripted]
    if scripted:
        names = ", ".join(plain(name) for name in scripted)
        yield f"{names}: scripts of the sample study. Their labels say nothing about the texts."
    if record.names:
        yield "Annotators are given by account name: do not pass this dataset on without their consent."
    drafts = sum(row.status == "draft" for row in dataset.labels)
    if drafts:
        yield f"{drafts} label(s) are drafts: their passage was not confirmed."
    undated = sum(not row.published for row in dataset.documents)
    if undated:
        yield f"{undated} of {len(dataset.documents)} document(s) have no publication date: none is stated."
    unclear = sum(not row.rights for row in dataset.sources)
    if unclear:
        yield f"Rights are unknown for {unclear} source(s): `passages.csv` holds their text, so ask first."
    yield "A label value is given only for suggestions that were accepted as they were."
    yield "A label that is moved on the server is a new label there: which suggestion it was is inferred."
    yield "A rejection has the time of its confirmation: the server does not tell when a label was deleted."


def _set_aside(dataset: Dataset) -> list[str]:
    counts = Counter((row.table, row.reason) for row in dataset.quarantine)
    if not counts:
        return ["## Set aside", "", "Nothing."]
    rows = [
        (table, f"{reason}: {REASONS[reason]}", counts[table, reason]) for table, reason in sorted(counts)
    ]
    return ["## Set aside", "", *_table(("table", "reason", "rows"), rows)]


def _checking(record: Record) -> list[str]:
    return [
        "## How to check it",
        "",
        "`sha256sum -c MANIFEST.sha256` in this folder shows whether a file was changed. In its study,",
        f"`annotate verify {plain(record.name)}` proves every quote against the bytes of its source and",
        "makes every row again from the ledger.",
    ]
