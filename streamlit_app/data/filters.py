"""The global filters, as the queries take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Filters:
    """Families, ABC classes, region and site codes; an empty one lets everything through. `months` is how far back
    histories go; it filters no rows of today."""

    families: tuple[str, ...] = ()
    abc: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    months: int = 12

    def params(self) -> dict[str, Any]:
        """As parameters of a query: NULL where nothing is chosen."""
        chosen = {"families": self.families, "abc": self.abc, "regions": self.regions, "sites": self.sites}
        return {name: list(values) if values else None for name, values in chosen.items()}

    def chosen(self) -> dict[str, tuple[str, ...]]:
        """Dimension of the key figures to its chosen members, the narrowest first."""
        dimensions = {"site": self.sites, "family": self.families, "abc": self.abc, "region": self.regions}
        return {dimension: members for dimension, members in dimensions.items() if members}
