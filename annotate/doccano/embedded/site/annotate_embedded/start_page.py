"""Doccano's web page below a path of a site, say https://example.org/doccano/.

Its JavaScript was built for the root of a host. The router and the loader of further scripts take their base
from ``window.__NUXT__`` in the start page, which we rewrite; the small script that loads fonts and images before
that holds their address itself and is put into the page, changed. The address ``/v1`` of the interface is written
into the other scripts, so that requests get the prefix on their way out. A start page that looks different from what
is expected here stops the server at its start.
"""

import re
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.template.loader import get_template

_SHIM = """<script>(function (prefix) {
  function placed(url) {
    return typeof url === "string" && /^[/](v1|media|static)[/]/.test(url) ? prefix + url : url;
  }
  var open = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (method, url) {
    arguments[1] = placed(url);
    return open.apply(this, arguments);
  };
})("%s");</script>"""

_LOADER = '.p="/static/_nuxt/"'


def rewritten(page, prefix):
    """The start page with every address of its own below ``prefix`` (no slash at its end)."""
    changes = (
        ('basePath:"/",', f'basePath:"{prefix}/",', 1),
        ('assetsPath:"/static/_nuxt/"', f'assetsPath:"{prefix}/static/_nuxt/"', 1),
        ('href="/', f'href="{prefix}/', None),
        ('src="/', f'src="{prefix}/', None),
        ("</title>", "</title>" + _SHIM % prefix, 1),
    )
    for old, new, times in changes:
        found = page.count(old)
        if not found or (times is not None and found != times):
            raise ImproperlyConfigured(f"Doccano's start page has {old!r} {found} times; it cannot be moved")
        page = page.replace(old, new)
    return page


def with_loader(page, prefix, read):
    """The page with the one script in it that names where all others lie; ``read`` gives a script's text."""
    tags = re.findall(r'<script src="(/static/_nuxt/[\w.]+\.js)"></script>', page)
    loaders = {tag: text for tag in tags if _LOADER in (text := read(tag))}
    if len(loaders) != 1:
        raise ImproperlyConfigured(f"Doccano's start page has {len(loaders)} loaders; it cannot be moved")
    ((tag, text),) = loaders.items()
    if text.count(_LOADER) != 1 or "</script" in text:
        raise ImproperlyConfigured("Doccano's loader is not the one we know; its page cannot be moved")
    moved = text.replace(_LOADER, _LOADER.replace("/static", f"{prefix}/static"))
    return page.replace(f'<script src="{tag}"></script>', f"<script>{moved}</script>")


def start_page():
    """The view for every address that is none of the interface."""
    template = get_template("index.html").template
    folder = Path(template.origin.name).parent

    def read(address):
        return (folder / address.lstrip("/")).read_text(encoding="utf-8")

    prefix = settings.FORCE_SCRIPT_NAME
    page = rewritten(with_loader(template.source, prefix, read), prefix)

    def show(request, *args, **kwargs):
        return HttpResponse(page)

    return show
