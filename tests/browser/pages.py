"""Doccano's web pages as a person uses them: words, labels and buttons instead of selectors.

Everything is read from the page itself. Offsets here are what the browser counts (UTF-16 units) and are
found by searching the drawn text, so that our own conversion has no part in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import ElementHandle, Page, Response, expect

TEXT_LINES = '.annotation-text svg text[id*=":"]'
"""One SVG text a visual line; its id is ``START:END`` of the line in the whole text."""

Place = tuple[str, str] | tuple[str, str, int]
"""A label on the screen: its name, the words that it stands under, and which occurrence of them."""

GUIDELINE, COMMENTS = 3, 4
_CHECK_MARK = "M21,7L9,19"
"""Places of the buttons in the tool bar."""

# The text as drawn, and for some words: where they begin and end on the screen.
_LOCATE = """
([quote, nth]) => {
  const lines = [...document.querySelectorAll('.annotation-text svg text[id*=":"]')].map(e => {
    const [start, end] = e.id.split(':').map(Number);
    return {e, start, end};
  }).filter(l => l.end > l.start).sort((a, b) => a.start - b.start);
  let text = '';
  for (const line of lines) {
    while (text.length < line.start) text += '\\n';
    text += line.e.textContent;
  }
  let at = -1;
  for (let n = 0; n < nth; n++) {
    at = text.indexOf(quote, at + 1);
    if (at < 0) return null;
  }
  const point = (offset, edge) => {
    const line = lines.find(l => l.start <= offset && offset < l.start + l.e.textContent.length);
    const inside = offset - line.start;
    const p = edge === 'start' ? line.e.getStartPositionOfChar(inside) : line.e.getEndPositionOfChar(inside);
    const m = line.e.getScreenCTM();
    return {x: p.x * m.a + m.e, y: p.y * m.d + m.f, local: p.x, line: line.e.id};
  };
  return {from: point(at, 'start'), to: point(at + quote.length - 1, 'end')};
}
"""

# Every label as drawn: its name, its colour, and the words above its bar (one entry a visual line).
_DRAWN = """
() => [...document.querySelectorAll('.annotation-text svg')].flatMap(svg => {
  const text = svg.querySelector('text[id*=":"]');
  if (!text) return [];
  const length = text.textContent.length;
  return [...svg.querySelectorAll('g > line')].map(bar => {
    const [x1, x2] = ['x1', 'x2'].map(name => Number(bar.getAttribute(name)));
    let words = '';
    for (let i = 0; i < length; i++) {
      const middle = (text.getStartPositionOfChar(i).x + text.getEndPositionOfChar(i).x) / 2;
      if (x1 - 1 < middle && middle < x2 + 1) words += text.textContent[i];
    }
    const name = bar.parentElement.querySelector('g text');
    return {label: name ? name.textContent : '', words, colour: bar.getAttribute('stroke')};
  });
})
"""

# Every arc as drawn: its relation, and the labels that its two ends point at, from left to right.
_ARCS = """
() => [...document.querySelectorAll('.annotation-text svg')].flatMap(svg => {
  const centres = [...svg.querySelectorAll('g > line')].map(bar => {
    const [x1, x2] = ['x1', 'x2'].map(name => Number(bar.getAttribute(name)));
    return {x: (x1 + x2) / 2, name: bar.parentElement.querySelector('g text').textContent};
  });
  return [...svg.querySelectorAll('g > path')].map(path => {
    const ends = [0, path.getTotalLength()].map(at => path.getPointAtLength(at).x).sort((a, b) => a - b);
    const names = ends.map(x => centres.filter(one => Math.abs(one.x - x) < 2).map(one => one.name)[0]);
    return [path.parentElement.querySelector('text').textContent, ...names];
  });
})
"""

_DRAWING = """
() => [...document.querySelectorAll('.annotation-text svg text, .annotation-text svg path')].map(e => {
  const box = e.getBoundingClientRect();
  return [e.textContent, Math.round(box.x), Math.round(box.y), Math.round(box.width)];
})
"""

# Doccano shows the text itself at an opacity of 0.6 for good.
_STANDS_STILL = """
() => {
  let e = document.querySelector('.annotation-text').parentElement;
  for (; e; e = e.parentElement) if (getComputedStyle(e).opacity !== '1') return false;
  return true;
}
"""

_LABEL = """
([label, line, x]) => {
  const text = [...document.querySelectorAll('.annotation-text svg text[id*=":"]')].find(e => e.id === line);
  const bars = [...text.ownerSVGElement.querySelectorAll('g > line')];
  const found = bars.filter(bar => Math.abs(Number(bar.getAttribute('x1')) - x) < 3)
    .map(bar => bar.parentElement.querySelector('g text'))
    .filter(name => name && name.textContent === label);
  return found.length === 1 ? found[0] : null;
}
"""


class LoginPage:
    """The login form."""

    def __init__(self, page: Page, url: str) -> None:
        self._page = page
        self._url = url

    def log_in(self, user: str, password: str) -> None:
        """Log in and arrive at the list of projects."""
        page = self._page
        page.goto(f"{self._url}/auth", wait_until="networkidle")
        page.locator("input[name=username]").fill(user)
        page.locator("input[name=password]").fill(password)
        button = page.locator('.v-card__actions button:has-text("Login")')
        expect(button).to_be_enabled()
        button.click()
        page.wait_for_url("**/projects")


class ProjectList:
    """The list of projects after the login."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def names(self) -> list[str]:
        """Names of the projects that this person sees."""
        self._page.locator(".v-data-table tbody a").first.wait_for()
        return [name.strip() for name in self._page.locator(".v-data-table tbody a").all_inner_texts()]


class AnnotationPage:
    """One passage, open for labelling."""

    def __init__(self, page: Page, url: str, project: int) -> None:
        self._page = page
        self._url = f"{url}/projects/{project}/sequence-labeling"

    def open(self, number: int = 1) -> None:
        """Show the passage at a position (from 1) and wait until it is drawn."""
        with self._answer("GET", "/spans"), self._answer("GET", "/relations"):
            self._page.goto(f"{self._url}?page={number}")
        self._page.locator(TEXT_LINES).first.wait_for()
        self._page.locator(".v-chip").first.wait_for()
        # The page fades in; before it stands still, clicks and screenshots meet nothing.
        self._page.wait_for_function(_STANDS_STILL)

    def drawn(self) -> list[tuple[str, str]]:
        """(label, words under its bar) of every label on the screen, in reading order."""
        return [(one["label"], one["words"]) for one in self._page.evaluate(_DRAWN)]

    def arcs(self) -> list[tuple[str, str, str]]:
        """(relation, label at its left end, label at its right end) of every arc within a line, sorted."""
        return sorted(tuple(one) for one in self._page.evaluate(_ARCS))

    def wait_for_arcs(self, *arcs: tuple[str, str, str]) -> None:
        """Wait until just these arcs are drawn: they come and go a moment after the labels."""
        wanted = sorted(arcs)
        self._until(lambda: self.arcs() == wanted, f"the arcs {wanted}")

    def colours(self) -> dict[str, str]:
        """Colour of the bar by label."""
        return {one["label"]: one["colour"] for one in self._page.evaluate(_DRAWN)}

    def wait_for_drawn(self, label: str, words: str) -> None:
        """Wait until a label stands under exactly these words (of one line)."""
        self._until(lambda: (label, words) in self.drawn(), f"{label} under {words!r}")

    # --- spans ------------------------------------------------------------------------------------

    def select(self, quote: str, nth: int = 1) -> None:
        """Select words with the mouse, across line ends too."""
        place = self._locate(quote, nth)
        mouse = self._page.mouse
        mouse.move(place["from"]["x"] + 1, place["from"]["y"] - 4)
        mouse.down()
        mouse.move(place["to"]["x"] - 1, place["to"]["y"] - 4, steps=8)
        mouse.up()

    def label_by_menu(self, quote: str, label: str, nth: int = 1) -> Response:
        """Select words, then choose the label from the menu that opens."""
        with self._redrawn(), self._answer("POST", "/spans") as answer:
            self.select(quote, nth)
            self._choose(label)
        return answer.value

    def label_selected(self, quote: str, nth: int = 1) -> Response:
        """Select words while a label is chosen already: it is set at once."""
        with self._redrawn(), self._answer("POST", "/spans") as answer:
            self.select(quote, nth)
        return answer.value

    def press_key(self, key: str) -> None:
        """Press a label's key; the list of labels shows the choice."""
        self._page.keyboard.press(key)
        self._page.locator(".v-chip--active").wait_for()

    def choose_chip(self, label: str) -> None:
        """Click a label in the list at the side, unless it is chosen already: that would release it."""
        chosen = self._page.locator(".v-chip--active", has_text=label)
        if chosen.count() == 0:
            self._chip(label).click()
        expect(chosen).to_be_visible()

    def release_chip(self, label: str) -> None:
        """Click the chosen label once more: the menu is back."""
        self._chip(label).click()
        expect(self._page.locator(".v-chip--active")).to_have_count(0)

    def delete(self, label: str, quote: str, nth: int = 1) -> Response:
        """Right-click a label's name."""
        with self._redrawn(), self._answer("DELETE", "/spans/") as answer:
            self._label(label, quote, nth).click(button="right")
        return answer.value

    def relabel(self, label: str, quote: str, new: str, nth: int = 1) -> Response:
        """Click a label's name and choose another."""
        with self._redrawn(), self._answer("PATCH", "/spans/") as answer:
            self._label(label, quote, nth).click()
            self._choose(new)
        return answer.value

    # --- relations, comment, confirmation -----------------------------------------------------------

    def relate(self, relation: str, start: Place, end: Place) -> Response:
        """Draw a relation from one label to another, and go back to spans."""
        self._toggle_relations(relation)
        self.choose_chip(relation)
        with self._redrawn(), self._answer("POST", "/relations") as answer:
            self._label(*start).click()
            self._label(*end).click()
        self._toggle_relations("CLAIM")
        # Doccano goes on with the label that has the relation's place in its list: nobody chose it.
        self._page.locator(".v-chip--active").click()
        expect(self._page.locator(".v-chip--active")).to_have_count(0)
        return answer.value

    def delete_relation(self, relation: str, nth: int = 1) -> Response:
        """Right-click the name of a relation: its ``nth`` arc on the screen, from above."""
        names = self._page.locator(".annotation-text svg g:has(> path)").get_by_text(relation, exact=True)
        # The page draws lines in any order.
        found = sorted(names.all(), key=lambda one: (one.bounding_box() or {}).get("y", 0))
        with self._redrawn(), self._answer("DELETE", "/relations/") as answer:
            found[nth - 1].click(button="right")
        return answer.value

    def _toggle_relations(self, chip_then_shown: str) -> None:
        self._page.locator(".v-input--selection-controls__ripple").click()
        self._chip(chip_then_shown).wait_for()

    def comment(self, text: str) -> Response:
        """Leave a remark on the passage."""
        dialog = self._open_dialog(COMMENTS)
        dialog.locator("textarea").first.fill(text)
        with self._answer("POST", "/comments") as answer:
            dialog.locator('form button:has-text("Send")').click()
        dialog.get_by_text(text).wait_for()
        self._close_dialog()
        return answer.value

    def open_guideline(self) -> str:
        """Open the guideline; its text as shown."""
        return self._open_dialog(GUIDELINE).inner_text()

    def close_guideline(self) -> None:
        """Close it again."""
        self._close_dialog()

    def confirm(self) -> Response:
        """Press Enter: the passage is done."""
        with self._answer("GET", "/progress"), self._answer("POST", "/states") as answer:
            self._page.keyboard.press("Enter")
        self._page.locator(f'.toolbar-control .v-btn-toggle .v-btn path[d^="{_CHECK_MARK}"]').wait_for()
        return answer.value

    # --- the screen -------------------------------------------------------------------------------

    def screenshot(self, path: Path) -> None:
        """Keep what the person sees."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._page.mouse.move(5, 5)
        self._page.screenshot(path=str(path), animations="disabled")

    def _chip(self, label: str) -> Any:
        return self._page.locator(".v-chip").filter(has_text=label).first

    def _choose(self, label: str) -> None:
        item = ".v-menu__content.menuable__content__active .v-list-item__title"
        self._page.locator(item).get_by_text(label, exact=True).click()

    def _locate(self, quote: str, nth: int) -> dict[str, Any]:
        found = self._page.evaluate(_LOCATE, [quote, nth])
        assert found is not None, f"{quote!r} is not on the screen"
        return found

    def _label(self, label: str, quote: str, nth: int = 1) -> ElementHandle:
        place = self._locate(quote, nth)["from"]
        ask = [label, place["line"], place["local"]]
        self._page.wait_for_function(f"ask => ({_LABEL})(ask) !== null", arg=ask)
        element = self._page.evaluate_handle(_LABEL, ask).as_element()
        assert element is not None
        return element

    def _open_dialog(self, button: int) -> Any:
        self._page.locator(".toolbar-control .v-btn-toggle .v-btn").nth(button).click()
        dialog = self._page.locator(".v-dialog--active")
        dialog.wait_for()
        return dialog

    def _close_dialog(self) -> None:
        dialog = self._page.locator(".v-dialog--active")
        dialog.locator('button:has-text("Close")').last.click()
        expect(dialog).to_have_count(0)

    def _answer(self, method: str, ending: str) -> AbstractContextManager[Any]:
        def is_it(response: Response) -> bool:
            path = response.url.split("?")[0]
            named = path.endswith(ending) if not ending.endswith("/") else ending in path
            return response.request.method == method and "/v1/" in path and named

        return self._page.expect_response(is_it)

    @contextmanager
    def _redrawn(self) -> Iterator[None]:
        """Do something that changes the drawing, and wait until the new one stands still."""
        before = self._drawing()
        yield
        self._until(lambda: self._drawing() != before, "a change of the drawing")
        last: list[object] = []

        def stands_still() -> bool:
            last.append(self._drawing())
            return len(last) > 2 and last[-1] == last[-2] == last[-3]

        self._until(stands_still, "a drawing that stands still")

    def _drawing(self) -> object:
        """Everything drawn and where it is, to compare one moment with another."""
        return self._page.evaluate(_DRAWING)

    def _until(self, check: Callable[[], bool], what: str) -> None:
        for _ in range(600):
            if check():
                return
            self._page.wait_for_timeout(100)
        raise AssertionError(f"never seen: {what}; drawn are {self.drawn()}")
