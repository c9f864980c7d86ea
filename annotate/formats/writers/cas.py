"""UIMA CAS as XMI, for INCEpTION: ``cas/TypeSystem.xml`` and ``cas/<annotator>/<passage>.xmi``.

Offsets count UTF-16 code units, as Java does. All labels are of one type, ``webanno.custom.SourceLabel``
with the scheme's layer as a feature, because a relation layer of INCEpTION hangs on one span layer and the
relations of a scheme may cross its layers. Sources: the UIMA references (XMI), DKPro Core's type system
(sentences, tokens, document metadata), INCEpTION's user guide (relation layers: Governor and Dependent).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeVar

from annotate.core.dataset import ROW_TYPES, Dataset, columns
from annotate.core.dataset.losses import Loss, reported
from annotate.core.dataset.rows import Cell
from annotate.core.dataset.texts import (
    TEXT_COLUMNS,
    LabelledText,
    folder_names,
    labelled_texts,
    row_facts,
    text_losses,
)
from annotate.core.offsets import CodePoint, Utf16Map
from annotate.formats.tokens import sentences_of, tokens_of
from annotate.formats.writing import Material
from annotate.formats.xml_text import (
    DECLARATION,
    LOST_CHARACTERS,
    WHY_LOST,
    attributes,
    element,
    illegal_count,
)

LABEL: Final = "webanno.custom.SourceLabel"
RELATION: Final = "webanno.custom.SourceRelation"
TEXT: Final = "webanno.custom.SourceText"
_SEGMENT: Final = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type"
_METADATA: Final = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
_ANNOTATION: Final = "uima.tcas.Annotation"
_STRING: Final = "uima.cas.String"
_NOT_LABEL: Final = frozenset({*TEXT_COLUMNS, "quote", "prefix", "suffix", "start", "end"}) - {"annotator"}
_NOT_RELATION: Final = frozenset({"from_label_id", "to_label_id"})
_TEXT_FEATURES: Final = (*TEXT_COLUMNS, "passage_number", "passages_of_document")
_WHY: Final = "the type system has no feature for it; it stands in the CSV tables"
_Value = TypeVar("_Value")
_SPACES: Final = {
    "xmi": "http://www.omg.org/XMI",
    "cas": "http:///uima/cas.ecore",
    "custom": "http:///webanno/custom.ecore",
    "segment": "http:///de/tudarmstadt/ukp/dkpro/core/api/segmentation/type.ecore",
    "metadata": "http:///de/tudarmstadt/ukp/dkpro/core/api/metadata/type.ecore",
}


def write(material: Material, folder: Path) -> tuple[Loss, ...]:
    """Write one XMI file a text and the type system of all."""
    dataset = material.dataset
    texts = list(labelled_texts(dataset))
    folders = folder_names({text.annotator for text in texts})
    (folder / "cas").mkdir(parents=True)
    (folder / "cas" / "TypeSystem.xml").write_bytes(_type_system().encode("utf-8"))
    for text in texts:
        place = folder / "cas" / folders[text.annotator]
        place.mkdir(exist_ok=True)
        (place / f"{text.passage.passage_id}.xmi").write_bytes(_xmi(text, material).encode("utf-8"))
    return _losses(dataset, texts)


def _losses(dataset: Dataset, texts: list[LabelledText]) -> tuple[Loss, ...]:
    lost = illegal_count(text.passage.text for text in texts)
    return reported([Loss(LOST_CHARACTERS, lost, WHY_LOST), *text_losses(dataset, _WHY)])


def _xmi(text: LabelledText, material: Material) -> str:
    spaces = "".join(f' xmlns:{name}="{uri}"' for name, uri in _SPACES.items())
    found = list(_structures(text, material))
    # Ids as UIMA gives them: the text is 1, the structures follow.
    members = " ".join(str(number) for number in range(2, len(found) + 2))
    sofa: dict[str, Cell] = {"xmi:id": 1, "sofaNum": 1, "sofaID": "_InitialView", "mimeType": "text/plain"}
    lines = [
        f'{DECLARATION}<xmi:XMI{spaces} xmi:version="2.0">',
        '<cas:NULL xmi:id="0"/>',
        *(
            element(name, {"xmi:id": number, "sofa": 1, **values})
            for number, (name, values) in enumerate(found, 2)
        ),
        element("cas:Sofa", {**sofa, "sofaString": text.passage.text}),
        f'<cas:View sofa="1"{attributes({"members": members})}/>',
        "</xmi:XMI>\n",
    ]
    return "\n".join(lines)


def _structures(text: LabelledText, material: Material) -> Iterator[tuple[str, dict[str, Cell]]]:
    """(element name, attributes) of everything that the view holds, in the order of their ids."""
    words = text.passage.text
    units = Utf16Map(words)

    def place(start: int, end: int) -> dict[str, Cell]:
        return {"begin": units.to_utf16(CodePoint(start)), "end": units.to_utf16(CodePoint(end))}

    metadata = {
        "language": (text.document.language if text.document else "") or "x-unspecified",
        "documentTitle": text.passage.passage_id,
        "documentId": text.passage.passage_id,
        "collectionId": material.record.name,
    }
    yield "metadata:DocumentMetaData", {**place(0, len(words)), **metadata}
    yield "custom:SourceText", text.facts()
    # The first label's id: 1 is the text, then the two above.
    ids = {label.label_id: number for number, label in enumerate(text.labels, 4)}
    for label in text.labels:
        yield (
            "custom:SourceLabel",
            {**place(label.start, label.end), **_features(row_facts(label, _NOT_LABEL))},
        )
    places = {label.label_id: place(label.start, label.end) for label in text.labels}
    for relation in text.relations:
        ends = {"Governor": ids[relation.from_label_id], "Dependent": ids[relation.to_label_id]}
        facts = row_facts(relation, {*_NOT_RELATION, *TEXT_COLUMNS} - {"annotator"})
        yield "custom:SourceRelation", {**places[relation.to_label_id], **ends, **_features(facts)}
    spans = [(label.start, label.end) for label in text.labels]
    for start, end in sentences_of(words, spans):
        yield "segment:Sentence", place(start, end)
    for start, end in tokens_of(words, (offset for span in spans for offset in span)):
        yield "segment:Token", place(start, end)


def _features(facts: Mapping[str, _Value]) -> dict[str, _Value]:
    # A feature becomes a name in programs, and ``pass`` is a word of Python.
    return {"pass_name" if name == "pass" else name: value for name, value in facts.items()}


def _type_system() -> str:
    label = _features({name: _STRING for name in columns(ROW_TYPES["labels"]) if name not in _NOT_LABEL})
    without = {*_NOT_RELATION, *TEXT_COLUMNS} - {"annotator"}
    relation = _features({name: _STRING for name in columns(ROW_TYPES["relations"]) if name not in without})
    metadata = ("documentTitle", "documentId", "documentUri", "collectionId", "documentBaseUri")
    types = (
        _type(_METADATA, "uima.tcas.DocumentAnnotation", dict.fromkeys(metadata, _STRING)),
        _type(f"{_SEGMENT}.Sentence", _ANNOTATION, {}),
        _type(f"{_SEGMENT}.Token", _ANNOTATION, {}),
        _type(TEXT, "uima.cas.AnnotationBase", dict.fromkeys(_TEXT_FEATURES, _STRING)),
        _type(LABEL, _ANNOTATION, label),
        _type(RELATION, _ANNOTATION, {"Governor": LABEL, "Dependent": LABEL, **relation}),
    )
    head = f'{DECLARATION}<typeSystemDescription xmlns="http://uima.apache.org/resourceSpecifier">'
    return "\n".join((head, "<types>", *types, "</types>", "</typeSystemDescription>\n"))


def _type(name: str, parent: str, features: Mapping[str, str]) -> str:
    described = "".join(
        "<featureDescription>"
        f"{element('name', {}, feature)}<description/>{element('rangeTypeName', {}, kind)}"
        "</featureDescription>"
        for feature, kind in features.items()
    )
    head = f"{element('name', {}, name)}<description/>{element('supertypeName', {}, parent)}"
    return f"<typeDescription>{head}<features>{described}</features></typeDescription>"
