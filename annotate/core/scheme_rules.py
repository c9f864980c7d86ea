"""The rules a scheme must keep beyond the shape of its file: names, keys, colours, references, history."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from annotate.core.scheme_tables import Findings, near_miss
from annotate.core.scheme_values import LabelType, Layer, Pass, RelationType, Scheme

PROJECT_TYPES: Final = (
    "SequenceLabeling",
    "DocumentClassification",
    "Seq2seq",
    "IntentDetectionAndSlotFilling",
)
LONGEST_NAME: Final = 100
LOWEST_CONTRAST: Final = 3.0
_SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)\Z")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
_FOLDER = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
_PLAIN_FILE = re.compile(r"[A-Za-z0-9_-]+\.md\Z")
_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")


def check_scheme(scheme: Scheme, files: Mapping[str, bytes], findings: Findings) -> None:
    """Note every broken rule of a scheme whose file had the right shape or was mended to it."""
    _check_head(scheme, findings)
    _check_references(scheme, findings)
    _check_passes(scheme, files, findings)
    _check_types(scheme.labels, "labels", findings)
    _check_types(scheme.relations, "relations", findings)
    _check_shared_names(scheme, findings)
    _check_hotkeys(scheme, findings)
    _check_history(scheme, findings)


def contrast(one: str, other: str) -> float:
    """WCAG contrast of two colours ``#rrggbb``, from 1 (none) to 21 (black on white)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def name_fault(name: str) -> str:
    """Why Doccano would refuse or change a label name, or nothing."""
    if not name.strip():
        return "the name is empty"
    if name != name.strip():
        return "Doccano would cut the blanks round the name"
    if len(name) > LONGEST_NAME:
        return f"the name has {len(name)} characters; Doccano takes {LONGEST_NAME}"
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in name):
        return "the name holds an invisible character"
    return ""


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _check_head(scheme: Scheme, findings: Findings) -> None:
    if scheme.version and not _SEMVER.match(scheme.version):
        findings.add("scheme.version", f"{scheme.version!r} is no version like 1.0.0")
    if scheme.name and not _FOLDER.match(scheme.name):
        findings.add("scheme.name", f"{scheme.name!r} is no folder name", "small letters, digits, hyphens")
    for language in scheme.languages:
        if not _LANGUAGE.match(language):
            findings.add("scheme.languages", f"{language!r} is no language code", "like de or en")
    for what in ("languages", "passes", "labels", "history"):
        place = "scheme.languages" if what == "languages" else what
        if not getattr(scheme, what) and not any(problem.subject == place for problem in findings.problems):
            findings.add(place, f"there are no {what}")


def _check_references(scheme: Scheme, findings: Findings) -> None:
    passes = {item.name: item for item in scheme.passes}
    layers = {item.name for item in scheme.layers}
    for number, layer in enumerate(scheme.layers):
        place = f"layers[{number}].pass"
        if not layer.pass_name:
            continue
        if layer.pass_name not in passes:
            _note_unknown_name(place, "pass", layer.pass_name, passes, findings)
        elif layer.name not in passes[layer.pass_name].layers:
            findings.add(place, f"the pass {layer.pass_name!r} does not list the layer {layer.name!r}")
    for number, label in enumerate(scheme.labels):
        if label.layer and label.layer not in layers:
            _note_unknown_name(f"labels[{number}].layer", "layer", label.layer, layers, findings)
    home = {layer.name: layer.pass_name for layer in scheme.layers}
    for number, item in enumerate(scheme.passes):
        for name in item.layers:
            place = f"passes[{number}].layers"
            if name not in layers:
                _note_unknown_name(place, "layer", name, layers, findings)
            elif home[name] != item.name:
                findings.add(place, f"the layer {name!r} says it is of the pass {home[name]!r}")


def _note_unknown_name(place: str, what: str, name: str, known: Iterable[str], findings: Findings) -> None:
    findings.add(place, f"there is no {what} {name!r}", near_miss(name, known))


def _check_passes(scheme: Scheme, files: Mapping[str, bytes], findings: Findings) -> None:
    _check_duplicates(scheme.passes, "passes", findings)
    _check_duplicates(scheme.layers, "layers", findings)
    for number, item in enumerate(scheme.passes):
        place = f"passes[{number}]"
        if item.project_type and item.project_type not in PROJECT_TYPES:
            findings.add(
                f"{place}.project_type",
                f"Doccano has no project type {item.project_type!r} that we can use",
                near_miss(item.project_type, PROJECT_TYPES) or f"one of {', '.join(PROJECT_TYPES)}",
            )
        for key in ("relations", "overlapping"):
            if getattr(item, key) and item.project_type != "SequenceLabeling":
                findings.add(f"{place}.{key}", f"only SequenceLabeling projects have {key}")
        _check_guidelines(item, f"{place}.guidelines", scheme.languages, files, findings)


def _check_guidelines(
    item: Pass, place: str, languages: Sequence[str], files: Mapping[str, bytes], findings: Findings
) -> None:
    if not item.guidelines:
        return
    if not _PLAIN_FILE.match(item.guidelines):
        findings.add(place, f"{item.guidelines!r} is no Markdown file of this folder", "like guidelines.md")
        return
    for name in guideline_names(item.guidelines, languages).values():
        if name not in files:
            findings.add(place, f"the file {name} is missing", near_miss(name, files))
        elif not _is_text(files[name]):
            findings.add(place, f"the file {name} is not UTF-8 text, or empty")


def guideline_names(first: str, languages: Sequence[str]) -> dict[str, str]:
    """File name of a guideline by language: ``guidelines.md``, then ``guidelines.de.md`` for the others."""
    stem = first.removesuffix(".md")
    return {
        language: first if number == 0 else f"{stem}.{language}.md"
        for number, language in enumerate(languages)
    }


def _is_text(data: bytes) -> bool:
    try:
        return bool(data.decode("utf-8").strip())
    except UnicodeDecodeError:
        return False


def _check_types(types: Sequence[LabelType | RelationType], table: str, findings: Findings) -> None:
    _check_duplicates(types, table, findings)
    for number, item in enumerate(types):
        place = f"{table}[{number}]"
        fault = name_fault(item.name) if item.name else ""
        if fault:
            findings.add(f"{place}.name", f"{item.name!r}: {fault}")
        if item.hotkey is not None and not re.match(r"[0-9a-z]\Z", item.hotkey):
            findings.add(f"{place}.hotkey", f"{item.hotkey!r} is no hotkey", "one of 0-9 or a-z")
        _check_colours(item, place, findings)


def _check_colours(item: LabelType | RelationType, place: str, findings: Findings) -> None:
    wrong = False
    for key in ("background", "text"):
        colour = getattr(item, key)
        if colour and not _COLOUR.match(colour):
            findings.add(f"{place}.{key}", f"{colour!r} is no colour like #1565c0")
            wrong = True
    if wrong or not (item.background and item.text):
        return
    ratio = contrast(item.background, item.text)
    if ratio < LOWEST_CONTRAST:
        findings.add(
            f"{place}.text",
            f"{item.name}: {item.text} on {item.background} cannot be read "
            f"(contrast {ratio:.1f}, at least {LOWEST_CONTRAST:.0f})",
        )


def _check_duplicates(
    items: Sequence[Pass | Layer | LabelType | RelationType], table: str, findings: Findings
) -> None:
    counts = Counter(item.name for item in items if item.name)
    seen: set[str] = set()
    for number, item in enumerate(items):
        if counts[item.name] > 1 and item.name in seen:
            findings.add(f"{table}[{number}].name", f"the name {item.name!r} is there twice")
        seen.add(item.name)


def _check_shared_names(scheme: Scheme, findings: Findings) -> None:
    labels = {label.name for label in scheme.labels if label.name}
    for number, relation in enumerate(scheme.relations):
        if relation.name in labels:
            findings.add(f"relations[{number}].name", f"{relation.name!r} is also the name of a label")
    homes = [
        {label.name for label in scheme.labels_of(item.name)} for item in scheme.passes if item.relations
    ]
    for number, relation in enumerate(scheme.relations):
        ends = {*relation.from_labels, *relation.to_labels}
        if ends and not any(ends <= home for home in homes):
            findings.add(
                f"relations[{number}]",
                f"no pass with relations holds all the labels that {relation.name!r} joins",
                "Doccano joins spans of one project only",
            )


def _check_hotkeys(scheme: Scheme, findings: Findings) -> None:
    for item in scheme.passes:
        of_pass = frozenset(map(id, scheme.labels_of(item.name)))
        _check_keys_once(scheme.labels, "labels", of_pass, findings)
    _check_keys_once(scheme.relations, "relations", frozenset(map(id, scheme.relations)), findings)


def _check_keys_once(
    types: Sequence[LabelType | RelationType],
    table: str,
    wanted: frozenset[int],
    findings: Findings,
) -> None:
    owners: dict[str, str] = {}
    for number, item in enumerate(types):
        if not item.hotkey or id(item) not in wanted:
            continue
        if item.hotkey in owners:
            what = f"the hotkey {item.hotkey!r} of {item.name} is already that of {owners[item.hotkey]}"
            findings.add(f"{table}[{number}].hotkey", what)
        owners.setdefault(item.hotkey, item.name)


def _check_history(scheme: Scheme, findings: Findings) -> None:
    _check_editions(scheme, findings)
    live = _fold_history(scheme, findings)
    types: tuple[LabelType | RelationType, ...] = (*scheme.labels, *scheme.relations)
    present = [item.name for item in types if item.name]
    tables: tuple[tuple[str, Sequence[LabelType | RelationType]], ...] = (
        ("labels", scheme.labels),
        ("relations", scheme.relations),
    )
    for table, items in tables:
        for number, item in enumerate(items):
            if item.name and item.name not in live:
                findings.add(
                    f"{table}[{number}].name",
                    f"no edition in the history adds {item.name!r}",
                    f"add it to `added` of {scheme.version}",
                )
    for name in sorted(live.difference(present)):
        findings.add(
            "history",
            f"{name!r} is gone, and the history does not say what became of it",
            "a scheme only grows: put it back, or write a rename, merge or split",
        )


def _check_editions(scheme: Scheme, findings: Findings) -> None:
    editions = scheme.history
    for number, edition in enumerate(editions):
        if edition.version and not _SEMVER.match(edition.version):
            findings.add(f"history[{number}].version", f"{edition.version!r} is no version like 1.0.0")
        elif number and _order(edition.version) <= _order(editions[number - 1].version):
            findings.add(f"history[{number}].version", "the history runs from the oldest to the newest")
        if number and edition.date and edition.date < editions[number - 1].date:
            findings.add(f"history[{number}].date", "this edition is dated before the one above it")
    if editions and editions[-1].version != scheme.version and scheme.version:
        findings.add(
            "scheme.version",
            f"the version is {scheme.version}, the last one in the history {editions[-1].version}",
        )


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")) if _SEMVER.match(version) else ()


def _fold_history(scheme: Scheme, findings: Findings) -> set[str]:
    live: set[str] = set()
    ever: set[str] = set()
    for number, edition in enumerate(scheme.history):
        for name in edition.added:
            if name in ever:
                findings.add(f"history[{number}].added", f"{name!r} was added before", "a name is used once")
            live.add(name)
            ever.add(name)
        for change in edition.changes:
            for name in (*change.old, *change.new):
                if name in change.old and name not in live:
                    _note_unknown_name(f"history[{number}]", "label or relation", name, live, findings)
            live.difference_update(change.old)
            live.update(change.new)
            ever.update(change.new)
    types: tuple[LabelType | RelationType, ...] = (*scheme.labels, *scheme.relations)
    present = {item.name for item in types}
    for number, edition in enumerate(scheme.history):
        for name in {name for change in edition.changes for name in change.new}:
            if name not in present and name in live:
                place = f"history[{number}]"
                _note_unknown_name(place, "label or relation", name, present, findings)
                live.discard(name)
    return live
