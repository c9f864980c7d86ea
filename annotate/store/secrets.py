"""Where passwords come from: environment, netrc, keyring. Never argv, never a file of ours."""

from __future__ import annotations

import netrc
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from annotate.core.errors import ConfigError

PASSWORD_VARIABLE = "ANNOTATE_DOCCANO_PASSWORD"  # noqa: S105 - the name of a variable
KEYRING_SERVICE = "annotate"


def find_password(url: str, user: str) -> str:
    """The password of ``user`` on the server at ``url``. Raises ConfigError naming every place to put it."""
    password = os.environ.get(PASSWORD_VARIABLE) or _from_netrc(url, user) or _from_keyring(url, user)
    if password:
        return password
    raise ConfigError(
        f"no password for {user!r} on {urlsplit(url).hostname}",
        hint=f"set {PASSWORD_VARIABLE}, add the host to ~/.netrc (mode 600), "
        f"or store it with `keyring set {KEYRING_SERVICE} {user}@{urlsplit(url).hostname}`",
    )


@dataclass(frozen=True, slots=True)
class PersonsSecret:
    """What lets us in as an annotator: a password, or a Doccano token."""

    password: str = field(default="", repr=False)
    token: str | None = field(default=None, repr=False)


def find_persons_secret(url: str, user: str) -> PersonsSecret:
    """An annotator's own secret on the server at ``url``: variables of their name, netrc, keyring.

    The name in a variable is in capitals, every other character an underscore. Raises ConfigError.
    """
    name = re.sub(r"[^A-Z0-9]", "_", user.upper())
    token_variable, password_variable = f"ANNOTATE_DOCCANO_TOKEN_{name}", f"{PASSWORD_VARIABLE}_{name}"
    if token := os.environ.get(token_variable):
        return PersonsSecret(token=token)
    password = os.environ.get(password_variable) or _from_netrc(url, user) or _from_keyring(url, user)
    if password:
        return PersonsSecret(password)
    raise ConfigError(
        f"no password or token for {user!r} on {urlsplit(url).hostname}",
        hint=f"set {password_variable} or {token_variable}, or store the password with "
        f"`keyring set {KEYRING_SERVICE} {user}@{urlsplit(url).hostname}`; without --as their labels come "
        "from the export alone, and their times are unknown",
    )


def find_token(suggester: str, url: str) -> str | None:
    """The token for a suggester behind ``url``; None where nobody put one anywhere."""
    variable = f"ANNOTATE_SUGGESTER_{suggester.upper().replace('-', '_')}_TOKEN"
    return os.environ.get(variable) or _from_netrc(url, suggester) or _from_keyring(url, suggester)


def _from_netrc(url: str, user: str) -> str | None:
    path = Path(os.environ.get("NETRC") or Path.home() / ".netrc")
    if not path.is_file():
        return None
    try:
        entry = netrc.netrc(str(path)).authenticators(urlsplit(url).hostname or "")
    except netrc.NetrcParseError as error:
        raise ConfigError(f"{path} cannot be read: line {error.lineno}: {error.msg}") from None
    if entry is None or (entry[0] and entry[0] != user):
        return None
    return entry[2]


def _from_keyring(url: str, user: str) -> str | None:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    try:
        found: str | None = keyring.get_password(KEYRING_SERVICE, f"{user}@{urlsplit(url).hostname}")
    except keyring.errors.KeyringError:
        # No usable backend (a server without a desktop): the other places remain.
        return None
    return found
