"""Pages of ours: not found, and ready."""

import hmac

from celery.exceptions import TimeoutError as CeleryTimeout
from django.http import Http404, JsonResponse
from django.views.decorators.http import require_GET

from annotate_embedded.celery_tasks import ping
from annotate_embedded.database import HOME

_ANSWER_TIME = 4.0  # seconds for a round trip through the worker


def not_found(request, *args, **kwargs):
    """A JSON 404 where Doccano would answer 200 with its start page, or more than we like."""
    return JsonResponse({"detail": "Not found."}, status=404)


@require_GET
def ready(request):
    """Whether the worker answers, for the holder of the control key."""
    key = (HOME / "control-key").read_text(encoding="ascii").strip()
    if not hmac.compare_digest(request.headers.get("X-Annotate-Key", "").encode(), key.encode()):
        raise Http404
    return JsonResponse({"home": str(HOME), "worker": _worker()})


def _worker():
    """'answers' after a real round trip, 'busy' with a task, or 'silent'."""
    from celery import states
    from django_celery_results.models import TaskResult

    result = ping.apply_async(args=["ping"], expires=2 * _ANSWER_TIME)
    try:
        answered = result.get(timeout=_ANSWER_TIME, interval=0.1) == "ping"
    except CeleryTimeout:
        answered = False
    result.forget()
    if answered:
        return "answers"
    return "busy" if TaskResult.objects.filter(status=states.STARTED).exists() else "silent"
