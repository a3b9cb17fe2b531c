"""How the world is reached: settings, PostgreSQL, the SQL library, the landing zone, the cache, the embedded servers.

Nothing here knows what is computed (nova_assets), shown (streamlit_app) or typed (nova_cli); those import this package,
never the other way round. No module does I/O when it is imported.
"""
