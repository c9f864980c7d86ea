"""What can be named with ``--with`` on this machine: registered components and installed pipelines."""

from __future__ import annotations

import warnings

from spacy.util import get_installed_models, get_model_meta, get_package_path, registry

from annotate.core.errors import ConfigError
from annotate.nlp.bases import READERS, find_base
from annotate.nlp.pipelines import COMPOSED, _register_entry_points

SPACY = "spacy."
"""Components of spaCy's own need settings or training: none of them suggests by its name alone."""


def components() -> list[tuple[str, str]]:
    """(name, module) of each component that ours or another package registered."""
    _register_entry_points()
    found = registry.factories.get_all()
    modules = {name: str(getattr(made, "__module__", "")) for name, made in found.items()}
    single = [(name, module) for name, module in modules.items() if not module.startswith(SPACY)]
    return sorted([*single, *((name, " + ".join(parts)) for name, parts in COMPOSED.items())])


def packages() -> list[tuple[str, str]]:
    """(name, language and version) of each installed pipeline package."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "made with an older spaCy" is said when it is loaded
        metas = [(name, get_model_meta(get_package_path(name))) for name in sorted(get_installed_models())]
    return [(name, f"{meta['lang']} {meta['version']}{_as_base(name, meta['lang'])}") for name, meta in metas]


def _as_base(name: str, language: str) -> str:
    try:
        parts = find_base(name, language).parts
    except ConfigError:
        return ""
    return f" ({', '.join(parts)}); --base {language}={name} puts it under {', '.join(sorted(READERS))}"
