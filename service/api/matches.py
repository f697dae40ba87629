"""/v1/matches: for a text that is posted nowhere."""

from fastapi import APIRouter

from schemas.match import CapabilityMatches, MatchRequest, NeedMatches
from service.http.dependencies import LiveIndexDep, PrincipalDep, SessionDep
from service.http.language import LanguageDep
from service.matches import matches

router = APIRouter(prefix="/v1/matches", tags=["matches"])


@router.post("")
def match_text(
    session: SessionDep,
    caller: PrincipalDep,
    index: LiveIndexDep,
    language: LanguageDep,
    body: MatchRequest,
) -> CapabilityMatches | NeedMatches:
    """What fits a free text, best first, with reasons. The shown list is kept; contacts in the text are not."""
    return matches.match_text(session, caller, index, body, language)
