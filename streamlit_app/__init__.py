"""What people see: sign-in, screens and (later) the REST API, served by one ASGI application.

Reads what the assets materialized and never computes a forecast: nothing of nova_assets and no forecasting library is
imported here. `web` speaks HTTP, `access` says who may do what, `data` asks the database, `ui` draws, `views` are the
screens, `i18n` holds every word that a person reads.
"""
