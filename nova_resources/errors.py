"""The kind of error that a person meets: its message says what is wrong and what to do, so no traceback is shown."""


class PlatformError(RuntimeError):
    """Base of expected failures (a busy port, a damaged file, a server that does not start)."""
