"""The API behind its real server and real sockets, in this process, so that a test can reach into it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from service.http.server import server_options
from tests.running import wait_for

HOST = "127.0.0.1"


def free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(app: FastAPI) -> Iterator[int]:
    """The port on which it listens."""
    with socket.create_server((HOST, 0)) as listening:
        # Without the start: what follows the tables would outlive the test's own.
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, **server_options()))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        wait_for(lambda: server.started)
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = server.force_exit = True
            thread.join(60)
