"""Flags to verdicts."""
