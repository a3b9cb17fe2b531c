"""What `nova bench` measures: one module per part, each on a temporary platform of its own.

Every part has `run(rows, say) -> list[Measure]`: `rows` is the size asked for (None is the part's own), `say` shows
what is being done.
"""
