"""Forecasting models, one file per family, all behind the protocol in `base`."""
