"""What a restore put back on the server, and the view in which it is what it was before.

A label that was lost and put back has a new id on the server and the service account as its user. The
ledger keeps both: what the server says (that is what the next pull is compared with), and a tie from
the new id to the old one. ``standing`` follows the ties: there the label is the old one again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

if TYPE_CHECKING:
    from annotate.core.state import Confirmation, LabelSeen, RelationSeen, State

Key = tuple[str, int]
"""Key of a project in the ledger, and an id on the server."""

Kind = Literal["label", "relation", "example"]


@dataclass(frozen=True, slots=True)
class GivenAgain:
    """A confirmation that the service account gave again for ``user``; ``given_at`` is the server's time."""

    user: str
    confirmed_at: str
    seen_in: str
    given_at: str


@dataclass(slots=True)
class Restored:
    """Ties by what is on the server now: new key to old key, in the order of the ledger.

    ``addresses`` is only filled in the view of ``standing``: the id that something has on the server now,
    by kind and the key it had first.
    """

    labels: dict[Key, Key] = field(default_factory=dict)
    relations: dict[Key, Key] = field(default_factory=dict)
    passages: dict[Key, Key] = field(default_factory=dict)
    confirmations: dict[Key, GivenAgain] = field(default_factory=dict)
    addresses: dict[tuple[Kind, str, int], int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.labels or self.relations or self.passages or self.confirmations)

    def now(self, kind: Kind, project: str, number: int) -> int:
        """The id that something has on the server now."""
        return self.addresses.get((kind, project, number), number)


def tie(restored: Restored, event: str, data: Mapping[str, Any]) -> None:
    """Note one ``…_restored`` event."""
    project = data["project"]
    match event:
        case "label_restored":
            restored.labels[project, data["label_id"]] = (project, data["was"])
        case "relation_restored":
            restored.relations[project, data["relation_id"]] = (project, data["was"])
        case "passage_restored":
            restored.passages[project, data["example"]] = (project, data["was"])
        case "confirmation_restored":
            names = ("user", "confirmed_at", "seen_in", "given_at")
            given = GivenAgain(**{name: data[name] for name in names})
            restored.confirmations[project, data["example"]] = given


def first_keys(ties: Mapping[Key, Key]) -> dict[Key, Key]:
    """Each restored key to the key that its thing had first; a thing may be lost and restored repeatedly."""
    first: dict[Key, Key] = {}
    for new, old in ties.items():
        first[new] = first.get(old, old)
    return first


def standing(state: State) -> State:
    """The state in which everything that was restored is what it was before it was lost.

    Keys, people and times are the first ones; changes made after the restore count. A state without
    restores is returned as it is, and so is a view that this function made.
    """
    if not state.restored:
        return state
    homes = first_keys(state.restored.passages)
    firsts = first_keys(state.restored.labels)
    return replace(
        state,
        passages=_passages(state, homes),
        labels=_labels(state, firsts, homes),
        relations=_relations(state, firsts, homes),
        confirmations=_confirmations(state, homes),
        comments={
            key: replace(one, example=_home(homes, one.project, one.example))
            for key, one in state.comments.items()
        },
        placed={
            key: replace(one, example=_home(homes, one.project, one.example))
            for key, one in state.placed.items()
        },
        placed_relations={
            key: replace(one, example=_home(homes, one.project, one.example))
            for key, one in state.placed_relations.items()
        },
        restored=Restored(addresses=_addresses(state, firsts, homes)),
    )


def _home(homes: Mapping[Key, Key], project: str, example: int) -> int:
    return homes.get((project, example), (project, example))[1]


def _addresses(
    state: State, firsts: Mapping[Key, Key], homes: Mapping[Key, Key]
) -> dict[tuple[Kind, str, int], int]:
    # Later ties win: the last id is the one that is on the server.
    found: dict[tuple[Kind, str, int], int] = {}
    relations = first_keys(state.restored.relations)
    ties: Final[tuple[tuple[Kind, Mapping[Key, Key]], ...]] = (
        ("label", firsts),
        ("relation", relations),
        ("example", homes),
    )
    for kind, mapping in ties:
        found.update({(kind, *old): new[1] for new, old in mapping.items()})
    return found


def _passages(state: State, homes: Mapping[Key, Key]) -> dict[Key, Any]:
    found = {key: one for key, one in state.passages.items() if key not in homes}
    for new, old in homes.items():
        now, was = state.passages[new], state.passages[old]
        found[old] = replace(was, edited_sha256=now.edited_sha256, vanished_in=now.vanished_in)
    return found


_Seen = TypeVar("_Seen", "LabelSeen", "RelationSeen")


def _again(was: _Seen, now: _Seen) -> _Seen:
    """What was lost, with what happened to it since it was put back."""
    if now.changed_in == now.seen_in:
        return replace(was, vanished_in=now.vanished_in)
    return replace(was, updated_at=now.updated_at, changed_in=now.changed_in, vanished_in=now.vanished_in)


def _labels(state: State, firsts: Mapping[Key, Key], homes: Mapping[Key, Key]) -> dict[Key, LabelSeen]:
    found = {key: _at_home(one, homes) for key, one in state.labels.items() if key not in firsts}
    for new, old in firsts.items():
        now, was = _at_home(state.labels[new], homes), found[old]
        if now.vanished_in and not _is_gone(state, old):
            continue  # its first self is there again (a backup was restored), and the copy was taken away
        again = _again(was, now)
        names = ("label", "start", "end", "utf16_start", "utf16_end")
        found[old] = replace(again, **{name: getattr(now, name) for name in names})
    return found


def _is_gone(state: State, key: Key) -> bool:
    label = state.labels[key]
    passage = state.passages.get((label.project, label.example))
    return bool(label.vanished_in or passage is None or passage.vanished_in)


def _at_home(one: _Seen, homes: Mapping[Key, Key]) -> _Seen:
    home = homes.get((one.project, one.example))
    return replace(one, example=home[1]) if home else one


def _relations(state: State, firsts: Mapping[Key, Key], homes: Mapping[Key, Key]) -> dict[Key, RelationSeen]:
    again = first_keys(state.restored.relations)

    def seen(key: Key) -> RelationSeen:
        one = _at_home(state.relations[key], homes)
        ends = {name: (one.project, getattr(one, name)) for name in ("from_label", "to_label")}
        return replace(one, **{name: firsts.get(end, end)[1] for name, end in ends.items()})

    found = {key: seen(key) for key in state.relations if key not in again}
    for new, old in again.items():
        now = seen(new)
        after = _again(found[old], now)
        found[old] = replace(after, relation=now.relation, from_label=now.from_label, to_label=now.to_label)
    return found


def _confirmations(state: State, homes: Mapping[Key, Key]) -> dict[Key, tuple[Confirmation, ...]]:
    found: dict[Key, tuple[Confirmation, ...]] = {}
    for key, several in state.confirmations.items():
        given = state.restored.confirmations.get(key)
        home = homes.get(key, key)
        if key not in homes and key in homes.values():
            continue  # what was confirmed there was given again, or not, on the passage that took its place
        service = state.projects[key[0]].service_user
        found[home] = tuple(
            replace(
                one,
                example=home[1],
                user=given.user,
                confirmed_at=given.confirmed_at,
                seen_in=given.seen_in,
            )
            if given and one.user == service and one.confirmed_at == given.given_at
            else replace(one, example=home[1])
            for one in several
        )
    return found
