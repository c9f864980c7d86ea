"""The matrix of faults and steps, as data: the test runs it, docs/faults.md lists it.

A step is a request, by method and path as the proxy sees them; a fault is what happens to the first
such request. Imported by the unit test of the table too: nothing here needs a server.
"""

from __future__ import annotations

from dataclasses import dataclass

Request = tuple[str, str]

WRITES: dict[str, Request] = {
    "log in": ("POST", r"^/v1/auth/login/"),
    "create project": ("POST", r"^/v1/projects$"),
    "create label type": ("POST", r"/span-types$"),
    "add member": ("POST", r"/members$"),
    "upload file": ("POST", r"^/v1/fp/process/"),
    "start import": ("POST", r"/upload$"),
    "start export": ("POST", r"/download$"),
}
READS: dict[str, Request] = {
    "list accounts": ("GET", r"^/v1/users"),
    "list projects": ("GET", r"^/v1/projects\?"),
    "poll task": ("GET", r"^/v1/tasks/status/"),
    "list passages": ("GET", r"/examples\?"),
    "fetch export": ("GET", r"/download\?"),
    "read labels": ("GET", r"/examples/\d+/spans"),
    "read confirmations": ("GET", r"/examples/\d+/states"),
}
STEPS: dict[str, Request] = {**WRITES, **READS}
PUSH_READS = ("list accounts", "list projects", "poll task", "list passages", "read labels", "fetch export")
EXPORT = ("start export", "fetch export")
"""Steps of a push that finds passages of an interrupted one; any other push needs no export."""
PULL_READS = ("list projects", "fetch export", "read labels", "read confirmations")


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a request: options of the proxy's rule, and whether the client's patience is cut."""

    kind: str
    status: int = 503
    times: int = 1
    size: int = 40

    @property
    def needs_patience_cut(self) -> bool:
        """Whether the request must be given up by the client."""
        return self.kind == "silent"


FAULTS: dict[str, Fault] = {
    "503": Fault("status"),
    "500 twice, then well": Fault("status", status=500, times=2),
    "502 without end": Fault("status", status=502, times=99),
    "connection reset after 40 bytes": Fault("reset"),
    "connection reset in the body": Fault("reset", size=400),
    "reply lost": Fault("lost"),
    "request lost": Fault("unsent"),
    "no reply in time": Fault("silent"),
    "request sent twice": Fault("twice"),
    "half an answer": Fault("cut"),
}
WRITE_FAULTS = (
    "503",
    "connection reset after 40 bytes",
    "reply lost",
    "no reply in time",
    "request sent twice",
)
READ_FAULTS = ("500 twice, then well", "502 without end", "no reply in time", "half an answer")


@dataclass(frozen=True, slots=True)
class Case:
    """One cell of the matrix."""

    verb: str
    step: str
    fault: str

    @property
    def name(self) -> str:
        """How the test calls it."""
        return f"{self.verb}: {self.step}: {self.fault}"


WIRE: tuple[Case, ...] = (
    *(Case("push", step, fault) for step in WRITES for fault in WRITE_FAULTS),
    Case("push", "upload file", "half an answer"),
    Case("push", "start import", "request lost"),
    *(Case("push", step, fault) for step in PUSH_READS for fault in READ_FAULTS),
    Case("push", "fetch export", "connection reset in the body"),
    *(Case("pull", step, fault) for step in ("log in", "start export") for fault in ("503", "reply lost")),
    *(Case("pull", step, fault) for step in PULL_READS for fault in READ_FAULTS),
    Case("pull", "fetch export", "connection reset in the body"),
)

PUSH_FILES = Case("push", "each file", "kill -9 before and after each file is renamed")
PULL_FILES = Case("pull", "each file", "kill -9 before each file is brought to the disk")
PUSH_DISK = Case("push", "each file", "disk full at each write")
PULL_DISK = Case("pull", "each file", "disk full at each write")
WORKER_STOPPED = Case("push", "import", "task worker stopped (SIGSTOP)")
WORKER_KILLED = Case("push", "import", "task worker killed while it imports")
WORKER_HALF = Case("push", "import", "worker died between passages and labels")
SERVER_RESTARTED = Case("push", "import", "server stopped and started again")
STILL_RUNNING = Case("push", "import", "reply lost, the import still runs while push runs again")
LOCKED = Case("push", "start", "a second operator on the same folder")
TWO_CLONES = Case("push", "all", "two clones push at the same time")
CLOCK = Case("push, pull", "ledger", "clock runs backwards")
OTHERS: tuple[Case, ...] = (
    PUSH_FILES,
    PULL_FILES,
    PUSH_DISK,
    PULL_DISK,
    WORKER_STOPPED,
    WORKER_KILLED,
    WORKER_HALF,
    SERVER_RESTARTED,
    STILL_RUNNING,
    LOCKED,
    TWO_CLONES,
    CLOCK,
)
CASES = (*WIRE, *OTHERS)
