"""`annotate suggest --with NAME` where annotate.toml has [suggesters.NAME]: a suggester behind an address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from annotate.core.errors import BadInput, ConfigError
from annotate.core.ids import canonical_json, sha256_hex
from annotate.core.model import Document, Passage
from annotate.core.scheme import Scheme
from annotate.core.suggested_rows import Allows
from annotate.core.suggesting import Looked, Outsider, Terms
from annotate.store.config import SuggesterSection
from annotate.store.registry import parse_registry
from annotate.store.secrets import find_token
from annotate.store.study import Study


@dataclass(frozen=True, slots=True)
class Leaving:
    """What would leave this machine: to whom, how much of it, which fields.

    ``kept_back`` passages are not sent, because ``redistribution`` in sources.csv says no; of ``unstated``
    ones, which are sent, it says nothing.
    """

    suggester: str
    host: str
    passages: int
    characters: int
    requests: int
    fields: tuple[str, ...]
    kept_back: int
    unstated: int


@dataclass(frozen=True, slots=True)
class RemoteSuggester:
    """A configured suggester, before anything is sent. ``labels`` are (name, layer, definition)."""

    by: Outsider
    name: str
    section: SuggesterSection
    ca_file: str | None
    labels: tuple[tuple[str, str, str], ...]
    redistribution: Mapping[str, str]

    def may_get(self, passage: Passage) -> bool:
        """Whether a passage may be sent: a text that must not be passed on stays on this machine."""
        from annotate.remote.endpoint import is_loopback

        return self.redistribution.get(passage.source_file) != "no" or is_loopback(self.section.url)

    def leaving(self, passages: Sequence[Passage]) -> Leaving:
        """What asking about these passages sends."""
        from annotate.remote.contract import LEAVES
        from annotate.remote.endpoint import host_of

        sent = [one for one in passages if self.may_get(one)]
        return Leaving(
            suggester=self.name,
            host=host_of(self.section.url),
            passages=len(sent),
            characters=sum(len(one.text) for one in sent),
            requests=-(-len(sent) // self.section.batch),
            fields=LEAVES,
            kept_back=len(passages) - len(sent),
            unstated=sum(not self.redistribution.get(one.source_file) for one in sent),
        )

    def looks(
        self,
        passages: Sequence[tuple[Passage, str | None]],
        documents: Mapping[str, Document],
        layers: Mapping[str, str],
        renames: Mapping[str, str],
        allows: Allows,
    ) -> Iterator[Looked]:
        """Ask, batch by batch. Raises ConfigError, Refused, ServerFailure."""
        from annotate.remote.contract import Asked, Vocabulary, question, understood
        from annotate.remote.endpoint import Endpoint

        section = self.section
        endpoint = Endpoint(
            self.name,
            section.url,
            find_token(self.name, section.url),
            section.timeout_seconds,
            self.ca_file,
        )
        terms, vocabulary = Terms(layers, renames, self.by, allows), Vocabulary(self.labels)
        for at in range(0, len(passages), section.batch):
            asked = [
                Asked(one, documents[one.document_id].language, published)
                for one, published in passages[at : at + section.batch]
            ]
            yield from understood(endpoint.ask(question(asked, vocabulary)), asked, terms)


def open_remote(
    study: Study, name: str, scheme: Scheme, pass_name: str, renames: Mapping[str, str]
) -> RemoteSuggester:
    """The suggester of [suggesters.NAME]. Raises ConfigError where texts may not go there."""
    from annotate.remote.contract import CONTRACT
    from annotate.remote.endpoint import host_of, require_safe

    section = study.config.suggesters[name]
    require_safe(name, section.url, allow_http=section.allow_http)
    ca_file = study.root / section.ca_file if section.ca_file else None
    if ca_file is not None and not ca_file.is_file():
        raise ConfigError(
            f"suggesters.{name}.ca_file {section.ca_file!r} does not exist",
            hint="the path is relative to the study",
        )
    labels = tuple((one.name, one.layer, one.definition) for one in scheme.labels_of(pass_name))
    config = {
        "contract": CONTRACT,
        "host": host_of(section.url),
        "url_sha256": sha256_hex(section.url.encode("utf-8")),
        "labels_sha256": sha256_hex(canonical_json(labels)),
    }
    by = Outsider.of(name, section.version, config, renames)
    return RemoteSuggester(
        by, name, section, str(ca_file) if ca_file else None, labels, _redistribution(study)
    )


def _redistribution(study: Study) -> dict[str, str]:
    """What sources.csv says of each file: ``yes``, ``no`` or nothing. Raises BadInput."""
    if not study.sources_csv.is_file():
        return {}
    found = parse_registry(study.sources_csv.read_bytes())
    if found.problems:
        raise BadInput("corpus/sources.csv has problems", problems=found.problems)
    return {row.file: row.redistribution for row in found.rows}
