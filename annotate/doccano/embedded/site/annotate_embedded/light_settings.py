"""Just accounts: enough Django to add a user in half a second, without loading Doccano."""

from annotate_embedded.database import DATABASES, HOME  # noqa: F401

SECRET_KEY = (HOME / "secret-key").read_text(encoding="ascii").strip()
INSTALLED_APPS = ["annotate_embedded", "django.contrib.contenttypes", "django.contrib.auth"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = True
TIME_ZONE = "UTC"
# The same rules as Doccano's own settings.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
