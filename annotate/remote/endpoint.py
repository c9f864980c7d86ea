"""One address that suggests: HTTPS or this machine, no redirects, limits on time and size, few repeats.

The contract asks that a request may be repeated, so what failed on the way is sent again. Nothing of the
environment (proxies, ~/.netrc) takes part: where texts go is what annotate.toml says.
"""

from __future__ import annotations

import ipaddress
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlsplit

from annotate.core.errors import AnnotateError, ConfigError, Refused, ServerFailure

MAX_ANSWER: Final = 16 * 1024 * 1024
"""Bytes. Suggestions for a few passages are far smaller."""
PAUSES: Final = (1.0, 4.0)
"""Seconds before a request is sent again."""
_CONNECT: Final = 10.0
_PASSING: Final = frozenset({429, 502, 503, 504})
"""Answers that may be another one in a moment."""
_CHUNK: Final = 64 * 1024
_AGAIN: Final = "what was answered is stored; run the same command again to ask for the rest"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a suggester listens. ``token`` goes out as a bearer token; ``timeout`` seconds for an answer."""

    name: str
    url: str
    token: str | None = field(default=None, repr=False)
    timeout: float = 60.0
    ca_file: str | None = None
    pauses: tuple[float, ...] = PAUSES

    @property
    def host(self) -> str:
        """Scheme, host and port, as people are told them."""
        return host_of(self.url)

    def ask(self, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON that nobody has checked yet
        """POST one JSON document and decode the answer. Raises Refused, ServerFailure."""
        data = json.dumps(body, ensure_ascii=True, allow_nan=False).encode("ascii")
        for pause in self.pauses:
            try:
                return self._once(data)
            except _Passing:
                time.sleep(pause)
        try:
            return self._once(data)
        except _Passing as error:
            raise ServerFailure(str(error), hint=_AGAIN) from error

    def _once(self, data: bytes) -> Any:  # noqa: ANN401
        deadline = time.monotonic() + self.timeout
        connection = self._connection()
        try:
            connection.connect()
            connection.sock.settimeout(self.timeout)
            connection.request("POST", _target(self.url), body=data, headers=self._headers())
            response = connection.getresponse()
            self._check(response)
            return self._decoded(self._body(response, deadline))
        except AnnotateError:
            raise  # ours are connection errors, too
        except ssl.SSLCertVerificationError as error:
            raise ServerFailure(
                f"the TLS certificate of {self.host} was not accepted",
                hint=f"for a private authority set ca_file under [suggesters.{self.name}] in annotate.toml",
            ) from error
        except TimeoutError as error:
            raise _Passing(f"{self.host} did not answer within {self.timeout:g} s") from error
        except (OSError, HTTPException) as error:
            raise _Passing(f"cannot reach {self.host}: {error or type(error).__name__}") from error
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        parts = urlsplit(self.url)
        host, port, wait = parts.hostname or "", parts.port, min(_CONNECT, self.timeout)
        if parts.scheme == "http":
            return HTTPConnection(host, port, timeout=wait)
        context = ssl.create_default_context(cafile=self.ca_file)
        return HTTPSConnection(host, port, timeout=wait, context=context)

    def _headers(self) -> dict[str, str]:
        # No packed answers: their size is only known once they are unpacked.
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        return {**headers, "Authorization": f"Bearer {self.token}"} if self.token else headers

    def _check(self, response: HTTPResponse) -> None:
        code = response.status
        if code in _PASSING:
            raise _Passing(f"{self.host} answers {code}")
        if code in (401, 403):
            raise Refused(
                f"{self.host} refuses us ({code})",
                hint=f"docs/plugins.md says where the token of {self.name!r} is looked up",
            )
        if 300 <= code < 400:
            # Followed, it would carry the texts and the token to wherever the answer says.
            where = host_of(response.getheader("location", "")) or "another page"
            raise ServerFailure(
                f"{self.host} redirects to {where}, which is not followed",
                hint=f"set url under [suggesters.{self.name}] to the final address, if you trust it",
            )
        if code != 200:
            raise ServerFailure(f"{self.host} failed with {code}", hint=_AGAIN)
        if response.getheader("content-encoding", "identity") != "identity":
            raise ServerFailure(f"{self.host} answers in a packed form that was not asked for")

    def _body(self, response: HTTPResponse, deadline: float) -> bytes:
        announced = response.length
        if announced is not None and announced > MAX_ANSWER:
            raise self._too_large()
        parts: list[bytes] = []
        size = 0
        # read1 gives what is there: so an answer that comes in drops meets the deadline, too.
        while part := response.read1(_CHUNK):
            parts.append(part)
            size += len(part)
            if size > MAX_ANSWER:
                raise self._too_large()
            if time.monotonic() > deadline:
                raise TimeoutError
        if announced is not None and size < announced:
            raise _Passing(f"the answer of {self.host} broke off")
        return b"".join(parts)

    def _too_large(self) -> ServerFailure:
        return ServerFailure(
            f"the answer of {self.host} is larger than {MAX_ANSWER // 1024 // 1024} MB",
            hint=f"set a smaller batch under [suggesters.{self.name}]",
        )

    def _decoded(self, data: bytes) -> Any:  # noqa: ANN401
        try:
            return json.loads(data.decode("utf-8"), parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise ServerFailure(
                f"the answer of {self.host} is no JSON", hint="see docs/plugins.md"
            ) from error


class _Passing(Exception):
    """A failure that may be gone the next time."""


def _target(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def host_of(url: str) -> str:
    """Scheme, host and port of an address, without user names; empty where it has none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else ""


def require_safe(name: str, url: str, *, allow_http: bool) -> None:
    """Raise ConfigError unless texts may go there: HTTPS, this machine, or plain HTTP if it was allowed."""
    parts = urlsplit(url)
    if parts.scheme == "https" or is_loopback(url) or allow_http:
        return
    raise ConfigError(
        f"suggesters.{name}.url sends texts over plain HTTP to {host_of(url)}",
        hint="use https, or set allow_http = true there if the network is trusted",
    )


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
