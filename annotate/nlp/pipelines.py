"""Find and load the pipeline behind a name, and say exactly which one it was.

A name (``--with``) is a component that is registered with spaCy (``stated_dates``: it runs in a blank
pipeline of each language), a folder that ``nlp.to_disk`` wrote, or an installed pipeline package.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.util import get_model_meta, get_package_path, is_package

from annotate import __version__
from annotate.core.dates import LANGUAGES
from annotate.core.errors import AnnotateError, ConfigError
from annotate.core.formulas import CorpusText
from annotate.core.ids import canonical_json, sha256_hex
from annotate.nlp.bases import ANY_LANGUAGE as ANY_LANGUAGE
from annotate.nlp.bases import READERS, Base, find_base, load_base
from annotate.nlp.lexicons import languages as lexicon_languages
from annotate.nlp.texts import keep_texts

COMPOSED = {
    "source_criticism": (
        "stated_dates",
        "attribution",
        "claims",
        "rhetoric",
        "formulas",
        "scheme_dates",
        "relations",
    )
}
"""Names for several of our components in one pipeline: relations need the spans of the others. For a language
that some of them do not read, the pipeline is made of the rest."""

_TOGETHER = {"furniture": False}
"""Settings of components that stand in one of those: beside PUB there is no DATE."""

SERVANTS = frozenset({"relations", "scheme_dates"})
"""Components that work on what others found."""

_PLAIN = frozenset({"stated_dates", "rhetoric", "formulas", "scheme_dates"})
"""Components of ours to which it makes no difference what a trained pipeline wrote."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A loaded pipeline and its identity: ``config`` is canonical JSON, ``config_sha256`` its hash.

    ``entities``: what it says are its named entities, as no component of it writes span groups.
    """

    nlp: Language
    agent: str
    agent_version: str
    config: str
    config_sha256: str
    entities: bool = False


def languages_served(
    spec: str, wanted: Collection[str], *, lexicons: Path | None = None
) -> dict[str, tuple[str, ...]]:
    """Pipeline language to the languages of documents it reads, for the ``wanted`` languages it can serve.

    Raises ConfigError where ``spec`` names nothing, or a lexicon of ``lexicons`` has faults.
    """
    if _is_factory(spec):
        return {one: (one,) for one in sorted(wanted) if _factory_serves(spec, one, lexicons)}
    language = _meta(spec)["lang"]
    served = tuple(sorted(wanted)) if language == ANY_LANGUAGE else (language,) if language in wanted else ()
    return {language: served} if served else {}


def load_pipeline(
    spec: str,
    language: str,
    *,
    renames: Mapping[str, str] | None = None,
    lexicons: Path | None = None,
    corpus: Sequence[CorpusText] = (),
    base: str | None = None,
) -> Pipeline:
    """The pipeline that ``spec`` names, for documents in ``language``.

    ``renames`` (``--map``) changes what comes out, so it is part of the identity. ``lexicons`` is a study's
    own folder of lexicons, for components of ours that read one (None: those that ship). ``corpus`` are all
    passages of the study, for components that have to know them (``prepare``). ``base`` names a trained
    pipeline (package or folder) that a component stands behind, if it can read what that one writes. Raises
    ConfigError.
    """
    under: Base | None = None
    if _is_factory(spec):
        if base is not None and reads_annotations(spec):
            under = find_base(base, language)
        nlp = _with_factory(spec, language, lexicons, under)
        agent, version, files = spec, _version_of(nlp, spec), None
    else:
        lang = _meta(spec)["lang"]
        if lang not in (language, ANY_LANGUAGE):
            raise ConfigError(
                f"the pipeline {spec} is for {lang!r}, not for {language!r}",
                hint="name one for this language with --with",
            )
        nlp = _loaded(spec)
        agent = f"{nlp.meta['lang']}_{nlp.meta['name']}"
        version, files = str(nlp.meta["version"]), _files_sha256(nlp.path)
    for _, component in nlp.pipeline:
        prepare = getattr(component, "prepare", None)
        if callable(prepare):
            prepare(corpus)
    if under is not None:
        version = f"{version}+{under.name}-{under.version}"
    config = _config_of(nlp, files, renames or {}, under)
    says_entities = under is None and _says_entities(nlp)
    return Pipeline(nlp, agent, version, config, sha256_hex(config.encode("utf-8")), says_entities)


def known_languages(spec: str, *, lexicons: Path | None = None) -> tuple[str, ...]:
    """Languages that a pipeline, or a component of ours, reads in full; empty where that is not known."""
    if spec == "stated_dates":
        return tuple(LANGUAGES)
    if _is_factory(spec):
        return lexicon_languages(lexicons, spec)
    return () if _meta(spec)["lang"] == ANY_LANGUAGE else (str(_meta(spec)["lang"]),)


def limits(spec: str, language: str, *, lexicons: Path | None = None) -> dict[str, str]:
    """What a component finds only in a language that it does not know well, by part; "" : nothing at all."""
    if not _is_factory(spec):
        return {}
    nlp = _with_factory(spec, language, lexicons)
    there = {name: str(getattr(component, "limited", "")) for name, component in nlp.pipeline}
    missing = {part: "" for part in _parts(spec) if part not in there}
    return missing | {name: what for name, what in there.items() if what}


def _says_entities(nlp: Language) -> bool:
    writes = {what for name in nlp.pipe_names for what in nlp.get_pipe_meta(name).assigns}
    return "doc.ents" in writes and "doc.spans" not in writes


def reads_annotations(spec: str) -> bool:
    """Whether a component gets better behind a trained pipeline: three of ours, and whatever is not ours."""
    parts = _parts(spec)
    return bool(READERS.intersection(parts)) or not all(
        Language.get_factory_meta(one).factory in _PLAIN for one in parts
    )


def parts_of(agent: str) -> tuple[str, ...]:
    """The components of a composed suggester; of any other none."""
    return COMPOSED.get(agent, ())


def _is_folder(spec: str) -> bool:
    return Path(spec).is_dir()


def _is_factory(spec: str) -> bool:
    _register_entry_points()
    return not _is_folder(spec) and (spec in COMPOSED or (spec.isidentifier() and Language.has_factory(spec)))


@lru_cache(maxsize=1)
def _register_entry_points() -> None:
    """Installed components become known to spaCy only when the first pipeline is made."""
    spacy.blank(ANY_LANGUAGE)
    # Ours are known even where the installed list of entry points is older than the code.
    from annotate.nlp import (  # noqa: F401
        attribution,
        claims,
        formulas,
        relations,
        rhetoric,
        scheme_dates,
        stated_dates,
    )
    from annotate.nlp.learning import component, network  # noqa: F401


_ONLY_KNOWN = frozenset({"stated_dates", "claims"})
"""Components of ours that find nothing in a language that they do not know: no pipeline is made to see it."""


def _factory_serves(spec: str, language: str, lexicons: Path | None) -> bool:
    if spec in _ONLY_KNOWN and language not in known_languages(spec, lexicons=lexicons):
        return False
    try:
        _with_factory(spec, language, lexicons)
    except ConfigError as error:
        if error.problems:  # faults in a lexicon are to be put right, not to be passed over
            raise
        return False
    return True


def _with_factory(spec: str, language: str, lexicons: Path | None, under: Base | None = None) -> Language:
    # The files' hash is part of the key: who edits a lexicon in a running process gets what it says now.
    words = None if lexicons is None else _files_sha256(lexicons)
    return _made(
        spec, language, lexicons, words, under, None if under is None else _files_sha256(under.folder)
    )


@lru_cache(maxsize=16)
def _made(
    spec: str,
    language: str,
    lexicons: Path | None,
    _lexicons_sha256: str | None,
    under: Base | None,
    _base_sha256: str | None,
) -> Language:
    nlp = _blank(language) if under is None else load_base(under)
    try:
        for part in _parts(spec):
            _add(nlp, part, language, lexicons, needed=spec not in COMPOSED)
    except AnnotateError:
        raise
    except Exception as error:  # whatever a foreign component raises when it lacks its settings
        raise ConfigError(
            f"the component {spec} cannot be used by its name alone: {error}",
            hint="put it into a pipeline, save that with nlp.to_disk(DIR), and use --with DIR",
        ) from error
    finders = set(_parts(spec)).intersection(nlp.pipe_names) - SERVANTS
    if spec in COMPOSED and not finders:
        raise ConfigError(f"no part of {spec} reads the language {language!r}")
    return nlp


def _add(nlp: Language, part: str, language: str, lexicons: Path | None, *, needed: bool) -> None:
    """Put a component into a pipeline; of a composed one, what does not read the language is left out."""
    settings = _settings(part, {"lexicons": str(lexicons)} if lexicons is not None else {})
    settings |= _settings(part, {} if needed else _TOGETHER)
    other = _settings(part, {"language": language}) if nlp.lang != language else {}
    try:
        nlp.add_pipe(part, config=settings | other)
    except AnnotateError as error:
        if needed or error.problems:
            raise


def _blank(language: str) -> Language:
    """The tokenizer of a language; the general one where spaCy has none or needs a dictionary for it."""
    try:
        nlp = spacy.blank(language)
    except ImportError:
        nlp = spacy.blank(ANY_LANGUAGE)
    keep_texts(nlp)
    return nlp


def _parts(spec: str) -> tuple[str, ...]:
    return tuple(one for one in COMPOSED.get(spec, (spec,)) if Language.has_factory(one))


def _settings(factory: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Those of some settings that a component has."""
    known = Language.get_factory_meta(factory).default_config or ()
    return {name: value for name, value in wanted.items() if name in known}


def _meta(spec: str) -> Mapping[str, Any]:
    if _is_folder(spec):
        path = Path(spec)
    elif is_package(spec):
        path = get_package_path(spec)
    else:
        raise ConfigError(
            f"there is no pipeline {spec!r}: no such component, folder or installed package",
            hint=f"known components of ours: {_ours()}; a spaCy package is installed with "
            f"`python -m spacy download {spec}`, a folder is written by nlp.to_disk",
        )
    try:
        return get_model_meta(path)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{spec} is no spaCy pipeline: {error}", hint="a pipeline folder holds meta.json and config.cfg"
        ) from error


def _ours() -> str:
    return ", ".join(sorted({"formulas", *COMPOSED, *(one for parts in COMPOSED.values() for one in parts)}))


def _loaded(spec: str) -> Language:
    try:
        return spacy.load(Path(spec) if _is_folder(spec) else spec)
    except AnnotateError:
        raise
    except Exception as error:  # damaged files, a component that is not installed, another spaCy
        raise ConfigError(
            f"the pipeline {spec} cannot be loaded: {error}",
            hint="it may need a package that is not installed, or another version of spaCy",
        ) from error


def _version_of(nlp: Language, spec: str) -> str:
    """Version of the package that the (first) component comes from."""
    first = next(one for one in _parts(spec) if one in nlp.pipe_names)
    module = type(nlp.get_pipe(first)).__module__.partition(".")[0]
    if module == "annotate":
        return __version__
    names = metadata.packages_distributions().get(module, [])
    return metadata.version(names[0]) if names else "unknown"


def _config_of(
    nlp: Language, files_sha256: str | None, renames: Mapping[str, str], under: Base | None
) -> str:
    """What decides about the output. Training sections are left out: they hold paths of some machine."""
    # A folder of lexicons is known by what is in it (a component's fingerprint), not by where it lies.
    components = {
        name: {key: None if key == "lexicons" else value for key, value in settings.items()}
        for name, settings in nlp.config["components"].items()
    }
    identity: dict[str, Any] = {"nlp": nlp.config["nlp"], "components": components}
    # A component whose output depends on more than its settings can say so (ours: the grammar files).
    marks = {name: getattr(component, "fingerprint", None) for name, component in nlp.pipeline}
    identity["fingerprints"] = {name: mark() for name, mark in marks.items() if callable(mark)}
    if files_sha256 is not None:
        identity["files_sha256"] = files_sha256
    if under is not None:
        files = _files_sha256(under.folder)
        identity["base"] = {"name": under.name, "version": under.version, "files_sha256": files}
    if renames:
        identity["map"] = dict(renames)
    return canonical_json(identity).decode("utf-8")


def _files_sha256(folder: Path | None) -> str:
    """One SHA-256 over relative names, sizes and bytes of all files of a pipeline."""
    digest = hashlib.sha256()
    for path in _files(folder):
        name = path.relative_to(folder).as_posix() if folder else path.name
        digest.update(f"{name}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _files(folder: Path | None) -> Iterable[Path]:
    if folder is None:
        return []
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
