"""How good it is: transcripts and flags against labelled calls."""
