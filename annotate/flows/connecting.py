"""Open the study's server: the embedded one or the one that annotate.toml names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotate.core.errors import ConfigError, ServerFailure
from annotate.store.secrets import find_password, find_persons_secret
from annotate.store.study import Study

if TYPE_CHECKING:
    from annotate.doccano.transport import Transport

EMBEDDED = "embedded"


def connect(study: Study) -> Transport:
    """A session of the service account. Raises ConfigError, Refused, ServerFailure."""
    from annotate.doccano.transport import Transport

    server = study.config.server
    if server.url == EMBEDDED:
        url, user, password = _embedded(study)
    else:
        url, user = server.url, server.user
        password = find_password(url, user)
    return Transport(url, user, password, ca_file=_ca_file(study), timeout_seconds=server.timeout_seconds)


def server_name(study: Study) -> str:
    """How ledger and exports call the server: ``embedded``, whose port may change, or its address."""
    return study.config.server.url.rstrip("/")


def connect_as(study: Study, user: str, password: str, *, token: str | None = None) -> Transport:
    """A session of somebody else, an annotator for instance. Raises as ``connect`` does."""
    from annotate.doccano.transport import Transport

    server = study.config.server
    url = _embedded(study)[0] if server.url == EMBEDDED else server.url
    seconds = server.timeout_seconds
    return Transport(url, user, password, ca_file=_ca_file(study), timeout_seconds=seconds, token=token)


def connect_with_own_secret(study: Study, user: str) -> Transport:
    """A session of an annotator with their own password or token. Raises as ``connect`` does."""
    server = study.config.server
    url = _embedded(study)[0] if server.url == EMBEDDED else server.url
    secret = find_persons_secret(url, user)
    return connect_as(study, user, secret.password, token=secret.token)


def embedded_database(study: Study) -> tuple[str, str | None]:
    """The embedded server's database, a file or a PostgreSQL address, and the password that is kept."""
    from annotate.doccano.embedded import control

    return control.database_location(control.default_home(study.root))


def _embedded(study: Study) -> tuple[str, str, str]:
    from annotate.doccano.embedded import control

    home = control.default_home(study.root)
    url = control.running_url(home)
    if url is None:
        raise ServerFailure(
            "the embedded server is not running", hint="start it with `annotate server start`"
        )
    user, password = control.service_credentials(home)
    return url, user, password


def _ca_file(study: Study) -> str | None:
    name = study.config.server.ca_file
    if name is None:
        return None
    path = study.root / name
    if not path.is_file():
        raise ConfigError(f"server.ca_file {name!r} does not exist", hint="the path is relative to the study")
    return str(path)
