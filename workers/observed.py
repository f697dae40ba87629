"""What a worker shows of itself: a log line and figures for each task, served to Prometheus on a port of its own."""

import time

import structlog
from celery import Task
from celery.signals import task_postrun, task_prerun
from prometheus_client import Counter, Gauge, Histogram, start_http_server

from service.platform.settings import settings
from service.platform.telemetry import begin, set_up_telemetry

log = structlog.get_logger()

_TASKS = Counter("duijie_tasks_total", "Tasks that ended, by name and how.", ["task", "state"])
_SECONDS = Histogram(
    "duijie_task_seconds", "Time that a task took.", ["task"], buckets=(0.01, 0.05, 0.25, 1, 5, 30, 120, 600)
)
_UNDER_WAY = Gauge("duijie_tasks_under_way", "Tasks that are being worked on.")
# By machines, every few seconds, whatever happens.
_OFTEN = {"duijie.upkeep", "duijie.outlook"}


def observe() -> None:
    """Note every task of this process, and serve the figures where ``DUIJIE_WORKER_METRICS_PORT`` says."""
    set_up_telemetry()
    task_prerun.connect(_begun, weak=False)
    task_postrun.connect(_ended, weak=False)
    port = settings().worker_metrics_port
    if port is not None:
        start_http_server(port, addr=settings().worker_metrics_host)


def _begun(task: Task, **_: object) -> None:
    _UNDER_WAY.inc()
    task.request.trace = trace = begin("CONSUMER")
    task.request.bound = structlog.contextvars.bind_contextvars(trace_id=trace.trace_id)
    task.request.begun_at = time.perf_counter()


def _ended(task: Task, state: str | None = None, **_: object) -> None:
    _UNDER_WAY.dec()
    seconds = time.perf_counter() - task.request.begun_at
    _TASKS.labels(task.name, state or "unknown").inc()
    _SECONDS.labels(task.name).observe(seconds)
    told = log.debug if task.name in _OFTEN else log.info
    told("task", task=task.name, id=task.request.id, state=state, ms=round(seconds * 1000, 1))
    if task.name not in _OFTEN:
        about = {"messaging.message.id": task.request.id, "duijie.task.state": state or "unknown"}
        task.request.trace.end(task.name, about, failed=state == "FAILURE")
    structlog.contextvars.reset_contextvars(**task.request.bound)
