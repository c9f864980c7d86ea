"""Who was given what, what is done, and how that went from pull to pull."""

from __future__ import annotations

from annotate.core.figures.material import Material
from annotate.core.figures.sheets import Section, Sheet, count, share, text


def progress_section(material: Material) -> Section:
    """Passages given and confirmed by annotator, and over time by pull."""
    title = "Progress"
    assignments = material.dataset.assignments
    if not assignments:
        return Section("progress", title, ("No passage was pushed to an annotator yet.",))
    given = len(assignments)
    confirmed = sum(one.status == "confirmed" for one in assignments)
    words = [
        f"{confirmed} of {given} assignments are confirmed. An assignment is one passage in one annotator's "
        "project; it counts as confirmed when a person marked it as done."
    ]
    if not material.steps:
        words.append("Nothing was pulled yet, so there is no course of time to show.")
        return Section("progress", title, tuple(words), (_by_annotator(material),))
    return Section("progress", title, tuple(words), (_by_annotator(material), _by_pull(material)))


def _by_annotator(material: Material) -> Sheet:
    data = material.dataset
    rows = []
    for pass_name, who in sorted({(one.pass_, one.assignee) for one in data.assignments}):
        own = [one for one in data.assignments if (one.pass_, one.assignee) == (pass_name, who)]
        done = sum(one.status == "confirmed" for one in own)
        waiting = sum(one.status == "open" for one in own)
        labels = [one for one in data.labels if (one.pass_, one.annotator) == (pass_name, who)]
        ready = sum(one.status == "confirmed" for one in labels)
        last = max((one.confirmed_at for one in own), default="")
        rows.append(
            (
                *(who, pass_name, len(own), done, waiting, len(own) - done - waiting),
                *(round(done / len(own), 6), ready, len(labels) - ready, last),
            )
        )
    columns = (
        *(text("annotator", "Annotator"), text("pass", "Pass")),
        *(count("given", "Passages given"), count("confirmed", "Confirmed"), count("open", "Open")),
        *(count("set_aside", "Set aside"), share("share", "Confirmed share")),
        *(count("labels", "Labels confirmed"), count("drafts", "Drafts"), text("last", "Last confirmation")),
    )
    caption = "Passages and labels by annotator. “Set aside”: edited or deleted on the server"
    return Sheet("by_annotator", caption, columns, tuple(rows))


def _by_pull(material: Material) -> Sheet:
    columns = (
        *(text("pull", "Pull"), text("at", "Recorded"), text("pass", "Pass")),
        *(text("annotator", "Annotator"), count("given", "Passages given"), count("confirmed", "Confirmed")),
    )
    rows = tuple(
        (one.pull, one.at, one.pass_name, one.annotator, one.given, one.confirmed) for one in material.steps
    )
    return Sheet("by_pull", "Passages given and confirmed at each pull", columns, rows)
