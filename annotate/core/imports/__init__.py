"""Labels that other tools made: what files say, where it stands in this study, what the ledger notes."""
