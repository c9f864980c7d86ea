"""Measure stated dates: quality on the development gold, speed against peers, growth. Run by hand:

    python benchmarks/stated_dates.py [--errors N] [--half tune|test] [--peers PYTHON]

The gold and its scorer live beside the repository (``../shared/timex``); none of its text is ours to
ship. Its documents are halved by the hash of their id: rules were written looking at one half (tune)
only, apart from what docs/decisions/0005 says. ``--peers`` is the Python of an environment with
dateparser, pyduckling-native-phihos and timexy: they are measured there, in the same run, on the same
news texts. They are never dependencies of ours.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from annotate.core.dates import find_stated_dates
from annotate.core.dates.records import timex_records

GOLD = Path(__file__).resolve().parents[2] / "shared" / "timex"
HALVES = ("tune", "test")
NEWS = ("meantime-en", "krauts")

PEERS = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
texts = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]

def clock(name, language, read):
    mine = [text for lang, text in texts if lang == language]
    read(mine[0])
    began, characters = time.process_time(), 0
    for text in mine:
        read(text)
        characters += len(text)
        if time.process_time() - began > 20:
            break
    print(json.dumps([name, language, characters / (time.process_time() - began)]), flush=True)

def peers(language):
    try:
        from dateparser.search import search_dates
        yield "dateparser.search", lambda text: search_dates(text, languages=[language])
    except ImportError as error:
        print(f"dateparser: {error}", file=sys.stderr)
    try:
        from duckling import Context, default_locale_lang, load_time_zones, parse
        from duckling import parse_dimensions, parse_lang, parse_locale, parse_ref_time
        zones = load_time_zones("/usr/share/zoneinfo")
        default = default_locale_lang(parse_lang(language.upper()))
        locale = parse_locale("DE_XX" if language == "de" else "EN_US", default)
        context = Context(parse_ref_time(zones, "UTC", 1718150400), locale)
        dimensions = parse_dimensions(["time", "duration"])
        yield "duckling", lambda text: parse(text, context, dimensions, False)
    except Exception as error:
        print(f"duckling: {error}", file=sys.stderr)
    try:
        import spacy
        nlp = spacy.blank(language)
        from timexy import Timexy
        nlp.add_pipe("timexy", config={"kb_id_type": "timex3"})
        yield "timexy", nlp
    except Exception as error:
        print(f"timexy: {error}", file=sys.stderr)

for language in ("de", "en"):
    for name, read in peers(language):
        try:
            clock(name, language, read)
        except Exception as error:
            print(f"{name}: {error}", file=sys.stderr)
"""


def load_scorer():
    spec = importlib.util.spec_from_file_location("timex_score", GOLD / "timex_score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def gold_of(language):
    lines = (GOLD / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line]


def half_of(record):
    return HALVES[int(hashlib.sha256(record["doc_id"].encode()).hexdigest(), 16) % 2]


def mentions(record):
    for date in find_stated_dates(record["text"], record["lang"], published=record["dct"]):
        yield from timex_records(date)


def measure(language, scorer, errors, shown_half):
    gold = gold_of(language)
    system = {record["doc_id"]: list(mentions(record)) for record in gold}
    print(f"{language}: {len(gold)} documents")
    for name in [*sorted({record["corpus"] for record in gold}), "all"]:
        for half in (*HALVES, "both"):
            part = [r for r in gold if name in ("all", r["corpus"]) and half in ("both", half_of(r))]
            result, wrong = scorer.score(part, system)
            scores = "  ".join(f"{key} {result[key]['f1']:5.1f}" for key in ("strict", "relaxed", "value"))
            calendar = result["calendar_value"]
            print(
                f"  {name:12} {half:5} gold {result['gold']:4} ours {result['system']:4}  F1: {scores}"
                f"   calendar value F1 {calendar['f1']:5.1f}   relaxed P {result['relaxed']['p']:5.1f}"
            )
            if name == "all" and half == shown_half:
                show(wrong, errors)


def show(wrong, errors):
    for record, pairs in wrong:
        for true, ours in pairs:
            if errors <= 0:
                return
            errors -= 1
            at = true or ours
            context = record["text"][max(0, at["start"] - 40) : at["end"] + 30].replace("\n", "/")
            said = [f"{one['type']} {one['value']}" if one else "-" for one in (true, ours)]
            print(f"    gold {said[0]:32} ours {said[1]:32} {context!r}")


def news_texts(language):
    return [(r["text"], r["dct"]) for r in gold_of(language) if r["corpus"] in NEWS]


def speed(language):
    texts = news_texts(language)
    for text, published in texts[:5]:
        find_stated_dates(text, language, published=published)
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        for text, published in texts:
            find_stated_dates(text, language, published=published)
        best = max(best, sum(len(text) for text, _ in texts) / (time.process_time() - began))
    return best


def growth(language):
    text = "\n".join(text for text, _ in news_texts(language))
    rates = []
    for size in (100_000, 1_000_000, 10_000_000):
        long = (text * (size // len(text) + 1))[:size]
        began = time.process_time()
        find_stated_dates(long, language, published="2014-06-12")
        rates.append(f"{size:,}: {size / (time.process_time() - began):,.0f}")
    return ", ".join(rates)


def compare(python, ours):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "news.jsonl")
        rows = [(language, text) for language in ("de", "en") for text, _ in news_texts(language)]
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        done = subprocess.run(
            [python, "-c", PEERS, str(file)], capture_output=True, text=True, check=False, timeout=900
        )
    print(done.stderr, end="", file=sys.stderr)
    for line in done.stdout.splitlines():
        name, language, rate = json.loads(line)
        ratio = ours[language] / rate
        print(
            f"  {name:18} {language}: {rate:12,.0f} characters a core-second, ours is {ratio:,.1f} times that"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--errors", type=int, default=0, help="show up to N differences from the gold")
    parser.add_argument("--half", choices=HALVES, default="tune", help="of which half")
    parser.add_argument("--peers", metavar="PYTHON", help="Python of an environment that has the peers")
    parser.add_argument("--no-growth", action="store_true", help="leave out the texts of 10 MB")
    asked = parser.parse_args()
    if not GOLD.is_dir():
        print(f"The development gold is absent ({GOLD}); nothing was measured.", file=sys.stderr)
        return 1
    scorer = load_scorer()
    for language in ("de", "en"):
        measure(language, scorer, asked.errors, asked.half)
    ours = {language: speed(language) for language in ("de", "en")}
    for language, rate in ours.items():
        print(f"{language}: {rate:,.0f} characters a core-second on news")
        if not asked.no_growth:
            print(f"  by length of the text, characters a core-second: {growth(language)}")
    if asked.peers:
        compare(asked.peers, ours)
    return 0


if __name__ == "__main__":
    sys.exit(main())
