"""Material for writers of formats: the nasty little study, and datasets as nasty as hypothesis can."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import strategies
import studies
from hypothesis import strategies as st

from annotate.core.dataset import ROW_TYPES, Dataset, derive
from annotate.core.dataset.losses import Loss
from annotate.core.dataset.rows import (
    AnnotatorRow,
    DocumentRow,
    LabelRow,
    PassageRow,
    RelationRow,
    Row,
    SourceRow,
)
from annotate.core.ids import content_id, sha256_hex
from annotate.core.ledger import Head
from annotate.flows import dataset_inputs
from annotate.flows.dataset_corpus import read_corpus
from annotate.formats.package import Record
from annotate.formats.writing import Material, Writer
from annotate.store.ledger import read_ledger
from annotate.store.scheme import read_scheme

RECORD = Record(
    name="trial",
    study="A nasty | little <study>",
    version="0.1.0",
    head=Head(7, "a" * 64),
    pulls=("pull-000001",),
    names=False,
    excel=False,
)


@cache
def nasty() -> Material:
    """The nasty little study after its two pulls."""
    with tempfile.TemporaryDirectory() as root:
        study = studies.nasty_study(Path(root) / "study")
        corpus, problems = read_corpus(study)
        assert not problems
        made = dataset_inputs.read_material(study)
        inputs = dataset_inputs.inputs_of(study, read_ledger(study), corpus, made, names=False)
        return Material(derive(inputs), RECORD, read_scheme(study.scheme_dir))


def written(writer: Writer, material: Material) -> tuple[dict[str, bytes], dict[str, int]]:
    """What a writer leaves in an empty folder, by path, and its losses by name."""
    with tempfile.TemporaryDirectory() as root:
        losses = writer(material, Path(root))
        files = {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in sorted(Path(root).rglob("*"))
            if path.is_file()
        }
    assert all(loss.count > 0 and loss.why for loss in losses)
    assert all(isinstance(loss, Loss) for loss in losses)
    totals: Counter[str] = Counter()
    for loss in losses:
        totals[loss.what] += loss.count
    return files, dict(totals)


def assert_safe(files: Mapping[str, bytes]) -> None:
    """No name of a file says more than letters, digits and plain signs."""
    for name in files:
        assert all(
            part.strip(".") and part.replace("-", "a").replace("_", "a").replace(".", "a").isalnum()
            for part in name.split("/")
        ), name
        assert name.isascii()


def blank(kind: type[Row], **cells: object) -> Row:
    """A row of a table with empty cells."""
    empty = {one.name: "" for one in fields(kind)}
    return kind(**{**empty, **cells})  # type: ignore[arg-type]


NAMES = st.sampled_from(["A1", "a1", "", "../x", "con", "Ünï", "a/b\\c", "=1+1", "<b>&\"'", "x" * 90])
LABELS = st.sampled_from([("frame", "DATE"), ("frame", "PUB"), ("rhetoric", "LOADED"), ("odd", "<&\"' ü|x")])
VALUES = st.sampled_from(["", "2021-05-03", "2021", "[2021-05-03,2022-05-03]", "]]>&\r\n\t\x0b\uffff"])
TEXTS = st.one_of(strategies.texts, st.text(alphabet="ab 😀\n\r\t<&>\x00é\u00ad", max_size=60)).filter(bool)


@st.composite
def materials(draw: st.DrawFn) -> Material:
    """A dataset of one or two documents with any labels at all."""
    tables: dict[str, list[Row]] = {name: [] for name in ROW_TYPES}
    for number in range(draw(st.integers(1, 2))):
        _add_document(draw, tables, number)
    people = sorted({row.annotator for row in tables["labels"]} - {""})  # type: ignore[union-attr]
    tables["annotators"] = [AnnotatorRow(one, "en", False, True) for one in people]
    dataset = Dataset(**{name: tuple(rows) for name, rows in tables.items()})  # type: ignore[arg-type]
    return replace(nasty(), dataset=dataset)


def _add_document(draw: st.DrawFn, tables: dict[str, list[Row]], number: int) -> None:
    text = draw(TEXTS)
    digest = sha256_hex(f"{number}{text}".encode("utf-8", "surrogatepass"))
    source = {"source_id": f"src-{digest[:12]}", "source_file": f"{number}.txt"}
    document, passage = f"doc-{digest[:12]}", f"psg-{digest[:12]}"
    facts = {
        "title": draw(VALUES),
        "published": draw(VALUES),
        "language": draw(st.sampled_from(["de", "en", "", "qq"])),
    }
    tables["sources"].append(blank(SourceRow, **source, sha256=digest, rights=draw(VALUES)))
    tables["documents"].append(
        blank(DocumentRow, document_id=document, **source, **facts, source_start=0, source_end=len(text))
    )
    pieces = json.dumps([["verbatim", 0, len(text), ""]])
    tables["passages"].append(
        blank(
            PassageRow,
            passage_id=passage,
            document_id=document,
            **source,
            number=1,
            of=1,
            in_build=True,
            text=text,
            pieces=pieces,
            source_start=0,
            source_end=len(text),
        )
    )
    where = {**source, **facts, "document_id": document, "passage_id": passage}
    rows = []
    for index in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, min(len(text), start + 40)))
        layer, label = draw(LABELS)
        rows.append(
            blank(
                LabelRow,
                **where,
                label_id=content_id("lbl", [digest, index]),
                layer=layer,
                label=label,
                start=start,
                end=end,
                source_start=start,
                source_end=end,
                quote=text[start:end],
                prefix=text[max(0, start - 32) : start],
                suffix=text[end : end + 32],
                annotator=draw(NAMES),
                status="confirmed",
                origin="manual",
                score=draw(st.sampled_from([None, 0.1])),
                value=draw(VALUES),
                value_type="EDTF",
                updated_at="2025-11-03T10:00:00Z",
                doccano_project=None,
                doccano_example=None,
                doccano_label=None,
            )
        )
    tables["labels"].extend(rows)
    for first, second in pairwise(rows):
        if draw(st.booleans()):
            identity = content_id("rel", [first.label_id, second.label_id])
            kept = {name: value for name, value in where.items() if name not in facts}
            tables["relations"].append(
                blank(
                    RelationRow,
                    **kept,
                    relation_id=identity,
                    relation="dates",
                    from_label_id=first.label_id,
                    to_label_id=second.label_id,
                    annotator=first.annotator,
                    status="confirmed",
                    doccano_project=None,
                    doccano_example=None,
                    doccano_relation=None,
                )
            )
