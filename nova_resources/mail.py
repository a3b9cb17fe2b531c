"""Mail by SMTP: one text to a few addresses. Where no server is set nothing is sent."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from nova_resources.errors import PlatformError
from nova_resources.settings import Settings

TIMEOUT_SECONDS = 30.0
PORTS = {"smtp": 587, "smtps": 465}


class MailError(PlatformError):
    """The message cannot be sent as configured."""


def is_configured(settings: Settings) -> bool:
    """Whether there is a server and somebody to write to."""
    return settings.smtp_url is not None and bool(recipients(settings))


def recipients(settings: Settings) -> list[str]:
    """Addresses of NOVA_DIGEST_TO."""
    return [address.strip() for address in settings.digest_to.split(",") if address.strip()]


def send(settings: Settings, subject: str, text: str) -> None:
    """Send one message to all recipients of the digest.

    `smtps://` speaks TLS from the start; `smtp://` changes to TLS where the server offers it, and never sends a
    password without. Raises MailError for a URL that names no server or a password without TLS; OSError and
    smtplib.SMTPException when the server is away or refuses.
    """
    assert settings.smtp_url is not None
    url = urlsplit(settings.smtp_url.get_secret_value())
    if url.scheme not in PORTS or not url.hostname:
        raise MailError("NOVA_SMTP_URL is no smtp://user:password@host:port or smtps://…")
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, settings.mail_from, ", ".join(recipients(settings))
    message.set_content(text)
    port, context = url.port or PORTS[url.scheme], ssl.create_default_context()
    if url.scheme == "smtps":
        connection = smtplib.SMTP_SSL(url.hostname, port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        connection = smtplib.SMTP(url.hostname, port, timeout=TIMEOUT_SECONDS)
    with connection:
        connection.ehlo()
        if url.scheme == "smtp" and connection.has_extn("starttls"):
            connection.starttls(context=context)
        if url.username:
            if not isinstance(connection.sock, ssl.SSLSocket):
                raise MailError(f"{url.hostname}:{port} offers no TLS; a password is never sent without: use smtps://")
            connection.login(unquote(url.username), unquote(url.password or ""))
        connection.send_message(message)
