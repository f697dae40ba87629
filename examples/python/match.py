"""Post a need, wait until it is in the index, and print its matches: with the typed client that ``make client`` writes.

It reads DUIJIE_URL and DUIJIE_KEY from the environment, and needs httpx and attrs. ``make client`` installs both.
"""

import os
import time

from duijie_client import AuthenticatedClient
from duijie_client.api.matches import match_text
from duijie_client.api.needs import get_need, post_need
from duijie_client.models import CapabilityMatches, MatchRequest, NeedCreate, NeedShown, Side
from duijie_client.models.index_status import IndexStatus


def main(address: str, key: str) -> None:
    with AuthenticatedClient(base_url=address, token=key) as client:
        body = NeedCreate(title="棉花打顶机械", description="视觉识别，少伤蕾铃", publish=True)
        need = post_need.sync(client=client, body=body)
        while isinstance(need, NeedShown) and need.index_status is IndexStatus.PENDING:
            time.sleep(0.1)
            need = get_need.sync(need.id, client=client)
        if not isinstance(need, NeedShown):
            raise SystemExit(f"refused: {need}")
        asked = MatchRequest(text=need.title, looking_for=Side.CAPABILITIES, limit=5)
        found = match_text.sync(client=client, body=asked)
        if isinstance(found, CapabilityMatches):
            for item in found.items:
                print(f"{item.score:.2f}  {item.capability.title}  {item.capability.organization.name}")


if __name__ == "__main__":
    main(os.environ["DUIJIE_URL"], os.environ["DUIJIE_KEY"])
