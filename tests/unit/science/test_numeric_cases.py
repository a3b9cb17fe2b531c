"""Every published number that the inventory library is held to, and the test that holds it.

`python tests/unit/science/test_numeric_cases.py` prints the list.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SINGLE, SEVERAL, STOCK, MODELS = (
    "inventory/test_single_site.py", "inventory/test_multi_echelon.py", "test_stock.py", "test_models_by_name.py",
)  # fmt: skip

CASES = {
    "economic order quantity": (SINGLE, "test_economic_order_quantity"),
    "economic order quantity with backorders": (SINGLE, "test_economic_order_quantity_with_backorders"),
    "all-units discount": (SINGLE, "test_all_units_discount"),
    "Wagner-Whitin of four periods": (SINGLE, "test_wagner_whitin"),
    "Wagner-Whitin, two further problems": (SINGLE, "test_wagner_whitin"),
    "newsvendor, normal": (SINGLE, "test_newsvendor_normal"),
    "base stock with a lead time": (SINGLE, "test_newsvendor_normal"),
    "newsvendor, Poisson": (SINGLE, "test_newsvendor_poisson"),
    "Poisson base stock": (SINGLE, "test_newsvendor_poisson"),
    "(s, S) of Poisson demand, exact": (SINGLE, "test_exact_ss_poisson"),
    "(s, S) of Zheng and Federgruen": (SINGLE, "test_exact_ss_of_zheng_and_federgruen"),
    "(s, S), power approximation": (SINGLE, "test_power_approximation"),
    "(r, Q) by expected inventory level": (SINGLE, "test_reorder_point_and_quantity_by_expected_inventory_level"),
    "(r, Q), exact cost": (SINGLE, "test_exact_cost_of_a_reorder_policy"),
    "(r, Q), three shortcuts": (SINGLE, "test_shortcuts_to_a_reorder_policy"),
    "(r, Q) of Poisson demand, exact": (SINGLE, "test_exact_poisson_reorder_policy"),
    "normal loss": (SINGLE, "test_losses"),
    "supply disruptions": (SINGLE, "test_supply_that_fails"),
    "random yield": (SINGLE, "test_supply_that_fails"),
    "joint replenishment": (SINGLE, "test_joint_replenishment"),
    "serial stages, closed heuristic": (SEVERAL, "test_serial_heuristic"),
    "serial stages, optimum": (SEVERAL, "test_serial_optimum"),
    "guaranteed service on a tree": (SEVERAL, "test_guaranteed_service_on_a_tree"),
    "safety stock of random demand and lead time": (SINGLE, "test_safety_stock_when_demand_and_lead_time_vary"),
    "cycle service and fill rate of weeks": (SINGLE, "test_cycle_service_and_fill_rate"),
    "fill rate of a large order": (SINGLE, "test_cycle_service_and_fill_rate"),
    "random lead time alone": (SINGLE, "test_lead_time_alone_varies_or_demand_alone"),
    "certain lead time": (SINGLE, "test_lead_time_alone_varies_or_demand_alone"),
    "periodic review (the page's own number is wrong)": (SINGLE, "test_the_review_period_counts_in_the_variance"),
    "Croston and its corrections": (MODELS, "test_published_cases_of_the_croston_family"),
    "Croston of a short series": (MODELS, "test_published_cases_of_the_croston_family"),
    "Croston beside R": (MODELS, "test_croston_agrees_with_r_on_the_scripts"),
    "use corrected for time out of stock": (SINGLE, "test_use_is_corrected_for_time_out_of_stock"),
    "demand-driven buffer": (SINGLE, "test_demand_driven_buffer"),
    "orders in multiples": (STOCK, "test_order_quantities_respect_minimum_multiple_and_ceiling"),
    "Poisson backorders": (SINGLE, "test_losses"),
    "METRIC of two levels": (SEVERAL, "test_metric_of_a_depot_and_four_bases"),
    "safety stock rises with service, lead time and spread": (
        SINGLE, "test_safety_stock_rises_with_service_lead_time_and_spread",
    ),
    "fill rate above cycle service for large orders": (
        SINGLE, "test_fill_rate_is_above_cycle_service_for_large_orders",
    ),
    "a certain lead time gives the simple formula": (SINGLE, "test_a_certain_lead_time_gives_the_simple_formula"),
    "pooling never raises the total": (SINGLE, "test_pooling_sites_never_raises_the_total"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_its_test(case: str) -> None:
    file, name = CASES[case]
    tree = ast.parse((Path(__file__).parent / file).read_text("utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


if __name__ == "__main__":
    for number, (case, (file, name)) in enumerate(CASES.items(), start=1):
        print(f"{number:3} {case:55} {file}::{name}")  # noqa: T201
