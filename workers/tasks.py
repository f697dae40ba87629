"""The tasks by name. They carry ids only, and bear being run twice."""

from celery import Celery

from workers import backups, events, importing, indexing, mailing, models, notices, outlook, standing, upkeep


def register(app: Celery) -> None:
    app.task(name="duijie.index")(indexing.index_postings)
    app.task(name="duijie.import")(importing.run_import)
    app.task(name="duijie.switch_model")(models.switch_model)
    app.task(name="duijie.upkeep")(upkeep.upkeep)
    app.task(name="duijie.outlook")(outlook.look_over)
    app.task(name="duijie.tell_subscribers")(standing.tell_subscribers)
    app.task(name="duijie.spread_notices")(notices.spread)
    app.task(name="duijie.send_events")(events.send_events)
    app.task(name="duijie.make_mail")(mailing.make_mail)
    app.task(name="duijie.send_mail")(mailing.send_mail)
    app.task(name="duijie.back_up")(backups.back_up)
