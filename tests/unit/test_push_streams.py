"""What push reads one at a time: passages, suggestions, and the comparison with a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from annotate.core.errors import BadInput, ConfigError, IntegrityFailure
from annotate.core.ids import content_id, sha256_hex
from annotate.core.model import Passage, Piece, Suggestion, SuggestionRun
from annotate.core.pushing import plan_passages
from annotate.core.sketch import Sketch
from annotate.flows.init import init
from annotate.store.built import Built, read_passages, write_built
from annotate.store.chosen import Chosen
from annotate.store.passages import Passages
from annotate.store.study import Study
from annotate.store.suggestions import named, read_runs, write_run

CONFIG = "told"
DIGEST = sha256_hex(CONFIG.encode())
TEXTS = {"p1": "Am 3. April 1970 😀\u2028 kam er.", "p2": "Ko\u0308hler, 1999.\r\n", "p3": "Nothing."}


def passage(name: str, text: str) -> Passage:
    return Passage(name, "doc-1", "src-1", f"{name}.txt", 1, 1, text, (Piece("verbatim", 0, len(text)),))


PASSAGES: Mapping[str, Passage] = {name: passage(name, text) for name, text in TEXTS.items()}


@pytest.fixture
def study(tmp_path: Path) -> Study:
    init(tmp_path / "study", name="Streams")
    made = Study(tmp_path / "study")
    write_built(made, Built((), (), (), tuple(PASSAGES.values())))
    return made


def suggestion(name: str, quote: str, agent: str, label: str = "DATE", note: str = "") -> Suggestion:
    start = TEXTS[name].index(quote)
    key = f"sug-{agent}-{name}-{start}-{label}-{note}"
    place = (start, start + len(quote), quote)
    return Suggestion(key, "", name, "frame", label, *place, agent, "1", DIGEST, 0.25, None, None, note)


def run(
    study: Study, agent: str, seen: str, *made: Suggestion, after: SuggestionRun | None = None
) -> SuggestionRun:
    earlier = (*after.supersedes, after.run_id) if after else ()
    one = named(SuggestionRun("", agent, "1", DIGEST, CONFIG, tuple(seen.split()), made, earlier))
    write_run(study, one)
    return one


class TestPassages:
    def test_each_is_what_the_build_has_in_its_order(self, study: Study) -> None:
        with Passages(study) as found:
            assert tuple(found.values()) == read_passages(study)
            assert list(found) == list(TEXTS)
            assert found["p3"].text == "Nothing."
            assert "p1" in found
            assert found["p1"] == PASSAGES["p1"]
            assert "p4" not in found
            assert len(found) == 3

    def test_a_build_that_was_edited_is_refused(self, study: Study) -> None:
        path = study.built_dir / "passages.jsonl"
        path.write_bytes(path.read_bytes().replace(b"Nothing", b"Anything"))
        with pytest.raises(IntegrityFailure, match=r"passages\.jsonl"):
            Passages(study)

    def test_no_build(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="no documents"):
            Passages(Study(tmp_path))


class TestChosen:
    def test_the_newest_run_that_saw_a_passage_counts(self, study: Study) -> None:
        old = run(
            study, "dates", "p1 p2", suggestion("p1", "1970", "dates"), suggestion("p2", "1999", "dates")
        )
        run(study, "dates", "p1", suggestion("p1", "3. April 1970", "dates"), after=old)
        with Chosen(study, ()) as chosen:
            assert [one.quote for one in chosen.of("p1")] == ["3. April 1970"]
            assert [one.quote for one in chosen.of("p2")] == ["1999"]
            assert chosen.of("p3") == ()
            assert chosen.of("unheard of") == ()

    def test_a_newer_run_that_found_nothing_takes_the_old_word_back(self, study: Study) -> None:
        old = run(study, "dates", "p1", suggestion("p1", "1970", "dates", "YEAR"))
        run(study, "dates", "p1", after=old)
        with Chosen(study, ()) as chosen:
            assert chosen.of("p1") == ()
            assert chosen.labels == frozenset()

    @pytest.mark.parametrize(("order", "first"), [(("b", "a"), "b"), (("a",), "a"), ((), "a")])
    def test_of_two_agents_that_agree_the_first_one_is_named(
        self, study: Study, order: tuple[str, ...], first: str
    ) -> None:
        run(study, "a", "p1", suggestion("p1", "1970", "a"), suggestion("p1", "3.", "a", "DAY"))
        run(study, "b", "p1", suggestion("p1", "1970", "b"), suggestion("p1", "Am", "b"))
        with Chosen(study, order) as chosen:
            assert [(one.quote, one.agent) for one in chosen.of("p1")] == [
                ("Am", "b"), ("3.", "a"), ("1970", first)
            ]  # fmt: skip
            assert chosen.labels == {"DATE", "DAY"}

    def test_lines_of_a_passage_need_not_stand_together(self, study: Study) -> None:
        made = [
            suggestion(name, quote, "a") for name, quote in (("p2", "1999"), ("p1", "1970"), ("p2", "Ko"))
        ]
        run(study, "a", "p2 p1", *made)
        with Chosen(study, ()) as chosen:
            assert [one.quote for one in chosen.of("p2")] == ["Ko", "1999"]
            assert [one.suggestion_id for one in chosen.of("p1")] == [made[1].suggestion_id]

    def test_every_bad_line_of_every_run_is_named(self, study: Study) -> None:
        for agent in ("a", "b"):
            one = run(study, agent, "p1", suggestion("p1", "1970", agent), suggestion("p1", "Am", agent))
            path = study.suggestions_dir / f"{one.run_id}.jsonl"
            path.write_bytes(path.read_bytes().replace(b'"quote":"Am"', b'"quote":"Ammer"') + b"{}\n")
        with pytest.raises(BadInput) as streamed:
            Chosen(study, ())
        with pytest.raises(BadInput) as read:
            read_runs(study)
        assert streamed.value.problems == read.value.problems
        assert [one.line for one in read.value.problems] == [3, 4, 3, 4]

    def test_a_run_that_was_edited_is_refused(self, study: Study) -> None:
        one = run(study, "a", "p1", suggestion("p1", "1970", "a", note="sure"))
        path = study.suggestions_dir / f"{one.run_id}.jsonl"
        path.write_bytes(path.read_bytes().replace(b'"sure"', b'"quite"'))
        with pytest.raises(BadInput) as error:
            Chosen(study, ())
        assert "changed by hand" in str(error.value.problems[0])


def sketch(example: int, name: str | None, text: str | None = None) -> Sketch:
    return Sketch(example, name, TEXTS[name or "p3"] if text is None else text, (), (), (), False)


class TestPlan:
    def test_what_is_there_what_is_known_and_what_is_not(self) -> None:
        plan = plan_passages(
            "P", PASSAGES, iter([sketch(9, None), sketch(2, "p2"), sketch(1, "p1")]), {"p1", "p0"}
        )
        assert (plan.add, plan.adopt, plan.present) == (("p3",), ("p2",), 1)
        assert plan.gone_from_build == ("p0",)
        assert plan.problems == ()

    def test_what_a_person_has_to_look_at(self) -> None:
        there = [sketch(5, "p1"), sketch(4, "p1"), sketch(6, "p2", "edited")]
        plan = plan_passages("P", PASSAGES, iter(there), {"p1", "p3"})
        assert (plan.add, plan.adopt, plan.present) == ((), (), 0)
        assert [(one.subject, one.what) for one in plan.problems] == [
            ("passage p1 (p1.txt)", "is there 2 times, as examples 4, 5"),
            ("passage p2 (p2.txt)", "example 6 has another text than the study"),
            ("passage p3 (p3.txt)", "was pushed before and is no longer on the server"),
        ]


def test_the_id_of_a_run_depends_on_every_suggestion(study: Study) -> None:
    one = suggestion("p1", "1970", "a")
    base = SuggestionRun("", "a", "1", DIGEST, CONFIG, ("p1",), (one,))
    ids = {
        named(base).run_id,
        named(replace(base, suggestions=())).run_id,
        named(replace(base, suggestions=(one, one))).run_id,
        named(replace(base, suggestions=(replace(one, score=None),))).run_id,
        named(replace(base, passages_seen=("p1", "p2"))).run_id,
        named(replace(base, supersedes=("run-0",))).run_id,
    }
    assert len(ids) == 6


def test_the_id_of_a_run_is_that_of_its_whole_content(study: Study) -> None:
    one, two = suggestion("p1", "1970", "a"), replace(suggestion("p2", "1999", "a", note="é"), score=1e-7)
    base = SuggestionRun("", "a", "1", DIGEST, CONFIG, ("p1", "p2"), (one, two), ("run-0",))
    content = ["a", "1", DIGEST, ["p1", "p2"], ["run-0"], [asdict(one), asdict(two)]]
    assert named(base).run_id == content_id("run", content)
