"""/setup/sign-in: the accounts that people may log in with, each tried before it counts, and whether passwords do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake import sign_in as names
from leadwake.providers.oidc import Spec, providers
from leadwake.sign_in import Ways
from leadwake.web import oidc
from leadwake.web.pages import setup_fields, view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.setup import Admin
from leadwake.web.pages.setup_fields import Check, Field
from leadwake.web.sessions import visiting
from leadwake.workflows.office import Office
from leadwake.workflows.saving import save as save_settings
from leadwake.workflows.sign_in import passwords_count
from leadwake.workflows.sign_in_trial import Trial, look
from leadwake.workflows.webhook_deliveries import reach

router = APIRouter(route_class=PageRoute)

_PLACE: Final = "/setup/sign-in"


def _fit(name: str) -> Check:
    def said(value: str) -> str | None:
        wrong = names.problem(name, value)
        return f"{wrong[0].upper()}{wrong[1:]}." if wrong else None

    return said


def _client(key: str, where: str) -> tuple[Field, Field]:
    return (
        Field(f"{key}_CLIENT_ID", "Client id", where, check=setup_fields.plain),
        Field(f"{key}_CLIENT_SECRET", "Client secret", "", "secret", setup_fields.plain),
    )


PROVIDERS: Final[Mapping[str, tuple[str, tuple[Field, ...]]]] = {
    "google": ("Google", _client("GOOGLE", "Google Cloud console, APIs & Services, Credentials: an OAuth client of the "
                                 "type Web application.")),
    "microsoft": ("Microsoft", (
        *_client("MICROSOFT", "Entra admin center, App registrations: Application (client) ID."),
        Field("MICROSOFT_TENANT", "Directory", "Your own directory's tenant id or domain: the safest. common lets in "
              "addresses from any directory whose owner proved the domain.", check=_fit("MICROSOFT_TENANT"),
              example="common"),
    )),
    "oidc": ("Another provider", (
        Field("OIDC_ISSUER", "Issuer", "Any OpenID provider: Okta, Auth0, Keycloak, authentik and others.", "url",
              _fit("OIDC_ISSUER"), example="https://login.example.com"),
        *_client("OIDC", "As the provider shows it for your application."),
        Field("OIDC_NAME", "What the button says", "Log in with …", check=setup_fields.plain, example="Okta"),
    )),
}  # fmt: skip

WAYS: Final = (
    Field("SIGN_IN", "People log in", "", "choice", _fit("SIGN_IN"), {
        "": "with any of these accounts, or a password", Ways.PROVIDERS: "with these accounts only",
        Ways.PASSWORD: "with a password only",
    }),
    Field("SIGN_IN_DOMAIN", "Newcomers of your domain", "Whoever has an account at this domain comes in as an agent "
          "without leads; you say when they take some. Empty: only those you invited.", check=_fit("SIGN_IN_DOMAIN"),
          example="yourdomain.com"),
)  # fmt: skip


@router.get(_PLACE)
async def show(request: Request, person: Admin, saved: str = "") -> Response:
    """Each account as it is set up. saved: the section that was saved a moment ago."""
    del person
    return await _page(request, saved=saved)


@router.post(_PLACE + "/{section}")
async def save(request: Request, section: str, person: Admin) -> Response:
    """The section counts everywhere, or its mistakes stand beside their fields."""
    office: Office = request.app.state.office
    entries, given = _entries(section), await fields(request)
    new = setup_fields.changes(office.settings, entries, given)
    wrong = setup_fields.problems(office.base_settings, office.settings.saved, entries, new)
    if not wrong and new.get("SIGN_IN") == Ways.PROVIDERS and not await _came_by_provider(request):
        wrong = {"SIGN_IN": "Log in with one of these accounts yourself first: then you know that it works."}
    if wrong:
        return await _page(request, status=422, given={name: value or "" for name, value in new.items()}, wrong=wrong)
    if new:
        await save_settings(office, new, f"user {person.id}")
    return see(f"{_PLACE}?saved={section}#{section}")


@router.post(_PLACE + "/{section}/try")
async def attempt(request: Request, section: str, person: Admin) -> Response:
    """What can be seen of the provider now; nobody is logged in by it."""
    del person
    office: Office = request.app.state.office
    if section not in PROVIDERS:
        raise HTTPException(404)
    spec = _spec(office, section)
    if spec is None:
        trial = Trial(False, ("Save its client id first.",))
    else:
        trial = await look(spec, reach(office.settings, is_practice=office.is_practice))
    return await _page(request, tried=section, trial=trial)


def _entries(section: str) -> tuple[Field, ...]:
    if section == "ways":
        return WAYS
    if section not in PROVIDERS:
        raise HTTPException(404)
    return PROVIDERS[section][1]


def _spec(office: Office, key: str) -> Spec | None:
    return next((spec for spec in providers(office.settings) if spec.key == key), None)


async def _came_by_provider(request: Request) -> bool:
    return _spec(request.app.state.office, (await visiting(request)).via) is not None


async def _page(
    request: Request, *, status: int = 200, saved: str = "", given: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None, tried: str = "", trial: Trial | None = None,
) -> Response:  # fmt: skip
    office: Office = request.app.state.office
    backs = {key: oidc.callback(request, key) for key in PROVIDERS}
    return await view.page(
        request, "sign_in.html", here="setup", tab="sign-in", status=status, providers=PROVIDERS, ways=WAYS,
        ready={spec.key for spec in providers(office.settings)}, backs=backs, by_password=await passwords_count(office),
        saved=saved, given=given or {}, wrong=wrong or {}, tried=tried, trial=trial,
    )  # fmt: skip
