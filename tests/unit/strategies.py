"""Hypothesis strategies that the tests share: texts as nasty as real sources are."""

from __future__ import annotations

from hypothesis import strategies as st

LINE_ENDS = ("\n", "\r\n", "\r")

NASTY = st.sampled_from(
    [
        "\ufeff",
        "\u00ad",
        "\u200d",
        "\u2028",
        "\x0b",
        "\x0c",
        "\x85",
        "\u00a0",
        "e\u0301",
        "👩\u200d👧",
        "🤝",
        "𝔸",
        "\u202e",
        "\t",
        "ß",
        "İ",
        "…",
    ]
)
"""Characters that break naive readers: marks, joiners, line ends that are none, astral ones."""

PAGE_LINES = st.sampled_from(
    [
        "Two Shores, One Bridge",
        "Die Brücke ist eröffnet",
        "The bridge was opened in the presence of many guests on Monday.",
        "Die Brücke wurde am Montag in Anwesenheit vieler Gäste eröffnet.",
        "Harnstad, August 20, 2025 (VELPA) -- The bridge was opened on Monday. -0-",
        "KALDOV, August 21 /SORINFORM/ -- Guests arrived in the morning.",
        "VELPA, 2020-04-25",
        "VELPA/Stimme Velmarks, August 2025",
        "Date: 18/06/2024 | Source: Harnstad Banner (En) | Read original version at source",
        "Date: 11/10/2018 | Source: Velmark Times",
        "www.velpa.example (2025.08.20.)",
        "June 6, 2024",
        "By Anna Lund",
        "Von Meta Lindqvist",
        "Hanno Brecht",
        "Home > News > World",
        "Startseite / Presse / Erklärungen",
        "Share Button",
        "More From Harnstad Banner (En)",
        "Mehr zum Thema",
        "Read more",
        "More Articles",
        "© 2024 Common Shore. All rights reserved.",
        "-----",
        "-0-",
        "",
        "   ",
    ]
)

words = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=12)

lines = st.one_of(PAGE_LINES, words, st.lists(st.one_of(words, NASTY), max_size=6).map(" ".join))


@st.composite
def pages(draw: st.DrawFn) -> str:
    """A page: furniture, articles and nonsense in any order, with any line ends, perhaps with a mark."""
    parts = draw(st.lists(st.tuples(lines, st.sampled_from(LINE_ENDS)), max_size=25))
    text = "".join(line + end for line, end in parts)
    if draw(st.booleans()) and text:
        text = text[:-1]
    return ("\ufeff" + text) if draw(st.booleans()) else text


texts = st.one_of(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=200), pages())
"""Any text that UTF-8 can carry."""
