"""TimeML 1.2.1 of the stated dates: ``timeml/<annotator>/<passage>.tml``.

TIMEX3 elements (http://timeml.org, 2.3) stand in the text, in the frame that TempEval-3 gave TimeML: DOCID,
DCT with the publication date, TEXT. ``comment`` holds the id of the label. Marks cannot overlap: of two
dates that do, the first and longest stays. A date without a value gets ``XXXX-XX-XX``, as TIMEX3 wants one.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Final

from annotate.core.dataset.chronology import DATE
from annotate.core.dataset.losses import Loss, reported
from annotate.core.dataset.rows import Cell, LabelRow
from annotate.core.dataset.texts import LabelledText, folder_names, labelled_texts, text_losses
from annotate.formats.writing import Material
from annotate.formats.xml_text import (
    DECLARATION,
    LOST_CHARACTERS,
    WHY_LOST,
    attributes,
    element,
    escaped,
    illegal_count,
)

UNKNOWN: Final = "XXXX-XX-XX"
_PLAIN: Final = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?\Z", re.ASCII)
_HELD: Final = ("label_id", "label", "quote", "prefix", "suffix", "start", "end", "passage_id", "annotator")
_TIMEX: Final = ("timex_type", "timex_value", "published")
_MORE: Final = {
    "passages": ("passage_id", "text"),
    "documents": ("published",),
    "sources": (),
    "chronology": ("label_id", "annotator", "quote", "published"),
}
_WHY: Final = "TimeML holds dates and their values; the CSV tables tell the rest"


def write(material: Material, folder: Path) -> tuple[Loss, ...]:
    """Write one file a text, also where it states no date."""
    texts = list(labelled_texts(material.dataset))
    folders = folder_names({text.annotator for text in texts})
    (folder / "timeml").mkdir(parents=True)
    counts: Counter[str] = Counter()
    for text in texts:
        place = folder / "timeml" / folders[text.annotator]
        place.mkdir(exist_ok=True)
        marked = _marked(text)
        counts["overlapping"] += sum(label.label == DATE for label in text.labels) - len(marked)
        counts["unknown"] += sum(not _value(label) for label in marked)
        counts["others"] += sum(label.label != DATE for label in text.labels)
        counts["published"] += bool(_published(text)) and not _PLAIN.match(_published(text))
        counts["illegal"] += illegal_count([text.passage.text])
        (place / f"{text.passage.passage_id}.tml").write_bytes(_timeml(text, marked).encode("utf-8"))
    return reported(
        [
            Loss(
                "labels that are no date", counts["others"], "TimeML marks dates; other labels are left out"
            ),
            Loss(
                "overlapping dates",
                counts["overlapping"],
                "of marks that overlap the first and longest stays",
            ),
            Loss("dates without a value", counts["unknown"], f"TIMEX3 wants one and has {UNKNOWN} here"),
            Loss(
                "publication dates", counts["published"], f"TIMEX3 has no such value; {UNKNOWN} stands for it"
            ),
            Loss(LOST_CHARACTERS, counts["illegal"], WHY_LOST),
            *text_losses(material.dataset, _WHY, labels=(*_HELD, *_TIMEX), relations=(), more=_MORE),
        ]
    )


def _marked(text: LabelledText) -> list[LabelRow]:
    """The date labels that can stand side by side."""
    found: list[LabelRow] = []
    for label in text.labels:
        if label.label == DATE and (not found or label.start >= found[-1].end):
            found.append(label)
    return found


def _timeml(text: LabelledText, marked: list[LabelRow]) -> str:
    words, at = text.passage.text, 0
    parts = [f"{DECLARATION}<TimeML>\n", element("DOCID", {}, text.text_id), "\n<DCT>"]
    parts += [_creation_time(text), "</DCT>\n<TEXT>"]
    for number, label in enumerate(marked, 1):
        parts.append(escaped(words[at : label.start]))
        parts.append(_timex(number, label, words[label.start : label.end]))
        at = label.end
    parts += [escaped(words[at:]), "</TEXT>\n</TimeML>\n"]
    return "".join(parts)


def _creation_time(text: LabelledText) -> str:
    told = _published(text)
    value = told if _PLAIN.match(told) else UNKNOWN
    facts: dict[str, Cell] = {"tid": "t0", "type": "DATE", "value": value, "temporalFunction": "false"}
    return element("TIMEX3", {**facts, "functionInDocument": "PUBLICATION_TIME"}, told)


def _published(text: LabelledText) -> str:
    return text.document.published if text.document else ""


def _timex(number: int, label: LabelRow, words: str) -> str:
    facts: dict[str, Cell] = {
        "tid": f"t{number}",
        "type": label.timex_type or "DATE",
        "value": _value(label) or UNKNOWN,
        "functionInDocument": "NONE",
        "comment": label.label_id,
    }
    # It hangs on the publication date where the reading did.
    if label.anchor == "publication":
        facts |= {"temporalFunction": "true", "anchorTimeID": "t0"}
    return f"<TIMEX3{attributes(facts)}>{escaped(words)}</TIMEX3>"


def _value(label: LabelRow) -> str:
    """The TIMEX3 value; an EDTF day, month or year is one, too."""
    if label.timex_value:
        return label.timex_value
    return label.value if label.value_type == "EDTF" and _PLAIN.match(label.value) else ""
