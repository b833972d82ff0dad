"""Names and values of call metadata (随录参数): what other systems call them, what callqa calls them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final

FILE: Final = "file"
"""Not a field of the call but the name of its recording."""

SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    FILE: (
        "file", "filename", "recording", "recordingfile", "recordingname", "recordfile", "audio",
        "audiofile", "wav", "文件", "文件名", "文件名称", "录音", "录音文件", "录音文件名", "录音名称",
        "录音名", "音频", "音频文件", "path", "filepath", "recordingpath", "路径", "文件路径", "录音路径",
        "录音地址", "name",
    ),
    "call_id": (
        "callid", "calluuid", "uuid", "callsid", "sessionid", "通话id", "通话编号", "通话标识", "呼叫id",
        "会话id", "流水号", "通话流水号", "呼叫流水号", "录音流水号", "录音编号", "录音id", "话单号",
    ),
    "agent": (
        "agent", "agentid", "agentno", "agentnumber", "employeeid", "staffid", "工号", "坐席工号",
        "座席工号", "客服工号", "员工号", "员工编号", "员工工号", "坐席", "座席", "坐席id", "座席id",
        "坐席号", "座席号", "客服", "客服人员", "坐席姓名", "座席姓名", "agentname",
    ),
    "team": (
        "team", "group", "agentgroup", "班组", "坐席班组", "座席班组", "组别", "小组", "团队", "坐席组",
        "座席组",
    ),
    "business": (
        "business", "businessline", "lineofbusiness", "lob", "业务", "业务线", "业务类型", "业务名称",
        "业务种类",
    ),
    "direction": (
        "direction", "calldirection", "calltype", "方向", "呼叫方向", "通话方向", "呼叫类型", "通话类型",
    ),
    "queue": (
        "queue", "queuename", "skill", "skillgroup", "acdgroup", "队列", "队列名称", "技能组", "技能",
    ),
    "started_at": (
        "startedat", "start", "starttime", "begin", "begintime", "calltime", "callstart", "datetime",
        "timestamp", "开始时间", "通话开始时间", "呼叫开始时间", "录音开始时间", "通话时间", "呼叫时间",
        "录音时间", "来电时间",
    ),
    "customer": (
        "customer", "customerid", "customernumber", "customerphone", "phone", "phonenumber", "mobile",
        "客户", "客户号码", "客户电话", "客户手机", "客户手机号", "客户编号", "客户id", "手机号",
        "手机号码", "电话号码", "来电号码",
    ),
}  # fmt: skip
"""Canonical field → headers that mean it, folded as by ``fold``; the earlier one wins when two are there."""

CALLER: Final = frozenset({"caller", "callernumber", "callerid", "ani", "主叫", "主叫号码"})
CALLEE: Final = frozenset({"callee", "calleenumber", "dnis", "被叫", "被叫号码"})
_DIRECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "inbound": ("inbound", "in", "incoming", "呼入", "来电", "客户呼入"),
    "outbound": ("outbound", "out", "outgoing", "呼出", "外呼", "去电", "客户呼出"),
}
_DIRECTION: Final = {word: name for name, words in _DIRECTIONS.items() for word in words}
_TIME_FORMATS: Final = (
    "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H-%M-%S", "%Y-%m-%d",
)  # fmt: skip
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)[ _T-]?(?:(\d\d):?(\d\d):?(\d\d)?)?")
_CHINESE_DATE: Final = str.maketrans(
    {"年": "-", "月": "-", "日": " ", "时": ":", "点": ":", "分": ":", "秒": " "}
)
_EPOCH: Final = re.compile(r"1\d{9}(\d{3})?")


def fold(header: str) -> str:
    """``header`` as it is compared: no width, case, spaces, hyphens, underscores or brackets' content.

    >>> fold(" Call_ID "), fold("客户（主叫）号码")
    ('callid', '客户号码')
    """
    plain = unicodedata.normalize("NFKC", header).casefold()
    return re.sub(r"\([^)]*\)|[\s_\-./:]", "", plain)


def canonical_names(headers: Iterable[str], *, file: bool = True) -> dict[str, str]:
    """Header → the field's name in callqa; headers that mean nothing known keep their own.

    Without ``file`` no header means the recording's name.

    >>> canonical_names(["录音文件", "工号", "坐席", "满意度"])
    {'录音文件': 'file', '工号': 'agent', '坐席': '坐席', '满意度': '满意度'}
    """
    return dict(_canonical_names(tuple(headers), file))


@lru_cache(1000)
def _canonical_names(headers: tuple[str, ...], file: bool) -> Mapping[str, str]:
    names = {header: header.strip() for header in headers}
    folded = {fold(header): header for header in reversed(list(names))}
    for canonical, synonyms in SYNONYMS.items():
        if canonical == FILE and not file:
            continue
        own = fold(canonical)
        header = next((folded[s] for s in (own, *synonyms) if s in folded), None)
        if header is not None:
            names[header] = canonical
    return names


def normalise(fields: Mapping[str, str]) -> dict[str, str]:
    """Fields under callqa's names with callqa's values; empty ones are left out.

    ValueError names a time that cannot be read. Caller and callee stay, and the one that is the customer
    in this direction is also ``customer`` unless that is given.
    """
    fields = {name: value.strip() for name, value in fields.items() if value.strip()}
    if "direction" in fields:
        fields["direction"] = _DIRECTION.get(fold(fields["direction"]), fields["direction"])
    if "started_at" in fields:
        fields["started_at"] = iso_time(fields["started_at"])
    wanted = CALLEE if fields.get("direction") == "outbound" else CALLER
    party = next((value for name, value in fields.items() if fold(name) in wanted), None)
    if party is not None:
        fields.setdefault("customer", party)
    return fields


def iso_time(text: str) -> str:
    """``text`` as ISO 8601, local time unless it names a zone; ValueError when it is no time.

    >>> iso_time("2026年11月21日 9:05"), iso_time("20261121090501")
    ('2026-11-21T09:05:00', '2026-11-21T09:05:01')
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10])).astimezone().isoformat()
    if compact := _COMPACT.fullmatch(text):
        return _from_parts(text, compact.groups())
    plain = " ".join(text.translate(_CHINESE_DATE).replace("/", "-").split()).rstrip(":")
    for pattern in _TIME_FORMATS:
        try:
            return datetime.strptime(plain, pattern).isoformat()
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        raise _no_time(text) from None


def _from_parts(text: str, parts: tuple[str | None, ...]) -> str:
    try:
        return datetime(*(int(part or 0) for part in parts)).isoformat()  # type: ignore[arg-type]
    except ValueError:
        raise _no_time(text) from None


def _no_time(text: str) -> ValueError:
    return ValueError(f"{text!r} is no date and time such as 2026-11-21 09:05:01")
