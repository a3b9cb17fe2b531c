# syntax=docker/dockerfile:1
# The planners' app and its REST API: no orchestrator, no forecasting library, no database server.
# docker build -f deploy/app.Dockerfile -t nova-corrente/app .
FROM python:3.12-slim-trixie AS build
COPY requirements/app.lock /build/
RUN python -m venv /opt/nova/.venv \
    && /opt/nova/.venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes --only-binary :all: -r /build/app.lock \
    && /opt/nova/.venv/bin/python -m pip uninstall --yes pip \
    && echo /opt/nova > "$(echo /opt/nova/.venv/lib/python3.*/site-packages)/nova.pth"

FROM python:3.12-slim-trixie
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/nova nova \
    && install --directory --owner nova --group nova --mode 700 /var/lib/nova
COPY --from=build /opt/nova/.venv /opt/nova/.venv
COPY pyproject.toml /opt/nova/
# For `nova version --sbom`.
COPY requirements/app.lock /opt/nova/requirements/
COPY sql /opt/nova/sql
COPY nova_resources /opt/nova/nova_resources
COPY nova_cli /opt/nova/nova_cli
COPY streamlit_app /opt/nova/streamlit_app
RUN ["/opt/nova/.venv/bin/python", "-m", "compileall", "-q", "/opt/nova/nova_resources", "/opt/nova/nova_cli", "/opt/nova/streamlit_app"]
ENV NOVA_HOME=/var/lib/nova NOVA_HOST=0.0.0.0 PYTHONSAFEPATH=1 PYTHONUNBUFFERED=1
USER nova
EXPOSE 8501
ENTRYPOINT ["/opt/nova/.venv/bin/python", "-P", "-m", "nova_cli"]
CMD ["run", "app"]
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["/opt/nova/.venv/bin/python", "-P", "-m", "nova_cli", "run", "app", "--check"]
