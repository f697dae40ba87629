"""The unified social credit code (统一社会信用代码), GB 32100."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from schemas.reading.writing import FULL_WIDTH, LONGEST_FIELD


def _checked(written: str) -> str:
    try:
        code: str = uscc.validate(written.translate(FULL_WIDTH).strip())
    except ValidationError as wrong:
        raise PydanticCustomError(
            "credit_code", "Not a unified social credit code: 18 characters with a check character (GB 32100)"
        ) from wrong
    return code


CreditCode = Annotated[str, StringConstraints(max_length=LONGEST_FIELD), AfterValidator(_checked)]
