"""Rhetoric in invented news sentences with marked spans: no fall below what was measured once."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from annotate.nlp.rhetoric import Rhetoric

ROOT = Path(__file__).resolve().parents[2]
# Measured, precision and recall: en .96 .73 and .90 .66, de .96 .72 and .91 .51.
FLOORS = {
    ("en", "1"): (0.9, 0.68),
    ("en", "2"): (0.8, 0.6),
    ("de", "1"): (0.9, 0.66),
    ("de", "2"): (0.8, 0.45),
}


@pytest.fixture(scope="module")
def bench():
    sys.path.insert(0, str(ROOT))
    try:
        spec = importlib.util.spec_from_file_location("rhetoric_bench", ROOT / "benchmarks" / "rhetoric.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(ROOT))
    return module


@pytest.fixture(scope="module")
def rules():
    return {language: Rhetoric(language) for language in ("de", "en")}


@pytest.mark.parametrize(("language", "part"), sorted(FLOORS))
def test_precision_and_recall_of_spans(bench, rules, language, part):
    one = bench.overlap(rules[language], bench.invented(language)[part])
    precision, recall = FLOORS[language, part]
    assert one.precision >= precision
    assert one.recall >= recall


def test_a_span_counts_by_the_share_that_is_covered(bench):
    class Marks:
        def __init__(self, *ranges):
            self._rules = self
            self._ranges = [bench.Figure(*one, "LOADED", 0.5, "") for one in ranges]

        def find(self, _text):
            return self._ranges

    half = bench.overlap(Marks((0, 4), (10, 12)), [("x" * 20, [(2, 6)])])
    assert (half.precision, half.recall) == (0.25, 0.5)
    assert bench.invented("en")["1"][2] == (
        "What Quill and her allies will not tell you is that the law has already failed.",
        [(0, 78)],
    )
