"""A rulebook as people write it: YAML texts by path."""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
import zstandard

from ..errors import UsageError
from ..inspect.rulebook import LISTS, SCORECARDS, Rulebook

Files = Mapping[str, str]
"""``AREA/NAME.yaml``, ``lists/NAME.yaml``, ``scorecards/NAME.yaml`` → its text."""
SHIPPED = Path(__file__).parent.parent / "rules"


def read_folder(folder: Path) -> dict[str, str]:
    """The YAML texts below ``folder``. Raises UsageError when there are none or they are no text."""
    files: dict[str, str] = {}
    for file in sorted(folder.glob("*/*.yaml")):
        path = file.relative_to(folder).as_posix()
        try:
            files[path] = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            raise UsageError(f"{file}: not UTF-8 text ({error})") from error
    if not files:
        raise UsageError(f"{folder}: no rules here; a rulebook holds AREA/NAME.yaml files")
    return files


def write_folder(files: Files, folder: Path) -> None:
    """Make the YAML files below ``folder`` exactly these: written, left alone, or removed."""
    for path, content in files.items():
        target = folder / check_path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_file() or target.read_bytes() != content.encode():
            target.write_bytes(content.encode())
    for stale in folder.glob("*/*.yaml"):
        if stale.relative_to(folder).as_posix() not in files:
            stale.unlink()


def check_path(path: str) -> str:
    """The path itself. Raises UsageError when it is not ``FOLDER/NAME.yaml`` within a rulebook."""
    parts = PurePosixPath(path).parts
    plain = len(parts) == 2 and all(p.replace("-", "_").isidentifier() for p in (parts[0], parts[1][:-5]))
    if not plain or not path.endswith(".yaml"):
        raise UsageError(f"{path!r} is no file of a rulebook; write AREA/NAME.yaml, both plain words")
    return path


def rule_path(rule_id: str) -> str:
    """
    >>> rule_path("service.abuse")
    'service/abuse.yaml'
    """
    return rule_id.replace(".", "/", 1) + ".yaml"


def rule_id(path: str) -> str:
    """
    >>> rule_id("service/abuse.yaml")
    'service.abuse'
    """
    return path.removesuffix(".yaml").replace("/", ".", 1)


def is_rule(path: str) -> bool:
    return path.split("/", 1)[0] not in (LISTS, SCORECARDS)


def texts_of(rulebook: Rulebook) -> dict[str, str]:
    """YAML texts of a rulebook of which only the content is known."""
    files = {rule_path(key): to_yaml(data) for key, data in rulebook.source["rules"].items()}
    for folder in (LISTS, SCORECARDS):
        for name, data in rulebook.source.get(folder, {}).items():
            files[f"{folder}/{name}.yaml"] = to_yaml(data)
    return files


def to_yaml(data: Any) -> str:
    """Plain YAML that people can go on writing: keys in their order, Chinese as it is."""
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=110)


def pack_files(files: Files) -> bytes:
    raw = json.dumps(dict(sorted(files.items())), ensure_ascii=False).encode()
    return zstandard.ZstdCompressor(level=9).compress(raw)


def unpack_files(packed: bytes) -> dict[str, str]:
    files: dict[str, str] = json.loads(zstandard.ZstdDecompressor().decompress(packed))
    return files
