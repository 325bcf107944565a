"""Measurements: each one command with ``--json``, each against a peer or a floor in the same run."""
