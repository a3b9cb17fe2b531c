"""What the platform computes: the asset graph from the landing of an extract to an alert, and the science it calls.

Importing this package does no work and opens nothing; `nova_assets.definitions` is the only name Dagster knows.
"""
