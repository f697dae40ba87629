"""Subscriptions, webhooks, addresses for mails, and notifications."""

from httpx2 import Response
from sqlmodel import select

from schemas.webhook import WebhookDelivery
from tests.mailing_steps import EMAIL, happen
from tests.service.doings.doing import Doing, Doings, World
from tests.telling import set_to, tell

_SUBSCRIPTION = {"text": "棉田残膜机械化回收", "looking_for": "needs"}


def _webhook(world: World, *verbs: str) -> str:
    """A webhook to which nothing can be delivered, after this was done with it."""
    place = world.made(world.member, "/v1/webhooks", {"url": "https://hooks.example.cn/duijie"})
    for verb in verbs:
        assert world.member.post(f"{place}/{verb}").is_success
    return place


def _with_webhook(verb: str, *before: str) -> Doing:
    return lambda w: w.member.post(f"{_webhook(w, *before)}/{verb}")


def _given_up(world: World) -> tuple[str, str]:
    """A webhook that is off, and what was not delivered to it."""
    place = _webhook(world, "disable")
    happen(world.session, world.own)
    tell(world.session)
    [delivery] = world.session.exec(select(WebhookDelivery)).all()
    world.session.rollback()
    return place, str(delivery.id)


def _redeliver(world: World) -> Response:
    place, _ = _given_up(world)
    return world.member.post(f"{place}/redeliver")


def _redeliver_one(world: World) -> Response:
    place, delivery = _given_up(world)
    return world.member.post(f"{place}/deliveries/{delivery}/redeliver")


def _read(world: World) -> Response:
    happen(world.session, world.own)
    return world.member.post("/v1/notifications/read", json={})


def _with_mail(do: Doing) -> Doing:
    def done(world: World) -> Response:
        with set_to(smtp_host="127.0.0.1"):
            return do(world)

    return done


TELLING: Doings = {
    "POST /v1/subscriptions": (
        "subscription.make",
        lambda w: w.member.post("/v1/subscriptions", json=_SUBSCRIPTION),
    ),
    "DELETE /v1/subscriptions/{subscription_id}": (
        "subscription.remove",
        lambda w: w.member.delete(w.made(w.member, "/v1/subscriptions", _SUBSCRIPTION)),
    ),
    "POST /v1/mail-addresses": (
        "mail_address.add",
        _with_mail(lambda w: w.member.post("/v1/mail-addresses", json={"email": EMAIL})),
    ),
    "DELETE /v1/mail-addresses/{address_id}": (
        "mail_address.remove",
        _with_mail(lambda w: w.member.delete(w.made(w.member, "/v1/mail-addresses", {"email": EMAIL}))),
    ),
    "POST /v1/notifications/read": ("notice.read", _read),
    "POST /v1/webhooks": (
        "webhook.make",
        lambda w: w.member.post("/v1/webhooks", json={"url": "https://hooks.example.cn/duijie"}),
    ),
    "DELETE /v1/webhooks/{webhook_id}": ("webhook.remove", lambda w: w.member.delete(_webhook(w))),
    "POST /v1/webhooks/{webhook_id}/rotate": ("webhook.rotate", _with_webhook("rotate")),
    "POST /v1/webhooks/{webhook_id}/disable": ("webhook.disable", _with_webhook("disable")),
    "POST /v1/webhooks/{webhook_id}/enable": ("webhook.enable", _with_webhook("enable", "disable")),
    "POST /v1/webhooks/{webhook_id}/redeliver": ("webhook.redeliver", _redeliver),
    "POST /v1/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver": (
        "webhook.redeliver",
        _redeliver_one,
    ),
}
