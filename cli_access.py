"""What a command may do once there are accounts: the account whose token is in ``CALLQA_TOKEN`` decides.

Without a token a command acts for whoever runs it, who can read the database anyway: the operator of
this machine. That is allowed unless ``CALLQA_REQUIRE_TOKEN`` is set, and stands in the audit log under
the name of the system account.
"""

import getpass
import os
from typing import TYPE_CHECKING, Any

from .errors import CallqaError

if TYPE_CHECKING:
    import typer

    from .privacy.roles import Permission, Person
    from .store import Store

TYPED = "callqa.typed"
"""Where the root command keeps the words that follow it."""
OPEN = "open"
"""For commands that touch no stored call and no account."""
COMMANDS: dict[str, str] = {
    "run": "batch.operate",
    "ingest": "batch.operate",
    "worker": "batch.operate",
    "status": "batch.operate",
    "capacity": "batch.operate",
    "retry": "batch.operate",
    "retranscribe": "batch.operate",
    "watch": "batch.operate",
    "drain": "batch.operate",
    "backup": "batch.operate",
    "restore": "batch.operate",
    "db": "batch.operate",
    "notify": "batch.operate",
    "dashboard": "batch.operate",
    "search": "calls.see",
    "inspect": "rules.publish",
    "export": "export",
    "report": "export",
    "redact": "sound.hear",
    "purge": "erase",
    "hold": "erase",
    "users": "users.manage",
    "audit": "audit.see",
    "models": OPEN,
    "evaluate": OPEN,
    "rules": "rules.see",
    "rules lint": OPEN,
    "rules test": OPEN,
    "rules explain": OPEN,
    "rules list": OPEN,
    "rules publish": "rules.publish",
    "rules rollback": "rules.publish",
    "rules import": "rules.edit",
    "rules edit": "rules.edit",
    "rules draft": "rules.edit",
    "digest": "voice.see",
    "cases": "cases.work",
}
"""Command, or group of commands, to the permission it needs; the longest name counts."""
LIMITED = frozenset(("search", "export", "inspect", "report", "redact", "users", "audit", "rules", "models"))
"""Commands that show a person with a scope only the calls within; all others are refused to them."""


class NotAllowed(CallqaError):
    """The account may not do this."""


def permission_for(command: str) -> "Permission | None":
    """The permission that ``rules publish`` or another command needs; a new one needs the most."""
    from .privacy.roles import Permission

    words = command.split()
    for length in range(len(words), 0, -1):
        found = COMMANDS.get(" ".join(words[:length]))
        if found is not None:
            return None if found == OPEN else Permission(found)
    return Permission.USERS_MANAGE


def check_command(ctx: "typer.Context") -> None:
    """Refuse, before it begins, a command that the account may not run. Without a token nothing is asked."""
    _ACTING.clear()
    if not os.environ.get("CALLQA_TOKEN") and not os.environ.get("CALLQA_REQUIRE_TOKEN"):
        return
    command = _command_of(ctx)
    if not command or "--help" in ctx.meta[TYPED]:
        return
    from .cli_common import load_settings
    from .store import is_there, open_store

    url = load_settings().resolved_database_url
    if not is_there(url):
        raise NotAllowed(f"there is no database at {url}, so no token holds")
    store = open_store(url)
    try:
        check(command, store)
    finally:
        store.close()


def check(command: str, store: "Store") -> "Person | None":
    """Who runs this; None for the operator of this machine. Raises NotAllowed."""
    person = _person_of_token(store)
    if person is None:
        return None
    needed = permission_for(command)
    everything = command.split()[0] in LIMITED or needed is None or not person.scope.limits
    if (needed is not None and not person.may(needed)) or not everything:
        from .privacy.audit import Action, record

        record(store, person.name, Action.REFUSED, command, {"needs": needed})
        why = f"it needs {needed}" if everything else "it works on all calls"
        raise NotAllowed(f"{person.name} ({person.role}) may not run callqa {command}: {why}")
    _ACTING.append(person)
    return person


def _command_of(ctx: "typer.Context") -> str:
    """The names of group and command that were typed."""
    words: list[str] = []
    here: Any = ctx.command
    for word in ctx.meta[TYPED]:
        here = getattr(here, "commands", {}).get(word)
        if here is None:
            break
        words.append(word)
    return " ".join(words)


def _person_of_token(store: "Store") -> "Person | None":
    """The account of ``CALLQA_TOKEN``; None without a token. Raises NotAllowed for one that does not hold."""
    from .privacy.accounts import has_accounts
    from .privacy.sessions import session_of

    token = os.environ.get("CALLQA_TOKEN")
    if not token:
        if has_accounts(store):
            raise NotAllowed("a token is needed: callqa users token makes one, CALLQA_TOKEN holds it")
        return None
    session = session_of(store, token, "token")
    if session is None:
        raise NotAllowed("the token in CALLQA_TOKEN does not hold: it ended, or the account is closed")
    return session.person


_ACTING: list["Person"] = []


def acting_person() -> "Person | None":
    """The account that runs this command; None for the operator of this machine."""
    return _ACTING[-1] if _ACTING else None


def acting_name() -> str:
    """Under which name a command stands in the audit log."""
    person = acting_person()
    return person.name if person else f"os:{_system_name()}"


def exporting(store: "Store", what: str, redacted: bool | None, out: object = None) -> bool:
    """Whether an export leaves personal data out; with accounts it stands in the audit log.

    Raises NotAllowed when the account may not see originals and asks for them.
    """
    from .privacy.accounts import has_accounts
    from .privacy.audit import Action, record
    from .privacy.roles import Permission

    locked, person = has_accounts(store), acting_person()
    hidden = locked if redacted is None else redacted
    if not hidden and person and not person.may(Permission.ORIGINAL_SEE):
        raise NotAllowed(f"{person.name} may not export originals; leave --original out")
    if locked:
        record(
            store, acting_name(), Action.EXPORT, what, {"original": not hidden, "to_file": out is not None}
        )
    return hidden


def _system_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user in a container
        return str(os.getuid())
