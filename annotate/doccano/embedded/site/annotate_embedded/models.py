"""Who started which background task, for which project: Doccano itself does not know."""

from django.db import models


class TaskOwner(models.Model):
    """One import or export task. Plain numbers, so that nothing here outlives or blocks a deletion elsewhere."""

    task_id = models.CharField(max_length=191, unique=True)
    kind = models.CharField(max_length=10)
    project = models.IntegerField()
    user = models.IntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
