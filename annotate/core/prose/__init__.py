"""How running text is divided: sentences and quotations. Offsets are code points, half-open."""

from annotate.core.prose.quotations import Quotation, quotations
from annotate.core.prose.running import Reading, read
from annotate.core.prose.sentences import Sentence, sentences

__all__ = ["Quotation", "Reading", "Sentence", "quotations", "read", "sentences"]
