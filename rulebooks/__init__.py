"""Rulebooks on their way: drafts, tests, backtest, publishing, versions, import."""
