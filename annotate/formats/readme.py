"""README.md of a dataset: what it is, what is in it, what it cannot say. No clock, only counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from annotate.core.agreement import AgreementRow
from annotate.core.dataset import Dataset
from annotate.core.dataset.quarantine import REASONS
from annotate.core.dataset.standoff import restricted
from annotate.formats.agreement_card import agreement_lines
from annotate.formats.markdown import plain
from annotate.formats.markdown import table as _table
from annotate.formats.package import ABOUT_TABLES, Record
from annotate.formats.plot import MOST_DOCUMENTS, PLOT, documents_of

MOST_SOURCES = 30
"""So many sources are told one by one in the card; of more, how many have which rights."""


def readme_bytes(record: Record, dataset: Dataset, agreement: Sequence[AgreementRow] | None = ()) -> bytes:
    """The README of a dataset."""
    parts = [
        _head(record),
        _files(dataset),
        _labels(dataset),
        _decisions(dataset),
        agreement_lines(agreement),
        _schemes(dataset),
        _rights(record, dataset),
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
    rows = [(f"`{name}.csv`", len(found), ABOUT_TABLES[name]) for name, found in dataset.tables()]
    return [
        "## Files",
        "",
        *_table(("file", "rows", "what"), rows),
        "",
        "`schemas/` explains every column (Table Schema), `datapackage.json` names the tables,",
        "`dataset.json` says what the dataset was made from, `MANIFEST.sha256` lists every file, `scheme/`",
        "is what annotators worked by, `CITATION.cff` how to cite it.",
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
        *_suggested_relations(dataset),
    ]


def _suggested_relations(dataset: Dataset) -> list[str]:
    rows = dataset.suggested_relations
    fates = Counter((row.agent, row.agent_version, row.relation, row.fate) for row in rows)
    if not fates:
        return []
    columns = ("agent", "version", "relation", "fate", "number")
    return ["", *_table(columns, [(*key, fates[key]) for key in sorted(fates)])]


def _named(who: str, scripted: Iterable[str]) -> str:
    name = who or "(unknown)"
    return f"{name} (a script, not a person)" if who in scripted else name


def _schemes(dataset: Dataset) -> list[str]:
    counts = Counter(
        (row.scheme, row.scheme_version, row.scheme_sha256, row.guideline_sha256) for row in dataset.labels
    )
    rows = [(*key, counts[key]) for key in sorted(counts)]
    return ["## Scheme", "", *_table(("scheme", "version", "SHA-256", "guideline SHA-256", "labels"), rows)]


def _rights(record: Record, dataset: Dataset) -> list[str]:
    """What may be done with it: the licence of the labels, what is known of each source."""
    about, closed = record.about, restricted(dataset.sources)
    licence = f"Labels: {plain(about.licence)}." if about.licence else "No licence of the labels is stated."
    told = [
        (
            row.source_file,
            row.rights or "unknown",
            row.redistribution or "unknown",
            "left out" if row.source_id in closed and record.standoff else "here",
        )
        for row in dataset.sources
    ]
    header = ("rights of the source", "may be passed on", "its text")
    if len(told) <= MOST_SOURCES:
        rows = _table(("source", *header), sorted(told))
        lines = ["## Rights", "", licence, "", *rows]
    else:
        counts = Counter(one[1:] for one in told)
        grouped = [(*key, number) for key, number in sorted(counts.items())]
        lines = ["## Rights", "", licence, "`sources.csv` has them one by one.", ""]
        lines += _table((*header, "sources"), grouped)
    if record.standoff:
        lines += [
            "",
            "Where a text is left out, rows keep their place, hashes and at most 90 characters of a quote.",
            "With the sources at hand, `annotate hydrate FOLDER --sources DIR` puts the texts back.",
        ]
    return lines


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
    closed = len(restricted(dataset.sources))
    if closed and not record.standoff:
        what = "that may not be passed on, or of which that is unknown: keep this dataset to yourself"
        yield f"`passages.csv` holds the text of {closed} source(s) {what}."
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
