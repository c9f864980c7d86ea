"""A campaign on the server: one collaborative project per annotator, found again by its marker.

The marker stands in the project's description. It names study, pass and annotator, and a random
word that the ledger repeats: a project of the same name on a wiped server is not taken for ours.
"""

from __future__ import annotations

import re
import secrets
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from annotate.core.errors import Conflict, Problem, ServerFailure
from annotate.core.ids import content_id
from annotate.core.scheme import LabelType, RelationType, Scheme
from annotate.doccano.transport import Transport, through_client
from annotate.doccano.wire import field

PROJECT_ADMIN, ANNOTATOR = "project_admin", "annotator"
_MARKER = re.compile(r"\[annotate ([^\s/]+)/([^\s/]+)/([^\s/]+)/([0-9a-f]{16})\]")

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Marker:
    """What makes a project ours."""

    study: str
    pass_name: str
    user: str
    word: str

    def __str__(self) -> str:
        return f"[annotate {self.study}/{self.pass_name}/{self.user}/{self.word}]"

    @property
    def key(self) -> str:
        """The project's key in the ledger."""
        return content_id("prj", [self.study, self.pass_name, self.user, self.word])


def new_marker(study: str, pass_name: str, user: str) -> Marker:
    """A marker with a fresh random word."""
    return Marker(study, pass_name, user, secrets.token_hex(8))


def marker_of(project: Record) -> Marker | None:
    """The marker in a project's description, if there is one."""
    return marker_in(str(project.get("description") or ""))


def marker_in(description: str) -> Marker | None:
    """The marker in a text, if there is one."""
    match = _MARKER.search(description)
    return Marker(*match.groups()) if match else None


@dataclass(frozen=True, slots=True)
class Remote:
    """A project of ours as it stands on the server.

    ``twins`` are later projects for the same annotator: a request to make one that was sent twice, or
    two operators at once. Push removes those that are empty.
    """

    project_id: int
    name: str
    marker: Marker
    guideline: str
    settings: Record
    twins: tuple[int, ...] = ()


def find_projects(
    server: Transport, study: str, pass_name: str, *, known: frozenset[str] = frozenset()
) -> dict[str, Remote]:
    """Our projects of a pass by annotator: of several the one whose key is ``known``, or the oldest.

    Raises Conflict when an annotator has two that are in use.
    """
    several: dict[str, list[Remote]] = defaultdict(list)
    for project in server.pages("projects"):
        marker = marker_of(project)
        if marker is not None and (marker.study, marker.pass_name) == (study, pass_name):
            remote = Remote(
                field(project, "id", int), field(project, "name", str), marker, project["guideline"], project
            )
            several[marker.user].append(remote)
    return {user: _the_one(server, found, known) for user, found in several.items()}


def _the_one(server: Transport, found: list[Remote], known: frozenset[str]) -> Remote:
    first, *others = sorted(found, key=lambda one: (one.marker.key not in known, one.project_id))
    for other in others:
        if not _is_unused(server, other.project_id):
            raise Conflict(
                f"the server has two projects of this study for {first.marker.user!r}: "
                f"{first.project_id} and {other.project_id}",
                hint="look at both; delete the one that was not made by `annotate push`",
            )
    return replace(first, twins=tuple(one.project_id for one in others))


def _is_unused(server: Transport, project_id: int) -> bool:
    """Whether nobody but the service account is in a project, and nothing."""
    page = server.get(f"projects/{project_id}/examples", {"limit": 1})
    return field(page, "count", int) == 0 and members(server, project_id).keys() <= {server.user}


def remove_twins(server: Transport, remote: Remote) -> None:
    """Delete the unused twins of a project."""
    for twin in remote.twins:
        if _is_unused(server, twin):
            server.send("DELETE", f"projects/{twin}")


REQUIRED_SETTINGS = {
    "collaborative_annotation": True,
    "allow_overlapping": True,
    "grapheme_mode": False,
    "use_relation": True,
    "random_order": False,
}
"""What our reading of a project relies on. Offsets would mean something else with grapheme_mode."""


def create_project(server: Transport, marker: Marker, name: str, guideline: str) -> int:
    """Make an empty project; its id."""
    created = through_client(
        server.client.create_project,
        name=name[:100],
        project_type="SequenceLabeling",
        description=f"Passages for one annotator. Please leave this line as it is: {marker}",
        guideline=guideline,
        **REQUIRED_SETTINGS,
    )
    if not isinstance(created.id, int):
        raise ServerFailure("the server made a project but did not say which")
    return created.id


def settings_problems(remote: Remote) -> Iterator[Problem]:
    """Settings of a project that somebody changed and that we rely on."""
    for name, wanted in REQUIRED_SETTINGS.items():
        if remote.settings.get(name) != wanted:
            yield Problem(
                remote.name,
                0,
                f"{name} is {remote.settings.get(name)!r} on the server, must be {wanted!r}",
                "change it back in the project's settings",
            )


@dataclass(frozen=True, slots=True)
class TypeChange:
    """A label or relation type to create (``type_id`` None) or to bring in line with the scheme.

    ``release``: another type needs the key that this one holds now, so it is taken away first.
    """

    resource: str
    name: str
    type_id: int | None
    body: Record
    release: bool = False


@dataclass(frozen=True, slots=True)
class TypePlan:
    """What the server's types lack, and keys that a type which is not the scheme's has taken."""

    changes: tuple[TypeChange, ...]
    problems: tuple[Problem, ...]


def plan_types(
    scheme: Scheme, pass_name: str, shown: str, span_types: Sequence[Record], relation_types: Sequence[Record]
) -> TypePlan:
    """Compare the server's types with the scheme; ``shown`` names the project in problems.

    Types are never deleted: Doccano would delete their labels too.
    """
    labels = _plan_resource("span-types", shown, scheme.labels_of(pass_name), span_types)
    relations = _plan_resource("relation-types", shown, scheme.relations_of(pass_name), relation_types)
    return TypePlan((*labels.changes, *relations.changes), (*labels.problems, *relations.problems))


def _plan_resource(
    resource: str, shown: str, wanted: Sequence[LabelType | RelationType], present: Sequence[Record]
) -> TypePlan:
    there = {field(one, "text", str): one for one in present}
    ours = {kind.name for kind in wanted}
    holders = {one.get("suffix_key"): name for name, one in there.items() if one.get("suffix_key")}
    changes: dict[str, TypeChange] = {}
    problems: list[Problem] = []
    for kind in wanted:
        holder = holders.get(kind.hotkey)
        blocked = holder is not None and holder not in ours
        if blocked:
            # Doccano refuses a key twice; the type matters more than its key.
            problems.append(_key_problem(shown, kind.name, kind.hotkey, holder))
        body = _type_body(kind.name, None if blocked else kind.hotkey, kind.background, kind.text)
        known = there.get(kind.name)
        if known is None:
            changes[kind.name] = TypeChange(resource, kind.name, None, body)
        elif any(known.get(name) != value for name, value in body.items()):
            changes[kind.name] = TypeChange(resource, kind.name, field(known, "id", int), body)
    needed = {change.body["suffix_key"]: name for name, change in changes.items()}
    for key, holder in holders.items():
        if holder in changes and needed.get(key, holder) != holder:
            changes[holder] = replace(changes[holder], release=True)
    return TypePlan(tuple(changes.values()), tuple(problems))


def _key_problem(shown: str, name: str, hotkey: str | None, holder: str | None) -> Problem:
    return Problem(
        shown,
        0,
        f"the key {hotkey!r} of {name} is taken by {holder!r}, which is not in the scheme",
        f"take the key from {holder!r} in the project's settings, or give it its old name back; "
        "deleting it would delete its labels",
    )


def _type_body(name: str, hotkey: str | None, background: str, text: str) -> Record:
    return {
        "text": name,
        "prefix_key": None,
        "suffix_key": hotkey,
        "background_color": background,
        "text_color": text,
    }


def apply_type_changes(server: Transport, project_id: int, changes: Sequence[TypeChange]) -> None:
    """Create and update types, one request each; keys that change hands are taken away first."""
    for change in changes:
        if change.release:
            path = f"projects/{project_id}/{change.resource}/{change.type_id}"
            server.send("PATCH", path, json={**change.body, "suffix_key": None})
    for change in changes:
        path = f"projects/{project_id}/{change.resource}"
        if change.type_id is None:
            server.send("POST", path, json=change.body)
        else:
            server.send("PATCH", f"{path}/{change.type_id}", json=change.body)


def type_names(server: Transport, project_id: int) -> tuple[dict[str, str], dict[str, str]]:
    """Names of label types and of relation types by id (as JSON keys)."""
    base = f"projects/{project_id}"
    return tuple(  # type: ignore[return-value]
        {str(field(one, "id", int)): field(one, "text", str) for one in server.get_list(f"{base}/{resource}")}
        for resource in ("span-types", "relation-types")
    )


def user_ids(server: Transport) -> dict[str, int]:
    """Accounts of the server by name."""
    return {field(one, "username", str): field(one, "id", int) for one in server.get_list("users")}


def members(server: Transport, project_id: int) -> dict[str, str]:
    """Role by user name of a project's members."""
    found = server.get_list(f"projects/{project_id}/members")
    return {field(one, "username", str): field(one, "rolename", str) for one in found}


def add_annotator(server: Transport, project_id: int, user: str) -> None:
    """Make an account a member with the annotator's role."""
    through_client(server.client.add_member, project_id, user, ANNOTATOR)


def update_guideline(server: Transport, remote: Remote, guideline: str) -> None:
    """Replace the guideline that annotators read."""
    body = {"guideline": guideline, "resourcetype": remote.settings["resourcetype"]}
    server.send("PATCH", f"projects/{remote.project_id}", json=body)


def foreign_labels_readable(server: Transport, own_project: int, foreign_example: int) -> bool:
    """Whether this server hands out labels of another project's example: Doccano 1.8.4 does.

    Asked with an own project id and a foreign example id in the path; needs membership only.
    """
    response = server.probe(f"projects/{own_project}/examples/{foreign_example}/spans")
    return response == 200


def examples_have_assignments(example: Record) -> bool:
    """Doccano 1.8.5 shows annotators only what was assigned to them."""
    return "assignments" in example


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of one project: confirmed examples, span labels by the name of their user."""

    confirmed: int
    labels_by_user: dict[str, int]


def progress(server: Transport, project_id: int) -> Progress:
    """Two requests, whatever the size of the project."""
    base = f"projects/{project_id}"
    page = server.get(f"{base}/examples", {"limit": 1, "confirmed": "true"})
    distribution = server.get(f"{base}/metrics/span-distribution")
    return Progress(
        confirmed=field(page, "count", int),
        labels_by_user={
            str(user): sum(int(count) for count in labels.values()) for user, labels in distribution.items()
        },
    )
