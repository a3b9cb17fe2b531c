"""`python -m nova_cli`: the same as `nova`, for processes that the platform starts itself."""

from nova_cli.main import app

app()
