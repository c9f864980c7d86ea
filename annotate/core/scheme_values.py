"""The label scheme as values: passes, layers, label types, relation types, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

LAYER_PREFIX: Final = "layer:"
"""An end of a relation is a label's name, or this and a layer's name for every label of the layer."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One kind of labelling work: one Doccano project type, its layers, what the project allows."""

    name: str
    project_type: str
    layers: tuple[str, ...]
    relations: bool
    overlapping: bool
    guidelines: str


@dataclass(frozen=True, slots=True)
class Layer:
    """Labels that ask one question of the text; layers overlap freely."""

    name: str
    title: str
    pass_name: str


@dataclass(frozen=True, slots=True)
class LabelType:
    """One label: how it looks in Doccano, what it means, and its names in the two shared tasks."""

    name: str
    layer: str
    hotkey: str | None
    background: str
    text: str
    definition: str
    group: str | None
    semeval_2020: tuple[str, ...]
    semeval_2023: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RelationType:
    """One relation; ``from_labels`` and ``to_labels`` are label names, layers already spelled out."""

    name: str
    hotkey: str | None
    background: str
    text: str
    from_labels: tuple[str, ...]
    to_labels: tuple[str, ...]
    definition: str


@dataclass(frozen=True, slots=True)
class Change:
    """What became of some names: one to one is a rename, many to one a merge, one to many a split."""

    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """One version in the history: the names it added and what it made of older ones."""

    version: str
    date: str
    note: str
    added: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Guideline:
    """What annotators of a pass read in one language; ``text`` is Markdown."""

    pass_name: str
    language: str
    file: str
    sha256: str
    text: str


@dataclass(frozen=True, slots=True)
class Scheme:
    """A whole scheme folder. ``sha256`` is over every file in it; ``files`` are they, by relative name."""

    name: str
    title: str
    version: str
    languages: tuple[str, ...]
    passes: tuple[Pass, ...]
    layers: tuple[Layer, ...]
    labels: tuple[LabelType, ...]
    relations: tuple[RelationType, ...]
    history: tuple[Edition, ...]
    guidelines: tuple[Guideline, ...]
    sha256: str
    files: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)

    def pass_of(self, pass_name: str) -> Pass:
        """The pass of that name. Raises KeyError."""
        for candidate in self.passes:
            if candidate.name == pass_name:
                return candidate
        raise KeyError(pass_name)

    def layer_of(self, label: str) -> Layer:
        """The layer of a label. Raises KeyError for a name that is no label."""
        layer_name = self.label(label).layer
        return next(layer for layer in self.layers if layer.name == layer_name)

    def label(self, name: str) -> LabelType:
        """The label type of that name. Raises KeyError."""
        for candidate in self.labels:
            if candidate.name == name:
                return candidate
        raise KeyError(name)

    def relation(self, name: str) -> RelationType:
        """The relation type of that name. Raises KeyError."""
        for candidate in self.relations:
            if candidate.name == name:
                return candidate
        raise KeyError(name)

    def labels_of(self, pass_name: str) -> tuple[LabelType, ...]:
        """The label types of a pass, in the order of the file. Raises KeyError for an unknown pass."""
        layers = set(self.pass_of(pass_name).layers)
        return tuple(label for label in self.labels if label.layer in layers)

    def relations_of(self, pass_name: str) -> tuple[RelationType, ...]:
        """The relation types whose ends lie in a pass; none where the pass has no relations."""
        if not self.pass_of(pass_name).relations:
            return ()
        names = {label.name for label in self.labels_of(pass_name)}
        return tuple(
            relation
            for relation in self.relations
            if names.issuperset(relation.from_labels) and names.issuperset(relation.to_labels)
        )

    def is_allowed(self, relation: str, from_label: str, to_label: str) -> bool:
        """Whether the scheme has this relation and lets it go between spans of these labels."""
        return any(
            one.name == relation and from_label in one.from_labels and to_label in one.to_labels
            for one in self.relations
        )

    def guideline(self, pass_name: str, language: str | None = None) -> Guideline:
        """The guideline of a pass in a language, or in the scheme's first one. Raises KeyError."""
        of_pass = [guideline for guideline in self.guidelines if guideline.pass_name == pass_name]
        if not of_pass:
            raise KeyError(pass_name)
        return next((guideline for guideline in of_pass if guideline.language == language), of_pass[0])

    def current_names(self, name: str) -> tuple[str, ...]:
        """What an older label or relation name means in this version: itself, its successors, or nothing."""
        names: tuple[str, ...] = (name,) if any(name in edition.added for edition in self.history) else ()
        for edition in self.history:
            for change in edition.changes:
                names = _replace(names, change)
        return names


def _replace(names: tuple[str, ...], change: Change) -> tuple[str, ...]:
    replaced = [new for name in names for new in (change.new if name in change.old else (name,))]
    return tuple(dict.fromkeys(replaced))
