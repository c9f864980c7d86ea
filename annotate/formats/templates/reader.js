"use strict";
(() => {
  const find = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const byId = (id) => document.getElementById(id);
  const filters = byId("filters"), panel = byId("panel"), facts = byId("facts"), said = byId("shown");
  const boxes = find("input[data-class]"), hiding = byId("hiding"), total = find(".labels > li").length;
  const articles = find("article"), entries = find("#documents li"), search = byId("search");
  filters.hidden = byId("finding").hidden = false;

  const hidden = () => boxes.filter((box) => !box.checked).map((box) => "." + box.dataset.class);
  const filter = () => {
    const off = hidden(), any = off.length ? `:is(${off.join()})` : "";
    hiding.textContent = any
      ? `u${any}{border-bottom-color:transparent;background:none;cursor:text}.chip${any},li${any}{display:none}`
      : "";
    const shown = any ? total - find(`.labels > li${any}`).length : total;
    said.textContent = `${shown} of ${total} labels shown`;
    const empty = byId("only").checked, words = search.value.trim().toLowerCase();
    articles.forEach((article, at) => {
      const has = article.querySelector(any ? `.labels > li:not(${any})` : ".labels > li");
      const named = !words || entries[at].textContent.toLowerCase().includes(words);
      article.hidden = entries[at].hidden = !named || (empty && !has);
    });
  };

  const unmark = () => find(".on").forEach((one) => one.classList.remove("on"));
  const show = (numbers) => {
    const list = document.createElement("ul");
    const seen = numbers.map((number) => byId("x" + number)).filter((entry) => {
      return entry && getComputedStyle(entry).display !== "none";
    });
    unmark();
    for (const entry of seen) {
      const number = entry.id.slice(1), copy = entry.cloneNode(true);
      copy.removeAttribute("id");
      for (const tie of find(`[data-from="${number}"],[data-to="${number}"]`, entry.closest("article"))) {
        const line = document.createElement("i"), words = tie.cloneNode(true);
        find("i", words).forEach((fact) => fact.remove());
        line.textContent = "relation: " + words.textContent;
        copy.append(line);
      }
      list.append(copy);
      find(`[data-i="${number}"]`, entry.closest("article")).forEach((one) => one.classList.add("on"));
    }
    if (!seen.length) return;
    facts.replaceChildren(list);
    panel.classList.remove("idle");
    byId("close").hidden = false;
  };
  const close = () => {
    unmark();
    facts.textContent = "Choose a label in the text to see who set it, when and how.";
    panel.classList.add("idle");
    byId("close").hidden = true;
  };

  const numbersAt = (node) => {
    const numbers = [];
    for (let one = node.closest("[data-i]"); one; one = one.parentElement.closest("[data-i]")) numbers.push(one.dataset.i);
    return numbers;
  };
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("a.chip");
    if (chip) event.preventDefault();
    if (event.target.closest(".text")) show(numbersAt(event.target));
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("a.chip")) show([event.target.dataset.i]);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  byId("close").addEventListener("click", close);
  filters.addEventListener("change", (event) => {
    const layer = event.target.dataset.layer;
    if (layer) {
      find(`input[data-of="${layer}"]`).forEach((box) => { box.checked = event.target.checked; });
    }
    document.body.classList.toggle("plain", !byId("names").checked);
    filter();
  });
  byId("all").addEventListener("click", () => {
    find("input[data-class],input[data-layer]").forEach((box) => { box.checked = true; });
    filter();
  });
  search.addEventListener("input", filter);
  close();
  filter();
})();
