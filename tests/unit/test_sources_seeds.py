"""What a reader finds in real pages and in the sample corpus is what ingest finds.

The expectations of the sample corpus were written from reading it, before any program did.
"""

from __future__ import annotations

import json
import re
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


# Nothing of a seed's wording stands here: articles and furniture are named by the lines they are on.
# file, line of the title, first line, last line, byline's line, agency, publisher, aggregator, place, date
ARTICLES = [
    ("000", None, 1, 13, None, None, None, None, None, None, "de"),
    ("001", 3, 3, 19, 18, None, "Naenara", None, None, "2020-04-25", "de"),
    ("001", 20, 20, 30, None, None, "Naenara", None, None, "2020-04-24", "de"),
    ("001", 31, 31, 51, None, "KZNA", "Naenara", None, None, "2025-08", "de"),
    ("001", 52, 52, 57, None, "KCNA", None, None, "Pyongyang", "2025-08-20", "en"),
    ("001", 58, 58, 63, None, "KCNA", None, None, "Pyongyang", "2025-08-20", "en"),
    ("001", 64, 64, 71, None, "KCNA", None, None, "Pyongyang", "2025-08-18", "en"),
    ("002", 1, 1, 39, None, None, "Pyongyang Times", "NK News", None, "2018-10-11", "en"),
    ("003", 1, 1, 30, None, None, "Rodong Sinmun (En)", None, None, "2024-06-18", "en"),
    ("004", 1, 1, 33, None, None, None, None, None, "2023-04-26", "en"),
]


def lines_of(file: str) -> list[str]:
    return seed(file).read_text(encoding="utf-8").split("\n")


def line_at(file: str, offset: int) -> int:
    return seed(file).read_text(encoding="utf-8").count("\n", 0, offset) + 1


def line_with(file: str, text: str | None) -> int | None:
    """The line that reads exactly so, or None for no text."""
    return None if text is None else lines_of(file).index(text) + 1


@NEEDS_SEEDS
def test_the_articles_of_the_seeds(seeds: Built) -> None:
    found = []
    for one in seeds.documents:
        file = one.source_file[:3]
        text = seed(file).read_text(encoding="utf-8")[one.start : one.end]
        found.append(
            (
                file,
                line_with(file, one.title),
                line_at(file, one.start),
                line_at(file, one.start + len(text.rstrip()) - 1),
                line_with(file, one.byline),
                *(one.agency, one.publisher, one.aggregator, one.place, one.published, one.language),
            )
        )
    assert found == ARTICLES


@NEEDS_SEEDS
def test_an_undated_seed_says_so(seeds: Built) -> None:
    (document,) = [one for one in seeds.documents if one.source_file.startswith("000")]
    assert document.published_evidence is None
    assert "no publication date stated" in document.doubts


FURNITURE = [
    ("001", 1, "heading"),
    ("001", 2, "breadcrumb"),
    ("002", 5, "share"),
    *(("002", line, "advertisement") for line in (41, 43)),
    ("003", 31, "heading"),
    *(("003", line, "teaser") for line in range(32, 92)),
    ("003", 92, "navigation"),
    ("004", 36, "legal"),
]


@NEEDS_SEEDS
@pytest.mark.parametrize(("file", "line", "kind"), FURNITURE)
def test_the_furniture_of_the_seeds(seeds: Built, file: str, line: int, kind: str) -> None:
    start = sum(len(one) + 1 for one in lines_of(file)[: line - 1])
    (segment,) = [
        one for one in seeds.segments if one.source_file.startswith(file) and one.start <= start < one.end
    ]
    assert segment.kind == kind


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
    assert "October" in document.published_evidence.reason


@NEEDS_SEEDS
def test_an_ambiguous_day_that_nothing_decides_stays_open(tmp_path: Path) -> None:
    text = re.sub(r"October \d+", "Soon", seed("002").read_text(encoding="utf-8"))
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
