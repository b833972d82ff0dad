"""A simulated recogniser: transcripts made from length and content, always the same for the same sound."""

import os
import random
import time
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from callqa.transcribe.measures import measure
from callqa.transcribe.types import Role, Transcript, Utterance, Word

LINES = (
    "您好，很高兴为您服务，请问有什么可以帮您", "我想查一下我的订单到哪里了", "请您稍等，我马上为您查询",
    "这个不归我管您找别人吧", "我要投诉你们，再不解决我就打12315", "您的快递已经到达本市分拣中心",
    "好的，那我再等等看", "请问还有其他可以帮您的吗", "没有了，谢谢", "感谢您的来电，祝您生活愉快",
    "退款什么时候到账", "一般三到五个工作日原路退回", "你们这个态度太差了", "我的手机号是13800138000",
)  # fmt: skip
SECONDS_A_LINE = 3.0


class Simulated:
    """Shaped like transcribe.transcriber.Transcriber; ``pause`` seconds a recording."""

    def __init__(self, pause: float = 0.0, device: str = "cpu") -> None:
        self.pause, self.device = pause, device

    def transcribe_many(self, recordings: Sequence[np.ndarray], rate: int) -> list[Transcript]:
        return [self._one(samples, rate) for samples in recordings]

    def _one(self, samples: np.ndarray, rate: int) -> Transcript:
        if self.pause:
            time.sleep(self.pause)
        seconds = samples.shape[1] / rate
        # Every sample counts, so that sound that was decoded wrongly gives another transcript.
        chance = random.Random(zlib.crc32(np.ascontiguousarray(samples[:, ::7]).tobytes()))
        count = max(1, int(seconds / SECONDS_A_LINE))
        lines = tuple(_line(index, seconds / count, chance.choice(LINES)) for index in range(count))
        loudness = {"agent": -20.0, "customer": -22.0}
        measures = measure(lines, seconds, loudness)
        models = {"asr": "simulated", "diarization": "channels"}
        return Transcript(seconds, samples.shape[0], "zh", lines, measures, models)


def _line(index: int, length: float, text: str) -> Utterance:
    start, step = index * length, length * 0.9 / len(text)
    words = tuple(
        Word(round(start + n * step, 3), round(start + (n + 1) * step, 3), character, 0.9)
        for n, character in enumerate(text)
    )
    role = Role.AGENT if index % 2 == 0 else Role.CUSTOMER
    end = round(start + length * 0.9, 3)
    return Utterance(index, round(start, 3), end, f"S{index % 2 + 1}", role, text, 0.9, words, (), index % 2)


def quick(_settings: Any) -> Simulated:
    return Simulated()


def slow(_settings: Any) -> Simulated:
    return Simulated(float(os.environ.get("SIMULATED_PAUSE", "0.6")))
