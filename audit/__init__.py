"""The offline verifier: shares no code with the ledger that it checks.

Two honest implementations of `docs/format.md` that agree are worth more than one used twice.
Read `verify.py` first: the procedure stands there as a numbered list. The other files are its
nouns, each beside its section of the format: `kinds` (2 and 3), `tree` (4), `note` (5),
`accounts` (6), `bundle` (7), and `canonical` for the few documents that are read as values.
"""
