"""Finding, checking and decoding recordings, with their call metadata."""
