"""Policy: dated data that decides, read from a document people can read.

`read_policy` turns TOML into a checked document whose canonical form an entry can hold;
`policy_from_canonical` turns that form into a frozen `Policy`, so a replay needs neither the TOML
nor this repository's shipped files; `policy_in_force` chooses among the adopted ones.

Pure: no clock, no database, no configuration. Every parameter is one line of `parameters.py`;
`docs/policy.md` describes the document for those who write one.

| file | what |
|---|---|
| `parameters.py` | the schema: each parameter's name, shape, default, unit and rule |
| `rules.py` | `Policy`: the values and the arithmetic that only they decide |
| `document.py` | reading TOML and canonical form, contradictions |
| `force.py` | which adopted document decides |
| `shapes.py`, `words.py` | what a value may be |
| `reading.py`, `local_time.py` | tools: documents (calendars use them too), local days |
"""

from __future__ import annotations

from ledger.policy.document import (
    DEFAULT_BASIS,
    PolicyDocument,
    differences,
    policy_from_canonical,
    read_policy,
    scope_of,
)
from ledger.policy.force import Places, policy_in_force
from ledger.policy.local_time import months_after
from ledger.policy.parameters import ATTRIBUTES, PARAMETERS, Parameter
from ledger.policy.reading import (
    CANONICAL_BYTES_MAX,
    TEXT_CHARACTERS_MAX,
    TOML_BYTES_MAX,
    Canonical,
    PolicyRefused,
    checked,
    day,
    fits_an_entry,
    only_keys,
    parse_toml,
    table,
    text,
)
from ledger.policy.rules import NEVER, Policy, StarNeeds
from ledger.policy.shapes import (
    NAME,
    REGION,
    Flag,
    Fraction,
    Listed,
    MonthDay,
    Name,
    Pack,
    Packs,
    Rising,
    Shape,
    TimeZone,
    Weight,
    Weights,
    Whole,
    Word,
    Words,
    WordsListed,
)
from ledger.policy.words import (
    GRANT_GROUPS,
    GRANTING_TIERS,
    KINDS,
    NOT_SERVICE,
    NOT_TIME,
    RECEIVERS,
    RELATIONS,
    SERVICE_CATEGORIES,
)

__all__ = [
    "ATTRIBUTES",
    "CANONICAL_BYTES_MAX",
    "DEFAULT_BASIS",
    "GRANTING_TIERS",
    "GRANT_GROUPS",
    "KINDS",
    "NAME",
    "NEVER",
    "NOT_SERVICE",
    "NOT_TIME",
    "PARAMETERS",
    "RECEIVERS",
    "REGION",
    "RELATIONS",
    "SERVICE_CATEGORIES",
    "TEXT_CHARACTERS_MAX",
    "TOML_BYTES_MAX",
    "Canonical",
    "Flag",
    "Fraction",
    "Listed",
    "MonthDay",
    "Name",
    "Pack",
    "Packs",
    "Parameter",
    "Places",
    "Policy",
    "PolicyDocument",
    "PolicyRefused",
    "Rising",
    "Shape",
    "StarNeeds",
    "TimeZone",
    "Weight",
    "Weights",
    "Whole",
    "Word",
    "Words",
    "WordsListed",
    "checked",
    "day",
    "differences",
    "fits_an_entry",
    "months_after",
    "only_keys",
    "parse_toml",
    "policy_from_canonical",
    "policy_in_force",
    "read_policy",
    "scope_of",
    "table",
    "text",
]
