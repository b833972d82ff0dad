"""Settings files in YAML: plain values only, no tags that make objects, no anchors that unfold."""

from pathlib import Path
from typing import Any

import yaml

LARGEST = 1 << 20
"""Bytes; more is no settings file."""


def read_yaml(path: Path) -> Any:
    """The content; raises OSError, or ValueError for what is not plain YAML."""
    if path.stat().st_size > LARGEST:
        raise ValueError("it is too large")
    try:
        text = path.read_text("utf-8")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise ValueError("anchors and aliases are not allowed")
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
