"""Pages written in other ways than the seeds: date lines, source lines, bylines, lists, paths, footers."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from annotate.sources.datelines import read_dateline
from annotate.sources.draft import Draft
from annotate.sources.items import copyright_holder, is_breadcrumb, subscription_owner
from annotate.sources.lexicon import FURNITURE_LISTS, furniture
from annotate.sources.lines import fold, is_name, read_lines
from annotate.sources.published import Orders, resolve
from annotate.sources.segmenter import segment
from annotate.sources.sourcelines import read_sourceline

EN = (
    "The delegation arrived in the capital on Monday and was met by officials.\n"
    "It will visit the new works and the museum, a spokesman said.\n"
)
DE = (
    "Die Delegation traf am Montag in der Hauptstadt ein und wurde von Beamten empfangen.\n"
    "Sie wird das neue Werk und das Museum besuchen, sagte ein Sprecher.\n"
)
TALKS, BRIDGE = "Talks open in the capital", "Delegation eingetroffen"


# --- one line -----------------------------------------------------------------------------------------
DATELINES = {
    "Harnstad, August 20, 2025 (VELPA) -- Text": ("Harnstad", "VELPA", "2025-08-20"),
    "HARNSTAD, Aug. 20 (VELPA) — Text": ("HARNSTAD", "VELPA", "XXXX-08-20"),
    "Harnstad (VELPA), 20. August 2025 - Text": ("Harnstad", "VELPA", "2025-08-20"),
    "Harnstad, 20.08.2025 (VELPA) – Text": ("Harnstad", "VELPA", "2025-08-20"),
    "Harnstad, 20. Aug. 2025 /VELPA/ Text beginnt": ("Harnstad", "VELPA", "2025-08-20"),
    "Harnstad, den 20. August (dpa) - Text": ("Harnstad", "dpa", "XXXX-08-20"),
    "Harnstad, August 18, Renewal 54 (2025) (VELPA) -- Text": ("Harnstad", "VELPA", "2025-08-18"),
    "NEW YORK, N.Y., August 20, 2025 (ABC) -- Text": ("NEW YORK, N.Y.", "ABC", "2025-08-20"),
    "VELPA, Harnstad, 3. Mai 2020 - Text": ("Harnstad", "VELPA", "2020-05-03"),
    "(VELPA) Harnstad, May 3, 2020 -- Text": ("Harnstad", "VELPA", "2020-05-03"),
    "August 20, 2025 (VELPA) -- Text": (None, "VELPA", "2025-08-20"),
    "MIRAU (LRF/abc) -- Text": ("MIRAU", "LRF/abc", None),
    "KALDOV — The president spoke.": ("KALDOV", None, None),
    "KALDOV, August 20. /SORINFORM/. Text": ("KALDOV", "SORINFORM", "XXXX-08-20"),
    "Kaldov, Aug 20, SORINFORM – Text": ("Kaldov", "SORINFORM", "XXXX-08-20"),
    "Kaldov, Aug 20 (Press Sorunia) Text": ("Kaldov", "Press Sorunia", "XXXX-08-20"),
    "KALDOV, August 20 (SORINFORM).- Text": ("KALDOV", "SORINFORM", "XXXX-08-20"),
    "Kaldov (SORINFORM). Text": ("Kaldov", "SORINFORM", None),
    "Frankfurt am Main, 20. August 2025 (LRF) -- Text": ("Frankfurt am Main", "LRF", "2025-08-20"),
}


@pytest.mark.parametrize("line", DATELINES)
def test_date_lines(line: str) -> None:
    found = read_dateline(line, 0)
    assert found is not None
    date = found.date.readings[0] if found.date else None
    assert (found.place, found.agency, date) == DATELINES[line]
    assert found.whole_line is False
    assert line[found.end :].startswith(("Text", "The president"))


NO_DATELINES = [
    "Die Volksrepublik Velmark (VRV) und die Republik nahmen Beziehungen auf.",
    "Orlan Vesk – der Vater der Küste – sprach.",
    "NOTE: this is no place.",
    "In 2018, Orlan Vesk -- the chairman -- spoke.",
    "+++ The programme went on until midnight on June 5 +++",
    "On August 15, 2025 - the day of liberation - guests came.",
    "„Wir sehen auf unseren Aufnahmen – Baukräne“, sagte sie.",
    "The ship (Morgenstern) -- a survey ship -- sank.",
    "Chairman Vesk (1912-1994) -- the founder",
]


@pytest.mark.parametrize("line", NO_DATELINES)
def test_prose_is_no_date_line(line: str) -> None:
    assert read_dateline(line, 0) is None


# line: form, readings of the date, publisher, agency, byline
SOURCELINES = {
    "VELPA, 2020-04-25": ("name_and_date", ("2020-04-25",), None, "VELPA", None),
    "Velmark Times, 2020-04-25": ("name_and_date", ("2020-04-25",), "Velmark Times", None, None),
    "VELPA/Stimme Velmarks, August 2025": ("name_and_date", ("2025-08",), "Stimme Velmarks", "VELPA", None),
    "(Neue Küste, 20.08.2025)": ("name_and_date", ("2025-08-20",), "Neue Küste", None, None),
    "Frankfurter Blatt vom 20.08.2025": ("name_and_date", ("2025-08-20",), "Frankfurter Blatt", None, None),
    "20. August 2025 – Neue Küste": ("name_and_date", ("2025-08-20",), "Neue Küste", None, None),
    "www.velpa.example (2025.08.20.)": ("address", ("2025-08-20",), None, None, None),
    "https://velpa.example/a?b=1 20.08.2025": ("address", ("2025-08-20",), None, None, None),
    "Date: 11/10/2018 | Source: X": ("labelled", ("2018-10-11", "2018-11-10"), "X", None, None),
    "Datum: 20.08.2025 | Quelle: Neue Küste": ("labelled", ("2025-08-20",), "Neue Küste", None, None),
    "Quelle: Neue Küste, 20.08.2025": ("labelled", ("2025-08-20",), "Neue Küste", None, None),
    "Veröffentlicht am 20. August 2025": ("labelled", ("2025-08-20",), None, None, None),
    "Published: August 20, 2025 at 14:30": ("labelled", ("2025-08-20",), None, None, None),
    "Posted by Ada Lund on August 20, 2025": ("labelled", ("2025-08-20",), None, None, "Ada Lund"),
    "By Ada Lund | August 20, 2025 | Velmark Times": (
        "labelled",
        ("2025-08-20",),
        "Velmark Times",
        None,
        "Ada Lund",
    ),
    "Autorin: Ada Lund | Datum: 20.8.2025": ("labelled", ("2025-08-20",), None, None, "Ada Lund"),
    "20. August 2025 | Neue Küste": ("labelled", ("2025-08-20",), "Neue Küste", None, None),
    "Quelle: VELPA": ("labelled", None, None, "VELPA", None),
    "Mittwoch, 20. August 2025, 14:30 Uhr": ("date_alone", ("2025-08-20",), None, None, None),
    "[Renewal 54 (2025).8.20.]": ("date_alone", ("2025-08-20",), None, None, None),
    "(VELPA)": ("agency_code", None, None, "VELPA", None),
    "Source: Sorin | 2025-08-20 10:30:00 | Editor: tm": ("labelled", ("2025-08-20",), "Sorin", None, None),
    "VELPA | Newsline | 2025.08.20.": ("labelled", ("2025-08-20",), None, "VELPA", None),
    "By Ada Lund Published: Aug 20, 2025 10:30 PM": ("labelled", ("2025-08-20",), None, None, "Ada Lund"),
    "Renewal 54(2025)/8/20": ("date_alone", ("2025-08-20",), None, None, None),
    "Neue Küste, 20. August 1985, S. 3": ("name_and_date", ("1985-08-20",), "Neue Küste", None, None),
    "Aug 20, 2025 | News": ("labelled", ("2025-08-20",), None, None, None),
}


@pytest.mark.parametrize("line", SOURCELINES)
def test_source_lines(line: str) -> None:
    found = read_sourceline(read_lines("x\n" + line)[1])
    assert found is not None
    readings = found.date.readings if found.date else None
    assert (found.form, readings, found.publisher, found.agency, found.byline) == SOURCELINES[line]
    if found.date:
        assert ("x\n" + line)[found.date.start : found.date.end] == found.date.text


NO_SOURCELINES = [
    "Revolution 1917",
    "Brücke: viel Feier | 20.08.2025",
    "The meeting on August 20, 2025",
    "Der 20. August 2025",
    "In 2018",
    "2018",
    "Juni 2020: Treffen in Harnstad",
    "Ilmar Vesk (1912-1994)",
    "Orlan Vesk said on August 20, 2025, that the bridge, which was opened in 2018, is long.",
    "Note: the bridge was opened in 2018.",
    "Sources close to the government did not rule it out.",
]


@pytest.mark.parametrize("line", NO_SOURCELINES)
def test_prose_and_headlines_are_no_source_lines(line: str) -> None:
    assert read_sourceline(read_lines(line)[0]) is None


@pytest.mark.parametrize(
    "line",
    [
        "Startseite > Außenbeziehungen > Nachbarländer",
        "Home » Archive » September 2018",
        "Home / News / World",
        "Sie sind hier: Startseite / Presse / Texte",
        "Home›News›World",
        "Aktuelles aus Velmark > Politik - Fragen und Antworten > Beziehungen",
    ],
)
def test_paths(line: str) -> None:
    assert is_breadcrumb(line)


@pytest.mark.parametrize(
    "line",
    [
        "3 > 2",
        "»Wir bleiben hier«",
        "Er sagte: »Wir bleiben.« » Nein",
        "and / or",
        "Berlin / Bonn / Köln",
        "a > b.",
    ],
)
def test_no_paths(line: str) -> None:
    assert not is_breadcrumb(line)


@pytest.mark.parametrize(
    ("line", "holder"),
    [
        ("© 2018 Lauthener Rundfunk. Alle Rechte vorbehalten.", "Lauthener Rundfunk"),
        ("Copyright (c) 2020 by Velmark Times", "Velmark Times"),
        ("2023 © All rights reserved.", None),
        ("(c) 2020-2024 Stimme Velmarks | Impressum", "Stimme Velmarks"),
    ],
)
def test_copyright_holders(line: str, holder: str | None) -> None:
    assert copyright_holder(line) == holder


@pytest.mark.parametrize(
    ("line", "owner"),
    [
        ("Subscribe to the Strait Monitor 'Morning Brief': five stories", "Strait Monitor"),
        ("Sign up for The Velmark Times newsletter today", "Velmark Times"),
        ("Abonnieren Sie den Küstenkurier Newsletter", "Küstenkurier"),
        ("Subscribe now and save", None),
    ],
)
def test_whose_subscription(line: str, owner: str | None) -> None:
    assert subscription_owner(line) == owner


def test_names_of_people() -> None:
    for name in ("Kim Tae Ho", "Hanno Brecht", "Ludwig van der Berg", "J. R. Okrel"):
        assert is_name(name)
    for text in (
        "Reply Message",
        "Gemeinsame Erklärung",
        "Talks",
        "the end",
        "Kim Tae Ho said so.",
        "Plan 9",
        "Press Briefing",
    ):
        assert not is_name(text)
    # What stands behind "by" or "von" is a person, however the name ends.
    for name in ("John Keating", "Henning Brecht", "Sen Liping"):
        assert is_name(name, labelled=True)
    assert not is_name("Gemeinsame Erklärung", labelled=True)


def test_every_phrase_of_the_lexicons_matches_itself() -> None:
    for name in [*(name for name, _ in FURNITURE_LISTS), "teaser_heading", "more_link", "breadcrumb"]:
        for phrase in furniture(name).phrases:
            assert fold(phrase) == phrase, "phrases are written folded"
            assert furniture(name).matches(phrase.capitalize() + ":")


PROSE = [
    "Share of exports rose to nine percent in the first half of the year.",
    "Get up early and read the newsletter of the league, he told them. It was late.",
    "The next day the guests left.",
    "Die Anzeige wurde erstattet.",
    "Mehr als zwei Millionen Menschen nutzen die Linie.",
    "Home is where the heart is.",
    "Join us, they cried, and the crowd followed them into the harbour.",
    "Zurück blieb nur die Stille.",
    "Cookies were baked for the guests.",
    "More from the harbour was expected to arrive by the evening of the same day, he added.",
]


@pytest.mark.parametrize("line", PROSE)
def test_prose_is_never_furniture(line: str) -> None:
    page = f"{TALKS}\n{EN}{line}\n{DE}"
    kinds = {one.kind for one in segment(page).segments if page[one.start : one.end].strip() == line}
    assert kinds == {"body"}


# --- whole pages --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Page:
    text: str
    articles: list[dict[str, str | None]]
    kinds: dict[str, str]


PAGES: dict[str, Page] = {
    "a portal with header dates": Page(
        f"Site News\nHome > News > World\nFirst Story of a Visit\n"
        f"Published: August 20, 2025\nBy Anna Lund\n{EN}"
        f"Second Story of the Mine\nPublished: August 21, 2025\nBy Olaf Berg\n{EN}"
        "© 2025 Site News Ltd. All rights reserved.\nPrivacy Policy | Terms of Use\n",
        [
            {"title": "First Story of a Visit", "byline": "Anna Lund", "published": "2025-08-20"},
            {"title": "Second Story of the Mine", "byline": "Olaf Berg", "published": "2025-08-21"},
        ],
        {
            "Site News": "heading",
            "Home > News > World": "breadcrumb",
            "Privacy Policy | Terms of Use": "legal",
        },
    ),
    "a German portal": Page(
        "Wir verwenden Cookies, um Ihnen den besten Service zu bieten.\nAlle akzeptieren\n"
        f"Startseite » Politik » Ausland\n{BRIDGE}\nVeröffentlicht am 20. August 2025\n"
        f"Von Karla Holt, Korrespondentin\n{DE}Quelle: Neue Küste, 20.08.2025\n"
        "Drucken | Teilen | E-Mail\nSchlagwörter: Delegation, Besuch\nMehr zum Thema\n"
        "Neue Brücke eröffnet\nMinister tritt zurück\nHafen wird ausgebaut\nImpressum\n",
        [{"title": BRIDGE, "byline": "Karla Holt", "publisher": "Neue Küste", "published": "2025-08-20"}],
        {
            "Alle akzeptieren": "legal",
            "Drucken | Teilen | E-Mail": "share",
            "Schlagwörter: Delegation, Besuch": "navigation",
            "Mehr zum Thema": "heading",
            "Minister tritt zurück": "teaser",
            "Hafen wird ausgebaut": "teaser",
            "Quelle: Neue Küste, 20.08.2025": "sourceline",
        },
    ),
    "entries that end in a link": Page(
        f"{TALKS}\nAugust 20, 2025\n{EN}First other story\nSome excerpt of it\nRead more\n"
        "Second other story\nAnother excerpt of it\nRead more\nThird story\nA third excerpt\nRead more\n",
        [{"title": TALKS, "published": "2025-08-20"}],
        {"First other story": "teaser", "A third excerpt": "teaser", "Read more": "navigation"},
    ),
    "Weiterlesen": Page(
        f"{BRIDGE}\n20.08.2025\n{DE}Neue Brücke\nEin Anriss …\nWeiterlesen\n"
        "Neuer Hafen\nEin Anriss …\nWeiterlesen\n",
        [{"title": BRIDGE, "published": "2025-08-20"}],
        {"Neue Brücke": "teaser", "Neuer Hafen": "teaser", "Weiterlesen": "navigation"},
    ),
    "a statement closed by place and date": Page(
        f"Erklärung des Außenministeriums\n{DE}Harnstad, den 20. August 2025\n",
        [{"title": "Erklärung des Außenministeriums", "place": "Harnstad", "published": "2025-08-20"}],
        {"Harnstad, den 20. August 2025": "dateline"},
    ),
    "a name under the headline": Page(
        f"{TALKS}\nKim Tae Ho\nVelmark Times, 2020-04-25\n{EN}",
        [{"title": TALKS, "byline": "Kim Tae Ho", "publisher": "Velmark Times", "published": "2020-04-25"}],
        {"Kim Tae Ho": "byline"},
    ),
    "source lines below, and an article without one": Page(
        f"Erste Meldung\n{DE}(Neue Küste, 20.08.2025)\nZweite Meldung\n{DE}(Neue Küste, 21.08.2025)\n"
        f"Dritte Meldung ohne Datum\n{DE}",
        [
            {"title": "Erste Meldung", "published": "2025-08-20"},
            {"title": "Zweite Meldung", "published": "2025-08-21"},
            {"title": "Dritte Meldung ohne Datum", "published": None},
        ],
        {},
    ),
    "source lines above": Page(
        f"Erste Meldung\nNeue Küste, 20.08.2025\n{DE}Zweite Meldung\nNeue Küste, 21.08.2025\n{DE}",
        [
            {"title": "Erste Meldung", "published": "2025-08-20"},
            {"title": "Zweite Meldung", "published": "2025-08-21"},
        ],
        {},
    ),
    "date lines without headlines": Page(
        f"Harnstad, August 20, 2025 (VELPA) -- {EN}-0-\nHarnstad, August 21, 2025 (VELPA) -- {EN}-0-\n",
        [
            {"title": None, "agency": "VELPA", "published": "2025-08-20"},
            {"title": None, "agency": "VELPA", "published": "2025-08-21"},
        ],
        {},
    ),
    "a date line of its own": Page(
        f"{TALKS}\nHARNSTAD, August 20, 2025 (VELPA)\n{EN}",
        [{"title": TALKS, "place": "HARNSTAD", "agency": "VELPA", "published": "2025-08-20"}],
        {"HARNSTAD, August 20, 2025 (VELPA)": "dateline"},
    ),
    "a code and a date below": Page(
        f"{TALKS}\n{EN}VELPA\n2025-08-20\n",
        [{"title": TALKS, "agency": "VELPA", "published": "2025-08-20"}],
        {"VELPA": "sourceline"},
    ),
    "a date above the headline": Page(
        f"August 20, 2025\n{TALKS}\n{EN}", [{"title": TALKS, "published": "2025-08-20"}], {}
    ),
    "dates in the text are headings of it": Page(
        f"Chronology of the talks\n{EN}April 20, 2019\n{DE}May 21, 2020\nThe treaty was signed there.\n",
        [{"title": "Chronology of the talks", "published": None}],
        {"April 20, 2019": "body", "May 21, 2020": "body"},
    ),
    "subheadings stay in the text": Page(
        f"{TALKS}\nAugust 20, 2025\n{EN}A new beginning\n{DE}What comes next?\n{EN}",
        [{"title": TALKS, "published": "2025-08-20"}],
        {"A new beginning": "body", "What comes next?": "body"},
    ),
    "a link inside the text": Page(
        f"{BRIDGE}\n20.08.2025\n{DE}Lesen Sie auch: Neue Brücke eröffnet\nEin neuer Anfang\n{DE}",
        [{"title": BRIDGE, "published": "2025-08-20"}],
        {"Lesen Sie auch: Neue Brücke eröffnet": "teaser", "Ein neuer Anfang": "body"},
    ),
    "a list inside the text": Page(
        f"{BRIDGE}\n20.08.2025\n{EN}Mehr zum Thema\nNeue Brücke eröffnet\nMinister tritt zurück\n"
        f"Ein neuer Anfang\n{DE}",
        [{"title": BRIDGE, "published": "2025-08-20"}],
        {"Minister tritt zurück": "teaser", "Ein neuer Anfang": "body"},
    ),
    "an article behind a list": Page(
        f"{TALKS}\nAugust 20, 2025\n{EN}Related articles\n- One other story\n- Two other stories\n"
        f"{BRIDGE}\nHarnstad, 21.08.2025 (VELPA) – {DE}",
        [{"title": TALKS, "published": "2025-08-20"}, {"title": BRIDGE, "published": "2025-08-21"}],
        {"- One other story": "teaser", "Related articles": "heading"},
    ),
    "a later update": Page(
        f"{TALKS}\nUpdated: 22.08.2025 | Published: 20.08.2025\n{EN}",
        [{"title": TALKS, "published": "2025-08-20"}],
        {},
    ),
    "a list with dates and no heading": Page(
        f"{TALKS}\nVELPA, 2025-08-20\n{EN}First other story\nAugust 19, 2025\n"
        "Second other story\nAugust 18, 2025\nThird other story\nAugust 17, 2025\n",
        [{"title": TALKS, "published": "2025-08-20"}],
        {"First other story": "teaser", "August 17, 2025": "teaser"},
    ),
    "nothing but furniture": Page("Home\nShare Button\nMore Articles\n© 2020 Velmark Times\n", [], {}),
    "a year in brackets behind another era": Page(
        f"{TALKS}\nHarnstad, August 18, Renewal 54 (2025) (VELPA) -- {EN}",
        [{"title": TALKS, "published": "2025-08-18", "place": "Harnstad"}],
        {},
    ),
    "a line below the day it belongs to": Page(
        f"{TALKS}\nHARNSTAD, August 21 (VELPA) -- {EN}VELPA, August 2025\n",
        [{"title": TALKS, "published": "2025-08-21"}],
        {},
    ),
    "a day without a year": Page(
        f"{TALKS}\nHARNSTAD, Aug. 20 (VELPA) — {EN}", [{"title": TALKS, "published": "XXXX-08-20"}], {}
    ),
}


def drafts_of(text: str) -> list[tuple[Draft, str | None]]:
    drafts = segment(text).drafts
    orders = Orders(("page.txt", draft) for draft in drafts)
    return [(draft, resolve(draft, orders).value) for draft in drafts]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("spaced", [False, True], ids=["dense", "blank lines"])
def test_pages(name: str, spaced: bool) -> None:
    wanted = PAGES[name]
    text = wanted.text.replace("\n", "\n\n") if spaced else wanted.text
    found = drafts_of(text)
    shown = [
        {key: published if key == "published" else getattr(draft, key) for key in article}
        for (draft, published), article in zip(found, wanted.articles, strict=True)
    ]
    assert shown == wanted.articles
    kinds = {text[one.start : one.end].strip(): one.kind for one in segment(text).segments}
    assert {line: kinds[line] for line in wanted.kinds} == wanted.kinds
