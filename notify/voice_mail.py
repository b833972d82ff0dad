"""The customers' voice of a day as a mail: a summary in words, and the whole of it as one HTML file."""

from email.message import EmailMessage

from .config import Mail
from .digest import address

Edition = tuple[str, str, str]
"""Subject, summary and HTML in one language."""


def compose_voice(endpoint: Mail, edition: Edition, file_name: str) -> EmailMessage:
    subject, summary, html = edition
    message = EmailMessage()
    address(message, endpoint, subject)
    message.set_content(summary)
    message.add_attachment(html.encode(), maintype="text", subtype="html", filename=file_name)
    return message
