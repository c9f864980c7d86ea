"""What push and pull refuse, with which exit code; and what status counts."""

from __future__ import annotations

import subprocess
import sys

import pytest
from small_studies import TEXTS, campaigns, make_person, write_study

from annotate.core.errors import ConfigError, Refused, ServerFailure, StorageFailure
from annotate.flows.connecting import connect_as
from annotate.flows.pull import pull
from annotate.flows.push import plan, push
from annotate.flows.status import status

pytestmark = pytest.mark.server


@pytest.fixture
def campaign(embedded, tmp_path, monkeypatch):
    return campaigns(embedded, tmp_path, monkeypatch)


# --- errors -------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_refused_and_not_repeated_in_the_message(embedded, tmp_path, monkeypatch):
    monkeypatch.setenv("DOCCANO_HOME", str(embedded.home))
    made = campaigns(embedded, tmp_path, monkeypatch)()
    config = made.study.root / "annotate.toml"
    config.write_text(
        config.read_text("utf-8").replace('url = "embedded"', f'url = "{embedded.url}"'), "utf-8"
    )
    monkeypatch.setenv("ANNOTATE_DOCCANO_PASSWORD", "not-the-password-7391")
    command = [sys.executable, "-m", "annotate", "--study", str(made.study.root), "push"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == Refused.exit_code == 5, done.stderr
    assert "annotate-service" in done.stderr
    assert "not-the-password-7391" not in done.stdout + done.stderr


def test_an_account_that_is_no_superuser_is_refused(embedded, campaign, monkeypatch):
    made = campaign()
    config = made.study.root / "annotate.toml"
    text = config.read_text("utf-8")
    stranger = make_person("stranger")
    embedded.add_user(stranger.user, stranger.password)
    config.write_text(
        text.replace('url = "embedded"', f'url = "{embedded.url}"\nuser = "{stranger.user}"'), "utf-8"
    )
    monkeypatch.setenv("ANNOTATE_DOCCANO_PASSWORD", stranger.password)
    fresh = type(made.study)(made.study.root)
    with pytest.raises(Refused, match="refused GET users: 403") as caught:
        push(fresh)
    assert "superuser" in caught.value.hint
    assert stranger.password not in str(caught.value)
    assert not fresh.ledger_dir.exists()


def test_a_server_that_is_down_is_a_server_failure(campaign, tmp_path, monkeypatch):
    made = campaign()
    monkeypatch.setenv("DOCCANO_HOME", str(tmp_path / "no-server-here"))
    for verb in (push, plan, status):
        with pytest.raises(ServerFailure, match="not running") as caught:
            verb(made.study)
        assert caught.value.exit_code == 6
        assert caught.value.retry
    assert not made.study.ledger_dir.exists()


def test_missing_accounts_are_named_all_at_once(embedded, tmp_path, monkeypatch):
    made = campaigns(embedded, tmp_path, monkeypatch)()
    nobody = [make_person("nobody"), make_person("noone")]
    study = write_study(tmp_path / "other", [made.ann, *nobody])
    for path in made.study.built_dir.iterdir():
        study.built_dir.mkdir(exist_ok=True)
        (study.built_dir / path.name).write_bytes(path.read_bytes())
    with pytest.raises(ConfigError) as caught:
        push(study)
    assert caught.value.exit_code == 3
    assert all(one.user in str(caught.value) for one in nobody)
    assert made.ann.user not in str(caught.value)


def test_one_writer_at_a_time(campaign):
    made = campaign()
    push(made.study)
    lines = made.ledger()
    with made.study.writing("something else"):
        for verb in (push, pull):
            with pytest.raises(StorageFailure, match="another annotate command") as caught:
                verb(made.study)
            assert caught.value.exit_code == 9
        assert len(status(made.study).annotators) == 2
    assert made.ledger() == lines


# --- status -------------------------------------------------------------------------------------------------


def test_status_counts_what_is_on_the_server(campaign):
    made = campaign()
    rows = status(made.study).annotators
    assert [(one.project_id, one.passages, one.not_pushed) for one in rows] == [(None, 0, 3)] * 2
    push(made.study)
    ann = made.project(made.ann)
    ann.draw("a.txt", "Berlin", "ACTOR")
    ann.draw("b.txt", "Minister", "ACTOR")
    ann.delete("a.txt", "spans", ann.span("a.txt", "5. Mai 1971", "DATE")["id"])
    ann.toggle_confirmed("a.txt")
    ann.toggle_confirmed("c.txt")
    made.grow({**TEXTS, "d.txt": "One more.\n"})
    report = status(made.study)
    one, two = report.annotators
    assert (one.user, one.pseudonym) == (made.ann.user, "A1")
    assert (one.passages, one.confirmed, one.labels, one.suggestions_left, one.not_pushed) == (3, 2, 2, 3, 1)
    assert (two.passages, two.confirmed, two.labels, two.suggestions_left, two.not_pushed) == (3, 0, 0, 4, 1)
    assert one.disagreements == two.disagreements == ()
    assert report.last_pull is None
    assert (report.ledger_lines, report.ledger_head) == (len(made.ledger()), made.ledger()[-1].hash)
    name = pull(made.study).pull
    assert status(made.study).last_pull == name


# --- what an annotator may not do in the own project -----------------------------------------------------


def test_annotators_cannot_rewrite_texts_types_or_settings(campaign):
    """Doccano 1.8.4 refuses them PATCH and forgets PUT."""
    made = campaign()
    push(made.study)
    remote = made.remotes()[made.ann.user]
    base = f"projects/{remote.project_id}"
    own = connect_as(made.study, made.ann.user, made.ann.password)
    example = made.examples(made.ann)[0]
    kind = own.get_list(f"{base}/span-types")[0]
    project = own.get(base)
    for method in ("PUT", "PATCH"):
        for path, body in (
            (f"{base}/examples/{example['id']}", {**example, "text": "mine now"}),
            (f"{base}/span-types/{kind['id']}", {**kind, "text": "MINE"}),
            (base, {**project, "grapheme_mode": True}),
        ):
            with pytest.raises(Refused):
                own.send(method, path, json=body)
    own.close()
    assert made.examples(made.ann)[0] == example
    assert plan(made.study).is_empty
