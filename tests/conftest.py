"""What the tests of several rooms need."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from callqa.settings import get_settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of its own, which ``get_settings`` names."""
    folder = tmp_path / "home"
    monkeypatch.setenv("CALLQA_HOME", str(folder))
    monkeypatch.delenv("CALLQA_DATABASE_URL", raising=False)
    get_settings.cache_clear()
    yield folder
    get_settings.cache_clear()
