"""From a run to its statements: the connections of a step say in the server which run and step they belong to."""

import dagster as dg

from nova_assets.platform import Platform
from nova_resources.settings import Settings


def test_a_steps_connections_name_their_run_and_step(settings: Settings) -> None:
    seen: list[str] = []

    @dg.asset(key=["core", "dim_region"], op_tags={"test": "correlation"})
    def dim_region(context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]) -> None:
        (row,) = platform.database(context).rows("SELECT current_setting('application_name') AS name")
        seen.append(row["name"])

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([dim_region], resources={"platform": Platform(settings)}, instance=instance)
    assert result.success
    assert seen == [f"{result.run_id}/core__dim_region"]


def test_who_asks_outside_of_a_run_is_named_by_his_role(settings: Settings) -> None:
    (row,) = Platform(settings).database().rows("SELECT current_setting('application_name') AS name")
    assert row["name"] == "nova_etl"
