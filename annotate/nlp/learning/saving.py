"""A learned model as files: ``model.json`` and ``arrays.npz``. Nothing in them can be executed.

The same model gives the same bytes. What was changed or torn is refused as a whole.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from annotate.core.errors import IntegrityFailure
from annotate.core.ids import sha256_hex
from annotate.core.learning.units import Level
from annotate.nlp.learning.encoder import Floats
from annotate.nlp.learning.features import Features, Recipe, Terms
from annotate.nlp.learning.fitting import Label, Model
from annotate.nlp.learning.head import Head, Scale

FORMAT: Final = 2
_JSON: Final = "model.json"
_ARRAYS: Final = "arrays.npz"
_LARGEST: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Part:
    """What was learned about one kind of unit of a layer."""

    layer: str
    level: Level
    model: Model


@dataclass(frozen=True, slots=True)
class Saved:
    """A whole model: its parts, the encoder of its vectors (empty for none) and the languages' centres."""

    parts: tuple[Part, ...]
    encoder: str
    centres: Mapping[str, Floats]


def write(folder: Path, saved: Saved) -> None:
    """Write a model into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    languages = sorted(saved.centres)
    arrays: dict[str, Any] = {
        f"centre.{number}": saved.centres[one].astype(np.float32) for number, one in enumerate(languages)
    }
    told = [_record(part, f"{number}", arrays) for number, part in enumerate(saved.parts)]
    sink = io.BytesIO()
    np.savez_compressed(sink, allow_pickle=False, **arrays)
    data = sink.getvalue()
    head = {
        "format": FORMAT,
        "encoder": saved.encoder,
        "arrays_sha256": sha256_hex(data),
        "centres": languages,
        "parts": told,
    }
    (folder / _ARRAYS).write_bytes(data)
    (folder / _JSON).write_text(json.dumps(head, ensure_ascii=True, indent=1) + "\n", encoding="ascii")


def read(folder: Path) -> Saved:
    """A model as it was written. Raises IntegrityFailure where anything does not fit."""
    try:
        head = json.loads((folder / _JSON).read_text(encoding="ascii"))
        data = (folder / _ARRAYS).read_bytes()
        if head["format"] != FORMAT:
            raise ValueError(f"format {head['format']!r} is not {FORMAT}")
        if sha256_hex(data) != head["arrays_sha256"]:
            raise ValueError(f"{_ARRAYS} is not the one that was written")
        arrays = _arrays(data)
        centres = {one: arrays[f"centre.{number}"] for number, one in enumerate(head["centres"])}
        return Saved(tuple(_part(told, arrays) for told in head["parts"]), str(head["encoder"]), centres)
    except (
        OSError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        EOFError,
        zipfile.BadZipFile,
    ) as error:
        raise IntegrityFailure(
            f"the learned model in {folder} cannot be read: {error}",
            hint="train it again with `annotate train`; the same seed gives the same model",
        ) from error


def _arrays(data: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(one.file_size for one in packed.infolist()) > _LARGEST:
            raise ValueError(f"{_ARRAYS} unpacks to more than {_LARGEST} bytes")
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        return {name: found[name].astype(np.float64) for name in found.files}


def _record(part: Part, key: str, arrays: dict[str, Any]) -> dict[str, Any]:
    model = part.model
    features = model.features
    arrays |= {
        f"{key}.mean": features.mean,
        f"{key}.spread": features.spread,
        f"{key}.landmarks": features.landmarks.astype(np.float32),
    }
    arrays |= {f"{key}.rarity.{name}": one for name, one in features.rarity.items()}
    labels = []
    for number, (name, label) in enumerate(model.labels.items()):
        own = f"{key}.{number}"
        arrays |= {
            f"{own}.kernel": label.head.kernel,
            f"{own}.plain": label.head.plain,
            f"{own}.words": label.head.words.astype(np.float32),
        }
        labels.append(
            {
                "name": name,
                "threshold": label.threshold,
                "constant": label.head.constant,
                "scale": asdict(label.scale),
            }
        )
    return {
        "number": key,
        "layer": part.layer,
        "level": part.level,
        "recipe": asdict(features.recipe),
        "labels": labels,
        "terms": model.terms.lists,
    }


def _part(told: Mapping[str, Any], arrays: Mapping[str, Any]) -> Part:
    key = str(told["number"])
    recipe = Recipe(**told["recipe"])
    terms = Terms(told["terms"])
    features = Features(
        recipe,
        arrays[f"{key}.mean"],
        arrays[f"{key}.spread"],
        arrays[f"{key}.landmarks"],
        {name: arrays[f"{key}.rarity.{name}"] for name in terms.lists},
    )
    if any(len(features.rarity[name]) != len(one) for name, one in terms.lists.items()):
        raise ValueError("terms and their weights differ in number")
    labels = {
        one["name"]: _label(one, f"{key}.{number}", arrays, features)
        for number, one in enumerate(told["labels"])
    }
    level = told["level"]
    if level not in ("sentence", "clause"):
        raise ValueError(f"there is no level {level!r}")
    return Part(str(told["layer"]), level, Model(terms, features, labels))


def _label(told: Mapping[str, Any], key: str, arrays: Mapping[str, Any], features: Features) -> Label:
    head = Head(
        arrays[f"{key}.kernel"],
        arrays[f"{key}.plain"],
        arrays[f"{key}.words"],
        float(told["constant"]),
    )
    terms = sum(map(len, features.rarity.values()))
    shapes = [(len(features.landmarks) * len(features.views),), (features.landmarks.shape[1],), (terms,)]
    if [head.kernel.shape, head.plain.shape, head.words.shape] != shapes:
        raise ValueError(f"the weights of {told['name']} have another size than the features")
    if not all(np.isfinite(one).all() for one in (head.kernel, head.plain, head.words)):
        raise ValueError(f"the weights of {told['name']} are no numbers")
    scale = Scale(float(told["scale"]["slope"]), float(told["scale"]["constant"]))
    return Label(head, scale, float(told["threshold"]))
