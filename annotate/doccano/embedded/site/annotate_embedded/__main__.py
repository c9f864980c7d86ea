"""Commands for the home's database: one JSON object on stdin, one on stdout. Run by annotate, in the server's Python.

``{"do": "migrate"}`` needs the full settings; the others work with the light ones.
"""

import json
import sys

import django


def migrate():
    """Bring the schema up to date and make the roles."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0, interactive=False)
    call_command("create_roles", stdout=sys.stderr)
    if connection.vendor != "sqlite":
        return {"done": "migrated"}
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("PRAGMA journal_mode=DELETE")  # one file; the server turns it back on
    return {"done": "migrated"}


def service(name, password):
    """The service account: superuser, with the password of the home's file."""
    from django.contrib.auth.models import User

    user, created = User.objects.get_or_create(username=name)
    if created or not user.check_password(password):
        user.set_password(password)
    user.is_active = user.is_staff = user.is_superuser = True
    user.save()
    return {"done": "created" if created else "kept"}


def user(name, password):
    """An annotator account; an existing one gets the new password, and its old logins end."""
    from django.contrib.auth.models import User
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.db import transaction

    with transaction.atomic():
        found = User.objects.filter(username=name).first()
        account = found or User(username=name)
        try:
            account.clean_fields(exclude=["password"])
            validate_password(password, user=account)
        except ValidationError as error:
            return {"refused": list(error.messages)}
        if found is not None and found.is_superuser:
            return {"refused": ["This is an administrator's account; change it at /admin/."]}
        account.is_active = True
        if not found or not found.check_password(password):
            account.set_password(password)
            account.save()
            _drop_tokens(account)
        account.save()
    return {"done": "updated" if found else "created"}


def users():
    """All accounts by name, with times in UTC."""
    from django.contrib.auth.models import User

    fields = ("username", "is_superuser", "is_active", "date_joined", "last_login")
    rows = User.objects.order_by("username").values_list(*fields)
    return {"users": [[*row[:3], *(time and time.strftime("%Y-%m-%d %H:%M:%S.%f") for time in row[3:])] for row in rows]}


def on_postgresql(name):
    """A function of that module, which the SQLite servers' environment cannot load."""

    def call(**order):
        from annotate_embedded import postgresql

        return getattr(postgresql, name)(**order)

    return call


def _drop_tokens(account):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM authtoken_token WHERE user_id = %s", [account.pk])


def main():
    """Read, do, answer."""
    order = json.load(sys.stdin)
    django.setup()
    todo = {"migrate": migrate, "service": service, "user": user, "users": users}
    todo |= {name: on_postgresql(name) for name in ("claim", "dump", "load", "holds_data")}
    answer = todo[order.pop("do")](**order)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
