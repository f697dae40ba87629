"""The registration pre-check (技术合同认定登记预检): pure rules, a version for each set that was ever in force.

The measure that is in force since 2026 could be read as its draft of December 2024 alone, and not all of it. The rules
follow that draft, and say so; what they find is no decision by a registry.
"""

from service.contracts.registration_rules.engine import NOTICE, RULES, rules_on, rules_version, run
from service.contracts.registration_rules.facts import Facts
from service.contracts.registration_rules.sources import source_in

__all__ = ["NOTICE", "RULES", "Facts", "rules_on", "rules_version", "run", "source_in"]
