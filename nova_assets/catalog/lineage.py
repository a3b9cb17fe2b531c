"""Pictures of the asset graph, drawn from the catalog as Mermaid text: for the documentation."""

from __future__ import annotations

from nova_assets import catalog
from nova_resources.tables import Stage, Table

STAGES = tuple(stage for stage in Stage if stage is not Stage.SUPPORT)


def render() -> str:
    """The page: the stages in one picture, then for each stage what its tables are computed from."""
    lines = [
        "# Lineage",
        "",
        "Drawn from `nova_assets/catalog` when this site is built.",
        "",
        "## Stages",
        "",
        stages(),
        "",
    ]
    for stage in STAGES:
        tables = [table for table in catalog.TABLES if table.stage is stage and table.upstream]
        if tables:
            lines += [f"## {stage.value.capitalize()}", "", *_mermaid(_table_lines(tables)), ""]
    return "\n".join(lines)


def stages() -> str:
    """One picture of the stages and what reads what."""
    return "\n".join(_mermaid(_stage_lines()))


def _mermaid(lines: list[str]) -> list[str]:
    return ["```mermaid", "graph LR", *(f"  {line}" for line in lines), "```"]


def _stage_lines() -> list[str]:
    """An edge for each two stages of which one reads the other."""
    by_name = {table.qualified: table for table in catalog.TABLES}
    edges = {
        (by_name[edge.table].stage, table.stage)
        for table in catalog.TABLES
        for edge in table.upstream
        if by_name[edge.table].stage is not table.stage
        and Stage.SUPPORT not in (by_name[edge.table].stage, table.stage)
    }
    order = {stage: number for number, stage in enumerate(STAGES)}
    drawn = sorted(edges, key=lambda edge: (order[edge[0]], order[edge[1]]))
    return [f"{source.value} --> {target.value}" for source, target in drawn]


def _table_lines(tables: list[Table]) -> list[str]:
    """Each table of a stage with the tables that it reads."""
    return [
        f'{edge.table.replace(".", "_")}["{edge.table}"] --> {table.schema}_{table.name}["{table.qualified}"]'
        for table in tables
        for edge in table.upstream
    ]
