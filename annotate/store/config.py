"""annotate.toml: what the study is and where its server stands. An unknown key is an error."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from annotate.core.dataset.about import About, Author
from annotate.core.errors import ConfigError, Problem
from annotate.core.queue import QueueSettings
from annotate.core.queue import faults as queue_faults

CONFIG_NAME = "annotate.toml"
_SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*\Z")
_ORCID = re.compile(r"https://orcid\.org/\d{4}-\d{4}-\d{4}-\d{3}[\dX]\Z")
_DOI = re.compile(r"10\.\d{4,9}/\S+\Z")
_USER = re.compile(r"[A-Za-z0-9._@+-]{1,150}\Z")


class StudySection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[study]: its lasting id, its name, the languages to expect, the folder name of its scheme."""

    id: str
    name: str
    languages: tuple[str, ...] = ("de", "en")
    scheme: str = "source-criticism"
    sample: bool = False


class ServerSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[server]: "embedded" or the address of a Doccano, and the service account that imports and reads."""

    url: str = "embedded"
    user: str = "annotate-service"
    ca_file: str | None = None
    timeout_seconds: float = 60.0


class Annotator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[[annotators]]: a Doccano account, the pseudonym that exports use, the guideline's language."""

    user: str
    pseudonym: str
    language: str = "en"
    scripted: bool = False


class AdjudicationSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[adjudication]: the account that decides where annotators differ; ``blind`` hides who set what."""

    user: str
    pseudonym: str = "J1"
    language: str = "en"
    scripted: bool = False
    blind: bool = True


class PassSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[passes.NAME]: which suggesters run before it, how long a passage may be (code points), its queue.

    ``pipelines``: language to the trained spaCy pipeline that suggesters of that language stand behind.
    """

    suggest: tuple[str, ...] = ("stated_dates",)
    pipelines: dict[str, str] = {}
    passage_length: int = 5000
    order: str = "source"
    seed: int = 0
    control_share: float = 0.0
    overlap_share: float = 1.0
    overlap_annotators: int = 0

    def queue(self) -> QueueSettings:
        """Order, control and overlap."""
        return QueueSettings(
            self.order, self.seed, self.control_share, self.overlap_share, self.overlap_annotators
        )


class SuggesterSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[suggesters.NAME]: a suggester behind an address. ``batch``: passages in one request."""

    url: str
    version: str = "unstated"
    batch: int = 8
    timeout_seconds: float = 60.0
    ca_file: str | None = None
    allow_http: bool = False


class DatasetAuthor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[[dataset.authors]]: who answers for the datasets of the study."""

    name: str
    orcid: str = ""
    affiliation: str = ""


class DatasetSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[dataset]: what a published dataset says of itself, see docs/configuration.md."""

    title: str = ""
    description: str = ""
    authors: tuple[DatasetAuthor, ...] = ()
    licence: str = ""
    doi: str = ""
    keywords: tuple[str, ...] = ()

    def about(self) -> About:
        """The section as a value."""
        authors = tuple(Author(one.name, one.orcid, one.affiliation) for one in self.authors)
        return About(self.title, self.description, authors, self.licence, self.doi, self.keywords)


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of annotate.toml."""

    study: StudySection
    server: ServerSection = ServerSection()
    annotators: tuple[Annotator, ...] = ()
    adjudication: AdjudicationSection | None = None
    passes: dict[str, PassSection] = {}
    suggesters: dict[str, SuggesterSection] = {}
    dataset: DatasetSection = DatasetSection()

    def pass_settings(self, name: str) -> PassSection:
        """Settings of one pass, the defaults where the file is silent."""
        return self.passes.get(name, PassSection())


def read_config(path: Path) -> Config:
    """Read and check annotate.toml. Raises ConfigError naming the line or the key."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"cannot read {path}: {error.strerror}",
            hint="run this inside a study, name one with --study DIR, or make one with `annotate init DIR`",
        ) from error
    try:
        data = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path.name} is not valid TOML: {error}", hint="see docs/configuration.md"
        ) from error
    try:
        config = msgspec.convert(data, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"{path.name}: {error}{_near_miss(str(error))}", hint="docs/configuration.md lists every key"
        ) from error
    problems = list(_problems(config, path.name))
    if problems:
        raise ConfigError(f"{path.name} has {len(problems)} problem(s)", problems=problems)
    return config


def _near_miss(message: str) -> str:
    match = re.search(r"unknown field `([^`]+)`", message)
    if not match:
        return ""
    sections = (
        StudySection,
        ServerSection,
        Annotator,
        AdjudicationSection,
        PassSection,
        SuggesterSection,
        DatasetAuthor,
        DatasetSection,
        Config,
    )
    known = sorted({name for section in sections for name in section.__struct_fields__})
    close = difflib.get_close_matches(match.group(1), known, n=1)
    return f" (did you mean `{close[0]}`?)" if close else ""


def _problems(config: Config, file: str) -> Iterator[Problem]:
    yield from (
        Problem(file, 0, what)
        for what in [
            *_annotator_faults(config),
            *_adjudicator_faults(config),
            *_study_faults(config),
            *_suggester_faults(config),
            *_dataset_faults(config),
        ]
    )


def _annotator_faults(config: Config) -> Iterator[str]:
    for what in ("user", "pseudonym"):
        values = [getattr(annotator, what) for annotator in config.annotators]
        for value in sorted({value for value in values if values.count(value) > 1}):
            yield f"two annotators have the {what} {value!r}"
    for annotator in config.annotators:
        if not _USER.match(annotator.user):
            yield f"Doccano accepts no user name like {annotator.user!r}"
        if annotator.user == config.server.user:
            yield f"{annotator.user!r} is the service account, not an annotator"
        if annotator.scripted and not config.study.sample:
            yield f"{annotator.user!r} is scripted, but this is no sample study"


def _adjudicator_faults(config: Config) -> Iterator[str]:
    judge = config.adjudication
    if judge is None:
        return
    if not _USER.match(judge.user):
        yield f"Doccano accepts no user name like {judge.user!r}"
    if judge.user in {config.server.user, *(one.user for one in config.annotators)}:
        yield f"the adjudicator {judge.user!r} must be an account of its own: it sees everybody's labels"
    if judge.pseudonym in {one.pseudonym for one in config.annotators}:
        yield f"the adjudicator has an annotator's pseudonym, {judge.pseudonym!r}"
    if judge.scripted and not config.study.sample:
        yield f"{judge.user!r} is scripted, but this is no sample study"


def _study_faults(config: Config) -> Iterator[str]:
    study = config.study
    if config.server.url != "embedded" and not re.match(r"https?://[^\s/]+", config.server.url):
        yield f"server.url {config.server.url!r} is neither an address nor 'embedded'"
    if not study.languages:
        yield "study.languages is empty"
    if not re.match(r"[A-Za-z0-9-]{8,64}\Z", study.id):
        yield "study.id must be 8 to 64 letters, digits or hyphens"
    if not re.match(r"[a-z0-9][a-z0-9-]*\Z", study.scheme):
        yield f"study.scheme {study.scheme!r} is no folder name under schemas/"
    for name, section in config.passes.items():
        if section.passage_length < 200:
            yield f"passes.{name}.passage_length is below 200"
        yield from (f"passes.{name}.{fault}" for fault in queue_faults(section.queue()))
        for language, pipeline in section.pipelines.items():
            if not re.match(r"[a-z]{2,3}\Z", language):
                yield f"passes.{name}.pipelines.{language}: a language is two or three letters, like en"
            if not pipeline.strip():
                yield f"passes.{name}.pipelines.{language} names no pipeline"


def _suggester_faults(config: Config) -> Iterator[str]:
    for name, section in config.suggesters.items():
        if not re.match(r"[a-z][a-z0-9_-]{0,63}\Z", name):
            yield f"suggesters.{name}: a name is made of lower-case letters, digits, - and _"
        if not re.match(r"https?://[^\s/@?#]+(/[^\s#@]*)?\Z", section.url):
            yield f"suggesters.{name}.url is no address that begins with https:// (and holds no password)"
        if section.batch < 1 or section.timeout_seconds <= 0:
            yield f"suggesters.{name}: batch and timeout_seconds must be more than nothing"


def _dataset_faults(config: Config) -> Iterator[str]:
    section = config.dataset
    if section.licence and not _SPDX.match(section.licence):
        yield f"dataset.licence {section.licence!r} is no SPDX identifier like 'CC-BY-4.0'"
    if section.doi and not _DOI.match(section.doi):
        yield f"dataset.doi {section.doi!r} is no DOI; write it without https://doi.org/, like '10.1234/abc'"
    for author in section.authors:
        if not author.name.strip():
            yield "an author in [[dataset.authors]] has no name"
        if author.orcid and not _ORCID.match(author.orcid):
            yield f"orcid {author.orcid!r} is none; write it like 'https://orcid.org/0000-0000-0000-0000'"
