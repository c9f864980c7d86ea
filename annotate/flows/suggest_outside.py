"""Suggesters that are no pipeline of this machine: which passages are new to them, and what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from annotate.core.model import Document, Passage
from annotate.core.scheme import Scheme
from annotate.core.suggesting import Looked, Suggester
from annotate.flows.suggest_file import PREFIX, open_file
from annotate.flows.suggest_remote import Leaving, open_remote
from annotate.store.study import Study


@dataclass(frozen=True, slots=True)
class Ground:
    """What tasks of suggesters from outside are made from."""

    study: Study
    pass_name: str
    scheme: Scheme
    passages: Sequence[Passage]
    documents: Mapping[str, Document]
    seen: Mapping[tuple[str, str, str], set[str]]


@dataclass(frozen=True, slots=True)
class Outside:
    """A suggester from outside and the passages (with their publication date) that it has not seen.

    ``looks`` gives its results, ``leaving`` is what it would be sent for them; None for a file.
    """

    by: Suggester
    languages: tuple[str, ...]
    passages: tuple[tuple[Passage, str | None], ...]
    seen_before: int
    looks: Callable[[], Iterator[Looked]]
    leaving: Leaving | None = None


def is_outside(study: Study, spec: str) -> bool:
    """Whether a name (``--with``) is that of a file or of a service in annotate.toml."""
    return spec.startswith(PREFIX) or spec in study.config.suggesters


def outside(spec: str, ground: Ground, layers: Mapping[str, str], renames: Mapping[str, str]) -> Outside:
    """What a file says, which is read now, or how to ask a service. Raises ConfigError, BadInput."""
    return (_of_file if spec.startswith(PREFIX) else _of_service)(spec, ground, layers, renames)


def _of_file(spec: str, ground: Ground, layers: Mapping[str, str], renames: Mapping[str, str]) -> Outside:
    file = open_file(spec, ground.passages, renames)
    told = tuple(file.looks(layers, renames, ground.scheme.is_allowed))
    before = _before(file.by, ground)
    said = {one.passage_id for one in told if one.answered}
    fresh = _dated((one for one in ground.passages if one.passage_id in said - before), ground)
    kept = [one for one in told if not one.answered or one.passage_id not in before]
    return Outside(file.by, _languages(fresh, ground), fresh, len(said & before), lambda: iter(kept))


def _of_service(spec: str, ground: Ground, layers: Mapping[str, str], renames: Mapping[str, str]) -> Outside:
    remote = open_remote(ground.study, spec, ground.scheme, ground.pass_name, renames)
    before = _before(remote.by, ground)
    unseen = [one for one in ground.passages if one.passage_id not in before]
    fresh = _dated((one for one in unseen if remote.may_get(one)), ground)
    return Outside(
        remote.by,
        _languages(fresh, ground),
        fresh,
        len(ground.passages) - len(unseen),
        lambda: remote.looks(fresh, ground.documents, layers, renames, ground.scheme.is_allowed),
        remote.leaving(unseen),
    )


def _before(by: Suggester, ground: Ground) -> set[str]:
    return ground.seen.get((by.agent, by.agent_version, by.config_sha256), set())


def _dated(passages: Iterable[Passage], ground: Ground) -> tuple[tuple[Passage, str | None], ...]:
    return tuple((one, ground.documents[one.document_id].published) for one in passages)


def _languages(passages: Sequence[tuple[Passage, str | None]], ground: Ground) -> tuple[str, ...]:
    return tuple(sorted({ground.documents[one.document_id].language for one, _ in passages}))
