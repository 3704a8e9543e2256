"""The door: what stands between a request and `book.record`.

Whatever needs the vault, a fresh id, randomness or somebody's authority happens here, so that a
decision gets ids, digests and attested answers only. It knows no HTTP: the API, the pages and the
command line all come in through it.

`asking`   who asks, for which request
`tree`     who may act for whom
`people`   registrations, relations, suspension, leaving, forgetting
`service`  records, singly and in batches
`credit`   consent, the credit list, who brings a newcomer
`time_bank`, `vouchers`, `tokens`, `documents`
"""
