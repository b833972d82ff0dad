"""Settings from the environment (``CALLQA_…``), a ``callqa.toml`` in the working folder, or defaults."""

from functools import cache
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


class Settings(BaseSettings):
    """Everything a site may set; each field is ``CALLQA_<NAME>`` in the environment."""

    model_config = SettingsConfigDict(
        env_prefix="CALLQA_", toml_file="callqa.toml", extra="ignore", frozen=True
    )

    home: Path = Path("callqa-data")
    """Where the database and derived files live."""
    database_url: str | None = None
    """SQLAlchemy URL; default: SQLite in ``home``."""
    model_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_cache_path("callqa")) / "models")
    """Where the bundled models are unpacked."""
    asr_model: str = "bundled"
    """``bundled`` (Whisper base), a local CTranslate2 folder, or a hub name such as ``large-v3-turbo``."""
    diarization_model: str = "bundled"
    """``bundled``, a local pyannote pipeline folder, or a hub name."""
    hub_token: str | None = None
    """Token for gated hub models."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    language: str = "zh"
    """Whisper language code, or ``auto`` to detect it per call."""
    lexicon: Path | None = None
    """A text file with the site's own words (products, places), added to the shipped lexicon."""
    rulebook: Path | None = None
    """A rulebook folder; default: the shipped one."""
    filename_pattern: str | None = None
    """Reads call metadata from file names: a template such as ``{start:%Y%m%d%H%M%S}_{agent}_{customer}``,
    or a regular expression with named groups."""
    host_name: str | None = None
    """This machine's lasting name in traces and logs; default: its host name."""
    log_format: Literal["text", "json"] = "text"
    """``json``: one object a line, with call, batch, host and worker."""
    decode_seconds: float = Field(default=600.0, gt=0)
    """How long a decoder may work on one file."""
    decode_memory: int = Field(default=8192, ge=256)
    """Address space in MB a decoder may use for one file."""
    retry_seconds: float = Field(default=30.0, gt=0, le=3600)
    """First pause after a passing fault (mount gone, memory short); each further one is four times longer."""
    lease_seconds: float = Field(default=120.0, ge=1)
    """A worker not heard of for so long is taken for dead, and others take over what it had."""
    store_patience: float = Field(default=3600.0, ge=0)
    """Seconds a worker waits for a database that is locked, full or away."""
    cost_per_hour: float = Field(default=0.0, ge=0)
    """What an hour of one worker costs; batches then say what each stage cost."""
    redact: str = "all"
    """Kinds of personal data to hide, separated by commas; ``all,-number`` leaves one out."""
    redact_sound: Literal["beep", "silence"] = "beep"
    """What is heard in place of personal data."""
    session_hours: float = Field(default=12.0, gt=0, le=24 * 31)
    """How long a sign-in holds; after a third of it without use it ends too."""
    notify: Path | None = None
    """A YAML file that says who is told of flags, batches and published rules."""
    retention: Path | None = None
    """A YAML file that says how many days sound, transcripts and words are kept."""
    sound_key: Path | None = None
    """A key file (mode 0600): copies of sound in the cache are encrypted with it."""

    @property
    def resolved_database_url(self) -> str:
        if self.database_url:
            return self.database_url
        return f"sqlite:///{(self.home / 'callqa.db').absolute()}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


@cache
def get_settings() -> Settings:
    """The process's settings, read once."""
    return Settings()
