"""Accounts, sessions, audit lines, retention and erasure."""
