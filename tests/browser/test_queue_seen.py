"""The queue in a browser: what an annotator sees first, what is bare, and what the report makes of it."""

from __future__ import annotations

import pytest
from acting import screen_of
from pages import TEXT_LINES, AnnotationPage, LoginPage
from small_studies import Told, make_campaign

from annotate.core.queue import is_control
from annotate.flows import report
from annotate.flows.pull import pull
from annotate.flows.push import plan, push
from annotate.store.study import Study

pytestmark = pytest.mark.browser

TEXTS = {f"q{number}.txt": f"Report {number}: the pier of {1900 + number} is safe.\n" for number in range(6)}
TOLD = [Told(file, str(1900 + number)) for number, file in enumerate(TEXTS)]
SHARE = 0.34


@pytest.fixture
def campaign(embedded, tmp_path, monkeypatch):
    monkeypatch.setenv("DOCCANO_HOME", str(embedded.home))
    made = make_campaign(tmp_path / "study", embedded, names=("queued",), texts=TEXTS, told=TOLD)
    config = made.study.root / "annotate.toml"
    wishes = f'order = "random"\nseed = 1\ncontrol_share = {SHARE}\n'
    config.write_text(
        config.read_text("utf-8").replace("[passes.spans]\n", f"[passes.spans]\n{wishes}"), "utf-8"
    )
    made.study = Study(made.study.root)
    return made


def test_the_first_page_is_the_head_of_the_queue_and_controls_are_bare(campaign, embedded, browser):
    settings = campaign.study.config.pass_settings("spans").queue()
    assert settings.control_share == SHARE
    by_id = {one.passage_id: file for file, one in campaign.passages.items()}
    order = [by_id[one] for one in plan(campaign.study).projects[0].passages.add]
    bare = {by_id[one] for one in by_id if is_control(settings, one)}
    assert order != list(TEXTS)
    assert 2 <= len(bare) <= 4
    push(campaign.study)
    person = campaign.ann
    failures: list[str] = []
    with screen_of(browser, failures) as page:
        LoginPage(page, embedded.url).log_in(person.user, person.password)
        passage = AnnotationPage(page, embedded.url, campaign.remotes()[person.user].project_id)
        for number, file in enumerate(order, 1):
            passage.open(number)
            assert "".join(page.locator(TEXT_LINES).all_text_contents()).strip() == TEXTS[file].strip()
            year = str(1900 + int(file[1]))
            assert passage.drawn() == ([] if file in bare else [("DATE", year)])
            if file in bare:
                passage.label_by_menu("is safe", "CLAIM")
            passage.confirm()
    assert failures == []
    pull(campaign.study)
    counted = report.count(campaign.study)
    (fates,) = (one for one in counted.sections if one.key == "fates")
    sheets = {sheet.name: sheet.records() for sheet in fates.sheets}
    helped = len(TEXTS) - len(bare)
    assert {row["annotator"]: (row["accepted"], row["not_pushed"]) for row in sheets["by_all"]} == {
        "A1": (helped, 0),
        "(not pushed)": (0, len(bare)),
    }
    by_label = {one["label"]: one for one in sheets["control_by_label"]}
    assert (by_label["CLAIM"]["control_labels"], by_label["CLAIM"]["suggested_labels"]) == (len(bare), 0)
    assert (by_label["DATE"]["control_labels"], by_label["DATE"]["suggested_labels"]) == (0, helped)
    assert by_label["(all)"]["difference"] == pytest.approx(0.0, abs=1e-6)
