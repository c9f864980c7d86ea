"""What every test gets: so many made-up examples, and no study remembered from another's command line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from annotate.cli.context import choose_study

# No deadline: the first text pays for loading the word lists, and machines are shared.
# `make fast` looks at a few examples, `make test` asks for --hypothesis-profile=thorough.
settings.register_profile("fast", deadline=None, max_examples=25)
settings.register_profile("thorough", deadline=None, max_examples=150)
settings.load_profile("fast")


SLOW_FIRST = (
    *("test_readme.py", "test_faults.py", "test_restore.py", "test_adjudication.py", "test_independence.py"),
    *("test_embedded_server.py", "test_backup.py", "test_faults_beyond_the_wire.py", "test_interrupted.py"),
    *("test_campaign.py", "test_proxy.py", "test_prefix.py", "test_pulled.py", "test_postgresql.py"),
    *("test_queue.py", "test_secrets_nowhere.py", "test_annotators.py"),
    *("test_suggest.py", "test_verify.py", "test_environments.py", "test_bases.py", "test_learning.py"),
    *("test_cli.py", "test_learned_scores.py"),
)
"""The files that take longest, in the order in which they are begun: with `--dist loadfile
--no-loadscope-reorder` no worker is left with a long one in the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    places = {name: place for place, name in enumerate(SLOW_FIRST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@pytest.fixture(autouse=True)
def no_study_chosen() -> Iterator[None]:
    """``--study`` is remembered by the process; a test's process has many command lines."""
    choose_study(None)
    yield
    choose_study(None)
