"""Page: the customers' voice of a day (每日客户之声), to curate, publish and send out."""

from collections.abc import Callable
from datetime import date
from typing import Any

import streamlit as st

from ..errors import UsageError
from ..privacy.masking import mask_phones
from ..privacy.roles import Permission
from ..store.calls import CallFilter
from ..store.database import Store
from ..store.day_figures import first_and_last_day
from ..store.digests import ClipRow, DigestRow, clips_of, curate_clip, digest_days, get_digest
from ..voice import edition
from ..voice.digest import draw_up, list_of_rise
from . import charts, links, session
from .clips import hear
from .figure_links import of_digest
from .filters import View
from .page_day import picked
from .plain import plain
from .texts import Texts

MARKS = {
    "pushed": ":material/push_pin:",
    "shown": ":material/visibility:",
    "hidden": ":material/visibility_off:",
}


def digest_page() -> None:
    session.enter("digest")
    texts, store = session.texts(), session.store()
    if store.scope.limits:
        st.info(texts("digest.limited"))
        return
    days = first_and_last_day(store)
    if days is None:
        st.info(texts("list.empty_store"))
        return
    day = _day(texts, days)
    row = get_digest(store, day)
    if row is None:
        _offer(texts, day)
        return
    clips = clips_of(store, row.id)
    _head(texts, row)
    left, right = st.columns([1, 1], border=True)
    with left:
        _rises(texts, row)
    with right:
        _channels(texts, row)
    for channel in row.content["channels"]:
        mine = [clip for clip in clips if clip.channel == channel["name"]]
        if mine:
            _clips(texts, row, channel, mine)
    links.follow()


def _day(texts: Texts, days: tuple[date, date]) -> date:
    asked = st.query_params.get("day")
    try:
        wanted = date.fromisoformat(asked) if asked else days[1]
    except ValueError:
        wanted = days[1]
    wanted = min(max(wanted, days[0]), days[1])
    known = dict(digest_days(session.store()))
    choose, state = st.columns([1, 5], vertical_alignment="bottom")
    chosen = choose.date_input(
        texts("digest.day"),
        wanted,
        min_value=days[0],
        max_value=days[1],
        format="YYYY-MM-DD",
        key="digest_day",
    )
    st.query_params["day"] = chosen.isoformat()
    state.caption(texts(f"digest.state.{known.get(chosen, 'none')}"))
    return chosen


def _offer(texts: Texts, day: date) -> None:
    if not session.may(Permission.VOICE_CURATE):
        st.info(texts("digest.not_yet"))
        return
    st.info(texts("digest.offer"))
    if st.button(texts("digest.make"), type="primary"):
        _make(texts, day)


def _make(texts: Texts, day: date) -> None:
    with st.spinner(texts("digest.making")):
        draw_up(session.store(), day)
    st.rerun()


def _head(texts: Texts, row: DigestRow) -> None:
    words, again, publish, file = st.columns([4, 1, 1, 1.2], vertical_alignment="center")
    content = row.content
    words.markdown(texts("digest.lead", calls=f"{content['calls']:,}", days=content["compared_days"]))
    links.see(words, texts, "digest_calls", of_digest(row.day, content)["calls"])
    draft = row.state == "draft" and session.may(Permission.VOICE_CURATE)
    if again.button(texts("digest.again"), disabled=not draft, width="stretch"):
        _make(texts, row.day)
    if publish.button(texts("digest.publish"), type="primary", disabled=not draft, width="stretch"):
        edition.publish(session.store(), row.day, by=session.person().name)
        st.rerun()
    if session.may(Permission.EXPORT):
        file.download_button(
            texts("digest.file"),
            data=_file(session.store(), row, session.language()),
            file_name=edition.file_name(row.day),
            mime="text/html",
            icon=":material/download:",
            on_click="ignore",
            width="stretch",
        )


def _file(store: Store, row: DigestRow, language: str) -> Callable[[], bytes]:
    return lambda: edition.file_of(store, row, language).encode()


def _rises(texts: Texts, row: DigestRow) -> None:
    st.markdown(f"**{texts('digest.rises')}**", help=texts("digest.rises_help"))
    real = [group for group in row.content["rises"] if group["rise"]["is_real"]]
    if not real:
        st.caption(texts("digest.no_rises"))
    for place, group in enumerate(real):
        words, button, every = st.columns([5, 1.3, 1.3], vertical_alignment="center")
        words.markdown(_rise(texts, place, group))
        if group["examples"] and button.button(
            texts("digest.hear"), key=f"rise_{place}", icon=":material/hearing:", width="stretch"
        ):
            links.open_call(View(), group["examples"][0])
            links.follow()
        if every.button(
            texts("digest.all_calls"), key=f"calls_{place}", icon=":material/list:", width="stretch"
        ):
            mine = row.content["rises"].index(group)
            made = list_of_rise(session.store(), row, mine, by=session.person().name)
            links.open_list(View(CallFilter(list=made)))
            links.follow()


def _rise(texts: Texts, place: int, group: dict[str, Any]) -> str:
    rise = group["rise"]
    others = f" :gray[{'、'.join(group['others'][:4])}]" if group["others"] else ""
    much = (
        texts("digest.new")
        if rise["expected"] < 0.5
        else texts("digest.times", ratio=f"{rise['calls'] / rise['expected']:.1f}")
    )
    return f"{place + 1}. **{group['term']}**{others} · {texts('digest.of', n=group['calls'])} · {much}"


def _channels(texts: Texts, row: DigestRow) -> None:
    st.markdown(f"**{texts('digest.channels')}**", help=texts("digest.channels_help"))
    chart = charts.channels(row.content["channels"], texts)
    st.vega_lite_chart(chart, key="digest_channels", on_select=lambda: _channel_calls(row))


def _channel_calls(row: DigestRow) -> None:
    if name := picked("digest_channels"):
        links.open_list(of_digest(row.day, row.content)[f"channel.{name}"].view)


def _clips(texts: Texts, row: DigestRow, channel: dict[str, Any], clips: list[ClipRow]) -> None:
    title = channel["title_en"] if session.language() == "en" else channel["title"]
    with st.expander(
        f"{title} · {texts('digest.of', n=channel['calls'])} · {texts('digest.clips', n=len(clips))}"
    ):
        links.see(st, texts, channel["name"], of_digest(row.day, row.content)[f"channel.{channel['name']}"])
        for clip in clips:
            _clip(texts, row, clip)


def _clip(texts: Texts, row: DigestRow, clip: ClipRow) -> None:
    with st.container(border=True):
        quote, state = st.columns([4, 2], vertical_alignment="center")
        quote.markdown(f"{MARKS[clip.state]} {plain(clip.quote)}")
        if row.state == "draft" and session.may(Permission.VOICE_CURATE):
            _curate(texts, clip, state)
        hear(texts, f"clip_{clip.id}", clip.recording_id, clip.start, clip.end)
        origin = " · ".join(filter(None, (clip.team, clip.agent, mask_phones(clip.name))))
        words, case, button = st.columns([5, 1, 1], vertical_alignment="center")
        words.caption(f"{plain(origin)}{' — ' + plain(clip.comment) if clip.comment else ''}")
        if session.may(Permission.CASES_WORK) and case.button(
            texts("cause.case"), key=f"case_{clip.id}", width="stretch"
        ):
            _open_case(clip)
        if button.button(texts("digest.open"), key=f"open_{clip.id}", width="stretch"):
            links.open_call(View(), clip.recording_id)
            links.follow()


def _open_case(clip: ClipRow) -> None:
    links.open_page("cases", View(), call=str(clip.recording_id), clip=str(clip.id))
    links.follow()


def _curate(texts: Texts, clip: ClipRow, place: Any) -> None:
    state = place.segmented_control(
        texts("digest.what"),
        tuple(MARKS),
        default=clip.state,
        format_func=lambda word: texts(f"digest.clip.{word}"),
        key=f"state_{clip.id}",
        label_visibility="collapsed",
        required=True,
    )
    comment = place.text_input(
        texts("digest.comment"), clip.comment, key=f"comment_{clip.id}", placeholder=texts("digest.comment"),
        label_visibility="collapsed", max_chars=300,
    )  # fmt: skip
    if (state, comment) != (clip.state, clip.comment):
        try:
            curate_clip(session.store(), clip.id, state=state, comment=comment, by=session.person().name)
        except UsageError as error:
            st.warning(str(error))
            return
        st.rerun()
