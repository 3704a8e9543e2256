"""Every worked example of domain §12, under its number, on SQLite and on PostgreSQL.

A row says under which policy, what is given and what must come of it; the stories are told in
`tests/examples.py`. `any` means every policy that is shipped; a policy that no shipped profile
stands for is written there too. Rows beyond those of domain §12 are the nearest yes or no.
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
  id                   | profile             | given                                       | expected
  T1                   | cn-default          | depart 08:00, serve 09:00-11:30, home 12:30 | 2 h 30 min (150)
  T3                   | cn-default          | serve 09:00-17:00, lunch 1 h                | 420 min
  T6                   | cn-default          | 20 min, 20 min, 20 min                      | 60 min
  T7 480               | guangdong-ivolunteer | day 480 min                                | auto, 480 min
  T7 481               | guangdong-ivolunteer | day 481 min                                | host review, 481 min
  T7 720               | guangdong-ivolunteer | day 720 min                                | host review, 720 min
  T7 721               | guangdong-ivolunteer | day 721 min                                | top-tier review, 721 min
  T9 the third         | guangdong-ivolunteer | check-ins 3                                | counted, counted, counted
  T9                   | guangdong-ivolunteer | check-ins 4                                | counted, counted, counted, too_many_check_ins
  T10 99               | guangdong-ivolunteer | participants 99                            | self_check_in_not_allowed
  T10 100              | guangdong-ivolunteer | participants 100                           | allowed, flagged self_check_in
  T12                  | cn-default          | 09:00-12:00, 12:00-14:00                    | no overlap, no overlap, 300 min
  T12 a minute earlier | cn-default          | 09:00-12:00, 11:59-14:00                    | no overlap, overlap, 180 min
  T13                  | cn-default          | 22:00-02:00                                 | 2025-03-05 120, 2025-03-06 120
  T14 the tenth day    | cn-default          | ended 2025-03-07, recorded 2025-03-21       | on time
  T14 the Monday after | cn-default          | ended 2025-03-07, recorded 2025-03-24       | late
  T16                  | cn-default          | scheduled 180 min, backfill 240 min         | 180 counted, 60 not
  T16 within           | cn-default          | scheduled 180 min, backfill 180 min         | 180 counted, 0 not
  T17 the volunteer    | cn-default          | approver volunteer                          | self_recorded
  T17 the recorder     | cn-default          | approver recorder                           | recorder_is_approver
  T17 somebody else    | cn-default          | approver other                              | recorded
  T18                  | cn-default          | training 120 min                            | service +0, learning +120
  T19 class            | any                 | class cleaning                              | not_volunteer_service
  T19 company          | any                 | company meeting                             | not_volunteer_service
  T19 donation         | any                 | donation                                    | not_volunteer_service
  T19 service          | any                 | visiting the old                            | recorded
  T20                  | cn-default          | recorded 300 min, corrected 240 min         | original kept, -300, +240, balance 240, 签退时间有误, by the organisation
  T22 content          | cn-default          | without content                             | certificate_incomplete, 0 certificates
  T22 time             | cn-default          | without time                                | certificate_incomplete, 0 certificates
  T22 unit             | cn-default          | without unit                                | missing_field, 0 certificates
  T22 all three        | cn-default          | with all three                              | issued, 1 certificates
  T23                  | cn-default          | issued 300 min, corrected 240 min           | superseded, 300, current 240
  T23 uncorrected      | cn-default          | issued 300 min, corrected 300 min           | valid, 300, current 300
  T24                  | cn-default          | fee_cents 1                                 | certificate_is_free
  T24 free             | cn-default          | fee_cents 0                                 | issued
""",
    with_id=True,
)

STARS = scenario(
    """
  id             | profile    | given                                | expected
  S-1            | cn-default | 99 h 59 min, tries 1★                | eligible 0★, holds 0★, 1★ star_not_eligible
  S-2            | cn-default | 100 h 00 min, tries 1★               | eligible 1★, holds 0★, 1★ applied for
  S-3 299 h 59   | cn-default | 299 h 59 min, holds 1★, tries 2★     | eligible 1★, holds 1★, 2★ star_not_eligible
  S-3 300 h      | cn-default | 300 h, holds 1★, tries 2★            | eligible 2★, holds 1★, 2★ applied for
  S-4 599 h 59   | cn-default | 599 h 59 min, holds 2★, tries 3★     | eligible 2★, holds 2★, 3★ star_not_eligible
  S-4 600 h      | cn-default | 600 h, holds 2★, tries 3★            | eligible 3★, holds 2★, 3★ applied for
  S-5 999 h 59   | cn-default | 999 h 59 min, holds 3★, tries 4★     | eligible 3★, holds 3★, 4★ star_not_eligible
  S-5 1,000 h    | cn-default | 1000 h, holds 3★, tries 4★           | eligible 4★, holds 3★, 4★ applied for
  S-6 1,499 h 59 | cn-default | 1499 h 59 min, holds 4★, tries 5★    | eligible 4★, holds 4★, 5★ star_not_eligible
  S-6 1,500 h    | cn-default | 1500 h, holds 4★, tries 5★           | eligible 5★, holds 4★, 5★ applied for
  S-7            | cn-default | 1600 h, holds 3★, tries 3★ 5★ 4★     | eligible 5★, holds 3★, 3★ star_out_of_sequence, 5★ star_out_of_sequence, 4★ applied for
  S-8            | cn-default | 1600 h                               | eligible 5★, holds 0★
  S-15           | cn-default | holds 100 h, reversed 30 min         | 99 h 30 min, star_downgrade_proposed, 1★, objection_filed, missing_field, star_downgraded 重复记录, 0★
  S-16           | nanchuan   | 300 h, holds 2★                      | sight tickets 1, bus card ¥20, health check ¥200
  S-16 one star  | nanchuan   | 299 h 59 min, holds 1★               | sight tickets 1, bus card ¥10, health check ¥100
""",
    with_id=True,
)

TIME_BANK = scenario(
    """
  id               | profile    | given                            | expected
  B1               | cn-default | served 90 min                    | +1.5 coins (90)
  B4               | nanjing    | balance 1499 h 30 min, adds 2 h  | balance 1500 h 00 min, donated 1 h 30 min
  B4 just full     | nanjing    | balance 1498 h, adds 2 h         | balance 1500 h 00 min, donated 0 h 00 min
  B7               | beijing    | volunteer 59                     | age_gate_unmet
  B7 spouse too    | beijing    | volunteer 59, spouse 59          | age_gate_unmet
  B7 at sixty      | beijing    | volunteer 60                     | allowed by age
  B8               | beijing    | volunteer 55, spouse 60          | allowed by spouse
  B9 mother        | beijing    | to mother                        | allowed, 60 arrived
  B9 friend        | beijing    | to friend                        | not_a_relative, 0 arrived
  B10              | shanghai   | to friend                        | allowed, 60 arrived
  B12              | beijing    | 9999 coins 9999 h, 10000 coins 9999 h, 10000 coins 10000 h | no, no, entitled
  B13 redeems      | nanjing    | redeems 10 h                     | group_donates_only, 600 left, 0 in the pool
  B13 donates      | nanjing    | donates 10 h                     | allowed, 0 left, 600 in the pool
  B14              | cn-default | balance 2 h, each 2 h            | insufficient_time and reserved, balance 0
  B14 both         | cn-default | balance 4 h, each 2 h            | reserved and reserved, balance 0
  B15 code         | cn-default | code presented again             | already_captured, 1 debit of 60, 240 left
  B15 key          | cn-default | captured again with its key      | the same answer, 1 debit of 60, 240 left
  B15 reserved     | cn-default | reserved again with its key      | the same answer, 1 debit of 60, 240 left
  B16 cn-default   | cn-default | gift 5 h                         | A -300, B +300, sum 0, hours +0 +0
  B16 Beijing      | beijing    | gift 5 h                         | A -300, B +300, sum 0, hours +0 +0
  B16 Shanghai     | shanghai   | gift 5 h                         | A -300, B +300, sum 0, hours +0 +0
  B17 ¥1,000       | cn-default | buy_in                           | policy_refused, no_starting_time unknown_record, 0 other ways
  B17 cash out     | cn-default | cash_out                         | policy_refused, time_pays_service_only bad_reward, 0 other ways
  B17 interest     | cn-default | interest                         | policy_refused, 0 more after a year, 0 other ways
  B20              | cn-default | redeem 2 h                       | coins -2, hours +0, star 1★ to 1★
  B22 cn-default   | cn-default | steps 10                         | 0 after 10 of 10 steps
  B22 Nanjing      | nanjing    | steps 10                         | 0 after 10 of 10 steps
  B22 Beijing      | beijing    | steps 10                         | 0 after 10 of 10 steps
""",
    with_id=True,
)

POINTS = scenario(
    """
  id                 | profile         | given                                         | expected
  K6                 | huangshan       | ground mistake                                | not_reversible, 0 back
  K6 cannot supply   | huangshan       | ground cannot_supply                          | not_reversible, 0 back
  K6 elsewhere       | cn-default      | ground cannot_supply                          | refunded, 200 back
  K7                 | cn-default      | lot 2023 10, lot 2024 10, spend 12            | 2023 lot 0, 2024 lot 8
  K8                 | cn-default      | earned 100, spent 80, clawed_back 50          | -30, spending_blocked from -30, insufficient_points from 0, spends from 1
  K9                 | cn-default      | stock 1                                       | out_of_stock and reserved, points 2 and 3
  K9 enough          | cn-default      | stock 2                                       | reserved and reserved, points 2 and 2
  K10                | cn-default      | codes 3, settled_before 1                     | 2 paid, 1 rejected: already_settled; 3 settled in all, 0 open
  K10 none before    | cn-default      | codes 3, settled_before 0                     | 3 paid, 0 rejected: none; 3 settled in all, 0 open
  K11 the voucher    | cn-default      | asks voucher, consent no                      | 咖啡一杯, no name
  K11 name           | cn-default      | asks profile, consent no                      | role_not_allowed
  K11 hours          | cn-default      | asks hours, consent no                        | role_not_allowed
  K11 no consent     | masked-names    | asks voucher, consent no                      | 咖啡一杯, no name
  K11 consent        | masked-names    | asks voucher, consent yes                     | 咖啡一杯, 张*
  K11 hours anyway   | masked-names    | asks hours, consent yes                       | role_not_allowed
  K12 3★             | guangxi         | ticket 100, star 3★                           | ¥70
  K12 5★             | guangxi         | ticket 100, star 5★                           | ¥50
  K12 none           | guangxi         | ticket 100, star 0★                           | ¥100
  K16 2 y 11 m       | joint-plan-2016 | registered 2025-03-10, listed 2028-02-10      | credit_not_clean
  K16 a day short    | joint-plan-2016 | registered 2025-03-10, listed 2028-03-09      | credit_not_clean
  K16 3 y            | joint-plan-2016 | registered 2025-03-10, listed 2028-03-10      | eligible
  K18                | shenzhen        | refuses                                       | consent_missing, 0 on the list, 0 transmitted, hours +0
  K18 agrees         | shenzhen        | agrees                                        | listed, 1 on the list, 1 transmitted, hours +0
  K19                | shanghai        | filed 2026-03-09                              | flagged open by Tue 2026-03-10, decided by Mon 2026-03-16
  K19 in time        | shanghai        | filed 2026-03-09, decided 2026-03-16 23:59    | in time: yes
  K19 too late       | shanghai        | filed 2026-03-09, decided 2026-03-17 00:00    | in time: no
""",
    with_id=True,
)

PEOPLE = scenario(
    """
  id             | profile    | given                                          | expected
  I1 130,000     | cn-default | residents 1_000_000, supposed 130_000          | 13 %, not_met
  I1 130,001     | cn-default | residents 1_000_000, supposed 130_001          | 13.0001 %, met
  I1 13 of 100   | cn-default | residents 100, registered 13                   | 13 %, not_met
  I1 14 of 100   | cn-default | residents 100, registered 14                   | 14 %, met
  I2 100         | cn-default | staff 200, staff_registered 100                | 50 %, not_met
  I2 101         | cn-default | staff 200, staff_registered 101                | 50.5 %, met
  I3 45          | cn-default | members 50, members_registered 45              | 90 %, not_met
  I3 46          | cn-default | members 50, members_registered 46              | 92 %, met
  I5             | cn-default | 11010519491231002X                             | valid, kept as 11010519491231002X
  I5 wrong check | cn-default | 110105194912310021                             | bad_identity_number
  I5 small x     | cn-default | 11010519491231002x                             | valid, kept as 11010519491231002X
  I6             | cn-default | 440524188001010014                             | valid, kept as 440524188001010014
  I7             | cn-default | 91110108551385082Q                             | valid
  I10 I          | cn-default | 9111010855138508IQ                             | bad_organisation_code
  I10 O          | cn-default | 9111010855138508OQ                             | bad_organisation_code
  I10 S          | cn-default | 9111010855138508SQ                             | bad_organisation_code
  I10 V          | cn-default | 9111010855138508VQ                             | bad_organisation_code
  I10 Z          | cn-default | 9111010855138508ZQ                             | bad_organisation_code
  I11            | cn-default | 张三, 11010519491231002X                         | 张*, 110***********002X
  I12 13         | cn-default | age 13, guardian no                            | guardian_consent_needed
  I12 13 agreed  | cn-default | age 13, guardian yes                           | registered
  I12 14         | cn-default | age 14, guardian no                            | registered
  I13            | cn-default | erasure requested                              | profile erased, certificate unknown, entries kept, 300 min under the pseudonym, deposits: party_not_active, spends: party_not_active
  I13 nobody did | cn-default | nothing requested                              | profile 张*, certificate valid, entries kept, 300 min under the pseudonym, deposits: yes, spends: yes
  I14            | cn-default | without consent                                | unknown_party, 0 in the log after 3 years, kept 3 years at least
  I14 consent    | cn-default | with consent                                   | 180 min shared, 1 in the log after 3 years, kept 3 years at least
""",
    with_id=True,
)
TABLES = (TIME, STARS, TIME_BANK, POINTS, PEOPLE)


def number_of(row: str) -> str:
    """`T7` of `T7 481`."""
    return row.partition(" ")[0]


def comes_out(ledger: Ledger, row: str, profile: str, given: object, expected: object) -> None:
    assert play(ledger, number_of(row), profile, str(given)) == str(expected)


@TIME
def test_time_and_records(
    ledger: Ledger, id: str, profile: str, given: object, expected: object
) -> None:
    comes_out(ledger, id, profile, given, expected)


@STARS
def test_stars(ledger: Ledger, id: str, profile: str, given: object, expected: object) -> None:
    comes_out(ledger, id, profile, given, expected)


@TIME_BANK
def test_the_time_bank(
    ledger: Ledger, id: str, profile: str, given: object, expected: object
) -> None:
    comes_out(ledger, id, profile, given, expected)


@POINTS
def test_points_merchants_and_credit(
    ledger: Ledger, id: str, profile: str, given: object, expected: object
) -> None:
    comes_out(ledger, id, profile, given, expected)


@PEOPLE
def test_indicators_identity_and_privacy(
    ledger: Ledger, id: str, profile: str, given: object, expected: object
) -> None:
    comes_out(ledger, id, profile, given, expected)


def test_no_example_is_missing_and_none_is_made_up() -> None:
    rows = [row for table in TABLES for row in table.mark.kwargs["ids"]]
    assert len(rows) == len(set(rows))
    assert list(dict.fromkeys(map(number_of, rows))) == list(NUMBERS)
    assert set(STORIES) == set(NUMBERS)
