"""The daily digest by mail: alerts that opened or became worse, failed checks, failed runs, rows in the quarantine.

Nothing is sent where no mail server is set, and nothing on a day without anything to tell.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import psycopg
from psycopg.rows import dict_row

from nova_assets.platform import Platform
from nova_resources import mail
from nova_resources.postgres import Database
from nova_resources.retention import LEAST_AHEAD
from nova_resources.server import role_parameters
from nova_resources.settings import Settings
from nova_resources.sql_library import sql

DIGEST = "digest"
HOUR, MINUTE = 7, 45
ALERTS_SHOWN = 25
PERIOD = timedelta(hours=24)
# A mail server that is away at this minute is tried for another quarter of an hour.
RETRIES = dg.RetryPolicy(max_retries=3, delay=60, backoff=dg.Backoff.EXPONENTIAL)

WORDS: dict[str, tuple[str, str]] = {
    "subject": (
        "Nova Corrente: {news} alertas novos, {failures} falhas",
        "Nova Corrente: {news} new alerts, {failures} failures",
    ),
    "as_of": ("Dados de {date}.", "Data of {date}."),
    "open": ("Alertas abertos: {list}.", "Open alerts: {list}."),
    "alerts": ("Alertas novos ou agravados ({total})", "Alerts that opened or became worse ({total})"),
    "more": ("… e mais {count}.", "… and {count} more."),
    "new": ("novo", "new"),
    "worse": ("agravado", "worse"),
    "at_risk": ("em risco", "at risk"),
    "checks": ("Verificações com falha", "Failed checks"),
    "rows": ("linhas", "rows"),
    "runs": ("Execuções com falha nas últimas 24 horas", "Failed runs of the last 24 hours"),
    "files": ("Linhas em quarentena nas últimas 24 horas", "Rows sent to the quarantine in the last 24 hours"),
    "partitions": (
        "Tabelas com partições criadas para menos de {least} meses à frente (job housekeeping)",
        "Tables with partitions made for fewer than {least} months ahead (job housekeeping)",
    ),
    "link": ("Abrir: {url}", "Open: {url}"),
    "CRITICAL": ("críticos", "critical"),
    "WARNING": ("atenção", "warning"),
    "NORMAL": ("normais", "normal"),
    "STOCKOUT_RISK": ("Risco de ruptura", "Stock-out risk"),
    "STOCKED_OUT": ("Em ruptura", "Stocked out"),
    "LATE_ORDER": ("Pedido atrasado", "Late order"),
    "DEMAND_SPIKE": ("Pico de demanda", "Demand spike"),
    "LEAD_TIME_DRIFT": ("Prazo piorando", "Lead time drifting"),
    "EXCESS": ("Excesso", "Excess"),
    "DATA_QUALITY": ("Qualidade dos dados", "Data quality"),
}
SEVERITIES = ("CRITICAL", "WARNING", "NORMAL")
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Digest:
    """What a digest tells, as rows of its queries in sql/digest."""

    alerts: Rows
    open: Rows
    checks: Rows
    files: Rows
    failed_runs: Rows
    partitions: Rows

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell: open alerts alone were told on their day."""
        return not (self.alerts or self.checks or self.files or self.failed_runs or self.partitions)


def collect(settings: Settings, now: datetime | None = None) -> Digest:
    """Read what happened in the 24 hours before `now` (aware; by default this moment)."""
    since = (now or datetime.now(UTC)) - PERIOD
    db = Database(settings)
    return Digest(
        alerts=db.rows(sql("digest/alerts"), since=since, row_limit=ALERTS_SHOWN),
        open=db.rows(sql("digest/open")),
        checks=db.rows(sql("digest/checks")),
        files=db.rows(sql("digest/files"), since=since),
        failed_runs=_failed_runs(settings, since),
        partitions=[row for row in db.rows(sql("metrics/partitions")) if row["months_ahead"] < LEAST_AHEAD],
    )


def render(digest: Digest, language: str, front_url: str) -> tuple[str, str]:
    """Subject and text in `language` (pt-BR or en)."""

    def t(key: str, **values: object) -> str:
        return WORDS[key][0 if language == "pt-BR" else 1].format(**values)

    total = digest.alerts[0]["total"] if digest.alerts else 0
    failures = len(digest.checks) + bool(digest.partitions) + sum(row["runs"] for row in digest.failed_runs)
    lines = []
    if digest.open:
        found = {row["severity"]: row["alerts"] for row in digest.open}
        shown = ", ".join(f"{_number(found[name], language)} {t(name)}" for name in SEVERITIES if name in found)
        lines += [t("as_of", date=_date(digest.open[0]["as_of"], language)), t("open", list=shown), ""]
    if digest.alerts:
        lines += [t("alerts", total=_number(total, language))]
        lines += [f"- {_alert(row, language, t)}" for row in digest.alerts]
        lines += [t("more", count=_number(total - len(digest.alerts), language))] if total > len(digest.alerts) else []
        lines += [t("link", url=f"{front_url}/alertas"), ""]
    if digest.checks:
        lines += [t("checks")]
        lines += [f"- {row['table_name']} / {row['check_name']}: {row['broken']} {t('rows')}" for row in digest.checks]
        lines += [""]
    if digest.failed_runs:
        lines += [t("runs"), *(f"- {row['job']}: {row['runs']} ({row['run_id']})" for row in digest.failed_runs), ""]
    if digest.partitions:
        lines += [t("partitions", least=LEAST_AHEAD)]
        lines += [f"- {row['table_name']}: {row['months_ahead']}" for row in digest.partitions] + [""]
    if digest.files:
        lines += [t("files")]
        lines += [f"- {row['feed']}: {_number(row['rejected'], language)} {t('rows')}" for row in digest.files]
        lines += [t("link", url=f"{front_url}/dados"), ""]
    return t("subject", news=total, failures=failures), "\n".join(lines)


def send_digest(settings: Settings, now: datetime | None = None) -> str:
    """Collect what happened before `now`, render and send; returns what was done: sent, empty or unconfigured."""
    if not mail.is_configured(settings):
        return "unconfigured"
    digest = collect(settings, now)
    if digest.is_empty:
        return "empty"
    mail.send(settings, *render(digest, settings.digest_language, settings.front_url))
    return "sent"


def digest_job() -> dg.JobDefinition:
    """The job that sends the digest of the last 24 hours."""

    @dg.op(name="send_digest", retry_policy=RETRIES)
    def send(context: dg.OpExecutionContext, platform: dg.ResourceParam[Platform]) -> None:
        context.log.info(f"digest: {send_digest(platform.settings)}")

    @dg.job(name=DIGEST, description="Mail alerts and failures of the last 24 hours; nothing when there are none.")
    def digest() -> None:
        send()

    return digest


def digest_schedule(settings: Settings, job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """Every morning after the daily run and the freshness check; skipped where mail is not set up."""
    return dg.ScheduleDefinition(
        name=DIGEST,
        job=job,
        cron_schedule=f"{MINUTE} {HOUR} * * *",
        execution_timezone=settings.timezone,
        should_execute=lambda _context: mail.is_configured(settings),
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def _failed_runs(settings: Settings, since: datetime) -> Rows:
    parameters = role_parameters(settings, "nova_dagster", settings.dagster_database_name)
    with psycopg.connect(**parameters) as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql("digest/failed_runs").text.encode(), {"since": since.timestamp()}).fetchall()


def _alert(row: Mapping[str, Any], language: str, t: Any) -> str:
    parts = [t(row["cause"]), f"{row['item_code']} {row['item_name'] or ''}".strip(), row["site_code"]]
    if row["probability"] is not None:
        parts.append(f"{row['probability']:.0%}")
    if row["value_at_risk"] is not None:
        parts.append(f"R$ {_number(round(row['value_at_risk']), language)} {t('at_risk')}")
    return f"[{t('new' if row['is_new'] else 'worse')}] " + " · ".join(parts)


def _number(value: int, language: str) -> str:
    text = f"{value:,}"
    return text.replace(",", ".") if language == "pt-BR" else text


def _date(day: Any, language: str) -> str:
    return f"{day:%d/%m/%Y}" if language == "pt-BR" else f"{day:%Y-%m-%d}"
