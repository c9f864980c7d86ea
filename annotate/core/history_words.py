"""One ledger line in words: who, what, on which words, when. Each teller notes what later lines need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from annotate.core.adjudication.decided import ADJUDICATION, decision_of
from annotate.core.history_told import (
    Subject,
    Told,
    Words,
    between,
    label_name,
    label_words,
    passage_at,
    person_of,
    shortened,
    subject_on,
)
from annotate.core.ledger import Line
from annotate.core.passage_records import passage_of


def _project_opened(told: Told, line: Line, data: dict[str, Any]) -> Words:
    told.users[data["project"]] = (data["user"], data["service_user"])
    if data["pass"] == ADJUDICATION:
        told.desks.add(data["project"])
    words = f"opened project {data['project_id']} for {data['user']} on {data['server']}"
    return data["service_user"], "opened", words, line.at, Subject()


def _scheme_pushed(told: Told, line: Line, data: dict[str, Any]) -> Words:
    owner, service = told.users[data["project"]]
    words = f"put scheme {data['scheme']} {data['version']} in force for {owner}"
    return service, "scheme", words, line.at, Subject()


def _queue_planned(told: Told, line: Line, data: dict[str, Any]) -> Words:
    owner, service = told.users[data["project"]]
    asked = ", ".join(f"{name} {value}" for name, value in data["settings"].items())
    return service, "queue", f"queued passages for {owner}: {asked}", line.at, Subject()


def _passage_pushed(told: Told, line: Line, data: dict[str, Any]) -> Words | None:
    passage = passage_of(data["passage"])
    key = (data["project"], data["example"])
    told.passages[key], told.texts[key] = passage, data["text_sha256"]
    told.pushed[key] = (line.seq, line.transaction)
    owner, service = told.users[data["project"]]
    if (line.transaction, "passage", *key) in told.again:
        return None
    words = f"pushed passage {passage.number} of {passage.of} to {owner}"
    return service, "pushed", words, line.at, subject_on(passage)


def _suggestion_placed(told: Told, line: Line, data: dict[str, Any]) -> Words:
    key = (data["project"], data["label_id"])
    suggestion = data["suggestion"]
    agent = f"{suggestion['agent']} {suggestion['agent_version']}"
    told.agents[key] = agent
    words = f"suggested {label_words(told, told.labels.get(key, {**data, **suggestion}))}"
    return agent, "suggested", words, line.at, subject_on(passage_at(told, data), label_name(told, key))


def _relation_placed(told: Told, line: Line, data: dict[str, Any]) -> Words:
    key = (data["project"], data["relation_id"])
    agent = f"{data['agent']} {data['agent_version']}"
    told.relation_agents[key] = agent
    words = f"suggested relation {_relation_words(told, told.relations[key])}"
    return agent, "suggested", words, line.at, _relation_about(told, data)


def _label_appeared(told: Told, line: Line, data: dict[str, Any]) -> Words | None:
    key = (data["project"], data["label_id"])
    told.labels[key] = data
    if (line.transaction, *key) in told.placed or (line.transaction, "label", *key) in told.again:
        return None  # the suggestion, or the restore, says it
    about = subject_on(passage_at(told, data), label_name(told, key))
    what = "offered" if _is_offer(told, data) else "drew"
    return data["user"], what, f"{what} {label_words(told, data)}", data["created_at"], about


def _is_offer(told: Told, data: Mapping[str, Any]) -> bool:
    """Whether this is an annotator's label that was put before an adjudicator."""
    return data["project"] in told.desks and data["user"] == told.users[data["project"]][1]


def _label_dated(told: Told, line: Line, data: dict[str, Any]) -> None:
    """The server's times of a suggestion: nobody did anything."""
    told.labels[data["project"], data["label_id"]] = data


def _label_changed(told: Told, line: Line, data: dict[str, Any]) -> Words:
    key = (data["project"], data["label_id"])
    before, told.labels[key] = told.labels.get(key), data
    about = subject_on(passage_at(told, data), label_name(told, key))
    if ("label", *key) in told.gone:
        told.gone.discard(("label", *key))
        return "", "restored", f"{label_words(told, data)} is there again", data["updated_at"], about
    old, new = label_words(told, before) if before else "something", label_words(told, data)
    words = f"changed {old} to {new}" if old != new else f"touched {new} without changing it"
    what = "changed" if old != new else "touched"
    agent = told.agents.get(key)
    words += f" (suggested by {agent})" if agent and old != new else ""
    return person_of(told, data), what, words, data["updated_at"], about


def _label_vanished(told: Told, line: Line, data: dict[str, Any]) -> Words:
    key = (data["project"], data["label_id"])
    label = told.labels[key]
    told.gone.add(("label", *key))
    agent = told.agents.get(key)
    which = f"{label_words(told, label)}{f' (suggested by {agent})' if agent else ''}"
    # Not even whose deed it was is certain: a deleted label type or account takes labels with it.
    words = f"deleted {which}: {between(told, line, data)}"
    return "", "deleted", words, "", subject_on(passage_at(told, label), label_name(told, key))


def _relation_words(told: Told, data: Mapping[str, Any]) -> str:
    ends = [told.labels.get((data["project"], data[name])) for name in ("from_label", "to_label")]
    start, end = (label_words(told, one) if one else "an unknown label" for one in ends)
    return f"{data['relation']}: {start} → {end}"


def _relation_about(told: Told, data: Mapping[str, Any]) -> Subject:
    ends = [label_name(told, (data["project"], data[name])) for name in ("from_label", "to_label")]
    return subject_on(passage_at(told, data), *ends)


def _relation_seen(told: Told, line: Line, data: dict[str, Any]) -> Words | None:
    key = (data["project"], data["relation_id"])
    before, told.relations[key] = told.relations.get(key), data
    if (line.transaction, *key) in told.placed_relations or (
        line.transaction,
        "relation",
        *key,
    ) in told.again:
        return None
    new = _relation_words(told, data)
    if ("relation", *key) in told.gone:
        told.gone.discard(("relation", *key))
        return (
            "",
            "restored",
            f"relation {new} is there again",
            data["updated_at"],
            _relation_about(told, data),
        )
    if before is None and _is_offer(told, data):
        words, about = f"offered relation {new}", _relation_about(told, data)
        return data["user"], "offered", words, data["updated_at"], about
    words = f"changed relation {_relation_words(told, before)} to {new}" if before else f"drew relation {new}"
    words += _relation_agent(told, key)
    what = "changed" if before else "drew"
    return person_of(told, data), what, words, data["updated_at"], _relation_about(told, data)


def _relation_dated(told: Told, line: Line, data: dict[str, Any]) -> None:
    """The server's times of a suggested relation: nobody did anything."""
    told.relations[data["project"], data["relation_id"]] = data


def _relation_agent(told: Told, key: tuple[str, int]) -> str:
    agent = told.relation_agents.get(key)
    return f" (suggested by {agent})" if agent else ""


def _relation_vanished(told: Told, line: Line, data: dict[str, Any]) -> Words:
    key = (data["project"], data["relation_id"])
    relation = told.relations[key]
    told.gone.add(("relation", *key))
    which = f"{_relation_words(told, relation)}{_relation_agent(told, key)}"
    words = f"deleted relation {which}: {between(told, line, data)}"
    return "", "deleted", words, "", _relation_about(told, relation)


def _confirmed(told: Told, line: Line, data: dict[str, Any]) -> Words | None:
    if (line.transaction, "confirmation", data["project"], data["example"]) in told.again:
        return None
    about = subject_on(passage_at(told, data))
    return data["user"], "confirmed", "confirmed the passage", data["confirmed_at"], about


def _unconfirmed(told: Told, line: Line, data: dict[str, Any]) -> Words:
    words = f"took the confirmation by {data['user']} back: {between(told, line, data)}"
    return "", "took back", words, "", subject_on(passage_at(told, data))


def _comment_seen(told: Told, line: Line, data: dict[str, Any]) -> Words:
    key = (data["project"], data["comment_id"])
    before, told.comments[key] = told.comments.get(key), data
    verb = "changed a comment to" if before else "commented"
    what = "changed" if before else "commented"
    words = f"{verb} “{shortened(data['text'])}”"
    return data["user"], what, words, data["created_at"], subject_on(passage_at(told, data))


def _comment_vanished(told: Told, line: Line, data: dict[str, Any]) -> Words:
    comment = told.comments[data["project"], data["comment_id"]]
    words = f"deleted the comment “{shortened(comment['text'])}” by {comment['user'] or 'unknown'}"
    return "", "deleted", f"{words}: {between(told, line, data)}", "", subject_on(passage_at(told, comment))


def _passage_edited(told: Told, line: Line, data: dict[str, Any]) -> Words:
    key = (data["project"], data["example"])
    ours = data["text_sha256"] == told.texts.get(key)
    back = ("passage", *key) in told.gone
    told.gone.discard(("passage", *key))
    when = between(told, line, data).replace("vanished", "changed")
    about = subject_on(passage_at(told, data))
    if ours:
        return "", "restored", f"the passage is there again, with the text that was pushed: {when}", "", about
    there = "is there again, with another text" if back else "has another text on the server"
    return "", "edited", f"the passage {there}: {when}", "", about


def _passage_vanished(told: Told, line: Line, data: dict[str, Any]) -> Words:
    told.gone.add(("passage", data["project"], data["example"]))
    words = f"deleted the passage on the server: {between(told, line, data)}"
    return "", "deleted", words, "", subject_on(passage_at(told, data))


def _labels_imported(told: Told, line: Line, data: dict[str, Any]) -> Words:
    told.batches[data["batch"]] = data
    told.imported_passages.update({one["passage_id"]: passage_of(one) for one in data["passages"]})
    words = f"imported {data['labels']} labels and {data['relations']} relations from {data['file']}"
    return "", "imported", f"{words} ({data['tool']})", line.at, Subject()


def _label_imported(told: Told, line: Line, data: dict[str, Any]) -> Words:
    passage = told.imported_passages[data["passage_id"]]
    words = f"{data['label']} “{shortened(data['quote'])}” [{data['start']}, {data['end']})"
    told.imported[data["label_id"]] = (passage, words)
    batch = told.batches[data["batch"]]
    old = f" as {data['original_label']}" if data["original_label"] != data["label"] else ""
    sure = "" if data["anchor"] == "exact" else f", place {data['anchor']} {data['anchor_score']}"
    words = f"imported {words}, set{old} with {batch['tool']} ({batch['file']}:{data['line']}{sure})"
    about = subject_on(passage, data["label_id"])
    return data["annotator"], "imported", words, data["updated_at"] or data["created_at"], about


def _relation_imported(told: Told, line: Line, data: dict[str, Any]) -> Words:
    ends = (data["from_label_id"], data["to_label_id"])
    passage, start = told.imported[ends[0]]
    what = f"relation {data['relation']}: {start} → {told.imported[ends[1]][1]}"
    told.imported_relations[data["relation_id"]] = (passage, what, ends)
    words = f"imported {what}"
    when = data["updated_at"] or data["created_at"]
    return data["annotator"], "imported", words, when, subject_on(passage, *ends)


def _imported_label_vanished(told: Told, line: Line, data: dict[str, Any]) -> Words:
    passage, words = told.imported[data["label_id"]]
    return "", "deleted", f"{words} is gone from its project", "", subject_on(passage, data["label_id"])


def _imported_relation_vanished(told: Told, line: Line, data: dict[str, Any]) -> Words:
    passage, words, ends = told.imported_relations[data["relation_id"]]
    return "", "deleted", f"{words} is gone from its project", "", subject_on(passage, *ends)


def _label_restored(told: Told, line: Line, data: dict[str, Any]) -> Words:
    key, was = (data["project"], data["label_id"]), (data["project"], data["was"])
    told.firsts[key] = told.firsts.get(was, was)
    label = told.labels[key]
    made_by = told.labels[told.firsts[key]]["user"] or "unknown"
    words = f"put {label_words(told, label)} back on the server, first made by {made_by}"
    _, service = told.users[data["project"]]
    return service, "put back", words, line.at, subject_on(passage_at(told, label), label_name(told, key))


def _relation_restored(told: Told, line: Line, data: dict[str, Any]) -> Words:
    relation = told.relations[data["project"], data["relation_id"]]
    _, service = told.users[data["project"]]
    words = f"put relation {_relation_words(told, relation)} back on the server"
    return service, "put back", words, line.at, _relation_about(told, relation)


def _passage_restored(told: Told, line: Line, data: dict[str, Any]) -> Words:
    _, service = told.users[data["project"]]
    return (
        service,
        "put back",
        "put the passage back on the server",
        line.at,
        subject_on(passage_at(told, data)),
    )


def _confirmation_restored(told: Told, line: Line, data: dict[str, Any]) -> Words:
    _, service = told.users[data["project"]]
    words = f"gave the confirmation of {data['user']} from {data['confirmed_at']} again"
    return service, "put back", words, line.at, subject_on(passage_at(told, data))


def _passage_decided(told: Told, line: Line, data: dict[str, Any]) -> Words:
    decided = decision_of(data)
    verdicts = [one.verdict for one in decided.spans]
    labels = tuple(number for one in decided.spans for number in one.over)
    passage = next((one for one in told.passages.values() if one.passage_id == decided.passage_id), None)
    about = subject_on(passage, *labels)
    people, layers = " and ".join(decided.annotators), ", ".join(decided.layers)
    if decided.is_open:
        words = f"offered what {people} do not agree on for adjudication: {layers}"
        return "", "offered", f"{words}: {verdicts.count('')} label(s) in question", line.at, about
    if decided.route == "unanimous":
        words = f"{people} agree exactly: {layers}: {verdicts.count('kept')} label(s)"
        return "", "decided", words, decided.decided_at, about
    counts = f"kept {verdicts.count('kept')} label(s), refused {verdicts.count('none')}"
    why = f": “{shortened(decided.reason)}”" if decided.reason else ""
    words = f"adjudicated between {people}: {layers}: {counts}, left open {verdicts.count('')}{why}"
    return decided.decided_by, "decided", words, decided.decided_at, about


TELLERS: Final[dict[str, Callable[[Told, Line, dict[str, Any]], Words | None]]] = {
    "project_opened": _project_opened,
    "passage_decided": _passage_decided,
    "scheme_pushed": _scheme_pushed,
    "queue_planned": _queue_planned,
    "passage_pushed": _passage_pushed,
    "suggestion_placed": _suggestion_placed,
    "relation_placed": _relation_placed,
    "label_appeared": _label_appeared,
    "label_dated": _label_dated,
    "label_changed": _label_changed,
    "label_vanished": _label_vanished,
    "relation_appeared": _relation_seen,
    "relation_changed": _relation_seen,
    "relation_dated": _relation_dated,
    "relation_vanished": _relation_vanished,
    "confirmed": _confirmed,
    "unconfirmed": _unconfirmed,
    "comment_appeared": _comment_seen,
    "comment_changed": _comment_seen,
    "comment_vanished": _comment_vanished,
    "passage_edited": _passage_edited,
    "passage_vanished": _passage_vanished,
    "labels_imported": _labels_imported,
    "label_imported": _label_imported,
    "relation_imported": _relation_imported,
    "imported_label_vanished": _imported_label_vanished,
    "imported_relation_vanished": _imported_relation_vanished,
    "label_restored": _label_restored,
    "relation_restored": _relation_restored,
    "passage_restored": _passage_restored,
    "confirmation_restored": _confirmation_restored,
}
