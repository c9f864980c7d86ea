"""What can be named with ``--with`` on this machine: registered components and installed pipelines."""

from __future__ import annotations

from spacy.util import get_installed_models, get_model_meta, get_package_path, registry

from annotate.nlp.pipelines import _register_entry_points

SPACY = "spacy."
"""Components of spaCy's own need settings or training: none of them suggests by its name alone."""


def components() -> list[tuple[str, str]]:
    """(name, module) of each component that ours or another package registered."""
    _register_entry_points()
    found = registry.factories.get_all()
    modules = {name: str(getattr(made, "__module__", "")) for name, made in found.items()}
    return sorted((name, module) for name, module in modules.items() if not module.startswith(SPACY))


def packages() -> list[tuple[str, str]]:
    """(name, language and version) of each installed pipeline package."""
    metas = ((name, get_model_meta(get_package_path(name))) for name in sorted(get_installed_models()))
    return [(name, f"{meta['lang']} {meta['version']}") for name, meta in metas]
