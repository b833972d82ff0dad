"""Drafts, published versions and effective dates of rulebooks."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    pass
