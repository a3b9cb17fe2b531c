"""The code location: the one name that workspace.yaml and the code server know."""

from __future__ import annotations

from nova_assets.build import build_defs

defs = build_defs()
