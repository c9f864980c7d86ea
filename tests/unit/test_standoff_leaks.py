"""Nothing of a text that may not be passed on is in a stand-off dataset beyond the bounded quotes."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import studies
from pyarrow import parquet
from spacy.tokens import DocBin

from annotate.core.dataset.rows import PassageRow
from annotate.core.dataset.standoff import QUOTE, stand_off
from annotate.core.ids import text_sha256
from annotate.flows import export
from annotate.flows.dataset_made import staged
from annotate.flows.export import ExportOptions
from annotate.flows.formats import available
from annotate.formats.writing import Material

CLOSED = "a-emoji.txt"


def long_label(material: Material) -> Material:
    """The material with a label that covers far more than a bounded quote may show."""
    data = material.dataset
    passage = closed_passage(material)
    row = next(one for one in data.labels if one.passage_id == passage.passage_id)
    quote = passage.text[:140]
    long = replace(row, start=0, end=140, quote=quote, prefix="", suffix=passage.text[140:172])
    long = replace(long, quote_sha256=text_sha256(quote))
    labels = tuple(long if one is row else one for one in data.labels)
    return replace(material, dataset=replace(data, labels=labels))


def closed_passage(material: Material) -> PassageRow:
    return next(row for row in material.dataset.passages if row.source_file == CLOSED)


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    study = studies.nasty_study(tmp_path_factory.mktemp("leaks") / "study")
    told = study.sources_csv.read_text("utf-8").splitlines(keepends=True)
    shut = [one.replace(",yes\n", ",no\n") if one.startswith(CLOSED) else one for one in told]
    study.sources_csv.write_text("".join(shut), "utf-8")
    options = ExportOptions(formats=available(), full_text=True)
    return long_label(export.material_of(study, "d", options))


def texts_of(name: str, data: bytes) -> Iterator[str]:
    """What a file says, containers unpacked."""
    if name.endswith(".parquet"):
        yield repr(parquet.read_table(io.BytesIO(data)).to_pylist())
    elif name.endswith(".spacy"):
        docs = DocBin().from_bytes(data).get_docs(_vocab())
        yield from (f"{doc.text} {doc.user_data}" for doc in docs)
    elif zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(one).decode("utf-8", "replace") for one in archive.namelist())
    else:
        yield data.decode("utf-8", "replace")


def _vocab():
    import spacy

    return spacy.blank("xx").vocab


def bare(text: str) -> str:
    """Letters and digits alone, escapes of JSON and XML undone: however a format writes a text."""
    unescaped = re.sub(r"\\u([0-9a-fA-F]{4})", lambda one: chr(int(one[1], 16)), html.unescape(text))
    return "".join(filter(str.isalnum, re.sub(r"\\[nrt]", " ", unescaped)))


def leaks(files: Mapping[str, bytes], source: str, length: int) -> set[str]:
    """Files that hold a run of so many characters of a text."""
    cut = (source[at : at + length] for at in range(len(source) - length + 1))
    # One that begins or ends with a blank would be no longer than the next shorter one.
    runs = {bare(one) for one in cut if one[0].isalnum() and one[-1].isalnum()}
    assert runs
    found = set()
    for name in files:
        text = bare(" ".join(texts_of(name, files[name])))
        if any(run in text for run in runs):
            found.add(name)
    return found


def test_no_file_of_any_format_shows_more_than_a_bounded_quote(material: Material) -> None:
    source = studies.text_of(studies.FILES[CLOSED][1])
    shut = replace(
        material, dataset=stand_off(material.dataset), record=replace(material.record, standoff=True)
    )
    made = staged(shut)
    assert leaks(made.files, source, QUOTE + 1) == set()
    # The bound itself is reached: the quote of the long label is shown as far as it may be.
    assert "labels.csv" in leaks(made.files, closed_passage(material).text[: QUOTE - 1], QUOTE - 10)


def test_the_search_finds_the_text_where_it_is(material: Material) -> None:
    source = studies.text_of(studies.FILES[CLOSED][1])
    files = staged(material).files
    found = leaks(files, source, QUOTE + 1)
    places = {name.split("/")[0] for name in found}
    assert {"passages.csv", "labels.csv", "tables.xlsx", "parquet", "jsonl", "huggingface"} <= places
    assert {"spacy", "brat", "cas", "tei", "timeml", "prodigy", "label-studio", "labels.jsonld"} <= places
    assert any(Path(name).suffix == ".html" for name in found)
