"""`annotate suggest --list`: what can suggest here, and what already has."""

from __future__ import annotations

from dataclasses import dataclass

from annotate.store.study import Study
from annotate.store.suggestions import read_runs


@dataclass(frozen=True, slots=True)
class Available:
    """A suggester that ``--with`` takes, or (kind ``has run``) one that left suggestions in the study."""

    name: str
    kind: str
    about: str


def suggesters(study: Study) -> list[Available]:
    """Components, packages, addresses of annotate.toml, files, and past runs. Asks nobody.

    Raises BadInput where a stored run is damaged.
    """
    from annotate.nlp.listing import components, packages
    from annotate.remote.endpoint import host_of

    usual = study.config.pass_settings("spans").suggest
    found = [
        Available(name, "spaCy component", f"{module}{', run by default' if name in usual else ''}")
        for name, module in components()
    ]
    found += [Available(name, "spaCy pipeline", about) for name, about in packages()]
    found += [
        Available(name, "trained pipeline", f"under the components for {language}")
        for language, name in sorted(study.config.pass_settings("spans").pipelines.items())
    ]
    found += [
        Available(name, "service", f"sends texts to {host_of(section.url)}, version {section.version}")
        for name, section in sorted(study.config.suggesters.items())
    ]
    found.append(Available("jsonl:FILE", "file", "suggestions as JSON lines, see docs/plugins.md"))
    totals: dict[tuple[str, str], list[int]] = {}
    for run in read_runs(study):
        total = totals.setdefault((run.agent, run.agent_version), [0, 0])
        total[0] += len(run.passages_seen)
        total[1] += len(run.suggestions)
    found += [
        Available(f"{agent} {version}", "has run", f"{seen} passages read, {made} suggestions")
        for (agent, version), (seen, made) in sorted(totals.items())
    ]
    return found
