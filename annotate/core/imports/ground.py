"""What the study holds for a foreign text to be compared with: passages, documents and sources as texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from annotate.core.model import Document, Passage, Piece, Segment
from annotate.core.passages import cleaned_pieces, shown_pieces, spell


@dataclass(frozen=True, slots=True)
class Target:
    """A text of the study with its map to the source. ``names`` is all that it may be called."""

    source_id: str
    text: str
    pieces: tuple[Piece, ...]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Match:
    """A foreign text found in the study; ``own`` are its pieces where it had to be cleaned first."""

    target: Target
    own: tuple[Piece, ...] | None = None


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Why a foreign text is no text of the study; ``places`` of them where it is several."""

    places: int = 0


class Ground:
    """Indexes over one build, and over passages of earlier ones; texts by source id.

    ``passages`` are those of the build by source id. Nothing here changes after it was made.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        documents: Sequence[Document],
        segments: Iterable[Segment],
        texts: Mapping[str, str],
        earlier: Iterable[Passage] = (),
    ) -> None:
        self.texts = texts
        self.passages = _by_source(passages, texts)
        now = {passage.passage_id for passage in passages}
        old = {one.passage_id: one for one in earlier if one.passage_id not in now}
        self._earlier = _by_source(old.values(), texts)
        self._hulls = {
            source_id: [(*_hull(one), one) for one in (*self.passages[source_id], *self._earlier[source_id])]
            for source_id in texts
        }
        self._documents = [one for one in documents if one.source_id in texts]
        self._segments: dict[str, list[Segment]] = defaultdict(list)
        for segment in segments:
            self._segments[segment.source_id].append(segment)
        self._files: dict[str, str] = {one.source_id: one.source_file for one in documents}
        self._files |= {one.source_id: one.source_file for one in passages}

    def match(self, text: str, names: Sequence[str]) -> Match | NoMatch:
        """The one place where the study has this text: as it is, else cleaned as passages are."""
        for index in self._levels():
            if hits := index.get(text):
                return _one_of(hits, names, None)
        own = cleaned_pieces(text)
        shown = spell(own, text)
        for index in (*self._levels(), self._cleaned) if shown else ():
            if hits := index.get(shown):
                return _one_of(hits, names, own)
        return NoMatch()

    def named(self, names: Sequence[str]) -> str | None:
        """The id of the source that one of these names means, best name first; None for none or several."""
        for name in names:
            found = self._by_name.get(name) or self._by_name.get(PurePosixPath(name).name)
            if found:
                return next(iter(found)) if len(found) == 1 else None
        return None

    def showing(self, source_id: str, start: int, end: int) -> Iterator[Passage]:
        """Passages over a stretch of a source: those of the build, then those of earlier ones."""
        for low, high, passage in self._hulls.get(source_id, ()):
            if low < end and start < high:
                yield passage

    def file_of(self, source_id: str) -> str:
        """The name of a source below corpus/raw."""
        return self._files.get(source_id, source_id)

    def _levels(self) -> Iterator[Mapping[str, list[Target]]]:
        # One after the other: whoever brings back texts of passages never pays for the rest.
        yield self._passage_texts
        yield self._document_texts
        yield self._raw_texts

    @cached_property
    def _passage_texts(self) -> dict[str, list[Target]]:
        stores = (self.passages, self._earlier)
        all_passages = (one for store in stores for found in store.values() for one in found)
        return _index(
            Target(
                one.source_id,
                one.text,
                one.pieces,
                frozenset({one.passage_id, one.document_id}) | source_names(one.source_file, one.source_id),
            )
            for one in all_passages
        )

    @cached_property
    def _document_texts(self) -> dict[str, list[Target]]:
        return _index(
            self._of_document(
                one, shown_pieces(one, self._segments[one.source_id], self.texts[one.source_id])
            )
            for one in self._documents
        )

    @cached_property
    def _raw_texts(self) -> dict[str, list[Target]]:
        return _index(self._whole(lambda text, start, end: (Piece("verbatim", start, end),)))

    @cached_property
    def _cleaned(self) -> dict[str, list[Target]]:
        return _index(self._whole(_clean_stretch))

    def _whole(self, pieces_of: Callable[[str, int, int], tuple[Piece, ...]]) -> Iterator[Target]:
        for one in self._documents:
            yield self._of_document(one, pieces_of(self.texts[one.source_id], one.start, one.end))
        for source_id, text in self.texts.items():
            pieces = pieces_of(text, 0, len(text))
            names = source_names(self.file_of(source_id), source_id)
            yield Target(source_id, spell(pieces, text), pieces, names)

    def _of_document(self, document: Document, pieces: tuple[Piece, ...]) -> Target:
        names = {document.document_id} | source_names(document.source_file, document.source_id)
        text = spell(pieces, self.texts[document.source_id])
        return Target(document.source_id, text, pieces, frozenset(names))

    @cached_property
    def _by_name(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for source_id in self.texts:
            for name in source_names(self.file_of(source_id), source_id):
                found[name].add(source_id)
        for document in self._documents:
            found[document.document_id].add(document.source_id)
        for passage in (one for some in self.passages.values() for one in some):
            found[passage.passage_id].add(passage.source_id)
        return dict(found)


def _by_source(passages: Iterable[Passage], texts: Mapping[str, str]) -> dict[str, list[Passage]]:
    found: dict[str, list[Passage]] = {source_id: [] for source_id in texts}
    for passage in passages:
        if passage.source_id in texts:
            found[passage.source_id].append(passage)
    return found


def _hull(passage: Passage) -> tuple[int, int]:
    return min(one.start for one in passage.pieces), max(one.end for one in passage.pieces)


def source_names(file: str, source_id: str) -> frozenset[str]:
    """What people may call a source: its id, its path, its file name, the name without its ending."""
    path = PurePosixPath(file)
    return frozenset({source_id, file, path.name, path.stem})


def _clean_stretch(text: str, start: int, end: int) -> tuple[Piece, ...]:
    return tuple(
        Piece(one.kind, one.start + start, one.end + start, one.text)
        for one in cleaned_pieces(text[start:end])
    )


def _index(targets: Iterable[Target]) -> dict[str, list[Target]]:
    found: dict[str, list[Target]] = defaultdict(list)
    for target in targets:
        if target.text:
            found[target.text].append(target)
    return dict(found)


def _one_of(hits: Sequence[Target], names: Sequence[str], own: tuple[Piece, ...] | None) -> Match | NoMatch:
    # A document that is its whole source is one place, not two; so is a passage of two builds.
    ends = {(one.source_id, one.pieces[0].start, one.pieces[-1].end): one for one in reversed(hits)}
    places = list(ends.values())
    for name in names:
        if len(places) > 1:
            places = [one for one in places if name in one.names] or places
    return Match(places[0], own) if len(places) == 1 else NoMatch(len(places))
