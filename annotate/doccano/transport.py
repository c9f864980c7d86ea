"""One HTTP session to one Doccano: time limits, retries of reads only, tokens, typed failures."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from doccano_client import DoccanoClient
from doccano_client.exceptions import DoccanoAPIError
from requests.adapters import HTTPAdapter

from annotate.core.errors import AnnotateError, ConfigError, Refused, ServerFailure

PAGE = 500
MAX_ANSWER = 512 * 1024 * 1024
"""Bytes. More than this in one answer is not a Doccano we asked for a page of examples."""

Json = Any


PAUSES = (0.3, 0.8, 2.0)
"""Seconds before a read is asked for again; then it has failed."""

_PASSING = frozenset({500, 502, 503, 504})
"""Answers that may be another one in a moment. 500 among them: SQLite says so when it is busy."""


class _Adapter(HTTPAdapter):
    """Adds time limits to every request; repeats GET only, for whose repetition nothing can double.

    Bodies are read here, so that one that breaks off is asked for again, too.
    """

    def __init__(self, timeout_seconds: float, ca_file: str | None = None) -> None:
        self._timeout = timeout_seconds
        self._ca_file = ca_file
        super().__init__(max_retries=0)

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]  # noqa: ANN401
        if options.get("timeout") is None:
            options["timeout"] = (10.0, self._timeout)
        if self._ca_file is not None:
            # requests lets REQUESTS_CA_BUNDLE of the environment win over a session's own file.
            options["verify"] = self._ca_file
        for pause in PAUSES if request.method == "GET" else ():
            try:
                response = self._once(request, options)
            except requests.exceptions.SSLError:
                raise
            except requests.exceptions.RequestException:
                time.sleep(pause)
                continue
            if response.status_code not in _PASSING:
                return response
            time.sleep(pause)
        return self._once(request, options)

    def _once(self, request: requests.PreparedRequest, options: dict[str, Any]) -> requests.Response:
        response = super().send(request, **options)
        if response.is_redirect:
            response.close()
            # Followed, it would carry the token to wherever the answer says.
            raise ServerFailure(
                f"{_host(request.url or '')} redirects to {_host(response.headers.get('location', ''))}",
                hint="set server.url in annotate.toml to the final address",
            )
        _read_whole(response, request)
        return response


def _read_whole(response: requests.Response, request: requests.PreparedRequest) -> None:
    """Read the body. requests takes one that ends before its announced length for a whole one."""
    announced = response.headers.get("content-length", "")
    size = len(response.content)  # unpacked; what was announced is what came over the wire
    got = response.raw.tell() if response.headers.get("content-encoding") else size
    if request.method != "HEAD" and announced.isdecimal() and got < int(announced):
        raise requests.exceptions.ChunkedEncodingError(
            f"the answer broke off after {got} of {announced} bytes", request=request
        )
    if (
        request.method == "GET"
        and size
        and _is_json(response)
        and response.content.rstrip()[-1:] not in (b"}", b"]")
    ):
        # Cut by something in between that then announced the smaller size. All answers are objects or lists.
        raise requests.exceptions.ChunkedEncodingError("half an answer arrived", request=request)


def _is_json(response: requests.Response) -> bool:
    return "json" in response.headers.get("content-type", "")


class _TokenAuth(requests.auth.AuthBase):
    """Doccano's token header. As an auth object it also keeps a netrc entry from replacing it."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Token {self._key}"
        return request


class Transport:
    """A logged-in session. Paths are relative to ``<url>/v1/``.

    Raises Refused for 401 and 403, ServerFailure for anything else that is not an answer. Never logs
    out: in Doccano that would delete the account's token and cut off every other process.
    """

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        *,
        ca_file: str | None = None,
        timeout_seconds: float = 60.0,
        login: bool = True,
        token: str | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.user = user
        self.client = DoccanoClient(self.url, verify=ca_file or True)
        session = self.client._base_repository._session
        adapter = _Adapter(timeout_seconds, ca_file)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        self._session: requests.Session = session
        # Set before the first request, or an entry of a netrc would be sent as a password.
        session.auth = _no_auth if token is None else _TokenAuth(token)
        if login and token is None:
            self._login(password)

    def _login(self, password: str) -> None:
        try:
            answer = self.send("POST", "auth/login/", json={"username": self.user, "password": password})
        except ServerFailure as error:
            if "non_field_errors" in error.message:
                raise _wrong_password(self.user, self.url) from error
            raise
        except Refused as error:
            raise _wrong_password(self.user, self.url) from error
        key = answer.get("key") if isinstance(answer, dict) else None
        if not isinstance(key, str):
            raise ServerFailure(f"{self.url} accepted the login but gave no token", hint=_NOT_DOCCANO)
        self._session.cookies.clear()
        self._session.auth = _TokenAuth(key)

    def close(self) -> None:
        """Close the connections. The account's token stays valid."""
        self._session.close()

    def send(self, method: str, path: str, **options: Any) -> Json:  # noqa: ANN401
        """One request; the decoded JSON answer (None for an empty one)."""
        response = self.raw(method, path, **options)
        if not response.content:
            return None
        try:
            return response.json()
        except requests.exceptions.JSONDecodeError as error:
            broken = _is_json(response)
            raise ServerFailure(
                f"{method} {self.url}/v1/{path} answered with {'half an answer' if broken else 'a page'}, "
                "not with data",
                hint=_AGAIN if broken else _NOT_DOCCANO,
            ) from error

    def raw(self, method: str, path: str, **options: Any) -> requests.Response:  # noqa: ANN401
        """One request; the checked response."""
        url = f"{self.url}/v1/{path}"
        try:
            response = self._session.request(method, url, **options)
            if len(response.content) > MAX_ANSWER:
                raise ServerFailure(f"{url} answered with {len(response.content)} bytes")
            _raise_for_status(response, method, path)
        except AnnotateError:
            raise
        except requests.exceptions.SSLError as error:
            raise ServerFailure(
                f"the TLS certificate of {_host(self.url)} was not accepted",
                hint="for a private authority set server.ca_file in annotate.toml",
            ) from error
        except requests.exceptions.Timeout as error:
            raise ServerFailure(
                f"{_host(self.url)} did not answer {method} {path} in time", hint=_AGAIN
            ) from error
        except (requests.exceptions.RequestException, OSError) as error:
            raise ServerFailure(
                f"cannot reach {_host(self.url)}: {_root_cause(error)}",
                hint=f"is the server running? `annotate server status` tells for the embedded one; {_AGAIN}",
            ) from error
        return response

    def probe(self, path: str) -> int:
        """The status code that a GET is answered with, whatever it is. Raises ServerFailure if none."""
        try:
            return self._session.get(f"{self.url}/v1/{path}").status_code
        except requests.exceptions.RequestException as error:
            raise ServerFailure(f"cannot reach {_host(self.url)}: {_root_cause(error)}") from error

    def get(self, path: str, params: Mapping[str, object] | None = None) -> Json:
        """GET and decode."""
        return self.send("GET", path, params=dict(params or {}))

    def get_list(self, path: str, params: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
        """GET an unpaged list of objects."""
        found = self.get(path, params)
        if not isinstance(found, list):
            raise ServerFailure(f"{self.url}/v1/{path} did not answer with a list", hint=_NOT_DOCCANO)
        return found

    def pages(self, path: str, *, start: int = 0, **params: object) -> Iterator[dict[str, Any]]:
        """Every object of a paged list from ``start`` on, by offset: ``next`` may name a wrong host."""
        offset = start
        while True:
            page = self.get(path, {**params, "limit": PAGE, "offset": offset})
            if not isinstance(page, dict) or not isinstance(page.get("results"), list):
                raise ServerFailure(f"{self.url}/v1/{path} did not answer with a page", hint=_NOT_DOCCANO)
            yield from page["results"]
            offset += len(page["results"])
            if not page["results"] or offset >= page["count"]:
                return


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


_AGAIN = "run the same command again: it continues where this one stopped"
_NOT_DOCCANO = "check server.url in annotate.toml: a wrong path answers with Doccano's start page"


def _wrong_password(user: str, url: str) -> Refused:
    return Refused(
        f"{_host(url)} does not accept the password of {user!r}",
        hint="see docs/configuration.md for where passwords are looked up",
    )


def _raise_for_status(response: requests.Response, method: str, path: str) -> None:
    if response.ok:
        return
    what = f"{method} {path}: {response.status_code} {_server_words(response)}"
    if response.status_code in (401, 403):
        raise Refused(
            f"the server refused {what}", hint="the service account must be a Doccano superuser (staff)"
        )
    raise ServerFailure(
        f"the server failed at {what}",
        hint=f"{_AGAIN}; `annotate server logs` or the server's own log say why",
    )


def _server_words(response: requests.Response) -> str:
    """The server's own message, cut short, on one line; a page of HTML says nothing."""
    if not _is_json(response):
        return response.reason or ""
    return " ".join(response.text.split())[:300]


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else url[:80]


def _root_cause(error: BaseException) -> str:
    """The operating system's word at the bottom of what libraries wrapped around it."""
    deepest, at = error, error.__cause__ or error.__context__
    while at is not None:
        if isinstance(at, OSError):
            deepest = at
        at = at.__cause__ or at.__context__
    return str(deepest).split(">: ")[-1] or type(deepest).__name__


def through_client(call: Any, *args: object, **options: object) -> Any:  # noqa: ANN401
    """Call a method of doccano-client and turn its failures into ours."""
    try:
        return call(*args, **options)
    except DoccanoAPIError as error:
        response = error.response
        if response is None:
            raise ServerFailure(str(error)) from error
        _raise_for_status(response, response.request.method or "?", response.request.path_url)
        raise ServerFailure(str(error)) from error
    except requests.exceptions.Timeout as error:
        raise ServerFailure("the server did not answer in time", hint=_AGAIN) from error
    except requests.exceptions.RequestException as error:
        raise ServerFailure(f"cannot reach the server: {_root_cause(error)}", hint=_AGAIN) from error
    except ValueError as error:
        raise ConfigError(f"doccano-client refuses: {error}") from error
