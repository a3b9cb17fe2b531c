"""The page that explains the API to people: drawn here from its specification, without a script or another host."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse

from streamlit_app.api import problems
from streamlit_app.web.pages import page

METHODS = ("get", "post", "delete")


def reference_page(request: HTTPConnection, spec: dict[str, Any]) -> HTMLResponse:
    """The page in the reader's language; names of fields are what they are."""
    calls = [
        {
            "method": method.upper(),
            "path": f"{spec['servers'][0]['url']}{path}",
            "words": f"api.{operation['operationId']}",
            "parameters": [_parameter(p) for p in operation.get("parameters", [])],
            "answer": _answer(spec, operation),
            "statuses": sorted(operation["responses"]),
        }
        for path, operations in spec["paths"].items()
        for method, operation in operations.items()
        if method in METHODS
    ]
    return page(request, "reference.html", calls=calls, version=spec["info"]["version"], problems=problems.CODES)


def _parameter(declared: dict[str, Any]) -> dict[str, Any]:
    schema = declared["schema"]
    kinds = schema.get("anyOf", [schema])
    return {
        "name": declared["name"],
        "place": declared["in"],
        "required": declared.get("required", False),
        "type": " | ".join(_type(kind) for kind in kinds if kind.get("type") != "null"),
        "default": json.dumps(schema["default"]) if schema.get("default") is not None else "",
        "description": declared.get("description", ""),
    }


def _type(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " · ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if schema.get("type") == "array":
        return f"[{' | '.join(_type(kind) for kind in schema['items'].get('anyOf', [schema['items']]))}]"
    return schema.get("format") or schema.get("type", "")


def _answer(spec: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, str]]:
    """Fields of the rows, or of the answer itself where it is no list."""
    content = operation["responses"].get("200", {}).get("content", {}).get("application/json")
    if not content:
        return []
    schemas = spec["components"]["schemas"]
    schema = schemas[_type(content["schema"])]
    rows = schema["properties"].get("rows")
    if rows:
        schema = schemas[_type(rows["items"])]
    return [
        {
            "name": name,
            "type": " | ".join(_type(kind) for kind in field.get("anyOf", [field])),
            "description": field.get("description", ""),
        }
        for name, field in schema["properties"].items()
    ]
