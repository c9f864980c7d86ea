"""How running text is divided: sentences and quotations. Offsets are code points, half-open."""

from annotate.core.prose.issued import Issued, find_issued
from annotate.core.prose.quotations import Quotation, quotations
from annotate.core.prose.running import Reading, read
from annotate.core.prose.sentences import Sentence, sentences

__all__ = ["Issued", "Quotation", "Reading", "Sentence", "find_issued", "quotations", "read", "sentences"]
