"""Where the tests keep the unpacked default model, which takes seconds to make."""

import os
from pathlib import Path


def model_cache() -> Path:
    """``DUIJIE_TEST_MODELS``, or a folder of the checkout that git ignores."""
    return Path(os.environ.get("DUIJIE_TEST_MODELS", Path(__file__).parents[1] / ".cache" / "models"))
