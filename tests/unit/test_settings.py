"""Settings: what wins over what, and where a home keeps its things."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from nova_resources import settings as settings_module
from nova_resources.settings import load_settings


def test_environment_wins_over_the_home_file_and_that_over_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings.toml").write_text('app_port = 9001\ndagster_port = 9002\nhistory_start = "2020-05-01"\n')
    monkeypatch.setenv("NOVA_HOME", str(tmp_path))
    monkeypatch.setenv("NOVA_APP_PORT", "9100")
    settings = load_settings()
    assert (settings.app_port, settings.dagster_port, settings.host) == (9100, 9002, "127.0.0.1")
    assert settings.history_start == date(2020, 5, 1)
    assert settings.landing == str(tmp_path / "landing")


@pytest.mark.parametrize(("variable", "value"), [("NOVA_APP_PORT", "http"), ("NOVA_TIMEZONE", "Mars/Olympus")])
def test_a_value_that_cannot_be_read_names_its_setting(
    variable: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises((ValidationError, KeyError), match=variable.removeprefix("NOVA_").lower() + "|Olympus"):
        load_settings(home=tmp_path)


def test_sockets_of_a_deep_home_live_in_a_short_folder_of_its_own(tmp_path: Path) -> None:
    shallow, deep = load_settings(home="/srv/nova"), load_settings(home=tmp_path / ("d" * 100))
    assert shallow.run_dir == Path("/srv/nova/run")
    assert len(str(deep.postgres_socket_dir / ".s.PGSQL.5432.lock")) <= 107
    assert deep.run_dir != load_settings(home=tmp_path / ("e" * 100)).run_dir


def test_the_business_day_ends_in_bahia_not_in_greenwich(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None) -> datetime:
            return datetime(2026, 3, 1, 2, 30, tzinfo=ZoneInfo("UTC")).astimezone(tz)

    monkeypatch.setattr(settings_module, "datetime", Clock)
    settings = load_settings(home=tmp_path)
    assert settings.today() == date(2026, 2, 28)
    assert settings.last_complete_day() == date(2026, 2, 27)


def test_credentials_do_not_show_when_settings_are_printed(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, database_url="postgresql://boss:hunter2@db/postgres")
    assert "hunter2" not in repr(settings)
