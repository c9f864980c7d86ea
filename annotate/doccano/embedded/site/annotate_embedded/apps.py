"""Registers the database hook."""

from django.apps import AppConfig


class AnnotateEmbedded(AppConfig):
    """Our Django application."""

    name = "annotate_embedded"
    default_auto_field = "django.db.models.AutoField"

    def ready(self):
        from django.db.backends.signals import connection_created

        from projects.permissions import RolePermission

        from annotate_embedded.database import use_write_ahead_log

        connection_created.connect(use_write_ahead_log, dispatch_uid="annotate_embedded.wal")
        # Doccano 1.8.4 forgot PUT: with it an annotator could rewrite texts, label types and settings.
        RolePermission.UNSAFE_METHODS = ("POST", "PUT", "PATCH", "DELETE")
