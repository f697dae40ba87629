"""The versions of an introduction's NDA, in the database."""

import hashlib
from collections.abc import Collection
from uuid import UUID

from sqlmodel import Session, col, select

from schemas.introduction import Introduction, IntroductionStatus
from schemas.introduction_nda import IntroductionNda
from schemas.reading import mask_contacts
from service.access.principal import Principal

STANDARD_TEXT = """保密协议

一、双方因技术供需对接需要，互相提供的技术资料、工艺参数、样品、经营信息等未公开内容，均为保密信息。
二、接收方仅将保密信息用于评估和开展本次合作，不得用于其他目的；仅向确有必要知悉的人员提供，并要求其承担同等保密义务。
三、以下信息不属于保密信息：已经公开的；接收方在提供之前已合法持有的；从第三方合法取得的；独立研发取得的。
四、任何一方因法律法规或者国家机关依法要求必须披露的，应当及时告知对方，并将披露限于必要范围。
五、对接结束后，接收方应当按提供方要求返还或者销毁保密信息。保密义务自签署之日起三年内有效。
六、本协议不转让任何知识产权。违反本协议的，应当赔偿对方因此遭受的损失。
七、双方均在平台签署后生效。"""
"""What a side may take as it stands, or write anew."""


def keep_nda(session: Session, caller: Principal, introduction: Introduction, text: str) -> IntroductionNda:
    """A new version, which nobody has signed yet. The introduction is locked by the caller, or new."""
    if introduction.status is not IntroductionStatus.accepted:
        # Nothing that reaches a person goes over before the other side has agreed.
        text = mask_contacts(text)[0]
    before = newest_ndas(session, [introduction.id]).get(introduction.id)
    kept = IntroductionNda(
        introduction_id=introduction.id,
        version=before.version + 1 if before else 1,
        text=text,
        text_hash=hashlib.sha256(text.encode()).hexdigest(),
        asked_by=caller.organization_id,
    )
    session.add(kept)
    return kept


def newest_ndas(session: Session, introduction_ids: Collection[UUID]) -> dict[UUID, IntroductionNda]:
    """The one that counts, of each that has any."""
    query = (
        select(IntroductionNda)
        .where(col(IntroductionNda.introduction_id).in_(introduction_ids))
        .order_by(col(IntroductionNda.version))
    )
    # Of one introduction the later one takes the place of those before.
    return {nda.introduction_id: nda for nda in session.exec(query)}
