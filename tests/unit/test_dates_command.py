"""`annotate dates` and what it shows: JSONL, checks of a document, the HTML page. Texts are invented."""

from __future__ import annotations

import json

import pytest

from annotate.core.dates import read_dates
from annotate.core.dates.calendar import easter, holiday
from annotate.core.dates.checks import check_dates
from annotate.core.dates.edtf import span_of
from annotate.core.errors import BadInput, UsageError
from annotate.flows.dates import dates_of, read_lines, write_page

KEYS = {"doc_id", "start", "end", "text", "type", "value", "mod", "edtf", "anchor", "alternatives"}


def line(**fields):
    return json.dumps({"doc_id": "a", "lang": "en", "text": "", **fields}, ensure_ascii=False)


def test_jsonl_takes_published_or_dct_and_tells_where_each_date_stands():
    text = "🎉 The pier opened on June 5 and ran from 1950 to 1953."
    for key in ("published", "dct"):
        found = list(read_lines([line(text=text, **{key: "2024-06-12"}), "", line(doc_id="b")], "in"))
        assert [(one["text"], one["value"], one["anchor"]["kind"]) for one in found] == [
            ("June 5", "2024-06-05", "publication"),
            ("1950", "1950", "explicit"),
            ("1953", "1953", "explicit"),
        ]
        assert found[1]["period"] == "1950/1953"
        for one in found:
            assert set(one) >= KEYS
            assert text[one["start"] : one["end"]] == one["text"]


def test_all_bad_lines_are_named_and_nothing_is_read():
    lines = ["{", line(lang="tlh"), line(text=None), line(published="June"), line(text="in 2001"), "[1]"]
    with pytest.raises(BadInput, match="5 lines") as caught:
        list(read_lines(lines, "in.jsonl"))
    assert [problem.line for problem in caught.value.problems] == [1, 2, 3, 4, 6]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"language": "tlh"}, "language 'tlh'"),
        ({"language": "en", "published": "June"}, "no EDTF"),
        ({"language": "en", "mode": "poem"}, "no mode"),
    ],
)
def test_what_cannot_be_used_is_refused(options, message):
    with pytest.raises(UsageError, match=message):
        dates_of("in 2001", **options)


def test_the_language_is_found_by_itself():
    german = "Der Hafen wurde am 5. Mai 2018 nach langem Streit zwischen den Dörfern wieder geöffnet."
    assert dates_of(german).language == "de"


@pytest.mark.parametrize(
    ("mode", "published", "value", "kind"),
    [
        ("news", "2024-06-12", "2024-04", "publication"),
        ("narrative", "2024-06-12", "1644-04", "previous_mention"),
        ("auto", None, "1644-04", "previous_mention"),
    ],
)
def test_a_month_hangs_on_publication_in_news_and_on_the_story_in_narratives(mode, published, value, kind):
    text = "The siege began in March 1644. There was nothing else to tell of it. The wall fell in April."
    read = read_dates(text, "en", published=published, mode=mode)
    last = read.dates[-1]
    assert (last.value, last.anchor.kind) == (value, kind)
    if kind == "previous_mention":
        assert text[last.anchor.start : last.anchor.end] == "March 1644"
    assert read.mode == ("narrative" if mode != "news" else "news")
    assert read.reason


FINDINGS = [
    ("en", "weekday", "It opened on Monday, May 5, 2018.", ["Monday, May 5, 2018"]),
    ("de", "weekday", "Eröffnet am Montag, dem 5. Mai 2018.", ["Montag, dem 5. Mai 2018"]),
    ("en", "impossible", "It closed on 31 June 2020.", ["31 June 2020"]),
    ("de", "impossible", "Stand: 31.06.2020", ["31.06.2020"]),
    ("de", "impossible", "am 29. Februar 2019 zu", ["29. Februar 2019"]),
    ("en", "backwards", "the 1953-1950 flood", ["1953-1950"]),
    ("de", "backwards", "von 1953 bis 1950", ["1953 bis 1950"]),
    (
        "en",
        "anniversary",
        "the 80th anniversary of the pact of 1944 was marked",
        ["the 80th anniversary", "1944"],
    ),
    ("en", "after_publication", "The ship was sold on 3 May 2026.", ["3 May 2026"]),
    ("en", "calendar", "in Juche 107 (2017) it stood", ["Juche 107 (2017)"]),
]


@pytest.mark.parametrize(("language", "kind", "text", "quotes"), FINDINGS)
def test_what_contradicts_itself_is_listed_with_its_spans(language, kind, text, quotes):
    read = read_dates(text, language, published="2025-08-20")
    findings = check_dates(text, language, read, "2025-08-20")
    assert [finding.kind for finding in findings] == [kind]
    assert [text[start:end] for start, end in findings[0].spans] == quotes


@pytest.mark.parametrize(
    "text",
    [
        "It opened on Saturday, May 5, 2018 and closed on 30 June 2020.",
        "the 80th anniversary of the pact of 1945 was marked in 1950-1953",
        "The ship will be sold on 3 May 2026. Juche 107 (2018). 29 February 2016",
        "price 1953-1950 €, 06/18/2024, version 31.6.20201",
    ],
)
def test_what_fits_together_is_not_listed(text):
    read = read_dates(text, "en", published="2025-08-20")
    assert check_dates(text, "en", read, "2025-08-20") == ()


def test_the_page_escapes_the_text_and_marks_every_date(tmp_path):
    text = 'A <script>alert("x")</script> & on May 5, 2018 </pre><img src=x onerror=y> in the 1930s.'
    found = dates_of(text, language="en", name="<b>.txt", published="2025-08-20")
    target = tmp_path / "page.html"
    write_page(found, target)
    page = target.read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>" not in page
    assert page.count("<mark ") == len(found.dates) == 2
    assert page.count('href="#d') == 4  # each date in the table and on the time line
    assert "http" not in page.replace("http-equiv", "")
    write_page(found, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == target.read_bytes()


@pytest.mark.parametrize("text", ["", "Nothing is dated here."])
def test_a_text_without_dates_is_a_page_too(text, tmp_path):
    write_page(dates_of(text, language="en"), tmp_path / "page.html")
    assert "No dates were found" in (tmp_path / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("edtf", "days"),
    [
        ("2005-36", ((2005, 10, 1), (2005, 12, 31))),
        ("2023-02", ((2023, 2, 1), (2023, 2, 28))),
        ("193X", ((1930, 1, 1), (1939, 12, 31))),
        ("1900/1949", ((1900, 1, 1), (1949, 12, 31))),
        ("1947-24", ((1947, 1, 1), (1947, 12, 31))),
        ("XXXX-08-15", None),
        (None, None),
    ],
)
def test_days_that_a_value_spans(edtf, days):
    assert span_of(edtf) == days


@pytest.mark.parametrize(
    ("year", "month", "day"), [(1818, 3, 22), (1943, 4, 25), (2000, 4, 23), (2008, 3, 23), (2024, 3, 31)]
)
def test_easter(year, month, day):
    found = easter(year)
    assert (found.year, found.month, found.day) == (year, month, day)


@pytest.mark.parametrize(
    ("code", "year", "day"),
    [("E-2", 2024, "03-29"), ("E60", 2024, "05-30"), ("A1", 2023, "12-03"), ("A4", 2023, "12-24"),
     ("11/3/4", 2024, "11-28"), ("05/0/-1", 2024, "05-27"), ("12-25", 1900, "12-25")],
)  # fmt: skip
def test_holidays(code, year, day):
    assert holiday(code, year).isoformat() == f"{year}-{day}"
