"""Voucher codes: what is found wrong, and what may be typed sloppily."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ledger.codes import ALPHABET, BadCode, grouped, make_code, normalise

CODES = st.binary(min_size=6, max_size=6).map(make_code)
PLACES = st.integers(0, 9)


def power(exponent: int) -> int:
    """α to the power, by repeated multiplication in GF(32) with x⁵ + x² + 1."""
    value = 1
    for _ in range(exponent):
        value <<= 1
        if value >= 32:
            value ^= 0b100101
    return value


def product(one: int, other: int) -> int:
    """A product in GF(32), the slow way: shift, add, reduce."""
    total = 0
    for place in range(5):
        if other >> place & 1:
            total ^= one << place
    for place in range(9, 4, -1):
        if total >> place & 1:
            total ^= 0b100101 << (place - 5)
    return total


def test_the_alphabet_has_no_i_l_o_and_u() -> None:
    assert ALPHABET == "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@settings(deadline=None)
@given(CODES)
def test_the_weighted_sum_of_every_code_is_zero(code: str) -> None:
    total = 0
    for place, character in enumerate(code):
        total ^= product(power(place), ALPHABET.index(character))
    assert total == 0
    assert len(code) == 10


def test_codes_that_can_be_checked_by_hand() -> None:
    """All zeroes; and c₀ = 1, whose check is α to the power −9 = 22."""
    assert make_code(b"\0" * 6) == "0000000000"
    assert make_code((1).to_bytes(6, "big")) == "100000000" + ALPHABET[power(22)]
    assert product(power(9), power(22)) == 1


def test_every_character_of_a_code_depends_on_the_randomness() -> None:
    """The lowest 45 bits are the nine characters; the highest three are not used."""
    assert make_code(((1 << 45) - 1).to_bytes(6, "big"))[:9] == "Z" * 9
    assert make_code(b"\xe0" + b"\0" * 5) == "0" * 10


@pytest.mark.parametrize("count", [0, 5, 7])
def test_a_code_is_made_of_six_bytes(count: int) -> None:
    with pytest.raises(ValueError, match="6 random bytes"):
        make_code(b"x" * count)


@settings(deadline=None)
@given(CODES)
def test_every_code_is_read_as_itself_however_it_is_typed(code: str) -> None:
    assert normalise(code) == code
    assert normalise(code.lower()) == code
    assert normalise(grouped(code)) == code
    assert normalise(f"  {code[:3]} {code[3:6]}—{code[6:]}\r\n") == code
    assert normalise(code.replace("1", "I").replace("0", "O")) == code
    assert normalise(code.replace("1", "l").replace("0", "o")) == code
    assert normalise(code.replace("1", "i")) == code
    assert normalise(code.replace("1", "L")) == code


@settings(deadline=None)
@given(CODES, PLACES, st.sampled_from(ALPHABET))
def test_every_single_error_is_found(code: str, place: int, wrong: str) -> None:
    assume(code[place] != wrong)
    with pytest.raises(BadCode):
        normalise(code[:place] + wrong + code[place + 1 :])


@settings(deadline=None)
@given(CODES, st.integers(0, 8))
def test_every_swap_of_unequal_neighbours_is_found(code: str, place: int) -> None:
    assume(code[place] != code[place + 1])
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    with pytest.raises(BadCode):
        normalise(swapped)


def test_all_single_errors_and_swaps_of_one_code_are_found() -> None:
    """The check is linear, so what holds beside one code holds beside all."""
    code = make_code(bytes(range(1, 7)))
    wrong = [
        code[:place] + character + code[place + 1 :]
        for place in range(10)
        for character in ALPHABET
        if character != code[place]
    ]
    wrong += [
        code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        for place in range(9)
        if code[place] != code[place + 1]
    ]
    assert len(wrong) >= 310
    for each in wrong:
        with pytest.raises(BadCode):
            normalise(each)


@pytest.mark.parametrize(
    "text",
    ["", " ", "-" * 10, "000000000", "00000000000", "0" * 1000, "00000-0000", "U000000000",
     "u000000000", "00000_0000", "0000000000\0", "000000000０", "０" * 10, "000000000٠",
     "00000.0000",
     "000000000ı", "000000000ſ", "00000/0000", "000000000#", "000000000Ｉ"],
)  # fmt: skip
def test_what_is_no_code_is_refused(text: str) -> None:
    assert normalise("0000000000") == "0000000000"
    with pytest.raises(BadCode):
        normalise(text)


def test_a_u_is_refused_with_a_hint() -> None:
    with pytest.raises(BadCode, match="no U"):
        normalise("000000000U")


@settings(deadline=None)
@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_code_or_refused(text: str) -> None:
    try:
        code = normalise(text)
    except BadCode:
        return
    assert normalise(code) == code


def test_a_refusal_never_repeats_what_was_typed() -> None:
    for wrong in ("0000000001", "SECRET", "SECRET" * 20, "~SECRET~"):
        with pytest.raises(BadCode) as refused:
            normalise(wrong)
        assert wrong not in refused.value.sentence
        assert "SECRET" not in str(refused.value)


def test_a_code_is_shown_in_two_groups() -> None:
    assert grouped("0123456789") == "01234-56789"
