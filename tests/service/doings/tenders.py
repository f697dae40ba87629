"""Challenges, bids and reviews, as those walk them who walk their workflows."""

from tests.service.doings.doing import Doing, Doings, walked
from tests.service.tenders import challenge_body
from tests.service.walks.bid import BidWalk
from tests.service.walks.challenge import ChallengeWalk

_ONE = "/v1/challenges/{challenge_id}"
_BID = f"{_ONE}/bids/{{bid_id}}"
_CHALLENGE = {
    **{
        f"POST {_ONE}/{verb}": (f"challenge.{verb}", verb, state, who)
        for verb, state, who in (
            ("submit", "draft", "publisher"),
            ("recall", "review", "publisher"),
            ("return", "review", "operator"),
            ("open", "review", "operator"),
            ("invite", "open", "publisher"),
            ("withdraw", "open", "publisher"),
            ("award", "evaluating", "publisher"),
            ("fail", "evaluating", "operator"),
            ("reopen", "awarded", "operator"),
            ("sign", "awarded", "publisher"),
            ("start", "signed", "publisher"),
            ("terminate", "working", "publisher"),
        )
    },
    f"PATCH {_ONE}": ("challenge.change", "change", "draft", "publisher"),
    f"POST {_ONE}/amendments": (
        "challenge.propose_amendment",
        "propose amendment",
        "open",
        "publisher",
    ),
    f"POST {_ONE}/amendments/{{amendment_id}}/publish": (
        "challenge.amend",
        "publish amendment",
        "open",
        "operator",
    ),
    f"POST {_ONE}/amendments/{{amendment_id}}/refuse": (
        "challenge.refuse_amendment",
        "refuse amendment",
        "open",
        "operator",
    ),
    f"POST {_ONE}/amendments/{{amendment_id}}/recall": (
        "challenge.recall_amendment",
        "recall amendment",
        "open",
        "publisher",
    ),
    f"POST {_ONE}/reviewers": ("review.assign", "assign", "open", "operator"),
    f"POST {_ONE}/reviewers/{{reviewer_id}}/recuse": ("review.recuse", "recuse", "open", "operator"),
    f"POST {_ONE}/declaration": ("review.declare", "declare", "evaluating", "reviewer"),
    f"PUT {_BID}/sheet": ("review.score", "score", "evaluating", "reviewer"),
}
# What is done to an opened bid is a step of its challenge as well, which is written after it.
_OPENED = {
    f"POST {_BID}/exclude": ("challenge.exclude", "exclude", "opened", "operator"),
    f"POST {_BID}/deliver": ("challenge.take_delivery", "deliver", "won", "bidder"),
    f"POST {_BID}/decide": ("challenge.stop", "decide", "won", "publisher"),
    f"POST {_BID}/accept-delivery": ("challenge.pass_acceptance", "accept", "delivered", "publisher"),
}

TENDERS: Doings = {
    "POST /v1/challenges": (
        "challenge.create",
        lambda w: w.member.post("/v1/challenges", json=challenge_body()),
    ),
    **{
        operation: (action, walked(ChallengeWalk, state, who, verb))
        for operation, (action, verb, state, who) in _CHALLENGE.items()
    },
    **{
        operation: (action, walked(BidWalk, state, who, verb))
        for operation, (action, verb, state, who) in _OPENED.items()
    },
}

#: What is done to a bid while it is sealed: the audit, which operators read, learns of it when it is opened.
SEALED: dict[str, tuple[str, Doing]] = {
    f"POST {_ONE}/bids": ("hand_in", walked(ChallengeWalk, "open", "another member", "bid")),
    f"PUT {_BID}": ("replace", walked(BidWalk, "sealed", "bidder", "replace")),
    f"POST {_BID}/agree": ("agree", walked(BidWalk, "agreeing", "member", "agree")),
    f"POST {_BID}/refuse": ("refuse", walked(BidWalk, "sealed", "member", "refuse")),
    f"POST {_BID}/withdraw": ("withdraw", walked(BidWalk, "sealed", "bidder", "withdraw")),
}
