"""docs/faults.md lists exactly the cases that the test with the faulty proxy runs."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_lists_the_cases_of_the_test() -> None:
    done = subprocess.run(
        [sys.executable, "tools/fault_table.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_no_case_is_there_twice() -> None:
    spec = importlib.util.spec_from_file_location("fault_cases", ROOT / "tests/server/fault_cases.py")
    assert spec is not None
    assert spec.loader is not None
    cases = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = cases
    spec.loader.exec_module(cases)
    names = [case.name for case in cases.CASES]
    assert len(names) == len(set(names)) > 70
