"""How uvicorn serves the API, and for how long it waits for a client."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from service.http.body_first import BYTES_A_SECOND
from service.platform.settings import settings


def server_options() -> dict[str, Any]:
    return {
        "http": PatientForAWhile,
        "limit_concurrency": settings().connections,
        "log_level": "warning",
        "access_log": False,
    }


class PatientForAWhile(H11Protocol):
    """Ends connections on which a request's head does not come, or an answer is not read. uvicorn waits for ever.

    Bodies are minded where they are read: ``BodyFirst``.
    """

    _head: asyncio.TimerHandle | None = None
    _reader: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        if not self.transport.get_write_buffer_size():
            self._forget_reader()
        super().data_received(data)
        if self._answering():
            self._forget_head()
        elif self._head is None:
            self._await_head()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        # Closing alone does not help: a transport stays until what it holds is sent.
        self._await_reader()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._forget_reader()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_head()
        self._forget_reader()
        super().connection_lost(exc)

    def _answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _await_head(self) -> None:
        self._head = self.loop.call_later(settings().client_seconds, self.transport.abort)

    def _await_reader(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        if waiting and self._reader is None:
            self._reader = self.loop.call_later(settings().client_seconds, self._end_unless_read, waiting)

    def _end_unless_read(self, waited: int) -> None:
        """End the connection if little was read of what waited to be sent."""
        self._reader = None
        waiting = self.transport.get_write_buffer_size()
        if waiting and waited - waiting < settings().client_seconds * BYTES_A_SECOND:
            self.transport.abort()
        else:
            self._await_reader()

    def _forget_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _forget_reader(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None
