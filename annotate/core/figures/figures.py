"""All chapters of a report, in their order."""

from __future__ import annotations

from annotate.core.figures.agreement import agreement_section
from annotate.core.figures.coverage import coverage_section
from annotate.core.figures.dates import dates_section
from annotate.core.figures.drift import drift_section
from annotate.core.figures.fates import fates_section
from annotate.core.figures.labels import labels_section
from annotate.core.figures.material import Material
from annotate.core.figures.problems import problems_section
from annotate.core.figures.progress import progress_section
from annotate.core.figures.sheets import Section


def figures(material: Material) -> tuple[Section, ...]:
    """Every chapter; one without anything to show says why."""
    return (
        progress_section(material),
        labels_section(material),
        agreement_section(material.agreement, material.why_no_agreement),
        fates_section(material),
        dates_section(material),
        coverage_section(material),
        drift_section(material),
        problems_section(material),
    )
