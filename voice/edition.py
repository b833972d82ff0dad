"""A digest on its way out: published, and mailed; what fails is tried again, like webhooks."""

from datetime import date
from email.message import EmailMessage

from ..errors import UsageError
from ..notify.config import Mail
from ..notify.events import announce_digest, digest_event
from ..notify.voice_mail import compose_voice
from ..store.announcements import Waiting, hurry
from ..store.call import get_call
from ..store.database import Store
from ..store.digests import DigestRow, clips_of, get_digest, publish_digest
from .clip_sound import clip_sound
from .digest import refuse_limited
from .digest_file import summary, to_html


def publish(store: Store, day: date, *, by: str) -> int:
    """Publish the draft of a day; mails about it wait from then on. Returns for how many receivers."""
    refuse_limited(store)
    with store.write() as connection:
        publish_digest(connection, day, by=by)
        return announce_digest(connection, day)


def send(store: Store, day: date) -> str:
    """Let the published digest leave now to everybody who has not got it; returns the event's name.

    Raises UsageError for a draft. Delivering is notify.deliver's.
    """
    row = _published(store, day)
    with store.write() as connection:
        announce_digest(connection, row.day)
    hurry(store, digest_event(day))
    return digest_event(day)


def file_of(store: Store, row: DigestRow, language: str) -> str:
    """The digest as one HTML file with its sound; hidden clips are left out."""
    clips = clips_of(store, row.id, hidden=False)
    return to_html(
        row, clips, lambda c: clip_sound(store, get_call(store, c.recording_id), c.start, c.end), language
    )


def file_name(day: date) -> str:
    return f"callqa-digest-{day.isoformat()}.html"


def letter(store: Store, receiver: Mail, waiting: Waiting) -> EmailMessage:
    """The mail about an announced digest, made at the moment it leaves: what was erased meanwhile is gone."""
    row = _published(store, date.fromisoformat(waiting.payload["day"]))
    language = receiver.language
    edition = (*summary(row, language), file_of(store, row, language))
    return compose_voice(receiver, edition, file_name(row.day))


def _published(store: Store, day: date) -> DigestRow:
    row = get_digest(store, day)
    if row is None or row.state != "published":
        raise UsageError(f"the digest of {day} is a draft; publish it on the page or with --publish")
    return row
