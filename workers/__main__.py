"""``python -m workers``: one worker process, with its relay."""

import faulthandler
import warnings
from functools import partial
from threading import Event

from celery.exceptions import SecurityWarning
from celery.signals import worker_ready, worker_shutting_down

from service.platform.loops import thread_doing
from service.platform.observe import set_up_log
from service.platform.private_files import close_to_others
from service.platform.settings import settings
from workers.app import celery_app, worker_arguments
from workers.models import register_model
from workers.observed import observe
from workers.relay import relay
from workers.tasks import register


def main() -> None:
    faulthandler.enable()
    close_to_others()
    # Only JSON is taken from the broker, so a worker of root's can be made to run nothing.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    set_up_log(settings().log_level)
    register_model()
    app = celery_app()
    register(app)
    observe()
    stop = Event()
    thread = thread_doing("relay", partial(relay, app, stop), stop)

    def start_relay(**_: object) -> None:
        thread.start()

    def stop_relay(**_: object) -> None:
        stop.set()

    worker_ready.connect(start_relay, weak=False)
    worker_shutting_down.connect(stop_relay, weak=False)
    app.worker_main(worker_arguments(settings().worker_threads))


if __name__ == "__main__":
    main()
