"""Generated secrets: made once, for their owner only."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nova_resources.secrets import DATABASE_ROLES, SecretsError, load_secrets, rotate_app_secret
from nova_resources.settings import load_settings


def test_many_starts_at_once_agree_on_one_set_of_secrets(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "home")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: load_secrets(settings).password("nova_etl"), range(16)))
    assert len(set(found)) == 1
    assert [path.name for path in settings.home.iterdir()] == ["secrets.json"]


def test_every_role_has_its_own_password_in_a_file_only_its_owner_reads(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "home")
    secrets = load_secrets(settings)
    assert len({secrets.password(role) for role in DATABASE_ROLES}) == len(DATABASE_ROLES)
    assert settings.secrets_file.stat().st_mode & 0o777 == 0o600
    assert secrets.password("nova_app") not in repr(secrets)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    load_secrets(settings)
    settings.secrets_file.chmod(0o644)
    with pytest.raises(SecretsError, match="chmod 600"):
        load_secrets(settings)


def test_a_damaged_file_is_never_replaced_by_new_secrets(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    load_secrets(settings)
    settings.secrets_file.write_text('{"passwords": {}}')
    with pytest.raises(SecretsError, match="damaged"):
        load_secrets(settings)


@pytest.mark.parametrize("key", ["", "changeme", "x" * 64, "novacorrente2026" * 4])
def test_a_short_or_simple_key_starts_nothing(tmp_path: Path, key: str) -> None:
    settings = load_settings(home=tmp_path)
    load_secrets(settings)
    stored = json.loads(settings.secrets_file.read_text("utf-8"))
    settings.secrets_file.write_text(json.dumps(stored | {"app_secret": key}))
    with pytest.raises(SecretsError, match="can be guessed"):
        load_secrets(settings)


def test_a_rotation_keeps_the_secret_before_and_no_older_one(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "home")
    first = load_secrets(settings)
    second = rotate_app_secret(settings)
    assert second.previous_app_secret == first.app_secret != second.app_secret
    assert second.passwords == first.passwords
    assert rotate_app_secret(settings).previous_app_secret == second.app_secret
    assert settings.secrets_file.stat().st_mode & 0o077 == 0
