"""The label scheme: from parsed TOML and the bytes of its folder to a checked value. No input or output."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from annotate.core.errors import ConfigError
from annotate.core.ids import sha256_hex
from annotate.core.scheme_rules import check_scheme, contrast, guideline_names
from annotate.core.scheme_tables import Findings, Key, near_miss, note_unknown, read_table, read_tables
from annotate.core.scheme_values import (
    LAYER_PREFIX,
    Change,
    Edition,
    Guideline,
    LabelType,
    Layer,
    Pass,
    RelationType,
    Scheme,
)

__all__ = [
    "Change",
    "Edition",
    "Guideline",
    "LabelType",
    "Layer",
    "Pass",
    "RelationType",
    "Scheme",
    "contrast",
    "fingerprint",
    "parse_scheme",
]

_LOOKS: Final = (
    Key("name", "text"),
    Key("hotkey", "text", required=False),
    Key("background", "text"),
    Key("text", "text"),
    Key("definition", "text"),
)
_TABLES: Final[dict[str, tuple[Key, ...]]] = {
    "scheme": (Key("name", "text"), Key("title", "text"), Key("version", "text"), Key("languages", "texts")),
    "passes": (
        Key("name", "text"),
        Key("project_type", "text"),
        Key("layers", "texts"),
        Key("relations", "flag", required=False),
        Key("overlapping", "flag", required=False),
        Key("guidelines", "text"),
    ),
    "layers": (Key("name", "text"), Key("title", "text"), Key("pass", "text")),
    "labels": (
        *_LOOKS,
        Key("layer", "text"),
        Key("group", "text", required=False),
        Key("semeval_2020", "texts", required=False),
        Key("semeval_2023", "texts", required=False),
    ),
    "relations": (*_LOOKS, Key("from", "texts"), Key("to", "texts")),
    "history": (
        Key("version", "text"),
        Key("date", "date"),
        Key("note", "text"),
        Key("added", "texts", required=False),
        Key("renames", "tables", required=False),
        Key("merges", "tables", required=False),
        Key("splits", "tables", required=False),
    ),
}
_OPTIONAL_TABLES: Final = frozenset({"relations"})
_CHANGES: Final = {
    "renames": (Key("from", "text"), Key("to", "text")),
    "merges": (Key("from", "texts"), Key("to", "text")),
    "splits": (Key("from", "text"), Key("to", "texts")),
}


def fingerprint(files: Mapping[str, bytes]) -> str:
    """One SHA-256 over the files of a folder: sorted relative names, each with length and bytes."""
    digest = hashlib.sha256()
    for name, data in sorted((name.encode("utf-8"), data) for name, data in files.items()):
        digest.update(name + b"\0" + str(len(data)).encode("ascii") + b"\0" + data)
    return digest.hexdigest()


def parse_scheme(data: Mapping[str, Any], *, file: str, files: Mapping[str, bytes]) -> Scheme:
    """Check a parsed scheme.toml and make a Scheme of it.

    ``file`` names scheme.toml in messages; ``files`` are the bytes of the whole folder by relative
    name, scheme.toml itself among them. Raises ConfigError with every problem found.
    """
    text = files.get(PurePosixPath(file).name, b"").decode("utf-8", errors="replace")
    findings = Findings(file, text)
    note_unknown(data, _TABLES, "", findings)
    tables = {name: _tables(data, name, findings) for name in _TABLES if name != "scheme"}
    head = read_table(data.get("scheme", {}), _TABLES["scheme"], "scheme", findings)
    scheme = _build(head, tables, files, findings)
    check_scheme(scheme, files, findings)
    if findings.problems:
        count = len(findings.problems)
        problems = sorted(findings.problems, key=lambda problem: problem.line)
        raise ConfigError(
            f"{file} has {count} problem{'s' if count > 1 else ''}",
            hint="docs/decisions/0004-scheme-file.md describes the file",
            problems=problems,
        )
    return scheme


def _tables(data: Mapping[str, Any], name: str, findings: Findings) -> list[dict[str, Any]]:
    if name not in data:
        if name not in _OPTIONAL_TABLES:
            findings.add(name, f"[[{name}]] is missing")
        return []
    return read_tables(data[name], _TABLES[name], name, findings)


def _build(
    head: Mapping[str, Any],
    tables: Mapping[str, list[dict[str, Any]]],
    files: Mapping[str, bytes],
    findings: Findings,
) -> Scheme:
    labels = tuple(_label(row) for row in tables["labels"])
    passes = tuple(Pass(**row) for row in tables["passes"])
    return Scheme(
        name=head["name"],
        title=head["title"],
        version=head["version"],
        languages=head["languages"],
        passes=passes,
        layers=tuple(Layer(row["name"], row["title"], row["pass"]) for row in tables["layers"]),
        labels=labels,
        relations=_relations(tables, labels, findings),
        history=tuple(
            _edition(row, f"history[{number}]", findings) for number, row in enumerate(tables["history"])
        ),
        guidelines=tuple(
            guideline for item in passes for guideline in _guidelines(item, head["languages"], files)
        ),
        sha256=fingerprint(files),
        files=tuple(sorted(files.items())),
    )


def _label(row: Mapping[str, Any]) -> LabelType:
    return LabelType(**{**row, "hotkey": row["hotkey"] or None, "group": row["group"] or None})


def _relations(
    tables: Mapping[str, list[dict[str, Any]]], labels: tuple[LabelType, ...], findings: Findings
) -> tuple[RelationType, ...]:
    layers = {row["name"] for row in tables["layers"]}
    relations = []
    for number, row in enumerate(tables["relations"]):
        ends = {
            key: _spell_out(row[key], labels, layers, f"relations[{number}].{key}", findings)
            for key in ("from", "to")
        }
        relations.append(
            RelationType(
                name=row["name"],
                hotkey=row["hotkey"] or None,
                background=row["background"],
                text=row["text"],
                from_labels=ends["from"],
                to_labels=ends["to"],
                definition=row["definition"],
            )
        )
    return tuple(relations)


def _spell_out(
    ends: tuple[str, ...], labels: tuple[LabelType, ...], layers: set[str], place: str, findings: Findings
) -> tuple[str, ...]:
    names = [label.name for label in labels]
    known = [*names, *(LAYER_PREFIX + layer for layer in layers)]
    spelled: list[str] = []
    for end in ends:
        if end not in known:
            findings.add(place, f"there is no label or layer {end!r}", near_miss(end, known))
        elif end in names:
            spelled.append(end)
        else:
            layer = end.removeprefix(LAYER_PREFIX)
            spelled.extend(label.name for label in labels if label.layer == layer)
    return tuple(dict.fromkeys(spelled))


def _edition(row: Mapping[str, Any], place: str, findings: Findings) -> Edition:
    changes = []
    for kind, keys in _CHANGES.items():
        for change in row[kind]:
            values = read_table(change, keys, f"{place}.{kind}", findings)
            changes.append(Change(old=_names(values["from"]), new=_names(values["to"])))
    return Edition(row["version"], row["date"], row["note"], row["added"], tuple(changes))


def _names(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _guidelines(item: Pass, languages: tuple[str, ...], files: Mapping[str, bytes]) -> list[Guideline]:
    return [
        Guideline(item.name, language, name, sha256_hex(files[name]), files[name].decode("utf-8", "replace"))
        for language, name in guideline_names(item.guidelines, languages).items()
        if name in files
    ]
