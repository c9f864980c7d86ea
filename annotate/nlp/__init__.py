"""spaCy components that suggest labels, and the runner that calls any pipeline."""
