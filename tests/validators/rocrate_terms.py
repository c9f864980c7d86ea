"""Print each term of a crate that the RO-Crate context does not define. Usage: rocrate_terms.py FILE

Runs in the validators' environment.
"""

import json
import sys
from importlib.resources import files
from pathlib import Path

known = json.loads((files("rocrate") / "data" / "ro-crate.jsonld").read_text("utf-8"))["@context"]
used = set()
for entity in json.loads(Path(sys.argv[1]).read_text("utf-8"))["@graph"]:
    kinds = entity["@type"]
    used |= set(entity) | set([kinds] if isinstance(kinds, str) else kinds)
for term in sorted(used - set(known) - {"@id", "@type"}):
    print(term)
