"""What is looked at before a service begins, so that a night does not end at its first recording."""

from ..errors import UsageError
from ..settings import Settings


def check_files(settings: Settings) -> None:
    """UsageError when a file that the settings name for a worker is missing or makes no sense."""
    from ..notify.config import load_config

    load_config(settings.notify)
    if settings.lexicon is not None:
        try:
            settings.lexicon.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"the lexicon {settings.lexicon} cannot be read: {error}") from error
