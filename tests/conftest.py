"""What every test gets: no study remembered from another test's command line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from annotate.cli.context import choose_study


@pytest.fixture(autouse=True)
def no_study_chosen() -> Iterator[None]:
    """``--study`` is remembered by the process; a test's process has many command lines."""
    choose_study(None)
    yield
    choose_study(None)
