"""Tables of coloured cells: labels by outlet, agreement of annotators."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from annotate.report.charts import ABOVE, Frame, Plot, Spec, distinct, draw, layer, room

MOST_OUTLETS: Final = 10
_ROW: Final = 26

Records = list[dict[str, Any]]


def outlet_matrix(key: str, rows: Records) -> Plot:
    """How many labels of each kind stand in the texts of each outlet."""
    totals: Counter[str] = Counter()
    for row in rows:
        totals[row["outlet"]] += row["labels"]
    outlets = [name for name, _ in sorted(totals.items(), key=lambda item: (-item[1], item[0]))]
    shown = distinct(outlets[:MOST_OUTLETS], 26)
    labels = list(
        dict.fromkeys(
            (row["layer"], row["label"]) for row in sorted(rows, key=lambda row: (row["layer"], row["label"]))
        )
    )
    names = distinct([f"{layer_name} · {label}" for layer_name, label in labels], 26)
    cells = [
        {"x": shown[row["outlet"]], "y": names[f"{row['layer']} · {row['label']}"], "value": row["labels"]}
        for row in rows
        if row["outlet"] in shown
    ]
    part = (
        f"{len(shown)} of {len(outlets)} outlets, those with the most"
        if len(outlets) > len(shown)
        else f"{len(shown)} outlets"
    )
    about = f"A column for each of {part}, a row for each label, darker cells for more. In all: " + "; ".join(
        f"{name}: {totals[name]}" for name in outlets[:MOST_OUTLETS]
    )
    most = max(cell["value"] for cell in cells)
    shades = {"domain": [0, most], "range": ["#e4f0ee", "#00695c"], "type": "linear"}
    layers = _cells(cells, (list(shown.values()), list(names.values())), shades, most * 0.62, ",d")
    frame = Frame(
        max(64 * len(shown), 64),
        _ROW * len(names),
        left=room(names.values()),
        right=130,
        top=int(ABOVE * room(shown.values())),
        bottom=8,
    )
    return draw(key, "Confirmed labels by outlet", f"{about}.", layers, frame)


def agreement_matrix(key: str, rows: Records) -> Plot | None:
    """Alpha of each annotator with each other, over all layers; from three annotators on."""
    found = [row for row in rows if row["layer"] == "all"]
    people = sorted({row["first"] for row in found} | {row["second"] for row in found})
    if len(people) < 3:
        return None
    names = distinct(people, 18)
    cells = [
        {"x": names[one], "y": names[two], "value": row["alpha"]}
        for row in found
        for one, two in ((row["first"], row["second"]), (row["second"], row["first"]))
        if row["alpha"] is not None
    ]
    if not cells:
        return None
    about = "Krippendorff's alpha of each pair over all layers: " + "; ".join(
        f"{row['first']} and {row['second']} {_said(row)}" for row in found
    )
    order = list(names.values())
    frame = Frame(
        64 * len(names),
        36 * len(names),
        left=room(names.values()),
        right=110,
        top=int(ABOVE * room(order)),
        bottom=8,
    )
    return draw(
        key, "Agreement of annotators", f"{about}.", _cells(cells, (order, order), _ALPHA, 0.7, ".2f"), frame
    )


def agreement_by_pair(key: str, rows: Records) -> Plot | None:
    """Alpha of each pair in each layer."""
    layers = list(dict.fromkeys(row["layer"] for row in rows))
    pairs = distinct(list(dict.fromkeys(f"{row['first']} · {row['second']}" for row in rows)), 26)
    columns = distinct(layers, 16)
    cells = [
        {"x": columns[row["layer"]], "y": pairs[f"{row['first']} · {row['second']}"], "value": row["alpha"]}
        for row in rows
        if row["alpha"] is not None
    ]
    if not cells:
        return None
    about = "Krippendorff's alpha of each pair in each layer: " + "; ".join(
        f"{row['first']} and {row['second']}, {row['layer']} {_said(row)}" for row in rows
    )
    found = _cells(cells, (list(columns.values()), list(pairs.values())), _ALPHA, 0.7, ".2f")
    frame = Frame(
        84 * len(columns),
        36 * len(pairs),
        left=room(pairs.values()),
        right=110,
        top=int(ABOVE * room(columns.values())),
        bottom=8,
    )
    return draw(key, "Agreement by layer", f"{about}.", found, frame)


_ALPHA: Final[Spec] = {
    "type": "linear",
    "domain": [-0.2, 0, 0.4, 0.8, 1],
    "range": ["#f6d5c8", "#f7f0e6", "#b9dcd6", "#1f7a6e", "#004d43"],
    "clamp": True,
}


def _said(row: dict[str, Any]) -> str:
    if row["alpha"] is None:
        return f"not defined ({row.get('note', '')})"
    if row["alpha_low"] is None:
        return f"{row['alpha']:.2f}"
    return f"{row['alpha']:.2f} ({row['alpha_low']:.2f} to {row['alpha_high']:.2f})"


def _cells(
    cells: Records, order: tuple[list[str], list[str]], shades: Spec, dark_from: float, number: str
) -> list[Spec]:
    across = {"title": None, "orient": "top", "labelAngle": -35, "labelAlign": "left", "ticks": False}
    down = {"title": None, "ticks": False, "labelPadding": 8}
    plain = {"domain": False, "grid": False}
    x = {"field": "x", "type": "nominal", "sort": None, "scale": {"domain": order[0]}, "axis": across | plain}
    y = {"field": "y", "type": "nominal", "sort": None, "scale": {"domain": order[1]}, "axis": down | plain}
    color = {"field": "value", "type": "quantitative", "scale": shades, "legend": None}
    ink = {"condition": {"test": f"datum.value > {dark_from}", "value": "#ffffff"}, "value": "#1b2a28"}
    words = {"field": "value", "type": "quantitative", "format": number}
    tile = {"type": "rect", "stroke": "#ffffff", "strokeWidth": 2, "cornerRadius": 3}
    return [
        layer(tile, cells, x=x, y=y, color=color),
        layer({"type": "text", "fontSize": 12}, cells, x=x, y=y, color=ink, text=words),
    ]
