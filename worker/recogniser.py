"""The real recogniser, imported only in the process that runs it."""

from ..settings import Settings
from .process import Recogniser


def open_recogniser(settings: Settings) -> Recogniser:
    """Load the models; raises ModelError when they are not there."""
    from ..transcribe.transcriber import Options, Transcriber

    return Transcriber(Options.from_settings(settings))
