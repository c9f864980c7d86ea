"""The model card of a learned suggester: what it learned from, how well it does, what it is not for.

After Mitchell et al., Model Cards for Model Reporting (2019), FAT*.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from annotate.core.learning.figures import Figure, LabelFigures
from annotate.core.learning.lessons import LeftOut


@dataclass(frozen=True, slots=True)
class LabelResult:
    """A learned label: where it is used and how well it does."""

    layer: str
    level: str
    label: str
    threshold: float | None
    figures: LabelFigures


@dataclass(frozen=True, slots=True)
class Card:
    """Everything that a model card says. ``data_sha256`` is over texts, judged layers and labels."""

    name: str
    kind: str
    program: str
    source: str
    documents: int
    passages: int
    languages: tuple[str, ...]
    data_sha256: str
    ledger_head: str
    scheme: str
    scheme_sha256: str
    seed: int
    encoder: str
    encoder_licence: str
    settings: tuple[str, ...]
    results: tuple[LabelResult, ...]
    left_out: tuple[LeftOut, ...]
    libraries: tuple[str, ...]


def card_text(card: Card) -> str:
    """The card as Markdown; the same card gives the same text."""
    lines = [
        f"# {card.name}: a learned suggester",
        "",
        f"Made by {card.program}. Suggests labels to annotators; a suggestion is no label until a person "
        "confirms it.",
        "",
        *_table(("What", "Value"), _facts(card)),
        "",
        "## How well it does",
        "",
        "Measured on documents that the judged model did not learn from (five folds of whole documents; "
        "recipe and thresholds chosen without the held-out ones). In brackets: 95 % of samples of "
        "documents. *Everything*: what marking every unit would get; its average precision is its precision. "
        "*With it*: units that people gave the label. *Suggested from*: the least probability.",
        "",
        *_table(
            (
                "Label",
                "Unit",
                "Units",
                "With it",
                "Documents",
                "Suggested from",
                "Precision",
                "Recall",
                "F1",
                "Average precision",
                "Everything: precision",
                "Everything: F1",
            ),
            [_row(one) for one in card.results],
        ),
        "",
        *_left(card.left_out),
        "## Limits",
        "",
        "- It knows what these annotators marked in these texts. On texts of another kind, outlet, time or "
        "language it may do much worse; suggestions there need the same look as a blank page.",
        "- A unit is a sentence or a clause chunk: finding the words in it is for the annotator.",
        "- Few documents give wide intervals. A label below its *everything* line is no help.",
        "- The files hold words and pieces of words of the training texts. Share them only where the rights "
        "of the texts allow that.",
        "- Labels made with these suggestions are not independent of them: compare with passages that had "
        "none before training on them again.",
        "",
    ]
    return "\n".join(lines)


def _facts(card: Card) -> list[Sequence[str]]:
    encoder = f"{card.encoder} ({card.encoder_licence})" if card.encoder else "none: words and surface only"
    return [
        ("Kind", card.kind),
        ("Learned from", card.source),
        ("Documents, passages", f"{card.documents}, {card.passages}"),
        ("Languages", ", ".join(card.languages) or "unknown"),
        ("Data, SHA-256", f"`{card.data_sha256}`"),
        ("Ledger head", f"`{card.ledger_head}`"),
        ("Scheme", f"{card.scheme}, `{card.scheme_sha256}`"),
        ("Seed", str(card.seed)),
        ("Sentence vectors", encoder),
        *(("Setting", one) for one in card.settings),
        ("Libraries", ", ".join(card.libraries)),
    ]


def _row(one: LabelResult) -> Sequence[str]:
    found = one.figures
    return (
        one.label,
        one.level,
        str(found.units),
        str(found.positive),
        str(found.documents),
        "" if one.threshold is None else f"{one.threshold:.2f}",
        figure_text(found.precision),
        figure_text(found.recall),
        figure_text(found.f1),
        figure_text(found.average_precision),
        f"{found.everything_precision:.2f}",
        f"{found.everything_f1:.2f}",
    )


def figure_text(figure: Figure) -> str:
    """A figure with two digits and its interval, if it has one."""
    if figure.low is None or figure.high is None:
        return f"{figure.value:.2f}"
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]"


def _left(left: Sequence[LeftOut]) -> list[str]:
    if not left:
        return []
    rows = [(one.label, one.layer, one.why) for one in left]
    return ["## Not learned", "", *_table(("Label", "Layer", "Why"), rows), ""]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [_line(heads), _line(["---"] * len(heads)), *map(_line, rows)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
