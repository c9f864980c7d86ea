"""A label and a relation as such: what it says and where, without who said it or when."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A label over passage text: code points, half-open. Two people who set the same give equal spans."""

    layer: str
    label: str
    start: int
    end: int

    def shared(self, other: Span) -> int:
        """How many characters both cover."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))


@dataclass(frozen=True, slots=True, order=True)
class Link:
    """A relation between two spans. It belongs to the layer of the span that it starts from."""

    relation: str
    source: Span
    target: Span

    @property
    def layer(self) -> str:
        """The layer it is judged with."""
        return self.source.layer
