"""The daily digest: what it tells, to whom, and when it stays silent. The mail server is a real one, on loopback."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from email.message import Message

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from pydantic import SecretStr

from nova_assets.catalog.analytics import ALERT_CAUSES, SEVERITIES
from nova_assets.digest import WORDS, Digest, collect, render, send_digest
from nova_resources import mail
from nova_resources.dagster_instance import prepare_instance, write_dagster_home
from nova_resources.mail import MailError
from nova_resources.postgres import Database
from nova_resources.server import role_parameters
from nova_resources.settings import load_settings
from tests.app.conftest import Company

RUN = "0a1b2c3d-0000-4000-8000-000000000001"
# Other tests leave failed runs of the platform's jobs in the same storage.
JOB = "yearly"


class Box(Sink):
    """Keeps what arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []

    async def handle_DATA(self, _server, _session, envelope) -> str:
        self.messages.append(email.message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def box() -> Iterator[tuple[Box, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(Box(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield controller.handler, port
    finally:
        controller.stop()


@pytest.fixture
def failed_run(company: Company) -> Iterator[str]:
    """Dagster's storage with one run that failed just now."""
    settings = company.settings
    write_dagster_home(settings)
    prepare_instance(settings)
    parameters = role_parameters(settings, "nova_dagster", settings.dagster_database_name)
    with psycopg.connect(**parameters, autocommit=True) as connection:
        insert = "INSERT INTO runs (run_id, pipeline_name, status, run_body, end_time) VALUES (%s, %s, %s, '', %s)"
        connection.execute(insert, (RUN, JOB, "FAILURE", datetime.now(UTC).timestamp()))
        yield RUN
        connection.execute("DELETE FROM runs WHERE run_id = %s", (RUN,))


def test_the_digest_arrives_with_alerts_and_failures(company: Company, failed_run: str, box: tuple[Box, int]) -> None:
    received, port = box
    settings = company.settings.model_copy(
        update={"smtp_url": SecretStr(f"smtp://127.0.0.1:{port}"), "digest_to": "ana@example.org, rui@example.org"}
    )
    opened = Database(settings, "nova_owner").rows(
        "SELECT count(*) AS n, max(severity_since) AS last FROM analytics.mv_alerts_open"
    )
    moment = datetime.combine(opened[0]["last"], time(12), UTC) - timedelta(days=365)
    assert send_digest(settings, moment) == "sent"
    (message,) = received.messages
    text = message.get_payload(decode=True).decode("utf-8")
    assert message["To"] == "ana@example.org, rui@example.org"
    assert f"- {JOB}: 1 ({failed_run})" in text
    assert opened[0]["n"] > 0
    assert f"Alertas novos ou agravados ({opened[0]['n']})" in text
    assert f"{settings.front_url}/alertas" in text


def test_a_run_that_failed_two_days_ago_is_old_news(company: Company, failed_run: str) -> None:
    assert failed_run in [row["run_id"] for row in collect(company.settings).failed_runs]
    assert collect(company.settings, datetime.now(UTC) + timedelta(days=2)).failed_runs == []


@pytest.mark.parametrize("missing", ["smtp_url", "digest_to"])
def test_nothing_is_sent_where_mail_is_not_set_up(missing: str) -> None:
    given = {"smtp_url": SecretStr("smtp://127.0.0.1:9"), "digest_to": "ana@example.org"} | {missing: None}
    settings = load_settings().model_copy(update=given | ({"digest_to": ""} if missing == "digest_to" else {}))
    assert send_digest(settings) == "unconfigured"


def test_a_day_without_news_sends_nothing() -> None:
    opened = [{"severity": "NORMAL", "alerts": 3, "as_of": None}]
    assert Digest([], opened, [], [], [], []).is_empty
    assert not Digest([], [], [], [{"feed": "demand", "rejected": 1}], [], []).is_empty


@pytest.mark.parametrize(
    ("language", "date", "number"), [("pt-BR", "09/03/2026", "1.250"), ("en", "2026-03-09", "1,250")]
)
def test_both_languages_write_dates_and_numbers_their_own_way(language: str, date: str, number: str) -> None:
    opened = [{"severity": "CRITICAL", "alerts": 1250, "as_of": datetime(2026, 3, 9, tzinfo=UTC).date()}]
    subject, text = render(Digest([], opened, [], [], [], []), language, "https://nova")
    assert date in text
    assert number in text
    assert ("falhas" in subject) is (language == "pt-BR")


@pytest.mark.parametrize(("language", "word"), [("pt-BR", "partições"), ("en", "partitions")])
def test_months_without_partitions_are_mailed(company: Company, language: str, word: str) -> None:
    """Nothing is told while they are there; the tables that lack them are named before a run needs them."""
    assert collect(company.settings).partitions == []
    rows = [{"table_name": "staging.demand", "months_ahead": 1}]
    digest = Digest([], [], [], [], [], rows)
    subject, text = render(digest, language, "https://nova")
    assert not digest.is_empty
    assert "1" in subject
    assert word in text
    assert "- staging.demand: 1" in text


def test_every_code_of_an_alert_has_words() -> None:
    assert {*ALERT_CAUSES, *SEVERITIES} <= set(WORDS)
    assert all(pt and en and pt != en for key, (pt, en) in WORDS.items() if key not in {"link"})


def test_a_password_is_never_sent_without_tls(box: tuple[Box, int]) -> None:
    url = SecretStr(f"smtp://nova:hunter2@127.0.0.1:{box[1]}")
    settings = load_settings().model_copy(update={"smtp_url": url, "digest_to": "ana@example.org"})
    with pytest.raises(MailError, match="offers no TLS") as refused:
        mail.send(settings, "subject", "text")
    assert "hunter2" not in str(refused.value)
    assert box[0].messages == []
