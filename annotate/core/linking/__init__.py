"""Relations between the spans of one passage, by place: who says it, when it was, whom it is aimed at."""

from annotate.core.linking.links import Found, Link, Spot, aimed_at, find_links, named_after

__all__ = ["Found", "Link", "Spot", "aimed_at", "find_links", "named_after"]
