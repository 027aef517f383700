"""Messages by e-mail: HTML and text from two templates, sent by jobs only (a page never waits for SMTP)."""

import smtplib
from collections.abc import Mapping, Sequence
from email.utils import formataddr, parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation


class MailRefused(Exception):
    """The server will not take this message, today or tomorrow; the text is its answer."""


class MailServerDown(Exception):
    """The server does not answer, or asks to come back later."""


def send(
    template: str,
    *,
    to: str,
    language: str,
    context: Mapping[str, Any],
    reply_to: str = "",
    attachments: Sequence[tuple[str, bytes, str]] = (),
    key: str = "",
    sender: str = "",
) -> None:
    """Send `email/<template>.html` and `.txt` to one address in its owner's language.

    The subject is `email/<template>_subject.txt`; `attachments` are (name, content, type). `key` names the
    message for good (`invoice-message-12`): sent again because a worker died before it could say that the
    server had taken it, it has the same Message-ID, by which mail servers and programs know it for the one
    they have (RFC 5322, 3.6.4). `sender` is the name it comes from, such as an agency's.
    Raises MailRefused or MailServerDown.
    """
    with translation.override(language or settings.LANGUAGE_CODE):
        values = {"site_url": settings.SITE_URL, **context}
        subject = " ".join(render_to_string(f"email/{template}_subject.txt", values).split())
        text = render_to_string(f"email/{template}.txt", values)
        page = render_to_string(f"email/{template}.html", values)
    headers = {"Message-ID": f"<{key}@{urlsplit(settings.SITE_URL).hostname}>"} if key else None
    answer_to = [reply_to] if reply_to else None
    message = EmailMultiAlternatives(subject, text, _from(sender), [to], reply_to=answer_to, headers=headers)
    message.attach_alternative(page, "text/html")
    for attachment in attachments:
        message.attach(*attachment)
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()), (0, b""))
        raise _refusal(code, answer) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailServerDown(str(error)) from error


def _from(sender: str) -> str | None:
    """« Digiflow Agency <the address of this installation> »; None is that address as it is set.

    Only the name changes: the address stays the one for which the mail server may send (SPF, DKIM).
    """
    name = " ".join(sender.split())
    return formataddr((name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])) if name else None


def _refusal(code: int, answer: Any) -> Exception:
    """5xx is for good, 4xx and anything odd for now (RFC 5321, 4.2.1)."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return (
        MailRefused(f"{code} {text}"[:200]) if 500 <= code < 600 else MailServerDown(f"{code} {text}"[:200])
    )
