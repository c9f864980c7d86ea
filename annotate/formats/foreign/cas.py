"""UIMA CAS as XMI, as INCEpTION exports it: one layer of spans, with relations over them.

Read with expat and nothing behind it: a file with a document type (where entities live) is refused.
Offsets count UTF-16 code units, as Java does. No type system is needed for one named layer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from annotate.core.imports.foreign import ForeignFile, ForeignLabel, ForeignRelation, ForeignText
from annotate.formats.foreign.given import Gathered, Given, Unfit, label_name, whole_number, whole_text

_METADATA: Final = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
_ID: Final = "http://www.omg.org/XMI id"
_FEATURES: Final = ("value", "label", "category", "identifier")
_ENDS: Final = ("Governor", "Dependent")
_OWN: Final = frozenset({_ID, "sofa", "begin", "end", *_ENDS})


@dataclass(frozen=True, slots=True)
class _Element:
    """One element: its type in UIMA's spelling, its attributes, its line."""

    kind: str
    values: Mapping[str, str]
    line: int


@dataclass(slots=True)
class _Seen:
    elements: list[_Element] = field(default_factory=list)
    document_type: int = 0


def read(given: Given) -> ForeignFile:
    """Read an XMI file; ``given.layer`` is ``type`` or ``type:feature``, several joined by commas."""
    gathered = Gathered(given)
    seen = _parse(gathered)
    layers = _layers(given.layer)
    wanted = [one for one in seen.elements if one.kind in layers and "begin" in one.values]
    if not gathered.broken and not wanted:
        gathered.is_broken(0, f"holds nothing of layer {', '.join(layers)}", _kinds(seen.elements))
    titles = [one.values.get("documentTitle", "") for one in seen.elements if one.kind == _METADATA]
    names = tuple(one for one in (*titles, given.stem) if one)
    sofas = [one for one in seen.elements if one.kind == "uima.cas.Sofa"]
    for one in wanted:
        if all(one.values.get("sofa") != sofa.values.get(_ID) for sofa in sofas):
            gathered.is_broken(one.line, "belongs to no text of the file", subject=one.kind)
    for sofa in sofas:
        own = [one for one in wanted if one.values.get("sofa") == sofa.values.get(_ID)]
        _add_sofa(gathered, sofa, own, layers, names)
    return gathered.finish("cas", "UIMA CAS", "utf-16")


def _layers(option: str) -> dict[str, str]:
    """Type name to feature, empty where the option names none."""
    parts = [one.strip().partition(":") for one in option.split(",") if one.strip()]
    return {kind: feature for kind, _, feature in parts}


def _parse(gathered: Gathered) -> _Seen:
    parser = expat.ParserCreate(namespace_separator=" ")
    seen = _Seen()

    def begin(name: str, values: dict[str, str]) -> None:
        seen.elements.append(_Element(_kind(name), values, parser.CurrentLineNumber))

    def refuse(*_: object) -> None:
        seen.document_type = parser.CurrentLineNumber
        raise Unfit("has a document type, in which entities could be declared; XMI has none")

    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(gathered.given.data, True)
    except Unfit as error:
        gathered.is_broken(seen.document_type, str(error))
    except expat.ExpatError as error:
        gathered.is_broken(error.lineno, f"is not XML: {expat.ErrorString(error.code)}")
    return seen


def _kind(name: str) -> str:
    """``http:///webanno/custom.ecore Claim`` as ``webanno.custom.Claim``."""
    space, _, local = name.rpartition(" ")
    package = space.removeprefix("http:///").removesuffix(".ecore").replace("/", ".")
    return f"{package}.{local}" if package else local


def _kinds(elements: Sequence[_Element]) -> str:
    there = sorted({one.kind for one in elements if "begin" in one.values})
    return f"layers here: {', '.join(there)}" if there else "no annotation is in it"


def _add_sofa(
    gathered: Gathered,
    sofa: _Element,
    own: Sequence[_Element],
    layers: Mapping[str, str],
    names: tuple[str, ...],
) -> None:
    if not own:
        return
    labels: list[ForeignLabel] = []
    relations: list[ForeignRelation] = []
    lines: dict[str, int] = {}
    for one in own:
        lines[one.values.get(_ID, "")] = one.line
        try:
            if all(name in one.values for name in _ENDS):
                relations.append(_relation(one, layers[one.kind]))
            else:
                labels.append(_label(one, layers[one.kind]))
        except Unfit as error:
            gathered.is_broken(one.line, str(error), subject=one.kind)
    if "sofaString" not in sofa.values:
        gathered.is_broken(sofa.line, "its text is not in the file (no sofaString)")
        return
    text = whole_text(sofa.values["sofaString"], "sofaString")
    gathered.texts.append(
        ForeignText(text, sofa.line, names, labels=tuple(labels), relations=tuple(relations), lines=lines)
    )


def _label(one: _Element, feature: str) -> ForeignLabel:
    place = (_offset(one, "begin"), _offset(one, "end"))
    return ForeignLabel(one.values.get(_ID, ""), _name(one, feature), *place)


def _relation(one: _Element, feature: str) -> ForeignRelation:
    return ForeignRelation(
        one.values.get(_ID, ""), _name(one, feature), *(one.values[name] for name in _ENDS)
    )


def _offset(one: _Element, name: str) -> int:
    digits = one.values.get(name, "")
    if not digits.isdecimal() or not digits.isascii() or len(digits) > 15:
        raise Unfit(f"{name} is {digits[:20]!r}, not a whole number")
    return whole_number(int(digits), name)


def _name(one: _Element, feature: str) -> str:
    if feature:
        if feature not in one.values:
            raise Unfit(f"has no feature {feature}; it has {_listed(one)}")
        return label_name(one.values[feature], feature)
    found = [name for name in _FEATURES if name in one.values]
    rest = [name for name in one.values if name not in _OWN]
    chosen = found[:1] or (rest if len(rest) == 1 else [])
    if not chosen:
        raise Unfit(f"which feature is the label? It has {_listed(one)}; say --layer {one.kind}:FEATURE")
    return label_name(one.values[chosen[0]], chosen[0])


def _listed(one: _Element) -> str:
    return ", ".join(sorted(set(one.values) - _OWN)) or "none"
