"""/v1/imports: files of postings."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Request, Response, UploadFile

from schemas.import_run import ImportShown
from schemas.vocabulary import Side
from service.http.dependencies import PrincipalDep, SessionDep
from service.http.language import LanguageDep
from service.http.once import IdempotencyKey, once
from service.postings import imports
from service.postings.imports import shown_import
from service.postings.templates import template

router = APIRouter(prefix="/v1/imports", tags=["imports"])

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.post("", status_code=202, response_model=ImportShown)
def post_import(
    request: Request,
    session: SessionDep,
    caller: PrincipalDep,
    language: LanguageDep,
    file: Annotated[UploadFile, File(description="JSONL, CSV (UTF-8 or GB18030) or XLSX.")],
    kind: Annotated[Side, Form()],
    publish: Annotated[bool, Form()] = False,
    key: IdempotencyKey = None,
) -> Response:
    """Take in a file, to be read in the background. Good rows go in and bad ones are listed; the answer says where
    to look.

    A file that cannot be read to its end finishes as `failed`, with the reason in `failure`, and nothing of it goes in.
    """
    digest = hashlib.file_digest(file.file, "sha256").hexdigest()  # type: ignore[arg-type]
    name = file.filename or ""

    def post() -> ImportShown:
        run = imports.post_import(
            session, caller, kind=kind, publish=publish, file_name=name, file=file.file, language=language
        )
        return shown_import(run)

    return once(session, caller, key, request, [name, kind, publish, digest], post, status=202)


@router.get("/templates/{kind}.xlsx", response_class=Response, responses={200: {"content": {_XLSX: {}}}})
def get_template(kind: Side) -> Response:
    """The table to fill in."""
    headers = {"Content-Disposition": f'attachment; filename="duijie-{kind}.xlsx"'}
    return Response(template(kind), media_type=_XLSX, headers=headers)


@router.get("/{import_id}")
def get_import(session: SessionDep, caller: PrincipalDep, import_id: UUID) -> ImportShown:
    """How far an import has come, and what it could not take."""
    return shown_import(imports.access_import(session, caller, import_id))
