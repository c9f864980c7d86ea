"""Every id in a request must belong to what the path says it belongs to; else the answer is 404.

Doccano checks that the caller is a member of the project in the path, and then takes the example, label,
comment or label type by its bare id. A member of any project could so read and write in every other one.
Each of its views is replaced (see urls.py) by a subclass with :class:`Guarded` in front, which runs
Doccano's own permission checks first, then ours, with the user and the body exactly as the view will see them.

Fail closed: an id in a path that no rule knows stops the server at its start.
"""

from auto_labeling.models import AutoLabelingConfig
from auto_labeling.views import AutomatedLabeling, ConfigDetail, ConfigList, RestAPIRequestTesting
from data_export.views import DatasetExportAPI
from data_import.views import DatasetImportAPI
from api.views import TaskStatus
from django.conf import settings
from django.http import Http404
from django_drf_filepond.models import TemporaryUpload
from django_drf_filepond.views import FetchView, LoadView, PatchView, ProcessView, RestoreView, RevertView
from dj_rest_auth.views import UserDetailsView
from examples.models import Comment, Example
from examples.views.comment import CommentList
from examples.views.example import ExampleList
from label_types.views import LabelList
from labels.views import BaseDetailAPI, BaseListAPI
from projects.models import Member, Tag
from rest_framework.exceptions import ParseError, PermissionDenied
from users.views import Users

from annotate_embedded.models import TaskOwner

CHANGING = ("POST", "PUT", "PATCH", "DELETE")
#: Ids in a path, and how each is tied to the project, or to the example, in the same path.
PATH_RULES = {
    "example_id": lambda view, ids: _owned(Example, ids["example_id"], project=ids["project_id"]),
    "annotation_id": lambda view, ids: _owned(view.queryset.model, ids["annotation_id"], example=ids["example_id"]),
    "comment_id": lambda view, ids: _owned(Comment, ids["comment_id"], example__project=ids["project_id"]),
    "label_id": lambda view, ids: _owned(view.queryset.model, ids["label_id"], project=ids["project_id"]),
    "config_id": lambda view, ids: _owned(AutoLabelingConfig, ids["config_id"], project=ids["project_id"]),
    "member_id": lambda view, ids: _owned(Member, ids["member_id"], project=ids["project_id"]),
    "tag_id": lambda view, ids: _owned(Tag, ids["tag_id"], project=ids["project_id"]),
}
#: Parts of paths that name nothing of a project, or that a rule below looks at.
OTHER_PARTS = {"project_id", "option_name", "task_id", "chunk_id", "subset"}


class Guarded:
    """Goes in front of a Doccano view class."""

    def check_permissions(self, request):
        """Doccano's own rules first, so that strangers learn nothing from ours."""
        super().check_permissions(request)
        check(self, request, self.kwargs)

    def finalize_response(self, request, response, *args, **kwargs):
        """Remember whose task was started, before anybody can ask for it."""
        _remember_task(self, request, response)
        return super().finalize_response(request, response, *args, **kwargs)


def check(view, request, ids):
    """Raise Http404 or PermissionDenied when the request reaches for something it may not have."""
    for name, rule in PATH_RULES.items():
        if name in ids:
            rule(view, ids)
    if "project_id" in ids:
        _check_query(view, request, ids)
    for view_class, rule in VIEW_RULES:
        if isinstance(view, view_class):
            rule(view, request, ids)


def _owned(model, key, **owner):
    """404 unless the row exists and belongs to its owner. Whatever is no id at all belongs to nobody."""
    try:
        if model.objects.filter(pk=key, **owner).exists():
            return
    except (TypeError, ValueError, OverflowError):
        pass
    raise Http404


def _check_query(view, request, ids):
    for project in request.query_params.getlist("project"):
        if project != str(ids["project_id"]):
            raise Http404
    if isinstance(view, (CommentList, AutomatedLabeling)):
        examples = request.query_params.getlist("example")
        if not examples and request.method == "POST":
            raise ParseError("Which example? Add ?example=ID.")
        for example in examples:
            if example:
                _owned(Example, example, project=ids["project_id"])


def _body(request):
    if not hasattr(request.data, "get"):
        raise ParseError("An object was expected.")
    return request.data


def _check_label_body(view, request, ids):
    """The label type, the spans of a relation and the example that a label names."""
    if request.method not in ("POST", "PUT", "PATCH"):
        return
    body = _body(request)
    fields = view.get_serializer_class()().fields
    for name in ("label", "type"):
        if name in fields and body.get(name) is not None:
            _owned(fields[name].queryset.model, body.get(name), project=ids["project_id"])
    for name in ("from_id", "to_id"):
        if name in fields and body.get(name) is not None:
            _owned(fields[name].queryset.model, body.get(name), example=ids["example_id"])
    # In a list the view itself puts the example of the path in; a detail would move the label elsewhere.
    if isinstance(view, BaseDetailAPI) and body.get("example") is not None:
        _owned(Example.objects.filter(pk=ids["example_id"]).model, body.get("example"), id=ids["example_id"])


def _check_bulk_delete(model_of, path_to_project):
    def rule(view, request, ids):
        if request.method == "DELETE":
            keys = _body(request).get("ids") or []
            if not isinstance(keys, list):
                raise ParseError("ids must be a list.")
            for key in keys:
                _owned(model_of(view), key, **{path_to_project: ids["project_id"]})

    return rule


def _check_import(view, request, ids):
    """An upload belongs to who sent it; a task id from elsewhere is no export of this project."""
    if request.method != "POST":
        return
    keys = _body(request).get("uploadIds")
    if not request.user.is_superuser and isinstance(keys, list):
        for key in keys:
            _check_upload(request, key)


def _check_upload(request, key):
    if not TemporaryUpload.objects.filter(upload_id=str(key), uploaded_by=request.user.id).exists():
        raise Http404


def _check_export(view, request, ids):
    if request.method == "GET":
        owned = TaskOwner.objects.filter(
            task_id=request.query_params.get("taskId", ""), kind="export", project=ids["project_id"]
        )
        if not owned.exists():
            raise Http404


def _check_task(view, request, ids):
    if request.user.is_superuser:
        return
    if not TaskOwner.objects.filter(task_id=ids["task_id"], user=request.user.id).exists():
        raise Http404


def _check_revert(view, request, ids):
    if not request.user.is_superuser:
        data = request.data
        _check_upload(request, (data.decode("utf-8", "replace") if isinstance(data, bytes) else str(data)).strip())


def _superuser_only(view, request, ids):
    """404, as for anybody else's things: outgoing requests and stored files of all projects."""
    if not request.user.is_superuser:
        raise Http404


def _superuser_changes(view, request, ids):
    if request.method in CHANGING and not request.user.is_superuser:
        raise PermissionDenied


def _manages_a_project(view, request, ids):
    """Uploads and the list of all accounts are for those who import or add members, not for annotators."""
    user = request.user
    manages = Member.objects.filter(user=user.id, role__name=settings.ROLE_PROJECT_ADMIN)
    if not (user.is_superuser or user.is_staff or manages.exists()):
        raise PermissionDenied


#: In the order in which they are asked.
VIEW_RULES = (
    (BaseListAPI, _check_label_body),
    (BaseDetailAPI, _check_label_body),
    (ExampleList, _check_bulk_delete(lambda view: Example, "project")),
    (LabelList, _check_bulk_delete(lambda view: view.model, "project")),
    (CommentList, _check_bulk_delete(lambda view: Comment, "example__project")),
    (DatasetImportAPI, _check_import),
    (DatasetExportAPI, _check_export),
    (TaskStatus, _check_task),
    (Users, _manages_a_project),
    (ProcessView, _manages_a_project),
    (PatchView, _manages_a_project),
    (RevertView, _manages_a_project),
    (RevertView, _check_revert),
    (FetchView, _superuser_only),
    (LoadView, _superuser_only),
    (RestoreView, _superuser_only),
    # The server sends requests to addresses that these hold.
    (ConfigList, _superuser_changes),
    (ConfigDetail, _superuser_changes),
    (RestAPIRequestTesting, _superuser_changes),
    # Who labelled is known by name: nobody renames himself.
    (UserDetailsView, _superuser_changes),
)


def _remember_task(view, request, response):
    kinds = ((DatasetImportAPI, "import"), (DatasetExportAPI, "export"))
    for view_class, kind in kinds:
        if isinstance(view, view_class) and request.method == "POST" and response.status_code == 200:
            TaskOwner.objects.create(
                task_id=response.data["task_id"],
                kind=kind,
                project=view.kwargs["project_id"],
                user=request.user.id,
            )
