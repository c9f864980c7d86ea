"""Languages that a suggester does not read, or not in full: said once for each language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from annotate.core.errors import ConfigError
from annotate.core.model import Document, Passage


@dataclass(frozen=True, slots=True)
class Unserved:
    """Passages in a language that a suggester, or a part of one, is not made for.

    ``knows``: the languages that it reads; ``finds``: what it finds in this one all the same.
    """

    spec: str
    language: str
    passages: int
    documents: int = 0
    knows: tuple[str, ...] = ()
    finds: str = ""


class Ran(Protocol):
    """What was run: by whom, on which languages."""

    @property
    def agent(self) -> str:
        """The suggester's name."""
        ...

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of documents that it read."""
        ...


def left_out(
    spec: str,
    passages: Sequence[Passage],
    documents: Mapping[str, Document],
    covered: Collection[str],
    lexicons: Path | None,
) -> Iterator[Unserved]:
    """What a suggester does not do, language by language. ``covered``: those that it looks at."""
    from annotate.nlp.pipelines import known_languages, limits

    counts = Counter(documents[one.document_id].language for one in passages)
    texts = Counter(documents[one].language for one in {passage.document_id for passage in passages})
    for language in sorted(counts):
        parts = limits(spec, language, lexicons=lexicons) if language in covered else {spec: ""}
        for part, finds in parts.items():
            knows = known_languages(part, lexicons=lexicons)
            yield Unserved(part, language, counts[language], texts[language], knows, finds)


def none_reads(unserved: Sequence[Unserved]) -> ConfigError:
    """The error of a run that would look at nothing."""
    specs = ", ".join(dict.fromkeys(one.spec for one in unserved))
    languages = ", ".join(sorted({one.language for one in unserved}))
    return ConfigError(
        f"{specs}: reads none of the languages of this study's documents ({languages})",
        hint="name another suggester with --with; `formulas` reads any language",
    )


def told(runs: Sequence[Ran], unserved: Sequence[Unserved]) -> Iterator[str]:
    """A sentence for the languages in which some suggester does less than in others, or nothing."""
    texts: dict[str, list[str]] = {}
    for language in dict.fromkeys(one.language for one in unserved):
        mine = [one for one in unserved if one.language == language]
        said = [*_missing(mine), *(f"{one.spec} looks for {one.finds}" for one in mine if one.finds)]
        ran = (run for run in runs if language in run.languages)
        whole = [one for run in ran for one in _in_full(run, mine)]
        said += [f"{', '.join(dict.fromkeys(whole))} looked at them"] if whole else []
        many = f"{_counted(mine[0].documents, 'document')} in {language!r}"
        texts.setdefault("; ".join(said), []).append(f"{many} ({_counted(mine[0].passages, 'passage')})")
    yield from (f"{', '.join(documents)}: {said}" for said, documents in texts.items())


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _missing(left: Sequence[Unserved]) -> Iterator[str]:
    """Those that look for nothing, together where they know the same languages."""
    by_known: dict[tuple[str, ...], list[str]] = {}
    for one in left:
        if not one.finds:
            by_known.setdefault(one.knows, []).append(one.spec)
    told = (f"{', '.join(dict.fromkeys(specs))}{_only(known)}" for known, specs in by_known.items())
    if by_known:
        yield f"not looked at by {', '.join(told)}"


def _only(known: Sequence[str]) -> str:
    return f" ({', '.join(known)} only)" if known else ""


def _in_full(run: Ran, left: Sequence[Unserved]) -> list[str]:
    """What of a run reads the language as it reads any."""
    from annotate.nlp.pipelines import SERVANTS, parts_of

    specs = {one.spec for one in left}
    return [one for one in parts_of(run.agent) or (run.agent,) if one not in specs | SERVANTS]
