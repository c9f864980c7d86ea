"""Pure values and functions: offsets, ids, model, scheme, dates, ledger. Standard library only, no I/O."""
