"""Gold: what all annotators agree on, and what an adjudicator decided where they do not."""
