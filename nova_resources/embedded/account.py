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


def server_account(home: Path, binary: Path, *folders: Path) -> Account:
    """The account for a server of `home` whose program is `binary` and whose files lie in `folders` besides.

    Raises AccountError, naming what was tried, when there is none.
    """
    candidates = _below_root(home) if os.geteuid() == 0 else _ordinary()
    for account in candidates:
        if _can_run(account, binary, home, *folders):
            return account
    tried = "; ".join(" ".join(account.prefix) or "no change" for account in candidates) or "nothing"
    tools = ", ".join(f"{tool} {'found' if shutil.which(tool) else 'not installed'}" for tool in ("setpriv", "unshare"))
    raise AccountError(
        "PostgreSQL runs neither as root nor under a user id without a name, and no other account was found that can "
        f"reach {binary} and {home}. Tried: {tried} ({tools}). Run as an ordinary user, move checkout and home where "
        "others may enter (chmod o+x), or set NOVA_DATABASE_URL."
    )


def _ordinary() -> list[Account]:
    """Ourselves; initdb wants the user id to have a name, which container platforms that invent ids do not give."""
    me = (os.geteuid(), os.getegid())
    return [Account(*me)] if _has_name(me[0]) else _in_namespace(*me)


def _below_root(home: Path) -> list[Account]:
    """What root may become, from the least privilege to the most."""
    owner, setpriv = home.stat(), shutil.which("setpriv")
    is_owned = owner.st_uid != 0 and _has_name(owner.st_uid)
    uid, gid = (owner.st_uid, owner.st_gid) if is_owned else _nobody()
    candidates = []
    for capability in CAPABILITIES if setpriv else ():
        options = [f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
        if capability:
            options += [f"--inh-caps=-all,+{capability}", f"--ambient-caps=-all,+{capability}"]
            # The programs ask access(2) whether they may run themselves, which forgets capabilities otherwise.
            options.append("--securebits=+no_setuid_fixup")
        candidates.append(Account(uid, gid, (str(setpriv), *options, "--")))
    return candidates + _in_namespace(0, 0)


def _in_namespace(uid: int, gid: int) -> list[Account]:
    """This very user, who looks like `nobody` inside: the server is satisfied, our own folders stay open to it."""
    unshare = shutil.which("unshare")
    mapping = ("--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}", "--")
    return [Account(uid, gid, (unshare, *mapping))] if unshare else []


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _nobody() -> tuple[int, int]:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return NOBODY, NOBODY
    return entry.pw_uid, entry.pw_gid


def _can_run(account: Account, binary: Path, *folders: Path) -> bool:
    """Whether this account can run the programs, which look for themselves first, and enter the folders."""
    enter = [["/bin/sh", "-c", 'cd -- "$0"', str(folder)] for folder in folders]
    for command in ([str(binary.parent / "pg_config"), "--bindir"], *enter):
        done = subprocess.run([*account.prefix, *command], capture_output=True, check=False, cwd="/")
        if done.returncode != 0:
            return False
    return True
