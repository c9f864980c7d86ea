"""Write docs/faults.md from what tests/server/test_faults.py wrote. `--check` compares the cases only.

The outcomes come from a run with a real server (`pytest tests/server/test_faults.py`); a unit test holds
that the page lists exactly the cases which that test runs.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "faults.md"
RESULTS = ROOT / "test-artifacts" / "faults.json"
sys.path.insert(0, str(ROOT / "tests" / "server"))

from fault_cases import CASES, Case  # noqa: E402

HEAD = """# What push and pull survive

Made by `python tools/fault_table.py` from the outcomes that `tests/server/test_faults.py` records. A proxy
between study and a real Doccano 1.8.4 breaks one request; or a process is killed, the disk is full, the
server or its worker stops. Then the same command is run again.

After each case the test holds that

- the second run ends with exit code 0, and a third one has nothing to do and writes nothing;
- the server has the same rows as after an undisturbed push: each passage once, each suggestion once, the same
  label types, members and settings, one project;
- a label that a person drew (between the two runs wherever there already was something to draw it on) is
  still there under the same id, is pulled and exported;
- the ledger's chain holds, and a pull that failed has recorded nothing;
- the exported tables are those of an undisturbed study, but for the server's own ids and times (and our
  names for them). The cases with hundreds of passages count rows instead of comparing tables.

Exit codes: 0 done, 6 the server failed, 7 somebody else is at it, 9 storage, 10 partly done; each with a
hint to run the same command again. "-" stands where no second run was needed. Reads are repeated three
times before a command gives up; requests that change something are never repeated by themselves.
"""


def row(case: Case, results: dict[str, Any]) -> str:
    """One line of the table."""
    found = results[case.name]
    note = plain(str(found["note"]))
    return f"| {case.verb} | {case.step} | {case.fault} | {found['first']} | {found['again']} | {note} |"


def plain(note: str) -> str:
    """A message without the address and the numbers of the day."""
    note = re.sub(r"http://127\.0\.0\.1:\d+", "SERVER", note)
    note = re.sub(r"tasks/status/[0-9a-f-]+", "tasks/status/ID", note)
    return re.sub(r"(projects|examples)/\d+", r"\1/ID", note).replace("|", "\\|")


def page() -> str:
    """The whole page; KeyError where a case has no recorded outcome."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    lines = [
        "| verb | step | fault | first exit code | again | what happened |",
        "|---|---|---|---|---|---|",
        *(row(case, results) for case in CASES),
    ]
    return HEAD + "\n" + "\n".join(lines) + "\n"


def listed(text: str) -> list[tuple[str, str, str]]:
    """The cases that a page lists."""
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| p")]
    return [(one[0].removeprefix("| "), one[1], one[2]) for one in rows]


def main() -> int:
    """Exit status: 1 when `--check` finds other cases on the page than the test has."""
    if "--check" in sys.argv[1:]:
        wanted = [(case.verb, case.step, case.fault) for case in CASES]
        fresh = PAGE.is_file() and listed(PAGE.read_text(encoding="utf-8")) == wanted
        if not fresh:
            print("docs/faults.md lists other cases: run the test and tools/fault_table.py", file=sys.stderr)
        return 0 if fresh else 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
