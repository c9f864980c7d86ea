"""Names of labels and relations: what those of another tool mean in this scheme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from annotate.core.errors import Problem
from annotate.core.scheme import Scheme
from annotate.core.scheme_tables import near_miss


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A scheme as an import needs it."""

    wanted: Scheme

    @property
    def scheme(self) -> str:
        """Its name."""
        return self.wanted.name

    @property
    def version(self) -> str:
        """Its version."""
        return self.wanted.version

    @property
    def sha256(self) -> str:
        """Its fingerprint."""
        return self.wanted.sha256

    def pass_of(self, label: str) -> str:
        """The pass that a label belongs to. Raises KeyError."""
        return self.wanted.layer_of(label).pass_name

    def label(self, name: str, mapping: Mapping[str, str]) -> str | None:
        """The label that a foreign name means, None when the map leaves it out. Raises KeyError."""
        return self._meant(name, mapping, {one.name for one in self.wanted.labels})

    def relation(self, name: str, mapping: Mapping[str, str]) -> str | None:
        """The relation that a foreign name means, None when the map leaves it out. Raises KeyError."""
        return self._meant(name, mapping, {one.name for one in self.wanted.relations})

    def _meant(self, name: str, mapping: Mapping[str, str], known: set[str]) -> str | None:
        if name in mapping:
            new = mapping[name]
            if new and new not in known:
                raise KeyError(new)
            return new or None
        if name in known:
            return name
        # A name of an earlier version of our own scheme: its history says what became of it.
        now = [one for one in self.wanted.current_names(name) if one in known]
        if len(now) == 1:
            return now[0]
        raise KeyError(name)

    def unknown(
        self, labels: Mapping[str, int], relations: Mapping[str, int], mapping: Mapping[str, str]
    ) -> Iterator[Problem]:
        """Every used name that means nothing here; names with how often they are used."""
        known = {"label": [one.name for one in self.wanted.labels]}
        known["relation"] = [one.name for one in self.wanted.relations]
        for kind, counts in (("label", labels), ("relation", relations)):
            for name, number in sorted(counts.items()):
                try:
                    self.label(name, mapping) if kind == "label" else self.relation(name, mapping)
                except KeyError as error:
                    wrong = str(error.args[0])
                    what = f"is no {kind} of scheme {self.scheme} {self.version}; used {number} times"
                    subject = f"{kind} {name!r}" if wrong == name else f"{kind} {name!r} as {wrong!r}"
                    yield Problem("", 0, what, near_miss(wrong, known[kind]), subject)
