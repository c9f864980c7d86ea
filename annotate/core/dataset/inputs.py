"""What a dataset is made from: values only, so that one derivation serves export and verify."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from annotate.core.dataset.trail import Deed
from annotate.core.model import Document, Passage, Source, SuggestedRelation, SuggestionRun
from annotate.core.state import State


@dataclass(frozen=True, slots=True)
class Acquisition:
    """A row of corpus/sources.csv: where a file came from. ``retrieved_at`` as it was written there."""

    file: str
    retrieved_from: str = ""
    retrieved_at: str = ""
    retrieved_by: str = ""
    rights: str = ""
    note: str = ""
    redistribution: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """An annotator of annotate.toml: the account and what a dataset calls it."""

    user: str
    pseudonym: str
    language: str = ""
    scripted: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the scheme allows: the layer of each label, and the relations."""

    layers: Mapping[str, str]
    relations: frozenset[str]


@dataclass(frozen=True, slots=True)
class Inputs:
    """All inputs of one dataset.

    ``texts`` maps source id to decoded text. A source whose id is missing there could not be read
    (``verify`` has said so by then): its quotes are taken on the word of the ledger's passage.
    ``names`` puts account names where pseudonyms would stand. ``trail`` are the transactions of the ledger,
    ``run_relations`` the relations of ``runs``.
    """

    state: State
    study_id: str
    sources: tuple[Source, ...]
    acquisitions: Mapping[str, Acquisition]
    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    texts: Mapping[str, str]
    vocabulary: Vocabulary
    people: tuple[Person, ...] = ()
    runs: tuple[SuggestionRun, ...] = field(default=())
    names: bool = False
    trail: tuple[Deed, ...] = ()
    run_relations: tuple[SuggestedRelation, ...] = ()
