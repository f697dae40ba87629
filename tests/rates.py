"""No limits, for tests of everything else."""

from schemas.rate_limits import RateLimits

UNLIMITED = RateLimits.model_validate(dict.fromkeys(RateLimits.model_fields)).model_dump_json()
