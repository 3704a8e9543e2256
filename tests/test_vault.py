"""The vault: sealed, found by number, claimed once, read in the open, and able to forget."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table, func, make_url, select

import migrations.vault
from ledger.ids import is_id, new_id
from ledger.vault import Claimed, SealBroken, Vault, VaultUnusable, VolunteerClaim
from ledger.vault import store as tables
from ledger.vault.claims import age_verdict, birth_date
from ledger.vault.seal import Sealer
from tests.postgres import PostgresServer

ROOT = Path(__file__).resolve().parent.parent
MASTER = bytes(range(32))
INDEX = bytes(range(32, 64))
NOON = 1_790_000_000_000

ANA = VolunteerClaim(number="V1", identity_number="110101196003070012", name="安娜")
BO = VolunteerClaim(number="V2", identity_number="110101201203070038", name="Bo Li")


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A vault that was made and never opened."""
    if request.param == "sqlite":
        made = f"sqlite:///{tmp_path / 'vault.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        made = server.create_database()
    migrations.vault.upgrade(made)
    return made


@pytest.fixture
def vault(url: str) -> Iterator[Vault]:
    opened = Vault.open(url, master_key=MASTER, index_key=INDEX)
    yield opened
    opened.close()


@pytest.fixture
def file_vault(tmp_path: Path) -> Iterator[Vault]:
    """A vault in `vault.db` of this test's folder."""
    made = f"sqlite:///{tmp_path / 'vault.db'}"
    migrations.vault.upgrade(made)
    opened = Vault.open(made, master_key=MASTER, index_key=INDEX)
    yield opened
    opened.close()


def claim(vault: Vault, *wanted: VolunteerClaim) -> list[Claimed]:
    with vault.claims(persist=True, at=NOON) as claims:
        return claims.volunteers(wanted)


def person(number: str | None, identity: str) -> VolunteerClaim:
    return VolunteerClaim(number=number, identity_number=identity, name=f"name of {identity}")


def read(vault: Vault, subject: str, *fields: str) -> dict[str, str]:
    return vault.read(subject, fields, by="console", purpose="operation", at=NOON)


def rows(vault: Vault, table: Table) -> int:
    with vault.store.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def everything(vault: Vault) -> dict[str, int]:
    return {name: rows(vault, table) for name, table in tables.tables.tables.items()}


# Ids


def test_an_id_is_its_eighty_bits_in_sixteen_characters() -> None:
    assert new_id(bytes(10)) == "0" * 16
    assert new_id(bytes(9) + b"\x1f") == "0" * 15 + "z"
    assert new_id(b"\xff" * 10) == "z" * 16
    assert is_id("0123456789abcdef")


@pytest.mark.parametrize(
    "text", ["", "0" * 15, "0" * 17, "0" * 15 + "u", "Z" * 16, "0" * 16 + "\n"]
)
def test_what_has_another_form_is_no_id(text: str) -> None:
    assert not is_id(text)


def test_an_id_needs_exactly_ten_bytes() -> None:
    with pytest.raises(ValueError, match="10 bytes"):
        new_id(bytes(9))


# Sealing


def test_a_field_opens_only_for_its_person_and_its_name() -> None:
    sealer = Sealer(master_key=MASTER, index_key=INDEX)
    wrapped, ana = sealer.new_person("ana")
    sealed = ana.seal_field("name", "安娜")

    assert sealer.person("ana", wrapped).open_field("name", sealed) == "安娜"
    with pytest.raises(SealBroken):
        ana.open_field("phone", sealed)
    with pytest.raises(SealBroken):
        sealer.new_person("bo")[1].open_field("name", sealed)
    with pytest.raises(SealBroken):
        sealer.person("bo", wrapped)


def test_a_sealed_field_of_another_version_or_length_does_not_open() -> None:
    _, ana = Sealer(master_key=MASTER, index_key=INDEX).new_person("ana")
    sealed = ana.seal_field("name", "Ana")

    for changed in (b"\x02" + sealed[1:], sealed[:-1], sealed[:5], b"", sealed + b"\0"):
        with pytest.raises(SealBroken):
            ana.open_field("name", changed)


def test_sealing_one_value_twice_shows_no_likeness_but_its_index_value_is_the_same() -> None:
    sealer = Sealer(master_key=MASTER, index_key=INDEX)
    _, ana = sealer.new_person("ana")

    assert ana.seal_field("name", "Ana") != ana.seal_field("name", "Ana")
    assert sealer.blind("staff", "number", "S1") == sealer.blind("staff", "number", "S1")
    assert sealer.blind("staff", "number", "S1") != sealer.blind("volunteer", "number", "S1")
    assert sealer.blind("staff", "number", "S1") != sealer.blind("staff", "name", "S1")


def test_the_index_value_is_the_documented_one() -> None:
    expected = hmac.digest(INDEX, b"volunteer\0number\0V1", "sha256")
    assert Sealer(master_key=MASTER, index_key=INDEX).blind("volunteer", "number", "V1") == expected


def test_a_name_that_could_move_the_border_between_parts_is_refused() -> None:
    sealer = Sealer(master_key=MASTER, index_key=INDEX)
    for kind, field in [("volunteer\0number", "x"), ("volunteer", ""), ("Volunteer", "number")]:
        with pytest.raises(ValueError, match="not a name"):
            sealer.blind(kind, field, "V1")


@pytest.mark.parametrize(("master", "index"), [(31, 32), (32, 33), (0, 32)])
def test_keys_of_another_length_are_refused(master: int, index: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(master_key=b"m" * master, index_key=b"i" * index)


def test_one_key_cannot_serve_as_both() -> None:
    with pytest.raises(ValueError, match="differ"):
        Sealer(master_key=MASTER, index_key=MASTER)


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])),
        st.text(st.characters(exclude_categories=["Cs"])),
    )
)
def test_every_text_opens_to_what_was_sealed(fields: dict[str, str]) -> None:
    sealer = Sealer(master_key=MASTER, index_key=INDEX)
    digest, wrapped, sealed = sealer.seal_text(fields)

    assert digest == hashlib.sha256(sealed).hexdigest()
    assert sealer.open_text(digest, wrapped, sealed) == fields


def test_a_text_opens_with_no_key_but_the_one_it_commits_to() -> None:
    """Even whoever holds the master key cannot put another key behind a digest."""
    sealer = Sealer(master_key=MASTER, index_key=INDEX)
    digest, _, sealed = sealer.seal_text({"reason": "late"})
    place = b"\x01" + b"".join(
        len(part).to_bytes(4, "big") + part
        for part in (b"sidereal/vault/text-key", digest.encode())
    )
    forged = b"\x01" + bytes(12) + AESGCM(MASTER).encrypt(bytes(12), b"k" * 32, place)

    with pytest.raises(SealBroken, match="another key"):
        sealer.open_text(digest, forged, sealed)


# Opening


def test_the_migration_makes_the_tables_that_the_vault_uses(vault: Vault) -> None:
    with vault.store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "vault_version"})
        assert compare_metadata(context, tables.tables) == []


def test_migrating_twice_changes_nothing(url: str) -> None:
    first = Vault.open(url, master_key=MASTER, index_key=INDEX)
    [ana] = claim(first, ANA)
    first.close()

    migrations.vault.upgrade(url)

    again = Vault.open(url, master_key=MASTER, index_key=INDEX)
    assert read(again, ana.id, "name") == {"name": "安娜"}
    again.close()


@pytest.mark.parametrize(
    ("master", "index"), [(b"x" * 32, INDEX), (MASTER, b"x" * 32)], ids=["master", "index"]
)
def test_a_vault_opens_with_no_other_keys(url: str, master: bytes, index: bytes) -> None:
    Vault.open(url, master_key=MASTER, index_key=INDEX).close()
    with pytest.raises(VaultUnusable, match="not this vault's keys"):
        Vault.open(url, master_key=master, index_key=index)


def test_a_vault_without_its_canary_does_not_take_new_keys(vault: Vault, url: str) -> None:
    claim(vault, ANA)
    with vault.store.engine.begin() as connection:
        connection.execute(tables.canary.delete())
    with pytest.raises(VaultUnusable, match="canary"):
        Vault.open(url, master_key=b"x" * 32, index_key=INDEX)


def test_a_missing_vault_is_not_made_again_in_silence(tmp_path: Path) -> None:
    with pytest.raises(VaultUnusable, match="no vault"):
        Vault.open(f"sqlite:///{tmp_path / 'vault.db'}", master_key=MASTER, index_key=INDEX)
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_the_tables_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vault.db").touch()
    with pytest.raises(VaultUnusable, match="migrations"):
        Vault.open(f"sqlite:///{tmp_path / 'vault.db'}", master_key=MASTER, index_key=INDEX)


def test_a_server_that_may_lose_what_it_committed_is_refused(postgres: PostgresServer) -> None:
    made = postgres.create_database()
    migrations.vault.upgrade(made)
    forgetful = make_url(made).update_query_dict({"options": "-c synchronous_commit=off"})
    with pytest.raises(VaultUnusable, match="synchronous_commit"):
        Vault.open(
            forgetful.render_as_string(hide_password=False), master_key=MASTER, index_key=INDEX
        )


def test_only_the_owner_may_read_any_file_of_the_vault(file_vault: Vault, tmp_path: Path) -> None:
    claim(file_vault, ANA)
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert files == dict.fromkeys(
        ["vault.db", "vault.db-shm", "vault.db-wal", "vault.db.lock"], 0o600
    )


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    made = f"sqlite:///{tmp_path / 'vault.db'}"
    migrations.vault.upgrade(made)
    (tmp_path / "vault.db").chmod(0o644)
    Vault.open(made, master_key=MASTER, index_key=INDEX).close()
    assert stat.S_IMODE((tmp_path / "vault.db").stat().st_mode) == 0o600


def test_a_link_is_not_a_vault(tmp_path: Path) -> None:
    migrations.vault.upgrade(f"sqlite:///{tmp_path / 'real.db'}")
    (tmp_path / "vault.db").symlink_to(tmp_path / "real.db")
    with pytest.raises(VaultUnusable, match="plain file"):
        Vault.open(f"sqlite:///{tmp_path / 'vault.db'}", master_key=MASTER, index_key=INDEX)


# Claims


def test_a_pair_seen_before_is_the_same_volunteer(vault: Vault) -> None:
    first, second, same_call = claim(vault, ANA, BO, ANA)
    [again] = claim(vault, ANA)

    assert is_id(first.id)
    assert (first.fresh, second.fresh, same_call.fresh, again.fresh) == (True, True, False, False)
    assert first.id == same_call.id == again.id != second.id
    assert first.conflicts == second.conflicts == again.conflicts == ()


def test_the_first_name_stands(vault: Vault) -> None:
    [ana] = claim(vault, ANA)
    claim(vault, VolunteerClaim(number="V1", identity_number=ANA.identity_number, name="X"))
    assert read(vault, ana.id, "name", "number", "phone") == {"name": "安娜", "number": "V1"}


def test_rows_of_one_call_see_each_other_both_ways(vault: Vault) -> None:
    """V1 is claimed with A, then with B; B also with V3. Only V9 with C is nobody's rival."""
    one, two, three, alone = claim(
        vault, person("V1", "A"), person("V1", "B"), person("V3", "B"), person("V9", "C")
    )
    assert one.conflicts == (two.id,)
    assert two.conflicts == tuple(sorted((one.id, three.id)))
    assert three.conflicts == (two.id,)
    assert alone.conflicts == ()


def test_a_later_session_sees_the_candidates_of_an_earlier_one(vault: Vault) -> None:
    [one] = claim(vault, person("V1", "A"))
    [by_number] = claim(vault, person("V1", "B"))
    [by_identity] = claim(vault, person("V3", "A"))
    [again] = claim(vault, person("V1", "A"))

    assert by_number.conflicts == (one.id,)
    assert by_identity.conflicts == (one.id,)
    assert again.id == one.id
    assert again.conflicts == tuple(sorted((by_number.id, by_identity.id)))


def test_having_no_number_is_another_number(vault: Vault) -> None:
    unnumbered, same, numbered, stranger = claim(
        vault, person(None, "A"), person(None, "A"), person("V1", "A"), person(None, "B")
    )
    assert same.id == unnumbered.id != numbered.id
    assert unnumbered.conflicts == (numbered.id,)
    assert numbered.conflicts == (unnumbered.id,)
    assert stranger.conflicts == ()
    assert claim(vault, person(None, "A"))[0].id == unnumbered.id


def test_a_number_and_an_identity_number_that_look_alike_are_no_rivals(vault: Vault) -> None:
    one, two = claim(vault, person("A", "B"), person("B", "A"))
    assert one.conflicts == two.conflicts == ()


def test_others_are_known_by_their_key_alone_within_their_kind(vault: Vault) -> None:
    with vault.claims(persist=True, at=NOON) as claims:
        one, two, same = claims.others(
            "staff", [("S1", {"name": "Lin"}), ("S2", {}), ("S1", {"name": "Wu"})]
        )
        [activity] = claims.others("activity", [("S1", {"title": "help"})])
        [again] = claims.others("staff", [("S1", {})])
    assert one.id == same.id == again.id
    assert len({one.id, two.id, activity.id}) == 3
    assert (one.fresh, same.fresh, again.fresh) == (True, False, False)
    assert read(vault, one.id, "name", "number") == {"name": "Lin", "number": "S1"}
    assert vault.find("staff", "number", "S1") == [one.id]
    assert vault.find("activity", "number", "S1") == [activity.id]


def test_an_organisation_is_found_by_its_code(vault: Vault) -> None:
    with vault.claims(persist=True, at=NOON) as claims:
        [house] = claims.others("organisation", [("91350100M000100Y43", {"name": "House"})])
    assert vault.find("organisation", "organisation_code", "91350100M000100Y43") == [house.id]


def test_volunteers_are_not_claimed_by_one_key(vault: Vault) -> None:
    with (
        vault.claims(persist=True, at=NOON) as claims,
        pytest.raises(ValueError, match="two numbers"),
    ):
        claims.others("volunteer", [("V1", {})])


def test_a_claim_without_an_identity_number_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="identity number"):
        VolunteerClaim(number="V1", identity_number="", name="x")
    with pytest.raises(ValueError, match="arguments of their own"):
        VolunteerClaim(number="V1", identity_number="A", name="x", fields={"number": "V2"})


def shape(answers: Sequence[Claimed], seen: dict[str, int]) -> list[tuple[int, bool, list[int]]]:
    """The answers with ids replaced by the order in which they were first seen."""
    for answer in answers:
        seen.setdefault(answer.id, len(seen))
    return [(seen[a.id], a.fresh, sorted(seen[c] for c in a.conflicts)) for a in answers]


def test_a_dry_run_answers_alike_and_writes_nothing(vault: Vault) -> None:
    calls = [
        [person("V1", "A"), person("V1", "B")],
        [person("V1", "A"), person("V2", "B"), person(None, "B")],
    ]
    before = everything(vault)
    answers = []
    for persist in (False, True):
        seen: dict[str, int] = {}
        with vault.claims(persist=persist, at=NOON) as claims:
            answers.append([shape(claims.volunteers(call), seen) for call in calls])
            staff = claims.others("staff", [("S1", {}), ("S1", {})])
            assert [one.fresh for one in staff] == [True, False]
            assert claims.others("staff", [("S1", {})])[0].id == staff[0].id
            assert len(claims.seal_texts([{"reason": "late"}])[0]) == 64
        if not persist:
            assert everything(vault) == before
    assert answers[0] == answers[1]


def test_a_dry_run_knows_what_the_vault_holds(vault: Vault) -> None:
    [ana] = claim(vault, ANA)
    with vault.claims(persist=False, at=NOON) as claims:
        same, rival = claims.volunteers([ANA, person("V1", "B")])
    assert same == Claimed(id=ana.id, fresh=False, conflicts=(rival.id,))
    assert rival.conflicts == (ana.id,)


def test_a_dry_run_attests_ages_of_its_own_candidates(vault: Vault) -> None:
    [ana] = claim(vault, ANA)
    with vault.claims(persist=False, at=NOON) as claims:
        [bo] = claims.volunteers([BO])
        on = date(2026, 3, 6)
        assert claims.attest_ages([ana.id, bo.id], 14, on) == {ana.id: "met", bo.id: "unmet"}


def test_a_candidate_is_in_the_vault_before_the_session_ends(vault: Vault, url: str) -> None:
    other = Vault.open(url, master_key=MASTER, index_key=INDEX)
    with vault.claims(persist=True, at=NOON) as claims:
        [ana] = claims.volunteers([ANA])
        assert read(other, ana.id, "name") == {"name": "安娜"}
        assert read(vault, ana.id, "name") == {"name": "安娜"}
    other.close()


def test_one_session_waits_for_another_vault_or_thread(vault: Vault, url: str) -> None:
    """A second process is played by a second open vault."""
    other = Vault.open(url, master_key=MASTER, index_key=INDEX)
    said: list[str] = []

    def wait(which: Vault) -> None:
        with which.claims(persist=True, at=NOON) as claims:
            said.append(claims.volunteers([ANA])[0].id)

    waiting = [threading.Thread(target=wait, args=[which]) for which in (vault, vault, other)]
    with vault.claims(persist=True, at=NOON) as claims:
        for thread in waiting:
            thread.start()
        waiting[-1].join(timeout=0.2)
        assert said == []
        [ana] = claims.volunteers([ANA])
    for thread in waiting:
        thread.join(timeout=20)
    assert said == [ana.id] * 3
    other.close()


HOLD_FOR_EVER = """
import sys, threading
from ledger.vault import Vault
vault = Vault.open(sys.argv[1], master_key=bytes(range(32)), index_key=bytes(range(32, 64)))
with vault.claims(persist=True, at=0):
    print("held", flush=True)
    threading.Event().wait()
"""


def test_a_killed_process_lets_go_of_the_lock(vault: Vault, url: str) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD_FOR_EVER, url], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"held\n"
    said: list[Claimed] = []
    waiting = threading.Thread(target=lambda: said.extend(claim(vault, ANA)))
    waiting.start()
    waiting.join(timeout=0.2)
    assert said == []

    child.kill()
    child.communicate()

    waiting.join(timeout=20)
    assert [one.fresh for one in said] == [True]


def test_many_may_open_a_new_vault_at_once(url: str) -> None:
    opened: list[Vault] = []

    def open_it() -> None:
        opened.append(Vault.open(url, master_key=MASTER, index_key=INDEX))

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 6
    assert rows(opened[0], tables.canary) == 1
    for one in opened:
        one.close()


def test_a_session_inside_a_session_is_an_error_not_a_standstill(vault: Vault) -> None:
    with (
        vault.claims(persist=True, at=NOON),
        pytest.raises(RuntimeError, match="already holds"),
        vault.claims(persist=True, at=NOON),
    ):
        pass
    assert claim(vault, ANA)[0].fresh


def test_a_session_that_ended_claims_no_more(vault: Vault) -> None:
    with vault.claims(persist=True, at=NOON) as claims:
        claims.volunteers([ANA])
    with pytest.raises(RuntimeError, match="ended"):
        claims.volunteers([ANA])
    with pytest.raises(RuntimeError, match="ended"):
        claims.others("staff", [("S1", {})])


def test_everything_else_goes_on_while_a_session_is_open(vault: Vault) -> None:
    ana, bo = claim(vault, ANA, BO)
    with vault.claims(persist=True, at=NOON):
        assert vault.find("volunteer", "number", "V1") == [ana.id]
        assert vault.open_text(vault.seal_text({"reason": "x"}, at=NOON)) == {"reason": "x"}
        assert vault.forget(ana.id)
        assert read(vault, bo.id, "name") == {"name": "Bo Li"}


def test_the_lock_is_free_after_a_session_that_failed(vault: Vault) -> None:
    with pytest.raises(ZeroDivisionError), vault.claims(persist=True, at=NOON):
        raise ZeroDivisionError
    assert claim(vault, ANA)[0].fresh


def test_a_failed_write_leaves_no_id_behind(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_: object) -> None:
        raise OSError("disk full")

    with vault.claims(persist=True, at=NOON) as claims:
        with monkeypatch.context() as patched:
            patched.setattr(vault.store, "add_subjects", crash)
            with pytest.raises(OSError, match="disk full"):
                claims.volunteers([ANA])
        [ana] = claims.volunteers([ANA])
    assert ana.fresh
    assert read(vault, ana.id, "name") == {"name": "安娜"}


def test_a_sweep_takes_old_candidates_that_no_entry_registered(vault: Vault) -> None:
    ana, rival, bo = claim(vault, ANA, person("V1", "B"), BO)
    asked: list[str] = []

    def is_registered(ids: Sequence[str]) -> set[str]:
        asked.extend(ids)
        return {ana.id}

    assert vault.sweep(is_registered, older_than_ms=NOON) == 0
    assert asked == []
    assert vault.sweep(is_registered, older_than_ms=NOON + 1) == 2
    assert sorted(asked) == sorted([ana.id, rival.id, bo.id])
    assert vault.find("volunteer", "number", "V1") == [ana.id]
    assert read(vault, bo.id, "name") == {}


def test_a_sweep_reaches_past_what_it_asks_at_once(vault: Vault) -> None:
    people = claim(vault, *(person(f"V{n}", f"ID{n}") for n in range(1_500)))
    kept = {one.id for one in people[::2]}
    assert vault.sweep(lambda ids: kept & set(ids), NOON + 1) == 750
    assert rows(vault, tables.subjects) == 750


def test_a_sweep_takes_texts_that_no_entry_names(vault: Vault) -> None:
    kept, orphan = vault.seal_texts([{"reason": "a"}, {"reason": "b"}], at=NOON)
    assert vault.sweep_texts(lambda _: {kept}, NOON) == 0
    assert vault.sweep_texts(lambda _: {kept}, NOON + 1) == 1
    assert vault.open_texts([kept, orphan]) == {kept: {"reason": "a"}, orphan: {}}


# Reading


def test_every_read_is_in_the_access_log(vault: Vault) -> None:
    ana, bo = claim(vault, ANA, BO)
    answer = vault.read_many(
        [ana.id, bo.id, "nobody", ana.id],
        ["name", "number"],
        by="organisation:0000000000000001",
        purpose="activity_list",
        at=NOON,
    )
    assert answer == {
        ana.id: {"name": "安娜", "number": "V1"},
        bo.id: {"name": "Bo Li", "number": "V2"},
        "nobody": {},
    }
    logged = list(vault.store.access_rows(0))
    assert [row[3] for row in logged] == [ana.id, bo.id, "nobody"]
    assert {row[1:3] + row[4:] for row in logged} == {
        (NOON, "organisation:0000000000000001", "activity_list")
    }


def test_a_read_without_a_known_purpose_is_refused_and_reads_nothing(vault: Vault) -> None:
    [ana] = claim(vault, ANA)
    with pytest.raises(ValueError, match="curiosity"):
        vault.read(ana.id, ["name"], by="console", purpose="curiosity", at=NOON)
    assert rows(vault, tables.access_log) == 0


def test_the_access_digest_is_the_documented_one_and_goes_on_where_it_ended(vault: Vault) -> None:
    assert vault.access_digest(0) == (0, 0, hashlib.sha256(b"").hexdigest())

    read(vault, "first", "name")
    read(vault, "second", "name")
    line = '[1,1790000000000,"console","first","operation"]\n'
    second = '[2,1790000000000,"console","second","operation"]\n'
    both = hashlib.sha256((line + second).encode()).hexdigest()
    assert vault.access_digest(0) == (2, 2, both)
    assert vault.access_digest(1) == (2, 1, hashlib.sha256(second.encode()).hexdigest())
    assert vault.access_digest(2) == (2, 0, hashlib.sha256(b"").hexdigest())


def test_a_changed_access_log_has_another_digest(vault: Vault) -> None:
    read(vault, "first", "name")
    before = vault.access_digest(0)
    with vault.store.engine.begin() as connection:
        connection.execute(tables.access_log.update().values(by_address="system"))
    assert vault.access_digest(0) != before


def test_corrected_fields_replace_the_old_ones_but_numbers_stay(vault: Vault) -> None:
    [ana] = claim(vault, ANA)
    vault.correct(ana.id, {"name": "Ana Wu", "phone": "13800000000"})
    vault.correct(ana.id, {"phone": "13900000000"})
    assert read(vault, ana.id, "name", "phone") == {"name": "Ana Wu", "phone": "13900000000"}
    with pytest.raises(ValueError, match="number"):
        vault.correct(ana.id, {"number": "V7"})
    with pytest.raises(KeyError):
        vault.correct("nobody", {"name": "x"})


# Verdicts


@pytest.mark.parametrize(
    ("born", "years", "on", "verdict"),
    [
        ("1960-03-07", 60, date(2020, 3, 7), "met"),
        ("1960-03-07", 60, date(2020, 3, 6), "unmet"),
        ("2012-02-29", 14, date(2026, 3, 1), "met"),
        ("2012-02-29", 14, date(2026, 2, 28), "unmet"),
        ("2012-02-29", 16, date(2028, 2, 29), "met"),
        (None, 0, date(2026, 1, 1), "unknown"),
    ],
)
def test_a_year_of_age_is_complete_on_the_birthday(
    born: str | None, years: int, on: date, verdict: str
) -> None:
    assert age_verdict(born, years, on) == verdict


def test_the_birth_date_comes_from_the_identity_number_or_is_unknown(vault: Vault) -> None:
    ana, odd = claim(vault, ANA, person("V5", "no date in here"))
    assert vault.attest_age(ana.id, 60, date(2020, 3, 7)) == "met"
    assert vault.attest_age(ana.id, 60, date(2020, 3, 6)) == "unmet"
    assert vault.attest_age(odd.id, 1, date(2020, 3, 7)) == "unknown"
    assert vault.attest_age("nobody", 1, date(2020, 3, 7)) == "unknown"


@pytest.mark.parametrize(
    "number", ["110101196002300012", "1101011960030700", "11010119600３０７0012"]
)
def test_no_birth_date_is_made_up(number: str) -> None:
    assert birth_date(number) is None


def test_a_relation_holds_both_ways_until_it_is_removed(vault: Vault) -> None:
    ana, bo, cai = (one.id for one in claim(vault, ANA, BO, person("V3", "C")))
    vault.add_relation(ana, bo, "lineal", relation_id="r1", at=NOON)
    assert vault.attest_relation(ana, bo) == vault.attest_relation(bo, ana) == "lineal"
    assert vault.attest_relation(ana, cai) == "none"

    vault.add_relation(bo, ana, "spouse", relation_id="r2", at=NOON)
    assert vault.attest_relation(ana, bo) == "spouse"
    assert vault.remove_relation("r2")
    assert vault.attest_relation(ana, bo) == "lineal"
    assert vault.remove_relation("r1")
    assert vault.attest_relation(ana, bo) == "none"
    assert not vault.remove_relation("r1")


def test_a_relation_is_recorded_once_and_between_two_known_people(vault: Vault) -> None:
    ana, bo = (one.id for one in claim(vault, ANA, BO))
    for _ in range(2):
        vault.add_relation(ana, bo, "lineal", relation_id="r1", at=NOON)
    assert rows(vault, tables.relations) == 1
    with pytest.raises(ValueError, match="another one"):
        vault.add_relation(ana, bo, "spouse", relation_id="r1", at=NOON)
    with pytest.raises(ValueError, match="two people"):
        vault.add_relation(ana, ana, "spouse", relation_id="r2", at=NOON)
    with pytest.raises(KeyError):
        vault.add_relation(ana, "nobody", "spouse", relation_id="r2", at=NOON)


def test_verdicts_leave_no_row_in_the_access_log(vault: Vault) -> None:
    [ana] = claim(vault, ANA)
    vault.attest_age(ana.id, 60, date(2020, 3, 7))
    vault.attest_relation(ana.id, "nobody")
    assert rows(vault, tables.access_log) == 0


# Texts


def test_a_text_is_opened_by_its_digest_until_it_is_forgotten(vault: Vault) -> None:
    fields = {"title": "关爱老人", "place": ""}
    digest, other = vault.seal_text(fields, at=NOON), vault.seal_text(fields, at=NOON)
    assert digest != other
    assert vault.open_text(digest) == fields
    assert vault.forget_text(digest)
    assert not vault.forget_text(digest)
    assert vault.open_text(digest) == {}
    assert vault.open_text(other) == fields


# Forgetting


def test_forgetting_leaves_only_the_access_log(vault: Vault) -> None:
    ana, bo = claim(vault, ANA, BO)
    vault.add_relation(bo.id, ana.id, "lineal", relation_id="r1", at=NOON)
    read(vault, ana.id, "name")

    assert vault.forget(ana.id)

    assert vault.find("volunteer", "number", "V1") == []
    assert read(vault, ana.id, "name", "birth_date") == {}
    assert vault.attest_age(ana.id, 1, date(2026, 1, 1)) == "unknown"
    assert vault.attest_relation(bo.id, ana.id) == "none"
    assert read(vault, bo.id, "name") == {"name": "Bo Li"}
    assert everything(vault) == {
        "canary": 1,
        "subjects": 1,
        "sealed_fields": 4,
        "blind_indexes": 2,
        "relations": 0,
        "texts": 0,
        "bans": 0,
        "access_log": 3,
    }


def test_forgetting_again_changes_nothing(vault: Vault) -> None:
    ana, bo = claim(vault, ANA, BO)
    assert vault.forget_all([ana.id]) == 1
    assert vault.forget_all([ana.id, "nobody"]) == 0
    assert vault.forget_all([]) == 0
    assert not vault.forget(ana.id)
    assert read(vault, bo.id, "name") == {"name": "Bo Li"}


def test_the_same_number_may_come_back_as_a_new_person(vault: Vault) -> None:
    [ana] = claim(vault, ANA)
    vault.forget(ana.id)
    [anew] = claim(vault, ANA)
    assert anew.fresh
    assert anew.id != ana.id
    assert anew.conflicts == ()


def test_a_ban_outlives_the_person_as_an_index_value_until_it_ends(vault: Vault) -> None:
    ana, bo = claim(vault, ANA, BO)
    vault.ban(ana.id, until=NOON + 10)
    vault.ban(ana.id, until=NOON + 5)
    vault.forget(ana.id)

    assert vault.is_banned(ANA.identity_number, at=NOON + 9)
    assert not vault.is_banned(ANA.identity_number, at=NOON + 10)
    assert not vault.is_banned(BO.identity_number, at=NOON)
    assert vault.end_bans(at=NOON + 9) == 0
    assert vault.end_bans(at=NOON + 10) == 1
    assert rows(vault, tables.bans) == 0
    with pytest.raises(KeyError):
        vault.ban(ana.id, until=NOON)
    assert read(vault, bo.id, "name") == {"name": "Bo Li"}


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("vault.db*")))


def stored(folder: Path, statement: str) -> list[bytes]:
    connection = sqlite3.connect(folder / "vault.db")
    found = [row[0] for row in connection.execute(statement)]
    connection.close()
    return found


def test_no_plain_value_is_ever_on_disk(file_vault: Vault, tmp_path: Path) -> None:
    claim(file_vault, ANA, BO)
    file_vault.seal_text({"reason": "a plain reason"}, at=NOON)
    data = bytes_on_disk(tmp_path)
    for plain in (ANA.name, ANA.identity_number, BO.name, "2012-03-07", "a plain reason"):
        assert plain.encode() not in data


def test_nothing_that_could_open_or_find_a_forgotten_person_stays_on_disk(
    file_vault: Vault, tmp_path: Path
) -> None:
    """Among so many people that pages split and merge: 600 of 3,000 are forgotten."""
    people = claim(file_vault, *(person(f"V{n}", f"ID{n}") for n in range(3_000)))
    gone = sorted(one.id for one in people[::5])
    file_vault.add_relation(people[0].id, people[1].id, "spouse", relation_id="r1", at=NOON)
    reason = file_vault.seal_text({"reason": "late"}, at=NOON)
    among = "('" + "','".join(gone) + "')"
    secrets = [
        *stored(tmp_path, f"SELECT wrapped_key FROM subjects WHERE id IN {among}"),
        *stored(tmp_path, f"SELECT sealed FROM sealed_fields WHERE subject IN {among}"),
        *stored(tmp_path, f"SELECT blind FROM blind_indexes WHERE subject IN {among}"),
        *stored(tmp_path, "SELECT sealed FROM relations"),
        *stored(tmp_path, "SELECT wrapped_key FROM texts"),
        *stored(tmp_path, "SELECT sealed FROM texts"),
    ]
    before = bytes_on_disk(tmp_path)
    assert len(secrets) == 600 + 1800 + 1200 + 3
    assert all(secret in before for secret in secrets)

    for one in gone[:20]:
        file_vault.forget(one)
    file_vault.forget_all(gone)
    file_vault.forget_text(reason)

    assert (tmp_path / "vault.db-wal").stat().st_size == 0
    after = bytes_on_disk(tmp_path)
    assert [secret for secret in secrets if secret in after] == []
    assert [one for one in gone if one.encode() in after] == []


def test_forgetting_again_finishes_what_a_crash_left(file_vault: Vault, tmp_path: Path) -> None:
    """The crash comes between the deletion's commit and the erasing of its traces."""
    [ana] = claim(file_vault, ANA)
    [key] = stored(tmp_path, "SELECT wrapped_key FROM subjects")
    file_vault.store.destroy_subjects([ana.id])
    assert key in bytes_on_disk(tmp_path)

    assert file_vault.forget_all([ana.id]) == 0
    assert key not in bytes_on_disk(tmp_path)


def test_a_replaced_field_leaves_the_disk_too(file_vault: Vault, tmp_path: Path) -> None:
    [ana] = claim(file_vault, ANA)
    [old] = stored(tmp_path, "SELECT sealed FROM sealed_fields WHERE field = 'name'")
    file_vault.correct(ana.id, {"name": "Ana Wu"})
    assert old not in bytes_on_disk(tmp_path)


def test_many_may_forget_at_once(file_vault: Vault, tmp_path: Path) -> None:
    people = [one.id for one in claim(file_vault, *(person(f"V{n}", f"ID{n}") for n in range(8)))]
    keys = stored(tmp_path, "SELECT wrapped_key FROM subjects")
    threads = [threading.Thread(target=file_vault.forget, args=[one]) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows(file_vault, tables.subjects) == 0
    after = bytes_on_disk(tmp_path)
    assert [key for key in keys if key in after] == []
    with file_vault.store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA user_version").scalar() == 0


def test_sqlite_is_set_to_forget_and_to_keep_what_it_promised(file_vault: Vault) -> None:
    wanted = {"journal_mode": "wal", "secure_delete": 1, "synchronous": 2, "foreign_keys": 1}
    with file_vault.store.engine.connect() as connection:
        for setting, value in wanted.items():
            assert connection.exec_driver_sql(f"PRAGMA {setting}").scalar() == value


Reader = Callable[[Vault], object]


@pytest.mark.parametrize(
    "use",
    [
        lambda v: claim(v, BO),
        lambda v: v.seal_text({"reason": "x"}, at=NOON),
        lambda v: read(v, "nobody", "name"),
        lambda v: v.access_digest(0),
    ],
    ids=["claims", "texts", "reading", "digest"],
)
def test_the_settings_outlive_every_use_of_a_connection(file_vault: Vault, use: Reader) -> None:
    file_vault.forget("nobody")
    use(file_vault)
    with file_vault.store.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        assert raw.isolation_level is None
