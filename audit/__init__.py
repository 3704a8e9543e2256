"""The offline verifier: shares no code with the ledger that it checks."""
