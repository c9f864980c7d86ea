"""Put the RO-Crate context into the HTTP cache of rocrate-validator. Usage: warm_rocrate.py CACHE

Runs in the validators' environment. The file is the one in the package data of ro-crate-py, which is the
context of RO-Crate 1.3: it has all terms of 1.2, under whose address it is put here too.
"""

import io
import sys
from importlib.resources import files

from requests import Request, Response
from requests_cache import CachedSession
from urllib3 import HTTPResponse

data = (files("rocrate") / "data" / "ro-crate.jsonld").read_bytes()
headers = {"Content-Type": "application/ld+json"}
session = CachedSession(cache_name=sys.argv[1], backend="sqlite", expire_after=-1)
for version in ("1.1", "1.2", "1.3"):
    url = f"https://w3id.org/ro/crate/{version}/context"
    response = Response()
    response.status_code, response.url, response._content = 200, url, data
    response.headers.update(headers)
    response.request = Request("GET", url).prepare()
    response.raw = HTTPResponse(body=io.BytesIO(data), status=200, headers=headers, preload_content=False)
    session.cache.save_response(response)
    if not session.cache.contains(url=url):
        sys.exit(f"{url} is not in the cache")
