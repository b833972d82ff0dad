"""The bundled models are what was published, and a changed file is noticed."""

import shutil

import pytest

from callqa.errors import ModelError
from callqa.settings import get_settings
from callqa.transcribe import models


def test_a_missing_model_says_how_to_get_it(tmp_path):
    with pytest.raises(ModelError, match="callqa models install"):
        models.model_path(tmp_path, models.WHISPER_BASE)


def test_a_changed_file_is_named(tmp_path):
    folder = tmp_path / models.SEGMENTATION.name
    folder.mkdir()
    (folder / "pytorch_model.bin").write_bytes(b"not the model")
    (problem,) = models.problems(tmp_path, models.SEGMENTATION)
    assert "pytorch_model.bin" in problem
    assert "expected da85c298" in problem


def test_every_part_comes_from_a_pinned_package():
    for model in models.BUNDLED:
        for file in model.files:
            assert len(file.sha256) == 64
            assert all(package.version for package, _ in file.parts)


@pytest.mark.models
def test_installed_models_hold_their_checksums():
    assert [p for m in models.BUNDLED for p in models.problems(get_settings().model_dir, m)] == []


@pytest.mark.models
def test_an_altered_model_is_fetched_again(tmp_path):
    for model in models.BUNDLED:
        shutil.copytree(get_settings().model_dir / model.name, tmp_path / model.name)
    assert models.install(tmp_path) == []
    (tmp_path / models.CAMPPLUS.name / "campplus.pt").write_bytes(b"altered")
    assert models.install(tmp_path) == [models.CAMPPLUS]
    assert list(models.problems(tmp_path, models.CAMPPLUS)) == []
