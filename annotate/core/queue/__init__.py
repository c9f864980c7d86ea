"""Which passages annotators get, in which order, and which of them without suggestions.

``settings`` are the study's wishes, ``lottery`` draws by hash (control, overlap), ``orders`` sorts.
"""

from annotate.core.queue.lottery import deal, is_control, is_shared
from annotate.core.queue.orders import Facts, planned
from annotate.core.queue.settings import ORDERS, Order, Queued, QueueSettings, adopted, faults

__all__ = [
    "ORDERS",
    "Facts",
    "Order",
    "QueueSettings",
    "Queued",
    "adopted",
    "deal",
    "faults",
    "is_control",
    "is_shared",
    "planned",
]
