"""Doccano's page below a path of a site with TLS: an annotator logs in, labels, confirms; nothing strays."""

from __future__ import annotations

import pytest
from acting import PATIENCE
from deployed import deeds
from pages import AnnotationPage, LoginPage, ProjectList
from playwright.sync_api import Browser
from proxy import running_site
from small_studies import make_campaign

from annotate.flows.pull import pull
from annotate.flows.push import push

pytestmark = pytest.mark.browser
PREFIX = "/studies/doccano"
SHORT = "Kurz-Genug-77"  # the login form takes no more than 30 characters


def test_an_annotator_works_below_a_prefix(browser: Browser, tmp_path, monkeypatch):
    with running_site(tmp_path, path=PREFIX) as site:
        monkeypatch.setenv("DOCCANO_HOME", str(site.server.home))
        made = make_campaign(tmp_path / "study", site.server)
        push(made.study)
        pull(made.study)
        project = made.remotes()[made.ann.user].project_id
        context = browser.new_context(ignore_https_errors=True, viewport={"width": 1400, "height": 900})
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        asked: list[str] = []
        failed: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        page.on("response", lambda one: failed.append(one.url) if one.status >= 400 else None)
        try:
            site.server.add_user(made.ann.user, SHORT)
            LoginPage(page, site.url).log_in(made.ann.user, SHORT)
            assert len(ProjectList(page).names()) == 1
            passage = AnnotationPage(page, site.url, project)
            passage.open(2)
            assert passage.label_by_menu("Second", "DATE").status == 201
            assert passage.confirm().status == 201
            page.reload(wait_until="networkidle")
            passage.wait_for_drawn("DATE", "Second")
        finally:
            context.close()
        host = site.url.removesuffix(PREFIX)
        assert [one for one in asked if one.startswith(host) and not one.startswith(site.url + "/")] == []
        assert [one for one in failed if one.startswith(host)] == []
        assert deeds(pull(made.study)) == {"label_appeared": 1, "confirmed": 1}
