"""Doccano's addresses with a guard before each API view, and an honest 404 for what does not exist."""

from config.urls import urlpatterns as doccano_patterns
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, path, re_path

from annotate_embedded.guard import OTHER_PARTS, PATH_RULES, Guarded
from annotate_embedded.start_page import start_page as moved_start_page
from annotate_embedded.views import not_found, ready


def guard(patterns, above=frozenset()):
    """Put the guard before every REST view below these patterns, in place."""
    for pattern in patterns:
        names = above | set(pattern.pattern.converters) | set(getattr(pattern.pattern, "regex").groupindex)
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":  # staff only, by itself
                guard(pattern.url_patterns, names)
        elif isinstance(pattern, URLPattern) and hasattr(pattern.callback, "cls"):
            unknown = names - set(PATH_RULES) - OTHER_PARTS
            if unknown and pattern.callback.cls.__module__.partition(".")[0] != "drf_yasg":
                raise ImproperlyConfigured(f"no rule guards {sorted(unknown)} in {pattern.pattern}")
            view = pattern.callback.cls
            guarded = type(view.__name__, (Guarded, view), {"__module__": view.__module__})
            pattern.callback = guarded.as_view(**pattern.callback.initkwargs)


*api_patterns, start_page = doccano_patterns
guard(api_patterns)

urlpatterns = [
    path("annotate/ready", ready),
    re_path(r"^media/", not_found),  # exports and uploads: over the API, or not at all
    re_path(r"^v1/health/", not_found),  # starts a task for anybody
    re_path(r"^v1/auth/password/reset/", not_found),  # there is no mail
    *api_patterns,
    re_path(r"^(v1|annotate)/", not_found),  # not Doccano's start page with status 200
    re_path("", moved_start_page()) if settings.FORCE_SCRIPT_NAME else start_page,
]
