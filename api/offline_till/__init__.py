"""A reference till that works without a network (docs/offline.md).

    folder    what a till keeps, and keeps before it says valid
    judging   valid, or the one reason why not
    talking   the few requests it makes when there is a network

Nothing here opens a ledger: a till has its own key, the ledger's public one, and a token.
"""
