"""The tasks by name. They carry ids only, and bear being run twice."""

from celery import Celery

from workers import importing, indexing, models, outlook, upkeep


def register(app: Celery) -> None:
    app.task(name="duijie.index")(indexing.index_postings)
    app.task(name="duijie.import")(importing.run_import)
    app.task(name="duijie.switch_model")(models.switch_model)
    app.task(name="duijie.upkeep")(upkeep.upkeep)
    app.task(name="duijie.outlook")(outlook.look_over)
