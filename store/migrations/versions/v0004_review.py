"""Claims, assignments, added flags and corrections of reviewers."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    pass
