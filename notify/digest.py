"""One mail a day with what happened: counts and links, nothing that was said."""

import smtplib
import ssl
from collections import Counter
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from ..errors import UsageError
from ..store.announcements import Waiting
from .config import Mail
from .webhooks import NotDelivered

TIMEOUT = 20.0
"""Seconds."""
MOST_LINES = 50
_PLURALS = {"flag": "flags", "case": "cases", "batch": "batches", "publish": "publishes"}
_WORDS = {
    "zh": {
        "subject": "callqa 摘要：{flags} 通通话有严重命中，{cases} 个工单逾期升级，{batches} 个批次完成，"
        "{publishes} 次规则发布",
        "flag": "通话 {call}（{business} {team} {agent}）：{rules}",
        "case": "工单 {id}（{department} {owner}）逾期 {days_late} 天，第 {escalated} 次升级",
        "batch": "批次 {batch} 完成：{statuses}",
        "publish": "规则发布：{version}",
        "more": "……另有 {n} 条，见 callqa。",
        "foot": "此邮件不含通话内容。",
    },
    "en": {
        "subject": "callqa: {flags} calls with grave flags, {cases} cases overdue, {batches} batches, "
        "{publishes} releases",
        "flag": "Call {call} ({business} {team} {agent}): {rules}",
        "case": "Case {id} ({department} {owner}) is {days_late} days late, passed up {escalated} times",
        "batch": "Batch {batch} is done: {statuses}",
        "publish": "Rules published: {version}",
        "more": "… and {n} more, see callqa.",
        "foot": "Nothing that was said is in this mail.",
    },
}


def send_digest(endpoint: Mail, waiting: Sequence[Waiting]) -> None:
    """Send one mail about all that waits for this receiver; raises NotDelivered."""
    send(endpoint, compose(endpoint, waiting))


def send(endpoint: Mail, message: EmailMessage) -> None:
    """Hand a message to the receiver's server; raises NotDelivered."""
    try:
        with _connected(endpoint) as server:
            if endpoint.user:
                server.login(endpoint.user, endpoint.password())
            server.send_message(message)
    except (smtplib.SMTPException, OSError, UsageError) as error:
        raise NotDelivered(f"the mail was not sent: {error}") from error


def compose(endpoint: Mail, waiting: Sequence[Waiting]) -> EmailMessage:
    words = _WORDS[endpoint.language]
    counts = Counter(one.kind for one in waiting)
    message = EmailMessage()
    figures = {plural: counts[kind] for kind, plural in _PLURALS.items()}
    address(message, endpoint, words["subject"].format(**figures))
    lines = [_line(one, words) for one in waiting[:MOST_LINES]]
    if len(waiting) > MOST_LINES:
        lines.append(words["more"].format(n=len(waiting) - MOST_LINES))
    message.set_content("\n".join([*lines, "", words["foot"]]))
    return message


def address(message: EmailMessage, endpoint: Mail, subject: str) -> None:
    message["Subject"] = subject
    message["From"], message["To"] = endpoint.sender, ", ".join(endpoint.to)
    message["Date"], message["Message-ID"] = formatdate(localtime=True), make_msgid("callqa")


def _line(one: Waiting, words: dict[str, str]) -> str:
    payload = one.payload
    if one.kind == "flag":
        call = payload["call"]
        rules = Counter(f"{f['rule']} ({f['severity']})" for f in payload["flags"])
        about = {name: call.get(name) or "" for name in ("business", "team", "agent")}
        shown = "; ".join(f"{rule} ×{n}" if n > 1 else rule for rule, n in rules.items())
        return words["flag"].format(call=call["id"], rules=shown, **about)
    if one.kind == "case":
        return words["case"].format(**payload["case"])
    if one.kind == "batch":
        statuses = payload["summary"].get("statuses", {})
        told = ", ".join(f"{n} {status}" for status, n in statuses.items())
        return words["batch"].format(batch=payload["batch"], statuses=told)
    return words["publish"].format(version=payload.get("version", ""))


def _connected(endpoint: Mail) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if endpoint.security == "tls":
        return smtplib.SMTP_SSL(endpoint.host, endpoint.port, timeout=TIMEOUT, context=context)
    server = smtplib.SMTP(endpoint.host, endpoint.port, timeout=TIMEOUT)
    if endpoint.security == "starttls":
        server.starttls(context=context)
    elif endpoint.user:
        server.close()
        raise UsageError("a password is not sent without encryption: use starttls or tls")
    return server
