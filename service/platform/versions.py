"""Nobody overwrites what they have not seen (RFC 9110, 13.1.1)."""

from service.platform.problems import VersionChanged

#: The versions of which a caller says that it has seen one; None where it says nothing, or does not care.
Seen = frozenset[int] | None


def require_version(seen: Seen, version: int) -> None:
    """Raises ``VersionChanged`` unless the caller has seen this version, or does not say what it has seen."""
    if seen is not None and version not in seen:
        raise VersionChanged
