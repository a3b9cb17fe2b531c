"""The demonstration company: a seeded simulator that writes ERP extracts day by day and keeps the truth apart.

Same seed, scale and dates: same bytes. `generate` writes what is missing up to a day; `stats` measures the result
against the reference figures that it is calibrated to.
"""

from nova_assets.demo.calibration import stats
from nova_assets.demo.generate import (
    DEFAULT_SEED,
    Generated,
    Recorded,
    default_start,
    generate,
    recorded_parameters,
)
from nova_assets.demo.master import DEFAULT_SCALE

__all__ = [
    "DEFAULT_SCALE",
    "DEFAULT_SEED",
    "Generated",
    "Recorded",
    "default_start",
    "generate",
    "recorded_parameters",
    "stats",
]
