"""Requests against a vendor's own OpenAPI file: known path, parameters and body; nothing the contract does not name."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from openapi_schema_validator import OAS30Validator, OAS31Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

SPECS = Path(__file__).parents[2] / ".." / "shared" / "vendor-specs"
#: contracts whose file is not called as the vendor is
FILES = {"meta": "meta-leadads"}
_ROOT = "urn:contract"


def specs() -> Path:
    """The folder of the vendors' contracts; skips where it is not, fails where it must be (CI)."""
    if not SPECS.is_dir():
        line = "the vendors' OpenAPI files are not beside this checkout (../shared/vendor-specs)"
        if os.environ.get("CI") == "true":
            pytest.fail(line)
        pytest.skip(line)
    return SPECS


@cache
def contract(vendor: str) -> Contract | None:
    """The vendor's contract; None where its file is not."""
    file = SPECS / f"{FILES.get(vendor, vendor)}.openapi.json"
    return Contract(json.loads(file.read_text())) if file.is_file() else None


class Contract:
    """One OpenAPI document (3.0 or 3.1)."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        servers = document.get("servers") or [{"url": ""}]
        base = servers[0]["url"]
        for name, variable in servers[0].get("variables", {}).items():  # Meta's version is one
            base = base.replace(f"{{{name}}}", variable["default"])
        self._base = urlsplit(base).path.rstrip("/")  # Slack's paths stand below one
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self._registry = Registry().with_resource(_ROOT, resource)
        self._validator = OAS31Validator if document["openapi"].startswith("3.1") else OAS30Validator

    def problems(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> list[str]:
        """Everything about a request that the contract does not allow; [] when it conforms."""
        parts = urlsplit(target)
        found = self._operation(method, parts.path.removeprefix(self._base))
        if found is None:
            return [f"{method} {parts.path}: no such operation"]
        pointer, operation, path_values = found
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return [
            f"{method} {parts.path}: {problem}"
            for problem in (
                *self._parameters(pointer, operation, path_values, query, headers),
                *self._security(operation, headers),
                *self._body(pointer, operation, headers, body),
            )
        ]

    def _operation(self, method: str, path: str) -> tuple[list[str], dict[str, Any], dict[str, str]] | None:
        # The fixed path before the templated one: /contacts/search is no contact's id.
        for template in sorted(self._document["paths"], key=lambda one: one.count("{")):
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
            match = re.fullmatch(pattern, path)
            operation = self._document["paths"][template].get(method.lower())
            if match and operation:
                values = {name: unquote(value) for name, value in match.groupdict().items()}
                return ["paths", template, method.lower()], operation, values
        return None

    def _parameters(
        self, pointer: list[str], operation: dict[str, Any], path_values: dict[str, str], query: dict[str, str],
        headers: Mapping[str, str],
    ) -> Iterator[str]:  # fmt: skip
        declared = {}
        for position, written in enumerate(operation.get("parameters", [])):
            where, parameter = self._resolved([*pointer, "parameters", str(position)], written)
            declared[parameter["in"], parameter["name"]] = where
            at, name = parameter["in"], parameter["name"]
            given = headers.get(name.lower()) if at == "header" else {"path": path_values, "query": query}[at].get(name)
            if given is None:
                if parameter.get("required"):
                    yield f"{parameter['in']} parameter {parameter['name']} is missing"
                continue
            yield from self._schema([*where, "schema"], _as_type(given, parameter.get("schema", {})))
        for name in query:
            if ("query", name) not in declared:
                yield f"query parameter {name} is unknown"

    def _security(self, operation: dict[str, Any], headers: Mapping[str, str]) -> Iterator[str]:
        needed = operation.get("security", self._document.get("security")) or []
        schemes = [self._document["components"]["securitySchemes"][name] for one in needed for name in one]
        if any(one["type"] == "apiKey" and headers.get(one["name"].lower()) for one in schemes):
            return
        given = headers.get("authorization", "").partition(" ")[0].lower()
        by_header = [one for one in schemes if one["type"] != "apiKey"]
        wanted = {"bearer" if one["type"] == "oauth2" else one.get("scheme", "").lower() for one in by_header}
        if schemes and given not in wanted:
            yield f"Authorization is {given or 'missing'}, one of {sorted(wanted)} is asked for"

    def _body(
        self, pointer: list[str], operation: dict[str, Any], headers: Mapping[str, str], body: bytes
    ) -> Iterator[str]:
        if "requestBody" not in operation:
            if body:
                yield "a body is not expected"
            return
        where, declared = self._resolved([*pointer, "requestBody"], operation["requestBody"])
        media = headers.get("content-type", "").partition(";")[0]
        if media not in declared["content"]:
            yield f"content type {media or 'missing'} is not one of {sorted(declared['content'])}"
            return
        where = [*where, "content", media, "schema"]
        schema = declared["content"][media]["schema"]
        if media == "application/x-www-form-urlencoded":
            known = self._resolved(where, schema)[1]["properties"]
            value: object = {
                name: _as_type(text, known.get(name, {}))
                for name, text in parse_qsl(body.decode(), strict_parsing=True)
            }
        else:
            value = json.loads(body)
        yield from self._schema(where, value)
        yield from self._unknown(schema, value, "body")

    def _schema(self, pointer: list[str], value: object) -> Iterator[str]:
        escaped = "/".join(part.replace("~", "~0").replace("/", "~1") for part in pointer)
        # %-encoded, as a fragment must be: paths hold braces
        schema = {"$ref": f"{_ROOT}#/{escaped.replace('%', '%25').replace('{', '%7B').replace('}', '%7D')}"}
        for error in self._validator(schema, registry=self._registry).iter_errors(value):
            yield f"{'.'.join(str(part) for part in error.absolute_path) or pointer[-2]}: {error.message}"

    def _unknown(self, schema: dict[str, Any], value: object, at: str) -> Iterator[str]:
        _, schema = self._resolved([], schema)
        if isinstance(value, list):
            for entry in value:
                yield from self._unknown(schema.get("items", {}), entry, f"{at}[]")
        if isinstance(value, dict) and "properties" in schema and not schema.get("additionalProperties"):
            for name, entry in value.items():
                if name not in schema["properties"]:
                    yield f"{at}.{name} is not in the contract"
                else:
                    yield from self._unknown(schema["properties"][name], entry, f"{at}.{name}")

    def _resolved(self, pointer: list[str], node: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
        while "$ref" in node:
            pointer = [
                part.replace("~1", "/").replace("~0", "~") for part in node["$ref"].removeprefix("#/").split("/")
            ]
            found: Any = self._document
            for part in pointer:
                found = found[part]
            node = found
        return pointer, node


def _as_type(text: str, schema: Mapping[str, Any]) -> object:
    """What the text of a form or query stands for, by the declared type."""
    match schema.get("type"):
        case "integer" | "number" if re.fullmatch(r"-?[0-9]+", text):
            return int(text)
        case "boolean" if text in {"true", "false"}:
            return text == "true"
        case "array":
            return [text]
        case _:
            return text
