# One image for all: `api`, `worker` and `migrate` are its commands, and `run` starts everything in one container.
FROM python:3.11-slim-bookworm AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1
WORKDIR /app
COPY pyproject.toml constraints.txt ./
RUN pip install --no-cache-dir --constraint constraints.txt uv \
 && uv venv /opt/venv \
 && uv pip install --python /opt/venv/bin/python --torch-backend cpu --constraint constraints.txt \
      --requirement pyproject.toml
COPY . .
# The default model is unpacked here once, rather than at every start.
RUN uv pip install --python /opt/venv/bin/python --no-deps --editable . \
 && DUIJIE_DATA_DIR=/var/lib/duijie /opt/venv/bin/python -c \
      "from service.commands.model_folder import ensure_default_model; ensure_default_model(lambda what, share: None)"

FROM python:3.11-slim-bookworm
# By number, which every host can hold against its rules; PostgreSQL's own programs want a name as well.
RUN useradd --uid 10001 --user-group --home-dir /var/lib/duijie --no-create-home duijie
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
COPY --from=build --chown=10001:10001 /var/lib/duijie /var/lib/duijie
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DUIJIE_DATA_DIR=/var/lib/duijie \
    DUIJIE_HOST=0.0.0.0 \
    DUIJIE_PORT=8000
WORKDIR /app
USER 10001:10001
EXPOSE 8000
VOLUME /var/lib/duijie
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=5)"]
ENTRYPOINT ["duijie"]
CMD ["api"]
