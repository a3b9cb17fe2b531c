"""deploy/nginx on loopback as its image runs it, with a certificate of its own: for benchmarks and tests."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Template

from nova_cli.testing import find_nginx
from nova_resources.settings import CHECKOUT

TEMPLATE = CHECKOUT / "deploy" / "nginx" / "default.conf.template"
LISTENING = ("80", "443", "8443")
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True)
class Door:
    """Addresses of the proxy's three servers, and its log."""

    plain: str
    app: str
    dagster: str
    log: Path


@contextlib.contextmanager
def proxied(app: str, dagster: str, folder: Path, under: Sequence[str] = ()) -> Iterator[Door]:
    """The proxy in front of two addresses (host:port), on free ports, its files in `folder`; started by the command
    `under` if there is one. Raises RuntimeError when nginx refuses its configuration."""
    program = find_nginx()
    assert program, "ask find_nginx first"
    log, main = folder / "access.log", folder / "nginx.conf"
    ports: dict[str, int] = dict(zip(LISTENING, _free_ports(len(LISTENING)), strict=True))
    text = Template(TEMPLATE.read_text("utf-8")).safe_substitute(
        NOVA_APP=app,
        NOVA_DAGSTER=dagster,
        NOVA_SERVER_NAME="localhost",
        NOVA_TLS_CERT=folder / "tls.crt",
        NOVA_TLS_KEY=folder / "tls.key",
    )
    text = re.sub(r"listen (\d+)", lambda found: f"listen 127.0.0.1:{ports[found[1]]}", text)
    text = text.replace("/dev/stdout", str(log))
    _write_certificate(folder)
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in TEMPORARY)
    # Root of a namespace of its own may give no file to anybody else.
    main.write_text(
        f"user root; daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log; events {{}}"
        f" http {{ include /etc/nginx/mime.types; access_log off; {temporary} {text} }}",
        "utf-8",
    )
    command = [*under, program, "-p", str(folder), "-c", str(main)]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    if checked.returncode != 0:
        raise RuntimeError(checked.stderr)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        plain, safe, engineers = (ports[port] for port in LISTENING)
        yield Door(f"http://localhost:{plain}", f"https://localhost:{safe}", f"https://localhost:{engineers}", log)
    finally:
        process.terminate()
        process.wait(10)


def _free_ports(count: int) -> list[int]:
    """Different ones: all are held until the last is known."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _write_certificate(folder: Path) -> None:
    """A key and a certificate for localhost, signed by itself, for a day."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "tls.crt").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(encoding))
    (folder / "tls.key").write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
