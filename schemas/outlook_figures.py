"""What one look over all needs says about the whole, kept so that a change can be told."""

from pydantic import BaseModel
from sqlalchemy import Text
from sqlmodel import Field

from schemas.base import Row, structured


class Figures(BaseModel):
    """Shares are 0 to 1; None where there was nothing to count it from."""

    needs: int
    capabilities: int
    #: Pairs of unlike needs that were compared, and how much of each other's first ten they are shown.
    pairs: int
    overlap_mean: float | None = None
    overlap_most: float | None = None
    pairs_sharing_half: int = 0
    #: What the mean would be if each first ten were drawn by lot.
    overlap_by_lot: float | None = None
    #: Least, nine deciles, greatest.
    best_scores: list[float] = []
    needs_without_any: int = 0
    top_tenth_share: float | None = None
    #: Which share of the published capabilities is in any first ten.
    reached: float | None = None


class OutlookFigures(Row, table=True):
    """One row a look. Rows are in the order of their ids."""

    __tablename__ = "outlook_figures"

    model: str = Field(sa_type=Text, description="Which encoder.")
    scoring: str = Field(sa_type=Text, description="Which version of the score.")
    figures: Figures = Field(sa_type=structured(Figures))
