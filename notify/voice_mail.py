"""The customers' voice of a day as a mail: a summary in words, and the whole of it as one HTML file."""

from collections.abc import Callable
from email.message import EmailMessage

from .config import Mail, NotifyConfig
from .digest import address, send

Edition = tuple[str, str, str]
"""Subject, summary and HTML in one language."""


def mail_voice(config: NotifyConfig, edition: Callable[[str], Edition], file_name: str) -> int:
    """Send it to every receiver with ``voice: true``, in their language; returns how many there are.

    Raises NotDelivered for the first that is not reached.
    """
    receivers = [one for one in config.mail if one.voice]
    made = {language: edition(language) for language in {one.language for one in receivers}}
    for one in receivers:
        send(one, compose_voice(one, made[one.language], file_name))
    return len(receivers)


def compose_voice(endpoint: Mail, edition: Edition, file_name: str) -> EmailMessage:
    subject, summary, html = edition
    message = EmailMessage()
    address(message, endpoint, subject)
    message.set_content(summary)
    message.add_attachment(html.encode(), maintype="text", subtype="html", filename=file_name)
    return message
