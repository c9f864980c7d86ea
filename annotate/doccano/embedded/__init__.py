"""A Doccano server of our own: its environment, home, processes and accounts.

It listens on the loopback address only, keeps its data in one private directory, and closes Doccano's holes
between projects (see ``site/annotate_embedded/guard.py``).
"""

from annotate.doccano.embedded.accounts import Account, add_user, list_users
from annotate.doccano.embedded.backup import Backup, backup, restore
from annotate.doccano.embedded.control import (
    ServerInfo,
    ServerStatus,
    StopResult,
    database_path,
    running_url,
    start,
    status,
    stop,
)
from annotate.doccano.embedded.environment import ensure_environment, prepare
from annotate.doccano.embedded.home import SERVICE_USER, default_home, service_credentials
from annotate.doccano.embedded.logfiles import Which, follow, logs

__all__ = [
    "SERVICE_USER",
    "Account",
    "Backup",
    "ServerInfo",
    "ServerStatus",
    "StopResult",
    "Which",
    "add_user",
    "backup",
    "database_path",
    "default_home",
    "ensure_environment",
    "follow",
    "list_users",
    "logs",
    "prepare",
    "restore",
    "running_url",
    "service_credentials",
    "start",
    "status",
    "stop",
]
