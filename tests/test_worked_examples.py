"""Every worked example of domain §12, under its number, on SQLite and on PostgreSQL.

A row says under which policy, what is given and what must come of it; the stories are told in
`tests/examples.py`. `any` means every policy that is shipped, one after the other; a programme that
no shipped profile stands for is written there too. An example of several cases has a row for each;
rows beyond those of domain §12 are its nearest yes or no.
"""

from __future__ import annotations

from tests.examples import STORIES, play
from tests.kit import Ledger, scenario

NUMBERS = (
    *"T1 T3 T6 T7 T9 T10 T12 T13 T14 T16 T17 T18 T19 T20 T22 T23 T24".split(),
    *"S-1 S-2 S-3 S-4 S-5 S-6 S-7 S-8 S-15 S-16".split(),
    *"B1 B4 B7 B8 B9 B10 B12 B13 B14 B15 B16 B17 B20 B22".split(),
    *"K6 K7 K8 K9 K10 K11 K12 K16 K18 K19".split(),
    *"I1 I2 I3 I5 I6 I7 I10 I11 I12 I13 I14".split(),
)
"""The examples of domain §12."""

TIME = scenario(
    """
  id          | profile    | given                                       | expected
  T1          | cn-default | depart 08:00, serve 09:00-11:30, home 12:30 | 2 h 30 min (150)
  T3          | cn-default | serve 09:00-17:00, lunch 1 h                | 420 min
  T6          | cn-default | 20 min, 20 min, 20 min                      | 60 min
  T12         | cn-default | 09:00-12:00, 12:00-14:00                    | no overlap, 300 min
  T12 overlap | cn-default | 09:00-12:00, 11:59-14:00                    | overlap, 180 min
  T13         | cn-default | 22:00-02:00                                 | 120 and 120
""",
    id_as="example",
)

CHECKS = scenario(
    """
  id       | profile              | given            | expected
  T7 480   | guangdong-ivolunteer | day 480 min      | auto, 480 min
  T7 481   | guangdong-ivolunteer | day 481 min      | host review, 481 min
  T7 720   | guangdong-ivolunteer | day 720 min      | host review, 720 min
  T7 721   | guangdong-ivolunteer | day 721 min      | top-tier review, 721 min
  T9       | guangdong-ivolunteer | check-ins 4      | 3 counted, 1 too_many_check_ins
  T9 third | guangdong-ivolunteer | check-ins 3      | 3 counted
  T10 99   | guangdong-ivolunteer | participants 99  | self_check_in_not_allowed
  T10 100  | guangdong-ivolunteer | participants 100 | allowed, flagged self_check_in
""",
    id_as="example",
)

RECORDS = scenario(
    """
  id            | profile    | given                                 | expected
  T14 tenth day | cn-default | ended 2025-03-07, recorded 2025-03-21 | on time
  T14 the next  | cn-default | ended 2025-03-07, recorded 2025-03-24 | late
  T16           | cn-default | scheduled 180 min, backfill 240 min   | 180 counted, 60 not
  T16 within    | cn-default | scheduled 180 min, backfill 180 min   | 180 counted, 0 not
  T17 volunteer | cn-default | approver volunteer                    | self_recorded
  T17 recorder  | cn-default | approver recorder                     | recorder_is_approver
  T17 another   | cn-default | approver other                        | recorded
  T18           | cn-default | training 120 min                      | service +0, learning +120
  T19 class     | any        | class cleaning                        | not_volunteer_service
  T19 company   | any        | company meeting                       | not_volunteer_service
  T19 donation  | any        | donation                              | not_volunteer_service
  T19 service   | any        | visiting the old                      | recorded
""",
    id_as="example",
)

CERTIFICATES = scenario(
    """
  id            | profile    | given           | expected
  T20           | cn-default | was 300, is 240 | kept, -300 +240 = 240, organisation: 签退有误
  T22 content   | cn-default | without content | certificate_incomplete, 0 issued
  T22 time      | cn-default | without time    | certificate_incomplete, 0 issued
  T22 unit      | cn-default | without unit    | missing_field, 0 issued
  T22 all three | cn-default | with all three  | issued, 1 issued
  T23           | cn-default | was 300, is 240 | superseded, 300, current 240
  T23 not yet   | cn-default | was 300, is 300 | valid, 300, current 300
  T24           | cn-default | fee_cents 1     | certificate_is_free
  T24 free      | cn-default | fee_cents 0     | issued
""",
    id_as="example",
)

STARS = scenario(
    """
  id         | profile    | given                           | expected
  S-1        | cn-default | 99 h 59 min, holds 0★, for 1★   | eligible 0★, star_not_eligible
  S-2        | cn-default | 100 h 00 min, holds 0★, for 1★  | eligible 1★, applied
  S-3 short  | cn-default | 299 h 59 min, holds 1★, for 2★  | eligible 1★, star_not_eligible
  S-3        | cn-default | 300 h, holds 1★, for 2★         | eligible 2★, applied
  S-4 short  | cn-default | 599 h 59 min, holds 2★, for 3★  | eligible 2★, star_not_eligible
  S-4        | cn-default | 600 h, holds 2★, for 3★         | eligible 3★, applied
  S-5 short  | cn-default | 999 h 59 min, holds 3★, for 4★  | eligible 3★, star_not_eligible
  S-5        | cn-default | 1000 h, holds 3★, for 4★        | eligible 4★, applied
  S-6 short  | cn-default | 1499 h 59 min, holds 4★, for 5★ | eligible 4★, star_not_eligible
  S-6        | cn-default | 1500 h, holds 4★, for 5★        | eligible 5★, applied
  S-7        | cn-default | 1600 h, holds 3★, for 4★        | eligible 5★, applied
  S-7 a jump | cn-default | 1600 h, holds 3★, for 5★        | eligible 5★, star_out_of_sequence
  S-7 again  | cn-default | 1600 h, holds 3★, for 3★        | eligible 5★, star_out_of_sequence
  S-8        | cn-default | 1600 h, holds 0★                | eligible 5★, holds 0★
""",
    id_as="example",
)

DOWNGRADES = scenario(
    """
  id          | profile    | given                       | expected
  S-15        | cn-default | 100 h, 30 min, nothing      | 99 h 30 min, star_downgrade_proposed, 1★
  S-15 appeal | cn-default | 100 h, 30 min, an objection | 99 h 30 min, objection_filed, 1★
  S-15 mute   | cn-default | 100 h, 30 min, no reason    | 99 h 30 min, missing_field, 1★
  S-15 done   | cn-default | 100 h, 30 min, a reason     | 99 h 30 min, star_downgraded, 0★
  S-15 kept   | cn-default | 100 h, 30 min, dismissal    | 99 h 30 min, star_downgrade_dismissed, 1★
""",
    id_as="example",
)

PACKS = scenario(
    """
  id      | profile  | given                  | expected
  S-16    | nanchuan | 300 h, holds 2★        | sight tickets 1, bus card ¥20, health check ¥200
  S-16 1★ | nanchuan | 299 h 59 min, holds 1★ | sight tickets 1, bus card ¥10, health check ¥100
""",
    id_as="example",
)

SAVING = scenario(
    """
  id           | profile    | given              | expected
  B1           | cn-default | served 90 min      | +1.5 coins (90)
  B4           | nanjing    | 1499 h 30 min, 2 h | balance 1500 h 00 min, donated 1 h 30 min
  B4 just full | nanjing    | 1498 h, 2 h        | balance 1500 h 00 min, donated 0 h 00 min
  B13 redeems  | nanjing    | redeems 10 h       | group_donates_only, 600 left, 0 in the pool
  B13 donates  | nanjing    | donates 10 h       | allowed, 0 left, 600 in the pool
""",
    id_as="example",
)

PEOPLE_AND_TIME = scenario(
    """
  id            | profile  | given                              | expected
  B7            | beijing  | volunteer 59                       | age_gate_unmet
  B7 spouse too | beijing  | volunteer 59, spouse 59            | age_gate_unmet
  B7 at sixty   | beijing  | volunteer 60                       | allowed by age
  B8            | beijing  | volunteer 55, spouse 60            | allowed by spouse
  B9 mother     | beijing  | to mother                          | allowed, 60 arrived
  B9 friend     | beijing  | to friend                          | not_a_relative, 0 arrived
  B10           | shanghai | to friend                          | allowed, 60 arrived
  B12           | beijing  | 9999/9999, 10000/9999, 10000/10000 | no, no, entitled
""",
    id_as="example",
)

SPENDING = scenario(
    """
  id           | profile    | given                 | expected
  B14          | cn-default | balance 2 h, each 2 h | insufficient_time and reserved, balance 0
  B14 enough   | cn-default | balance 4 h, each 2 h | reserved and reserved, balance 0
  B15 code     | cn-default | code presented again  | already_captured, 1 debit, 240 left
  B15 capture  | cn-default | captured again by key | the same answer, 1 debit, 240 left
  B15 reserve  | cn-default | reserved again by key | the same answer, 1 debit, 240 left
  B16          | cn-default | gift 5 h              | A -300, B +300, sum 0, hours +0 +0
  B16 Beijing  | beijing    | gift 5 h              | A -300, B +300, sum 0, hours +0 +0
  B16 Shanghai | shanghai   | gift 5 h              | A -300, B +300, sum 0, hours +0 +0
  B20          | cn-default | redeem 2 h            | coins -2, hours +0, star 1★ to 1★
  B22          | cn-default | steps 10              | 0 after 10 of 10 steps
  B22 Nanjing  | nanjing    | steps 10              | 0 after 10 of 10 steps
  B22 Beijing  | beijing    | steps 10              | 0 after 10 of 10 steps
""",
    id_as="example",
)

MONEY = scenario(
    """
  id             | profile    | given              | expected
  B17 buy in     | cn-default | policy tb.buy_in   | policy_refused, +0
  B17 cash out   | cn-default | policy tb.cash_out | policy_refused, +0
  B17 interest   | cn-default | policy tb.interest | policy_refused, +0
  B17 for ¥1,000 | cn-default | coins              | no_starting_time, +0
  B17 unserved   | cn-default | deposit            | unknown_record, +0
  B17 goods      | cn-default | goods              | time_pays_service_only, +0
  B17 yuan       | cn-default | yuan               | bad_reward, +0
  B17 any way    | cn-default | names              | 0 of money
  B17 by itself  | cn-default | wait               | done, +0
""",
    id_as="example",
)

POINTS = scenario(
    """
  id               | profile    | given                              | expected
  K6               | huangshan  | ground mistake                     | not_reversible, 0 back
  K6 no goods      | huangshan  | ground cannot_supply               | not_reversible, 0 back
  K6 elsewhere     | cn-default | ground cannot_supply               | refunded, 200 back
  K7               | cn-default | lot 2023 10, lot 2024 10, spend 12 | 2023 lot 0, 2024 lot 8
  K8               | cn-default | +100 -80, reversed 50, then +0     | -30, spending_blocked
  K8 a point short | cn-default | +100 -80, reversed 50, then +29    | -1, spending_blocked
  K8 repaid        | cn-default | +100 -80, reversed 50, then +30    | 0, insufficient_points
  K8 earned again  | cn-default | +100 -80, reversed 50, then +31    | 1, spends
""",
    id_as="example",
)

LISTS = scenario(
    """
  id          | profile    | given              | expected
  K9          | cn-default | stock 1            | out_of_stock and reserved, points 2 and 3
  K9 enough   | cn-default | stock 2            | reserved and reserved, points 2 and 2
  K10         | cn-default | codes 3, settled 1 | 2 paid, rejected already_settled, 0 open
  K10 all new | cn-default | codes 3, settled 0 | 3 paid, 0 open
  K18         | shenzhen   | refuses            | consent_missing, 0 on the list, 100 h 00 min
  K18 agrees  | shenzhen   | agrees             | listed, 1 on the list, 100 h 00 min
""",
    id_as="example",
)

MERCHANTS = scenario(
    """
  id              | profile      | given                                    | expected
  K11 voucher     | cn-default   | asks voucher, consent no                 | 咖啡一杯, no name
  K11 profile     | cn-default   | asks profile, consent no                 | role_not_allowed
  K11 hours       | cn-default   | asks hours, consent no                   | role_not_allowed
  K11 no consent  | masked-names | asks voucher, consent no                 | 咖啡一杯, no name
  K11 consent     | masked-names | asks voucher, consent yes                | 咖啡一杯, 张*
  K11 hours still | masked-names | asks hours, consent yes                  | role_not_allowed
  K12 3★          | guangxi      | ticket 100, star 3★                      | ¥70
  K12 5★          | guangxi      | ticket 100, star 5★                      | ¥50
  K12 no star     | guangxi      | ticket 100, star 0★                      | ¥100
  K16 2 y 11 m    | plan-2016    | registered 2025-03-10, listed 2028-02-10 | credit_not_clean
  K16 a day less  | plan-2016    | registered 2025-03-10, listed 2028-03-09 | credit_not_clean
  K16 3 y         | plan-2016    | registered 2025-03-10, listed 2028-03-10 | eligible
""",
    id_as="example",
)

OBJECTIONS = scenario(
    """
  id           | profile  | given                                | expected
  K19 flag     | shanghai | 2026-03-09, flagged                  | open, by Tue 2026-03-10
  K19          | shanghai | 2026-03-09, decided                  | by Mon 2026-03-16
  K19 in time  | shanghai | 2026-03-09, decided 2026-03-16 23:59 | in time: yes
  K19 too late | shanghai | 2026-03-09, decided 2026-03-17 00:00 | in time: no
""",
    id_as="example",
)

INDICATORS = scenario(
    """
  id           | profile    | given                                 | expected
  I1 130,000   | cn-default | residents 1_000_000, supposed 130_000 | 13 %, not_met
  I1 130,001   | cn-default | residents 1_000_000, supposed 130_001 | 13.0001 %, met
  I1 13 of 100 | cn-default | residents 100, registered 13          | 13 %, not_met
  I1 14 of 100 | cn-default | residents 100, registered 14          | 14 %, met
  I2 100       | cn-default | staff 200, staff_registered 100       | 50 %, not_met
  I2 101       | cn-default | staff 200, staff_registered 101       | 50.5 %, met
  I3 45        | cn-default | members 50, members_registered 45     | 90 %, not_met
  I3 46        | cn-default | members 50, members_registered 46     | 92 %, met
""",
    id_as="example",
)

IDENTITY = scenario(
    """
  id             | profile    | given                    | expected
  I5             | cn-default | 11010519491231002X       | valid, kept as 11010519491231002X
  I5 wrong check | cn-default | 110105194912310021       | bad_identity_number
  I5 small x     | cn-default | 11010519491231002x       | valid, kept as 11010519491231002X
  I6             | cn-default | 440524188001010014       | valid, kept as 440524188001010014
  I7             | cn-default | 91110108551385082Q       | valid
  I7 wrong check | cn-default | 91110108551385082R       | bad_organisation_code
  I10 I          | cn-default | 9111010855138508IQ       | bad_organisation_code
  I10 O          | cn-default | 9111010855138508OQ       | bad_organisation_code
  I10 S          | cn-default | 9111010855138508SQ       | bad_organisation_code
  I10 V          | cn-default | 9111010855138508VQ       | bad_organisation_code
  I10 Z          | cn-default | 9111010855138508ZQ       | bad_organisation_code
  I11            | cn-default | 张三, 11010519491231002X | 张*, 110***********002X
  I12 13         | cn-default | age 13, guardian no      | guardian_consent_needed
  I12 13 agreed  | cn-default | age 13, guardian yes     | registered
  I12 14         | cn-default | age 14, guardian no      | registered
""",
    id_as="example",
)

PRIVACY = scenario(
    """
  id               | profile    | given                | expected
  I13 profile      | cn-default | erased, profile      | no name
  I13 certificate  | cn-default | erased, certificate  | unknown
  I13 entries      | cn-default | erased, entries      | kept, 5 h 00 min
  I13 saving       | cn-default | erased, saving       | party_not_active
  I13 spending     | cn-default | erased, spending     | party_not_active
  I13 serving      | cn-default | erased, serving      | party_not_active
  I13 name there   | cn-default | present, profile     | 张*
  I13 still valid  | cn-default | present, certificate | valid
  I13 still spends | cn-default | present, spending    | spent
  I14              | cn-default | without consent      | unknown_party, 0 logged after 3 years
  I14 consent      | cn-default | with consent         | 180 min, 1 logged after 3 years
""",
    id_as="example",
)
TABLES = (
    TIME,
    CHECKS,
    RECORDS,
    CERTIFICATES,
    STARS,
    DOWNGRADES,
    PACKS,
    SAVING,
    PEOPLE_AND_TIME,
    SPENDING,
    MONEY,
    POINTS,
    LISTS,
    MERCHANTS,
    OBJECTIONS,
    INDICATORS,
    IDENTITY,
    PRIVACY,
)


def number_of(row: str) -> str:
    """`T7` of `T7 481`."""
    return row.partition(" ")[0]


@TIME
def test_time_is_what_was_given(
    ledger: Ledger, example: str, profile: str, given: object, expected: object
) -> None:
    """Neither the way nor lunch; added, never rounded; split at midnight."""
    assert play(ledger, number_of(example), profile, str(given)) == str(expected)


@CHECKS
def test_long_days_and_check_ins(
    ledger: Ledger, example: str, profile: str, given: object, expected: object
) -> None:
    """What waits for whom, and who may check in how."""
    assert play(ledger, number_of(example), profile, str(given)) == str(expected)


@RECORDS
def test_records_are_true_and_in_time(
    ledger: Ledger, example: str, profile: str, given: object, expected: object
) -> None:
    """What is late, who may say so, what is learning, what is no service."""
    assert play(ledger, number_of(example), profile, str(given)) == str(expected)


@CERTIFICATES
def test_corrections_and_certificates(
    ledger: Ledger, example: str, profile: str, given: object, expected: object
) -> None:
    """What a correction keeps and what a certificate states."""
    assert play(ledger, number_of(example), profile, str(given)) == str(expected)


@STARS
def test_stars(ledger: Ledger, example: str, profile: str, given: object, expected: object) -> None:
    """Compared with at least; applied for in sequence."""
    assert play(ledger, number_of(example), profile, str(given)) == str(expected)


@DOWNGRADES
def test_downgrades(
    ledger: Ledger, example: str, profile: str, given: object, expected: object
) -> None:
    """A reversal proposes; the volunteer may object; a person decides and says why."""
    assert play(ledger, number_of(example), profile, str(given)) == str(expected)


@PACKS
def test_packs(ledger: Ledger, example: str, profile: str, given: object, expected: object) -> None:
    """A held star brings its own pack."""
    assert play(ledger, number_of(example), profile, str(given)) == str(expected)


@SAVING
def test_saving(
    ledger: Ledger, example: str, profile: str, given: object, expected: object
) -> None:
    """An hour a coin, up to the cap; groups only donate."""
    assert play(ledger, number_of(example), profile, str(given)) == str(expected)


@PEOPLE_AND_TIME
def test_who_may_redeem_and_be_given(
    ledger: Ledger, example: str, profile: str, given: object, expected: object
) -> None:
    """By age, by relation, by coins and hours."""
    assert play(ledger, number_of(example), profile, str(given)) == str(expected)


@SPENDING
def test_spending(
    ledger: Ledger, example: str, profile: str, given: object, expected: object
) -> None:
    """Once; without touching hours; sums stay zero."""
    assert play(ledger, number_of(example), profile, str(given)) == str(expected)


@MONEY
def test_time_is_not_money(
    ledger: Ledger, example: str, profile: str, given: object, expected: object
) -> None:
    """Refused, always: nobody has a coin more or fewer."""
    assert play(ledger, number_of(example), profile, str(given)) == str(expected)


@POINTS
def test_points(
    ledger: Ledger, example: str, profile: str, given: object, expected: object
) -> None:
    """Not refunded, spent oldest first, owed when taken back."""
    assert play(ledger, number_of(example), profile, str(given)) == str(expected)


@LISTS
def test_stock_settlement_and_the_credit_list(
    ledger: Ledger, example: str, profile: str, given: object, expected: object
) -> None:
    """One buyer of the last, one payment for a code, nobody against their will."""
    assert play(ledger, number_of(example), profile, str(given)) == str(expected)


@MERCHANTS
def test_merchants_discounts_and_clean_years(
    ledger: Ledger, example: str, profile: str, given: object, expected: object
) -> None:
    """What a merchant learns, what a star pays, who is clean."""
    assert play(ledger, number_of(example), profile, str(given)) == str(expected)


@OBJECTIONS
def test_objections(
    ledger: Ledger, example: str, profile: str, given: object, expected: object
) -> None:
    """Working days; the first is not counted."""
    assert play(ledger, number_of(example), profile, str(given)) == str(expected)


@INDICATORS
def test_indicators(
    ledger: Ledger, example: str, profile: str, given: object, expected: object
) -> None:
    """Strictly above the target."""
    assert play(ledger, number_of(example), profile, str(given)) == str(expected)


@IDENTITY
def test_identity(
    ledger: Ledger, example: str, profile: str, given: object, expected: object
) -> None:
    """Numbers, masks, ages."""
    assert play(ledger, number_of(example), profile, str(given)) == str(expected)


@PRIVACY
def test_privacy(
    ledger: Ledger, example: str, profile: str, given: object, expected: object
) -> None:
    """Erasure and sharing."""
    assert play(ledger, number_of(example), profile, str(given)) == str(expected)


def test_no_example_is_missing_and_none_is_made_up() -> None:
    rows = [row for table in TABLES for row in table.mark.kwargs["ids"]]
    assert len(rows) == len(set(rows)), "a row stands twice"
    assert set(map(number_of, rows)) == set(NUMBERS)
    assert set(STORIES) == set(NUMBERS)
