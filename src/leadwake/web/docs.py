"""/docs: the OpenAPI document as one readable page, without scripts from elsewhere."""

# ruff: noqa: E501 - one page of markup

from __future__ import annotations

import json

from fastapi import APIRouter, Request
from jinja2 import Environment
from starlette.responses import HTMLResponse, Response

router = APIRouter(include_in_schema=False)

_ENVIRONMENT = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
_ENVIRONMENT.filters["pretty"] = lambda value: json.dumps(value, indent=2, ensure_ascii=False)
_PAGE = _ENVIRONMENT.from_string("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Leadwake API</title><style>
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:52rem;margin:0 auto;padding:1.5rem 1rem}
h2{margin-top:2.5rem;border-top:1px solid #8884;padding-top:1.5rem;font-size:1.15rem}code,pre{font:14px/1.45 ui-monospace,monospace}
pre{padding:.8rem;overflow:auto;background:#8881;border-radius:.5rem}table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid #8883}.m{font-weight:700}
</style></head><body><h1>Leadwake API</h1>
<p>{{ doc.info.summary }} The same as a machine reads it: <a href="/openapi.json">openapi.json</a>.
Make a key with <code>leadwake api-key create NAME</code>.</p>
{% for path, methods in doc.paths.items() %}{% for method, op in methods.items() %}
<h2><span class="m">{{ method | upper }}</span> <code>{{ path }}</code></h2><p>{{ op.summary }}. {{ op.description }}</p>
{% if op.parameters %}<table><tr><th>Parameter</th><th>In</th><th></th></tr>{% for p in op.parameters %}
<tr><td><code>{{ p.name }}</code></td><td>{{ p.in }}</td><td>{{ p.description }}</td></tr>{% endfor %}</table>{% endif %}
{% for kind, body in (op.requestBody.content if op.requestBody else {}).items() %}{% if loop.first %}
<p>Body: <code>{{ kind }}</code></p>
{% if body.schema.properties %}<table>{% for name, field in body.schema.properties.items() %}
<tr><td><code>{{ name }}</code></td><td>{{ field.description }}</td></tr>{% endfor %}</table>{% endif %}
{% for example in body.schema.examples or [] %}{% if loop.first %}<pre>{{ example | pretty }}</pre>{% endif %}{% endfor %}
{% endif %}{% endfor %}
<table>{% for status, answer in op.responses.items() %}<tr><td>{{ status }}</td><td>{{ answer.description }}</td></tr>
{% endfor %}</table>{% endfor %}{% endfor %}</body></html>
""")
#: the one page with a style of its own in it
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@router.get("/docs")
async def docs(request: Request) -> Response:
    """How to talk to this Leadwake."""
    return HTMLResponse(_PAGE.render(doc=request.app.openapi()), headers={"Content-Security-Policy": _POLICY})
