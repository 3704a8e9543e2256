"""Webhooks: what an entry announces and to whom, where a message may go, and how it is signed.

Pure: looking names up, connecting and waiting are `api/webhook_delivery.py`'s, rows those of
`ledger/store/outbox.py`. Messages follow Standard Webhooks 1.0 (docs/webhooks.md).
"""
