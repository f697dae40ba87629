"""What follows from a posting's fields, and is kept beside them."""

from schemas.capability import Capability
from schemas.domains import widen
from schemas.need import Need
from schemas.posting import IndexStatus
from schemas.regions import region_path
from service.postings.facts import completeness_of
from service.postings.texts import writing_of


def derive(posting: Need | Capability) -> None:
    """Bring what follows from the fields up to them."""
    posting.domain_path = sorted({path for key in posting.domains for path in widen(key)})
    posting.region_path = region_path(posting.region) if posting.region else []
    posting.completeness = completeness_of(posting)
    text_hash = writing_of(posting).hash
    if text_hash != posting.text_hash:
        posting.text_hash, posting.index_status, posting.index_error = text_hash, IndexStatus.pending, ""
