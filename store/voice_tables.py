"""Scorecards, samples, appeals, calibration, cases and digests."""
