"""callqa: call-recording quality inspection that listens to every call, open and offline."""

__version__ = "0.1.0"
