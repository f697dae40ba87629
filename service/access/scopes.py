"""Which scope of a key an operation asks for. ``service.access.principal`` asks here for every one that takes a key."""

import re

from schemas.vocabulary import Scope

# The first that fits. What fits none reads where it is a GET, and posts where it is not.
_BY_PLACE = (
    (
        re.compile(
            r"/v1/introductions/[^/]+/contacts|/v1/personal-data/(export|erase)|/v1/mail-addresses(/.*)?"
        ),
        Scope.contacts,
    ),
    (re.compile(r"/v1/webhooks(/.*)?"), Scope.webhooks),
    (re.compile(r"/v1/imports(/.*)?"), Scope.import_),
    (re.compile(r"/v1/matches|.*/matches(/.*)?"), Scope.match),
)


def scope_of(method: str, path: str) -> Scope:
    """path: as the route is written, or as it was asked for."""
    for place, scope in _BY_PLACE:
        if place.fullmatch(path):
            return scope
    return Scope.read if method == "GET" else Scope.post
