"""What a study holds on disk: configuration, ledger, snapshots, built files, locks, secrets."""
