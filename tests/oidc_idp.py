"""An OpenID provider for the tests: django-oauth-toolkit, started as `oidc_idp.py PORT`. It knows nothing of us."""

from __future__ import annotations

import sys
import tempfile
from typing import Any

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings


def a_key() -> str:
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


FOLDER = tempfile.TemporaryDirectory()
settings.configure(
    SECRET_KEY="only for tests", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, USE_TZ=True, LOGIN_URL="/login",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{FOLDER.name}/db",
                           "OPTIONS": {"timeout": 20}}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "oauth2_provider"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"], DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    SESSION_COOKIE_NAME="idp_session",  # ports share cookies
    LOGGING_CONFIG=None,
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True, "OIDC_RSA_PRIVATE_KEY": a_key(), "PKCE_REQUIRED": True,
        "SCOPES": {"openid": "who you are", "email": "your address", "profile": "your name"},
        "OAUTH2_VALIDATOR_CLASS": f"{__name__}.Claims",
    },
)  # fmt: skip
django.setup()

from django.contrib.auth import authenticate, get_user_model, login  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect  # noqa: E402
from django.urls import include, path  # noqa: E402
from oauth2_provider.models import get_application_model  # noqa: E402
from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: E402
from oauth2_provider.settings import oauth2_settings  # noqa: E402


class Claims(OAuth2Validator):
    oidc_claim_scope = None

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        user = request.user
        if user.last_name == "only in userinfo":
            return {}
        return {"email": user.email, "email_verified": user.is_staff, "name": user.first_name}

    def get_userinfo_claims(self, request: Any) -> dict[str, Any]:
        claims = super().get_userinfo_claims(request)
        return {**claims, "email": request.user.email, "email_verified": request.user.is_staff}


def log_in(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return HttpResponse(
            '<!doctype html><title>Log in here</title><form method="post"><input name="username">'
            '<input type="password" name="password"><button>Log in there</button></form>'
        )
    user = authenticate(request, username=request.POST["username"], password=request.POST["password"])
    if user is None:
        return HttpResponse("no", status=401)
    login(request, user)
    return HttpResponseRedirect(request.GET["next"])


def control(request: HttpRequest, what: str) -> HttpResponse:
    """The provider's operator."""
    if what == "user":
        users, given = get_user_model().objects, request.POST
        user, _ = users.get_or_create(username=given["username"])
        user.email, user.first_name, user.last_name = given["email"], given["name"], given.get("last_name", "")
        user.is_staff = given["verified"] == "yes"
        user.set_password("the provider's password")
        user.save()
    elif what == "client":
        applications = get_application_model().objects
        applications.filter(client_id=request.POST["client_id"]).delete()
        applications.create(
            client_id=request.POST["client_id"], client_secret=request.POST["client_secret"], name="Leadwake",
            client_type="confidential", authorization_grant_type="authorization-code", algorithm="RS256",
            redirect_uris=request.POST["redirect_uris"], skip_authorization=True,
        )  # fmt: skip
    elif what == "rotate":
        oauth2_settings.OIDC_RSA_PRIVATE_KEY = a_key()
    return HttpResponse("done")


urlpatterns = [
    path("login", log_in),
    path("control/<what>", control),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]

if __name__ == "__main__":
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    from django.core.wsgi import get_wsgi_application

    sys.modules["oidc_idp"] = sys.modules[__name__]

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    call_command("migrate", verbosity=0)
    server = make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application(), Server, Quiet)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    server.serve_forever()
