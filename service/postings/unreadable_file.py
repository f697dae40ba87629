"""What is told of a file that cannot be read."""

from schemas.wording import Wording


class UnreadableFile(Exception):
    """The file as a whole cannot be read. ``wording`` says why."""

    def __init__(self, wording: Wording) -> None:
        super().__init__(wording.said("en"))
        self.wording = wording
