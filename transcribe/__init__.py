"""From samples to a transcript: words, utterances with speaker and role, acoustic measures."""
