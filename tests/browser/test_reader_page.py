"""The reader of a dataset in a browser: filters, details by mouse and keyboard, no script, a narrow window.

It needs no server; the study is the one of the unit tests.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

import studies
from material import hostile, material_of

from annotate.flows import report
from annotate.formats.writers import reader
from annotate.store.study import Study

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Study:
    return studies.nasty_study(tmp_path_factory.mktemp("reader") / "study")


@pytest.fixture(scope="module")
def folder(study, tmp_path_factory) -> Path:
    found = tmp_path_factory.mktemp("pages")
    reader.write(material_of(study), found)
    (found / "hostile").mkdir()
    reader.write(hostile(material_of(study)), found / "hostile")
    report.apply(report.plan(study, found / "report.html"))
    return found


@pytest.fixture
def opened(browser: Browser, folder: Path) -> Iterator[tuple[Page, list[str]]]:
    context = browser.new_context(viewport={"width": 1300, "height": 900}, offline=True)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message) or dialog.dismiss())
    page.goto((folder / "reader.html").as_uri())
    yield page, said
    context.close()


def test_filters_hide_and_show_by_label_layer_annotator_and_status(opened):
    page, said = opened
    shown = page.locator("#shown")
    expect(shown).to_have_text("14 of 14 labels shown")
    page.get_by_role("checkbox", name="LOADED").uncheck()
    expect(shown).to_have_text("6 of 14 labels shown")
    expect(page.locator("a.chip", has_text="LOADED").first).to_be_hidden()
    expect(page.locator("a.chip", has_text="DATE").first).to_be_visible()
    page.get_by_role("group", name="Frame").get_by_role("checkbox", name="whole layer").uncheck()
    expect(shown).to_have_text("0 of 14 labels shown")
    page.get_by_role("button", name="Show all").click()
    expect(shown).to_have_text("14 of 14 labels shown")
    page.get_by_role("checkbox", name="confirmed").uncheck()
    expect(shown).to_have_text("2 of 14 labels shown")
    page.get_by_role("checkbox", name="only documents with labels shown").check()
    expect(page.locator("article:visible")).to_have_count(1)
    page.get_by_role("button", name="Show all").click()
    page.get_by_role("group", name="Annotator").get_by_role("checkbox", name="A1 9").uncheck()
    left = [chip for chip in page.locator("a.chip:visible").all_inner_texts()]
    assert left
    assert not [one for one in left if one.endswith("A1")]
    assert said == []


def test_a_click_and_the_keyboard_show_who_when_and_how(opened):
    page, said = opened
    facts = page.locator("#facts")
    page.locator("u", has_text="großen").first.click(position={"x": 3, "y": 8})
    expect(facts).to_contain_text("by A1")
    expect(facts).to_contain_text("drawn by hand")
    # ben's label lies over the same words.
    expect(facts.locator("li")).to_have_count(2)
    expect(facts).to_contain_text("relation: DATE")
    page.keyboard.press("Escape")
    expect(facts.locator("li")).to_have_count(0)
    page.locator("a.chip").first.focus()
    expect(facts.locator("li")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(facts.locator("li")).to_have_count(1)
    expect(page.locator("a.chip.on")).to_have_count(1)
    page.get_by_role("button", name="Close").click()
    expect(facts.locator("li")).to_have_count(0)
    assert said == []


def test_documents_are_found_by_their_titles(opened):
    page, _ = opened
    page.get_by_role("searchbox", name="Find a document").fill("brücke")
    expect(page.locator("article:visible")).to_have_count(1)
    expect(page.locator("#documents li:visible")).to_have_count(1)
    page.get_by_role("searchbox").fill("")
    expect(page.locator("article:visible")).to_have_count(3)


def test_without_script_everything_can_be_read(browser, folder):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / "reader.html").as_uri())
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.locator("a.chip")).to_have_count(14)
    page.locator("summary", has_text="label").first.click()
    expect(page.locator(".labels > li").first).to_contain_text("source a-emoji.txt")
    context.close()


def test_hostile_words_do_nothing(opened, folder):
    page, said = opened
    page.goto((folder / "hostile" / "reader.html").as_uri())
    page.locator("a.chip").first.focus()
    expect(page.locator("#facts li")).to_have_count(1)
    assert page.locator("img").count() == 0
    assert said == []


def test_pages_fit_a_narrow_window_and_paper(opened, folder):
    page, said = opened
    page.set_viewport_size({"width": 390, "height": 800})
    for name in ("reader.html", "report.html"):
        page.goto((folder / name).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name
    page.set_viewport_size({"width": 688, "height": 1000})
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 688
    # On paper nothing is folded away.
    folded = page.locator("details:not([open])").first
    assert folded.locator("table").evaluate("one => one.getBoundingClientRect().height") > 20
    assert len(page.pdf()) > 10_000
    assert said == []
