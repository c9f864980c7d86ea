"""Measure stated dates against the development gold, if it is there. Run by hand:

    python benchmarks/stated_dates.py [--errors N]

The gold and its scorer live beside the repository (``../shared/timex``); none of its text is ours to
ship. A period is scored as its two ends, which is how TIMEX3 gold marks it.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import time
from pathlib import Path

from annotate.core.dates import find_stated_dates

GOLD = Path(__file__).resolve().parents[2] / "shared" / "timex"


def load_scorer():
    spec = importlib.util.spec_from_file_location("timex_score", GOLD / "timex_score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def mentions(record):
    for date in find_stated_dates(record["text"], record["lang"], published=record["dct"]):
        for end in date.parts or (date,):
            yield {"start": end.start, "end": end.end, "type": date.timex_type, "value": end.value}


def measure(language, scorer, errors):
    gold = scorer.load_gold(str(GOLD / f"{language}.jsonl"))
    began = time.perf_counter()
    system = {record["doc_id"]: list(mentions(record)) for record in gold}
    seconds = time.perf_counter() - began
    characters = sum(len(record["text"]) for record in gold)
    print(f"{language}: {len(gold)} documents, {characters / seconds:,.0f} characters a second")
    for name in [*sorted({record["corpus"] for record in gold}), "all"]:
        part = [record for record in gold if name in ("all", record["corpus"])]
        result, wrong = scorer.score(part, system)
        calendar = result["calendar_value"]
        shown = "  ".join(f"{key} {result[key]['f1']:5.1f}" for key in ("strict", "relaxed", "value"))
        print(
            f"  {name:12} gold {result['gold']:4} ours {result['system']:4}  F1: {shown}"
            f"   calendar value P {calendar['p']:5.1f} R {calendar['r']:5.1f} F1 {calendar['f1']:5.1f}"
            f"   strict P {result['strict']['p']:5.1f}  relaxed P {result['relaxed']['p']:5.1f}"
        )
    for record, pairs in wrong:
        for ours in (ours for true, ours in pairs if true is None):
            if errors > 0:
                errors -= 1
                context = record["text"][max(0, ours["start"] - 30) : ours["end"] + 30].replace("\n", "/")
                print("  no such date in the gold:", json.dumps(context, ensure_ascii=False), ours["value"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--errors", type=int, default=0, help="show up to N dates that the gold does not have"
    )
    asked = parser.parse_args()
    if not GOLD.is_dir():
        print(f"The development gold is absent ({GOLD}); nothing was measured.", file=sys.stderr)
        return 1
    scorer = load_scorer()
    print(json.dumps({"scorer": scorer.__name__, "python": sys.version.split()[0]}))
    for language in ("de", "en"):
        measure(language, scorer, asked.errors)
    return 0


if __name__ == "__main__":
    sys.exit(main())
