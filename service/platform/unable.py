"""What the person at the terminal can act on: told in one line, without a traceback."""


class Unable(Exception):
    """Its message, in the language of the terminal, says what is the matter and what to do."""

    def told(self) -> str:
        return str(self)
