"""`annotate demo`: the sample corpus the whole way, labelled by two scripts or by a person."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from annotate.core.errors import ConfigError, UsageError
from annotate.core.model import Passage
from annotate.core.script import JUDGE, DocumentScript, Script, Steps, intentions
from annotate.store.built import read_built
from annotate.store.files import replace_file
from annotate.store.script import read_script
from annotate.store.study import Study

if TYPE_CHECKING:
    from annotate.doccano.scripted import ScriptedHand

Say = Callable[[str], None]
DATASET = "demo"
VISITOR = "visitor"


@dataclass(frozen=True, slots=True)
class Login:
    """An account of the demo's server."""

    user: str
    password: str
    scripted: bool


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What the demo made, where it is, and how to look at it."""

    root: str
    url: str
    logins: tuple[Login, ...]
    documents: int
    passages: int
    labels: int
    relations: int
    suggestions: dict[str, int]
    dataset: str
    verified: bool
    changed: bool
    missed: tuple[str, ...]


def demo(study: Study, *, say: Say, wait: Callable[[DemoWaiting], None] | None = None) -> DemoReport:
    """Take the sample study from its sources to a verified dataset.

    Every step is safe to repeat: a second run finds everything done. With ``wait`` nobody labels but
    the person whom that function waits for. Raises whatever the steps raise.
    """
    from annotate.doccano import embedded
    from annotate.flows import ingest, pull, push, suggest

    if not study.config.study.sample:
        raise UsageError(
            f"{study.root} is a study of yours, and the demo labels by script",
            hint="run `annotate demo` in another folder: it makes a sample study there",
        )
    home = embedded.default_home(study.root)
    info = embedded.start(home, port=None, progress=say)
    logins = _logins(study, home, say)
    say("ingest: reading the sources")
    ingest.apply(ingest.plan(study, ()))
    say("suggest: dates, speakers, claims, rhetoric, and what joins them")
    suggest.suggest(study)
    say("push: one Doccano project for each annotator")
    pushed = push.push(study)
    if wait is None:
        steps = _play(study, logins, say)
    else:
        steps = Steps()
        wait(DemoWaiting(info.url, logins[0]))
    say("pull: reading back what was labelled")
    pulled = pull.pull(study)
    decided = _adjudicate(study, logins, say) if wait is None else 0
    changed = bool(steps.done or pulled.pull or decided or any(pushed.passages_added.values()))
    return _publish(study, info.url, logins, steps, say, changed=changed)


@dataclass(frozen=True, slots=True)
class DemoWaiting:
    """What a person needs in order to label."""

    url: str
    login: Login


def sample_study(here: Study | None, folder: Path | None, *, by_script: bool) -> Study:
    """The study that the demo works on: the sample study around us, else one made in ``folder``.

    A person's labels never go into the scripts' projects: waiting for one always has its own study.
    Raises UsageError where ``folder`` holds a study of the other kind, Conflict where it is not empty.
    """
    from annotate.flows.init import make_sample

    if by_script:
        if folder is None and here is not None and here.config.study.sample:
            study = here
        else:
            study = make_sample(folder or Path("annotate-demo"))
    else:
        study = make_sample(folder or Path("annotate-demo-wait"), config=_visitor_config())
    scripted = [annotator.scripted for annotator in study.config.annotators]
    if study.config.study.sample and scripted != [by_script] * len(scripted):
        raise UsageError(
            f"{study.root} is a sample study for {'a person' if by_script else 'scripts'}",
            hint="name another folder with --dir",
        )
    return study


def _visitor_config() -> str:
    return (
        "# The sample study, for a person who wants to try the labelling.\n"
        '[study]\nid = "sample-visitor-0001"\nname = "Sample study"\nsample = true\n\n'
        f'[[annotators]]\nuser = "{VISITOR}"\npseudonym = "V1"\n\n'
        '[passes.spans]\nsuggest = ["source_criticism"]\n'
    )


def _logins(study: Study, home: Path, say: Say) -> tuple[Login, ...]:
    """Accounts for the study's annotators; their passwords are made once and kept beside the server's."""
    from annotate.doccano import embedded

    path = home / "demo-logins.json"
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    people = [(one.user, one.scripted) for one in study.config.annotators]
    if study.config.adjudication:
        people.append((study.config.adjudication.user, study.config.adjudication.scripted))
    logins = []
    for user, scripted in people:
        if user not in known:
            known[user] = secrets.token_urlsafe(12)
            replace_file(path, json.dumps(known).encode("utf-8"), mode=0o600)
            embedded.add_user(home, user, known[user], progress=say)
        logins.append(Login(user, known[user], scripted))
    return tuple(logins)


def _play(study: Study, logins: Sequence[Login], say: Say) -> Steps:
    """Let each scripted annotator bring their project to what the script wants."""
    from annotate.doccano.campaign import find_projects
    from annotate.doccano.scripted import ScriptedHand
    from annotate.flows.connecting import connect, connect_as
    from annotate.flows.push.plan import PASS

    script = read_script(study)
    remotes = find_projects(connect(study), study.config.study.id, PASS)
    passwords = {login.user: login.password for login in logins if login.scripted}
    work = _work(study, script)
    total = Steps()
    for hand, user in script.annotators.items():
        if user not in passwords:
            raise ConfigError(f"the script's {user!r} is no scripted annotator of annotate.toml")
        say(f"label: {user} (a script, not a person) at work")
        account = ScriptedHand(connect_as(study, user, passwords[user]), remotes[user].project_id)
        for document, passages in work:
            _label(account, document, passages, hand)
        total.done += account.steps.done
    for document, passages in work:
        # Words that are not there are listed once, whoever wants them.
        intentions(document, (), passages, total.missed)
    return total


def _label(account: ScriptedHand, document: DocumentScript, passages: Sequence[Passage], hand: str) -> None:
    wanted = intentions(document, hand, passages)
    shown = [one for one in passages if account.shows(one)]
    for passage in shown:
        account.label(passage, wanted[passage.passage_id])
    for remark in document.comments:
        if remark.by == hand and passages and passages[0] in shown:
            account.comment(passages[0], remark.text)
    for passage in shown if hand not in document.open else ():
        account.confirm(passage)


def _adjudicate(study: Study, logins: Sequence[Login], say: Say) -> int:
    """Have the scripted adjudicator decide what the scripts differ on; how many passages were decided now."""
    from annotate.core.adjudication.decided import ADJUDICATION
    from annotate.doccano.campaign import find_projects
    from annotate.doccano.scripted import ScriptedHand
    from annotate.flows import adjudicate
    from annotate.flows.connecting import connect, connect_as

    judge, script = study.config.adjudication, read_script(study)
    if judge is None or not judge.scripted or script.hands.get(JUDGE) != judge.user:
        return 0
    say("adjudicate: what both agree on is gold; the rest goes to the adjudicator")
    adjudicate.start(study)
    remote = find_projects(connect(study), study.config.study.id, ADJUDICATION).get(judge.user)
    if remote is None:
        return 0
    say(f"adjudicate: {judge.user} (a script, not a person) at work")
    password = next(login.password for login in logins if login.user == judge.user)
    account = ScriptedHand(connect_as(study, judge.user, password), remote.project_id)
    for document, passages in _work(study, script):
        _rule(account, document, passages, script)
    return adjudicate.finish(study).decided


def _rule(
    account: ScriptedHand, document: DocumentScript, passages: Sequence[Passage], script: Script
) -> None:
    """Decide as the script's judge does, and say why where a label goes."""
    wanted = intentions(document, JUDGE, passages)
    agreed = intentions(document, tuple(script.annotators), passages)
    for passage in filter(account.shows, passages):
        mine, settled = wanted[passage.passage_id], agreed[passage.passage_id]
        refused = account.label(passage, mine, settled=settled.marks, joined=settled.joins)
        reasons = [
            f"{one.label} “{passage.text[one.start : one.end][:40]}”: {mine.whys[one]}"
            for one in refused
            if one in mine.whys
        ]
        if reasons:
            account.comment(passage, "; ".join(reasons))
        account.confirm(passage)


def _work(study: Study, script: Script) -> list[tuple[DocumentScript, list[Passage]]]:
    """Each scripted document with its passages; none where the study does not have it."""
    built = read_built(study)
    titles = {one.document_id: (one.source_file, one.title) for one in built.documents}
    found: dict[tuple[str, str | None], list[Passage]] = {}
    for passage in built.passages:
        found.setdefault(titles[passage.document_id], []).append(passage)
    return [(one, found.get((one.file, one.document), [])) for one in script.documents]


def _publish(
    study: Study, url: str, logins: tuple[Login, ...], steps: Steps, say: Say, *, changed: bool
) -> DemoReport:
    from annotate.flows import export, verify

    say(f"export: writing exports/{DATASET}")
    exported = export.apply(study, export.plan(study, DATASET))
    say(f"verify: proving exports/{DATASET} from the files alone")
    verify.verify(study, DATASET)
    built = read_built(study)
    return DemoReport(
        root=str(study.root),
        url=url,
        logins=logins,
        documents=len(built.documents),
        passages=len(built.passages),
        labels=exported.rows["labels"],
        relations=exported.rows["relations"],
        suggestions=dict(exported.fates),
        dataset=f"exports/{DATASET}",
        verified=True,
        changed=changed,
        missed=tuple(steps.missed),
    )


def wait_until_confirmed(study: Study, *, say: Say, poll_seconds: float = 3.0) -> None:
    """Return when every passage is confirmed on the server; KeyboardInterrupt ends the waiting too."""
    from annotate.flows import status

    last = ""
    while True:
        rows = status.status(study).annotators
        done, of = sum(one.confirmed for one in rows), sum(one.passages for one in rows)
        text = f"{done} of {of} passages confirmed"
        if text != last:
            say(text)
            last = text
        if of and done >= of:
            return
        time.sleep(poll_seconds)
