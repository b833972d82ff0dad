"""Drafts, published versions and effective dates of rulebooks."""
