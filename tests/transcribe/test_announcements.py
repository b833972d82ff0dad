"""Machines that speak in a call are told from the people in it."""

import pytest

from callqa.transcribe.announcements import announcements
from callqa.transcribe.types import Role, Utterance
from callqa.transcribe.utterances import finish


def call(*texts):
    return [
        Utterance(0, 5.0 * i, 5.0 * i + 4, str(i % 2), Role.UNKNOWN, text) for i, text in enumerate(texts)
    ]


HELLO, ASK = "您好，工号八零二三，请问有什么可以帮您？", "我想问一下我的账单"


@pytest.mark.parametrize(
    ("texts", "machine"),
    [
        (["普通话请按一，英文请按二", HELLO, ASK], {0}),
        (["欢迎致电，本次通话可能被录音", HELLO, ASK], {0}),
        (["您的来电将被录音", "坐席全忙，请稍候", HELLO], {0, 1}),
        ([HELLO, ASK, "满意请按一，不满意请按二"], {2}),
        ([HELLO, ASK, "请对本次服务做出评价，满意请按一"], {2}),
        ([HELLO, "您所拨打的电话暂时无法接通", ASK], {1}),
        ([HELLO, "您打进来以后按一转人工", ASK], set()),
        ([HELLO, "这个通话会录音的，您放心", ASK], set()),
        ([HELLO, "请您不要挂机，我帮您转接", ASK], set()),
        ([HELLO, ASK], set()),
        ([], set()),
    ],
)
def test_announcements_are_a_machines(texts, machine):
    assert announcements(call(*texts)) == machine


def test_order_does_not_matter():
    made = call("普通话请按一，英文请按二", HELLO, ASK)
    assert announcements(made[::-1]) == {2}


def test_a_machine_has_the_role_system_whatever_its_lane():
    made = call("普通话请按一，英文请按二", HELLO, "这是你们的录音吗")
    done = finish(made, {"0": Role.CUSTOMER, "1": Role.AGENT}, announcements(made))
    assert [u.role for u in done] == [Role.SYSTEM, Role.AGENT, Role.CUSTOMER]
