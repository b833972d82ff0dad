"""Who the customers of old calls were, replaced by a stand-in.

The stand-in is made with a key of the installation: whoever has it can find a customer's calls by the
number, to erase or keep them, and nobody can read the number from the database.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, select, update

from .recordings import file, recording
from .records import NOBODYS, mask_mobiles

ALIAS = "anon-"
"""How the stand-in for a customer's number begins."""
Alias = Callable[[str], str]
"""Gives the stand-in for a customer's number; the same for the same one."""


def forget_customers(connection: Connection, ids: Sequence[int], alias: Alias) -> set[int]:
    """Replace who the customers of these calls were, in their call data and in the names of their files.

    Returns the calls where there was something to replace. Where a file lies is told as long as it is there.
    """
    c = recording.c
    changed = set()
    rows = connection.execute(
        select(c.id, c.name, c.path, c.customer, c.call_data).where(c.id.in_(ids))
    ).all()
    for row in rows:
        here = select(file.c.id, file.c.name).where(file.c.recording_id == row.id)
        files = connection.execute(here).all()
        customer = row.customer if row.customer and not row.customer.startswith(ALIAS) else None
        kept = {name: value for name, value in row.call_data.items() if name in NOBODYS}
        if row.customer:
            kept["customer"] = alias(customer) if customer else row.customer
        values = {
            "name": _nameless(row.name, customer),
            "path": row.path if files else _nameless(row.path, customer),
            "customer": kept.get("customer"),
            "call_data": kept,
        }
        if values == {name: getattr(row, name) for name in values}:
            continue
        connection.execute(update(recording).where(c.id == row.id).values(values))
        for number, name in files:
            hidden = _nameless(name, customer)
            connection.execute(update(file).where(file.c.id == number).values(name=hidden))
        changed.add(row.id)
    return changed


def _nameless(text: str, customer: str | None) -> str:
    return mask_mobiles(text.replace(customer, "[客户]") if customer else text)
