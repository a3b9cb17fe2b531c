"""Logs: one JSON object per line, tied to its run, without secrets."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from nova_resources.logs import JsonFormatter, redact


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("postgresql+psycopg2://nova_etl:hunter2@/nova?host=%2Frun", "nova_etl"),
        ("redis://:hunter2@redis:6379/0 refused", "refused"),
        ("connection failed: host=db password=hunter2 user=boss", "user=boss"),
        ('{"password": "hunter2", "user": "boss"}', '"boss"'),
        ("Authorization: Bearer hunter2", "Authorization"),
        ("GET /configurar?token=hunter2&next=/", "next=/"),
    ],
)
def test_secrets_are_masked_and_the_rest_stays(text: str, kept: str) -> None:
    assert "hunter2" not in redact(text)
    assert kept in redact(text)


@pytest.mark.parametrize("text", ["1/3 tokens of 7", "user:name without a URL", "R$ 12,50 at 10:30", "a@b"])
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert redact(text) == text


def test_a_line_holds_message_extra_and_error_without_secrets() -> None:
    try:
        raise RuntimeError("cannot reach redis://:hunter2@redis/0")
    except RuntimeError:
        error = sys.exc_info()
    record = logging.LogRecord("nova", logging.ERROR, __file__, 1, "login of %s", ("ana",), error)
    record.__dict__ |= {"path": "/entrar", "milliseconds": 12, "url": "amqp://u:hunter2@h"}
    text = JsonFormatter().format(record)
    line = json.loads(text)
    assert (line["level"], line["message"], line["path"], line["milliseconds"]) == (
        "error",
        "login of ana",
        "/entrar",
        12,
    )
    assert line["time"].endswith("+00:00")
    assert "RuntimeError" in line["error"]
    assert "hunter2" not in text
    assert "\n" not in text
