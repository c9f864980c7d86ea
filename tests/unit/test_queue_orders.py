"""The queue: draws by hash, dealing out, orders, and what the ledger keeps of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import studies

from annotate.core.errors import ConfigError, UsageError
from annotate.core.ledger import Event, Head, chain, record_of
from annotate.core.queue import Facts, Queued, QueueSettings, adopted, deal, is_control, is_shared, planned
from annotate.core.queue.orders import SKETCH, doubt, sketch
from annotate.core.state import fold
from annotate.flows.push.plan import queue_settings
from annotate.store.config import read_config
from annotate.store.study import Study

IDS = tuple(f"psg-{number:012x}" for number in range(2000))
DRAWN = ["psg-000000000004", "psg-000000000021"]


def facts(
    scores: Mapping[str, Sequence[tuple[str, float | None]]] | None = None,
    texts: Mapping[str, str] | None = None,
    groups: Mapping[str, tuple[str, str, str]] | None = None,
) -> Facts:
    return Facts(
        lambda one: (scores or {}).get(one, ()),
        lambda one: (texts or {})[one],
        lambda one: (groups or {}).get(one, ("", "", "")),
    )


class TestLottery:
    def test_a_share_is_about_its_size_and_grows_without_losing_anyone(self) -> None:
        tenth, fifth = (
            {one for one in IDS if is_control(QueueSettings(control_share=share), one)}
            for share in (0.1, 0.2)
        )
        assert 160 < len(tenth) < 240
        assert tenth < fifth
        assert not any(is_control(QueueSettings(), one) for one in IDS)
        assert all(is_control(QueueSettings(control_share=1.0), one) for one in IDS)

    def test_another_seed_is_another_draw_and_control_says_nothing_of_overlap(self) -> None:
        first, second = (
            {one for one in IDS if is_control(QueueSettings(seed=seed, control_share=0.5), one)}
            for seed in (0, 1)
        )
        assert 400 < len(first & second) < 600
        shared = {one for one in IDS if is_shared(QueueSettings(overlap_share=0.5), one)}
        assert 400 < len(first & shared) < 600

    def test_the_draw_is_the_same_everywhere(self) -> None:
        # Written down: a changed hash would move controls of studies under way.
        drawn = [one for one in IDS[:40] if is_control(QueueSettings(seed=7, control_share=0.1), one)]
        assert drawn == DRAWN


class TestDealing:
    def test_by_default_everybody_gets_everything(self) -> None:
        missing = {"ann": IDS[:5], "bob": IDS[2:5]}
        assert deal(QueueSettings(), IDS, missing) == missing

    def test_shared_ones_go_to_all_and_the_others_to_one(self) -> None:
        settings = QueueSettings(overlap_share=0.2)
        shares = deal(settings, IDS, dict.fromkeys(("ann", "bob", "eve"), IDS))
        copies = Counter(one for share in shares.values() for one in share)
        assert {copies[one] for one in IDS if is_shared(settings, one)} == {3}
        assert {copies[one] for one in IDS if not is_shared(settings, one)} == {1}
        assert all(600 < len(share) < 1300 for share in shares.values())
        assert all(list(share) == sorted(share) for share in shares.values())

    def test_overlap_annotators_of_three(self) -> None:
        settings = QueueSettings(overlap_annotators=2)
        shares = deal(settings, IDS, dict.fromkeys(("ann", "bob", "eve"), IDS))
        assert set(Counter(one for share in shares.values() for one in share).values()) == {2}
        alone = deal(settings, IDS, {"ann": IDS})
        assert alone == {"ann": IDS}

    def test_who_has_a_passage_keeps_it_and_counts(self) -> None:
        settings = QueueSettings(overlap_share=0.0)
        first = deal(settings, IDS, dict.fromkeys(("ann", "bob"), IDS))
        left = {user: tuple(one for one in IDS if one not in share) for user, share in first.items()}
        assert deal(settings, IDS, left) == {"ann": (), "bob": ()}
        # A third person gets nothing of what was dealt, and a fair part of what is new.
        lacking = {user: (*many, "psg-new") for user, many in left.items()} | {"eve": (*IDS, "psg-new")}
        again = deal(settings, (*IDS, "psg-new"), lacking)
        assert sorted(again.values()) == [(), (), ("psg-new",)]

    def test_another_annotator_moves_few_passages(self) -> None:
        settings = QueueSettings(overlap_share=0.0)
        two = deal(settings, IDS, dict.fromkeys(("ann", "bob"), IDS))
        three = deal(settings, IDS, dict.fromkeys(("ann", "bob", "eve"), IDS))
        assert set(three["ann"]) < set(two["ann"])
        assert set(three["bob"]) < set(two["bob"])


class TestOrders:
    def test_source_and_random(self) -> None:
        assert tuple(planned(QueueSettings(), IDS[:9], (), facts())) == IDS[:9]
        drawn = planned(QueueSettings("random", 3), IDS[:50], (), facts(), before=10)
        assert tuple(drawn) != IDS[:50]
        assert sorted(drawn) == list(IDS[:50])
        assert [one.rank for one in drawn.values()] == list(range(11, 61))
        # What comes later does not change the order among those that are there.
        more = [one for one in planned(QueueSettings("random", 3), IDS[:90], (), facts()) if one in drawn]
        assert more == list(drawn)

    def test_uncertainty_puts_the_most_doubtful_first(self) -> None:
        scores = {
            "sure": [("DATE", 0.99)],
            "toss": [("DATE", 1.0), ("LOADED", 0.5)],
            "two": [("DATE", 0.5), ("LOADED", 0.5)],
            "none": [],
            "mute": [("DATE", None)],
            "no": [("DATE", 0.1)],
        }
        found = planned(QueueSettings("uncertainty"), tuple(sorted(scores)), (), facts(scores))
        assert list(found) == ["two", "toss", "no", "sure", "mute", "none"]
        assert found["toss"].reason == "uncertainty 1.000 (LOADED scored 0.500), mean 0.500 of 2"
        assert found["none"].reason == "no suggestions"
        assert found["mute"].reason == "1 suggestions, none with a score"
        assert doubt([("X", 7.5)]).most == 0.0

    def test_balanced_takes_turns_and_counts_earlier_ones(self) -> None:
        groups = {f"a{n}": ("A", "de", "2019") for n in range(5)}
        groups |= {f"b{n}": ("B", "en", "2020") for n in range(2)} | {"c": ("", "", "")}
        add = tuple(sorted(groups))
        found = planned(QueueSettings("balanced"), add, (), facts(groups=groups))
        assert sorted(one[0] for one in list(found)[:3]) == ["a", "b", "c"]
        assert [one[0] for one in list(found)[3:]] == ["a", "b", "a", "a", "a"]
        assert found["c"].reason == "turn 1 of outlet unknown, language unknown, year unknown"
        later = tuple(one for one in add if one not in ("a0", "a1", "a2"))
        again = planned(QueueSettings("balanced"), later, ("a0", "a1", "a2"), facts(groups=groups))
        assert sorted(one[0] for one in list(again)[:3]) == ["b", "b", "c"]

    def test_diversity_prefers_what_no_passage_before_had(self) -> None:
        texts = {
            "p1": "The harbour was closed for repairs on Monday.",
            "p2": "The harbour was closed for repairs on Tuesday.",
            "p3": "Rye bread needs a sour starter and patience.",
            "p4": "The  HARBOUR was closed for repairs on Monday.",
            "p5": "",
        }
        found = planned(QueueSettings("diversity"), tuple(texts), (), facts(texts=texts))
        assert list(found) in (["p1", "p3", "p2", "p5", "p4"], ["p2", "p3", "p1", "p5", "p4"])
        assert found["p4"].reason.startswith("0 of ")
        primed = planned(QueueSettings("diversity"), ("p2", "p3", "p4"), ("p1",), facts(texts=texts))
        assert list(primed) == ["p3", "p2", "p4"]

    def test_each_step_of_diversity_is_the_best_there_is(self) -> None:
        words = [f"tree{number:02}" for number in range(16)]
        texts = {f"p{n}": " ".join(words[(n * k) % 16] for k in range(1, 2 + n % 5)) for n in range(40)}
        found = list(planned(QueueSettings("diversity"), tuple(texts), (), facts(texts=texts)))
        seen: set[int] = set()
        for at, one in enumerate(found):
            gains = [len(set(sketch(texts[other])) - seen) for other in found[at:]]
            assert gains[0] == max(gains)
            seen |= set(sketch(texts[one]))

    def test_a_sketch_is_of_bounded_size_and_lone_surrogates_are_harmless(self) -> None:
        assert len(sketch("".join(chr(97 + n * n % 26) + str(n) for n in range(5000)))) == SKETCH
        assert len(sketch("\ud800 x")) == 1

    @pytest.mark.parametrize("order", ["source", "uncertainty", "diversity", "balanced", "random"])
    def test_every_order_keeps_all_and_marks_controls(self, order: str) -> None:
        settings = QueueSettings(order, control_share=0.5)
        texts = {one: f"{one} {int(one[4:], 16) % 7}" for one in IDS[:60]}
        found = planned(settings, IDS[:60], (), facts(texts=texts))
        assert sorted(found) == list(IDS[:60])
        assert {one: place.control for one, place in found.items()} == {
            one: is_control(settings, one) for one in found
        }
        assert found == planned(settings, IDS[:60], (), facts(texts=texts))
        plain = planned(QueueSettings(order), IDS[:60], (), facts(texts=texts))
        assert list(plain) == list(found), "controls do not change the order"
        assert {place.control for place in plain.values()} == {None}


class TestLedger:
    def test_place_and_settings_survive_the_fold(self) -> None:
        (passage,) = studies.build().passages[:1]
        place = Queued("random", 4, "drawn: 0.5", True)
        settings = QueueSettings("random", 9, 0.25)
        pushed = studies.ADA.pushed(passage, 1)
        events = [
            studies.ADA.opened(),
            Event("queue_planned", {"project": studies.ADA.key, "settings": record_of(settings)}),
            Event("passage_pushed", {**pushed.data, "queue": record_of(place)}),
            studies.ADA.pushed(passage, 2),
        ]
        state = fold(chain(events, Head(), transaction="push-1", at="2025-11-02T08:00:00Z"))
        assert state.projects[studies.ADA.key].queue == settings
        assert state.passages[studies.ADA.key, 1].queued == place
        assert state.passages[studies.ADA.key, 2].queued is None

    def test_adopted_passages_say_so(self) -> None:
        assert adopted(QueueSettings(), False) is None
        found = adopted(QueueSettings("balanced", control_share=0.1), True)
        assert found is not None
        assert (found.rank, found.control) == (None, True)
        plain = adopted(QueueSettings("balanced"), False)
        assert plain is not None
        assert plain.control is None


class TestConfiguration:
    def write(self, folder: Path, lines: str) -> Path:
        path = folder / "annotate.toml"
        path.write_text(f'[study]\nid = "0123-abcd"\nname = "N"\n[passes.spans]\n{lines}\n', "utf-8")
        return path

    def test_every_fault_is_named(self, tmp_path: Path) -> None:
        lines = 'order = "best"\ncontrol_share = 1.5\noverlap_share = -0.1\noverlap_annotators = 1'
        with pytest.raises(ConfigError) as caught:
            read_config(self.write(tmp_path, lines))
        named = [problem.what for problem in caught.value.problems]
        assert len(named) == 4
        assert all(one.startswith("passes.spans.") for one in named)

    def test_the_option_wins_over_the_file(self, tmp_path: Path) -> None:
        self.write(tmp_path, 'order = "random"\nseed = 5\ncontrol_share = 0.1')
        study = Study(tmp_path)
        assert queue_settings(study) == QueueSettings("random", 5, 0.1)
        assert queue_settings(study, "balanced") == QueueSettings("balanced", 5, 0.1)
        with pytest.raises(UsageError, match="best"):
            queue_settings(study, "best")
