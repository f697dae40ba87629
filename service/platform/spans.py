"""Spans by OpenTelemetry, which is an extra: this module is imported only where its variables ask for traces."""

from collections.abc import Mapping

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, format_trace_id
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_EXPORTERS = {"otlp": OTLPSpanExporter, "console": ConsoleSpanExporter}


def tracer_to(exporter: str) -> Tracer:
    resource = Resource.create({"service.name": "duijie"}).merge(OTELResourceDetector().detect())
    # Not the global one: spans of libraries could hold what people wrote.
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(_EXPORTERS[exporter]()))
    return provider.get_tracer("duijie")


def start(tracer: Tracer, kind: str, parent: str | None) -> Span:
    carrier = {"traceparent": parent} if parent else {}
    context = TraceContextTextMapPropagator().extract(carrier, Context())
    return tracer.start_span(kind.lower(), context, SpanKind[kind])


def trace_id_of(span: Span) -> str:
    return format_trace_id(span.get_span_context().trace_id)


def end(span: Span, name: str, attributes: Mapping[str, str | int], *, failed: bool) -> None:
    span.update_name(name)
    span.set_attributes(attributes)
    if failed:
        span.set_status(StatusCode.ERROR)
    span.end()
