"""What a format gets of texts that may not be passed on, and the losses that follow."""

from __future__ import annotations

from dataclasses import replace

from annotate.core.dataset.standoff import readable, whole_quotes
from annotate.formats.writing import Holds, Loss, Material

_WHY = "the text of their source may not be passed on; `annotate hydrate` puts it back from the source"


def without_closed(material: Material, holds: Holds) -> tuple[Material, tuple[Loss, ...]]:
    """The material for a format that ``holds`` rows, whole quotes or texts; the losses have counts of 0 where
    nothing was left out."""
    if not material.record.standoff or holds == "rows":
        return material, ()
    if holds == "quotes":
        part, labels = whole_quotes(material.dataset)
        return replace(material, dataset=part), (Loss("labels with a cut quote", labels, _WHY),)
    part, passages, labels = readable(material.dataset)
    losses = (Loss("passages without text", passages, _WHY), Loss("labels without text", labels, _WHY))
    return replace(material, dataset=part), losses
