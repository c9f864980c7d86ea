"""Trained pipelines that our components stand behind: which one, and what of it is needed.

``attribution``, ``claims`` and ``relations`` read parts of speech, a parse and names where a pipeline before
them wrote some (``annotate.nlp.syntax``).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.util import get_model_meta, get_package_path, is_package, load_config

from annotate.core.errors import AnnotateError, ConfigError

ANY_LANGUAGE = "xx"
"""spaCy's code of a pipeline for every language."""

READERS = frozenset({"attribution", "claims", "relations"})
"""Components of ours that read annotations; the others of ours would only be slower."""

_UNREAD = frozenset(
    {
        "lemmatizer",
        "trainable_lemmatizer",
        "textcat",
        "textcat_multilabel",
        "spancat",
        "spancat_singlelabel",
        "span_finder",
        "entity_linker",
        "senter",
        "sentencizer",
    }
)
"""Factories whose annotations none of our components reads."""


@dataclass(frozen=True, slots=True)
class Base:
    """A trained pipeline: the name that spaCy loads it by, its language, version, folder and components.

    ``parts``: names of the components that are kept; ``left_out``: of those that nothing reads.
    """

    spec: str
    language: str
    name: str
    version: str
    folder: Path
    parts: tuple[str, ...]
    left_out: tuple[str, ...]


def find_base(spec: str, language: str) -> Base:
    """The trained pipeline that ``spec`` (package or folder) names, for documents in ``language``.

    Loads nothing. Raises ConfigError: there is none, it is for another language, it writes nothing to read.
    """
    folder, meta = _found(spec, language)
    if meta.get("lang") not in (language, ANY_LANGUAGE):
        raise ConfigError(
            f"the trained pipeline {spec} is for {meta.get('lang')!r}, not for {language!r}",
            hint=f"write --base {meta.get('lang')}={spec}, or name one for {language!r}",
        )
    factories = _factories(spec, folder)
    left_out = tuple(name for name, factory in factories.items() if factory in _UNREAD | _ours())
    parts = tuple(name for name in factories if name not in left_out)
    if not set(parts) - {"tok2vec", "transformer", "attribute_ruler"}:
        raise ConfigError(
            f"{spec} has no tagger, parser or named entities: there is nothing in it to read "
            f"(it has {', '.join(factories) or 'no component'})",
            hint="pipelines that label spans themselves are named with --with",
        )
    name = f"{meta['lang']}_{meta['name']}"
    return Base(spec, str(meta["lang"]), name, str(meta["version"]), folder, parts, left_out)


def load_base(base: Base) -> Language:
    """The pipeline without the components that nothing reads. Raises ConfigError."""
    spec = Path(base.spec) if Path(base.spec).is_dir() else base.spec
    try:
        return spacy.load(spec, exclude=list(base.left_out))
    except AnnotateError:
        raise
    except Exception as error:  # damaged files, a component that is not installed, another spaCy
        raise ConfigError(
            f"the trained pipeline {base.spec} cannot be loaded: {error}",
            hint="it may need a package that is not installed, or another version of spaCy; "
            "`python -m spacy validate` says which pipelines fit",
        ) from error


def _found(spec: str, language: str) -> tuple[Path, Mapping[str, Any]]:
    packaged = not Path(spec).is_dir()
    if packaged and not is_package(spec):
        raise ConfigError(
            f"there is no trained pipeline {spec!r}: no such folder or installed package",
            hint=f"install it (`python -m spacy download {spec}`), or run without: the suggesters need none. "
            f"Where annotate.toml names it, --base {language}= does without it once",
        )
    try:
        folder = get_package_path(spec) if packaged else Path(spec)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "made with an older spaCy" is said when it is loaded
            meta = get_model_meta(folder)
        return (folder / f"{meta['lang']}_{meta['name']}-{meta['version']}" if packaged else folder), meta
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(
            f"{spec} is no spaCy pipeline: {error}", hint="a pipeline folder holds meta.json and config.cfg"
        ) from error


def _factories(spec: str, folder: Path) -> dict[str, str]:
    try:
        config = load_config(folder / "config.cfg")
        return {name: config["components"][name]["factory"] for name in config["nlp"]["pipeline"]}
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"the settings of {spec} cannot be read: {error}") from error


def _ours() -> frozenset[str]:
    return READERS | {"stated_dates", "rhetoric", "formulas", "scheme_dates"}
