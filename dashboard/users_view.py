"""The accounts page as plain data."""

from datetime import UTC, datetime
from typing import Any

from ..privacy.accounts import AccountRow
from .texts import Texts


def account_rows(rows: list[AccountRow], texts: Texts) -> list[dict[str, Any]]:
    """One line an account, headed in the language of the page."""
    return [
        {
            texts("users.name"): row.name,
            texts("users.role"): texts(f"role.name.{row.role}"),
            texts("users.reach"): reach(row, texts),
            texts("users.way"): way(row, texts),
            texts("users.state"): state(row, texts),
        }
        for row in rows
    ]


def reach(row: AccountRow, texts: Texts) -> str:
    parts = [*row.businesses, *row.teams, *([row.agent] if row.agent else [])]
    return "、".join(parts) or texts("users.everything")


def way(row: AccountRow, texts: Texts) -> str:
    ways = [texts("users.by_password")] if row.has_password else []
    return " / ".join([*ways, *([f"{texts('users.by_oidc')} {row.oidc}"] if row.oidc else [])])


def state(row: AccountRow, texts: Texts) -> str:
    if row.disabled:
        return texts("users.closed")
    until = row.locked_until
    if until and (until if until.tzinfo else until.replace(tzinfo=UTC)) > datetime.now(UTC):
        return texts("users.locked")
    return texts("users.open")
