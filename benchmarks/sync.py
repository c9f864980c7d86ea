"""Measure push and pull against the server itself and against doccano-client's own calls, in one run:

    python benchmarks/sync.py --passages 1000 3000 [--touched 0.1] [--sample 40] [--json FILE]

Starts a fresh embedded server in a temporary folder and fills it with invented passages of some 400
characters, five suggestions each. What would take hours (one request a label) is measured on a stated
sample and multiplied; such lines say so. Compare ratios, not seconds: the machine is whatever it is.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "server"))

from small_studies import CONFIG, CONFIG_SHA256, Person, write_study  # noqa: E402

from annotate.core.ids import content_id  # noqa: E402
from annotate.core.model import Passage, Piece, Suggestion, SuggestionRun  # noqa: E402
from annotate.doccano import campaign, embedded, importing, wire  # noqa: E402
from annotate.doccano.archive import read_archive  # noqa: E402
from annotate.doccano.transport import Transport  # noqa: E402
from annotate.flows.connecting import connect, connect_as  # noqa: E402
from annotate.store.built import Built, write_built  # noqa: E402
from annotate.store.study import Study  # noqa: E402
from annotate.store.suggestions import named, write_run  # noqa: E402

DATES = ("3. April 1970", "5. Mai 1971", "im Jahr 1999", "am 12. 7. 2003", "2018")
FILLER = "Die Abordnung aus Vesk besichtigte die Werft und sprach mit den Leuten am Kai. "


@dataclass
class Table:
    """Rows of (what, seconds, compared with, ratio)."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: str, value: str, ratio: str = "") -> None:
        self.rows.append((what, value, ratio))
        print(f"  {what:<74} {value:>12}  {ratio}", flush=True)


def passages_of(count: int) -> list[Passage]:
    made = []
    for number in range(count):
        text = f"Meldung {number}. " + "".join(f"{FILLER}{date} war es so weit. " for date in DATES)
        key = content_id("psg", [number, text])
        made.append(
            Passage(
                key,
                f"doc-{number:012x}",
                "src-0123456789ab",
                "invented.txt",
                1,
                1,
                text,
                (Piece("verbatim", 0, len(text), ""),),
            )
        )
    return made


def suggestions_of(passages: list[Passage]) -> list[Suggestion]:
    made = []
    for one in passages:
        at = 0
        for date in DATES:
            at = one.text.index(date, at)
            key = content_id("sug", [one.passage_id, at, date, "DATE"])
            made.append(
                Suggestion(
                    key,
                    "",
                    one.passage_id,
                    "frame",
                    "DATE",
                    at,
                    at + len(date),
                    date,
                    "stated_dates",
                    "0.1.0",
                    CONFIG_SHA256,
                    0.9,
                    None,
                    None,
                )
            )
            at += len(date)
    return made


def make_study(root: Path, people: list[Person], passages: list[Passage]) -> Study:
    study = write_study(root, people)
    write_built(study, Built((), (), (), tuple(passages)))
    seen = tuple(sorted(one.passage_id for one in passages))
    run = SuggestionRun(
        "", "stated_dates", "0.1.0", CONFIG_SHA256, CONFIG, seen, tuple(suggestions_of(passages))
    )
    write_run(study, named(run))
    return study


# --- ours, each in a process of its own ---------------------------------------------------------------------


def child(words: list[str]) -> None:
    """push|pull STUDY [full] [database=…]: print seconds, peak memory and events."""
    verb, root, *options = words
    module = __import__(f"annotate.flows.{verb}", fromlist=[verb])
    named_options: dict[str, Any] = {"full": True} if "full" in options else {}
    named_options |= dict(one.split("=", 1) for one in options if "=" in one)
    study = Study(Path(root))
    start, cpu = time.perf_counter(), time.process_time()
    report = getattr(module, verb)(study, **named_options)
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - start,
                "cpu": time.process_time() - cpu,
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "events": getattr(report, "events", None),
            }
        )
    )


def ours(*words: object) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, __file__, "--child", *map(str, words)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


# --- the server by itself, and doccano-client ---------------------------------------------------------------


def bare_project(server: Transport, name: str) -> tuple[int, int]:
    """A project with one label type: ids of both."""
    marker = campaign.new_marker("00000000", "spans", name)
    project = campaign.create_project(server, marker, name, "")
    body = {"text": "DATE", "background_color": "#00838f", "text_color": "#ffffff"}
    return project, server.send("POST", f"projects/{project}/span-types", json=body)["id"]


def bare_import(
    server: Transport, passages: list[Passage], suggestions: dict[str, list[Suggestion]]
) -> float:
    """The same files, all queued at once; until the server is done with the last."""
    key = f"bare-{len(passages)}"
    project, _ = bare_project(server, key)
    files = [
        wire.import_file(
            wire.import_row(one, suggestions[one.passage_id], key)
            for one in passages[at : at + importing.BATCH]
        )
        for at in range(0, len(passages), importing.BATCH)
    ]
    start = time.perf_counter()
    tasks = [importing.start_import(server, project, data) for data in files]
    for task in tasks:
        outcome = importing.finish_import(server, task)
        assert not outcome.crash
        assert not outcome.refused
    return time.perf_counter() - start


def bare_export(server: Transport, project: int) -> float:
    start = time.perf_counter()
    task = server.send(
        "POST", f"projects/{project}/download", json={"format": "JSONL", "exportApproved": False}
    )
    while not server.get(f"tasks/status/{task['task_id']}")["ready"]:
        time.sleep(0.02)
    server.raw("GET", f"projects/{project}/download", params={"taskId": task["task_id"]})
    return time.perf_counter() - start


def client_push(server: Transport, sample: list[Passage], suggestions: dict[str, list[Suggestion]]) -> float:
    """Seconds a passage: create_example, then create_span for each suggestion."""
    project, date = bare_project(server, "client")
    start = time.perf_counter()
    for one in sample:
        example = server.client.create_example(project, one.text, meta={})
        for label in suggestions[one.passage_id]:
            server.client.create_span(project, example.id, label.start, label.end, date)
    return (time.perf_counter() - start) / len(sample)


def client_pull(server: Transport, project: int, sample: int) -> float:
    """Seconds a passage: list_examples, then list_spans and list_relations of each."""
    start = time.perf_counter()
    for number, example in enumerate(server.client.list_examples(project), 1):
        server.client.list_spans(project, example.id)
        server.client.list_relations(project, example.id)
        if number == sample:
            break
    return (time.perf_counter() - start) / number


def requests_a_second(server: Transport, project: int, examples: list[int], seconds: float = 4.0) -> float:
    """What the server answers of what a pull asks: the best of one and of four at a time."""
    kinds = ("spans",)
    paths = [f"projects/{project}/examples/{one}/{kind}" for one in examples for kind in kinds]
    best = 0.0
    for threads in (1, 4):
        with ThreadPoolExecutor(threads) as pool:
            start, done = time.perf_counter(), 0
            while time.perf_counter() - start < seconds:
                some = [paths[(done + number) % len(paths)] for number in range(12)]
                list(pool.map(server.get, some))
                done += len(some)
            best = max(best, done / (time.perf_counter() - start))
    return best


def touch(study: Study, person: Person, project: int, examples: list[int], *, confirm: bool) -> None:
    """A person draws one label on each of these examples, and confirms it."""
    server = connect_as(study, person.user, person.password)
    kinds = {one["text"]: one["id"] for one in server.get_list(f"projects/{project}/span-types")}

    def one_of(example: int) -> None:
        path = f"projects/{project}/examples/{example}"
        body = {"label": kinds["ACTOR"], "start_offset": 0, "end_offset": 7}
        server.send("POST", f"{path}/spans", json=body)
        if confirm:
            server.send("POST", f"{path}/states", json={})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one_of, examples))
    server.close()


def size(root: Path, count: int, person: Person, touched: float, sample: int, table: Table) -> None:
    """Everything for one number of passages."""
    print(f"{count} passages, {count * len(DATES)} suggestions", flush=True)
    passages = passages_of(count)
    suggestions: dict[str, list[Suggestion]] = {one.passage_id: [] for one in passages}
    for one in suggestions_of(passages):
        suggestions[one.passage_id].append(one)
    study = make_study(root / f"study-{count}", [person], passages)
    server = connect(study)

    bare = bare_import(server, passages, suggestions)
    table.add("server's own import of the same files", f"{bare:.1f} s")
    pushed = ours("push", study.root)
    table.add("push", f"{pushed['seconds']:.1f} s", f"{pushed['seconds'] / bare:.2f} of the import")
    table.add("  of it our own processor time", f"{pushed['cpu']:.1f} s")
    table.add("  peak memory", f"{pushed['megabytes']:.0f} MB")
    each = client_push(server, passages[:sample], suggestions)
    table.add(
        f"doccano-client, from {sample} passages",
        f"{each * count:.0f} s",
        f"push is {each * count / pushed['seconds']:.0f} times faster",
    )
    again = ours("push", study.root)
    table.add("push again, nothing to do", f"{again['seconds']:.1f} s")

    remote = campaign.find_projects(server, study.config.study.id, "spans")[person.user]
    examples = [one.example for one in read_archive(server, remote.project_id)]
    step = max(1, round(1 / touched))
    touch(study, person, remote.project_id, examples[::step], confirm=True)
    by_database, in_full = (Path(f"{study.root}-{name}") for name in ("database", "full"))
    for copy in (by_database, in_full):
        shutil.copytree(study.root, copy)
    loop = client_pull(server, remote.project_id, sample) * count
    table.add(f"doccano-client's loop of a pull, from {sample} passages", f"{loop:.0f} s")
    database = ours("pull", by_database, "database=embedded")
    http = ours("pull", study.root)
    assert database["events"] == http["events"], (database["events"], http["events"])
    table.add(
        f"pull, {len(examples[::step])} touched, by database",
        f"{database['seconds']:.1f} s",
        f"{loop / database['seconds']:.0f} times faster",
    )
    table.add("  peak memory", f"{database['megabytes']:.0f} MB")
    table.add(
        f"pull, {len(examples[::step])} touched, by HTTP",
        f"{http['seconds']:.1f} s",
        f"{loop / http['seconds']:.1f} times faster",
    )
    table.add("  peak memory", f"{http['megabytes']:.0f} MB")
    rate = requests_a_second(server, remote.project_id, examples)
    full = ours("pull", in_full, "full")
    # Label lists of all, states of those that are confirmed.
    needed = (count + len(examples[::step])) / rate
    table.add("label lists a second that the server answers, 1 or 4 at a time", f"{rate:.0f}")
    table.add(
        "pull, every passage looked at, by HTTP",
        f"{full['seconds']:.1f} s",
        f"{full['seconds'] / needed:.2f} of {needed:.1f} s",
    )
    touch(study, person, remote.project_id, examples[1 : 10 * step : step], confirm=False)
    export = bare_export(server, remote.project_id)
    second = ours("pull", study.root)
    assert second["events"].get("label_appeared") == 10, second["events"]
    table.add("one export of the server", f"{export:.1f} s")
    table.add(
        "second pull, ten labels drawn",
        f"{second['seconds']:.1f} s",
        f"export + {second['seconds'] - export:.1f} s",
    )
    table.add("  of it our own processor time", f"{second['cpu']:.1f} s")
    server.close()


def main() -> None:
    """Parse, start a server, measure each size, stop the server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, nargs="+", default=[1000, 3000])
    parser.add_argument("--touched", type=float, default=0.1)
    parser.add_argument("--sample", type=int, default=40)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", nargs="+")
    options = parser.parse_args()
    if options.child:
        child(options.child)
        return
    with tempfile.TemporaryDirectory(prefix="annotate-bench-") as folder:
        home = Path(folder) / "home"
        os.environ["DOCCANO_HOME"] = str(home)
        try:
            embedded.start(home, port=None, progress=lambda text: None)
            person = Person("bench-annotator", "Pw-bench-4711-quay")
            embedded.add_user(home, person.user, person.password, progress=lambda text: None)
            results = {}
            for count in options.passages:
                table = Table()
                size(Path(folder), count, person, options.touched, options.sample, table)
                results[count] = table.rows
            if options.json:
                options.json.write_text(json.dumps(results, indent=1), encoding="utf-8")
        finally:
            embedded.stop(home)


if __name__ == "__main__":
    main()
