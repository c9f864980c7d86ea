"""Which sheets of a report are drawn, and how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from annotate.core.figures import Section, Sheet
from annotate.report.charts import (
    DARK,
    INK,
    MIDDLE,
    PALE,
    PALETTE,
    Frame,
    Plot,
    Spec,
    distinct,
    draw,
    layer,
    legend,
    room,
    thinned,
    whole_ticks,
)
from annotate.report.matrices import agreement_by_pair, agreement_matrix, outlet_matrix

MOST_ROWS: Final = 40
"""How many rows a plot shows at most; the table has them all."""
_ROW: Final = 26
_FATES: Final = {"accepted": DARK, "edited": "#e0a030", "rejected": "#a33b20", "untouched": "#cfd8dc"}

Records = list[dict[str, Any]]


def plots_of(section: Section, sheet: Sheet) -> tuple[Plot, ...]:
    """The plots of a sheet; none where it is not drawn or has nothing to draw."""
    drawn = _PLOTS.get((section.key, sheet.name), ())
    records = sheet.records()
    if not records:
        return ()
    found = (plot(f"{section.key}-{sheet.name}-{number}", records) for number, plot in enumerate(drawn))
    return tuple(one for one in found if one is not None)


def progress_bars(key: str, rows: Records) -> Plot:
    """Passages given and confirmed."""
    several = len({row["pass"] for row in rows}) > 1
    for row in rows:
        row["name"] = f"{row['annotator']} · {row['pass']}" if several else row["annotator"]
        row["said"] = f"{row['confirmed']} of {row['given']}"
    names = distinct([row["name"] for row in rows], 22)
    rows = [{**row, "name": names[row["name"]]} for row in rows]
    y = _names(list(names.values()))
    x = {"type": "quantitative", "scale": {"domain": [0, max(row["given"] for row in rows)]}}
    ticks = whole_ticks(max(row["given"] for row in rows))
    axis = {"title": "passages", "format": "d", "values": ticks}
    about = "A bar for each annotator: passages given, pale, and confirmed, dark. "
    return draw(
        key,
        "Passages given and confirmed by annotator",
        about + "; ".join(f"{row['name']}: {row['said']}" for row in rows) + ".",
        [
            layer(
                {"type": "bar", "color": PALE, "height": 16},
                rows,
                y=y,
                x={**x, "field": "given", "axis": axis},
            ),
            layer({"type": "bar", "color": DARK, "height": 16}, rows, y=y, x={**x, "field": "confirmed"}),
            layer(_beside(), rows, y=y, x={**x, "field": "given"}, text={"field": "said"}),
        ],
        Frame(520, _ROW * len(rows), left=room(names.values()), right=90, bottom=44),
    )


def progress_lines(key: str, rows: Records) -> Plot | None:
    """Confirmed passages at each pull."""
    pulls = list(dict.fromkeys(row["pull"] for row in rows))
    if len(pulls) < 2:
        return None
    number = {pull: at for at, pull in enumerate(pulls, 1)}
    several = len({row["pass"] for row in rows}) > 1
    for row in rows:
        row["who"] = f"{row['annotator']} · {row['pass']}" if several else row["annotator"]
        row["number"] = number[row["pull"]]
    people = distinct(sorted({row["who"] for row in rows}), 18)
    rows = [{**row, "who": people[row["who"]]} for row in rows]
    x: Spec = {"field": "number", "type": "quantitative", "scale": {"domain": [1, len(pulls)], "nice": False}}
    x["axis"] = {"title": "pull", "format": "d", "values": whole_ticks(len(pulls), 1)}
    most = max(1, *(row["confirmed"] for row in rows))
    axis = {"title": "confirmed passages", "format": "d", "values": whole_ticks(most)}
    y = {"field": "confirmed", "type": "quantitative", "axis": axis, "scale": {"domain": [0, most]}}
    color = _people("who", list(people.values()))
    about = f"A line for each annotator over {len(pulls)} pulls, from {rows[0]['at']} to {rows[-1]['at']}."
    marks: list[Spec] = [{"type": "line", "interpolate": "step-after", "strokeWidth": 2.5}]
    if len(pulls) <= 60:
        marks.append({"type": "point", "filled": True, "size": 40, "opacity": 1})
    layers = [layer(mark, rows, x=x, y=y, color=color) for mark in marks]
    return draw(
        key, "Confirmed passages from pull to pull", about, layers, Frame(640, 220, top=44, bottom=44)
    )


def time_bars(key: str, rows: Records) -> Plot:
    """Labels by time of publication, stacked by layer."""
    periods = _periods(list(dict.fromkeys(row["period"] for row in rows)))
    layers = sorted({row["layer"] for row in rows})
    shown = thinned(periods, 10)
    if "undated" in periods and "undated" not in shown:
        shown[-1] = "undated"
    axis = {"title": "published", "values": shown, "labelAngle": 0}
    x = {"field": "period", "type": "ordinal", "scale": {"domain": periods}, "axis": axis}
    y = {"field": "labels", "type": "quantitative", "stack": "zero", "axis": _counts("labels")}
    mark = {"type": "bar", "width": {"band": 0.82}}
    about = f"A bar for each of {len(periods)} periods of publication, stacked by layer: {', '.join(layers)}."
    found = [layer(mark, rows, x=x, y=y, color=_people("layer", layers))]
    return draw(
        key, "Confirmed labels by time of publication", about, found, Frame(640, 220, top=44, bottom=44)
    )


def _periods(found: Sequence[str]) -> list[str]:
    """The periods with the empty years between them, so that gaps are seen; months as found."""
    years = [int(one) for one in found if one.lstrip("-").isdigit()]
    if not years or max(years) - min(years) > MOST_ROWS or len(years) < len(found) - ("undated" in found):
        return list(found)
    spelled = [f"{year:04d}" for year in range(min(years), max(years) + 1)]
    return [*spelled, *(["undated"] if "undated" in found else [])]


def fate_bars(key: str, rows: Records) -> Plot:
    """How often each fate befell the suggestions of a label."""
    rows = sorted(rows, key=lambda row: -row["decided"])[:MOST_ROWS]
    names = distinct([row["label"] for row in rows], 22)
    parts = [
        {"name": names[row["label"]], "fate": fate, "number": row[fate], "order": order}
        for row in rows
        for order, fate in enumerate(_FATES)
        if row[fate]
    ]
    scale = {"domain": list(_FATES), "range": list(_FATES.values())}
    color = {"field": "fate", "type": "nominal", "scale": scale, "legend": legend(4)}
    x = {"field": "number", "type": "quantitative", "stack": "zero", "axis": _counts("suggestions")}
    y = _names(list(names.values()))
    about = "; ".join(
        f"{row['label']}: " + ", ".join(f"{row[fate]} {fate}" for fate in _FATES) for row in rows
    )
    return draw(
        key,
        "Fates of suggestions by label",
        f"A bar for each label. {about}.",
        [layer({"type": "bar", "height": 16}, parts, y=y, x=x, color=color, order={"field": "order"})],
        Frame(520, _ROW * len(names), left=room(names.values()), top=44, bottom=44),
    )


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a forest plot shows: the columns of value and ends, and the axis."""

    value: str
    low: str
    high: str
    first: float
    axis: Spec
    form: str


_SHARE: Final = _Shape(
    *("share", "low", "high", 0),
    {"title": "accepted as suggested", "format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]},
    ".0%",
)
_ALPHA: Final = _Shape(
    *("alpha", "alpha_low", "alpha_high", -0.25),
    {"title": "alpha", "format": ".2f", "values": [-0.25, 0, 0.25, 0.5, 0.75, 1]},
    ".2f",
)


def _forest(key: str, rows: Records, shape: _Shape, title: str, about: str) -> Plot:
    """Points with their intervals; each row has a ``name`` and what is ``said`` beside it."""
    rows = rows[:MOST_ROWS]
    names = distinct([row["name"] for row in rows], 26)
    found = [{**row, "name": names[row["name"]]} for row in rows]
    ranged = [row for row in found if row[shape.low] is not None]
    scale = {"domain": [shape.first, 1], "clamp": True}
    x = {"type": "quantitative", "scale": scale, "axis": shape.axis}
    y = _names(list(names.values()))
    bar = {"type": "rule", "strokeWidth": 5, "color": MIDDLE, "strokeCap": "round"}
    point = {"type": "point", "filled": True, "size": 90, "color": DARK, "opacity": 1}
    said = [{**row, "end": row[shape.value] if row[shape.low] is None else row[shape.high]} for row in found]
    layers = [
        layer(bar, ranged, y=y, x={**x, "field": shape.low}, x2={"field": shape.high}),
        layer(point, found, y=y, x={**x, "field": shape.value}),
        layer(_beside(14), said, y=y, x={**x, "field": "end"}, text={"field": "said"}),
    ]
    told = "; ".join(f"{row['name']}: {row['said']}{_ends(row, shape)}" for row in rows)
    frame = Frame(460, _ROW * len(found), left=room(names.values()), right=110, bottom=44)
    return draw(key, title, f"{about} {told}.", layers, frame)


def _ends(row: dict[str, Any], shape: _Shape) -> str:
    if row[shape.low] is None:
        return ""
    return f", {row[shape.low]:{shape.form}} to {row[shape.high]:{shape.form}}"


def _accepted(key: str, rows: Records, column: str, of: str = "suggestions") -> Plot | None:
    found = sorted((row for row in rows if row["share"] is not None), key=lambda row: -row["decided"])
    if not found:
        return None
    for row in found:
        row |= {"name": row[column], "said": f"{row['share']:.0%} of {row['decided']}"}
    title = f"Share of {of} accepted, by {column}"
    return _forest(key, found, _SHARE, title, "Points with 95 % Wilson intervals.")


def forest_by_relation(key: str, rows: Records) -> Plot | None:
    """Accepted share of suggested relations by type."""
    return _accepted(key, rows, "relation", "suggested relations")


def alpha_by_label(key: str, rows: Records) -> Plot | None:
    """Agreement on each label."""
    found = [row for row in rows if row["alpha"] is not None]
    if not found:
        return None
    for row in found:
        row |= {"name": f"{row['layer']} · {row['label']}", "said": f"{row['alpha']:.2f}"}
    about = "Points with 95 % intervals over documents."
    return _forest(key, found, _ALPHA, "Krippendorff's alpha by label", about)


def forest_by_agent(key: str, rows: Records) -> Plot | None:
    """Accepted share by agent."""
    return _accepted(key, rows, "agent")


def forest_by_label(key: str, rows: Records) -> Plot | None:
    """Accepted share by label."""
    return _accepted(key, rows, "label")


def forest_by_annotator(key: str, rows: Records) -> Plot | None:
    """Accepted share by annotator."""
    return _accepted(key, rows, "annotator")


def coverage_bars(key: str, rows: Records) -> Plot:
    """What part of the body text was given, confirmed, and confirmed twice."""
    rows = sorted(rows, key=lambda row: -row["body"])[:MOST_ROWS]
    rows.sort(key=lambda row: row["source"])
    names = distinct([row["source"] for row in rows], 30)
    scale = {
        "domain": ["body text", "given", "confirmed", "by two or more"],
        "range": ["#eceff1", "#c5dedb", MIDDLE, DARK],
    }
    kinds = {"body text": "body", "given": "given", "confirmed": "confirmed", "by two or more": "twice"}
    y = _names(list(names.values()))
    layers = []
    for kind, column in kinds.items():
        parts = [
            {"name": names[row["source"]], "kind": kind, "share": row[column] / row["body"]} for row in rows
        ]
        axis = {"title": "of the body text", "format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]}
        x = {
            "field": "share",
            "type": "quantitative",
            "stack": None,
            "scale": {"domain": [0, 1]},
            "axis": axis,
        }
        color = {"field": "kind", "type": "nominal", "scale": scale, "legend": legend(4)}
        layers.append(layer({"type": "bar", "height": 16}, parts, y=y, x=x, color=color))
    said = [{"name": names[row["source"]], "said": f"{row['share']:.0%}", "end": 1} for row in rows]
    end = {"field": "end", "type": "quantitative"}
    layers.append(layer(_beside(), said, y=y, x=end, text={"field": "said"}))
    about = "; ".join(f"{row['source']}: {row['share']:.0%} of {row['body']} characters" for row in rows)
    return draw(
        key,
        "Body text that was confirmed, by source",
        f"A bar for each source. Confirmed: {about}.",
        layers,
        Frame(420, _ROW * len(names), left=room(names.values()), right=60, top=44, bottom=44),
    )


def _over_stretches(key: str, rows: Records, column: str, title: str, axis: Spec) -> Plot | None:
    found = [row for row in rows if row[column] is not None]
    if not found:
        return None
    people = distinct(sorted({row["annotator"] for row in found}), 18)
    found = [{**row, "who": people[row["annotator"]]} for row in found]
    numbers = sorted({row["stretch"] for row in found})
    ticks = {"title": "stretch of work, in the order of confirmation", "labelAngle": 0}
    x = {"field": "stretch", "type": "ordinal", "scale": {"domain": numbers}, "axis": ticks}
    color = _people("who", list(people.values()))
    y = {"field": column, "type": "quantitative", "axis": axis, "scale": {"domainMin": 0}}
    dodge = {"field": "who", "type": "nominal", "scale": {"domain": list(people.values())}}
    points = {"type": "point", "filled": True, "size": 60, "opacity": 1}
    layers = [
        layer(
            {"type": "line", "strokeWidth": 1.5, "opacity": 0.6}, found, x=x, y=y, color=color, xOffset=dodge
        )
    ]
    if column == "share":
        y["scale"] = {"domain": [0, 1]}
        bars = {"type": "rule", "strokeWidth": 3, "opacity": 0.35}
        low = {**y, "field": "low"}
        layers.append(layer(bars, found, x=x, y=low, y2={"field": "high"}, color=color, xOffset=dodge))
    layers.append(layer(points, found, x=x, y=y, color=color, xOffset=dodge))
    about = f"A line for each annotator over {len(numbers)} stretches of work: {', '.join(people.values())}."
    return draw(key, title, about, layers, Frame(640, 220, top=44, bottom=44))


def drift_rate(key: str, rows: Records) -> Plot | None:
    """Labels per 1,000 characters in the order of work."""
    axis = {"title": "labels per 1,000 characters", "tickCount": 5}
    return _over_stretches(key, rows, "rate", "Labels per 1,000 characters in the order of work", axis)


def drift_shared(key: str, rows: Records) -> Plot | None:
    """Labels that another annotator set too, in the order of work."""
    axis = {"title": "labels that another set too", "format": ".0%", "tickCount": 5}
    return _over_stretches(key, rows, "share", "Labels that another annotator set too", axis)


def _names(names: Sequence[str]) -> Spec:
    axis = {"title": None, "ticks": False, "domain": False, "labelPadding": 8}
    return {"field": "name", "type": "nominal", "sort": None, "scale": {"domain": list(names)}, "axis": axis}


def _beside(away: int = 6) -> Spec:
    return {"type": "text", "align": "left", "dx": away, "fontSize": 12, "color": INK}


def _counts(title: str) -> Spec:
    return {"title": title, "tickMinStep": 1, "format": "d", "tickCount": 6}


def _people(field: str, names: Sequence[str]) -> Spec:
    colors = [PALETTE[at % len(PALETTE)] for at in range(len(names))]
    scale = {"domain": list(names), "range": colors}
    return {"field": field, "type": "nominal", "scale": scale, "legend": legend(min(len(names), 6))}


Drawing = Callable[[str, Records], Plot | None]
_PLOTS: Final[dict[tuple[str, str], tuple[Drawing, ...]]] = {
    ("progress", "by_annotator"): (progress_bars,),
    ("progress", "by_pull"): (progress_lines,),
    ("labels", "by_outlet"): (outlet_matrix,),
    ("labels", "by_time"): (time_bars,),
    ("agreement", "pairs"): (agreement_matrix, agreement_by_pair),
    ("agreement", "by_label"): (alpha_by_label,),
    ("fates", "by_agent"): (forest_by_agent,),
    ("fates", "by_label"): (fate_bars, forest_by_label),
    ("fates", "by_annotator"): (forest_by_annotator,),
    ("fates", "relations_by_relation"): (forest_by_relation,),
    ("coverage", "by_source"): (coverage_bars,),
    ("drift", "by_stretch"): (drift_rate, drift_shared),
}
