"""Identity numbers, organisation codes, masks and ages (domain §12 I5–I12)."""

from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ledger.identity import (
    BadIdentityNumber,
    BadOrganisationCode,
    IdentityNumber,
    age_on,
    check_identity_number,
    check_organisation_code,
    mask_identity_number,
    mask_name,
)

EXAMPLE = "11010519491231002X"
ORGANISATION = "91110108551385082Q"
ORGANISATION_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

DATES = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def slow_identity_check(first: str) -> str:
    """GB 11643 by its definition: the check makes Σ aᵢ·2^(i−1) leave 1 modulo 11."""
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(first))
    for value, character in enumerate("0123456789X"):
        if (total + value) % 11 == 1:
            return character
    raise AssertionError("one of eleven values fits")


def slow_organisation_check(first: str) -> str:
    """GB 32100 by its definition: weights 3^(i−1) modulo 31, and the whole sum divisible by 31."""
    total = sum(
        ORGANISATION_ALPHABET.index(character) * 3**place for place, character in enumerate(first)
    )
    return ORGANISATION_ALPHABET[-total % 31]


NUMBERS = st.builds(
    lambda area, birth, order: f"{area:06d}{birth:%Y%m%d}{order:03d}",
    st.integers(0, 999_999),
    DATES,
    st.integers(0, 999),
).map(lambda first: first + slow_identity_check(first))
ORGANISATIONS = st.text(ORGANISATION_ALPHABET, min_size=17, max_size=17).map(
    lambda first: first + slow_organisation_check(first)
)


def test_i5_the_standards_own_example() -> None:
    checked = check_identity_number(EXAMPLE)
    assert checked == IdentityNumber(number=EXAMPLE, birth_date=date(1949, 12, 31))
    with pytest.raises(BadIdentityNumber):
        check_identity_number("110105194912310021")


def test_i5_a_small_x_is_for_the_caller_to_turn() -> None:
    with pytest.raises(BadIdentityNumber):
        check_identity_number("11010519491231002x")
    assert check_identity_number("11010519491231002x".upper()).number == EXAMPLE


def test_i6_the_standards_other_example() -> None:
    assert check_identity_number("440524188001010014").birth_date == date(1880, 1, 1)


@pytest.mark.parametrize(
    "text",
    ["", "X", EXAMPLE[:17], EXAMPLE + "0", " " + EXAMPLE, EXAMPLE + "\n", EXAMPLE[:17] + " ",
     "110105491231002", "X" + EXAMPLE[1:], "１" + EXAMPLE[1:], "١" + EXAMPLE[1:],
     "1_0105194912310021"[:18], "+1010519491231002X", "11010519491231002Ｘ"],
)  # fmt: skip
def test_another_shape_is_no_identity_number(text: str) -> None:
    with pytest.raises(BadIdentityNumber):
        check_identity_number(text)


def test_the_old_form_is_named() -> None:
    with pytest.raises(BadIdentityNumber, match="15 digits"):
        check_identity_number("110105491231002")


@pytest.mark.parametrize("born", ["19490229", "19000229", "20010431", "20011301", "20010001",
                                  "20010100", "00000101", "20010132"])  # fmt: skip
def test_a_birth_date_that_never_was_is_refused(born: str) -> None:
    first = f"110105{born}002"
    with pytest.raises(BadIdentityNumber, match="birth date"):
        check_identity_number(first + slow_identity_check(first))


@pytest.mark.parametrize("born", ["20000229", "20240229", "19491231"])
def test_a_birth_date_that_was_passes(born: str) -> None:
    first = f"110105{born}002"
    assert f"{check_identity_number(first + slow_identity_check(first)).birth_date:%Y%m%d}" == born


@settings(deadline=None)
@given(NUMBERS)
def test_every_number_made_by_the_definition_passes(number: str) -> None:
    checked = check_identity_number(number)
    assert checked.number == number
    assert f"{checked.birth_date:%Y%m%d}" == number[6:14]


@settings(deadline=None)
@given(NUMBERS, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_every_single_error_in_a_number_is_found(number: str, place: int, wrong: str) -> None:
    assume(number[place] != wrong)
    with pytest.raises(BadIdentityNumber):
        check_identity_number(number[:place] + wrong + number[place + 1 :])


@settings(deadline=None)
@given(st.text(max_size=20))
def test_whatever_stands_in_a_cell_is_a_number_or_refused(text: str) -> None:
    with pytest.raises(BadIdentityNumber):
        check_identity_number(text)
    with pytest.raises(BadOrganisationCode):
        check_organisation_code(text)


def test_a_number_never_shows_in_a_message_or_a_repr() -> None:
    assert "1949" not in repr(check_identity_number(EXAMPLE))
    with pytest.raises(BadIdentityNumber) as refused:
        check_identity_number("110105194912310021")
    assert "1949" not in str(refused.value)


def test_i7_an_organisations_code() -> None:
    assert check_organisation_code(ORGANISATION) == ORGANISATION


@pytest.mark.parametrize("letter", "IOSVZ")
@pytest.mark.parametrize("place", [0, 9, 17])
def test_i10_the_alphabet_has_no_i_o_s_v_z(letter: str, place: int) -> None:
    with pytest.raises(BadOrganisationCode):
        check_organisation_code(ORGANISATION[:place] + letter + ORGANISATION[place + 1 :])


@pytest.mark.parametrize(
    "text",
    ["", ORGANISATION[:17], ORGANISATION + "0", ORGANISATION.lower(), " " + ORGANISATION,
     ORGANISATION + "\n", "９" + ORGANISATION[1:], ORGANISATION[:17] + "R"],
)  # fmt: skip
def test_another_spelling_is_no_organisation_code(text: str) -> None:
    with pytest.raises(BadOrganisationCode):
        check_organisation_code(text)


def test_where_the_remainder_is_0_the_check_character_is_0() -> None:
    """Programs that compute 31 − 0 look past the end of the alphabet here."""
    assert check_organisation_code("0" * 18) == "0" * 18
    assert slow_organisation_check("A" + "0" * 12 + "0000") != "0"
    first = "8" + "0" * 15 + "8"
    for last in ORGANISATION_ALPHABET:
        candidate = first[:16] + last
        if slow_organisation_check(candidate) == "0":
            assert check_organisation_code(candidate + "0") == candidate + "0"
            break
    else:
        raise AssertionError("28 has an inverse modulo 31, so one character fits")


def test_the_digit_of_gb_11714_inside_is_not_tested() -> None:
    """Any 17 characters with the right last one pass, whatever the ninth inside says."""
    first = ORGANISATION[:16] + "0"
    code = first + slow_organisation_check(first)
    assert code != ORGANISATION
    assert check_organisation_code(code) == code


@settings(deadline=None)
@given(ORGANISATIONS)
def test_every_code_made_by_the_definition_passes(code: str) -> None:
    assert check_organisation_code(code) == code


@settings(deadline=None)
@given(ORGANISATIONS, st.integers(0, 17), st.sampled_from(ORGANISATION_ALPHABET))
def test_every_single_error_in_a_code_is_found(code: str, place: int, wrong: str) -> None:
    assume(code[place] != wrong)
    with pytest.raises(BadOrganisationCode):
        check_organisation_code(code[:place] + wrong + code[place + 1 :])


def test_i11_masks() -> None:
    assert mask_name("张三") == "张*"
    assert mask_identity_number(EXAMPLE) == "110***********002X"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("张三丰", "张*"), ("欧阳娜娜", "欧*"), ("张", "张*"), (" 张三 ", "张*"), ("Ana Li", "A*"),
     ("𠮷田", "𠮷*"), ("", ""), ("  ", "")],
)  # fmt: skip
def test_a_masked_name_does_not_tell_its_length(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize("number", ["", "1234567", EXAMPLE[:17], EXAMPLE + "0"])
def test_what_is_not_18_characters_long_is_not_half_shown(number: str) -> None:
    with pytest.raises(BadIdentityNumber):
        mask_identity_number(number)


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2010, 5, 20), date(2024, 5, 19), 13),
        (date(2010, 5, 20), date(2024, 5, 20), 14),
        (date(2010, 5, 20), date(2010, 5, 20), 0),
        (date(2010, 12, 31), date(2011, 1, 1), 0),
        (date(1960, 1, 31), date(2020, 1, 31), 60),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2024, 2, 29), 16),
        (date(2008, 2, 29), date(2024, 2, 28), 15),
    ],
)
def test_i12_a_year_is_completed_on_the_birthday(birth: date, day: date, age: int) -> None:
    """Born on 29 February: on 1 March where there is no 29th."""
    assert age_on(birth, day) == age


def test_nobody_is_younger_than_0() -> None:
    with pytest.raises(ValueError, match="before"):
        age_on(date(2010, 5, 20), date(2010, 5, 19))


@settings(deadline=None)
@given(DATES, st.integers(0, 120))
def test_the_day_before_a_birthday_is_a_year_younger(birth: date, years: int) -> None:
    assume((birth.month, birth.day) != (2, 29))
    birthday = birth.replace(year=birth.year + years)
    assert age_on(birth, birthday) == years
    assume(years > 0)
    assert age_on(birth, birthday.fromordinal(birthday.toordinal() - 1)) == years - 1
