"""Registers the database hook."""

from django.apps import AppConfig, apps


class AnnotateEmbedded(AppConfig):
    """Our Django application."""

    name = "annotate_embedded"
    default_auto_field = "django.db.models.AutoField"

    def ready(self):
        from django.db.backends.signals import connection_created

        from annotate_embedded.database import use_write_ahead_log

        connection_created.connect(use_write_ahead_log, dispatch_uid="annotate_embedded.wal")
        if apps.is_installed("projects"):
            from projects.permissions import RolePermission

            # Doccano 1.8.4 forgot PUT: with it an annotator could rewrite texts, types and settings.
            RolePermission.UNSAFE_METHODS = ("POST", "PUT", "PATCH", "DELETE")
