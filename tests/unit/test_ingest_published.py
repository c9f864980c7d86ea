"""Publication dates over a corpus: what decides a day that can be read two ways."""

from __future__ import annotations

import pytest

from annotate.sources.draft import DateCandidate, Draft, NamedDay
from annotate.sources.published import Orders, Published, resolve, shown_order

TEMPLATE = "labelled: published | source"


def candidate(
    text: str, *readings: str, rank: int = 2, outlet: str = "Times", template: str = TEMPLATE
) -> DateCandidate:
    return DateCandidate(0, len(text), text, readings, "labelled:day/month/year", rank, template, outlet)


def draft(
    *candidates: DateCandidate, days: tuple[NamedDay, ...] = (), aggregator: str | None = None
) -> Draft:
    return Draft(0, 9, None, None, None, None, aggregator, None, candidates, days, "", ())


OPEN = candidate("11/10/2018", "2018-10-11", "2018-11-10")
DAY_FIRST = candidate("18/06/2024", "2024-06-18")
MONTH_FIRST = candidate("06/18/2024", "2024-06-18")


def decided(one: Draft, *others: Draft, retrieved: str = "") -> Published:
    corpus = [("one.txt", one), *((f"other{n}.txt", other) for n, other in enumerate(others))]
    return resolve(one, Orders(corpus), retrieved=retrieved)


@pytest.mark.parametrize(("other", "value"), [(DAY_FIRST, "2018-10-11"), (MONTH_FIRST, "2018-11-10")])
def test_lines_of_the_same_wording_decide_either_way(other: DateCandidate, value: str) -> None:
    found = decided(draft(OPEN), draft(other))
    assert found.value == value
    assert found.evidence is not None
    assert other.text in found.evidence.reason
    assert "other0.txt" in found.evidence.reason
    assert found.doubts == ()


def test_lines_that_disagree_decide_nothing() -> None:
    found = decided(draft(OPEN), draft(DAY_FIRST), draft(MONTH_FIRST))
    assert found.value == "[2018-10-11,2018-11-10]"
    assert "ambiguous" in found.doubts[0]


def test_the_same_outlet_is_asked_before_others() -> None:
    elsewhere = candidate("06/18/2024", "2024-06-18", outlet="Other")
    assert decided(draft(OPEN), draft(elsewhere), draft(DAY_FIRST)).value == "2018-10-11"


def test_lines_of_another_wording_decide_nothing() -> None:
    other = candidate("18/06/2024", "2024-06-18", template="name_and_date: name, D")
    assert decided(draft(OPEN), draft(other)).value == "[2018-10-11,2018-11-10]"


def test_another_date_line_of_the_article_decides_first() -> None:
    dateline = DateCandidate(
        20, 30, "November 10", ("XXXX-11-10",), "dateline:month-day", 0, "dateline", None
    )
    found = decided(draft(OPEN, dateline), draft(DAY_FIRST))
    assert found.value == "2018-11-10"


def test_no_file_was_retrieved_before_it_was_published() -> None:
    found = decided(draft(OPEN), retrieved="2018-10-20T08:00:00Z")
    assert found.value == "2018-10-11"
    assert found.evidence is not None
    assert "retrieval" in found.evidence.reason


def test_a_publication_after_the_retrieval_is_a_doubt() -> None:
    assert any(
        "retrieved before" in doubt for doubt in decided(draft(DAY_FIRST), retrieved="2024-01-01").doubts
    )


def test_a_day_named_in_the_text_decides_when_it_is_near_one_reading_only() -> None:
    assert decided(draft(OPEN, days=(NamedDay(10, 12, None, "October 12"),))).value == "2018-10-11"
    both = (NamedDay(10, 12, None, "October 12"), NamedDay(11, 9, 2018, "9 November 2018"))
    assert decided(draft(OPEN, days=both)).value == "[2018-10-11,2018-11-10]"
    assert (
        decided(draft(OPEN, days=(NamedDay(10, 12, 1948, "12/10/1948"),))).value == "[2018-10-11,2018-11-10]"
    )
    assert (
        decided(draft(OPEN, days=(NamedDay(2, 29, None, "February 29"),))).value == "[2018-10-11,2018-11-10]"
    )


def test_the_date_line_of_the_agency_counts_before_that_of_a_site_and_the_difference_is_a_doubt() -> None:
    dateline = DateCandidate(20, 30, "June 17, 2024", ("2024-06-17",), "dateline:x", 0, "dateline", "VELPA")
    found = decided(draft(DAY_FIRST, dateline))
    assert found.value == "2024-06-17"
    assert found.doubts == ("another date is stated as well: 18/06/2024 (labelled)",)


def test_a_date_with_a_year_counts_before_one_without() -> None:
    dateline = DateCandidate(20, 30, "June 18", ("XXXX-06-18",), "dateline:x", 0, "dateline", "VELPA")
    assert decided(draft(dateline, DAY_FIRST)) == decided(draft(DAY_FIRST, dateline))
    assert decided(draft(dateline, DAY_FIRST)).doubts == ()


def test_the_date_of_an_update_alone_is_taken_with_a_doubt() -> None:
    updated = DateCandidate(0, 9, "22.08.2025", ("2025-08-22",), "updated:day.month.year", 3, "updated", None)
    found = decided(draft(updated))
    assert found.value == "2025-08-22"
    assert "later update" in found.doubts[0]


def test_no_date_is_said_and_not_invented() -> None:
    assert decided(draft()) == Published(None, None, ("no publication date stated",))


@pytest.mark.parametrize(
    ("text", "readings", "order"),
    [
        ("18/06/2024", ("2024-06-18",), "day first"),
        ("06/18/2024", ("2024-06-18",), "month first"),
        ("06/06/2024", ("2024-06-06",), None),
        ("18.06.2024", ("2024-06-18",), None),
        ("2024/06/18", ("2024-06-18",), None),
        ("18 June 2024", ("2024-06-18",), None),
    ],
)
def test_which_dates_show_their_order(text: str, readings: tuple[str, ...], order: str | None) -> None:
    assert shown_order(candidate(text, *readings)) == order
