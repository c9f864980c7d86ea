"""Who says what: source, cue and content, by rule, on a text without any model.

Source-cue-content is the scheme of PARC 3.0 (Pareti 2016) and PolNeAR (Newell et al. 2018); the kinds of
quotation are those of Redewiedergabe (Brunner et al. 2020).
"""

from annotate.core.attribution.cues import Cues
from annotate.core.attribution.find import find_attributions
from annotate.core.attribution.model import Attribution, Range
from annotate.core.prose import find_issued

__all__ = ["Attribution", "Cues", "Range", "find_attributions", "find_issued"]
