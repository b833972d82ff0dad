"""Agent and customer are told apart by what they say, on whatever channel."""

import pytest

from callqa.transcribe.roles import LaneText, agent_lane, agent_score

AGENT = ["您好，工号八零二三，请问有什么可以帮您？", "请稍等，我帮您查一下", "感谢您的来电，再见"]
CUSTOMER = ["我买的手机坏了", "你们怎么回事，打了三次了", "我要退款"]


@pytest.mark.parametrize("agent", [0, 1])
@pytest.mark.parametrize("agent_starts", [True, False])
def test_agent_is_found_on_either_channel_and_whoever_starts(agent, agent_starts):
    lanes = {
        agent: LaneText(AGENT, 0.5 if agent_starts else 3.0),
        1 - agent: LaneText(CUSTOMER, 3.0 if agent_starts else 0.5),
    }
    assert agent_lane(lanes) == agent


def test_recognition_errors_do_not_hide_the_agent():
    lanes = {0: LaneText(["我要投诉"], 4.0), 1: LaneText(["您好公号8023请问有什么可以帮你"], 0.0)}
    assert agent_lane(lanes) == 1


def test_a_talkative_customer_does_not_become_the_agent():
    lanes = {0: LaneText(AGENT, 0.0), 1: LaneText(["您好，" + "我跟你讲你们这个东西我用不了" * 30], 3.0)}
    assert agent_lane(lanes) == 0


def test_one_lane_that_sounds_like_a_customer_is_no_agent():
    assert agent_lane({0: LaneText(["我要投诉你们，你们怎么就不给我退款，凭什么"], 0.0)}) is None


def test_nobody_speaks():
    assert agent_lane({0: LaneText([" "], 0.0)}) is None


def test_scores_have_opposite_signs():
    assert agent_score("".join(AGENT)) > 0 > agent_score("".join(CUSTOMER))


def test_a_customer_who_asks_for_the_employee_number_is_no_agent():
    rude = ["什么事", "跟我们客服没关系，你找仓库去", "先把订单号报一下", "规则页面上都写着"]
    angry = ["您好，我上周在你们店买的鞋", "你什么态度，赶紧把钱退给我", "你工号多少，我投诉你"]
    assert agent_lane({0: LaneText(rude, 0.0), 1: LaneText(angry, 2.0)}) == 0
    assert agent_lane({1: LaneText(rude, 0.0), 0: LaneText(angry, 2.0)}) == 1


def test_a_debtor_who_begs_is_no_agent():
    collector = ["什么时候还款", "再不还我们派人上门"]
    debtor = ["能不能缓几天，我求你了", "厂里发不出工资，实在没钱"]
    assert agent_lane({1: LaneText(collector, 3.0), 0: LaneText(debtor, 0.0)}) == 1
