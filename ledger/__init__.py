"""The ledger: what may be recorded, what it means, and the proof that it stayed.

Read in this order to see a whole write: `book`, `sequencer`, one file of `decide`, `chain`.

Pure files. They touch no database, no key, no clock and no environment, so the same
arguments always give the same answer, and an auditor can replay every decision:

    errors      Refused and its children: a stable code, a sentence, facts
    account     addresses, owners, assets and their units
    posting     an amount of an asset that leaves one account and arrives at another
    actions     everything that can be asked, one frozen dataclass each, one file a subject
    policy      a policy document becomes a frozen Policy; which one is in force where and when
    calendar    workdays, holidays, months and days of lapse
    periods     a day, week, month, quarter, year or any two dates as an interval
    ids         random ids as sixteen letters and digits
    rows        what the entries add up to, row by row
    standing    what the entries so far add up to, as far as a decision asks
    fold        what each kind of entry changes, one file a subject
    decide      one file a subject: parties, service, review, stars, points, credit, time bank,
                orders, rewards, settlement, objections, statements, certificates …
    identity    check characters of ID numbers and organisation codes
    codes       voucher codes and their check character
    voucher     signed vouchers, and what a till without a network signs
    cards       card numbers and PINs
    entry       fields become canonical bytes: the only encoding that is hashed
    chain       link(head, fields) becomes an Entry
    merkle      frontier, inclusion and consistency proofs of the RFC 6962 tree
    note        signed notes and checkpoints; takes a signer
    statement   a volunteer's records as a file that another ledger can check
    indicators  ratios, active rates and hours, from what was counted
    till_words  what a till says, in Chinese and in English
    practice    codes for training at a till, decided on made-up vouchers
    anomalies   patterns among records that an auditor should look into
    webhooks    what an entry announces and to whom, where messages go, how they are signed
    actors      who may make which kinds of entries
    replay      entries become the action that was asked, to decide it again
    simulation  what a draft policy would have changed on recorded history

The others:

    keys        Ed25519 signers and the files that hold them
    vault       personal data: seal, open, forget
    clock       the time that entries carry, and when it cannot be trusted
    sequencer   the queue and the group commit
    book        the one door: record(), standing(), history(), receipt()
    signer      one signer at a time; the head that is kept apart
    founding    making a ledger, and opening one that is there
    door        what needs both the vault and the book
    intake      files from other systems become actions
    export      the auditor's bundle
    policies    the rule sets that are shipped
    store       tables, engine, every SQL statement

This file imports nothing, so that naming a pure file never loads another.
`tests/test_import_law.py` holds all of this.
"""
