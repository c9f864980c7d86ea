"""Measure push and pull against the server itself and against doccano-client's own calls, in one run:

    python benchmarks/sync.py --passages 1000 3000 [--touched 0.1] [--sample 40] [--json FILE] [--growth]
    python benchmarks/sync.py --plot docs/growth.json

Starts a fresh embedded server in a temporary folder and fills it with invented passages of some 400
characters, five suggestions each. What would take hours (one request a label) is measured on a stated
sample and multiplied; such lines say so. Compare ratios, not seconds: the machine is whatever it is.

``--growth`` leaves out what is not about size (reading every passage over HTTP). ``--json`` adds the
figures of each size to a file; ``--plot`` draws such a file and writes its figures as a table into the
page of the same name.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "server"))

from growth import draw  # noqa: E402
from small_studies import CONFIG, CONFIG_SHA256, Person, write_study  # noqa: E402

from annotate.core.ids import content_id  # noqa: E402
from annotate.core.model import Passage, Piece, Suggestion, SuggestionRun  # noqa: E402
from annotate.doccano import archive, campaign, embedded, importing, wire  # noqa: E402
from annotate.doccano.transport import Transport  # noqa: E402
from annotate.flows.connecting import connect, connect_as  # noqa: E402
from annotate.store.built import Built, write_built  # noqa: E402
from annotate.store.study import Study  # noqa: E402
from annotate.store.suggestions import named, write_run  # noqa: E402

DATES = ("3. April 1970", "5. Mai 1971", "im Jahr 1999", "am 12. 7. 2003", "2018")
FILLER = "Die Abordnung aus Vesk besichtigte die Werft und sprach mit den Leuten am Kai. "


@dataclass
class Table:
    """Rows of (what, value, compared with), printed as they come, and the bare figures by name."""

    keep: Callable[[dict[str, float]], None]
    rows: list[tuple[str, str, str]] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)

    def figure(self, name: str, value: float) -> None:
        """A figure; kept at once, for a run of hours may be ended before its time."""
        self.figures[name] = round(value, 2)
        self.keep(self.figures)

    def add(self, what: str, value: str, ratio: str = "") -> None:
        self.rows.append((what, value, ratio))
        print(f"  {what:<74} {value:>12}  {ratio}", flush=True)

    def run(self, name: str, what: str, done: dict[str, Any], ratio: str = "") -> None:
        """A run of ours: its seconds, the processor's share of them, and the peak of its memory."""
        for key in ("seconds", "cpu", "megabytes"):
            self.figure(f"{name}_{key}", done[key])
        self.add(what, f"{done['seconds']:.1f} s", ratio)
        self.add("  of it our own processor time", f"{done['cpu']:.1f} s")
        self.add("  peak memory", f"{done['megabytes']:.0f} MB")


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


def peak_megabytes() -> float:
    """The most memory this process ever had. ``ru_maxrss`` would be at least what our parent has."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


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
                "megabytes": peak_megabytes(),
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


def push_and_compare(
    study: Study, server: Transport, passages: list[Passage], sample: int, table: Table
) -> None:
    """The server's own import, ours, ours again, and doccano-client's way."""
    suggestions: dict[str, list[Suggestion]] = {one.passage_id: [] for one in passages}
    for one in suggestions_of(passages):
        suggestions[one.passage_id].append(one)
    before = bare_import(server, passages, suggestions)
    pushed = ours("push", study.root)
    # The machine may be busier in one moment than in another: what comes before and after is averaged.
    # One passage less makes it another project with other keys.
    after = bare_import(server, passages[:-1], suggestions)
    bare = (before + after) / 2
    table.add("server's own import of the same files", f"{bare:.1f} s", f"{before:.1f} s, {after:.1f} s")
    table.figure("import_seconds", bare)
    table.run("push", "push", pushed, f"{pushed['seconds'] / bare:.2f} of the import")
    each = client_push(server, passages[:sample], suggestions) * len(passages)
    table.figure("client_push_seconds", each)
    table.add(
        f"doccano-client, from {sample} passages",
        f"{each:.0f} s",
        f"push is {each / pushed['seconds']:.0f} times faster",
    )
    table.run("push_again", "push again, nothing to do", ours("push", study.root))


def first_pulls(
    study: Study, server: Transport, project: int, touched: list[int], loop: float, table: Table
) -> None:
    """By database on a copy of the study, and by HTTP: the same events."""
    copy = Path(f"{study.root}-database")
    shutil.copytree(study.root, copy)
    database = ours("pull", copy, "database=embedded")
    http = ours("pull", study.root)
    assert database["events"] == http["events"], (database["events"], http["events"])
    for name, what, done in (("pull_database", "by database", database), ("pull_http", "by HTTP", http)):
        ratio = f"{loop / done['seconds']:.1f} times faster"
        table.run(name, f"pull, {len(touched)} touched, {what}", done, ratio)


def full_pull(
    server: Transport, project: int, study: Path, examples: list[int], states: int, table: Table
) -> None:
    """Every passage looked at over HTTP, compared with what the server can answer at all."""
    rate = requests_a_second(server, project, examples)
    full = ours("pull", study, "full")
    # Label lists of all, states of those that are confirmed.
    needed = (len(examples) + states) / rate
    table.add("label lists a second that the server answers, 1 or 4 at a time", f"{rate:.0f}")
    ratio = f"{full['seconds'] / needed:.2f} of {needed:.1f} s"
    table.run("pull_full", "pull, every passage looked at, by HTTP", full, ratio)


def size(
    root: Path, count: int, person: Person, touched: float, sample: int, table: Table, *, growth: bool
) -> None:
    """Everything for one number of passages."""
    print(f"{count} passages, {count * len(DATES)} suggestions", flush=True)
    passages = passages_of(count)
    study = make_study(root / f"study-{count}", [person], passages)
    server = connect(study)
    push_and_compare(study, server, passages, sample, table)
    project = campaign.find_projects(server, study.config.study.id, "spans")[person.user].project_id
    examples = sorted(one.example for one in archive.sketches(server, project))
    step = max(1, round(1 / touched))
    touch(study, person, project, examples[::step], confirm=True)
    in_full = Path(f"{study.root}-full")
    shutil.copytree(study.root, in_full)
    loop = client_pull(server, project, sample) * count
    table.figure("client_pull_seconds", loop)
    table.add(f"doccano-client's loop of a pull, from {sample} passages", f"{loop:.0f} s")
    first_pulls(study, server, project, examples[::step], loop, table)
    if not growth:
        full_pull(server, project, in_full, examples, len(examples[::step]), table)
    touch(study, person, project, examples[1 : 10 * step : step], confirm=False)
    export = bare_export(server, project)
    second = ours("pull", study.root)
    assert second["events"].get("label_appeared") == 10, second["events"]
    table.figure("export_seconds", export)
    table.add("one export of the server", f"{export:.1f} s")
    ratio = f"export + {second['seconds'] - export:.1f} s"
    table.run("second_pull", "second pull, ten labels drawn", second, ratio)
    server.close()


def keep(path: Path | None, count: int, figures: dict[str, float]) -> None:
    """Add the figures of one size to a file of them, where one is wanted."""
    if path is None:
        return
    kept = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    kept[str(count)] = figures
    by_size = dict(sorted(kept.items(), key=lambda one: int(one[0])))
    path.write_text(json.dumps(by_size, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Parse, start a server, measure each size, stop the server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, nargs="+", default=[1000, 3000])
    parser.add_argument("--touched", type=float, default=0.1)
    parser.add_argument("--sample", type=int, default=40)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--child", nargs="+")
    options = parser.parse_args()
    if options.child:
        child(options.child)
        return
    if options.plot:
        draw(options.plot)
        return
    with tempfile.TemporaryDirectory(prefix="annotate-bench-") as folder:
        home = Path(folder) / "home"
        os.environ["DOCCANO_HOME"] = str(home)
        try:
            embedded.start(home, port=None, progress=lambda text: None)
            person = Person("bench-annotator", "Pw-bench-4711-quay")
            embedded.add_user(home, person.user, person.password, progress=lambda text: None)
            for count in options.passages:
                table = Table(keep=partial(keep, options.json, count))
                root = Path(folder)
                size(root, count, person, options.touched, options.sample, table, growth=options.growth)
        finally:
            embedded.stop(home)


if __name__ == "__main__":
    main()
