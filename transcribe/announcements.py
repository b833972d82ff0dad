"""Which utterances a machine speaks: menus, waiting announcements, the survey after the call."""

import re
from collections.abc import Iterable

from .types import Utterance

_CUES = (
    r"请?按[0-9零一二三四五六七八九十井星#*]号?键?",
    r"(普通话|中文服务|人工服务|自助服务|业务办理|投诉建议|其他业务|返回|重听|结束)请按",
    r"(通话|来电|电话|服务)(可能|将|将会|会)(被|进行)?录音",
    r"(坐席|座席|话务员|客服代表|人工客服|线路)(全|均|正|都)?(在)?(忙|繁忙)",
    r"您(所)?拨打的(电话|用户|号码)",
    r"(正在|暂时)?(无法|无人)(接通|接听)",
    r"正在(为您)?(转接|接通)(中|人工|坐席|客服)",
    r"(嘟|滴|提示)(的一)?(声|音)(之)?后(请)?留言",
    r"上一?级菜单|主菜单",
    r"(以|后|并以)井号键?结束",
    r"请输入.{0,10}(号码|密码|身份证|卡号)",
    r"满意请按|不满意请按",
    r"(前面|前方)还有.{1,3}位.{0,6}(等待|等候|排队)",
)
_CUE = tuple(map(re.compile, _CUES))


def announcements(utterances: Iterable[Utterance]) -> frozenset[int]:
    """Positions of the utterances that are a machine's, of ``utterances`` in any order.

    Two things that only machines say settle it; one does before anybody else has spoken and as the call's
    last word, since an agent, too, may tell a customer which key to press.
    """
    ordered = sorted(enumerate(utterances), key=lambda item: item[1].start)
    counts = {i: _cues(u.text) for i, u in ordered}
    found = {i for i, count in counts.items() if count > 1}
    for i, _ in ordered:
        if not counts[i]:
            break
        found.add(i)
    if ordered and counts[ordered[-1][0]]:
        found.add(ordered[-1][0])
    return frozenset(found)


def _cues(text: str) -> int:
    return sum(len(cue.findall(text)) for cue in _CUE)
