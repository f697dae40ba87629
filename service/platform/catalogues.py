"""gettext catalogues, as translators write them."""

from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


@lru_cache
def catalogue(package: str, language: str, of: str = "") -> NullTranslations:
    """A package's messages in a language. Compiled in memory: a translator's change needs no step but a restart.

    of: what the file's name begins with, where a package has several catalogues.
    """
    written = (files(package) / "locales" / f"{of}{language}.po").read_bytes()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(written), locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
