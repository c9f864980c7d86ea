"""CoNLL-U Plus and IOB2: one token a line, labels as B- and I- tags, one column a layer.

CoNLL-U Plus (https://universaldependencies.org/ext-format.html): ``conllu/<annotator>.conllup`` with the
columns ID FORM MISC and one a layer; MISC holds the place in the passage (``TokenRange``, code points) and
the ids of labels that begin at the token. IOB2 (CoNLL-2002): ``iob2/<annotator>.iob2``, a token and one tag
a layer, an empty line after each sentence. Tokens and sentences are those of ``annotate.formats.tokens``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from annotate.core.dataset import Dataset
from annotate.core.dataset.losses import Loss, reported
from annotate.core.dataset.texts import (
    TEXT_COLUMNS,
    LabelledText,
    folder_names,
    labelled_texts,
    text_losses,
)
from annotate.formats.tokens import sentences_of, tokens_of
from annotate.formats.writing import Material

_ODD: Final = re.compile(r"\W+")
_BLANK: Final = re.compile(r"\s+")
_ODD_BLANK: Final = re.compile(r"[^\S ]|(?<= ) ")
_WHY_CONLLU: Final = (
    "CoNLL-U Plus holds places, names and ids of labels; by the id the CSV tables tell the rest"
)
_WHY_IOB2: Final = "IOB2 holds tokens and label names only; the CSV tables tell the rest"
_HELD: Final = ("label_id", "layer", "label", "start", "end", "quote", "prefix", "suffix", *TEXT_COLUMNS)


@dataclass(frozen=True, slots=True)
class Token:
    """A token, code points of the passage, with its tag in each layer and the labels that begin here."""

    start: int
    end: int
    form: str
    tags: tuple[str, ...]
    begins: tuple[tuple[str, str], ...]


def write(material: Material, folder: Path) -> tuple[Loss, ...]:
    """CoNLL-U Plus."""
    layers = _layers(material)
    head = "# global.columns = " + " ".join(["ID", "FORM", "MISC", *map(_column, layers)]) + "\n"
    lost = _write(material.dataset, layers, folder / "conllu", ".conllup", head, _conllu)
    odd = sum(len(_ODD_BLANK.findall(text.passage.text)) for text in labelled_texts(material.dataset))
    blanks = Loss("blanks that are no space", odd, "line ends, tabs and others are written as a space")
    return reported([*lost, blanks, *text_losses(material.dataset, _WHY_CONLLU, labels=_HELD, relations=())])


def write_iob2(material: Material, folder: Path) -> tuple[Loss, ...]:
    """IOB2, tab-separated; a comment line before each text says which it is."""
    layers = _layers(material)
    lost = _write(material.dataset, layers, folder / "iob2", ".iob2", "", _iob2)
    held = ("layer", "label", "quote", "passage_id", "annotator")
    more = {"passages": ("passage_id",), "documents": (), "sources": ()}
    rest = text_losses(material.dataset, _WHY_IOB2, labels=held, relations=(), more=more)
    blanks = sum(len(_BLANK.findall(text.passage.text)) for text in labelled_texts(material.dataset))
    return reported([*lost, Loss("blanks between tokens", blanks, "IOB2 has none"), *rest])


def _layers(material: Material) -> list[str]:
    known = [one.name for one in material.scheme.layers]
    return list(dict.fromkeys([*known, *sorted({row.layer for row in material.dataset.labels})]))


def _write(
    dataset: Dataset,
    layers: Sequence[str],
    place: Path,
    ending: str,
    head: str,
    shape: Callable[[LabelledText, list[list[Token]]], str],
) -> list[Loss]:
    """One file an annotator; the labels that found no place."""
    texts = list(labelled_texts(dataset))
    folders = folder_names({text.annotator for text in texts})
    place.mkdir(parents=True)
    overlapping = without = 0
    for annotator, name in folders.items():
        with (place / f"{name}{ending}").open("w", encoding="utf-8", newline="") as file:
            file.write(head)
            for text in texts:
                if text.annotator == annotator:
                    sentences, over, bare = _tagged(text, layers)
                    overlapping, without = overlapping + over, without + bare
                    file.write(shape(text, sentences))
    return [
        Loss("overlapping labels", overlapping, "one layer has one tag a token; the first and longest stays"),
        Loss("labels of blanks alone", without, "there is no token to tag"),
    ]


def _tagged(text: LabelledText, layers: Sequence[str]) -> tuple[list[list[Token]], int, int]:
    """Sentences of tokens; how many labels overlap another of their layer, how many hold no token."""
    words = text.passage.text
    spans = [(one.start, one.end) for one in text.labels]
    places = tokens_of(words, (offset for span in spans for offset in span))
    tags: dict[tuple[str, int], str] = {}
    begins: dict[int, list[tuple[str, str]]] = defaultdict(list)
    overlapping = without = 0
    for label in text.labels:
        inside = [start for start, end in places if label.start <= start and end <= label.end]
        if not inside:
            without += 1
        elif any((label.layer, start) in tags for start in inside):
            overlapping += 1
        else:
            name = _BLANK.sub("_", label.label)
            tags.update({(label.layer, start): f"I-{name}" for start in inside})
            tags[label.layer, inside[0]] = f"B-{name}"
            begins[inside[0]].append((label.layer, label.label_id))
    tokens = [
        Token(
            start,
            end,
            words[start:end],
            tuple(tags.get((layer, start), "O") for layer in layers),
            tuple(begins[start]),
        )
        for start, end in places
    ]
    return list(_by_sentence(tokens, sentences_of(words, spans))), overlapping, without


def _by_sentence(tokens: list[Token], sentences: list[tuple[int, int]]) -> Iterator[list[Token]]:
    at = 0
    for _, end in sentences:
        own: list[Token] = []
        while at < len(tokens) and tokens[at].start < end:
            own.append(tokens[at])
            at += 1
        if own:
            yield own


def _conllu(text: LabelledText, sentences: list[list[Token]]) -> str:
    words = text.passage.text
    facts = text.facts()
    lines = [f"# newdoc id = {text.text_id}"]
    lines += [f"# {name} = {_BLANK.sub(' ', str(value))}" for name, value in facts.items()]
    for number, tokens in enumerate(sentences, 1):
        start, end = tokens[0].start, tokens[-1].end
        lines.append(f"# sent_id = {text.text_id}.{number}")
        lines.append(f"# text = {_BLANK.sub(' ', words[start:end])}")
        for index, token in enumerate(tokens, 1):
            touching = index < len(tokens) and tokens[index].start == token.end
            lines.append("\t".join((str(index), token.form, _misc(token, touching), *token.tags)))
        lines.append("")
    if not sentences:
        return ""
    return "\n".join(lines) + "\n"


def _misc(token: Token, touching: bool) -> str:
    found = ["SpaceAfter=No"] if touching else []
    found.append(f"TokenRange={token.start}:{token.end}")
    return "|".join([*found, *(f"LabelId={label_id}" for _, label_id in token.begins)])


def _iob2(text: LabelledText, sentences: list[list[Token]]) -> str:
    blocks = [f"-DOCSTART-\t{text.text_id}\n\n"]
    for tokens in sentences:
        blocks.extend("\t".join((token.form, *token.tags)) + "\n" for token in tokens)
        blocks.append("\n")
    return "".join(blocks)


def _column(layer: str) -> str:
    return f"ANNOTATE:{_ODD.sub('_', layer).upper()}"
