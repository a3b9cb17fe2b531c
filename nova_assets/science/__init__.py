"""Demand and supply science on arrays and frames: what will be needed, how sure we are, and what to stock.

Belongs here: panels of demand, demand classes, forecasting models behind one protocol, rolling-origin backtests,
model selection, lead-time distributions, stock policies and their simulation. Pure functions of their inputs: no
orchestrator, no database, no clock, no files. Randomness comes only from `randomness`, keyed by seed and series.
"""
