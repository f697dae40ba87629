"""/v1/exports: one's own postings as a file."""

from fastapi import APIRouter, Response

from schemas.vocabulary import Side
from service.http.dependencies import PrincipalDep, SessionDep
from service.postings.exports import KINDS, Format, export_file

router = APIRouter(prefix="/v1/exports", tags=["imports"])


@router.get(
    "/{kind}",
    response_class=Response,
    responses={200: {"content": {kind.split(";")[0]: {} for kind in KINDS.values()}}},
)
def get_export(session: SessionDep, caller: PrincipalDep, kind: Side, format: Format = "xlsx") -> Response:  # noqa: A002
    """All postings of the caller's organisation, drafts too, with their contacts; operators get everybody's."""
    return Response(
        export_file(session, caller, kind, format),
        media_type=KINDS[format],
        headers={"Content-Disposition": f'attachment; filename="duijie-{kind}.{format}"'},
    )
