"""Measure how the orders of the queue grow with the corpus: invented passages of some 400 characters.

    python benchmarks/queue.py [--passages 2500 5000 10000]

Processor seconds of this process: compare the rows, which should double where the passages do.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from functools import partial

from annotate.core.queue import ORDERS, Facts, QueueSettings, deal, planned

LETTERS = "abcdefghijklmnoprstuvw"


def invented(count: int) -> dict[str, str]:
    """Passages whose words are as unevenly common as those of a language."""
    chance = random.Random(1)
    words = ["".join(chance.choices(LETTERS, k=chance.randint(2, 10))) for _ in range(5000)]
    return {
        f"psg-{number:012x}": " ".join(words[int(chance.paretovariate(0.8)) % 5000] for _ in range(62))
        for number in range(count)
    }


def seconds(work: Callable[[], object]) -> float:
    """Processor seconds."""
    start = time.process_time()
    work()
    return time.process_time() - start


def row(count: int) -> list[float]:
    """Seconds of every order, and of dealing, for so many passages."""
    texts = invented(count)
    ids = tuple(texts)
    chance = random.Random(2)
    scores = {one: [("DATE", chance.random()) for _ in range(3)] for one in ids}
    facts = Facts(scores.__getitem__, texts.__getitem__, lambda one: (one[-1], "en", "2019"))
    people = dict.fromkeys(("ann", "bob", "cem", "dot"), ids)
    return [
        *(seconds(partial(planned, QueueSettings(order, 0, 0.1), ids, (), facts)) for order in ORDERS),
        seconds(partial(deal, QueueSettings(overlap_share=0.2), ids, people)),
    ]


def main() -> None:
    """Print one row a size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--passages", type=int, nargs="+", default=[2500, 5000, 10000])
    print("passages", *ORDERS, "deal", sep="\t")
    for count in parser.parse_args().passages:
        print(count, *(f"{one:.2f}" for one in row(count)), sep="\t")


if __name__ == "__main__":
    main()
