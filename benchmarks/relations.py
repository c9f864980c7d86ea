"""What suggested relations cost a push, in one run on one server:

    python benchmarks/relations.py --passages 3000 [--each 2] [--rounds 3] [--sample 60]

Each round pushes the same passages with five suggestions each twice, without relations and with so many on
each, in turns; the first round only warms the server. Relations go along in the import, so the comparison
is with what one request a relation would cost, measured on a sample. Read the ratios, not the seconds, and
of those the one of processor time: it does not depend on what else the machine has to do. Linux only.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "server"))

from small_studies import CONFIG, CONFIG_SHA256, Person, small_scheme, write_study
from sync import ours, passages_of, suggestions_of

from annotate.core.ids import content_id
from annotate.core.model import Passage, SuggestedRelation, SuggestionRun
from annotate.doccano import campaign, embedded
from annotate.doccano.transport import Transport
from annotate.flows.connecting import connect
from annotate.store.built import Built, write_built
from annotate.store.study import Study
from annotate.store.suggested_relations import write_relations
from annotate.store.suggestions import named, write_run


def make_study(root: Path, person: Person, passages: list[Passage], each: int) -> Study:
    """Passages with suggestions, and ``each`` relations between neighbouring ones on every passage."""
    study = write_study(root, [person])
    small_scheme(study)
    write_built(study, Built((), (), (), tuple(passages)))
    seen = tuple(sorted(one.passage_id for one in passages))
    made = tuple(suggestions_of(passages))
    run = named(SuggestionRun("", "stated_dates", "0.1.0", CONFIG_SHA256, CONFIG, seen, made))
    relations = []
    for at, (one, two) in enumerate(pairwise(run.suggestions)):
        number = content_id("rel", ["restates", one.suggestion_id, two.suggestion_id])
        ends = (one.suggestion_id, two.suggestion_id)
        if one.passage_id == two.passage_id and at % 5 < each:
            relations.append(SuggestedRelation(number, "", one.passage_id, "restates", *ends, 0.5))
    write_relations(study, run.run_id, relations)
    write_run(study, run)
    return study


def one_by_one(server: Transport, study: Study, user: str, sample: int) -> float:
    """Seconds for one relation in a request of its own, on a project without any."""
    remote = campaign.find_projects(server, study.config.study.id, "spans")[user]
    base = f"projects/{remote.project_id}"
    (kind,) = server.get_list(f"{base}/relation-types")
    examples = server.get(f"{base}/examples", {"limit": sample})["results"]
    spans = [server.get_list(f"{base}/examples/{one['id']}/spans") for one in examples]
    start = time.perf_counter()
    for example, several in zip(examples, spans, strict=True):
        body = {"from_id": several[0]["id"], "to_id": several[1]["id"], "type": kind["id"]}
        server.send("POST", f"{base}/examples/{example['id']}/relations", json=body)
    return (time.perf_counter() - start) / len(examples)


def processor_seconds(pids: Iterable[int]) -> float:
    """Processor time so far of these processes and all their descendants."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text("ascii", "replace").rpartition(")")[2].split()
            parents[int(path.parent.name)] = int(fields[1])
            ticks[int(path.parent.name)] = int(fields[11]) + int(fields[12])
    wanted = set(pids)
    while grown := {one for one, parent in parents.items() if parent in wanted} - wanted:
        wanted |= grown
    return sum(ticks.get(one, 0) for one in wanted) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Parse, start a server, push in turns, stop the server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=3000)
    parser.add_argument("--each", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sample", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="annotate-bench-") as folder:
        home = Path(folder) / "home"
        os.environ["DOCCANO_HOME"] = str(home)
        try:
            embedded.start(home, port=None, progress=lambda text: None)
            person = Person("bench-annotator", "Pw-bench-4711-quay")
            embedded.add_user(home, person.user, person.password, progress=lambda text: None)
            measure(Path(folder), person, options, list(embedded.status(home).pids.values()))
        finally:
            embedded.stop(home)


def measure(folder: Path, person: Person, options: argparse.Namespace, pids: list[int]) -> None:
    """Print each push and the ratios."""
    passages = passages_of(options.passages)
    ratios: list[tuple[float, float]] = []
    last = None
    for turn in range(options.rounds + 1):
        took, work = {}, {}
        for each in (0, options.each):
            study = make_study(folder / f"study-{turn}-{each}", person, passages, each)
            before = processor_seconds(pids)
            done = ours("push", study.root)
            server = processor_seconds(pids) - before
            took[each], work[each] = done["seconds"], done["cpu"] + server
            print(
                f"round {turn}, {each} relations each: {done['seconds']:.1f} s, processor: "
                f"{done['cpu']:.1f} s of ours, {server:.1f} s of the server's; {done['megabytes']:.0f} MB",
                flush=True,
            )
            last = last or study
        if turn:
            ratios.append((took[options.each] / took[0], work[options.each] / work[0]))
    if ratios:
        time_ratio, work_ratio = (statistics.median(column) for column in zip(*ratios, strict=True))
        print(
            f"with relations / without: {time_ratio:.2f} of the time, {work_ratio:.2f} of the processor time"
        )
    assert last is not None
    transport = connect(last)
    each_one = one_by_one(transport, last, person.user, options.sample)
    transport.close()
    number = options.each * options.passages
    print(f"one request a relation: {each_one * 1000:.0f} ms, {each_one * number:.0f} s for {number:,}")


if __name__ == "__main__":
    main()
