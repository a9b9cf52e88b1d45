"""Documentation of the API: OpenAPI, and a page to read."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from tfmatting.version import __version__

if TYPE_CHECKING:
    from tfmatting.serving.api import Limits

_PROPERTIES = {
    "output": {
        "type": "string",
        "enum": ["cutout", "matte"],
        "default": "cutout",
        "description": "the person, or the matte alone (grey, 255 = person)",
    },
    "background": {
        "type": "string",
        "pattern": "^(transparent|blur|#[0-9a-fA-F]{6})$",
        "default": "transparent",
        "description": "transparent, blur or #rrggbb (in a query, # is written %23)",
    },
}
_PICTURE = {"type": "string", "format": "binary"}


def openapi(limits: Limits, needs_token: bool) -> dict:
    """The OpenAPI 3.1 document of the API.

    Args:
        limits: of a request, see `Limits`.
        needs_token: whether callers send `Authorization: Bearer TOKEN`.
    """
    error = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    form = {
        "type": "object",
        "required": ["photo"],
        "properties": {
            "photo": _PICTURE,
            "picture": {**_PICTURE, "description": "goes behind the person"},
            **_PROPERTIES,
        },
    }
    operation: dict = {
        "operationId": "matte",
        "summary": "Cut the person out of a photo",
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": schema["description"],
                "schema": {key: value for key, value in schema.items() if key != "description"},
            }
            for name, schema in _PROPERTIES.items()
        ],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": form},
                "image/*": {"schema": _PICTURE},
            },
        },
        "responses": {
            "200": {
                "description": "the result at the photo's size",
                "content": {"image/png": {"schema": _PICTURE}},
            },
            **{
                status: {"description": meaning, **error}
                for status, meaning in _refusals(limits, needs_token).items()
            },
        },
    }
    components: dict = {
        "schemas": {
            "Error": {
                "type": "object",
                "required": ["error"],
                "properties": {"error": {"type": "string"}},
            }
        }
    }
    if needs_token:
        components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        operation["security"] = [{"token": []}]
    return {
        "openapi": "3.1.0",
        "info": {"title": "tfmatting", "version": __version__},
        "paths": {"/matte": {"post": operation}},
        "components": components,
    }


def _refusals(limits: Limits, needs_token: bool) -> dict[str, str]:
    refusals = {
        "400": "no photo, or an unknown option",
        "401": "no token, or a wrong one",
        "403": "a page of another site calls",
        "408": "nothing came for 10 seconds, or less than 4 kB a second",
        "413": f"more than {limits.megabytes} MB or {limits.megapixels} megapixels",
        "415": "not a picture that can be read",
        "422": "a picture that the model cannot be used on",
        "503": f"{limits.requests} requests are running; Retry-After says when to come again",
        "504": f"not done in {limits.seconds} seconds",
    }
    if not needs_token:
        del refusals["401"]
    return refusals


def documentation_page(limits: Limits, needs_token: bool) -> str:
    """The API as a page, without scripts."""
    token = ' -H "Authorization: Bearer $TFMATTING_TOKEN"' if needs_token else ""
    header = ', headers={"Authorization": f"Bearer {token}"}' if needs_token else ""
    curl = f"curl{token} -F photo=@me.jpg -F background=blur http://localhost:8017/matte -o me.png"
    client = (
        "import httpx\n\n"
        'with open("me.jpg", "rb") as photo:\n'
        '    answer = httpx.post("http://localhost:8017/matte", '
        f'files={{"photo": photo}}{header}, timeout=60)\n'
        "answer.raise_for_status()\n"
        'open("me.png", "wb").write(answer.content)'
    )
    options = "".join(
        f"<tr><th scope=row><code>{name}</code><td>{html.escape(schema['description'])}"
        f"<td><code>{schema['default']}</code>"
        for name, schema in _PROPERTIES.items()
    )
    refusals = "".join(
        f"<tr><th scope=row>{status}<td>{html.escape(meaning)}"
        for status, meaning in _refusals(limits, needs_token).items()
    )
    return f"""<!doctype html>
<html lang=en>
<meta charset=utf-8>
<meta name=viewport content="width=device-width, initial-scale=1">
<title>tfmatting: the HTTP API</title>
<link rel=stylesheet href=style.css>
<main class=document>
<h1>POST /matte</h1>
<p>Takes a photo, as the body or as the file <code>photo</code> of a form, and answers with a PNG of
its size. Nothing is kept.
<h2>Options, in the query or the form</h2>
<table><tr><th scope=col>name<th scope=col>what<th scope=col>default{options}
<tr><th scope=row><code>picture</code><td>a file of the form: goes behind the person<td></table>
<h2>On the command line</h2><pre><code>{html.escape(curl)}</code></pre>
<h2>In Python</h2><pre><code>{html.escape(client)}</code></pre>
<h2>Refusals, JSON <code>{{"error": …}}</code></h2>
<table><tr><th scope=col>status<th scope=col>when{refusals}</table>
<p><a href=openapi.json>openapi.json</a> (OpenAPI 3.1) · <a href="./">the page</a>
</main>
"""
