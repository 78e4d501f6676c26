"""What is wrong with a request to words that the browser shows."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from policy_text import UserError


class Problems(APIRoute):
    """A route whose problems that a person can mend are answered with 422 and the words for it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handler(request)
            except UserError as problem:
                return JSONResponse({"detail": str(problem)}, status_code=422)
            except RequestValidationError as error:
                return JSONResponse({"detail": _first_of(error)}, status_code=422)

        return told


def _first_of(error: RequestValidationError) -> str:
    first = error.errors()[0]
    name = first["loc"][-1] if first["loc"] else "the request"
    return f"{name}: {first['msg'].removeprefix('Value error, ')}. Reload the page and try again."
