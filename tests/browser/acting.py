"""What Ann and Bob do in their browsers, and what must come of it.

Each has their own way: Ann takes labels from the menu, Bob from keys and the list at the side.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pages import AnnotationPage, LoginPage, ProjectList
from playwright.sync_api import Browser, Page
from small_studies import Campaign, Person, Told

PATIENCE = 60_000
"""Milliseconds for each wait: Doccano's first page takes its time on a busy machine."""

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
TEXTS = {
    "quay.txt": "Küstenbote Nord, 2020-04-25\r\n\r\n"
    f"Hallo 😀 Familie {FAMILY} Ko\u0308nig! Am 3. April 1970 kam Minister Vesk nach Berlin, und die "
    "Bru\u0308cke über den Sund war ein 🎉 unver\u00adgleichlicher Sieg des Volkes. Seit 1999 gilt sie als "
    "sicher, sagte Vesk am 5. Mai 1971.\r\n\r\nEr lobte die Arbeiter.\r\n",
    "slogan.txt": "🎺 Auf der Wand stand 1984 zu lesen: „Alle Züge nach Norden!“\n",
}
SUGGESTED = ("2020-04-25", "3. April 1970", "1999", "Mai 1971")
TOLD = (*(Told("quay.txt", quote) for quote in SUGGESTED), Told("slogan.txt", "1984"))

ANN_LABELS = {
    ("ACTOR", "Minister Vesk", "manual", "confirmed"),
    ("CLAIM", "kam Minister Vesk nach Berlin", "manual", "confirmed"),
    ("EXAGGERATE", "unvergleichlicher Sieg", "manual", "confirmed"),
    ("VAGUE", f"{FAMILY} Ko\u0308nig", "manual", "confirmed"),
    ("DATE", "3. April 1970", "accepted", "confirmed"),
    ("DATE", "5. Mai 1971", "edited", "confirmed"),
    ("PUB", "2020-04-25", "edited", "confirmed"),
    ("SLOGAN", "„Alle Züge nach Norden!“", "manual", "draft"),
}
BOB_LABELS = {
    ("ACTOR", "Vesk", "manual", "confirmed"),
    ("CUE", "sagte", "manual", "confirmed"),
    ("EXAGGERATE", "🎉 unvergleichlicher Sieg des Volkes", "manual", "confirmed"),
    ("DATE", "3. April 1970", "accepted", "confirmed"),
    ("DATE", "am 5. Mai 1971", "edited", "confirmed"),
    ("VAGUE", "1999", "edited", "confirmed"),
}
ANN_RELATIONS = {
    ("stated_by", "kam Minister Vesk nach Berlin", "Minister Vesk"),
    ("dates", "3. April 1970", "kam Minister Vesk nach Berlin"),
}
BOB_RELATIONS = {("targets", "🎉 unvergleichlicher Sieg des Volkes", "Vesk")}
ANN_FATES = {
    "2020-04-25": "edited",
    "3. April 1970": "accepted",
    "1999": "rejected",
    "Mai 1971": "edited",
    "1984": "untouched",
}
BOB_FATES = {**ANN_FATES, "2020-04-25": "rejected", "1999": "edited"}
ANN_COMMENT = "„Minister“ wovon? 🤔"
BOB_COMMENT = "Which bridge?"


@dataclass
class Seen:
    """What one person's browser showed and what went wrong in it."""

    projects: list[str]
    suggestions: list[tuple[str, str]]
    colours: dict[str, str]
    guideline: str
    before_confirming: list[tuple[str, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@dataclass
class Worked:
    """The campaign after both have worked, and the dataset made of it."""

    campaign: Campaign
    seen: dict[str, Seen]
    folder: Path

    def table(self, name: str) -> list[dict[str, str]]:
        """Rows of a table of the dataset."""
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def project(self, person: Person) -> int:
        """A person's project on the server."""
        return self.campaign.remotes()[person.user].project_id

    def people(self) -> Iterator[tuple[Person, str, int]]:
        """Each person with pseudonym and project."""
        for number, person in enumerate(self.campaign.people, 1):
            yield person, f"A{number}", self.project(person)


@contextmanager
def screen_of(browser: Browser, seen: list[str]) -> Iterator[Page]:
    """A browser window of one's own; what fails in it is written down."""
    context = browser.new_context(viewport={"width": 1400, "height": 1150}, locale="en-GB")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.on("pageerror", lambda error: seen.append(f"script: {error}"))
    page.on(
        "response",
        lambda r: seen.append(f"{r.status} {r.request.method} {r.url}") if r.status >= 400 else None,
    )
    try:
        yield page
    finally:
        context.close()


def arrive(
    page: Page, url: str, person: Person, project: int, name: str, artifacts: Path
) -> tuple[AnnotationPage, Seen]:
    LoginPage(page, url).log_in(person.user, person.password)
    projects = ProjectList(page).names()
    passage = AnnotationPage(page, url, project)
    passage.open(1)
    seen = Seen(projects, passage.drawn(), passage.colours(), "")
    passage.screenshot(artifacts / f"{name}-1-suggestions.png")
    seen.guideline = passage.open_guideline()
    passage.screenshot(artifacts / f"{name}-2-guideline.png")
    passage.close_guideline()
    return passage, seen


def ann_works(page: Page, url: str, person: Person, project: int, artifacts: Path) -> Seen:
    passage, seen = arrive(page, url, person, project, "ann", artifacts)
    passage.label_by_menu("Minister Vesk", "ACTOR")
    passage.label_by_menu("kam Minister Vesk nach Berlin", "CLAIM")
    passage.label_by_menu("unvergleichlicher Sieg", "EXAGGERATE")
    passage.label_by_menu(f"{FAMILY} Ko\u0308nig", "VAGUE")
    passage.delete("DATE", "1999")
    passage.delete("DATE", "Mai 1971")
    passage.label_by_menu("5. Mai 1971", "DATE")
    passage.relabel("DATE", "2020-04-25", "PUB")
    claim = ("CLAIM", "kam Minister Vesk nach Berlin")
    passage.relate("stated_by", claim, ("ACTOR", "Minister Vesk"))
    passage.relate("dates", ("DATE", "3. April 1970"), claim)
    passage.comment(ANN_COMMENT)
    seen.before_confirming = passage.drawn()
    passage.confirm()
    passage.screenshot(artifacts / "ann-3-done.png")
    passage.open(2)
    passage.label_by_menu("„Alle Züge nach Norden!“", "SLOGAN")
    passage.screenshot(artifacts / "ann-4-draft.png")
    return seen


def bob_works(page: Page, url: str, person: Person, project: int, artifacts: Path) -> Seen:
    passage, seen = arrive(page, url, person, project, "bob", artifacts)
    passage.press_key("o")
    passage.label_selected("Vesk", nth=2)
    passage.press_key("q")
    passage.label_selected("sagte")
    passage.choose_chip("EXAGGERATE")
    passage.label_selected("🎉 unvergleichlicher Sieg des Volkes")
    passage.delete("DATE", "2020-04-25")
    passage.delete("DATE", "Mai 1971")
    passage.choose_chip("DATE")
    passage.label_selected("am 5. Mai 1971")
    passage.release_chip("DATE")
    passage.relabel("DATE", "1999", "VAGUE")
    passage.relate("targets", ("EXAGGERATE", "🎉 unvergleichlicher Sieg des Volkes"), ("ACTOR", "Vesk", 2))
    passage.comment(BOB_COMMENT)
    seen.before_confirming = passage.drawn()
    passage.confirm()
    passage.screenshot(artifacts / "bob-3-done.png")
    return seen
