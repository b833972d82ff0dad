"""Names of people in Mandarin speech: only where something says that a name stands there.

A surname and one or two more characters are a name after ``我叫``, before ``先生``, as an answer to
``您贵姓``, or beside a number of the same person; and everywhere else in a call once found. A surname with
a title (``王女士``) names nobody in particular and stays.
"""

import re
from collections.abc import Collection, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_SINGLE = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵"
    "万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕季裴霍涂苗谷盛曲翁冉骆蓝路游辛靳柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳穆"
    "农司卓古吉缪简芦麦褚娄窦戚岑景宫费卜冷晏席卫米柏宗瞿桂佟臧闵苟邬卞姬师仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩佘池查麻苑迟邝封谈匡鞠惠荆乐冀郁胥储栗燕楚鄢劳谌奚皮"
)
_DOUBLE = "欧阳|上官|司马|诸葛|皇甫|东方|慕容|令狐|尉迟|司徒|公孙|端木|南宫|夏侯|长孙"
_GIVEN = r"[\u4e00-\u9fff]{1,2}"
NAME = rf"(?:(?:{_DOUBLE}){_GIVEN}|[{_SINGLE}]{_GIVEN})"
_FULL = rf"(?:(?:{_DOUBLE}){_GIVEN}|[{_SINGLE}][\u4e00-\u9fff]{{2}})"
_STOP = (
    r"(?=[，,。.？?！!、；;：:\s]|$|先生|女士|小姐|同志|本人|身份证|手机|电话|号|是吧|对吧|对吗|是吗|吗|吧|啊|的|呢"
    r"|这个|那个|[0-9零幺一二三四五六七八九])"
)
_TITLE = r"(?:先生|女士|小姐|同志|师傅|老师|经理|大爷|大妈|阿姨|叔叔)"
_WHO = (
    r"(?:我|他|她|人|名字|姓名|名|家属|孩子|儿子|女儿|爱人|老公|老婆|妈妈|爸爸|母亲|父亲|有个|那个|主)(?:就|是)?叫做?"
    r"|(?:名字|全名|户名|姓名)(?:就?是|叫|为)?|名叫|登记的是|户头是"
    r"|(?:[户机房车业货]主|(?:[收寄取][件货]|入住|联系|投保|保险|持卡|申请|办理|开户|借款|担保|代理|经办|当事|监护"
    r"|登记)人)(?:姓名|名字)?(?:是|叫|为)?"
)
_KIN = (
    "同事|家人|朋友|爱人|家属|儿子|女儿|父亲|母亲|妈妈|爸爸|老公|老婆|亲属|弟弟|哥哥|姐姐|妹妹|邻居|丈夫|妻子"
)
_START = r"(?:^|(?<=[，,。？?！!；;\s]))"
_AFTER = re.compile(rf"(?:{_WHO})[，,：:\s]?({NAME}){_STOP}")
_BEFORE_TITLE = re.compile(rf"(?:^|(?<=[，,。？?！!\s是问叫找给跟和的]))({_FULL}|{NAME})(?={_TITLE})")
_ASKED_WHETHER = re.compile(rf"(?:是不是|请问是|您是|你是|请问|是)({_FULL})(?=本人|吗|吧|的(?:{_KIN}))")
_CALLED = re.compile(rf"(?:^|[，,。？?！!\s])(?:喂[，,]?)?({_FULL})(?=是吧|是吗|对吧|对吗)")
_CALLED_SO = re.compile(rf"(?:有个|有位|叫|一个)({_FULL})(?=的[，,。]|[，,]住|[，,]也)")
_THIRD = re.compile(
    rf"(?:楼上的|楼下的|隔壁的|对门的|单元的|找|交给|转给|(?:{_KIN})(?:叫)?)({_FULL})(?=代|签|收|拿|取|接|也|他|她|[，,。])"
)
_CLAUSE = re.compile(rf"{_START}({_FULL}|{NAME})(?=[，,。？?！!；;\s]|$)")
_CLAUSE_BEGINS = re.compile(rf"{_START}({_FULL})")
ASKS_NAME = re.compile(
    r"姓名|名字|贵姓|怎么称呼|如何称呼|哪位|[收寄]件人|收货人|联系人|全名|叫什么|[户机]主|投保人|登记"
)
"""An utterance after which a clause of the shape of a name is one."""


def names_in(text: str, asked: bool, beside: Collection[int]) -> Iterator[tuple[int, int]]:
    """Start and end of each name.

    ``asked``: somebody just asked for one; ``beside``: where personal numbers and addresses begin in the
    utterance, which a name stands beside when people identify themselves.
    """
    for pattern in (_AFTER, _BEFORE_TITLE, _ASKED_WHETHER, _CALLED, _CALLED_SO, _THIRD):
        for match in pattern.finditer(text):
            if is_name(match[1], sure=pattern is _AFTER):
                yield match.span(1)
    if asked or beside:
        for match in _CLAUSE.finditer(text):
            if is_name(match[1]) and (asked or len(match[1]) > 2):
                yield match.span(1)
    for match in _CLAUSE_BEGINS.finditer(text):
        if _number_follows(text, match.end(), beside) and is_name(match[1], sure=True):
            yield match.span(1)


def _number_follows(text: str, end: int, beside: Collection[int]) -> bool:
    return end in beside or (end + 1 in beside and text[end] in "，,、。 ")


@cache
def is_name(candidate: str, sure: bool = False) -> bool:
    """Whether a run of the shape of a name is no ordinary word and, unless ``sure``, begins with none.

    >>> is_name("周海燕"), is_name("马上就"), is_name("于是我"), is_name("方便"), is_name("王女士")
    (True, False, False, False, False)
    """
    if re.search(_TITLE, candidate) or candidate[-1] in "的了是吗吧呢啊我你他她们个这那不没有在就都也说要":
        return False
    if any(c in _NOT_GIVEN for c in candidate[1:]) or candidate[0] == candidate[1]:
        return False
    words = _words()
    return candidate not in words and (sure or candidate[:2] not in words)


_NOT_GIVEN = frozenset(
    "我你您他她它们的了吗呢吧啊呀哦嗯是不没有在就都也要会能把被让给跟或这那哪什么怎几个号名址机话系"
)


@cache
def _words() -> frozenset[str]:
    """Words of the dictionary that begin with a surname and are no names; from jieba's list."""
    # Its file only: importing it takes half a second.
    package = find_spec("jieba")
    assert package is not None and package.origin
    text = Path(package.origin).with_name("dict.txt").read_text("utf-8")
    found = set()
    for line in text.splitlines():
        word, count, tag = line.split(" ")
        if 2 <= len(word) <= 3 and word[0] in _SINGLE and not tag.startswith("nr") and int(count) >= 100:
            found.add(word)
    return frozenset(found)
