"""TEI P5 with stand-off annotation: ``tei/<document>.xml``, one file a document.

The passages are ``ab`` elements whose text is untouched; every label is an ``annotation`` in ``standOff``
that points at them with ``string-range`` (code points from the beginning of the element, and a length), so
labels may overlap and belong to any number of people. Relations are annotations that link two others.
Source: TEI P5 Guidelines, 16.10 (standOff, listAnnotation) and 16.2.4 (pointer schemes).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final

from annotate.core.dataset.losses import Loss, lost_columns, lost_tables, reported
from annotate.core.dataset.rows import Cell, DocumentRow, LabelRow, PassageRow, RelationRow, SourceRow
from annotate.core.dataset.texts import TEXT_COLUMNS, WITHHELD, row_facts
from annotate.core.ids import sha256_hex
from annotate.core.scheme import Scheme
from annotate.formats.writing import Material
from annotate.formats.xml_text import (
    DECLARATION,
    LOST_CHARACTERS,
    WHY_LOST,
    attributes,
    element,
    illegal_count,
)

_NAMESPACE: Final = "http://www.tei-c.org/ns/1.0"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}\Z")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z", re.ASCII)
_LABEL_ELSEWHERE: Final = frozenset({*TEXT_COLUMNS, "label_id", "label", "start", "end"})
_RELATION_ELSEWHERE: Final = frozenset({*TEXT_COLUMNS, "relation_id", "from_label_id", "to_label_id"})
_HELD: Final = {
    "passages": ("passage_id", "document_id", "source_id", "source_file", "number", "text"),
    "documents": (
        *("document_id", "source_id", "source_file", "title", "byline", "agency", "publisher"),
        *("aggregator", "place", "published", "language"),
    ),
    "sources": ("source_id", "source_file", "sha256", "retrieved_from", "rights"),
    "annotators": ("annotator",),
}
_WHY: Final = "the TEI file has no place for it; it stands in the CSV tables"


def write(material: Material, folder: Path) -> tuple[Loss, ...]:
    """Write one file a document; passages of no document get one each."""
    dataset = material.dataset
    documents = {row.document_id: row for row in dataset.documents}
    sources = {(row.source_file, row.source_id): row for row in dataset.sources}
    labels: dict[str, list[LabelRow]] = defaultdict(list)
    for label in dataset.labels:
        labels[label.passage_id].append(label)
    relations: dict[str, list[RelationRow]] = defaultdict(list)
    for relation in dataset.relations:
        relations[relation.passage_id].append(relation)
    (folder / "tei").mkdir(parents=True)
    grouped: dict[str, list[PassageRow]] = defaultdict(list)
    for passage in dataset.passages:
        if passage.text:
            grouped[passage.document_id or passage.passage_id].append(passage)
    for key, passages in grouped.items():
        source = sources.get((passages[0].source_file, passages[0].source_id))
        own = [label for one in passages for label in labels[one.passage_id]]
        linked = [relation for one in passages for relation in relations[one.passage_id]]
        lines = _lines(material, documents.get(key), source, passages, own, linked)
        (folder / "tei" / f"{key}.xml").write_bytes("".join(lines).encode("utf-8"))
    return _losses(material)


def _losses(material: Material) -> tuple[Loss, ...]:
    dataset = material.dataset
    withheld = {row.passage_id for row in dataset.passages if not row.text}
    rights = "the rights of the source keep its text back, so it is left out"
    hidden = sum(row.passage_id in withheld for row in dataset.labels)
    lost = illegal_count(row.text for row in dataset.passages)
    columns = [loss for table, names in _HELD.items() for loss in lost_columns(dataset, table, names, _WHY)]
    return reported(
        [
            Loss(WITHHELD, len(withheld), rights),
            Loss("labels of withheld texts", hidden, "a label cannot be shown without its text"),
            Loss(LOST_CHARACTERS, lost, WHY_LOST),
            *columns,
            *lost_tables(dataset, {*_HELD, "labels", "relations"}, _WHY),
        ]
    )


def _lines(
    material: Material,
    document: DocumentRow | None,
    source: SourceRow | None,
    passages: list[PassageRow],
    labels: list[LabelRow],
    relations: list[RelationRow],
) -> Iterator[str]:
    yield f'{DECLARATION}<TEI xmlns="{_NAMESPACE}">\n<teiHeader>\n<fileDesc>\n'
    people = sorted(({row.annotator for row in labels} | {row.annotator for row in relations}) - {""})
    yield _title(document, people)
    yield _publication(material, source)
    yield _source(document, source, passages[0])
    yield "</fileDesc>\n"
    yield from _classes(material.scheme, labels)
    if document is not None and _NAME.match(document.language):
        language = element("language", {"ident": document.language}, document.language)
        yield f"<profileDesc><langUsage>{language}</langUsage></profileDesc>\n"
    yield "</teiHeader>\n<text>\n<body>\n"
    for row in passages:
        facts: dict[str, Cell] = {
            "xml:id": _id("passage", row.passage_id),
            "n": row.number,
            "xml:space": "preserve",
        }
        yield element("ab", facts, row.text) + "\n"
    yield "</body>\n</text>\n"
    if labels or relations:
        yield "<standOff>\n<listAnnotation>\n"
        yield from (_label(row) for row in labels)
        yield from (_relation(row) for row in relations)
        yield "</listAnnotation>\n</standOff>\n"
    yield "</TEI>\n"


def _title(document: DocumentRow | None, people: Iterable[str]) -> str:
    title = (document.title if document else "") or "[untitled]"
    author = element("author", {}, document.byline) if document and document.byline else ""
    persons = "".join(
        f"<respStmt>{element('resp', {}, 'labelled')}"
        f"{element('name', {'xml:id': _id('annotator', one)}, one)}</respStmt>"
        for one in people
    )
    return f"<titleStmt>{element('title', {}, title)}{author}{persons}</titleStmt>\n"


def _publication(material: Material, source: SourceRow | None) -> str:
    record = material.record
    rights = source.rights if source else ""
    told = element("p", {}, rights or "The rights of the source are not stated.")
    return (
        f"<publicationStmt>{element('distributor', {}, record.study)}"
        f"{element('idno', {'type': 'dataset'}, record.name)}"
        f"{element('idno', {'type': 'ledger'}, record.head.hash)}"
        f"<availability>{told}</availability></publicationStmt>\n"
    )


def _source(document: DocumentRow | None, source: SourceRow | None, passage: PassageRow) -> str:
    parts: list[tuple[str, dict[str, Cell], str]] = []
    if document is not None:
        when = document.published if _is_date(document.published) else ""
        parts += [
            ("title", {}, document.title),
            ("author", {}, document.byline),
            ("publisher", {}, document.publisher),
            ("orgName", {"type": "agency"}, document.agency),
            ("orgName", {"type": "aggregator"}, document.aggregator),
            ("pubPlace", {}, document.place),
            ("date", {"when": when}, document.published),
            ("idno", {"type": "document_id"}, document.document_id),
        ]
    parts.append(("idno", {"type": "source_id"}, passage.source_id))
    parts.append(("idno", {"type": "source_file"}, passage.source_file))
    if source is not None:
        parts.append(("idno", {"type": "sha256"}, source.sha256))
        parts.append(("idno", {"type": "retrieved_from"}, source.retrieved_from))
    told = "".join(element(name, values, text) for name, values, text in parts if text)
    return f"<sourceDesc><bibl>{told}</bibl></sourceDesc>\n"


def _is_date(text: str) -> bool:
    """Whether it is a day, month or year of XML Schema, which knows no year 0000."""
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :] if len(text) in (4, 7) else text)
    except ValueError:
        return False
    return len(text) in (4, 7, 10) and text.isascii()


def _classes(scheme: Scheme, labels: list[LabelRow]) -> Iterator[str]:
    layers: dict[str, dict[str, str]] = {one.name: {} for one in scheme.layers}
    known = {kind.name for kind in scheme.labels}
    for kind in scheme.labels:
        layers[kind.layer][kind.name] = kind.definition
    for row in labels:
        if row.label not in known:
            # A name of an import or of an older version.
            layers.setdefault(row.layer, {})[row.label] = ""
            known.add(row.label)
    yield "<encodingDesc><classDecl>\n"
    for layer, kinds in layers.items():
        yield f"<taxonomy{attributes({'xml:id': _id('layer', layer)})}>"
        yield element("bibl", {}, f"{scheme.name} {scheme.version}: {layer}")
        for name, definition in kinds.items():
            told = element("catDesc", {}, f"{name}: {definition}" if definition else name)
            yield f"<category{attributes({'xml:id': _id('label', name), 'n': name})}>{told}</category>"
        yield "</taxonomy>\n"
    yield "</classDecl></encodingDesc>\n"


def _label(row: LabelRow) -> str:
    place = f"#string-range({_id('passage', row.passage_id)},{row.start},{row.end - row.start})"
    head = {"xml:id": _id("label-of", row.label_id), "motivation": "tagging", "target": place}
    body = element("ptr", {"target": f"#{_id('label', row.label)}"})
    return _annotation(head, row.annotator, row.updated_at, body, row_facts(row, _LABEL_ELSEWHERE))


def _relation(row: RelationRow) -> str:
    ends = " ".join(f"#{_id('label-of', one)}" for one in (row.from_label_id, row.to_label_id))
    head = {"xml:id": _id("label-of", row.relation_id), "motivation": "linking", "target": ends}
    return _annotation(head, row.annotator, row.updated_at, "", row_facts(row, _RELATION_ELSEWHERE))


def _annotation(
    head: Mapping[str, Cell], annotator: str, updated: str, body: str, facts: Mapping[str, Cell]
) -> str:
    who = ""
    if annotator:
        reference = element("name", {"ref": f"#{_id('annotator', annotator)}"}, annotator)
        who = f"<respStmt>{element('resp', {}, 'labelled')}{reference}</respStmt>"
    dated = bool(_MOMENT.match(updated))
    when = f"<revisionDesc>{element('change', {'when': updated})}</revisionDesc>" if dated else ""
    notes = "".join(
        element("note", {"type": name}, value if isinstance(value, str) else repr(value))
        for name, value in facts.items()
        if not (dated and name == "updated_at")
    )
    return f"<annotation{attributes(head)}>{who}{when}{body}{notes}</annotation>\n"


def _id(kind: str, name: str) -> str:
    """An XML name: ids of rows as they are, other names behind their kind, odd ones by hash."""
    if kind in ("passage", "label-of") and _NAME.match(name):
        return name
    plain = name if _NAME.match(name) else sha256_hex(name.encode("utf-8", "surrogatepass"))[:12]
    return f"{kind}.{plain}"
