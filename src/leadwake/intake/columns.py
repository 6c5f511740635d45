"""What the columns of a list mean to us: by many names, English and Spanish, or as the user says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from leadwake.domain.names import fold
from leadwake.errors import InputError

#: a column that is kept as it came, under its own name
EXTRA: Final = ""
#: a column that is left out
IGNORE: Final = "-"

#: field → other names of it, as their letters and digits
_ALSO: Final[Mapping[str, str]] = {
    "name": "fullname contact contactname leadname client clientname customer customername person personname prospect "
    "nombrecompleto nombreyapellido nombreyapellidos contacto cliente buyername sellername",
    "first_name": "firstname first givenname given fname forename nombre nombres primernombre",
    "middle_name": "middlename middle middleinitial segundonombre",
    "last_name": "lastname last surname familyname lname apellido apellidos primerapellido segundoapellido",
    "email": "mail emailaddress emails mailaddress correo correoelectronico correos emailid",
    "phone": "phonenumber phones mobile cell cellphone mobilephone mobilenumber telephone tel number homephone "
    "workphone businessphone contactnumber dayphone eveningphone telefono telefonos celular movil whatsapp "
    "numerodetelefono",
    "message": "comments comment inquiry inquirymessage question leadmessage mensaje comentario comentarios consulta "
    "pregunta",
    "notes": "note remarks remark description background nota notas observaciones descripcion agentnotes",
    "tags": "tag labels label groups group lists list etiquetas etiqueta categorias",
    "received_at": "created createdat createddate datecreated creationdate createdtime createdon createtime dateadded "
    "added addedon addeddate leaddate leadcreated inquirydate dateofinquiry registered registereddate registrationdate "
    "submitted submittedat submissiondate timestamp date receiveddate datereceived fecha fechadecreacion fechacreacion "
    "fechaderegistro fechaalta fechadealta creado",
    "source": "leadsource origin leadorigin origen fuente fuentedelead referralsource howdidyouhear "
    "howdidyouhearaboutus comonosconocio marketingsource",
    "channel": "leadchannel canal",
    "interest": "interestedin leadtype producttype product service need interes interesadoen tipo servicio producto "
    "insurancetype lineofbusiness",
    "postal_code": "zip zipcode postalcode postcode postal codigopostal cp homezip mailingzip",
    "state": "province region stateprovince homestate mailingstate estado provincia",
    "country": "countrycode pais",
    "budget": "pricerange price maxprice maximumprice presupuesto rangodeprecio",
    "timeline": "timeframe buyingtimeframe whenbuying plazo",
    "page_url": "pageurl landingpage landingpageurl formurl",
    "owner": "agent agentemail assignedto assignedagent assigneduser assigned owneremail leadowner contactowner agente "
    "asesor responsable asignadoa vendedor assignedemail realtor producer",
    "id": "leadid contactid recordid externalid clientid customerid personid crmid identificador idcontacto idlead",
    "consent.sms": "smsconsent textconsent smsoptin textoptin consentsms consenttotext okttotext smspermission consent "
    "tcpaconsent tcpa consentimientosms consentimiento optin",
    "consent.email": "emailconsent emailoptin consentemail emailpermission consentimientoemail",
    "consent.text": "consenttext consentwording disclosure disclosuretext consentlanguage",
    "consent.wording_version": "wordingversion consentversion consentwordingversion",
    "consent.url": "consenturl consentpage",
    "consent.checkbox": "consentcheckbox checkbox",
    "consent.signature": "consentsignature signature esignature",
    "consent.timestamp": "consenttimestamp consentdate consentat consenttime optindate optintime",
    "consent.ip": "consentip ipaddress ip optinip",
    "consent.user_agent": "consentuseragent useragent",
    "do_not_contact": "donotcontact dnc optout optedout unsubscribed nocontactar baja nocontact",
    "do_not_text": "donottext donotsms smsoptout textoptout smsoptedout donotcall donotcallortext",
    "do_not_email": "donotemail emailoptout emailoptedout emailunsubscribed hasoptedoutofemail",
    "utm.utm_source": "utmsource", "utm.utm_medium": "utmmedium", "utm.utm_campaign": "utmcampaign",
    "utm.utm_term": "utmterm", "utm.utm_content": "utmcontent",
}  # fmt: skip
FIELDS: Final = tuple(_ALSO)
_NAMES: Final = {
    word: field for field, words in _ALSO.items() for word in (re.sub(r"[^a-z0-9]", "", field), *words.split())
}
_MANY: Final = ("phone", "email", "notes", "tags", "message", "last_name", "do_not_contact", "do_not_text")
#: heads of several words: "Primary e-mail", "Owner 2 cell phone"
_EMAIL: Final = re.compile(r".*(?:email|emailaddress|correo)\d*(?:value)?")
_PHONE: Final = re.compile(r".*(?:phone|phonenumber|mobile|cell|telefono|celular|movil)\d*(?:value)?")
_REACHES: Final = frozenset({"name", "first_name", "last_name", "phone", "email"})


def guessed(heads: Sequence[str]) -> list[str]:
    """The field of each column; EXTRA for one that says nothing to us."""
    found: list[str] = []
    for head in heads:
        field = _field(_letters(head))
        found.append(field if field not in found or field in _MANY else EXTRA)
    if "last_name" not in found and "name" not in found and "first_name" in found:
        place = found.index("first_name")
        if _letters(heads[place]) in {"nombre", "nombres", "first"}:
            found[place] = "name"  # alone it is the whole name
    return found


def mapped(heads: Sequence[str], said: Mapping[str, str], *, is_asked: bool = False) -> list[str]:
    """
    The field of each column, guessed where the user does not say. said: head → field, "-" to leave it out.

    is_asked: they will say more. Raises InputError for a head or a field that is not there, and when no column leads to
    anybody.
    """
    places = {head.casefold(): place for place, head in enumerate(heads)}
    found = guessed(heads)
    for head, field in said.items():
        place = places.get(head.strip().casefold())
        if place is None:
            raise InputError({"map": f"no column is called {head.strip()!r}; there are: {', '.join(heads)[:500]}"})
        if field not in FIELDS and field not in {EXTRA, IGNORE}:
            raise InputError({"map": f"{field!r} is no field of ours; there are: {', '.join(FIELDS)}"})
        found[place] = field
    if _REACHES.isdisjoint(found) and not is_asked:
        raise InputError(
            {"columns": f"no column holds a name, a phone or an e-mail; there are: {', '.join(heads)[:300]}"}
        )
    return found


def _field(word: str) -> str:
    bare = word.rstrip("0123456789")
    if field := _NAMES.get(word) or _NAMES.get(bare):
        return field
    if _EMAIL.fullmatch(word):
        return "email"
    return "phone" if _PHONE.fullmatch(word) else EXTRA


def _letters(head: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(head[:200]))
