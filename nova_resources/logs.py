"""Logs as JSON lines, one object per event, with what ties them together and without secrets.

`run_id` and `step` of a line are those that PostgreSQL shows as `application_name` of the run's connections, so that a
slow statement leads to its run and a run to its statements. Times are UTC.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

# user:password@ of any URL; password = value of a connection string, a header or a JSON text.
URL_PASSWORD = re.compile(r"(?P<before>\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+(?=@)", re.IGNORECASE)
NAMED = re.compile(
    r"(?P<before>\b(?:password|passwd|pwd|secret|token|api[_-]?key|authorization)\b[\"']?\s*[=:]\s*[\"']?(?:Bearer\s+|Basic\s+)?)"
    r"[^\s\"',;&]+",
    re.IGNORECASE,
)
MASK = r"\g<before>***"
# What a record carries beside its message when somebody passes `extra`.
USUAL = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
    "dagster_meta",
    "dagster_event",
    "dagster_event_batch_metadata",
}


def redact(text: str) -> str:
    """The text with passwords of URLs and values named like secrets masked."""
    return NAMED.sub(MASK, URL_PASSWORD.sub(MASK, text))


class JsonFormatter(logging.Formatter):
    """One line of JSON: time, level, logger, message, run_id and step where there are, error with its trace."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": redact(record.getMessage()),
        }
        line |= _of_dagster(record)
        line |= {key: _plain(value) for key, value in record.__dict__.items() if key not in USUAL}
        if record.exc_info and record.exc_info[0]:
            line["error"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class RunLog(logging.StreamHandler):
    """Handler that dagster.yaml names: messages of runs as JSON lines on standard output.

    A command that shows its runs in its own way sets `shown_otherwise`; Dagster's event log keeps every event anyhow.
    """

    shown_otherwise = False

    def __init__(self) -> None:
        super().__init__(sys.stdout)
        self.setLevel(logging.INFO)
        self.setFormatter(JsonFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        if not RunLog.shown_otherwise:
            super().emit(record)


def json_handler() -> logging.Handler:
    """A handler that writes JSON lines to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    return handler


def configure(level: int = logging.INFO) -> None:
    """Every logger of this process writes JSON lines to standard error, also those that libraries set up by hand."""
    logging.basicConfig(level=level, handlers=[json_handler()], force=True)
    logging.captureWarnings(True)
    for name in list(logging.root.manager.loggerDict):
        logger = logging.getLogger(name)
        if logger.handlers:
            logger.handlers.clear()
            logger.propagate = True


def _of_dagster(record: logging.LogRecord) -> dict[str, Any]:
    """Run, step, job and kind of event of a record that Dagster's log manager made."""
    meta = getattr(record, "dagster_meta", None) or {}
    found = {
        "run_id": meta.get("run_id"),
        "step": meta.get("step_key"),
        "job": meta.get("job_name"),
        "event": getattr(meta.get("dagster_event"), "event_type_value", None),
    }
    return {key: value for key, value in found.items() if value}


def _plain(value: object) -> object:
    return value if isinstance(value, (int, float, bool, type(None))) else redact(str(value))
