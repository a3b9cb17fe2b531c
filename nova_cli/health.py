"""Whether the services answer, asked as their users ask: over HTTP and with a real connection."""

from __future__ import annotations

import http.client
import json
import socket
from urllib.error import URLError
from urllib.request import Request, urlopen

import psutil
import psycopg

from nova_resources.server import role_parameters
from nova_resources.settings import Settings
from nova_resources.sql_library import sql

LOCATIONS = "{ workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError { __typename } } } } }"


def app_answers(settings: Settings) -> bool:
    """The app serves and reaches its database."""
    return _fetch(Request(f"{settings.app_url}/health")) is not None  # noqa: S310 - our own loopback address


def dagster_answers(settings: Settings) -> bool:
    """The Dagster UI serves and its code location is loaded."""
    body = json.dumps({"query": LOCATIONS}).encode()
    address = f"{settings.dagster_url}/graphql"
    answer = _fetch(Request(address, body, {"Content-Type": "application/json"}))  # noqa: S310
    if not answer:
        return False
    entries = answer.get("data", {}).get("workspaceOrError", {}).get("locationEntries", [])
    loaded = [(entry.get("locationOrLoadError") or {}).get("__typename") == "RepositoryLocation" for entry in entries]
    return bool(loaded) and all(loaded)


def code_server_answers(settings: Settings) -> bool:
    """The process that holds the definitions says that it serves."""
    import grpc
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    from nova_resources.dagster_instance import code_server_address

    place = code_server_address(settings)
    address = f"127.0.0.1:{place['port']}" if "port" in place else f"unix:{place['socket']}"
    with grpc.insecure_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        try:
            answer = stub.Check(health_pb2.HealthCheckRequest(service="DagsterApi"), timeout=5)
        except grpc.RpcError:
            return False
    return answer.status == health_pb2.HealthCheckResponse.SERVING


def daemon_beats(settings: Settings) -> bool:
    """Each of Dagster's daemons has shown a sign of life in the last minutes."""
    parameters = role_parameters(settings, "nova_dagster", settings.dagster_database_name)
    try:
        with psycopg.connect(**parameters, connect_timeout=3) as connection:
            found = connection.execute(sql("dagster/daemon_beats").text.encode()).fetchone()
    except psycopg.Error:
        return False
    return found == (True,)


def database_answers(settings: Settings) -> bool:
    """The platform's database accepts its roles."""
    try:
        with psycopg.connect(**role_parameters(settings, "nova_app"), connect_timeout=3) as connection:
            connection.execute("SELECT 1")
        return True
    except psycopg.OperationalError:
        return False


def port_is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            return True
        except OSError:
            return False


def port_holder(port: int) -> str:
    """Who listens on a port, as far as this user may know."""
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                if connection.pid is None:
                    return "another user's process"
                return f"process {connection.pid} ({psutil.Process(connection.pid).name()})"
    except psutil.Error:
        return "another process"
    return "another process"


def _fetch(request: Request) -> dict | None:
    try:
        with urlopen(request, timeout=5) as response:  # noqa: S310
            body = response.read()
    except (URLError, OSError, http.client.HTTPException):
        return None
    try:
        return json.loads(body)
    except ValueError:
        return {}
