"""The command line: parse, call one flow, render, exit code. Nothing else."""
