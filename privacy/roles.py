"""Who may do what: roles, the permissions they carry, and the calls they reach."""

from dataclasses import dataclass
from enum import StrEnum

from ..store.scope import Scope


class Permission(StrEnum):
    """One thing a person may do; pages, routes and commands name the one they need."""

    DAY_SEE = "day.see"
    CALLS_SEE = "calls.see"
    SOUND_HEAR = "sound.hear"
    ORIGINAL_SEE = "original.see"
    VERDICT_GIVE = "verdict.give"
    TRANSCRIPT_CORRECT = "transcript.correct"
    APPEAL_FILE = "appeal.file"
    APPEAL_DECIDE = "appeal.decide"
    QUALITY_MANAGE = "quality.manage"
    RULES_SEE = "rules.see"
    RULES_EDIT = "rules.edit"
    RULES_PUBLISH = "rules.publish"
    VOICE_SEE = "voice.see"
    VOICE_CURATE = "voice.curate"
    CASES_WORK = "cases.work"
    BATCH_OPERATE = "batch.operate"
    EXPORT = "export"
    ERASE = "erase"
    AUDIT_SEE = "audit.see"
    USERS_MANAGE = "users.manage"


class Role(StrEnum):
    AGENT = "agent"
    """Sees and appeals the own calls only."""
    REVIEWER = "reviewer"
    COMPLIANCE = "compliance"
    LEAD = "lead"
    ADMIN = "admin"
    AUDITOR = "auditor"


_P = Permission
_REVIEWER = {_P.DAY_SEE, _P.CALLS_SEE, _P.SOUND_HEAR, _P.VERDICT_GIVE, _P.TRANSCRIPT_CORRECT, _P.RULES_SEE}
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.AGENT: frozenset({_P.CALLS_SEE, _P.SOUND_HEAR, _P.APPEAL_FILE}),
    Role.REVIEWER: frozenset(_REVIEWER),
    Role.COMPLIANCE: frozenset(
        _REVIEWER | {_P.ORIGINAL_SEE, _P.RULES_EDIT, _P.RULES_PUBLISH, _P.EXPORT, _P.VOICE_SEE}
    ),
    Role.LEAD: frozenset(
        _REVIEWER
        | {
            _P.APPEAL_DECIDE,
            _P.QUALITY_MANAGE,
            _P.VOICE_SEE,
            _P.VOICE_CURATE,
            _P.CASES_WORK,
            _P.EXPORT,
        }
    ),
    Role.ADMIN: frozenset(_P) - {_P.APPEAL_FILE},
    Role.AUDITOR: frozenset({_P.DAY_SEE, _P.CALLS_SEE, _P.RULES_SEE, _P.AUDIT_SEE}),
}
"""The table of what is allowed."""


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who uses callqa: a name, a role, and the calls in reach.

    Empty ``businesses`` or ``teams`` mean no limit; ``agent`` limits to the calls of one agent.
    """

    name: str
    role: Role
    businesses: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    agent: str | None = None

    def may(self, permission: Permission) -> bool:
        return permission in PERMISSIONS[self.role]

    @property
    def scope(self) -> Scope:
        """The calls in reach; an agent without a name reaches none."""
        agents = (self.agent,) if self.agent else ("",) if self.role is Role.AGENT else ()
        return Scope(tuple(sorted(self.businesses)), tuple(sorted(self.teams)), agents)
