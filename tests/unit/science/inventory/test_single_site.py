"""Single-site formulas against published answers. S&S is Snyder and Shen, Fundamentals of Supply Chain Theory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, poisson

from nova_assets.science.inventory import eoq, losses, lot_sizing, newsvendor, rq, service, ss

RQ = {"holding_cost": 0.225, "shortage_cost": 7.5, "order_cost": 8, "rate": 1300, "sd": 150, "lead_time": 1 / 12}


def exactly(answer: float, tolerance: float = 1e-6):
    return pytest.approx(answer, rel=0, abs=tolerance)


def test_economic_order_quantity():
    """S&S example 3.1."""
    assert float(eoq.economic_order_quantity(8, 0.225, 1300)) == exactly(304.0467800)
    assert float(eoq.eoq_cost(304.0467800, 8, 0.225, 1300)) == exactly(68.4105255)
    assert float(eoq.eoq_cost(250, 8, 0.225, 1300)) == exactly(69.725)


def test_economic_order_quantity_with_backorders():
    """S&S example 3.8."""
    assert eoq.eoq_backorders(8, 0.225, 5, 1300) == (
        exactly(310.8125552),
        exactly(0.0430622, 5e-8),
        exactly(66.9213636),
    )


def test_all_units_discount():
    """S&S examples 3.5 and 3.6."""
    assert eoq.all_units_discount(8, 0.3, 1300, [0, 400, 800], [0.75, 0.72, 0.68]) == (800, 2, exactly(978.60))


def test_joint_replenishment():
    """Silver's heuristic as worked in the tutorial of stockpyl."""
    joint = eoq.joint_replenishment(600, [120, 840, 300], [160, 20, 50], [1, 1, 1])
    assert joint.multiples.tolist() == [1, 3, 1]
    assert (joint.cycle, joint.cost) == (exactly(3.1031645, 5e-8), exactly(837.8544026, 5e-7))


@pytest.mark.parametrize(
    ("demand", "order", "holding", "cost"),
    [
        ([90, 120, 80, 70], 500, 2, 1380),
        ([150, 100, 80, 200], 120, 0.8, 424),
        ([730, 580, 445, 650, 880], 100, 0.1, 423),
    ],
)
def test_wagner_whitin(demand, order, holding, cost):
    """S&S example 3.9, problems 3.27 and 3.29."""
    orders, least = lot_sizing.wagner_whitin(demand, order, holding)
    assert least == exactly(cost) and orders.sum() == sum(demand)
    if cost == 1380:
        assert orders.tolist() == [210, 0, 150, 0]


@given(demand=st.lists(st.integers(0, 9), min_size=1, max_size=7), order=st.integers(0, 30))
def test_wagner_whitin_is_the_best_of_all_plans(demand, order):
    """Every subset of order periods tried out."""
    periods = len(demand)
    best = np.inf
    for plan in range(2**periods):
        stock, cost, feasible = 0, 0.0, True
        for t in range(periods):
            if plan >> t & 1:
                until = next((u for u in range(t + 1, periods) if plan >> u & 1), periods)
                stock += sum(demand[t:until])
                cost += order
            stock -= demand[t]
            feasible &= stock >= 0
            cost += stock
        best = min(best, cost if feasible else np.inf)
    orders, least = lot_sizing.wagner_whitin(demand, order, 1.0)
    assert least == exactly(best) and (np.cumsum(orders) - np.cumsum(demand) > -1e-9).all()


def test_newsvendor_normal():
    """S&S examples 4.3 and 4.4 (protection of five periods)."""
    assert newsvendor.newsvendor_normal(0.18, 0.70, 50, 8) == (exactly(56.6039559), exactly(1.9976052))
    assert newsvendor.newsvendor_normal_cost(40, 0.18, 0.70, 50, 8) == exactly(7.3561316)
    assert newsvendor.newsvendor_normal(0.18, 0.70, 250, 8 * 5**0.5) == (exactly(264.7668944), exactly(4.4667810))


def test_newsvendor_poisson():
    """S&S example 4.7, problems 4.8a and 4.19."""
    assert newsvendor.newsvendor_poisson(1, 4, 6) == (8, exactly(3.5701069))
    assert newsvendor.newsvendor_poisson_cost(5, 1, 4, 6) == exactly(6.5902960)
    assert newsvendor.newsvendor_poisson(200, 270, 18) == (19, exactly(786.0884409))
    assert newsvendor.newsvendor_poisson(0.08, 1.25, 18 * 5) == (105, exactly(1.5450189))


def test_newsvendor_of_a_listed_distribution_is_the_closed_one():
    pmf = poisson.pmf(np.arange(60), 6)
    assert newsvendor.newsvendor_discrete(1, 4, pmf) == (8, exactly(3.5701069))


def test_supply_that_fails():
    """S&S examples 9.3 (disruptions) and 9.6 (additive yield)."""
    assert newsvendor.base_stock_disruptions(0.25, 3, 2000, 0.04, 0.25) == (8000, exactly(2737.0689655))
    assert newsvendor.base_stock_uniform_yield(15e6, 75e6, 1.5, -0.5, 0.5) == (
        exactly(1.8333333, 5e-8),
        exactly(6.25e6),
    )


def test_losses():
    """S&S appendix C; Poisson ones are METRIC's expected backorders of a pipeline of one."""
    assert float(losses.normal_loss(0.3)) == exactly(0.2667612, 1e-7)
    assert float(losses.normal_loss(-1.4)) == exactly(1.4366681, 1e-7)
    assert float(losses.normal_shortage(11, 8, 3)) == exactly(0.2499464, 1e-7)
    known = [1, 0.367879, 0.103638, 0.023337, 0.004349]
    assert np.allclose(losses.poisson_shortage(np.arange(5), 1.0), known, atol=5e-7)


def test_second_order_loss_is_the_integral_of_the_first():
    z = np.linspace(-1, 12, 200_001)
    total = np.trapezoid(losses.normal_loss(z), z)
    assert float(losses.normal_second_loss(-1)) == exactly(total, 1e-8)


def test_reorder_point_and_quantity_by_expected_inventory_level():
    """S&S example 5.2."""
    found = rq.expected_inventory_level(**RQ)
    assert found == (exactly(213.9704421), exactly(318.5901811), exactly(95.4511402))


def test_exact_cost_of_a_reorder_policy():
    """S&S example 5.1."""
    assert rq.exact_cost(126.8, 328.5, **RQ) == exactly(78.0711625)
    assert rq.exact_cost(100, 250, **RQ) == exactly(87.3464780)


def test_shortcuts_to_a_reorder_policy():
    """S&S examples 5.4 to 5.6."""
    assert rq.eoq_with_safety_stock(**RQ) == (exactly(190.3369966), exactly(304.0467800))
    assert rq.eoq_with_backorders(**RQ) == (exactly(128.6378144, 5e-6), exactly(308.5737801, 5e-6))
    assert rq.loss_function_approximation(**RQ) == (exactly(126.8670643, 5e-6), exactly(328.4491414, 5e-6))


def test_exact_poisson_reorder_policy():
    """S&S example 5.8 and problem 5.2."""
    assert rq.exact_poisson(20, 150, 100, 1.5, 2) == (3, 5, exactly(107.9235806))
    assert rq.exact_poisson(4, 28, 4, 12, 0.5) == (6, 7, exactly(28.2413128))


@pytest.mark.parametrize(
    ("costs", "mean", "answer"),
    [
        ((1, 4, 5), 6, (4, 10, 8.0341116)),
        ((40, 125, 150), 4, (2, 7, 223.5748296)),
    ],
)
def test_exact_ss_poisson(costs, mean, answer):
    """S&S example 4.7 and problem 4.31."""
    assert ss.exact_ss_poisson(*costs, mean) == (*answer[:2], exactly(answer[2]))


@pytest.mark.parametrize(
    ("mean", "answer"),
    [(10, (6, 40, 35.022)), (25, (19, 56, 54.262)), (50, (42, 108, 70.975)), (75, (67, 86, 79.554))],
)
def test_exact_ss_of_zheng_and_federgruen(mean, answer):
    """Table of Zheng and Federgruen (1991): h 1, p 9, K 64."""
    low, high, cost = ss.exact_ss_poisson(1, 9, 64, mean)
    assert (low, high) == answer[:2] and cost == exactly(answer[2], 5e-4)


def test_cost_of_a_given_ss_policy():
    """S&S example 4.7: (6, 18) costs 10.1937987, far from the optimum."""
    assert ss.average_cost_poisson(6, 18, 1, 4, 5, 6) == exactly(10.1937987)


def test_power_approximation():
    """S&S example 4.8."""
    assert ss.power_approximation(0.18, 0.7, 2.5, 50, 8) == (exactly(40.1946170), exactly(74.2901701))


@pytest.mark.parametrize(
    ("lead_sd", "spread", "safety"),
    list(
        zip(
            range(7, -1, -1),
            [17550, 15058, 12570, 10087, 7616, 5172, 2828, 1323],
            [22491, 19298, 16109, 12927, 9760, 6628, 3625, 1695],
            strict=True,
        )
    ),
)
def test_safety_stock_when_demand_and_lead_time_vary(lead_sd, spread, safety):
    """2,500 a day, sd 500, seven days, cycle service 90 % (a textbook case of Chopra and Meindl)."""
    assert float(service.lead_time_demand(2500, 500, 7, lead_sd)[1]) == exactly(spread, 0.5)
    assert float(service.safety_stock_normal(0.9, 2500, 500, 7, lead_sd)) == exactly(safety, 0.5)


def test_cycle_service_and_fill_rate():
    """250 a week, sd 150, lead time 2, Q 1000, reorder point 600; and 2500 a week, sd 500, lead time 2, Q 10000."""
    mean, sd = service.lead_time_demand(250, 150, 2)
    assert float(600 - mean) == exactly(100) and norm.cdf(600, mean, sd) == exactly(0.6813, 5e-5)
    assert float(losses.normal_shortage(600, mean, sd)) == exactly(43.861, 5e-4)
    assert float(service.fill_rate_normal(600, 1000, mean, sd)) == exactly(0.95614, 5e-6)
    sd = 500 * 2**0.5
    assert norm.cdf(6000, 5000, sd) == exactly(0.92135, 5e-6)
    assert float(losses.normal_shortage(6000, 5000, sd)) == exactly(25.127, 5e-4)
    assert float(service.fill_rate_normal(6000, 10000, 5000, sd)) == exactly(0.997487, 5e-7)
    assert float(service.fill_rate_normal(5066.698, 10000, 5000, sd)) == exactly(0.975, 5e-7)


def test_lead_time_alone_varies_or_demand_alone():
    """5 a day, lead time N(3, 2), 95 %; and 30 a day, sd 5, ten days, 95 %."""
    assert float(service.lead_time_demand(5, 0, 3, 2)[1]) == exactly(10)
    assert float(service.safety_stock_normal(0.95, 5, 0, 3, 2)) == exactly(16.4485, 5e-5)
    assert float(service.safety_stock_normal(0.95, 30, 5, 10)) == exactly(26.009, 2e-3)  # z rounded to 1.645 there
    assert float(service.reorder_point_normal(0.95, 30, 5, 10)) == exactly(326.0, 0.05)


def test_the_review_period_counts_in_the_variance():
    """60 a day, sd 2, review 10 days, lead time 5 (sd 0.5), risk 2.5 %, 480 in stock: 480.73, not 479.44."""
    wanted = float(service.reorder_point_normal(0.975, 60, 2, 5, 0.5, review=10)) - 480
    assert wanted == exactly(480.73, 0.005)


def test_use_is_corrected_for_time_out_of_stock():
    """515 units in six months, three of them without stock: 171.67 a month."""
    assert float(service.availability_adjusted_rate(515, 6, 3)) == exactly(171.67, 0.005)


def test_demand_driven_buffer():
    """Decoupled lead time 10, use of 4 a day, both factors a half (the tests of OCA's ddmrp)."""
    buffer = service.demand_driven_buffer(4, 10, 0.5, 0.5)
    assert buffer.tops == (30, 70, 90)
    assert (buffer.order(50), buffer.order(60), buffer.order(71)) == (40, 30, 0)


LEVEL = st.floats(0.55, 0.995)
POSITIVE = st.floats(0.1, 1e3)


@given(low=LEVEL, high=LEVEL, mean=POSITIVE, sd=POSITIVE, lead=st.floats(0.1, 100), lead_sd=st.floats(0, 20))
def test_safety_stock_rises_with_service_lead_time_and_spread(low, high, mean, sd, lead, lead_sd):
    low, high = min(low, high), max(low, high)
    stock = service.safety_stock_normal
    base = stock(low, mean, sd, lead, lead_sd)
    assert stock(high, mean, sd, lead, lead_sd) >= base
    assert stock(low, mean, sd, lead * 1.5, lead_sd) > base
    assert stock(low, mean, sd * 1.5, lead, lead_sd) > base
    assert stock(low, mean, sd, lead, lead_sd + 1) > base


@given(mean=POSITIVE, cv=st.floats(0.05, 1), z=st.floats(-1, 3))
def test_fill_rate_is_above_cycle_service_for_large_orders(mean, cv, z):
    sd = cv * mean
    assert service.fill_rate_normal(mean + z * sd, 20 * mean, mean, sd) >= norm.cdf(z)


@given(level=LEVEL, mean=POSITIVE, sd=POSITIVE, lead=st.floats(0.1, 100))
def test_a_certain_lead_time_gives_the_simple_formula(level, mean, sd, lead):
    simple = mean * lead + norm.ppf(level) * sd * np.sqrt(lead)
    assert float(service.reorder_point_normal(level, mean, sd, lead)) == pytest.approx(simple)


@given(level=LEVEL, sds=st.lists(POSITIVE, min_size=2, max_size=8), lead=st.floats(0.1, 100))
def test_pooling_sites_never_raises_the_total(level, sds, lead):
    apart = sum(float(service.safety_stock_normal(level, 0, sd, lead)) for sd in sds)
    pooled = float(service.safety_stock_normal(level, 0, np.sqrt(np.square(sds).sum()), lead))
    assert pooled <= apart + 1e-9


@settings(deadline=None, max_examples=25)
@given(h=st.floats(0.2, 10), p=st.floats(0.2, 50), k=st.floats(0.5, 30), mean=st.floats(0.3, 8))
def test_exact_ss_beats_its_neighbours(h, p, k, mean):
    low, high, cost = ss.exact_ss_poisson(h, p, k, mean)
    for near in ((low - 1, high), (low + 1, high), (low, high + 1), (low, high - 1)):
        if near[0] < near[1]:
            assert ss.average_cost_poisson(*near, h, p, k, mean) >= cost - 1e-9
