"""The account that the embedded PostgreSQL runs under.

PostgreSQL refuses user id 0. Started by root it therefore runs as the owner of the home or, in root's own home, as
`nobody`, and must still reach its binaries and its data below directories that only root may enter (`/root` is 0700).
Nothing outside the home changes its permissions for that; the server gets, in this order, the least that suffices:
no privilege at all, the one capability to traverse and read, the wider one that containers grant, or a user namespace.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from nova_resources.errors import PlatformError

NOBODY = 65534
CAPABILITIES = ("", "dac_read_search", "dac_override")


class AccountError(PlatformError):
    """No way was found to run the server as somebody else than root."""


@dataclass(frozen=True)
class Account:
    """User and group that own the server's files, and the command prefix that becomes them."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def own(self, folder: Path) -> None:
        """Make `folder` and everything in it belong to this account (root only; elsewhere it does already)."""
        if os.geteuid() != 0 or folder.stat().st_uid == self.uid:
            return
        for parent, folders, files in os.walk(folder):
            for name in (*folders, *files):
                os.chown(os.path.join(parent, name), self.uid, self.gid, follow_symlinks=False)
        # Last, so that an interrupted change is begun again.
        os.chown(folder, self.uid, self.gid)


def server_account(home: Path, binary: Path) -> Account:
    """The account for a server of `home` whose program is `binary`.

    Raises AccountError, naming what was tried, when root has no way to step down.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    owner = home.stat()
    uid, gid = (owner.st_uid, owner.st_gid) if owner.st_uid != 0 else _nobody()
    setpriv, unshare = shutil.which("setpriv"), shutil.which("unshare")
    candidates: list[Account] = []
    for capability in CAPABILITIES if setpriv else ():
        keep = f"-all,+{capability}" if capability else "-all"
        identity = (f"--reuid={uid}", f"--regid={gid}", "--clear-groups")
        candidates.append(
            Account(uid, gid, (str(setpriv), *identity, f"--inh-caps={keep}", f"--ambient-caps={keep}", "--"))
        )
    if unshare:
        # Inside, root's own id looks like `nobody`, so that the server is satisfied and root's folders stay open to it.
        candidates.append(Account(0, 0, (unshare, "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")))
    for account in candidates:
        if _can_run(account, binary, home):
            return account
    raise AccountError(
        f"PostgreSQL does not run as root, and no unprivileged account can reach {binary} and {home}. Tried: setpriv "
        f"({'found' if setpriv else 'not installed'}) without and with the capabilities dac_read_search and "
        f"dac_override, then a user namespace ({'refused' if unshare else 'unshare not installed'}). "
        "Run as an ordinary user, move checkout and home where others may enter (chmod o+x), or set NOVA_DATABASE_URL."
    )


def _nobody() -> tuple[int, int]:
    try:
        entry = pwd.getpwnam("nobody")
        return entry.pw_uid, entry.pw_gid
    except KeyError:
        return NOBODY, NOBODY


def _can_run(account: Account, binary: Path, home: Path) -> bool:
    """Whether this account can execute the program and enter the home (which proves every parent directory)."""
    for command in ([str(binary), "--version"], ["/bin/sh", "-c", 'cd -- "$0"', str(home)]):
        done = subprocess.run([*account.prefix, *command], capture_output=True, check=False, cwd="/")
        if done.returncode != 0:
            return False
    return True
