"""Fine-tuning a sentence-transformers model, by the library's own trainer and loss."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

Progress = Callable[[float], None]

_RATE, _AT_ONCE, _WARMING = 3e-5, 16, 0.1
# So many texts are gone through at a time. All of a batch at once took fifteen gigabytes instead of four.
_IN_MEMORY = 4
# The loss sees cosines this much larger. Models of the e5 family were made with 100.
_SCALE = 50.0
# Longer texts are cut while training, which takes time in proportion; never when encoding.
_TOKENS = 256


@dataclass(frozen=True)
class Example:
    """A need, a capability that answers it, and some that do not, all of them as many."""

    need: str
    answer: str
    others: tuple[str, ...] = ()


def fit(
    base: str,
    judged: Sequence[Example],
    pairs: Sequence[Example],
    epochs: int,
    folder: Path,
    progress: Progress,
) -> None:
    """Train on all examples, and write the model to ``folder``. The vectors of single words stay as they are.

    They are four fifths of the default model's weights and would take most of the time; and words that no
    example has would lose their place beside those that some have.
    """
    # These take seconds to import, and other commands do not need them.
    import torch  # noqa: PLC0415
    from sentence_transformers import (  # noqa: PLC0415
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.sentence_transformer.losses import (  # noqa: PLC0415
        CachedMultipleNegativesRankingLoss,
    )

    # Untyped, so they are not imported by name.
    transformers, datasets = import_module("transformers"), import_module("datasets")
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    datasets.disable_progress_bars()
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    model = SentenceTransformer(base, device="cpu")
    for module in model.modules():
        if isinstance(module, torch.nn.Embedding):
            module.requires_grad_(requires_grad=False)
    # Where there is an example already, the library looks for none among the texts, with a bar of its own.
    model.model_card_data.widget = [{"text": ""}]
    limit = model.max_seq_length
    model.max_seq_length = min(limit or _TOKENS, _TOKENS)
    tables = {
        name: datasets.Dataset.from_dict(_columns(examples))
        for name, examples in (("judged", judged), ("pairs", pairs))
        if examples
    }
    prompts = {name: _prompts(model.prompts, table.column_names) for name, table in tables.items()}
    able = torch.cpu.get_capabilities()
    with TemporaryDirectory() as scratch:
        trainer = SentenceTransformerTrainer(
            model=model,
            args=SentenceTransformerTrainingArguments(
                output_dir=scratch,
                num_train_epochs=epochs,
                per_device_train_batch_size=_AT_ONCE,
                learning_rate=_RATE,
                warmup_steps=_WARMING,
                # Two examples of one need in a batch would each be a wrong answer to the other.
                batch_sampler="no_duplicates",
                prompts=prompts,
                bf16=bool(able.get("avx512_bf16") or able.get("amx_bf16")),
                use_cpu=True,
                dataloader_pin_memory=False,
                save_strategy="no",
                logging_strategy="no",
                report_to="none",
                disable_tqdm=True,
            ),
            train_dataset=tables,
            loss=CachedMultipleNegativesRankingLoss(model, scale=_SCALE, mini_batch_size=_IN_MEMORY),
            callbacks=[_telling(transformers.TrainerCallback, progress)],
        )
        trainer.remove_callback(transformers.PrinterCallback)
        trainer.train()
    model.max_seq_length = limit
    # The library's card would quote needs that were trained on.
    model.save(str(folder), create_model_card=False)


def _columns(examples: Sequence[Example]) -> dict[str, list[str]]:
    columns = {"need": [one.need for one in examples], "answer": [one.answer for one in examples]}
    for place in range(len(examples[0].others)):
        columns[f"other_{place}"] = [one.others[place] for one in examples]
    return columns


def _prompts(prompts: Mapping[str, str | None], columns: Sequence[str]) -> dict[str, str]:
    """Needs ask; all other columns answer. Of the prompt's names the first that the model has counts."""
    ask = prompts.get("query") or ""
    answer = next((found for name in ("document", "passage", "corpus") if (found := prompts.get(name))), "")
    return {column: ask if column == "need" else answer for column in columns}


def _telling(callback: type[Any], progress: Progress) -> Any:
    def tell(_self: object, _arguments: Any, state: Any, _control: Any, **_: Any) -> None:
        progress(state.global_step / state.max_steps)

    return type("Telling", (callback,), {"on_step_end": tell})()
