"""Which clauses could be checked, how much they are worth checking, and which are pledges: by rule."""

from annotate.core.claims.find import Claim, ClaimRules

__all__ = ["Claim", "ClaimRules"]
