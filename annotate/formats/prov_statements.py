"""Statements of PROV-JSONLD, from their parts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

Statement = dict[str, Any]


def name_of(kind: str, *names: str) -> str:
    """The name of a thing: its kind and what tells it from others, escaped."""
    escaped = [name if _PLAIN(name) else quote(name, safe="") for name in names]
    return "/".join([f"d:{kind}", *escaped])


_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*\Z").match


def _plain(value: object) -> list[dict[str, str]]:
    return [{"@value": str(value)}]


def thing(
    kind: str, about: str, types: Iterable[str] = (), label: str = "", **attributes: object
) -> Statement:
    """An entity, activity or agent; attributes that are unknown are left out."""
    found: Statement = {"@type": kind, "@id": about}
    if types:
        found["type"] = list(types)
    if label:
        found["label"] = _plain(label)
    found |= {f"t:{name}": _plain(value) for name, value in attributes.items() if value not in ("", None)}
    return found


def derived(new: str, old: str) -> Statement:
    """A derivation."""
    return {"@type": "Derivation", "generatedEntity": new, "usedEntity": old}


def generated(entity: str, activity: str, time: str = "") -> Statement:
    """A generation, with its time where one was recorded."""
    found = {"@type": "Generation", "entity": entity, "activity": activity}
    return {**found, "time": time} if time else found


def used(activity: str, entity: str) -> Statement:
    """A usage."""
    return {"@type": "Usage", "activity": activity, "entity": entity}


def informed(later: str, earlier: str) -> Statement:
    """A communication between activities."""
    return {"@type": "Communication", "informed": later, "informant": earlier}


def attributed(entity: str, agent: str) -> Statement:
    """An attribution."""
    return {"@type": "Attribution", "entity": entity, "agent": agent}


def associated(activity: str, agent: str, plan: str = "", role: str = "") -> Statement:
    """An association; ``plan`` is an entity, ``role`` a term of ours."""
    found: Statement = {"@type": "Association", "activity": activity, "agent": agent}
    if plan:
        found["plan"] = plan
    return {**found, "role": [f"t:{role}"]} if role else found
