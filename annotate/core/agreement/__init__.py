"""Agreement between annotators, from the rows of a dataset: pure, so that every report counts alike."""

from annotate.core.agreement.rows import AgreementRow, Coverage, Disagreement
from annotate.core.agreement.table import agreement, coverage, disagreements

__all__ = ["AgreementRow", "Coverage", "Disagreement", "agreement", "coverage", "disagreements"]
