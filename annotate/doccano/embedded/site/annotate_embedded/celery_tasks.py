"""The readiness task, and what a worker does about tasks that died with the one before it."""

import logging

from celery import shared_task, states
from celery.signals import task_postrun, task_prerun, worker_ready

log = logging.getLogger("annotate_embedded")
LOST = "RuntimeError: the task worker was stopped before this task was done; compare what is there, then run it again"


@shared_task(name="annotate_embedded.ping")
def ping(value):
    """Give the value back."""
    return value


@worker_ready.connect
def fail_lost_tasks(**kwargs):
    """There is one worker: whatever is 'started' now is not running, and nobody would ever say so."""
    from django_celery_results.models import TaskResult

    lost = '{"exc_type": "RuntimeError", "exc_message": ["%s"], "exc_module": "builtins"}' % LOST.partition(": ")[2]
    count = TaskResult.objects.filter(status=states.STARTED).update(status=states.FAILURE, result=lost)
    log.warning("worker ready; %d lost tasks marked as failed", count)


@task_prerun.connect
def say_started(task_id=None, task=None, **kwargs):
    """Name and id only: arguments and results hold people's texts."""
    if task.name != ping.name:
        log.warning("task %s %s started", task.name, task_id)


@task_postrun.connect
def say_ended(task_id=None, task=None, state=None, **kwargs):
    """Name, id and outcome only."""
    if task.name != ping.name:
        log.warning("task %s %s ended: %s", task.name, task_id, state)
