"""Read from ledger and snapshots what was observed of everything that vanished."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from annotate.core.ledger import Line
from annotate.core.restore_evidence import Evidence, Look, Witness, type_names, withdrawn
from annotate.core.restored import Key, standing
from annotate.core.state import LabelSeen, RelationSeen, State
from annotate.store.jsonl import read_lines
from annotate.store.study import Study

Record = dict[str, Any]


def gather(study: Study, lines: Sequence[Line], state: State, accounts: Iterable[int]) -> Evidence:
    """Evidence on all that is not there any more. ``accounts``: ids that the server knows now.

    A snapshot that is missing tells nothing. Raises BadInput for one that cannot be read.
    """
    gone = withdrawn(lines)
    view = standing(state)
    labels = [one for one in view.labels.values() if one.vanished_in]
    relations = [one for one in view.relations.values() if one.vanished_in]
    noticed = {(one.vanished_in or "", one.project) for one in labels}
    noticed |= {(one.vanished_in or "", one.project) for one in relations}
    noticed |= {(pull, one.project) for one, pull in gone}
    found = _Witnesses(study, lines, state, view)
    looks = {key: look for key in sorted(noticed) if (look := _look(study, *key))}
    return Evidence(
        looks=looks,
        labels=found.of(labels, "label"),
        relations=found.of(relations, "relation"),
        confirmations=found.of_confirmations(
            [(one.seen_in, one.project, one.example, one.user) for one, _ in gone]
        ),
        withdrawn=gone,
        accounts=frozenset(accounts),
    )


def _records(study: Study, pull: str, project: str, kind: str) -> Iterator[Record]:
    path = study.snapshots_dir / pull / project / f"{kind}.jsonl"
    if path.is_file():
        yield from read_lines(path, dict, shown_as=study.shown(path))


def _look(study: Study, pull: str, project: str) -> Look | None:
    if not (study.snapshots_dir / pull / project).is_dir():
        return None
    ids = {kind: _ids(study, pull, project, kind) for kind in ("span_types", "relation_types")}
    members = frozenset(int(one["user"]) for one in _records(study, pull, project, "members"))
    return Look(ids["span_types"], ids["relation_types"], members)


def _ids(study: Study, pull: str, project: str, kind: str) -> frozenset[int]:
    return frozenset(int(one["id"]) for one in _records(study, pull, project, kind))


_KINDS = {
    "label": ("spans", "label", "label_types", "label"),
    "relation": ("relations", "type", "relation_types", "relation"),
}
"""What a label or relation is called in snapshots (file, type field), in the ledger, and as an attribute."""


class _Witnesses:
    def __init__(self, study: Study, lines: Sequence[Line], state: State, view: State) -> None:
        self._study, self._state, self._view = study, state, view
        self._ends = {line.transaction: line.seq for line in lines}
        self._types = type_names(lines)

    def of(self, gone: Iterable[LabelSeen] | Iterable[RelationSeen], what: str) -> dict[Key, Witness]:
        """Witnesses by the key on the server: from the pull that saw it last, else from what push noted."""
        raw: Mapping[Key, Any] = self._state.labels if what == "label" else self._state.relations
        sought: dict[tuple[str, str], set[int]] = defaultdict(set)
        for one in gone:
            number = one.label_id if isinstance(one, LabelSeen) else one.relation_id
            at = self._view.restored.now("label" if what == "label" else "relation", one.project, number)
            sought[raw[one.project, at].changed_in, one.project].add(at)
        found: dict[Key, Witness] = {}
        for (transaction, project), ids in sorted(sought.items()):
            told = self._from_snapshot(transaction, project, what, ids)
            for number in ids:
                noted = self._noted(
                    transaction, project, what, getattr(raw[project, number], _KINDS[what][3])
                )
                found[project, number] = told.get(number) or Witness(noted)
        return found

    def _from_snapshot(self, pull: str, project: str, what: str, ids: set[int]) -> dict[int, Witness]:
        kind, field, _, _ = _KINDS[what]
        return {
            one["id"]: Witness(one.get(field), one.get("user"))
            for one in _records(self._study, pull, project, kind)
            if one.get("id") in ids
        }

    def _noted(self, transaction: str, project: str, what: str, name: str) -> int | None:
        end = self._ends.get(transaction, 0)
        at = [kinds for seq, kinds in self._types.get(project, ()) if seq <= end]
        return at[-1][_KINDS[what][2]].get(name) if at else None

    def of_confirmations(
        self, gone: Iterable[tuple[str, str, int, str]]
    ) -> dict[tuple[str, int, str], Witness]:
        """Who confirmed, by account: (pull, project, example, user) from that pull's snapshot."""
        found: dict[tuple[str, int, str], Witness] = {}
        for pull, project, example, user in gone:
            names = {one["user"]: one["username"] for one in _records(self._study, pull, project, "members")}
            for one in _records(self._study, pull, project, "states"):
                if one.get("example") == example and names.get(one.get("confirmed_by")) == user:
                    found[project, example, user] = Witness(None, one["confirmed_by"])
        return found
