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


@pytest.fixture(autouse=True)
def no_study_chosen() -> Iterator[None]:
    """``--study`` is remembered by the process; a test's process has many command lines."""
    choose_study(None)
    yield
    choose_study(None)
