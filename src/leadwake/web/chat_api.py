"""/embed/chat…: what the chat on the team's own websites asks of us. The secret of a chat travels in bodies only."""

from __future__ import annotations

import math
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from leadwake.domain.chat import LANGUAGES, MAX_CHARS, answering
from leadwake.domain.website import Website
from leadwake.errors import InputError
from leadwake.intake import chat as door
from leadwake.intake.fields import clean_text
from leadwake.storage import chats
from leadwake.storage.chats import Chat
from leadwake.web.bodies import read_body
from leadwake.web.chat_live import HERE_S, ChatLive, news_of
from leadwake.web.clients import Buckets, client_ip
from leadwake.web.cross_site import CrossSiteRoute, website_of
from leadwake.web.problems import Problem
from leadwake.web.read_api import parse_id
from leadwake.workflows import chat_hours, chat_looks, form_proof, heard
from leadwake.workflows import chats as workflow
from leadwake.workflows.chats import NoSuchChat, Question
from leadwake.workflows.office import Office

MAX_BODY: Final = 16 * 1024
#: chats begun from one address; messages in one chat; everything from one address, whoever asks in turns, too
BEGIN_BURST, BEGIN_PER_S = 6.0, 1 / 60
SAY_BURST, SAY_PER_S = 12.0, 0.5
ALL_BURST, ALL_PER_S = 90.0, 6.0

_Token = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{43}$")]


class ChatRoute(CrossSiteRoute):
    """For websites whose pages have the chat."""

    part = "chat"


router = APIRouter(include_in_schema=False, route_class=ChatRoute)


class _Begin(door.Question, frozen=True, kw_only=True):
    id: UUID
    token: _Token
    visitor: str = ""
    shown: form_proof.Sent = msgspec.field(default_factory=form_proof.Sent)


class _Held(msgspec.Struct, frozen=True):
    """Whatever is asked of a chat. after, upto: numbers of lines."""

    token: _Token
    after: Annotated[int, msgspec.Meta(ge=0, le=1 << 30)] = 0
    upto: Annotated[int, msgspec.Meta(ge=0, le=1 << 30)] = 0
    ref: UUID | None = None
    text: Annotated[str, msgspec.Meta(max_length=4 * MAX_CHARS)] = ""


_begin, _held = msgspec.json.Decoder(_Begin).decode, msgspec.json.Decoder(_Held).decode


class Slower:
    """How much browsers may ask, in one process."""

    def __init__(self) -> None:
        self.begin = Buckets(BEGIN_BURST, BEGIN_PER_S)
        self.say = Buckets(SAY_BURST, SAY_PER_S)
        self.all = Buckets(ALL_BURST, ALL_PER_S)


@router.api_route("/embed/chat/look", methods=["GET", "OPTIONS"])
async def look(request: Request, lang: str = "en") -> Response:
    """What the chat says before it begins."""
    office = _office(request)
    _bounded(_slower(request).all, _address(request))
    how, box = await chat_looks.of_website(office, website_of(request))
    language = lang if lang in LANGUAGES else "en"
    who = await chat_hours.answering(office)
    said = {
        "business": office.settings.business_name, "greeting": how.greeting, "colour": how.colour,
        "answering": answering(who, language, office.clock.now()),
        "box": {"words": box.form.wording, "token": box.proof} if box else None,
        "privacy": office.settings.privacy_url or None,
    }  # fmt: skip
    return JSONResponse(said, headers={"Cache-Control": "private, max-age=60"})


@router.api_route("/embed/chat", methods=["POST", "OPTIONS"])
async def begin(request: Request) -> Response:
    """The question is taken in, and the chat is open."""
    address, website = _address(request), website_of(request)
    _bounded(_slower(request).all, address)
    _bounded(_slower(request).begin, address)
    given = _read(_begin, await read_body(request, MAX_BODY))
    if given.language not in LANGUAGES:
        raise InputError({"language": f"one of {', '.join(LANGUAGES)}"})
    asked = door.Question(*(_written(getattr(given, name)) for name in door.Question.__struct_fields__))
    meta = {"ip": address, "user_agent": request.headers.get("user-agent", "")[:300], "origin": website.origin}
    around = await chat_looks.shown(_office(request), website, given.shown) if given.agreed else {}
    asked = msgspec.structs.replace(asked, form=around.get("form", ""))
    meta |= around
    message = clean_text(asked.message, MAX_CHARS) or ""
    question = Question(
        given.id, given.token, msgspec.json.encode(asked), asked.contact, message, asked.language, meta, given.visitor
    )  # fmt: skip
    await heard.hook(_office(request), "chat", website.origin)
    await workflow.begin(_office(request), website, question)
    return JSONResponse({}, 202)


@router.api_route("/embed/chat/{chat_id}/messages", methods=["POST", "OPTIONS"])
async def say(request: Request, chat_id: str) -> Response:
    """What they write stands on the thread."""
    chat, given = await _opened(request, chat_id)
    _bounded(_slower(request).say, str(chat.id))
    text = clean_text(given.text, MAX_CHARS)
    if given.ref is None or text is None:
        raise InputError({"text": "write something"})
    await workflow.say(_office(request), chat, given.ref, text)
    return Response(status_code=204)


@router.api_route("/embed/chat/{chat_id}/lines", methods=["POST", "OPTIONS"])
async def lines(request: Request, chat_id: str) -> Response:
    """What stands there after a number: for browsers without a stream."""
    chat, given = await _opened(request, chat_id)
    await _office(request).db.run("chat_here", id=chat.id, for_s=HERE_S)
    return JSONResponse(await news_of(_office(request), chat, given.token, given.after))


@router.api_route("/embed/chat/{chat_id}/stream", methods=["POST", "OPTIONS"])
async def stream(request: Request, chat_id: str) -> Response:
    """The same, and whatever comes, as it comes."""
    chat, given = await _opened(request, chat_id)
    live: ChatLive = request.app.state.chat_live
    address = _address(request)
    if not live.has_room(address):
        raise Problem(503, "No room for one more stream; ask for the lines instead.", headers={"Retry-After": "60"})
    events = live.stream(_office(request), request, chat, given.token, given.after, address)
    return StreamingResponse(events, headers={"X-Accel-Buffering": "no"}, media_type="text/event-stream")


@router.api_route("/embed/chat/{chat_id}/seen", methods=["POST", "OPTIONS"])
async def seen(request: Request, chat_id: str) -> Response:
    """Our lines up to a number stood open on their screen."""
    chat, given = await _opened(request, chat_id)
    await workflow.seen(_office(request), chat, given.upto)
    return Response(status_code=204)


@router.api_route("/embed/chat/{chat_id}/end", methods=["POST", "OPTIONS"])
async def end(request: Request, chat_id: str) -> Response:
    """The visitor ended it."""
    chat, _ = await _opened(request, chat_id)
    await workflow.end(_office(request), chat)
    return Response(status_code=204)


async def _opened(request: Request, chat_id: str) -> tuple[Chat, _Held]:
    """The chat that the body's secret opens, on the website it was begun on. Raises Problem 404."""
    _bounded(_slower(request).all, _address(request))
    given = _read(_held, await read_body(request, MAX_BODY))
    wanted, office = parse_id(chat_id), _office(request)
    chat = await chats.opened(office.db, wanted, given.token, office.clock.now()) if wanted else None
    website: Website = website_of(request)
    if chat is None or chat.website_id != website.id:
        raise Problem(404, str(NoSuchChat()))
    return chat, given


def _read(decode: Any, body: bytes) -> Any:
    """The body as it is meant. Raises Problem 400."""
    try:
        return decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Problem(400, "The request cannot be read.") from error


def _written(value: Any) -> Any:
    """Text without half surrogate pairs, which no encoding can write."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _bounded(buckets: Buckets, whose: str) -> None:
    if wait := buckets.wait_s(whose):
        raise Problem(429, "Too much at once; try again shortly.", headers={"Retry-After": str(math.ceil(wait))})


def _address(request: Request) -> str:
    return client_ip(request, request.app.state.trusted_proxies)


def _slower(request: Request) -> Slower:
    slower: Slower = request.app.state.chat_slower
    return slower


def _office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office
