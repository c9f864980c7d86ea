"""What people do on the server, as a pull records it: each deed one event, each quote the words meant."""

from __future__ import annotations

import unicodedata

import pytest
from small_studies import Campaign, OwnProject, Told, campaigns

from annotate.doccano.wire import passage_id_of
from annotate.flows.pull import pull
from annotate.flows.push import push

pytestmark = pytest.mark.server


@pytest.fixture
def campaign(embedded, tmp_path, monkeypatch):
    return campaigns(embedded, tmp_path, monkeypatch)


@pytest.fixture
def pushed(campaign) -> tuple[Campaign, OwnProject]:
    made = campaign()
    push(made.study)
    # A full pull learns the times of imported labels, which are then no news any more.
    assert pull(made.study, full=True).events == {"label_dated": 8}
    return made, made.project(made.ann)


def news(made: Campaign, *, full: bool = False) -> list[tuple[str, dict]]:
    """What one pull adds, and that the next one adds nothing."""
    seq = made.state().head.seq
    report = pull(made.study, full=full)
    events = made.events_since(seq)
    assert sum(report.events.values()) == len(events)
    assert (report.pull is None) == (not events)
    assert report.problems == ()
    before = made.ledger()
    assert pull(made.study, full=full).pull is None
    assert made.ledger() == before
    return events


# --- one deed, one event ------------------------------------------------------------------------------------


def test_a_drawn_label_appears_changes_and_vanishes(pushed):
    made, ann = pushed
    span = ann.draw("a.txt", "Berlin", "ACTOR")
    ((event, data),) = news(made)
    assert event == "label_appeared"
    assert (data["label_id"], data["label"], data["user"]) == (span["id"], "ACTOR", made.ann.user)
    assert data["created_at"] == span["created_at"]
    assert made.passages["a.txt"].text[data["start"] : data["end"]] == "Berlin"
    assert (data["utf16_start"], data["utf16_end"]) == (span["start_offset"], span["end_offset"])

    changed = ann.relabel("a.txt", span, "PUB")
    ((event, data),) = news(made)
    assert (event, data["label"], data["updated_at"]) == ("label_changed", "PUB", changed["updated_at"])
    assert data["created_at"] == span["created_at"]

    ann.delete("a.txt", "spans", span["id"])
    key = ann.remote.marker.key
    assert news(made) == [("label_vanished", {"project": key, "label_id": span["id"]})]
    assert made.state().labels[key, span["id"]].label == "PUB", "what it was stays on record"
    assert made.fates().labels == ()


def test_suggestions_are_accepted_edited_moved_or_rejected(pushed):
    made, ann = pushed
    ann.relabel("a.txt", ann.span("a.txt", "3. April 1970", "DATE"), "PUB")
    ann.delete("a.txt", "spans", ann.span("a.txt", "5. Mai 1971", "DATE")["id"])
    moved = ann.draw("a.txt", "Am 5. Mai 1971", "DATE")
    ann.delete("b.txt", "spans", ann.span("b.txt", "1999", "DATE")["id"])
    ann.toggle_confirmed("a.txt")
    ann.toggle_confirmed("b.txt")
    kinds = sorted(event for event, _ in news(made))
    assert kinds == [
        "confirmed", "confirmed", "label_appeared", "label_changed", "label_vanished", "label_vanished",
    ]  # fmt: skip
    found = made.fates()
    mine = [one for one in found.suggestions if one.placed.project == ann.remote.marker.key]
    assert {one.placed.suggestion.quote: one.fate for one in mine} == {
        "3. April 1970": "edited",
        "5. Mai 1971": "edited",
        "2018": "accepted",
        "1999": "rejected",
    }
    assert {one.annotator for one in mine} == {made.ann.user}
    origins = {(one.seen.label, one.origin, one.status) for one in found.labels}
    assert origins == {
        ("PUB", "edited", "confirmed"),
        ("DATE", "edited", "confirmed"),
        ("DATE", "accepted", "confirmed"),
    }
    (edited,) = [one for one in mine if one.placed.suggestion.quote == "5. Mai 1971"]
    assert edited.label_id == moved["id"]
    # Bob has not said a word about his.
    rest = [one for one in found.suggestions if one.placed.project != ann.remote.marker.key]
    assert {(one.fate, one.annotator) for one in rest} == {("untouched", None)}


def test_confirmations_come_go_and_come_again(pushed):
    made, ann = pushed
    example, key = ann.examples["a.txt"], ann.remote.marker.key
    ann.toggle_confirmed("a.txt")
    ((event, first),) = news(made)
    assert (event, first["user"], first["example"]) == ("confirmed", made.ann.user, example)
    ann.toggle_confirmed("a.txt")
    who = {"project": key, "example": example, "user": made.ann.user}
    assert news(made) == [("unconfirmed", who)]
    assert {one.status for one in made.fates().labels} <= {"draft"}
    ann.toggle_confirmed("a.txt")
    ((event, second),) = news(made)
    assert event == "confirmed"
    assert second["confirmed_at"] > first["confirmed_at"]
    # Taken back and given again between two pulls: a full pull sees it, and the newer word counts.
    ann.toggle_confirmed("a.txt")
    ann.toggle_confirmed("a.txt")
    ((event, third),) = news(made, full=True)
    assert event == "confirmed"
    assert third["confirmed_at"] > second["confirmed_at"]
    (kept,) = made.state().confirmations[key, example]
    assert kept.confirmed_at == third["confirmed_at"]


def test_comments_are_edited_and_deleted(pushed):
    made, ann = pushed
    remark = ann.comment("a.txt", "hm 🤔")
    ((event, data),) = news(made)
    assert (event, data["text"], data["user"]) == ("comment_appeared", "hm 🤔", made.ann.user)
    path = f"{ann.base}/comments/{remark['id']}"
    ann.http.send("PATCH", path, json={"text": "=1+1"})
    ((event, data),) = news(made)
    assert (event, data["text"], data["comment_id"]) == ("comment_changed", "=1+1", remark["id"])
    ann.http.send("DELETE", path)
    what = {"project": ann.remote.marker.key, "comment_id": remark["id"]}
    assert news(made) == [("comment_vanished", what)]


def test_relations_are_changed_deleted_and_go_with_their_labels(pushed):
    made, ann = pushed
    claim = ann.draw("a.txt", "kam sofort Vesk nach Berlin", "CLAIM")
    actor = ann.draw("a.txt", "Vesk", "ACTOR")
    date = ann.span("a.txt", "3. April 1970", "DATE")
    said, dated = ann.relate("a.txt", "stated_by", claim, actor), ann.relate("a.txt", "dates", date, claim)
    events = news(made)
    assert sorted(event for event, _ in events) == ["label_appeared"] * 2 + ["relation_appeared"] * 2
    found = {
        one["relation"]: (one["from_label"], one["to_label"]) for e, one in events if e == "relation_appeared"
    }
    assert found == {"stated_by": (claim["id"], actor["id"]), "dates": (date["id"], claim["id"])}
    key = ann.remote.marker.key
    ann.delete("a.txt", "relations", dated["id"])
    assert news(made) == [("relation_vanished", {"project": key, "relation_id": dated["id"]})]
    ann.delete("a.txt", "spans", actor["id"])
    assert news(made) == [
        ("label_vanished", {"project": key, "label_id": actor["id"]}),
        ("relation_vanished", {"project": key, "relation_id": said["id"]}),
    ]


def test_a_label_drawn_and_deleted_between_two_pulls_leaves_no_trace(pushed):
    made, ann = pushed
    span = ann.draw("a.txt", "Berlin", "ACTOR")
    ann.delete("a.txt", "spans", span["id"])
    assert news(made) == []


def test_an_example_added_by_hand_is_left_out_with_a_warning(pushed):
    made, ann = pushed
    stray = made.admin.send("POST", f"{ann.base}/examples", json={"text": "Not of this study."})
    body = {"label": ann.label_types["CLAIM"], "start_offset": 0, "end_offset": 3}
    ann.http.send("POST", f"{ann.base}/examples/{stray['id']}/spans", json=body)
    report = pull(made.study)
    assert report.events == {}
    (warning,) = report.warnings
    assert "1 example(s) were not pushed" in warning
    assert push(made.study).passages_added == {made.ann.user: 0, made.bob.user: 0}


def test_a_dry_run_records_nothing(pushed):
    made, ann = pushed
    ann.draw("a.txt", "Berlin", "ACTOR")
    before = made.ledger()
    report = pull(made.study, dry_run=True)
    assert (report.pull, report.events) == (None, {"label_appeared": 1})
    assert made.ledger() == before
    assert len(list(made.study.snapshots_dir.iterdir())) == 1


def test_the_snapshot_is_what_the_server_said(pushed):
    made, ann = pushed
    span = ann.draw("a.txt", "Berlin", "ACTOR")
    name = pull(made.study).pull
    assert name is not None
    spans = (made.study.snapshots_dir / name / ann.remote.marker.key / "spans.jsonl").read_text("utf-8")
    assert f'"id":{span["id"]},' in spans.replace(" ", "")
    assert ann.person.password not in spans


# --- offsets through the real server ------------------------------------------------------------------------

# Words after everything that Python, the browser and people count differently.
NASTY = {
    "emoji": ("Hi 😀 Angela in Berlin", ["Angela", "Berlin", "😀", "😀 Angela"]),
    "family": ("Fam 👨\u200d👩\u200d👧\u200d👦 aus Berlin", ["👨\u200d👩\u200d👧\u200d👦", "aus", "Berlin"]),
    "flags": ("🇰🇵🇨🇺 grüßt 🏴\u200d☠️ und 1️⃣ Berlin", ["🇨🇺", "grüßt", "🏴\u200d☠️", "1️⃣", "Berlin"]),
    "decomposed": (
        unicodedata.normalize("NFD", "Köln grüßt Fürst Émile"),
        ["o\u0308ln", "Fu\u0308rst", "E\u0301mile"],
    ),
    "lines": (
        "Zeile eins\r\nZweite\rDritte\n\n\n\n\nBerlin\u2028Ende",
        ["Zweite", "Dritte", "Berlin", "Ende"],
    ),
    "hidden": ("so\u00adfort 😀 ge\u00adgen\ufeff Ber\u200blin", ["sofort", "gegen", "Ber\u200blin"]),
    "blanks": ("  \u00a0 \t Berlin\u00a0und\tBonn \u3000", ["Berlin", "und", "Bonn"]),
    "right to left": ("שלום 😀 עולם Berlin العربية", ["שלום", "עולם", "Berlin", "العربية"]),
    "astral": ("𝔅𝔢𝔯𝔩𝔦𝔫 und 𐍈 und 𠜎 Berlin", ["𝔢𝔯𝔩", "𐍈", "𠜎", "Berlin"]),
    "markup": ("<b>&amp; {{x}} 😀</b> =1+1 \\u0041 %s Berlin", ["&amp;", "=1+1", "\\u0041", "Berlin"]),
    "skin": ("👍🏽👍🏿 ja 🧑🏽\u200d🚀 Berlin", ["👍🏿", "ja", "🧑🏽\u200d🚀", "Berlin"]),
    "piled": ("Z\u0351\u036b\u0343\u036a\u0302\u036balgo 😀 Berlin", ["algo", "Berlin"]),
}


def browser_units(text: str, quote: str) -> tuple[int, int]:
    """Offsets as JavaScript counts them, reckoned without our own conversion."""
    before = text[: text.index(quote)]
    start = len(before.encode("utf-16-le")) // 2
    return start, start + len(quote.encode("utf-16-le")) // 2


def test_every_pulled_label_quotes_the_words_that_were_meant(campaign):
    texts = {f"{name}.txt": text for name, (text, _) in NASTY.items()}
    told = [Told(f"{name}.txt", quotes[-1]) for name, (_, quotes) in NASTY.items()]
    made = campaign(texts=texts, told=told, names=("ann",))
    report = push(made.study)
    assert report.suggestions_placed == {made.ann.user: len(NASTY)}
    ann = made.project(made.ann)
    by_id = {one.passage_id: one for one in made.passages.values()}
    for example in made.examples(made.ann):
        passage = by_id[passage_id_of(example) or ""]
        assert example["text"] == passage.text, passage.source_file

    meant: dict[int, str] = {}
    for name, (_, quotes) in NASTY.items():
        file = f"{name}.txt"
        text = made.passages[file].text
        (suggested,) = ann.spans(file)
        assert (suggested["start_offset"], suggested["end_offset"]) == browser_units(text, quotes[-1]), name
        meant[suggested["id"]] = quotes[-1]
        for quote in quotes[:-1]:
            low, high = browser_units(text, quote)
            body = {"label": ann.label_types["CLAIM"], "start_offset": low, "end_offset": high}
            meant[ann.http.send("POST", f"{ann.at(file)}/spans", json=body)["id"]] = quote
        ann.toggle_confirmed(file)
    pull(made.study)
    state = made.state()
    quoted = {
        number: state.passages[key, one.example].passage.text[one.start : one.end]
        for (key, number), one in state.labels.items()
    }
    assert quoted == meant
    origins = {one.seen.label_id: one.origin for one in made.fates().labels}
    assert {number: "accepted" if origins[number] == "accepted" else "manual" for number in meant} == origins
    assert list(origins.values()).count("accepted") == len(NASTY)


def test_offsets_that_fit_no_character_are_kept_and_marked(pushed):
    made, ann = pushed
    low, _ = browser_units(made.passages["a.txt"].text, "😀")
    for start, end in ((low + 1, low + 4), (3, 9999)):
        body = {"label": ann.label_types["CLAIM"], "start_offset": start, "end_offset": end}
        ann.http.send("POST", f"{ann.at('a.txt')}/spans", json=body)
    events = news(made)
    assert [(one["start"], one["end"]) for _, one in events] == [(-1, -1)] * 2
    assert [(one["utf16_start"], one["utf16_end"]) for _, one in events] == [(low + 1, low + 4), (3, 9999)]
