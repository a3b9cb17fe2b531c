"""`nova metrics`: what a scrape tells of an empty platform, and of one whose server is gone."""

from __future__ import annotations

from prometheus_client import generate_latest

from nova_cli.metrics import registry_of
from nova_resources.dagster_instance import prepare_instance, write_dagster_home
from nova_resources.settings import Settings


def test_a_new_platform_has_its_databases_up_and_no_publish(settings: Settings) -> None:
    write_dagster_home(settings)
    prepare_instance(settings)
    text = generate_latest(registry_of(settings)).decode()
    assert "nova_database_up 1.0" in text
    assert "nova_dagster_database_up 1.0" in text
    assert "nova_home_free_bytes" in text
    assert 'nova_partitions_ahead{table="core.fact_demand_daily"} 3.0' in text
    assert "nova_table_published_timestamp_seconds{" not in text


def test_a_database_that_is_gone_is_a_number_too(settings: Settings) -> None:
    gone = settings.model_copy(update={"database_name": "nova_absent", "dagster_database_name": "nova_absent"})
    text = generate_latest(registry_of(gone)).decode()
    assert "nova_database_up 0.0" in text
    assert "nova_dagster_database_up 0.0" in text
