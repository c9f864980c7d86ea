"""Source-criticism annotation on Doccano: sources in, people label, traceable datasets out."""

__version__ = "0.1.0"
