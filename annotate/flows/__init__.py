"""One module per verb; the only layer that joins adapters."""
