"""Hosts, attempts and stages of batches; what is to be told to others."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass
