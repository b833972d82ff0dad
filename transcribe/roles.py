"""Which lane is the agent: told from what is said, whatever channel it comes on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

AGENT_CUES: tuple[tuple[str, float], ...] = (
    (r"[工公功][号好][是为]?[0-9零〇一二三四五六七八九幺两]", 3.0),
    (r"请问有?什么.{0,4}(帮|服务|效劳)", 4.0),
    (r"(很高兴|竭诚)为您", 4.0),
    (r"为您(服务|查|办|处理|转|核实|登记|反馈|记录|申请|安排)", 3.0),
    (r"(帮|给|替)您", 1.5),
    (r"(我|这边|我们)(这边)?(核实|核对|查询|登记|备注|反馈)", 1.5),
    (r"请(您)?稍等|稍等一下", 1.5),
    (r"您(好|贵姓|报一下|提供|说一下|放心|理解|稍)", 1.0),
    (r"(先生|女士|小姐)", 1.0),
    (r"感谢(您|来电|接听|致电)|祝您", 3.0),
    (r"(实在|非常|十分)?(抱歉|不好意思)", 0.7),
    (r"身份证号|预留|验证码|收货人|尾号", 0.7),
    (
        r"(报|提供|说)(一下|下).{0,4}(号|姓名|名字|地址|生日)|(号|姓名|名字|地址)(先)?(报|提供|说)(一下|下)",
        1.5,
    ),
    (r"还有(什么|其他).{0,6}(帮|需要|问题)", 3.0),
    (r"没(什么)?(别的)?事.{0,2}挂", 1.5),
    (r"我们(客服|公司|银行|平台|系统|规定|物业|热线)|按(照)?规定|(审核|受理|工单|系统里|系统显示)", 0.8),
    (r"(什么时候|哪天|几号)(能)?(还款|还上|还钱|还$)|您?(逾期|欠款|欠了)", 1.2),
    (r"再不还|赶紧还|派人上|欠(的|了)?(钱|款)", 1.0),
    (r"您", 0.25),
    (r"满意度|评价", 1.0),
)
CUSTOMER_CUES: tuple[tuple[str, float], ...] = (
    (r"我(就)?(想|要)(问|查|投诉|退|办|取消|改|换|反映|咨询)", 2.0),
    (r"你们(公司|这个|那个|客服|平台|银行|店|的|怎么|就|还|到底)?", 0.8),
    (r"(在|跟|找)你们?(店|家|这儿|这里|那儿|那里)", 1.5),
    (r"我(的|家|妈|爸|老公|老婆|儿子|女儿|买|付|交|打|收到)", 0.7),
    (r"我(上周|上个月|前天|昨天|今天早上).{0,6}(买|打|办|下单|订|交)", 1.2),
    (r"(凭什么|怎么办|怎么回事|什么意思|搞什么|什么态度|讲不讲理|骗人)", 1.2),
    (r"(钱|款)退给我|给我(退|赔|解决|个说法|一个说法|取消)", 2.0),
    (r"(投诉|举报|告|曝光)你", 2.0),
    (r"(你的?|你们|以你)[工公功][号好]|[工公功][号好](是)?多少", 3.0),
    (r"(投诉|曝光|起诉|退钱|退款|赔)", 0.5),
    (r"(打了|第).{0,3}(次|回|遍)(电话)?", 0.5),
    (r"录(着)?音", 0.7),
    (r"(缓|宽限|晚)(几天|一缓|两天|一点|一段)|求(求)?你|没(有)?钱|失业|下岗|发不出工资", 1.2),
    (r"你(给我|说|叫|能|到底|这|那)", 0.5),
)
FIRST_SPEAKER = 1.0
"""The agent usually speaks first."""
_AGENT = tuple((re.compile(p), w) for p, w in AGENT_CUES)
_CUSTOMER = tuple((re.compile(p), w) for p, w in CUSTOMER_CUES)


@dataclass(frozen=True, slots=True)
class LaneText:
    """What one lane says, in order, and when it starts to speak."""

    texts: Sequence[str]
    first_start: float


def agent_score(text: str) -> float:
    """How much ``text`` sounds like an agent (above 0) or like a customer (below)."""
    agent = sum(weight * len(p.findall(text)) for p, weight in _AGENT)
    return agent - sum(weight * len(p.findall(text)) for p, weight in _CUSTOMER)


def sounds_like_a_call(text: str) -> bool:
    """Whether anything in ``text`` is what agents or customers say."""
    return any(p.search(text) for p, _ in _AGENT + _CUSTOMER)


def agent_lane(lanes: Mapping[int, LaneText]) -> int | None:
    """The lane of the agent; None when nobody speaks.

    Scores are taken a hundred characters at a time, so that the more talkative side is not favoured.
    """
    spoken = {lane: text for lane, text in lanes.items() if any(t.strip() for t in text.texts)}
    if not spoken:
        return None
    first = min(spoken, key=lambda lane: (spoken[lane].first_start, lane))

    def score(lane: int) -> float:
        whole = "".join(spoken[lane].texts)
        rate = agent_score(whole) / max(1.0, len(whole) / 100)
        return rate + (FIRST_SPEAKER if lane == first else 0.0)

    if len(spoken) == 1:
        lane = first
        return lane if score(lane) > 0 else None
    return max(spoken, key=lambda lane: (score(lane), -lane))
