"""``reader.html``: the texts with their labels as one page, with filters; no network, no server.

One small script filters and shows details; the page's policy lets only exactly this script run, by its
hash. Without it every text and every label is there all the same.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from annotate.core.dataset import Dataset
from annotate.core.dataset.rows import CommentRow, DocumentRow, LabelRow, PassageRow, RelationRow
from annotate.core.scheme import Scheme
from annotate.formats.writers.marking import Mark, lane_styles, marked
from annotate.formats.writing import Loss, Material

if TYPE_CHECKING:
    import jinja2

READER: Final = "reader.html"
QUOTE: Final = 240
"""How many code points of a quote a list shows; the text has it whole."""
_DEEP: Final = 3
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8})*\Z")
_ORIGINS: Final = {
    "accepted": "accepted suggestion",
    "edited": "edited suggestion",
    "manual": "drawn by hand",
    "imported": "imported",
}
_UNSHOWN: Final = {
    "timex_type": "the page shows the calendar value of a date only",
    "timex_value": "the page shows the calendar value of a date only",
    "anchor": "what a date hangs on is not shown",
    "alternatives": "other readings of a date are not shown",
    "doccano_server": "where on the server a label stands is not shown",
    "doccano_example": "where on the server a label stands is not shown",
    "doccano_label": "where on the server a label stands is not shown",
    "scheme_sha256": "the scheme is named by its version",
}
_SHOWN_TABLES: Final = frozenset(
    {"sources", "documents", "passages", "annotators", "labels", "relations", "comments"}
)


def write(material: Material, folder: Path) -> tuple[Loss, ...]:
    """Write the page; returns what it does not show."""
    page = reader_page(material)
    (folder / READER).write_bytes(page.encode("utf-8", "replace"))
    return tuple(_losses(material.dataset))


def reader_page(material: Material) -> str:
    """The whole page. The same material gives the same page."""
    data, index = material.dataset, _Index.of(material.dataset, material.scheme)
    articles = list(_articles(data, index))
    script = _resource("reader.js")
    digest = b64encode(sha256(script.encode("utf-8")).digest()).decode("ascii")
    confirmed = sum(one.status == "confirmed" for one in data.labels)
    about = (
        f"A dataset of the study “{material.record.study}”: {len(data.labels)} labels, {confirmed} of them "
        f"confirmed, in {len(data.documents)} documents. Ledger {material.record.head.hash[:12]}."
    )
    return _template().render(
        name=material.record.name,
        about=about,
        articles=articles,
        layers=list(_layers(data, index, material.scheme)),
        groups=list(_groups(data, index)),
        style=_resource("reader.css"),
        colours=_colours(index, material.scheme) + lane_styles(),
        script=script,
        script_hash=f"sha256-{digest}",
    )


@dataclass(frozen=True, slots=True)
class _Index:
    """A number for each thing that is a class on the page, and for each label."""

    labels: dict[tuple[str, str], int]
    layers: dict[str, int]
    annotators: dict[str, int]
    statuses: dict[str, int]
    origins: dict[str, int]
    numbers: dict[str, int]

    @classmethod
    def of(cls, data: Dataset, scheme: Scheme) -> _Index:
        """Numbers in the order of the scheme, then of the alphabet; labels in the order of the table."""
        known = [(one.layer, one.name) for one in scheme.labels]
        found = {(one.layer, one.label) for one in data.labels}
        kinds = [*(one for one in known if one in found), *sorted(found.difference(known))]
        people = {one.annotator for one in data.labels} | {one.annotator for one in data.relations}
        states = {one.status for one in data.labels} | {one.status for one in data.relations}
        return cls(
            labels=_numbered(kinds),
            layers=_numbered(dict.fromkeys(layer for layer, _ in kinds)),
            annotators=_numbered(sorted(people)),
            statuses=_numbered(sorted(states)),
            origins=_numbered(sorted({one.origin for one in data.labels})),
            numbers=_numbered(one.label_id for one in data.labels),
        )

    def classes(self, row: LabelRow) -> str:
        """The classes that filters and colours go by."""
        kind = (row.layer, row.label)
        state = " draft" if row.status == "draft" else ""
        who, status, origin = (
            self.annotators[row.annotator],
            self.statuses[row.status],
            self.origins[row.origin],
        )
        return f"k{self.labels[kind]} a{who} s{status} o{origin}{state}"


def _numbered(names: Iterable[Any]) -> dict[Any, int]:
    return {name: number for number, name in enumerate(names)}


def _articles(data: Dataset, index: _Index) -> Iterator[dict[str, Any]]:
    documents = {one.document_id: one for one in data.documents}
    passages: dict[str, list[PassageRow]] = defaultdict(list)
    for passage in data.passages:
        # A passage that the build cut otherwise since belongs to no document of it: by its source then.
        passages[passage.document_id or f"\0{passage.source_file}"].append(passage)
    labels: dict[str, list[LabelRow]] = defaultdict(list)
    for label in data.labels:
        labels[label.passage_id].append(label)
    rows = {one.label_id: one for one in data.labels}
    relations: dict[str, list[RelationRow]] = defaultdict(list)
    for relation in data.relations:
        if relation.from_label_id in rows and relation.to_label_id in rows:
            relations[relation.passage_id].append(relation)
    comments: dict[str, list[CommentRow]] = defaultdict(list)
    for comment in data.comments:
        comments[comment.passage_id].append(comment)
    for number, (key, own) in enumerate(passages.items()):
        here = [one for passage in own for one in labels[passage.passage_id]]
        yield {
            "number": number,
            **_about(documents.get(key), own[0], len(here)),
            "passages": [_passage(one, labels[one.passage_id], index) for one in own],
            "labels": [_entry(one, index) for one in here],
            "relations": [
                _relation(one, rows, index) for passage in own for one in relations[passage.passage_id]
            ],
            "comments": [one for passage in own for one in comments[passage.passage_id]],
        }


def _about(document: DocumentRow | None, first: PassageRow, labels: int) -> dict[str, str]:
    counted = f"{labels} label{'' if labels == 1 else 's'}"
    if document is None:
        title = f"{first.source_file}: passages of an earlier build"
        return {"title": title, "about": first.source_file, "short": counted, "language": ""}
    published = document.published or "undated"
    parts = (
        *(document.byline, document.publisher, document.agency, document.place, published),
        document.source_file,
    )
    return {
        "title": document.title or f"{document.source_file}, without a title",
        "about": " · ".join(part for part in parts if part),
        "short": f"{published} · {counted}",
        "language": document.language if _LANGUAGE.match(document.language) else "",
    }


def _passage(passage: PassageRow, labels: Iterable[LabelRow], index: _Index) -> dict[str, Any]:
    if not passage.text:
        return {"text": "", "deep": False}
    marks = [
        Mark(
            one.start,
            one.end,
            index.numbers[one.label_id],
            index.classes(one),
            one.label,
            one.annotator,
        )
        for one in labels
    ]
    text, lanes = marked(passage.text, marks)
    return {"text": text, "deep": lanes > _DEEP}


def _entry(row: LabelRow, index: _Index) -> dict[str, Any]:
    return {
        "number": index.numbers[row.label_id],
        "classes": index.classes(row),
        "name": row.label,
        "quote": _cut(row.quote),
        "facts": tuple(_facts(row)),
    }


def _facts(row: LabelRow) -> Iterator[str]:
    yield f"by {row.annotator or 'unknown'}"
    yield f"confirmed {_time(row.confirmed_at)}".rstrip() if row.status == "confirmed" else row.status
    yield f"made {_time(row.created_at)}" if row.created_at else "made at an unknown time"
    if row.updated_at != row.created_at:
        yield f"changed {_time(row.updated_at)}" if row.updated_at else "changed at an unknown time"
    yield _ORIGINS.get(row.origin, row.origin)
    if row.suggestion_id:
        score = f", score {row.score:.2f}" if row.score is not None else ""
        yield f"suggested by {row.agent} {row.agent_version}{score} ({row.suggestion_id})"
    if row.value:
        yield f"value {row.value} ({row.value_type})"
    yield f"source {row.source_file}, characters {row.source_ranges}"
    if row.scheme:
        yield f"scheme {row.scheme} {row.scheme_version}, guidelines {row.guideline_sha256[:12]}"
    yield f"{row.pull}, {row.label_id}"


def _relation(row: RelationRow, labels: dict[str, LabelRow], index: _Index) -> dict[str, Any]:
    start, end = labels[row.from_label_id], labels[row.to_label_id]
    return {
        "classes": f"a{index.annotators[row.annotator]} s{index.statuses[row.status]}",
        "name": row.relation,
        "who": row.annotator or "unknown",
        "status": row.status,
        "origin": f"{row.origin}, suggested by {row.agent}" if row.agent else row.origin,
        **_end("from", start, index),
        **_end("to", end, index),
    }


def _end(side: str, row: LabelRow, index: _Index) -> dict[str, Any]:
    number = index.numbers[row.label_id]
    return {f"{side}_number": number, f"{side}_label": row.label, f"{side}_quote": _cut(row.quote, 60)}


def _layers(data: Dataset, index: _Index, scheme: Scheme) -> Iterator[dict[str, Any]]:
    counts = Counter((one.layer, one.label) for one in data.labels)
    titles = {one.name: one.title for one in scheme.layers}
    for layer, number in index.layers.items():
        own = [
            {"name": name, "number": at, "count": counts[layer, name]}
            for (of, name), at in index.labels.items()
            if of == layer
        ]
        yield {"title": titles.get(layer, layer), "number": number, "labels": own}


def _groups(data: Dataset, index: _Index) -> Iterator[dict[str, Any]]:
    groups = (
        ("Annotator", "a", "annotator", index.annotators),
        ("Status", "s", "status", index.statuses),
        ("Origin", "o", "origin", index.origins),
    )
    for title, letter, column, numbers in groups:
        counts = Counter(getattr(one, column) for one in data.labels)
        values = [
            {"name": _ORIGINS.get(name, name or "unknown"), "number": number, "count": counts[name]}
            for name, number in numbers.items()
        ]
        if values:
            yield {"title": title, "letter": letter, "choices": values}


def _colours(index: _Index, scheme: Scheme) -> str:
    looks = {(one.layer, one.name): (one.background, one.text) for one in scheme.labels}
    lines = []
    for kind, number in index.labels.items():
        back, front = looks.get(kind, ("#607d8b", "#ffffff"))
        if not (_COLOUR.match(back) and _COLOUR.match(front)):
            back, front = "#607d8b", "#ffffff"
        lines.append(
            f".k{number}{{--c:{back};--t:{front}}}.swatch.k{number}{{background:{back};color:{front}}}\n"
        )
    return "".join(lines)


def _losses(data: Dataset) -> Iterator[Loss]:
    for name, rows in data.tables():
        if rows and name not in _SHOWN_TABLES:
            yield Loss(name, len(rows), "the page shows texts, labels, relations and comments only")
    for column, why in _UNSHOWN.items():
        number = sum(getattr(one, column) not in ("", None) for one in data.labels)
        if number:
            yield Loss(f"labels.{column}", number, why)
    lost = _stray_relations(data)
    if lost:
        yield Loss("relations", lost, "one of their labels was not chosen for this dataset")


def _stray_relations(data: Dataset) -> int:
    known = {one.label_id for one in data.labels}
    return sum(not {one.from_label_id, one.to_label_id} <= known for one in data.relations)


def _time(text: str) -> str:
    return f"{text[:10]} {text[11:16]} UTC" if text else ""


def _cut(text: str, length: int = QUOTE) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _template() -> jinja2.Template:
    # Loaded here: the command line starts without it.
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True, loader=None
    )
    return environment.from_string(_resource("reader.html.j2"))


def _resource(name: str) -> str:
    return (files("annotate.formats") / "templates" / name).read_text("utf-8")
