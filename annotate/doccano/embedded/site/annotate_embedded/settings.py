"""Doccano's production settings, closed down for one machine and several mutually independent annotators."""

import hashlib
import os
from urllib.parse import urlsplit

# Before the import: Doccano's base settings decide on these while they are read.
os.environ["DEBUG"] = "False"
os.environ.pop("STANDALONE", None)  # would serve /media/ to anybody

from config.settings.production import *  # noqa: E402, F403

from kombu.transport.sqlalchemy import Transport as SQLiteBroker  # noqa: E402

from annotate_embedded.database import DATABASES, HOME, deployment  # noqa: E402, F401

SECRET_KEY = (HOME / "secret-key").read_text(encoding="ascii").strip()
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
CORS_ORIGIN_ALLOW_ALL = False
CORS_ALLOW_ALL_ORIGINS = False
SECURE_PROXY_SSL_HEADER = None
# Cookies know no ports: two servers of one machine would log each other's users out.
SESSION_COOKIE_NAME = "doccano_" + hashlib.sha256(os.fsencode(HOME)).hexdigest()[:8]

# A reverse proxy on this machine, when there is one. Its headers are believed because nobody but programs of this
# machine reaches the server's port; the path is cut off by the proxy and put back into addresses here.
_public = urlsplit(deployment().get("public_url", ""))
if _public.hostname:
    ALLOWED_HOSTS.append(_public.hostname)
    FORCE_SCRIPT_NAME = _public.path or None
    STATIC_URL = f"{_public.path}/static/"
    SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{_public.path}/"
    if _public.scheme == "https":
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
        CSRF_TRUSTED_ORIGINS = [f"https://{_public.netloc}"]

# Django opens uploads to everybody on the machine by default, whatever the umask says.
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

INSTALLED_APPS = ["annotate_embedded", *INSTALLED_APPS]  # noqa: F405
ROOT_URLCONF = "annotate_embedded.urls"

# JSON only. The browsable HTML pages offer every span of the database, with its text, in the choice lists of
# their forms; the XML ones serve nobody.
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]}  # noqa: F405

MEDIA_ROOT = str(HOME / "media")
DJANGO_DRF_FILEPOND_FILE_STORE_PATH = MEDIA_ROOT
DJANGO_DRF_FILEPOND_UPLOAD_TMP = str(HOME / "uploads-tmp")
DJANGO_DRF_FILEPOND_ALLOW_EXTERNAL_UPLOAD_DIR = True
# The first of two fences; the second is guard.py.
DJANGO_DRF_FILEPOND_PERMISSION_CLASSES = {
    "POST_PROCESS": ["rest_framework.permissions.IsAuthenticated"],
    "PATCH_PATCH": ["rest_framework.permissions.IsAuthenticated"],
    "DELETE_REVERT": ["rest_framework.permissions.IsAuthenticated"],
    "GET_FETCH": ["rest_framework.permissions.IsAdminUser"],
    "GET_LOAD": ["rest_framework.permissions.IsAdminUser"],
    "GET_RESTORE": ["rest_framework.permissions.IsAdminUser"],
}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # the console one would log reset links

# A broker file of its own; relative to the home, which is the working directory, since a path may hold
# characters that mean something in a URL.
CELERY_BROKER_URL = "sqla+sqlite:///broker.sqlite3"
# How often the worker looks (seconds). The transport's option of this name never reaches it: it is handed on to
# SQLAlchemy, which refuses it.
SQLiteBroker.polling_interval = 0.25
CELERY_BROKER_TRANSPORT_OPTIONS = {"connect_args": {"timeout": 30}}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_TRACK_STARTED = True  # lets a new worker tell which tasks died with the old one
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1  # a killed worker takes at most the one it works on
# A retried import adds its examples once more each time.
CELERY_TASK_ANNOTATIONS = {
    "data_import.celery_tasks.import_dataset": {"max_retries": 0},
    "data_export.celery_tasks.export_dataset": {"max_retries": 0},
}
