"""Two replicas of the app behind the proxy, under one name with two addresses, as a container network gives it."""

from __future__ import annotations

import contextlib
import re
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
import yaml
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from nova_cli.benchmarks.proxy import Door, proxied
from nova_cli.testing import find_nginx
from nova_resources.embedded.processes import wait_until
from nova_resources.settings import CHECKOUT
from streamlit_app.access.sessions import REMEMBERED_SECONDS
from streamlit_app.web.cookies import SECURE_SESSION
from tests.app.conftest import Company
from tests.app.serving import app_process, enter, free_port, new_browser

HOSTS = ("127.0.0.1", "127.0.0.2")
COMPOSE = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text("utf-8"))["services"]
NAME = COMPOSE["nginx"]["environment"]["NOVA_APP"].partition(":")[0]
VARIABLES = {"NOVA_TRUSTED_PROXIES": COMPOSE["app"]["environment"]["NOVA_TRUSTED_PROXIES"]}
# A hosts file of our own in a namespace of its own stands for the container network's names.
UNDER = ["unshare", "--map-root-user", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"']
ENOUGH_SESSIONS, PATIENCE = 18, 30.0
LANDED = re.compile(r'"GET (?P<path>\S+)" (?P<status>\d+) .* (?P<replica>[0-9.]+):\d+$', re.MULTILINE)


@dataclass(frozen=True)
class Replicas:
    """The proxy, the port of both replicas, and their processes by address."""

    door: Door
    port: int
    processes: dict[str, subprocess.Popen]

    def landed(self, after: int = 0) -> list[str]:
        """Replica of each request that was answered since the log had this size."""
        return [line["replica"] for line in LANDED.finditer(self.door.log.read_text("utf-8")[after:])]

    def told(self) -> int:
        return len(self.door.log.read_text("utf-8"))

    def home_of(self, browser: httpx.Client) -> str:
        """The replica that all of a reader's requests land on: a page, a file and the stream of a screen."""
        before = self.told()
        assert browser.get(f"{self.door.app}/").status_code == 200
        assert browser.get(f"{self.door.app}/_stcore/host-config").status_code == 200
        with open_screen(self.door, browser):
            pass
        assert wait_until(lambda: len(self.landed(before)) == 3, PATIENCE), self.door.log.read_text("utf-8")
        (home,) = set(self.landed(before))
        return home

    def asked(self, replica: str, browser: httpx.Client) -> int:
        """Status of the answer that this replica gives the reader, asked past the choice of the proxy."""
        headers = {"cookie": cookie_of(browser), "x-forwarded-proto": "https"}
        return httpx.get(f"http://{replica}:{self.port}/_stcore/host-config", headers=headers).status_code


def cookie_of(browser: httpx.Client) -> str:
    return f"{SECURE_SESSION}={browser.cookies[SECURE_SESSION]}"


@contextlib.contextmanager
def open_screen(door: Door, browser: httpx.Client) -> Iterator[ClientConnection]:
    """The stream of a reader whose first screen has been drawn."""
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    first = BackMsg()
    first.rerun_script.query_string = ""
    address = f"{door.app.replace('https', 'wss', 1)}/_stcore/stream"
    headers = {"Cookie": cookie_of(browser)}
    with connect(address, ssl=trusting, additional_headers=headers, origin=door.app, max_size=None) as stream:  # type: ignore[arg-type]
        stream.send(first.SerializeToString())
        message = ForwardMsg()
        while message.WhichOneof("type") != "script_finished":
            received = stream.recv(timeout=PATIENCE, decode=False)
            message.ParseFromString(received)
        yield stream


@pytest.fixture(scope="module")
def replicas(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    if find_nginx() is None:
        pytest.skip("no nginx (Debian: apt-get install nginx-light)")
    folder, port = tmp_path_factory.mktemp("replicas"), free_port()
    names = folder / "hosts"
    names.write_text("127.0.0.1 localhost\n" + "".join(f"{host} {NAME}\n" for host in HOSTS), "utf-8")
    under = [*UNDER, str(names)]
    if subprocess.run([*under, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no namespace with names of its own may be made here (unshare --map-root-user --mount)")
    settings = company.settings.model_copy(update={"app_port": port})
    with contextlib.ExitStack() as running:
        processes = {
            host: running.enter_context(app_process(settings, folder / f"{host}.log", host, **VARIABLES))
            for host in HOSTS
        }
        door = running.enter_context(proxied(f"{NAME}:{port}", f"127.0.0.1:{free_port()}", folder, under))
        yield Replicas(door, port, processes)


@pytest.fixture(scope="module")
def readers(replicas: Replicas) -> Iterator[dict[str, httpx.Client]]:
    """A reader who is signed in at each replica."""
    found: dict[str, httpx.Client] = {}
    with contextlib.ExitStack() as opened:
        for _ in range(ENOUGH_SESSIONS):
            browser = opened.enter_context(new_browser())
            assert enter(browser, replicas.door.app, "VIEWER").status_code == 303
            found.setdefault(replicas.home_of(browser), browser)
            if len(found) == len(HOSTS):
                break
        assert set(found) == set(HOSTS), "one replica does everything"
        yield found


def test_all_that_a_session_asks_for_lands_on_one_replica(replicas, readers):
    for home, browser in readers.items():
        assert {replicas.home_of(browser) for _ in range(3)} == {home}


def test_signing_out_at_one_replica_is_soon_in_force_at_the_other(replicas, readers):
    with new_browser() as browser:
        enter(browser, replicas.door.app, "ANALYST")
        home = replicas.home_of(browser)
        (other,) = set(HOSTS) - {home}
        assert replicas.asked(other, browser) == 200, "it remembers the session now"
        cookies = cookie_of(browser)
        browser.post(f"{replicas.door.app}/sair", headers={"origin": replicas.door.app})
        assert SECURE_SESSION not in browser.cookies
        browser.cookies.set(SECURE_SESSION, cookies.partition("=")[2])
        assert replicas.asked(home, browser) == 401, "a copy of the cookie opens nothing"
        assert wait_until(lambda: replicas.asked(other, browser) == 401, REMEMBERED_SECONDS + 1)
    assert {replicas.asked(replica, readers[replica]) for replica in HOSTS} == {200}


def test_readers_of_a_replica_that_dies_go_on_at_the_other(replicas, readers):
    """The last test: one replica stays dead."""
    dying, living = HOSTS
    before = replicas.told()
    with open_screen(replicas.door, readers[dying]) as stream:
        replicas.processes[dying].kill()
        # What was sent before it died arrives first.
        with pytest.raises(ConnectionClosed):
            while True:
                stream.recv(timeout=PATIENCE)
    assert wait_until(lambda: replicas.landed(before) == [dying], PATIENCE)
    assert replicas.home_of(readers[dying]) == living
    assert replicas.home_of(readers[living]) == living
