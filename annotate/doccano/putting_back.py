"""Draw labels and relations and confirm examples as the service account, one request each, read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from annotate.core.observation import Observation
from annotate.core.sketch import Sketch
from annotate.doccano import campaign
from annotate.doccano.reading import Accounts, observe
from annotate.doccano.transport import Transport

Record = dict[str, Any]


class Project:
    """One project of the server, for writing. Reads types and members once."""

    def __init__(self, server: Transport, project_id: int, key: str) -> None:
        self.server = server
        self.base = f"projects/{project_id}"
        self._key = key
        self.types = {
            kind: server.get_list(f"{self.base}/{resource}")
            for kind, resource in (("span_types", "span-types"), ("relation_types", "relation-types"))
        }
        people = {name: number for number, name in self._members()}
        self._people = Accounts(server, {number: name for name, number in people.items()})

    def _members(self) -> Iterable[tuple[int, str]]:
        for one in self.server.get_list(f"{self.base}/members"):
            yield int(one["user"]), str(one["username"])

    def label_types(self) -> dict[str, int]:
        """Ids of label types by name."""
        return {str(one["text"]): int(one["id"]) for one in self.types["span_types"]}

    def relation_types(self) -> dict[str, int]:
        """Ids of relation types by name."""
        return {str(one["text"]): int(one["id"]) for one in self.types["relation_types"]}

    def look(self, example: int, text: str) -> Observation:
        """Everything on one example but its comments; ``text`` is the example's."""
        path = f"{self.base}/examples/{example}"
        records: dict[str, list[Record]] = {
            **self.types,
            "spans": self.server.get_list(f"{path}/spans"),
            "relations": self.server.get_list(f"{path}/relations"),
            "states": list(self.server.pages(f"{path}/states")),
            "comments": [],
        }
        sketch = Sketch(example, None, text, (), (), (), False)
        return observe(self._key, records, {example: text}, [sketch], self._people)

    def draw(self, example: int, label: str, utf16_start: int, utf16_end: int) -> None:
        """Draw one label. Offsets are UTF-16 code units, half-open."""
        body = {
            "label": self.label_types()[label],
            "start_offset": utf16_start,
            "end_offset": utf16_end,
        }
        self.server.send("POST", f"{self.base}/examples/{example}/spans", json=body)

    def relate(self, example: int, relation: str, from_label: int, to_label: int) -> None:
        """Draw one relation between two labels of an example."""
        body = {"from_id": from_label, "to_id": to_label, "type": self.relation_types()[relation]}
        self.server.send("POST", f"{self.base}/examples/{example}/relations", json=body)

    def confirm(self, example: int) -> None:
        """Confirm an example that nobody has confirmed: where somebody has, this would take it back."""
        self.server.send("POST", f"{self.base}/examples/{example}/states", json={})


def missing_types(
    project: Project, wanted: campaign.TypePlan, names: Mapping[str, frozenset[str]]
) -> list[campaign.TypeChange]:
    """Of a plan's types those to make: of these names (by resource) and not on the server.

    A key that another type holds is left out: the type matters more, and push gives keys.
    """
    there = {"span-types": project.label_types(), "relation-types": project.relation_types()}
    kinds = (*project.types["span_types"], *project.types["relation_types"])
    keys = {one.get("suffix_key") for one in kinds} - {None}
    found = []
    for change in wanted.changes:
        if change.name in there[change.resource] or change.name not in names[change.resource]:
            continue
        body = {**change.body, "suffix_key": None} if change.body["suffix_key"] in keys else change.body
        found.append(campaign.TypeChange(change.resource, change.name, None, body))
    return found
