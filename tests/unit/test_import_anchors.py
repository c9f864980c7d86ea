"""Places of foreign labels: what is recorded is what the study reads there, or nothing is."""

from __future__ import annotations

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from annotate.core.imports.anchoring import Anchor, Orphan, TextAnchors
from annotate.core.imports.foreign import ForeignLabel, ForeignText
from annotate.core.imports.ground import Ground
from annotate.core.imports.piece_map import PieceMap
from annotate.core.imports.units import read_offsets, same_words
from annotate.core.model import Document, Passage, Segment
from annotate.core.offsets import CodePoint, OffsetOutOfText, Range, Utf16Map
from annotate.core.passages import cleaned_pieces, cut_passages, passage_range, source_ranges

WORDS = "Der Rat tagte am 3. Mai 2021 in Lauthen und beschloss, die große Brücke zu bauen. "
BEFORE = "Vor dem Rat sprach am Morgen die Ministerin aus Lauthen. "
AFTER = "Danach gab es Kuchen für alle Gäste, so der Küstenbote. "


def ground(*texts: str, length: int = 5000) -> Ground:
    """One source a text, each one document of one body segment; files are ``0.txt``, ``1.txt`` …"""
    documents, segments, passages = [], [], []
    for number, text in enumerate(texts):
        source = f"src-{number:012x}"
        whole = (source, f"{number}.txt", 0, len(text))
        rest = (None, None, None, None, None, None, None, None, "de", 1.0)
        document = Document(f"doc-{number:012x}", *whole, *rest)
        segment = Segment(*whole, "body", "told")
        documents.append(document)
        segments.append(segment)
        passages.extend(cut_passages(document, [segment], text, length=length))
    return Ground(passages, documents, segments, {f"src-{n:012x}": text for n, text in enumerate(texts)})


def anchor(where: Ground, text: str, quote: str, *names: str) -> Anchor | Orphan:
    start = text.index(quote)
    return TextAnchors(where, ForeignText(text, 1, names)).anchor(Range(start, start + len(quote)))


class TestStatuses:
    def test_the_same_text_is_exact_without_any_name(self) -> None:
        found = anchor(ground(WORDS, AFTER), WORDS.strip(), "Mai")
        assert isinstance(found, Anchor)
        assert (found.status, found.score, found.quote, found.passage.source_file) == (
            "exact",
            1.0,
            "Mai",
            "0.txt",
        )

    def test_a_whole_document_finds_the_passages_it_was_cut_into(self) -> None:
        text = (BEFORE + WORDS + AFTER).strip()
        where = ground(text, length=70)
        found = anchor(where, text, "große Brücke")
        assert isinstance(found, Anchor)
        assert (found.status, found.quote, found.passage.number > 1) == ("exact", "große Brücke", True)
        crossing = text[where.passages["src-000000000000"][0].pieces[-1].end - 5 :][:20]
        assert isinstance(anchor(where, text, crossing), Orphan)

    def test_words_with_their_context_have_moved(self) -> None:
        found = anchor(ground(BEFORE + WORDS + AFTER), AFTER + BEFORE + WORDS, "in Lauthen", "0.txt")
        assert isinstance(found, Anchor)
        assert (found.status, found.quote, found.place.start) == ("moved", "in Lauthen", 57 + 29)

    def test_words_whose_context_changed_are_fuzzy(self) -> None:
        found = anchor(ground(WORDS), WORDS.replace("zu bauen", "zu sprengen"), "große Brücke", "0")
        assert isinstance(found, Anchor)
        assert (found.status, found.quote, 0.75 < found.score < 1) == ("fuzzy", "große Brücke", True)

    def test_words_that_were_changed_themselves_are_fuzzy_and_say_what_stands_there(self) -> None:
        found = anchor(
            ground(WORDS), WORDS.replace("große Brücke", "grosse Brücke"), "grosse Brücke", "0.txt"
        )
        assert isinstance(found, Anchor)
        assert (found.status, found.quote) == ("fuzzy", "große Brücke")

    def test_without_a_name_a_changed_text_is_searched_nowhere(self) -> None:
        found = anchor(ground(WORDS), WORDS + AFTER, "große Brücke")
        assert found == Orphan(
            "its text is not in the study, and no name in the file is that of one of its sources"
        )

    def test_words_that_stand_twice_alike_are_an_orphan(self) -> None:
        twice = WORDS * 3
        found = anchor(ground(twice), AFTER + twice, "große Brücke", "0.txt")
        assert isinstance(found, Orphan)
        assert "in 2 places of 0.txt with the same context" in found.reason

    def test_short_words_need_their_context(self) -> None:
        found = anchor(ground(WORDS), "Ganz anders war es 2021 bei uns", "2021", "0.txt")
        assert isinstance(found, Orphan)

    def test_common_words_do_not_cost_hours(self) -> None:
        found = anchor(ground("a " * 50_000), "b a b", "a", "0.txt")
        assert isinstance(found, Orphan)

    def test_the_same_text_in_two_sources_needs_a_name(self) -> None:
        where = ground(WORDS, WORDS + "\n")
        assert anchor(where, WORDS.strip(), "Mai") == Orphan(
            "the study has its text in 2 places, and no name says which"
        )
        found = anchor(where, WORDS.strip(), "Mai", "nothing", "1.txt")
        assert isinstance(found, Anchor)
        assert found.passage.source_file == "1.txt"

    @pytest.mark.parametrize(
        "name", ["0.txt", "0", "in/some/folder/0.txt", "src-000000000000", "doc-000000000000"]
    )
    def test_what_a_source_may_be_called(self, name: str) -> None:
        assert isinstance(anchor(ground(WORDS, AFTER), AFTER + WORDS, "große Brücke", name), Anchor)


def browser(raw: str) -> str:
    """What a browser shows of a stretch of a source."""
    return raw.replace("\r\n", "\n").replace("\r", "\n").replace("\u00ad", "").replace("\ufeff", "")


def is_true(found: Anchor, where: Ground) -> bool:
    """The recorded words stand at the recorded place of passage and source."""
    passage: Passage = found.passage
    ranges = source_ranges(passage.pieces, found.place.start, found.place.end)
    text = where.texts[passage.source_id]
    shown = "".join(browser(one.of(text)) for one in ranges)
    return found.quote == passage.text[found.place.start : found.place.end] == shown


@given(strategies.pages(), st.data())
def test_a_text_of_the_study_gives_exactly_its_words_or_nothing(text: str, data: st.DataObject) -> None:
    where = ground(text)
    place = data.draw(st.tuples(*[st.integers(0, len(text))] * 2).map(sorted))
    if place[0] == place[1]:
        return
    found = TextAnchors(where, ForeignText(text, 1)).anchor(Range(*place))
    if isinstance(found, Anchor):
        assert found.status == "exact"
        assert is_true(found, where)
        wanted = text[slice(*place)].replace("\u00ad", "").replace("\ufeff", "")
        assert found.quote.split() == wanted.split()


@given(strategies.pages(), strategies.pages(), st.data())
def test_text_changed_around_a_quote(before: str, after: str, data: st.DataObject) -> None:
    core = "Der Rat tagte am 3. Mai 2021 in Lauthen."
    where = ground(BEFORE + core + "\n" + AFTER)
    # Where enough of the neighbours is kept, the label is carried over; else it is not, or said to be fuzzy.
    kept = data.draw(st.integers(0, 40))
    text = before + BEFORE[len(BEFORE) - kept :] + core + "\n" + AFTER[:kept] + after
    start = text.index(core)
    found = TextAnchors(where, ForeignText(text, 1, ("0.txt",))).anchor(Range(start, start + len(core)))
    if isinstance(found, Anchor):
        assert is_true(found, where)
        if found.status != "fuzzy":
            assert found.quote == core
    if kept >= 33 and text.count(core) == 1:
        assert isinstance(found, Anchor)


@given(strategies.pages(), st.data())
def test_the_index_over_pieces_says_what_the_pieces_say(text: str, data: st.DataObject) -> None:
    pieces = cleaned_pieces(text)
    index = PieceMap(pieces)
    # Beyond the end, and before the first piece, where a cleaned text has lost its edges.
    start, length = data.draw(st.integers(0, len(text) + 3)), data.draw(st.integers(1, 40))
    place = Range(start, start + length)
    assert index.to_text(place) == passage_range(pieces, place.start, place.end)
    try:
        expected = source_ranges(pieces, place.start, place.end)
    except OffsetOutOfText:
        with pytest.raises(OffsetOutOfText):
            index.to_source(place)
    else:
        assert index.to_source(place) == expected


@given(strategies.texts, st.data())
def test_a_reading_is_one_that_the_text_allows(text: str, data: st.DataObject) -> None:
    start, end = data.draw(st.tuples(st.integers(-2, 250), st.integers(-2, 250)))
    units = Utf16Map(text)
    label = ForeignLabel("1", "L", start, end)
    found = read_offsets(text, units, label, "auto")
    points = read_offsets(text, units, label, "code-points").place
    utf16 = read_offsets(text, units, label, "utf-16").place
    assert points in (None, Range(max(start, 0), max(start, end, 0)))
    if utf16:
        assert (units.to_utf16(CodePoint(utf16.start)), units.to_utf16(CodePoint(utf16.end))) == (start, end)
    assert found.ambiguous == bool(points and utf16 and points != utf16)
    assert found.place == (None if found.ambiguous else points or utf16)
    assert bool(found.place) != bool(found.fault)


@given(strategies.texts)
def test_same_words_ignores_blanks_only(text: str) -> None:
    assert same_words(text, " ".join(text.split()))
    assert not same_words(text, text + "x")
