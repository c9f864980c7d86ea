"""Read corpus/scripted-annotators.json of a sample study."""

from __future__ import annotations

import msgspec

from annotate.core.errors import BadInput, ConfigError
from annotate.core.script import FORMAT, Script
from annotate.store.study import Study


def read_script(study: Study) -> Script:
    """The script. Raises ConfigError where there is none, BadInput where it is damaged."""
    path = study.corpus / "scripted-annotators.json"
    try:
        data = msgspec.json.decode(path.read_bytes())
        _require_format(data, study.shown(path))
        # `from` is no name a Python field can have.
        return msgspec.convert(_renamed(data), Script)
    except FileNotFoundError as error:
        raise ConfigError(
            f"{study.shown(path)} is missing", hint="only the sample study can be labelled by script"
        ) from error
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise BadInput(f"{study.shown(path)}: {error}") from error


def _require_format(data: object, shown: str) -> None:
    made = data.get("format") if isinstance(data, dict) else None
    if made != FORMAT:
        raise BadInput(
            f"{shown}: format {made!r}, and this version reads {FORMAT}",
            hint="another version made this sample study; run `annotate demo --dir` with a new folder",
        )


def _renamed(value: object) -> object:
    if isinstance(value, dict):
        return {("from_" if key == "from" else key): _renamed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_renamed(one) for one in value]
    return value
