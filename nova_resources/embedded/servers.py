"""Who keeps the embedded PostgreSQL running: it serves as long as somebody on this machine uses it.

Every user holds a shared lock on one file. Whoever leaves as the last one (he gets the lock for himself) stops the
server; the kernel returns the lock of a killed user, so that a crash leaves at most an idle server behind, which the
next user finds and the last one stops.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator

from nova_resources.settings import Settings


@contextlib.contextmanager
def running_postgres(settings: Settings) -> Iterator[None]:
    """The platform's PostgreSQL answers inside this block; an external one (NOVA_DATABASE_URL) is left alone.

    Raises EmbeddedPostgresError when the embedded server cannot be started.
    """
    if settings.database_url is not None:
        yield
        return
    # Where only the app is installed there are no embedded servers.
    from nova_resources.embedded.postgres import EmbeddedPostgres, prepare_run_dir
    from nova_resources.embedded.processes import file_lock

    prepare_run_dir(settings)
    server = EmbeddedPostgres(settings)
    with file_lock(settings.state_dir / "users.lock", shared=True) as lock:
        server.start()
        try:
            yield
        finally:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                server.stop()
