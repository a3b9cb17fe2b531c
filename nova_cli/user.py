"""`nova user …`: who may sign in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from nova_cli import access
from nova_cli.state import RunState
from nova_resources.embedded.servers import running_postgres
from nova_resources.settings import Settings, load_settings

app = typer.Typer(no_args_is_help=True)

Username = Annotated[str, typer.Argument(help="Name to sign in with.")]
Json = Annotated[bool, typer.Option("--json", help="For scripts.")]


@app.command("list")
def list_users(as_json: Json = False) -> None:
    """Everybody who may sign in."""
    with _platform() as settings:
        people = access.list_users(settings)
    if as_json:
        print(json.dumps(people, default=str, indent=2))
        return
    for person in people:
        state = "" if person["active"] else "  (closed)"
        print(f"{person['username']:<24} {person['role']:<8} {person['display_name']}{state}")


@app.command()
def add(
    username: Username,
    role: Annotated[str, typer.Option(help=f"One of {', '.join(access.ROLES)}.")] = "VIEWER",
    name: Annotated[str, typer.Option(help="Name on screens; default the user name.")] = "",
    email: Annotated[str | None, typer.Option()] = None,
) -> None:
    """Open an account; its random password is shown once."""
    with _platform() as settings:
        print(access.create_user(settings, username, name, role.upper(), email))


@app.command()
def password(username: Username) -> None:
    """Give somebody a new random password, shown once, and end his sessions."""
    with _platform() as settings:
        print(access.reset_password(settings, username))


@app.command()
def role(username: Username, new_role: Annotated[str, typer.Argument(metavar="|".join(access.ROLES))]) -> None:
    """Change what somebody may do; it counts at his next click."""
    with _platform() as settings:
        access.set_role(settings, username, new_role.upper())


@app.command()
def close(username: Username) -> None:
    """Close an account and end its sessions."""
    with _platform() as settings:
        access.set_active(settings, username, active=False)


@app.command()
def reopen(username: Username) -> None:
    """Open a closed account again."""
    with _platform() as settings:
        access.set_active(settings, username, active=True)


@app.command()
def link() -> None:
    """A new one-time link that creates the first ADMIN."""
    with _platform() as settings:
        found = access.new_setup_link(settings)
    if found is None:
        raise access.AccessError("there is an ADMIN already, who can make accounts in the app; or use nova user add")
    print(found)


@app.command("reset-second-factor")
def reset_second_factor(username: Username) -> None:
    """Take the second factor of somebody who lost his device away; his sessions end."""
    with _platform() as settings:
        access.reset_second_factor(settings, username)


@app.command("rotate-keys")
def rotate_keys() -> None:
    """Give the app a new secret. Signed tokens and second factors live on; what is older than one rotation ends."""
    with _platform() as settings:
        sealed, lost = access.rotate_keys(settings)
    print(f"{sealed} second factors sealed anew")
    if lost:
        raise access.AccessError(f"no key opens the second factors of {lost} people: nova user reset-second-factor")


@app.command(hidden=True)
def demo() -> None:
    """Open the demo accounts; prints those that are new, with their passwords, as JSON."""
    with _platform() as settings:
        print(json.dumps(access.create_demo_users(settings)))


@contextmanager
def _platform() -> Iterator[Settings]:
    settings = load_settings()
    settings = RunState(settings.state_dir).running_settings(settings)
    with running_postgres(settings):
        yield settings
