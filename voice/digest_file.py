"""A digest as one HTML file with its sound inside, which plays without a network or callqa."""

import base64
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

import yaml

from ..privacy.masking import mask_phones
from ..store.digests import ClipRow, DigestRow

Sound = Callable[[ClipRow], bytes | None]
"""The sound of a clip (MP3), or None when there is none."""
_STYLE = """
:root { color-scheme: light dark; --accent: #2563eb; --hot: #dc2626;
  --line: color-mix(in srgb, currentColor 16%, transparent); }
@media (prefers-color-scheme: dark) { :root { --accent: #7aa7ff; --hot: #f87171; } }
body { font: 16px/1.65 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
  max-width: 56rem; margin: 2.5rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.7rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; }
h3 { font-size: 1.05rem; }
.lead { opacity: .75; margin-top: .2rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; }
.hot { color: var(--hot); font-weight: 600; }
ol.rises { padding-left: 1.4rem; } ol.rises li { margin: .35rem 0; }
.others { opacity: .7; }
.clip { border: 1px solid var(--line); border-left: 4px solid var(--accent); border-radius: .6rem;
  padding: .7rem 1rem; margin: .8rem 0; break-inside: avoid; }
.clip.pushed { border-left-color: var(--hot); }
.clip blockquote { margin: 0 0 .5rem; } .clip audio { width: 100%; }
.clip .note { margin: .4rem 0 0; font-weight: 600; }
.clip .from { opacity: .65; font-size: .88rem; margin: .3rem 0 0; }
footer { margin-top: 3rem; opacity: .65; font-size: .88rem; }
"""


def to_html(digest: DigestRow, clips: Sequence[ClipRow], sound: Sound, language: str = "zh") -> str:
    """The page; hidden clips are left out. Everything shown is escaped, nothing is fetched from elsewhere."""
    words, content = words_in(language), digest.content
    title = words["title"].format(day=digest.day.isoformat())
    shown = [clip for clip in clips if clip.state != "hidden"]
    body = [
        f"<h1>{escape(title)}</h1>",
        f"<p class=lead>{_lead(content, words)}</p>",
        f"<h2>{words['rises']}</h2>{_rises(content['rises'], words)}",
        f"<h2>{words['channels']}</h2>{_channels(content['channels'], words, language)}",
        *(_channel(channel, shown, sound, words, language) for channel in content["channels"]),
        f"<footer>{words['foot']}</footer>",
    ]
    head = (
        f'<meta charset=utf-8><meta name=viewport content="width=device-width"><title>{escape(title)}</title>'
    )
    return f"<!doctype html><html lang={words['lang']}>{head}<style>{_STYLE}</style>{''.join(body)}</html>"


def summary(digest: DigestRow, language: str = "zh") -> tuple[str, str]:
    """Title and plain text: the calls, what is new or growing, and the channels; nothing that was said."""
    words, content = words_in(language), digest.content
    lines = [_lead(content, words), "", words["rises"]]
    real = [group for group in content["rises"] if group["rise"]["is_real"]]
    lines += [f"- {group['term']} · {words['of'].format(n=group['calls'])}" for group in real]
    lines += [] if real else [words["no_rises"]]
    lines += ["", words["channels"]]
    for channel in content["channels"]:
        alarm = f" ▲ {words['alarm']}" if channel["is_alarm"] else ""
        count = words["of"].format(n=channel["calls"])
        lines.append(f"- {_title(channel, language)} · {count} ({channel['share']:.0%}){alarm}")
    return words["title"].format(day=digest.day.isoformat()), "\n".join([*lines, "", words["foot"]])


@cache
def words_in(language: str) -> Mapping[str, str]:
    text = (files("callqa.voice") / "data" / "digest.yaml").read_text("utf-8")
    found: dict[str, dict[str, str]] = yaml.safe_load(text)
    return found[language]


def _lead(content: Mapping[str, Any], words: Mapping[str, str]) -> str:
    if not content["calls"]:
        return words["none"]
    told = [words["calls"].format(n=content["calls"])]
    if content["compared_days"]:
        told.append(words["compared"].format(n=content["compared_days"]))
    return " · ".join(told)


def _rises(rises: Sequence[Mapping[str, Any]], words: Mapping[str, str]) -> str:
    real = [group for group in rises if group["rise"]["is_real"]]
    if not real:
        return f"<p>{words['no_rises']}</p>"
    return f"<ol class=rises>{''.join(_rise(group, words) for group in real)}</ol>"


def _rise(group: Mapping[str, Any], words: Mapping[str, str]) -> str:
    rise = group["rise"]
    much = (
        f"<span class=hot>{words['new']}</span>"
        if rise["expected"] < 0.5
        else words["times"].format(ratio=f"{rise['calls'] / rise['expected']:.1f}")
    )
    others = f" <span class=others>{escape('、'.join(group['others'][:4]))}</span>" if group["others"] else ""
    return (
        f"<li><b>{escape(group['term'])}</b>{others} · {words['of'].format(n=group['calls'])} · {much}</li>"
    )


def _channels(channels: Sequence[Mapping[str, Any]], words: Mapping[str, str], language: str) -> str:
    head = "".join(f"<th>{words[name]}" for name in ("channel", "count", "share", "usual"))
    return f"<table><tr>{head}{''.join(_row(channel, words, language) for channel in channels)}</table>"


def _row(channel: Mapping[str, Any], words: Mapping[str, str], language: str) -> str:
    alarm = f" <span class=hot>▲ {words['alarm']}</span>" if channel["is_alarm"] else ""
    usual = "–" if channel["expected"] is None else f"{channel['expected']:.1f}"
    cells = (
        f"{escape(_title(channel, language))}{alarm}",
        channel["calls"],
        f"{channel['share']:.0%}",
        usual,
    )
    return "<tr>" + "".join(f"<td>{cell}" for cell in cells)


def _channel(
    channel: Mapping[str, Any],
    clips: Sequence[ClipRow],
    sound: Sound,
    words: Mapping[str, str],
    language: str,
) -> str:
    mine = [clip for clip in clips if clip.channel == channel["name"]]
    if not mine:
        return ""
    return f"<h3>{escape(_title(channel, language))}</h3>" + "".join(
        _clip(clip, sound, words) for clip in mine
    )


def _clip(clip: ClipRow, sound: Sound, words: Mapping[str, str]) -> str:
    heard = sound(clip)
    player = f"<p>{words['no_sound']}</p>" if heard is None else _player(heard, words["listen"])
    note = f"<p class=note>{escape(clip.comment)}</p>" if clip.comment else ""
    minutes, seconds = divmod(int(clip.start), 60)
    origin = " · ".join(filter(None, (clip.team, mask_phones(clip.name), f"{minutes}:{seconds:02d}")))
    return (
        f"<div class='clip {clip.state}'><blockquote>{escape(clip.quote)}</blockquote>{player}{note}"
        f"<p class=from>{escape(origin)}</p></div>"
    )


def _player(sound: bytes, label: str) -> str:
    data = base64.b64encode(sound).decode()
    return (
        f'<audio controls preload=metadata aria-label="{label}" src="data:audio/mpeg;base64,{data}"></audio>'
    )


def _title(channel: Mapping[str, Any], language: str) -> str:
    return str(channel["title_en"] if language == "en" else channel["title"])
