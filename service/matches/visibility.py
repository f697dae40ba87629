"""Who may be shown a posting in a match: labels that the index filters by."""

from uuid import UUID

from schemas.vocabulary import Role, Visibility
from service.access.principal import GRANTS, Permission, Principal

_ANYBODY, _MEMBERS = "anybody", "members"


def readers_of_posting(organization_id: UUID, visibility: Visibility) -> list[str]:
    """Who may be shown the posting in a match; a private one its own organisation only."""
    groups = {Visibility.private: [], Visibility.public: [_ANYBODY, _MEMBERS]}
    return [str(organization_id), *groups.get(visibility, [_MEMBERS])]


def readers_of_members() -> list[str]:
    """What any member is shown, whatever its organisation."""
    return [_MEMBERS]


def readers_of(caller: Principal) -> list[str]:
    """The labels of ``reader`` under which ``caller`` may be shown a posting in a match."""
    return readers_as(caller.role, caller.organization_id)


def readers_as(role: Role, organization_id: UUID) -> list[str]:
    """The same for whoever is not calling now."""
    group = _MEMBERS if Permission.posting_read_members in GRANTS[role] else _ANYBODY
    return [str(organization_id), group]
