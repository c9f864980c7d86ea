"""Which labels were lost on the server by nobody's decision, and what putting them back takes: a pure plan.

Doccano deletes the labels of a label type or an account together with it, and everything on an example
with the example. Each pull keeps the label types and members that it saw, so the cause of what vanished
follows from what was observed. What has no such cause was deleted by a person, and stays deleted
unless somebody names it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, TypeVar

from annotate.core.dataset.labels import label_id
from annotate.core.errors import Problem
from annotate.core.ledger import Head
from annotate.core.restore_evidence import Evidence, Witness
from annotate.core.restored import Key, standing
from annotate.core.state import Confirmation, LabelSeen, Project, PushedPassage, RelationSeen, State

Cause = Literal["label-type", "account", "example", "named"]
CAUSES: Final[dict[str, str]] = {
    "label-type": "its label or relation type was deleted",
    "account": "the account that made it was deleted",
    "example": "its example was deleted",
    "named": "somebody asked for it by name",
}
"""Cause to what it says about a row."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What the operator asked for: only this pull, only these labels (dataset ids), only these causes."""

    pull: str = ""
    labels: frozenset[str] = frozenset()
    causes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LostLabel:
    """A label to put back, as it was when it was last seen; keys are those it had first."""

    seen: LabelSeen
    label_id: str
    cause: Cause
    vanished_in: str


@dataclass(frozen=True, slots=True)
class LostRelation:
    """A relation to put back; its ends are labels by the ids that they had first."""

    seen: RelationSeen
    cause: Cause


@dataclass(frozen=True, slots=True)
class LostConfirmation:
    """A confirmation to give again."""

    seen: Confirmation
    cause: Cause


@dataclass(frozen=True, slots=True)
class ProjectRestore:
    """Everything to put back in one project, in a fixed order.

    ``given_up_…`` stood on examples that come back and cannot come with them.
    """

    project: str
    name: str
    user: str
    passages: tuple[PushedPassage, ...] = ()
    labels: tuple[LostLabel, ...] = ()
    relations: tuple[LostRelation, ...] = ()
    confirmations: tuple[LostConfirmation, ...] = ()
    given_up_labels: tuple[int, ...] = ()
    given_up_relations: tuple[int, ...] = ()

    @property
    def is_work(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.passages or self.labels or self.relations or self.confirmations)


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What a restore would do. ``left`` is lost and cannot be put back, ``deleted`` was deleted by people.

    ``drawn_again`` counts lost labels that their annotator has drawn anew since.
    ``head`` is the ledger that the plan was made from.
    """

    head: Head
    projects: tuple[ProjectRestore, ...]
    left: tuple[Problem, ...]
    deleted: int
    drawn_again: int = 0
    warnings: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was lost that can be put back."""
        return not self.projects

    def labels_by(self) -> dict[tuple[str, str, str], int]:
        """How many labels by (annotator's project, cause, label)."""
        counts = Counter(
            (one.user, lost.cause, lost.seen.label) for one in self.projects for lost in one.labels
        )
        return dict(sorted(counts.items()))


def plan_restore(
    state: State,
    evidence: Evidence,
    here: Mapping[str, Collection[str]],
    wanted: Selection | None = None,
) -> RestorePlan:
    """What to put back in the projects ``here``: keys, with the names of labels that can be had there."""
    return _Planner(state, evidence, here, wanted or Selection()).plan()


_Seen = TypeVar("_Seen", LabelSeen, RelationSeen)


class _Planner:
    def __init__(
        self, state: State, evidence: Evidence, here: Mapping[str, Collection[str]], wanted: Selection
    ) -> None:
        self.raw, self.view = state, standing(state)
        self.evidence, self.here, self.wanted = evidence, here, wanted
        self.drawn_again = 0
        self.back: set[Key] = set()
        self.left: list[Problem] = []
        self.deleted = 0

    def plan(self) -> RestorePlan:
        passages = [one for _, one in sorted(self.view.passages.items()) if self._is_asked_back(one)]
        self.back = {(one.project, one.example) for one in passages}
        labels = [one for _, seen in sorted(self.view.labels.items()) if (one := self._label(seen))]
        chosen = {(one.seen.project, one.seen.label_id): one for one in labels}
        found = (self._relation(seen, chosen) for _, seen in sorted(self.view.relations.items()))
        relations = [one for one in found if one]
        confirmations = list(self._confirmations())
        self._unknown_names()
        whole = ProjectRestore(
            "", "", "", tuple(passages), tuple(labels), tuple(relations), tuple(confirmations)
        )
        ordered = sorted(self.view.projects.values(), key=lambda one: (one.project_id, one.project))
        projects = tuple(self._of_project(one, whole) for one in ordered if one.project in self.here)
        return RestorePlan(
            self.raw.head,
            tuple(one for one in projects if one.is_work),
            tuple(self.left),
            self.deleted,
            self.drawn_again,
        )

    def _of_project(self, project: Project, whole: ProjectRestore) -> ProjectRestore:
        key = project.project
        labels = tuple(one for one in whole.labels if one.seen.project == key)
        relations = tuple(one for one in whole.relations if one.seen.project == key)
        kept = {one.seen.label_id for one in labels}
        related = {one.seen.relation_id for one in relations}
        return ProjectRestore(
            key,
            project.name,
            project.user,
            tuple(one for one in whole.passages if one.project == key),
            labels,
            relations,
            tuple(one for one in whole.confirmations if one.seen.project == key),
            tuple(
                one.label_id
                for one in self._on_passages_back(key, self.view.labels)
                if one.label_id not in kept
            ),
            tuple(
                one.relation_id
                for one in self._on_passages_back(key, self.view.relations)
                if one.relation_id not in related
            ),
        )

    def _on_passages_back(self, project: str, seen: Mapping[Key, _Seen]) -> Iterator[_Seen]:
        """What is on examples that come back and has not vanished by itself."""
        for _, one in sorted(seen.items()) if self.back else ():
            if one.project == project and not one.vanished_in and (project, one.example) in self.back:
                yield one

    def _is_asked_back(self, pushed: PushedPassage) -> bool:
        if not pushed.vanished_in or pushed.project not in self.here:
            return False
        key = (pushed.project, pushed.example)
        if self.wanted.pull and pushed.vanished_in != self.wanted.pull:
            return False
        if self.wanted.labels:
            return any(
                (one.project, one.example) == key
                and label_id(one.project, one.label_id) in self.wanted.labels
                for one in self.view.labels.values()
            )
        return not self.wanted.causes or "example" in self.wanted.causes

    def _unknown_names(self) -> None:
        ids = {label_id(*key) for key in self.view.labels}
        for name in sorted(self.wanted.labels - ids):
            self.left.append(Problem("", 0, "no label of this study has this id", subject=name))

    def _passage(self, project: str, example: int) -> PushedPassage | None:
        return self.view.passages.get((project, example))

    def _is_gone(self, project: str, example: int) -> bool:
        pushed = self._passage(project, example)
        return pushed is None or bool(pushed.vanished_in)

    def _label(self, seen: LabelSeen) -> LostLabel | None:
        name = label_id(seen.project, seen.label_id)
        if seen.project not in self.here:
            return None
        if not seen.vanished_in:
            return self._label_that_stood(seen, name)
        if self._is_gone(seen.project, seen.example) and (seen.project, seen.example) not in self.back:
            return None
        named = name in self.wanted.labels
        key = (seen.project, self.view.restored.now("label", seen.project, seen.label_id))
        cause = self._cause(seen.project, seen.vanished_in, self.evidence.labels.get(key))
        if not self._is_asked_for(cause, seen.vanished_in, named=named):
            asked = not self.wanted.pull or seen.vanished_in == self.wanted.pull
            self.deleted += cause is None and asked
            return None
        return self._if_possible(LostLabel(seen, name, cause or "named", seen.vanished_in))

    def _label_that_stood(self, seen: LabelSeen, name: str) -> LostLabel | None:
        """A label that nobody deleted: lost when its example was."""
        if (seen.project, seen.example) in self.back:
            return self._if_possible(LostLabel(seen, name, "example", self._noticed(seen)))
        if name in self.wanted.labels and not self._is_gone(seen.project, seen.example):
            self.left.append(Problem("", 0, "is on the server", subject=f"{seen.label} {name}"))
        return None

    def _if_possible(self, lost: LostLabel) -> LostLabel | None:
        if self._drawn_again(lost.seen):
            self.drawn_again += 1
            return None
        fault = self._fault(lost)
        if fault:
            self.left.append(fault)
        return None if fault else lost

    def _noticed(self, seen: LabelSeen | RelationSeen) -> str:
        pushed = self._passage(seen.project, seen.example)
        return (pushed.vanished_in if pushed else "") or ""

    def _is_asked_for(self, cause: Cause | None, noticed: str, *, named: bool) -> bool:
        if self.wanted.pull and noticed != self.wanted.pull:
            return False
        if self.wanted.labels:
            return named
        return cause is not None and (not self.wanted.causes or cause in self.wanted.causes)

    def _cause(
        self, project: str, noticed: str, witness: Witness | None, *, relation: bool = False
    ) -> Cause | None:
        look = self.evidence.looks.get((noticed, project))
        if look is None or witness is None:
            return None
        types = look.relation_types if relation else look.span_types
        if witness.type_id is not None and witness.type_id not in types:
            return "label-type"
        if (
            witness.account is not None
            and witness.account not in look.members
            and witness.account not in self.evidence.accounts
        ):
            return "account"
        return None

    def _fault(self, lost: LostLabel) -> Problem | None:
        seen = lost.seen
        pushed = self._passage(seen.project, seen.example)
        where = self.view.projects[seen.project].name
        subject = f"{seen.label} {lost.label_id}"
        if pushed is None:
            return Problem(where, 0, "stands on an example that the study did not push", subject=subject)
        if pushed.edited_sha256 not in (None, pushed.text_sha256) and not pushed.vanished_in:
            hint = "put the text back on the server, pull, and restore again"
            return Problem(where, 0, "the text of its passage was edited on the server", hint, subject)
        if seen.label not in self.here[seen.project]:
            hint = "make the type by hand in the project's settings and restore again"
            return Problem(where, 0, "its label is neither in the scheme nor on the server", hint, subject)
        return None

    def _drawn_again(self, lost: LabelSeen) -> bool:
        # What the service account put there is for the read-back to recognise, not somebody's work.
        return lost.user != self.view.projects[lost.project].service_user and any(
            is_drawn_again(lost, one.label, one.utf16_start, one.utf16_end, one.user)
            for one in self._present.get((lost.project, lost.example), ())
        )

    @cached_property
    def _present(self) -> Mapping[Key, Sequence[LabelSeen]]:
        found: dict[Key, list[LabelSeen]] = {}
        for one in self.view.labels.values():
            if not one.vanished_in and not self._is_gone(one.project, one.example):
                found.setdefault((one.project, one.example), []).append(one)
        return found

    def _relation(self, seen: RelationSeen, chosen: Mapping[Key, LostLabel]) -> LostRelation | None:
        on_gone = self._is_gone(seen.project, seen.example)
        if seen.project not in self.here or not (seen.vanished_in or on_gone):
            return None
        if on_gone and (seen.project, seen.example) not in self.back:
            return None
        ends = [(seen.project, seen.from_label), (seen.project, seen.to_label)]
        if not all(end in chosen or self._stands(end) for end in ends):
            return None
        noticed = seen.vanished_in or self._noticed(seen)
        taken_along = [
            chosen[end].cause for end in ends if end in chosen and chosen[end].vanished_in == noticed
        ]
        if taken_along:
            return LostRelation(seen, taken_along[0])
        if not seen.vanished_in:
            return None
        key = (seen.project, self.view.restored.now("relation", seen.project, seen.relation_id))
        cause = self._cause(seen.project, noticed, self.evidence.relations.get(key), relation=True)
        asked = self._is_asked_for(cause, noticed, named=False)
        return LostRelation(seen, cause) if cause and asked else None

    def _stands(self, end: Key) -> bool:
        label = self.view.labels.get(end)
        return bool(label and not label.vanished_in and not self._is_gone(label.project, label.example))

    def _is_confirmed_again(self, lost: Confirmation) -> bool:
        """By a person, or by an earlier restore (which a person may have taken back since)."""
        key = (lost.project, lost.example)
        tied = self.raw.restored.confirmations.get(key)
        if tied and (tied.user, tied.confirmed_at) == (lost.user, lost.confirmed_at):
            return True
        service = self.raw.projects[lost.project].service_user
        return any(one.user != service for one in self.raw.confirmations.get(key, ()))

    def _confirmations(self) -> Iterator[LostConfirmation]:
        for seen, noticed in self.evidence.withdrawn if not self.wanted.labels else ():
            witness = self.evidence.confirmations.get((seen.project, seen.example, seen.user))
            cause = self._cause(seen.project, noticed, witness)
            alive = seen.project in self.here and not self._is_gone(seen.project, seen.example)
            asked = cause and self._is_asked_for(cause, noticed, named=False)
            if cause and asked and alive and not self._is_confirmed_again(seen):
                yield LostConfirmation(seen, cause)
        for key, several in sorted(self.view.confirmations.items()):
            if key in self.back and several:
                owner = self.view.projects[key[0]].user
                first = min(several, key=lambda one: (one.user != owner, one.confirmed_at, one.user))
                yield LostConfirmation(first, "example")


def is_drawn_again(lost: LabelSeen, label: str, start: int, end: int, user: str) -> bool:
    """Whether a label on the server is what somebody drew in place of a lost one (UTF-16 units)."""
    return (label, start, end) == (lost.label, lost.utf16_start, lost.utf16_end) and user == lost.user
