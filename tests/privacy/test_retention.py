"""What is to go goes, from every file; what is held or young stays; and a certificate says so."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from callqa.errors import UsageError
from callqa.inspect.types import Flag, Inspection, Level, Outcome, RuleResult
from callqa.privacy.audit import entries
from callqa.privacy.certificates import check, pseudonym, signing_key
from callqa.privacy.retention import Policy, erase, load_policy, purge
from callqa.review.appeals import file_appeal
from callqa.store import (
    AudioFacts,
    NewFile,
    Peaks,
    Result,
    Store,
    add_recordings,
    add_verdict,
    get_call,
    get_peaks,
    ids_named,
    list_calls,
    save_result,
    search,
    verdict_history,
)
from callqa.store.announcements import announce, announcement
from callqa.store.call import audio_paths
from callqa.store.erasing import add_hold, lift_hold
from callqa.store.listening import add_action, items_of_list, note_item, save_listening
from callqa.store.scope import link_of
from callqa.store.tables import Table, now
from callqa.transcribe.types import Measures, Role, Transcript, Utterance, Word

NUMBER = "13855557777"
SAID = "我叫周海燕要退掉蓝鲸九号套餐"
TODAY = date(2026, 11, 20)
Add = Callable[..., int]


@pytest.fixture
def add(store: Store, home: Path, tmp_path: Path) -> Add:
    """A call of a day with all that belongs to one: file, copy, outline, text, words, flag, verdict."""

    def added(
        name: str, day: str = "2026-01-05", customer: str = "13855557777", business: str = "贷款"
    ) -> int:
        sha256 = name.encode().hex().ljust(64, "0")
        path = tmp_path / "calls" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"RIFF sound")
        data = {"customer": customer, "business": business, "started_at": f"{day} 09:00:00", "agent": "王芳"}
        add_recordings(store, [NewFile(path, name, sha256, 10, 1, data)])
        number = ids_named(store, [name])[0]
        words = tuple(Word(0.2 * i, 0.2 * i + 0.2, c, 0.9) for i, c in enumerate(SAID))
        said = Utterance(0, 0.0, 5.0, "S1", Role.CUSTOMER, SAID, 0.9, words)
        flag = Flag("churn.risk", 1, Level.HIGH, 0.0, 2.0, "customer", 0, SAID, -5, "exact", f"said {SAID}")
        results = (RuleResult("churn.risk", Outcome.HIT, SAID),)
        result = Result(
            AudioFacts("wav", "pcm", 8000, 1, 5.0),
            Transcript(5.0, 1, "zh", (said,), Measures(), {"asr": "a"}),
            Inspection((flag,), 80, "sha256:aa", results),
            (SAID,),
            Peaks(50, b"peaks-of-" + name.encode()),
        )
        save_result(store, number, result)
        add_verdict(
            store, get_call(store, number).flags[0].id, "confirmed", reviewer="li", comment=f"客户说{SAID}"
        )
        copies = home / "cache" / "sound"
        copies.mkdir(parents=True, exist_ok=True)
        (copies / f"{sha256}.wav").write_bytes(b"copy of the sound")
        (copies / f"{sha256}.00ff.sealed").write_bytes(b"redacted copy")
        with store.write() as connection:
            payload = {"call": {"sha256": sha256, "customer": customer}}
            announce(connection, f"event-{name}", "flag", payload, {"crm": now()})
        return number

    return added


def raw(home: Path) -> bytes:
    """Every byte of every file in the data folder."""
    return b"".join(path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file())


def traces(home: Path, *words: str) -> list[str]:
    kept = raw(home)
    return [word for word in words if word.encode() in kept or json.dumps(word)[1:-1].encode() in kept]


def test_of_an_erased_customer_nothing_is_left_in_any_file(store: Store, home: Path, add: Add) -> None:
    mine = [add(f"mine-{n}.wav") for n in range(3)]
    other = add("other.wav", customer="13900001111")
    before = traces(home, "mine-1.wav", "13855557777", "peaks-of-mine-1")
    assert before == ["mine-1.wav", "13855557777", "peaks-of-mine-1"]
    done = erase(store, home, who="root", reason="request", customer="13855557777")
    assert (done.calls, done.files) == (3, ())
    assert [row.id for row in list_calls(store).rows] == [other]
    assert verdict_history(store, mine[0]) == ()
    store.close()
    # The hash of the content stays: the certificate names by it what was erased.
    assert traces(home, "mine-0.wav", "mine-1.wav", NUMBER, "peaks-of-mine-1") == []


def test_the_text_of_an_erased_call_is_gone_from_the_freed_pages(store: Store, home: Path, add: Add) -> None:
    add("a.wav")
    assert SAID.encode() in raw(home)
    erase(store, home, who="root", reason="r", ids=[1])
    store.close()
    assert SAID.encode() not in raw(home)


def test_files_and_copies_of_an_erased_call_are_deleted(
    store: Store, home: Path, add: Add, tmp_path: Path
) -> None:
    add("a.wav")
    add("b.wav")
    erase(store, home, who="root", reason="r", ids=[1])
    assert [p.name for p in (tmp_path / "calls").iterdir()] == ["b.wav"]
    assert len(list((home / "cache" / "sound").iterdir())) == 2


@pytest.mark.parametrize("how", ["erase", "purge"])
def test_the_search_index_forgets_what_was_said(store: Store, home: Path, add: Add, how: str) -> None:
    from callqa.rulebooks.candidates import CandidateIndex
    from callqa.settings import get_settings

    add("a.wav")
    index = CandidateIndex.of(store, get_settings())
    assert index.sync().made == 1
    assert list((home / "index").rglob("*.calls"))
    if how == "erase":
        erase(store, home, who="root", reason="r", ids=[1])
    else:
        policy = Policy.model_validate({"default": {"transcripts": 1}})
        purge(store, home, policy, who="root", today=TODAY)
    assert not list((home / "index").rglob("*.calls"))


def test_files_may_be_kept(store: Store, home: Path, add: Add, tmp_path: Path) -> None:
    add("a.wav")
    erase(store, home, who="root", reason="r", ids=[1], keep_files=True)
    assert (tmp_path / "calls" / "a.wav").exists()


def test_a_file_that_cannot_be_deleted_is_named(store: Store, home: Path, add: Add, tmp_path: Path) -> None:
    add("a.wav")
    path = tmp_path / "calls" / "a.wav"
    path.unlink()
    path.mkdir()
    done = erase(store, home, who="root", reason="r", ids=[1])
    assert done.files == (str(path),)
    assert done.certificate is not None
    assert done.certificate["files_left"] == 1


@pytest.mark.parametrize("what", ["business", "customer", "call"])
def test_a_legal_hold_keeps_calls_until_it_is_released(store: Store, home: Path, add: Add, what: str) -> None:
    number = add("a.wav")
    row = get_call(store, number).row
    value = {"business": "贷款", "customer": "13855557777", "call": row.sha256}[what]
    hold = add_hold(store, what, value, "case", "root")
    with pytest.raises(UsageError, match="legal hold"):
        erase(store, home, who="root", reason="r", ids=[number])
    policy = Policy.model_validate({"default": {"calls": 0}})
    assert purge(store, home, policy, who="root", today=TODAY).held == 1
    assert get_call(store, number).transcript
    lift_hold(store, hold)
    assert purge(store, home, policy, who="root", today=TODAY).calls == 1


def test_a_certificate_is_genuine_names_nobody_and_counts(store: Store, home: Path, add: Add) -> None:
    add("a.wav")
    certificate = erase(store, home, who="root", reason="request 7", customer="13855557777").certificate
    assert certificate is not None
    key = signing_key(home)
    check(certificate, key)
    text = json.dumps(certificate)
    assert "13855557777" not in text
    assert certificate["customer"] == pseudonym("13855557777", key)
    assert certificate["removed"]["utterance"] == certificate["removed"]["recording"] == 1
    assert certificate["database_compacted"] is True


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.update(reason="another"),
        lambda c: c["recordings"].append("ff"),
        lambda c: c["removed"].update(flag=99),
        lambda c: c.pop("signature"),
        lambda c: c.update(signature="AAAA"),
        lambda c: c.update(public_key="AAAA"),
    ],
)
def test_an_altered_certificate_is_refused(store: Store, home: Path, add: Add, change: Any) -> None:
    add("a.wav")
    certificate = copy.deepcopy(dict(erase(store, home, who="r", reason="r", ids=[1]).certificate or {}))
    change(certificate)
    with pytest.raises(UsageError):
        check(certificate, signing_key(home))


def test_a_certificate_of_another_installation_is_told_apart(store: Store, home: Path, add: Add) -> None:
    add("a.wav")
    certificate = erase(store, home, who="r", reason="r", ids=[1]).certificate or {}
    check(certificate)
    with pytest.raises(UsageError, match="another installation"):
        check(certificate, signing_key(home / "elsewhere"))


def test_erasing_stands_in_the_audit_log(store: Store, home: Path, add: Add) -> None:
    add("a.wav")
    erase(store, home, who="root", reason="request", customer="13855557777")
    line = list(entries(store))[-1]
    assert (line.who, line.action, line.subject) == ("root", "erase", "customer")
    assert "13855557777" not in line.detail


def test_each_part_goes_after_its_own_time(store: Store, home: Path, add: Add) -> None:
    ages = {
        "young.wav": "2026-11-10",
        "b.wav": "2026-09-01",
        "c.wav": "2026-05-01",
        "d.wav": "2025-12-01",
        "e.wav": "2024-01-01",
    }
    number = {name: add(name, day) for name, day in ages.items()}
    policy = Policy.model_validate({"default": {"audio": 30, "words": 100, "transcripts": 300, "calls": 600}})
    done = purge(store, home, policy, who="root", today=TODAY)
    assert (done.calls, done.audio, done.transcripts, done.words) == (1, 3, 1, 1)
    young, b, c, d = (get_call(store, number[n]) for n in ("young.wav", "b.wav", "c.wav", "d.wav"))
    assert young.transcript and young.transcript.utterances[0].words and get_peaks(store, young.row.id)
    assert b.transcript and b.transcript.utterances[0].words and get_peaks(store, b.row.id) is None
    assert c.transcript and c.transcript.utterances[0].text == SAID and not c.transcript.utterances[0].words
    assert d.transcript is None
    assert (d.row.score, d.row.flag_count, d.flags[0].flag.rule) == (80, 1, "churn.risk")
    assert (d.flags[0].flag.quote, d.flags[0].flag.why) == ("", "")
    assert verdict_history(store, d.row.id)[0].comment == ""
    assert {hit.recording_id for hit in search(store, "蓝鲸")} == {young.row.id, b.row.id, c.row.id}


def gone_text() -> Policy:
    return Policy.model_validate({"default": {"transcripts": 1}})


def test_with_the_text_the_customers_number_goes_from_the_call(store: Store, home: Path, add: Add) -> None:
    number = add(f"20260105_{NUMBER}.wav")
    purge(store, home, gone_text(), who="root", today=TODAY)
    row = get_call(store, number).row
    assert str(row.customer).startswith("anon-")
    assert row.call_data == {
        "customer": row.customer, "business": "贷款", "started_at": "2026-01-05 09:00:00", "agent": "王芳",
    }  # fmt: skip
    assert NUMBER not in row.name
    # The file is still there, and where it lies is told as long as it is.
    assert [path.name for path in audio_paths(store, number)] == [f"20260105_{NUMBER}.wav"]
    assert purge(store, home, gone_text(), who="root", today=TODAY).transcripts == 0


def test_where_the_file_goes_too_no_trace_of_the_number_is_left(store: Store, home: Path, add: Add) -> None:
    add(f"20260105_{NUMBER}.wav")
    with store.write() as connection:
        connection.execute(announcement.delete())  # the fixture's holds a number, callqa's never do
    policy = {"default": {"transcripts": 1, "audio": 1}, "delete_recordings": True}
    assert traces(home, NUMBER) == [NUMBER]
    purge(store, home, Policy.model_validate(policy), who="root", today=TODAY)
    store.close()
    assert traces(home, NUMBER) == []


def test_a_customer_whose_number_is_gone_is_still_erased_and_held(store: Store, home: Path, add: Add) -> None:
    first, second = add("a.wav"), add("b.wav", day="2026-11-19")
    policy = Policy.model_validate({"default": {"transcripts": 30}})
    assert purge(store, home, policy, who="root", today=TODAY).transcripts == 1
    assert get_call(store, first).row.customer != get_call(store, second).row.customer == NUMBER
    hold = add_hold(store, "customer", NUMBER, "case", "root")
    with pytest.raises(UsageError, match=f"keeps calls {first}, {second}"):
        erase(store, home, who="root", reason="r", customer=NUMBER)
    lift_hold(store, hold)
    assert erase(store, home, who="root", reason="r", customer=NUMBER).calls == 2


def test_call_data_that_come_again_bring_no_number_back_for_long(store: Store, home: Path, add: Add) -> None:
    number = add("a.wav")
    purge(store, home, gone_text(), who="root", today=TODAY)
    again = {"customer": NUMBER}
    path = audio_paths(store, number)[0]
    add_recordings(store, [NewFile(path, "a.wav", get_call(store, number).row.sha256, 10, 1, again)])
    assert get_call(store, number).row.customer == NUMBER
    assert purge(store, home, gone_text(), who="root", today=TODAY).transcripts == 1
    assert str(get_call(store, number).row.customer).startswith("anon-")


def test_what_people_wrote_about_a_call_goes_with_its_text(store: Store, home: Path, add: Add) -> None:
    number = add("a.wav")
    row = {"title": "t", "listener": "a", "made_by": "b", "how": "curated", "prompt": "", "due": None}
    made = save_listening(store, row, [(number, 0.0, None)])
    item = items_of_list(store, made)[0].id
    note_item(store, item, by="a", note=SAID)
    add_action(store, item, 1.0, SAID, by="a")
    file_appeal(store, number, agent="王芳", reason=SAID)
    purge(store, home, gone_text(), who="root", today=TODAY)
    store.close()
    assert SAID.encode() not in raw(home)


def test_purging_twice_finds_nothing_the_second_time(store: Store, home: Path, add: Add) -> None:
    add("a.wav")
    policy = Policy.model_validate({"default": {"audio": 1, "words": 1, "transcripts": 2}})
    assert purge(store, home, policy, who="r", today=TODAY).transcripts == 1
    again = purge(store, home, policy, who="r", today=TODAY)
    assert (again.calls, again.audio, again.transcripts, again.words, again.certificate) == (0, 0, 0, 0, None)


def test_a_business_has_its_own_times(store: Store, home: Path, add: Add) -> None:
    kept, gone = add("a.wav", business="催收"), add("b.wav", business="贷款")
    policy = Policy.model_validate({"default": {"calls": 100}, "businesses": {"催收": {"calls": 900}}})
    assert purge(store, home, policy, who="root", today=TODAY).calls == 1
    assert [row.id for row in list_calls(store).rows] == [kept] != [gone]


def test_a_dry_run_changes_nothing(store: Store, home: Path, add: Add, tmp_path: Path) -> None:
    add("a.wav")
    policy = Policy.model_validate({"default": {"calls": 1}, "delete_recordings": True})
    done = purge(store, home, policy, who="root", today=TODAY, dry_run=True)
    assert replace(done, certificate=None).calls == 1
    assert list_calls(store).total == 1
    assert (tmp_path / "calls" / "a.wav").exists()


@pytest.mark.parametrize(("delete", "there"), [(True, False), (False, True)])
def test_the_recorders_files_go_only_when_the_policy_says_so(
    store: Store, home: Path, add: Add, tmp_path: Path, delete: bool, there: bool
) -> None:
    add("a.wav")
    policy = Policy.model_validate({"default": {"audio": 1}, "delete_recordings": delete})
    purge(store, home, policy, who="root", today=TODAY)
    assert (tmp_path / "calls" / "a.wav").exists() is there
    assert not list((home / "cache" / "sound").iterdir())


@pytest.mark.parametrize(
    "text",
    ["default: {audio: -1}", "default: {sound: 3}", "default: !!python/object/apply:os.getcwd []", "["],
)
def test_a_policy_that_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(UsageError, match="retention"):
        load_policy(tmp_path / "p.yaml")


def test_what_is_not_there_cannot_be_erased(store: Store, home: Path) -> None:
    with pytest.raises(UsageError, match="nothing to erase"):
        erase(store, home, who="root", reason="r", customer="10086")


SPOKEN_COLUMNS = {
    "quote",
    "text",
    "redacted_text",
    "before",
    "after",
    "why",
    "comment",
    "note",
    "reply",
    "packed",
    "words",
    "trace",
}


def test_every_column_that_may_hold_speech_is_thought_of() -> None:
    """A new table with a quote or text of a call must be erased with its transcript."""
    from callqa.store.erasing import _BLANKED, SPOKEN

    for name, table in Table.metadata.tables.items():
        if link_of(table) in ("recording_id", "sha256") and name not in SPOKEN:
            assert SPOKEN_COLUMNS & set(table.c.keys()) <= set(_BLANKED), name
