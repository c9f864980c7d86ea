"""Stated dates, phenomenon by phenomenon. Every sentence is invented here."""

from __future__ import annotations

import random

import edtf as oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.core.dates import LANGUAGES, edtf_is_valid, find_stated_dates, read_date

FOUND = [
    # full dates
    ("de", "Die Brücke wurde am 29. August 1960 geöffnet.", [("29. August 1960", "1960-08-29")]),
    (
        "de",
        "Am Donnerstag, 18. Dezember 2014, tagte der Rat.",
        [("Donnerstag, 18. Dezember 2014", "2014-12-18")],
    ),
    ("de", "Freitag, den 5. Mai 2023", [("Freitag, den 5. Mai 2023", "2023-05-05")]),
    ("de", "Stand: 25.04.2020, am Markt", [("25.04.2020", "2020-04-25")]),
    ("de", "am 14. Jänner 2010", [("14. Jänner 2010", "2010-01-14")]),
    ("de", "am 3. Ma\u0308rz 2011", [("3. Ma\u0308rz 2011", "2011-03-03")]),
    ("en", "Harbour City, August 20, 2025 (HNA) --", [("August 20, 2025", "2025-08-20")]),
    ("en", "on Thursday, 18 December 2014", [("Thursday, 18 December 2014", "2014-12-18")]),
    ("en", "on the 5th of May 1940", [("the 5th of May 1940", "1940-05-05")]),
    ("en", "SEPTEMBER 11, 2001", [("SEPTEMBER 11, 2001", "2001-09-11")]),
    ("en", "It was signed on August 20,\n2025 in the harbour.", [("August 20,\n2025", "2025-08-20")]),
    ("en", "updated 2020-04-25T10:00:00Z", [("2020-04-25", "2020-04-25")]),
    ("en", "www.example.org (2025.08.20.)", [("2025.08.20", "2025-08-20")]),
    ("en", "Date: 18/06/2024 | Source: Harbour Post", [("18/06/2024", "2024-06-18")]),
    # month and year, season and year, parts
    ("de", "Im Dezember 1960 kam sie.", [("Dezember 1960", "1960-12")]),
    ("de", "seit Mitte März 2020", [("Mitte März 2020", "2020-03")]),
    ("de", "Im Herbst 2002 regnete es.", [("Herbst 2002", "2002-FA")]),
    ("de", "Er kam am Anfang 1949 zurück.", [("Anfang 1949", "1949")]),
    ("en", "concluded in June 2024.", [("June 2024", "2024-06")]),
    ("en", "by mid-March 2020", [("mid-March 2020", "2020-03")]),
    ("en", "in the spring of 1862", [("the spring of 1862", "1862-SP")]),
    ("en", "until early 1949", [("early 1949", "1949")]),
    # years
    ("de", "2018 wurde gefeiert, und 2019 der Hafen erweitert.", [("2018", "2018"), ("2019", "2019")]),
    ("de", "Im Jahr 1990 begann es.", [("Jahr 1990", "1990")]),
    ("de", "Das gilt seit 1945.", [("1945", "1945")]),
    ("de", "Verlauf\n\n1863\n\nEs war kalt.", [("1863", "1863")]),
    ("en", "He visited the port in 2000 and left.", [("2000", "2000")]),
    ("en", "to review the 2024 harbour campaign", [("2024", "2024")]),
    ("en", "after the 1998 crisis", [("1998", "1998")]),
    ("en", "© 2018 Harbour Post", [("2018", "2018")]),
    ("en", "2023 © All rights reserved.", [("2023", "2023")]),
    # another era with the Gregorian year in brackets
    ("de", "im Jahr Hafen 12 (2018) geweiht", [("2018", "2018")]),
    ("en", "in Harbour Era 12 (2018), as told", [("2018", "2018")]),
    # lists: one date each
    ("en", "in 2001, 2002 and 2011", [("2001", "2001"), ("2002", "2002"), ("2011", "2011")]),
    ("de", "in den Jahren 1916 und 1917", [("1916", "1916"), ("1917", "1917")]),
    ("de", "am 8. und 9. Mai 1945", [("8.", "1945-05-08"), ("9. Mai 1945", "1945-05-09")]),
    # periods: one date, first/last
    ("en", "the 1950-1953 flood", [("1950-1953", "1950/1953")]),
    ("de", "von 1950 bis 1953", [("von 1950 bis 1953", "1950/1953")]),
    ("en", "between 1950 and 1953", [("between 1950 and 1953", "1950/1953")]),
    ("de", "zwischen 1943 und 1945", [("zwischen 1943 und 1945", "1943/1945")]),
    ("de", "von 16. bis 18. August", [("von 16. bis 18. August", "XXXX-08-16/XXXX-08-18")]),
    (
        "en",
        "came between April 24 and 26 in 2019",
        [("between April 24 and 26 in 2019", "2019-04-24/2019-04-26")],
    ),
    ("en", "April 24–May 3, 2019", [("April 24–May 3, 2019", "2019-04-24/2019-05-03")]),
    (
        "de",
        "vom 30. Dezember bis 2. Januar 2019",
        [("vom 30. Dezember bis 2. Januar 2019", "2018-12-30/2019-01-02")],
    ),
    ("de", "5.-7. Juni 2018", [("5.-7. Juni 2018", "2018-06-05/2018-06-07")]),
    ("en", "from 1 May 2018 to 3 June 2019", [("from 1 May 2018 to 3 June 2019", "2018-05-01/2019-06-03")]),
    ("de", "von Mai bis August 1941", [("von Mai bis August 1941", "1941-05/1941-08")]),
    ("de", "die Saison 2018-19", [("2018-19", "2018/2019")]),
    # a day without a year stays open
    ("en", "on August 15 received", [("August 15", "XXXX-08-15")]),
    ("de", "am 29. Februar", [("29. Februar", "XXXX-02-29")]),
    ("de", "am 15.08. beginnt", [("15.08.", "XXXX-08-15")]),
    # decades, centuries, before Christ, about
    ("de", "in den 1930er Jahren", [("den 1930er Jahren", "193")]),
    ("en", "in the 1990s", [("the 1990s", "199")]),
    ("de", "im 20. Jahrhundert", [("20. Jahrhundert", "19")]),
    ("en", "a 19th-century pier", [("19th-century", "18")]),
    ("de", "490 v. Chr. gebaut", [("490 v. Chr.", "BC0490")]),
    ("en", "about 1910", [("about 1910", "1910")]),
]

NOT_DATES = [
    ("de", "Sie zählte 2025 Soldaten."),
    ("de", "Der Preis stieg auf 1999 Euro und bis 2010 Euro."),
    ("de", "in 2000 Metern Höhe, ab 1500 Teilnehmern, rund 1950 Gäste"),
    ("de", "von 1450 bis 1850 Mark, zwischen 2001 und 2003 Grad"),
    ("de", "Tel. 0123 456 2018, Postfach 2018, Nr. 1950"),
    ("de", "Abschnitt 2018, § 1950 und Artikel 2001"),
    ("de", "Am 31. Juni 2020 geschah nichts, am 29. Februar 2019 auch nicht."),
    ("de", "Spielstand 3:2, Note 2,5"),
    ("de", "9. Jan Novak 24.26,2"),
    ("de", "von 1953 bis 1950"),
    ("en", "2025 soldiers came, and it cost $2018."),
    ("en", "in 2000 metres, of 2000 votes, rose by 2000"),
    ("en", "call 555-2018 or +44 20 1950 2018"),
    ("en", "Section 2018, room 2012, resolution 1718"),
    ("en", "March on the harbour! You may 5 times. May God help."),
    ("en", "On 31 June 2020 and on June 31 nothing happened."),
    ("en", "In May 20 people died."),
    ("en", "see https://example.org/2018/10/11/story"),
    ("en", "at 2018 Main Street; version 2.10.2018.4; XX 1234-5678-2018"),
    ("en", "2018-10 to 13/13/2018"),
]


@pytest.mark.parametrize(("language", "text", "expected"), FOUND)
def test_what_people_write(language, text, expected):
    assert [(date.text, date.value) for date in find_stated_dates(text, language)] == expected


@pytest.mark.parametrize(("language", "text"), NOT_DATES)
def test_what_is_no_date(language, text):
    assert find_stated_dates(text, language) == ()


@pytest.mark.parametrize(
    ("language", "text", "edtf", "mod"),
    [
        ("de", "490 v. Chr.", "-0489", ""),
        ("de", "1 v. Chr.", "0000", ""),
        ("de", "den 1930er Jahren", "193X", ""),
        ("de", "Ende der 1990er Jahre", "199X", "END"),
        ("en", "the 20th century", "19XX", ""),
        ("en", "about 1910", "1910~", "APPROX"),
        ("en", "the spring of 1862", "1862-21", ""),
        ("en", "early 1949", "1949", "START"),
        ("en", "mid-March 2020", "2020-03", "MID"),
    ],
)
def test_edtf_where_it_is_not_the_timex_value(language, text, edtf, mod):
    (date,) = find_stated_dates(text, language)
    assert (date.edtf, date.mod) == (edtf, mod)
    assert date.rule.endswith(f":{mod.lower()}") == bool(mod)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("August 20, 2025", "2025-08-20"),
        ("2020-04-25", "2020-04-25"),
        ("18/06/2024", "2024-06-18"),
        ("2025.08.20.", "2025-08-20"),
        ("August 2025", "2025-08"),
        ("25. April 2020", "2020-04-25"),
        ("25.04.2020", "2020-04-25"),
        ("April 26, 2023", "2023-04-26"),
        ("26 April 2023", "2023-04-26"),
        ("Feb. 27, 2025", "2025-02-27"),
        ("  March 01, 2025\n", "2025-03-01"),
        ("2018", "2018"),
        ("1950-1953", "1950/1953"),
    ],
)
def test_a_whole_string_is_one_date(text, value):
    date = read_date(text)
    assert date is not None
    assert (date.value, date.edtf) == (value, value)
    assert text[date.start : date.end] == date.text


@pytest.mark.parametrize(
    "text", ["", " ", "on May 5, 2018", "2018 was", "31 June 2020", "5 May 2018, 6 May 2018", "x" * 500]
)
def test_a_whole_string_that_is_not_one_date(text):
    assert read_date(text) is None


def test_an_ambiguous_numeric_date_says_so():
    date = read_date("11/10/2018")
    assert date is not None
    assert (date.value, date.edtf, date.alternatives) == ("2018-10-11", "2018-10-11", ("2018-11-10",))
    assert date.score == 0.5
    for open_no_more in ("18/06/2024", "06/18/2024", "10/10/2018"):
        settled = read_date(open_no_more)
        assert settled is not None
        assert settled.alternatives == ()
    assert read_date("06/18/2024").edtf == "2024-06-18"


@pytest.mark.parametrize(
    ("published", "value", "anchor"),
    [
        ("2025-08-20", "2025-08-15", "publication"),
        ("2025-08", "2025-08-15", "publication"),
        ("[2018-10-11,2018-11-10]", "2018-08-15", "publication"),
        ("2018/2019", "XXXX-08-15", "none"),
        (None, "XXXX-08-15", "none"),
    ],
)
def test_a_day_without_a_year_hangs_on_the_publication_date(published, value, anchor):
    (date,) = find_stated_dates("on August 15", "en", published=published)
    assert (date.value, date.edtf, date.anchor.kind) == (value, value, anchor)


def test_a_leap_day_has_no_alternative_in_another_year():
    (date,) = find_stated_dates("am 29. Februar", "de", published="2025-03-01")
    assert (date.value, date.anchor.kind, date.alternatives) == ("XXXX-02-29", "none", ())


def test_a_period_keeps_its_two_ends():
    text = "between April 24 and 26 in 2019"
    (date,) = find_stated_dates(text, "en")
    assert [(text[end.start : end.end], end.value) for end in date.parts] == [
        ("April 24", "2019-04-24"),
        ("26 in 2019", "2019-04-26"),
    ]


def test_an_unknown_language_is_an_error():
    with pytest.raises(KeyError):
        find_stated_dates("5 May 2018", "tlh")
    assert {"de", "en"} <= set(LANGUAGES)


EDTF_WE_WRITE = """
2018 2018-10 2018-10-11 2018? 2018-10~ 193X 19XX XXXX-08-15 2002-21 -0489 0000 1950/1953 2018-10-11/2018-10-15
XXXX-08-16/XXXX-08-18 [2018-10-11,2018-11-10] ../1953 1950/.. 1950~/1953
"""
NOT_EDTF = """
18 2018-13 2019-02-29 XXXX XXXX-02-30 2018-25 1953/1950 ../.. 1985/ [2018] [2018,2018] 20181011 2018-1-1 -0000
May 2018-10-11T10:00 2018-10-11/2018-10-10 ２０１８ 2020-XX-XX 193X-05 /
"""


@pytest.mark.parametrize("value", EDTF_WE_WRITE.split())
def test_edtf_that_we_write(value):
    assert edtf_is_valid(value)
    assert oracle.parse_edtf(value)


@pytest.mark.parametrize("value", ["", " 2018", *NOT_EDTF.split()])
def test_edtf_that_we_refuse(value):
    assert not edtf_is_valid(value)


WORDS = """
1 2 8. 16. 31 30th 1950 2018 2019 0 12 05 / - – . , : ( ) © § $ August Mai May März Jan. Monday
Freitag, bis und and to between zwischen von from in the of Anfang early Juche BC v. Chr. er s th
Jahre century 20. Jahrhundert soldiers Euro ca. um 🙂 ü 2025.08.20.) 11/10/2018 24-26 year years day
week weekend month decade quarter ago later next last this the that following previous Jahr Jahre
Tag Tage Woche Wochenende Monat vor später zuvor nächsten letzten ersten Hälfte half two zwei 9999
0001 Uhr pm a.m. o'clock morning Abend night gestern tomorrow Easter Ostern anniversary 80th 80.
Jahrestag spring Winter summer Juche Heisei (2018) '60s 60er every jede per pro now damals año años
hace second last week of March first 31. 29. February noon midnight fünf five hundred einem and
twenty
"""
DATE_LIKE = st.lists(st.sampled_from([*WORDS.split(), "\n", "\t"]), max_size=25).map(" ".join)
GLUED = st.lists(
    st.sampled_from(["2018", "08", "1", ".", "-", "/", ",", " ", "Mai", "May", "\n", "🙂"]), max_size=30
).map("".join)


PUBLISHED = st.sampled_from(
    [None, "2020-02", "2020-02-29", "0001-01-01", "9999-12-31", "1850", "[2018-10-11,2018-11-10]"]
)


@given(
    text=DATE_LIKE | GLUED | st.text(max_size=80),
    language=st.sampled_from(LANGUAGES),
    published=PUBLISHED,
    mode=st.sampled_from(["auto", "news", "narrative"]),
)
def test_spans_are_exact_ordered_and_apart_and_edtf_is_valid(text, language, published, mode):
    end = 0
    for date in find_stated_dates(text, language, published=published, mode=mode):
        assert text[date.start : date.end] == date.text != ""
        assert date.start >= end
        end = date.end
        assert 0 < date.score <= 1
        assert date.value
        assert (date.anchor.start is not None) == (date.anchor.kind == "previous_mention")
        for value in filter(None, (date.edtf, *date.alternatives)):
            assert edtf_is_valid(value)
            assert oracle.parse_edtf(value)
    whole = read_date(text, language)
    assert whole is None or text[whole.start : whole.end] == whole.text


def hostile(name: str, size: int) -> str:
    """Text with lines of about ``size`` characters, each of one pattern."""
    dice = random.Random(7)
    lines = {
        "de": ["1., ", "1. bis 2. ", "Mai ", "v. Chr. 1."],
        "en": ["2018, ", "between May 1 and ", "2018 ", "-22"],
        "any": [" ", "2018-", "a1/", "1.1.20"],
        "units": ["two years ", "the next ", "in April and June ", "8:00 ", "Monday "],
    }
    edges = {"Mai ": ("", "1"), "-22": ("+1", ""), " ": ("12", ""), "a1/": ("https://", "")}
    if name == "digits":
        return "1" * (10 * size)
    if name == "noise":
        return "".join(dice.choice("12 .-/,ai\nMzÄ§$(") for _ in range(4 * size))
    return "\n".join(
        edges.get(one, ("", ""))[0] + one * (size // len(one)) + edges.get(one, ("", ""))[1]
        for one in lines[name]
    )


HOSTILE = ("de", "en", "any", "digits", "units", "noise")


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("size", [10_000, pytest.param(100_000, marks=pytest.mark.matrix)])
def test_long_hostile_lines_finish(name, size):
    """Each line is one pattern over and over: anything worse than linear would take minutes, or hours."""
    text = hostile(name, size)
    for date in find_stated_dates(text, name if name in LANGUAGES else "en"):
        assert text[date.start : date.end] == date.text
