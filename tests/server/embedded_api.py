"""A bare HTTP client for tests of the embedded server."""

from __future__ import annotations

import time
from collections.abc import Callable

import requests


def eventually(check: Callable[[], bool], seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.2)
    return False


class Api:
    """Doccano's HTTP interface with one user's token; answers are checked by the tests themselves."""

    def __init__(self, url: str, login: tuple[str, str] | None = None) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        if login is not None:
            answer = self.call("POST", "auth/login/", {"username": login[0], "password": login[1]})
            assert answer.status_code == 200, answer.text
            self.session.cookies.clear()
            self.session.headers["Authorization"] = f"Token {answer.json()['key']}"

    def call(self, method: str, path: str, body: object = None, **options: object) -> requests.Response:
        return self.session.request(method, f"{self.url}/v1/{path}", json=body, timeout=30, **options)

    def made(self, path: str, body: object) -> dict:
        answer = self.call("POST", path, body)
        assert answer.status_code == 201, f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()

    def got(self, path: str) -> object:
        answer = self.call("GET", path)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()
