"""`annotate suggest`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from annotate.cli.context import console, emit_json, out, progress_bar, study
from annotate.core.errors import UsageError

if TYPE_CHECKING:
    from annotate.flows.suggest import SuggestPlan, SuggestReport

With = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        metavar="PIPELINE",
        help="A spaCy component, a saved pipeline's folder, an installed package, jsonl:FILE, or the name "
        "of a [suggesters] section in annotate.toml; may be repeated. Default: passes.spans.suggest there.",
    ),
]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="OLD=NEW", help="Take the pipeline's label OLD as the scheme's NEW."),
]
Base = Annotated[
    list[str] | None,
    typer.Option(
        "--base",
        metavar="LANGUAGE=PIPELINE",
        help="A trained spaCy pipeline (package or folder) that suggesters of a language stand behind; may "
        "be repeated. Default: passes.spans.pipelines in annotate.toml. LANGUAGE= alone means none.",
    ),
]
SkipBad = Annotated[
    bool,
    typer.Option("--skip-bad", help="Leave out what a file or an address says wrongly and store the rest."),
]
List = Annotated[bool, typer.Option("--list", help="Show which suggesters there are, and do nothing.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done and do nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output.")]


def suggest(
    with_: With = None,
    map_: Map = None,
    base: Base = None,
    skip_bad: SkipBad = False,
    list_: List = False,
    dry_run: DryRun = False,
    json: AsJson = False,
) -> None:
    """Let spaCy pipelines, files or services suggest labels.

    Suggestions are not labels until a person confirms the passage. Each passage is shown to a
    suggester once; run it again after new sources came in.
    """
    from annotate.flows import suggest as flow

    if list_:
        _list(json)
        return
    renames, bases = _renames(map_ or []), _bases(base or [])
    if dry_run:
        made = flow.plan(study(), with_ or (), renames, bases)
        _tell(made)
        report = flow.dry_report(made)
    else:
        with progress_bar("reading passages") as advance:
            report = flow.suggest(
                study(), with_ or (), renames, bases=bases, skip_bad=skip_bad, tell=_tell, advance=advance
            )
    if json:
        leaving = [asdict(one.leaving) for one in made.tasks if one.leaving] if dry_run else []
        emit_json({"dry_run": dry_run, **asdict(report), **({"leaving": leaving} if leaving else {})})
    else:
        _show(report, dry_run)
    _warn(report)
    flow.require_complete(report)


def _list(json: bool) -> None:
    from annotate.flows.suggest_list import suggesters

    found = suggesters(study())
    if json:
        emit_json([asdict(one) for one in found])
        return
    for one in found:
        out.print(f"{one.name}: {one.kind}; {one.about}", markup=False)


def _tell(made: SuggestPlan) -> None:
    """Say what leaves this machine, before it does."""
    for task in made.tasks:
        leaving = task.leaving
        if leaving is None:
            continue
        if leaving.passages:
            console.print(
                f"{leaving.suggester}: {leaving.passages} passages ({leaving.characters} characters) go to "
                f"{leaving.host} in {leaving.requests} requests; fields: {', '.join(leaving.fields)}; of "
                f"{leaving.unstated} of them sources.csv does not say that they may be passed on",
                markup=False,
            )
        if leaving.kept_back:
            console.print(
                f"{leaving.suggester}: {leaving.kept_back} passages stay here, their sources must not be "
                "passed on (redistribution in sources.csv)",
                markup=False,
            )


def _renames(pairs: list[str]) -> dict[str, str]:
    split = [pair.partition("=") for pair in pairs]
    for pair, (old, _, new) in zip(pairs, split, strict=True):
        if not old or not new:
            raise UsageError(f"--map {pair!r} is not OLD=NEW", hint="for example --map PROMISE=PLEDGE")
    return {old: new for old, _, new in split}


def _bases(pairs: list[str]) -> dict[str, str]:
    split = [pair.partition("=") for pair in pairs]
    for pair, (language, sign, _) in zip(pairs, split, strict=True):
        if not language or not sign:
            raise UsageError(
                f"--base {pair!r} is not LANGUAGE=PIPELINE", hint="like --base en=en_core_web_sm"
            )
    return {language: name for language, _, name in split}


def _show(report: SuggestReport, dry_run: bool) -> None:
    for run in report.runs:
        who = f"{escape(run.agent)} {escape(run.agent_version)} ({', '.join(run.languages)})"
        if run.run_id:
            drawn = f" and {run.relations} relations" if run.relations else ""
            out.print(
                f"{who}: {run.passages} passages read, {run.suggestions} suggestions{drawn}, {run.run_id}"
            )
        elif dry_run and run.passages:
            out.print(f"{who}: would read {run.passages} passages, {run.seen_before} read before")
        else:
            out.print(f"{who}: already there, {run.seen_before} passages read before")


def _warn(report: SuggestReport) -> None:
    from annotate.flows.suggest_languages import told

    for run in report.runs:
        for label, count in run.unknown_labels.items():
            console.print(
                f"[yellow]warning:[/] {escape(run.agent)}: the scheme has no label {escape(label)}, "
                f"{count} spans left out (--map {escape(label)}=NEW maps it)"
            )
    for sentence in told(report.runs, report.unserved):
        console.print(f"[yellow]warning:[/] {escape(sentence)}")
