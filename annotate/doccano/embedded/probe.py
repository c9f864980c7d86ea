"""Does the server answer? Asked over the loopback address, past any proxy setting."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Literal

from annotate.core.errors import ConfigError
from annotate.doccano.embedded.home import Home, read_secret

Worker = Literal["answers", "busy", "silent"]


@dataclass(frozen=True, slots=True)
class Answers:
    """``web``: our own server answers on the port. ``worker``: 'busy' did not answer, being at work."""

    web: bool = False
    worker: Worker = "silent"


def web_answers(port: int, *, seconds: float) -> bool:
    """Whether a Doccano answers on the port."""
    return _get(port, "/v1/social/links/", {}, seconds) is not None


def ask(home: Home, port: int, *, seconds: float = 10.0) -> Answers:
    """Ask web server and worker; the worker's answer is a real task that went there and back."""
    if not web_answers(port, seconds=seconds):
        return Answers()
    try:
        key = read_secret(home.control_key)
    except ConfigError:
        return Answers()
    answer = _get(port, "/annotate/ready", {"X-Annotate-Key": key}, seconds)
    if answer is None or answer.get("home") != str(home.root):
        return Answers()
    worker = answer.get("worker")
    return Answers(web=True, worker=worker if worker in ("answers", "busy") else "silent")


def _get(port: int, path: str, headers: dict[str, str], seconds: float) -> dict[str, object] | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", path, headers={"Accept": "application/json", **headers})
        response = connection.getresponse()
        body = json.loads(response.read(100_000))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return body if response.status == 200 and isinstance(body, dict) else None
