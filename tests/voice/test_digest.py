"""The digest of a day: channels, rises told once, clips, and what people make of it."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from callqa.errors import UsageError
from callqa.inspect.types import Inspection
from callqa.store import AudioFacts, NewFile, Result, Store, add_recordings, open_store, save_result
from callqa.store.digests import clips_of, curate_clip, digest_days, get_digest, publish_digest
from callqa.transcribe.types import Measures, Role, Transcript, Utterance
from callqa.voice.channels import sort_calls
from callqa.voice.digest import Digest, draw_up, make_digest
from callqa.voice.groups import group_rises
from callqa.voice.rising import Rise

DAY = date(2026, 3, 29)
USUAL = (
    "我的快递一直没到，物流三天没更新了，包裹到底在哪里",
    "我要退款，退款申请提交一个礼拜了还没到账，什么时候能退",
    "洗衣机脱水的时候异响，质量有问题，我要换一台",
    "这个月话费多扣了三十块，账单不对，帮我查一下扣费",
)
NEW = "你们送的充电器漏电，把我手都电麻了，充电器漏电太危险了"


def add(store: Store, day: date, *texts: str) -> None:
    for text in texts:
        n = add.count = add.count + 1  # type: ignore[attr-defined]
        data = {
            "started_at": f"{day.isoformat()}T10:00:00",
            "business": "ecommerce",
            "customer": str(n),
            "agent": f"a{n % 5}",
        }
        add_recordings(store, [NewFile(Path(f"/calls/{n}.wav"), f"{n}.wav", f"{n:064x}", 1, 1, data)])
        lines = (
            Utterance(0, 0.0, 3.0, "S0", Role.AGENT, "您好，请问有什么可以帮您", 0.9),
            Utterance(1, 3.0, 11.0, "S1", Role.CUSTOMER, f"{text}，{n}号", 0.9),
            Utterance(2, 11.0, 15.0, "S0", Role.AGENT, "我帮您登记一下", 0.9),
        )
        found = Inspection((), 100, "sha256:" + "0" * 64, ())
        transcript = Transcript(15.0, 2, "zh", lines, Measures())
        facts = AudioFacts("wav", "pcm", 8000, 2, 15.0)
        assert save_result(store, n, Result(facts, transcript, found, [line.text for line in lines]))


add.count = 0  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Four even weeks, and a day with something new."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('month') / 'callqa.db'}")
    rng = np.random.default_rng(1)
    for back in range(28, 0, -1):
        add(store, DAY - timedelta(days=back), *(USUAL[i] for i in rng.integers(0, 4, 12)))
    add(store, DAY, *(USUAL[i] for i in rng.integers(0, 4, 12)), *[NEW] * 8)
    yield store
    store.close()


@pytest.fixture(scope="module")
def digest(month: Store) -> Digest:
    return make_digest(month, DAY)


def test_what_is_new_is_told_first_and_once(digest: Digest) -> None:
    first = digest.rises[0]
    assert {"充电器", "漏电"} & {first.term, *first.others}
    assert first.calls == 8
    assert first.rise.expected < 0.5
    others = {term for group in digest.rises[1:] for term in (group.term, *group.others)}
    assert not {"充电器", "漏电", "充电器漏电"} & others


def test_channels_count_every_call(digest: Digest) -> None:
    assert sum(channel.calls for channel in digest.channels) == digest.calls == 20
    assert digest.compared_days == 28


def test_even_channels_raise_no_alarm(month: Store) -> None:
    yesterday = make_digest(month, DAY - timedelta(days=1))
    assert [channel.name for channel in yesterday.channels if channel.is_alarm] == []


def test_clips_are_of_the_channel_and_each_of_another_customer(digest: Digest) -> None:
    with_clips = [channel for channel in digest.channels if channel.clips]
    assert with_clips
    for channel in with_clips:
        assert len(channel.clips) <= 5
        assert len({clip.customer for clip in channel.clips}) == len(channel.clips)
        assert all(3 < clip.seconds < 26 for clip in channel.clips)


def test_topics_are_found_once(month: Store, digest: Digest) -> None:
    assert sort_calls(month, DAY - timedelta(weeks=4), DAY) == 0


def test_a_day_without_calls_has_an_empty_digest(month: Store) -> None:
    assert make_digest(month, date(2020, 1, 1)).channels == ()


def test_a_draft_is_curated_and_published(month: Store) -> None:
    number = draw_up(month, DAY)
    first, *rest = clips_of(month, number)
    curate_clip(month, first.id, state="hidden", comment="重复", by="lead")
    pushed = next(clip for clip in rest if clip.channel == rest[-1].channel)
    curate_clip(month, pushed.id, state="pushed", comment="先听这个", by="lead")
    assert first.id not in [clip.id for clip in clips_of(month, number, hidden=False)]
    again = draw_up(month, DAY)
    kept = {(c.recording_id, c.channel): (c.state, c.comment) for c in clips_of(month, again)}
    assert kept[first.recording_id, first.channel] == ("hidden", "重复")
    publish_digest(month, DAY, by="lead")
    row = get_digest(month, DAY)
    assert row is not None
    assert (row.state, row.published_by, row.content["calls"]) == ("published", "lead", 20)
    assert digest_days(month) == [(DAY, "published")]
    with pytest.raises(UsageError, match="is published"):
        draw_up(month, DAY)
    with pytest.raises(UsageError, match="published"):
        curate_clip(month, clips_of(month, again)[0].id, state="hidden", comment="", by="x")


def rise(term: str, strength: float = 5.0) -> Rise:
    return Rise(term, 5, 1.0, strength, 1e-6, 2.0, True, False)


def test_terms_of_the_same_calls_are_one_story() -> None:
    calls = [(n, ["充电器漏电了"]) for n in range(6)] + [(n, ["要退款"]) for n in range(6, 12)]
    groups = group_rises([rise("漏电"), rise("退款"), rise("充电器")], calls)
    assert [(g.term, g.others, g.calls) for g in groups] == [("漏电", ("充电器",), 6), ("退款", (), 6)]


def test_a_word_of_nearly_every_call_joins_no_story() -> None:
    calls = [(n, ["手机漏电"]) for n in range(3)] + [(n, ["手机"]) for n in range(3, 40)]
    assert [g.term for g in group_rises([rise("漏电"), rise("手机")], calls)] == ["漏电", "手机"]
