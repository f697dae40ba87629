"""Traces: each request and task has a W3C trace id, and OpenTelemetry's own variables turn spans on."""

import os
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Literal

import structlog

log = structlog.get_logger()

# Of later versions, which may append more, the same four parts are read; "ff" is none.
_TRACEPARENT = re.compile(
    r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?"
)
_MISSING = (
    "OTEL_… variables ask for traces, and OpenTelemetry is not installed: pip install 'duijie[telemetry]', "
    "or set OTEL_SDK_DISABLED=true"
)


@dataclass(frozen=True)
class Trace:
    trace_id: str
    span: Any = None

    def end(self, name: str, attributes: Mapping[str, str | int], *, failed: bool) -> None:
        """Export the span. One that does not end is never exported."""
        if self.span is not None:
            import_module("service.platform.spans").end(self.span, name, attributes, failed=failed)


def begin(kind: Literal["SERVER", "CONSUMER"], given: Sequence[str] = ()) -> Trace:
    """Go on with the caller's trace where its one ``traceparent`` is valid, else begin another."""
    parent = _valid(given)
    if (tracer := set_up_telemetry()) is None:
        return Trace(parent.split("-")[1] if parent else secrets.token_hex(16))
    spans = import_module("service.platform.spans")
    span = spans.start(tracer, kind, parent)
    return Trace(spans.trace_id_of(span), span)


def _valid(given: Sequence[str]) -> str | None:
    found = _TRACEPARENT.fullmatch(given[0]) if len(given) == 1 else None
    return None if found is None or (found[1] == "00" and found[3]) else given[0]


@cache
def set_up_telemetry() -> Any:
    """What makes spans; None where nobody asks for them, or where they cannot be had, which is logged once."""
    if (exporter := asked_exporter(os.environ)) is None:
        return None
    if exporter not in {"otlp", "console"}:
        log.warning("no traces", why=f"OTEL_TRACES_EXPORTER is otlp, console or none, and not {exporter}")
        return None
    try:
        return import_module("service.platform.spans").tracer_to(exporter)
    except ImportError:
        log.warning("no traces", why=_MISSING)
        return None


def asked_exporter(environ: Mapping[str, str]) -> str | None:
    asked = environ.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true" or asked == "none":
        return None
    addresses = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    return asked or ("otlp" if any(environ.get(name) for name in addresses) else None)
