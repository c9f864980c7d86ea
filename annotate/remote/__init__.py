"""Suggesters behind an address: one request and answer (``endpoint``), and what both say (``contract``)."""
