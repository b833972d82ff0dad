"""Accounts, sessions, audit lines, retention and erasure, and what is announced to others."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_MOMENT = sa.DateTime(timezone=True)
_AUDIT_REFUSED = "audit lines are only ever added"


def _column(name: str, type_: Any, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=null)


def _table(name: str, *columns: Any) -> None:
    op.create_table(
        name,
        _column("id", sa.Integer()),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sqlite_autoincrement=True,
    )


def upgrade() -> None:
    _accounts()
    _audit()
    _erasing()
    _announcing()


def _accounts() -> None:
    _table(
        "account",
        _column("name", sa.String()),
        _column("role", sa.String()),
        _column("password", sa.String(), True),
        _column("oidc", sa.String(), True),
        _column("businesses", sa.JSON()),
        _column("teams", sa.JSON()),
        _column("agent", sa.String(), True),
        _column("disabled_at", _MOMENT, True),
        _column("failures", sa.Integer()),
        _column("locked_until", _MOMENT, True),
        _column("created_at", _MOMENT),
        _column("password_at", _MOMENT, True),
        sa.UniqueConstraint("name", name="uq_account_name"),
        sa.UniqueConstraint("oidc", name="uq_account_oidc"),
    )
    _table(
        "sign_in",
        _column("secret", sa.String()),
        _column("account_id", sa.Integer()),
        _column("kind", sa.String()),
        _column("label", sa.String()),
        _column("created_at", _MOMENT),
        _column("seen_at", _MOMENT),
        _column("expires_at", _MOMENT),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_sign_in_account_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("secret", name="uq_sign_in_secret"),
    )
    op.create_index("ix_sign_in_account_id", "sign_in", ["account_id"])
    op.create_index("ix_sign_in_expires_at", "sign_in", ["expires_at"])


def _audit() -> None:
    texts = [_column(name, sa.String()) for name in ("at", "who", "action", "subject", "detail", "before")]
    _table(
        "audit_line",
        *texts,
        _column("hash", sa.String()),
        sa.UniqueConstraint("hash", name="uq_audit_line_hash"),
    )
    op.create_index("ix_audit_line_action_id", "audit_line", ["action", "id"])
    op.create_index("ix_audit_line_who_id", "audit_line", ["who", "id"])
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_line_no_{deed.lower()} BEFORE {deed} ON audit_line "
                f"BEGIN SELECT RAISE(ABORT, '{_AUDIT_REFUSED}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_line_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_AUDIT_REFUSED}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_line_no_change BEFORE UPDATE OR DELETE ON audit_line "
        "FOR EACH ROW EXECUTE FUNCTION audit_line_refuse()"
    )


def _erasing() -> None:
    _table(
        "legal_hold",
        _column("field", sa.String()),
        _column("value", sa.String()),
        _column("reason", sa.String()),
        _column("who", sa.String()),
        _column("since", _MOMENT),
        _column("lifted_at", _MOMENT, True),
    )
    op.create_index("ix_legal_hold_field_value", "legal_hold", ["field", "value"])
    _table(
        "erasure",
        _column("at", _MOMENT),
        _column("who", sa.String()),
        _column("kind", sa.String()),
        _column("recordings", sa.Integer()),
        _column("certificate", sa.JSON()),
    )


def _announcing() -> None:
    _table(
        "announcement",
        _column("event", sa.String()),
        _column("endpoint", sa.String()),
        _column("kind", sa.String()),
        _column("payload", sa.JSON()),
        _column("state", sa.String()),
        _column("attempts", sa.Integer()),
        _column("next_at", _MOMENT),
        _column("error", sa.String(), True),
        _column("created_at", _MOMENT),
        _column("delivered_at", _MOMENT, True),
    )
    op.create_index("ix_announcement_event", "announcement", ["event"])
    op.create_index("ix_announcement_due", "announcement", ["state", "next_at"])
