"""How much of the body text of the sources somebody has confirmed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from annotate.core.figures.material import Material
from annotate.core.figures.sheets import Section, Sheet, count, share, text
from annotate.core.offsets import Range


def coverage_section(material: Material) -> Section:
    """Characters of body text by source: given to annotators, confirmed by one, by two or more."""
    title = "Coverage of the corpus"
    rows = [_row(material, file) for file in sorted(material.body) if material.body[file]]
    if not rows:
        return Section("coverage", title, ("No source with body text was read yet.",))
    body, confirmed = sum(row[1] for row in rows), sum(row[3] for row in rows)
    words = (
        f"{confirmed} of {body} characters of body text ({confirmed / body:.0%}) stand in a passage that was "
        "confirmed. Body text is what the segmenter took for the article itself: page furniture, titles, "
        "bylines and datelines are not counted.",
    )
    columns = (
        *(text("source", "Source"), count("body", "Body characters"), count("given", "In passages given")),
        *(
            count("confirmed", "Confirmed"),
            count("twice", "by two or more"),
            share("share", "Confirmed share"),
        ),
    )
    cells = tuple((*row, round(row[3] / row[1], 6)) for row in rows)
    caption = "Body text by source, in code points"
    return Section("coverage", title, words, (Sheet("by_source", caption, columns, cells),))


def _row(material: Material, file: str) -> tuple[str, int, int, int, int]:
    body = material.body[file]
    places = {
        one.passage_id: Range(one.source_start, one.source_end)
        for one in material.dataset.passages
        if one.source_file == file
    }
    assignments = [one for one in material.dataset.assignments if one.passage_id in places]
    given = [places[one.passage_id] for one in assignments]
    confirmed: dict[str, set[str]] = defaultdict(set)
    for one in assignments:
        if one.status == "confirmed":
            confirmed[one.passage_id].add(one.assignee)
    by_person: dict[str, list[Range]] = defaultdict(list)
    for passage, people in confirmed.items():
        for person in people:
            by_person[person].append(places[passage])
    depth = [shared(body, found) for found in ([*by_person.values()])]
    once = merged([one for found in depth for one in found])
    twice = _twice(depth)
    return (file, length(body), length(shared(body, given)), length(once), length(twice))


def merged(ranges: Iterable[Range]) -> list[Range]:
    """The same characters as ranges in order that neither touch nor overlap."""
    found: list[Range] = []
    for one in sorted(ranges):
        if found and one.start <= found[-1].end:
            found[-1] = Range(found[-1].start, max(found[-1].end, one.end))
        elif len(one):
            found.append(one)
    return found


def shared(one: Iterable[Range], two: Iterable[Range]) -> list[Range]:
    """The characters that are in both."""
    first, second = merged(one), merged(two)
    found, at, other = [], 0, 0
    while at < len(first) and other < len(second):
        low = max(first[at].start, second[other].start)
        high = min(first[at].end, second[other].end)
        if low < high:
            found.append(Range(low, high))
        if first[at].end <= second[other].end:
            at += 1
        else:
            other += 1
    return found


def length(ranges: Iterable[Range]) -> int:
    """How many characters there are in all."""
    return sum(len(one) for one in merged(ranges))


def _twice(people: Sequence[Sequence[Range]]) -> list[Range]:
    """The characters that at least two of them have."""
    found: list[Range] = []
    before: list[Range] = []
    for own in people:
        found.extend(shared(before, own))
        before = merged([*before, *own])
    return merged(found)
