"""What a reader finds in real pages and in the sample corpus is what ingest finds.

The expectations of the sample corpus were written from reading it, before any program did.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from annotate.core.model import Document
from annotate.flows import ingest
from annotate.sources.reader import decode
from annotate.store.built import Built
from annotate.store.study import Study

ROOT = Path(__file__).parents[2]
SEEDS = ROOT.parent / "shared" / "seeds"
NEEDS_SEEDS = pytest.mark.skipif(not SEEDS.is_dir(), reason="../shared/seeds is not on this machine")
EXPECTED = json.loads((ROOT / "tests/expected/sample_corpus.json").read_text(encoding="utf-8"))
FIELDS = ("title", "byline", "agency", "publisher", "aggregator", "place", "published", "language")


def study_of(folder: Path, files: list[Path]) -> Study:
    shutil.copy(ROOT / "annotate.toml", folder)
    (folder / "corpus" / "raw").mkdir(parents=True)
    for file in files:
        shutil.copy(file, folder / "corpus" / "raw")
    return Study(folder)


def built_from(folder: Path, files: list[Path]) -> Built:
    plan = ingest.plan(study_of(folder, files))
    assert plan.problems == ()
    return plan.built


def seed(number: str) -> Path:
    return next(SEEDS.glob(f"{number}_*.txt"))


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return built_from(tmp_path_factory.mktemp("seeds"), sorted(SEEDS.glob("*.txt")))


FRIENDSHIP = "Sich entwickelnde koreanisch-russische Freundschaftsbeziehung"
OCCASION = "Der historische Anlass für Entwicklung der koreanisch-russischen Freundschaftsbeziehungen"
EMBASSY = (
    "Mitarbeiter der russischen Botschaft legten vor den Denkmälern für Sowjetarmee vielerorts Blumen nieder"
)
GREETINGS = "Greetings to DPRK Foreign Minister from Russian Foreign Minister"
REPLY = "Reply Message to Russian Foreign Minister"
GOES_ON = "DPRK-Russia friendship goes on"
TRADITION = (
    "Russia and Democratic People’s Republic of Korea: "
    "Tradition of Friendship and Cooperation Lasts Decade after Decade"
)
CITY = "Pyongyang"

# file, title, byline, agency, publisher, aggregator, place, published, language
ARTICLES = [
    ("000", None, None, None, None, None, None, None, "de"),
    ("001", FRIENDSHIP, "Kim Tae Ho", None, "Naenara", None, None, "2020-04-25", "de"),
    ("001", OCCASION, None, None, "Naenara", None, None, "2020-04-24", "de"),
    ("001", EMBASSY, None, "KZNA", "Naenara", None, None, "2025-08", "de"),
    ("001", GREETINGS, None, "KCNA", None, None, CITY, "2025-08-20", "en"),
    ("001", REPLY, None, "KCNA", None, None, CITY, "2025-08-20", "en"),
    ("001", "DPRK Embassy in Moscow Hosts Reception", None, "KCNA", None, None, CITY, "2025-08-18", "en"),
    ("002", GOES_ON, None, None, "Pyongyang Times", "NK News", None, "2018-10-11", "en"),
    ("003", TRADITION, None, None, "Rodong Sinmun (En)", None, None, "2024-06-18", "en"),
    ("004", "Big landmark in DPRK-Russia friendship", None, None, None, None, None, "2023-04-26", "en"),
]


@NEEDS_SEEDS
def test_the_articles_of_the_seeds(seeds: Built) -> None:
    found = [(one.source_file[:3], *(getattr(one, name) for name in FIELDS)) for one in seeds.documents]
    assert found == ARTICLES


@NEEDS_SEEDS
def test_an_undated_seed_says_so(seeds: Built) -> None:
    (document,) = [one for one in seeds.documents if one.source_file.startswith("000")]
    assert document.published_evidence is None
    assert "no publication date stated" in document.doubts


EDGES = [
    ("000", "Die Demokratische Volksrepublik", "werden ewig währen!"),
    ("001", "Sich entwickelnde", "Naenara, 2020-04-25"),
    ("001", "Der historische Anlass", "Naenara, 2020-04-24"),
    ("001", "Mitarbeiter der", "KZNA/Naenara, August 2025"),
    ("001", "Greetings to", "www.kcna.kp (2025.08.20.)"),
    ("001", "Reply Message", "www.kcna.kp (2025.08.20.)"),
    ("001", "DPRK Embassy", "www.kcna.kp (2025.08.18.)"),
    ("002", "DPRK-Russia friendship", "common interests and prosperity."),
    ("003", "Russia and Democratic", "Rodong Sinmun"),
    ("004", "Big landmark", "leadership of President Putin."),
]


@NEEDS_SEEDS
def test_where_the_articles_of_the_seeds_begin_and_end(seeds: Built) -> None:
    for document, (file, first, last) in zip(seeds.documents, EDGES, strict=True):
        text = seed(file).read_bytes().decode()[document.start : document.end]
        assert text.startswith(first)
        assert text.rstrip().endswith(last)


FURNITURE = [
    ("001", "Die koreanisch-russische Freundschaftsbeziehung\n", "heading"),
    ("001", "Aktuelles aus der DVR Korea > Politik", "breadcrumb"),
    ("002", "Share Button", "share"),
    ("002", "Get North Korea headlines", "advertisement"),
    ("002", "Subscribe to the NK News", "advertisement"),
    ("003", "More From Rodong Sinmun (En)", "heading"),
    ("003", "Pukchang, Yomju, Paechon", "teaser"),
    ("003", "March 01, 2025", "teaser"),
    ("003", "A prize-giving ceremony of the Ten Best", "teaser"),
    ("003", "More Articles", "navigation"),
    ("004", "2023 © All rights reserved.", "legal"),
]


@NEEDS_SEEDS
@pytest.mark.parametrize(("file", "words", "kind"), FURNITURE)
def test_the_furniture_of_the_seeds(seeds: Built, file: str, words: str, kind: str) -> None:
    text = seed(file).read_bytes().decode()
    kinds = {
        one.kind
        for one in seeds.segments
        if one.source_file.startswith(file) and text[one.start : one.end].startswith(words)
    }
    assert kinds == {kind}


def only_document(folder: Path, files: list[Path], file: str) -> Document:
    (document,) = [one for one in built_from(folder, files).documents if one.source_file.startswith(file)]
    return document


@NEEDS_SEEDS
def test_an_ambiguous_day_is_decided_by_lines_of_the_same_wording(seeds: Built) -> None:
    (document,) = [one for one in seeds.documents if one.source_file.startswith("002")]
    assert document.published_evidence is not None
    assert document.published_evidence.text == "11/10/2018"
    assert document.published_evidence.reason.startswith("day first: 18/06/2024 in 003_")


@NEEDS_SEEDS
def test_an_ambiguous_day_alone_is_decided_by_a_day_that_the_text_names(tmp_path: Path) -> None:
    document = only_document(tmp_path, [seed("002")], "002")
    assert document.published == "2018-10-11"
    assert document.published_evidence is not None
    assert "'October 12'" in document.published_evidence.reason


@NEEDS_SEEDS
def test_an_ambiguous_day_that_nothing_decides_stays_open(tmp_path: Path) -> None:
    text = seed("002").read_text(encoding="utf-8").replace("October 12 this year", "This year")
    (tmp_path / "002.txt").write_text(text, encoding="utf-8")
    document = only_document(tmp_path, [tmp_path / "002.txt"], "002")
    assert document.published == "[2018-10-11,2018-11-10]"
    assert any("ambiguous" in doubt for doubt in document.doubts)


# --- the sample corpus --------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def sample() -> Built:
    plan = ingest.plan(Study(ROOT))
    assert plan.problems == ()
    return plan.built


def text_of(file: str, encoding: str | None) -> str:
    return decode((ROOT / "corpus/raw" / file).read_bytes(), encoding).text


@pytest.mark.parametrize("wanted", EXPECTED["files"], ids=lambda wanted: str(wanted["file"]))
def test_the_sample_corpus_is_read_as_a_reader_does(sample: Built, wanted: dict[str, Any]) -> None:
    (source,) = [one for one in sample.sources if one.file == wanted["file"]]
    if wanted["encoding"] is not None:
        assert source.encoding == wanted["encoding"]
    documents = [one for one in sample.documents if one.source_file == source.file]
    found = [{name: getattr(one, name) for name in FIELDS} for one in documents]
    assert found == [{name: one[name] for name in FIELDS} for one in wanted["documents"]]
    evidence = [one.published_evidence.text if one.published_evidence else None for one in documents]
    assert evidence == [one["published_evidence"] for one in wanted["documents"]]


@pytest.mark.parametrize("wanted", EXPECTED["files"], ids=lambda wanted: str(wanted["file"]))
def test_the_body_and_the_furniture_of_the_sample_corpus(sample: Built, wanted: dict[str, Any]) -> None:
    text = text_of(wanted["file"], wanted["encoding"])
    segments = [one for one in sample.segments if one.source_file == wanted["file"]]
    kinds: dict[str, set[str]] = {}
    for one in segments:
        kinds.setdefault(text[one.start : one.end].strip(), set()).add(one.kind)
    for line in wanted["furniture"]:
        assert line["kind"] in kinds[line["text"].strip()], line
    documents = [one for one in sample.documents if one.source_file == wanted["file"]]
    for document, article in zip(documents, wanted["documents"], strict=True):
        inside = [one for one in segments if document.start <= one.start < document.end]
        body = "".join(text[one.start : one.end] for one in inside if one.kind == "body").strip()
        shown = body.replace("\u00ad", "")
        assert shown.startswith(article["first_words"])
        assert shown.endswith(article["last_words"])


def test_two_dates_of_one_article_are_a_doubt(sample: Built) -> None:
    document = next(one for one in sample.documents if one.published == "2018-09-27")
    assert any("28/09/2018" in doubt for doubt in document.doubts)
