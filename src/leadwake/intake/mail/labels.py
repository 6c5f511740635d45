"""What senders call the fields of a lead, and what we call them: "Best number to reach you" is a phone.

A label is read word by word: first whose it is (the lead's, an agent's), then the rest by a table, last as a question.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from leadwake.intake.phrases import any_of, headed, words_in

#: a field of somebody who is not the lead: the agent, the dealer, the sender
FOREIGN: Final = "foreign"

#: our name, and below it the names of senders: lower case, without punctuation
_TABLE: Final = """
name
  name | full name | fullname | name full | first and last name | first last name | names | name first last |
  complete name | who
  nombre | nombre completo | nombre y apellido | nombre y apellidos | de | remitente
first_name
  first name | first | fname | firstname | given name | name first | forename
  primer nombre
last_name
  last name | last | lname | lastname | surname | family name | name last
  apellido | apellidos
middle_name
  middle name | middle initial
email
  email | e mail | mail | email address | e mail address | email id | emailaddress | email addr | from email |
  mail address | correo | electronic mail | reply to | email 1 | best email
  correo electronico | correo | direccion de correo | direccion de correo electronico
phone
  phone | phone number | phonenumber | telephone | telephone number | tel | mobile | mobile phone | mobile number |
  cell | cell phone | cellphone | cell number | contact number | contact phone | day phone | daytime phone |
  home phone | primary phone | phone 1 | phone home | phone mobile | phone cell | phone day | number |
  callback number | call back number | best phone | best number | best phone number | preferred phone | main phone |
  phone primary | whatsapp | whatsapp number | ph | ph no | phone no | mobile no | tel no | telefono |
  user provided phone number | mobile telephone | day time phone | daytime phone number | text number |
  phone daytime
  homephone | mobilephone | dayphone | primaryphone
  telefono | numero de telefono | telefono movil | telefono de contacto | numero de contacto | celular | movil |
  numero de celular | telefono celular | numero
phone_other
  eve phone | evening phone | work phone | office phone | alt phone | alternate phone | alternative phone |
  secondary phone | other phone | phone 2 | phone 3 | phone work | phone evening | second phone | additional phone |
  night phone | alternate number | secondary number | phone alternate | phone secondary
fax
  fax | fax number
message
  message | messages | msg | comment | comments | note | notes | question | questions | comments questions |
  questions comments | question or comment | questions or comments | message body | inquiry | enquiry |
  additional info | additional information | additional comments | additional notes | additional details | remarks |
  body | comment or message | message comments | comments or questions | other comments | special requests |
  lead comments | lead message | lead notes | message text | inquiry message | inquiry details | anything else |
  text | message content | details | project details | description | job description | what they said |
  their message | request details | tour notes
  mensaje | cuerpo del mensaje | comentario | comentarios | observaciones | como podemos ayudarle | consulta |
  pregunta | preguntas | notas
property_address
  property | property address | address of property | listing | listing address | property of interest |
  property interested in | home of interest | listing of interest | property inquired about | inquired about |
  inquired property | unit address | subject property | regarding | regarding property | re | rental |
  rental address | rental property | house | interested property | property info | property information |
  property details | listing details | listing information | requested property | inquiring about | home |
  location of property | property location | interested in property | address of interest | site address |
  property full address | listing inquiry
  propiedad | direccion de la propiedad | inmueble | propiedad de interes | inmueble de interes | viewed listing |
  viewed property | viewed home | listing viewed | property viewed
property_street
  property street | property street address | listing street | street of property | property address 1
property_unit
  property unit | listing unit | unit | unit number | apt | apartment
property_city
  property city | listing city
property_state
  property state | listing state
property_postal_code
  property zip | property zip code | listing zip | listing postal code | property postal code | listing zip code
property
  property name | community | community name | apartment community | building | complex | floor plan name |
  apartment name
address
  address | addr | street address | street | mailing address | home address | current address | residence address |
  address line 1 | address 1 | contact address | physical address | full address | residential address
  direccion | domicilio
city
  city | town | current city
  ciudad
city_state
  city state | city st | location | city and state | city state zip | area | service location | project location |
  job location
  city state zip code
state
  state | province | state province | region
  estado
postal_code
  zip | zip code | zipcode | postal code | postcode | post code | postalcode | zip postal code | zip postal |
  postal zip code | zip code postal code
  codigo postal
country
  country
mls_id
  mls | mls number | mls id | mlsid | mlsid number | mls id number | mls no | mls listing id | mls listing number |
  mls num | listing mls | lead mls
listing_id
  listing id | listing number | property id | zpid | listing no | listing ref | property reference | property ref |
  property number
listing_price
  price | list price | listing price | asking price | rent | monthly rent | property price | rent amount
listing_url
  listing url | property url | property link | listing link | link to listing | view listing | link to property
bedrooms
  habitaciones | recamaras | dormitorios | number beds | number of beds | bedrooms | beds | bedroom |
  number of bedrooms | bed | br | desired bedrooms |
  bedrooms desired | beds desired  |
  no of bedrooms | bedrooms needed | bedroom count
bathrooms
  number baths | number of baths | bathrooms | baths | number of bathrooms | bath | bathroom count | desired bathrooms
move_in
  fecha de mudanza | move in | move in date | movein | movein date | desired move in | desired move in date |
  moving date | move date |
  preferred move in date | preferred move in | target move in | target move in date | when are you moving |
  move in by | ideal move in | planned move in | expected move in | requested move in date | movedate |
  anticipated move in date | desired move date
lease_months
  lease length | lease term | desired lease | lease duration | desired lease length | desired lease term | lease |
  lease length months | preferred lease length | length of lease | lease term desired
occupants
  number of occupants | occupants | no of occupants | number of people | total occupants | occupant count |
  household size | how many occupants
pets
  pets | has pets | any pets | pet | pet info | pet details | do you have pets
income
  income | annual income | yearly income | household income | gross income | annual household income |
  gross annual income
credit_score
  credit score | credit | credit rating | estimated credit score | credit score range | credit range
timeline
  timeline | time frame | timeframe | buying timeframe | purchase timeframe | purchase timeline | moving timeframe |
  time line | buying timeline | selling timeframe | selling timeline | move timeframe | move in timeframe |
  time frame to buy | time frame to move | desired timeline | urgency | start time | project timeline | when |
  project start
budget
  budget | price range | max price | maximum price | target price | desired price | price min max | max budget |
  monthly budget | desired price range | price range desired | approximate budget | estimated budget |
  purchase price
  presupuesto
interest
  interes | me interesa | interesado en | interest | interests | lead type | inquiry type | enquiry type |
  type of lead | type of inquiry | request type |
  type of request | service | services | service type | service requested | looking to | customer type | i am |
  i am a | i want to | im | im interested in | i am interested in | interested in | looking for | reason | category
  | project | project type | purpose | transaction type | buyer or seller | topic | reason for contact |
  type of service | subject of inquiry | lead intent | intent
line
  tipo de seguro | producto | line of business | coverage type | insurance type | policy type | type of insurance |
  product | product type |
  coverage | lob | type of coverage | insurance product | insurance line | vertical | insurance needed |
  type of policy | lead category | quote type | insurance interest | insurance
kind
  type
source
  registered from | registered via | signed up from | registration source | signup source | fuente | origen | source |
  lead source | original source | referral source | came from | portal | source of lead |
  lead origin |
  lead provider | provider | lead from | source website | website source | origin | traffic source |
  source name | publisher
lead_id
  lead id | lead number | lead ref | lead reference | reference | reference number | reference id | ref | ref number
  | inquiry id | inquiry number | request id | quote id | transaction id | submission id | confirmation number |
  leadid | id | lead no | external id | record id | lead code | quote number | quote request id | entry id |
  unique id | job id | message id | ref no | lead confirmation number
leadgen_id
  leadgen id | facebook lead id | meta lead id | fb lead id | leadgenid
campaign
  campaign | campaign name | campaign title | utm campaign
ad_set
  adset name | ad set | ad set name | adset
ad_name
  ad name | ad
form_name
  form | form name | form title
platform
  platform
page_name
  page name | page
requested_at
  created time | created at | created | submitted | submitted at | submitted on | submission date | submission time
  | date | date submitted | received | received at | received on | request date | requestdate | timestamp |
  time stamp | lead date | inquiry date | date time | date and time | sent on | date received | time received |
  lead created | created date | date created | lead received | time | requested on | inquiry received | lead time |
  submit date | post date | entry date | request received
subject
  subject | asunto
vehicle
  vehiculo | vehicle | vehicle 1 | car | vehicle of interest | auto | vehicle information | year make model |
  vehicle year make model | current vehicle | vehicle info | vehicle 1 year make model | auto 1 | vehicle one
vehicle_2
  vehicle 2 | auto 2 | vehicle two
vehicle_year
  vehicle year | year | car year | vehicle 1 year
vehicle_make
  vehicle make | make | car make | vehicle 1 make
vehicle_model
  vehicle model | model | car model | vehicle 1 model
current_carrier
  aseguradora actual | current carrier | current insurer | current insurance | current insurance company |
  insurance company | carrier |
  current insurance carrier | insurance carrier | present carrier | existing insurer | current provider | insured by
  | currently insured with | current company | prior carrier
policy_expires
  expires | expiration | expiration date | policy expiration | policy expiration date | current policy expires |
  renewal date | policy expires | policy renewal date | x date | xdate | policy exp date | expiry date |
  policy expiry | insurance expiration | current policy expiration | current policy expiration date | renewal |
  policy end date | coverage expires | policy renewal | exp date
date_of_birth
  dob | date of birth | birth date | birthdate | birthday
consent_timestamp
  tcpa | tcpa consent | consent | consent timestamp | opt in date | opt in | optin date | opt in time | consent date
  | consent time | tcpa timestamp | tcpa optin | consent given | date of consent | consent date time |
  opt in timestamp | consent datetime | consent obtained | tcpa consent date | tcpa consent time | opted in |
  opt in date time
consent_text
  tcpa language | tcpa text | consent text | consent language | tcpa disclosure | disclosure | consent statement |
  tcpa disclosure text
consent_ip
  ip | ip address | consent ip | opt in ip | optin ip | tcpa ip | lead ip | remote ip | sender ip | user ip |
  client ip | ip addr
consent_url
  consent url | opt in url | landing page | landing page url | source url | tcpa url | optin url | opt in page |
  page url | lead url | url of form | form url
trusted_form
  trustedform | trusted form | trustedform cert | trustedform certificate | trusted form url | trustedform url |
  xxtrustedformcerturl | trusted form certificate | trustedform cert url | trusted form cert url
jornaya_id
  jornaya | jornaya id | jornaya leadid | leadid token | universal leadid | universal lead id | jornaya token |
  jornaya lead id
tour_time
  requested time | tour time | tour date | requested tour time | requested tour date | preferred time |
  preferred date | showing time | requested date | appointment | appointment time | appointment date |
  requested showing | date and time requested | preferred tour time | tour | tour requested | tour date and time |
  desired time | requested date time | preferred tour date | showing date | tour requested for
best_time
  mejor hora para llamar | horario preferido | contact time | best time | best time to call | best time to contact |
  best time to reach | preferred contact time |
  best contact time | time to call | call time | when to call | contact time
contact_method
  preferred contact | preferred contact method | contact method | preferred method of contact | contact preference |
  contact by | best way to contact | preferred way to contact | how to contact | preferred contact type |
  preferred communication
occupation
  ocupacion | occupation | job title | employment | employment status | employer
tour_type
  tour type
"""

#: questions, as forms ask them; the first that fits
_QUESTION_TABLE: Final = r"""
message
  ^(?:message|details|comments?|notes?|questions?|inquiry|enquiry) (?:from|by|of)\b
first_name
  \bfirst name\b
last_name
  \blast name\b|\bsurname\b
property_address
  \b(?:property|listing|home) (?:are|is|were|you|interested|address|of interest)\b
  \baddress of (?:the |your )?(?:property|home|house|listing)\b|\bwhich (?:property|listing)\b
timeline
  \bwhen (?:do|would|are|will|did|can|could|should)\b|\bhow soon\b|\btime ?frame\b|\btimeline\b
email
  \be ?mail\b(?!.*\b(?:consent|opt|marketing|updates|newsletter|subscribe)\b)
phone
  \b(?:phone|cell|mobile)(?: phone)? ?(?:number)?$|\b(?:best|phone|cell|mobile|telephone|contact) number\b
  \bphone\b(?!.*\b(?:consent|type|call|time)\b)|\bnumber to (?:reach|call|text)\b
name
  ^(?:what is|whats|may we have)? ?(?:the )?name$|\bfull name\b|\bwhat should we call you\b|^name (?:of|as)\b
budget
  \bbudget\b|\bprice range\b|\bhow much (?:do|would|are|can)\b.*\b(?:spend|afford|pay)\b
postal_code
  \b(?:zip|postal) ?code\b|\bzip\b
bedrooms
  \bhow many (?:bed|br)\w*\b
move_in
  \bmove in\b|\bmov(?:e|ing) date\b
pets
  \bpets\b
interest
  \bare you (?:looking|interested|buying|selling|planning|a buyer|a seller|a renter)\b
  \bwhat (?:are you (?:looking for|interested in)|service)\b|\blooking to (?:buy|sell|rent)\b
message
  \bhow (?:can|may) we (?:help|assist)\b|\btell (?:us|me)\b|\bcomments?\b|\bmessage\b|\bquestions?\b
  \banything else\b|\banything\b.*\bknow\b|\bwhat can we\b|\bmore (?:about|details)\b|\bdescribe\b|\bin your own words\b
  \bwould you like to (?:know|ask|tell|say|add)\b
current_carrier
  \bcurrent (?:insur|carrier)\w*\b|\bcurrently insured (?:with|by)\b
address
  ^(?:what is|whats)? ?(?:the )?(?:current |home |mailing |street )?address$
"""
_QUESTIONS: Final = tuple((name, any_of("\n".join(lines))) for name, lines in headed(_QUESTION_TABLE))

#: whose the field is, when it is the lead's: left out before the table is asked
_LEADS: Final = words_in("""
  lead leads customer client contact consumer buyer seller renter tenant prospect prospective applicant insured
  primary user visitor sender guest your their inquirer requester requestor homeowner borrower shopper caller
  patient subscriber submitter person purchaser inquiring interested policyholder member recruit driver the my new
  required optional from provided personal owner s user's customers buyers clients leads contacts
""")
_PEOPLE: Final = words_in("""
  lead client consumer buyer seller renter tenant prospect applicant insured borrower customer homeowner shopper
""")
_ABOUT: Final = words_in("information info details contact data")
#: whose it is, when it is not
_OTHERS = any_of(r"""
\b(?:agents?|brokers?|brokerage|realtors?|vendors?|dealers?|dealership|office|listed by)\b
\b(?:listing (?:agent|office|by)|assigned|assignee|assigned to|recipients?|landlord|property manager|manager)\b
\b(?:lender|loan officer|representative|rep|account (?:manager|executive))\b
\b(?:provider (?:phone|email|name|contact)|company (?:phone|email)|advertiser|sold by|hosted by|sent to)\b
\b(?:lead|contact|account|record|deal) owner\b
\b(?:delivered to|routed to|claimed by|forwarded to|cc|bcc|co ?borrower|co ?buyer|spouse|emergency|support)\b
\b(?:customer service|organizer|attendees|host|owner phone|owner email|posted by|presented by|shared with)\b
""")
_FIELDS: Final = {
    words.strip(): name for name, lines in headed(_TABLE) for words in " | ".join(lines).split("|") if words.strip()
}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_WORD = re.compile(r"[^\w]+|_+")
_LABEL_CHARS = 100


@lru_cache(maxsize=4096)
def field_of(label: str) -> str | None:
    """
    Our name of a label's field ("phone" of "Customer's Cell Phone:"), `FOREIGN` when it is somebody else's.

    None when it is a field we have no name for.
    """
    words = words_of(label)
    if not words or len(label) > _LABEL_CHARS:
        return None
    if name := _FIELDS.get(words):
        return name
    if _OTHERS.search(words):
        return FOREIGN
    if all(word in _LEADS for word in words.split()):
        return "name" if "id" not in words else None
    own = _owned(words).split()
    if name := _FIELDS.get(" ".join(own)):
        return name
    asked = (words, " ".join(own))
    if name := next((name for name, pattern in _QUESTIONS if any(map(pattern.search, asked))), None):
        return name
    return next((_FIELDS[words_of(part)] for part in label.split("/")[1:] if words_of(part) in _FIELDS), None)


def is_plain(label: str) -> bool:
    """Whether a label is one by itself, without a colon: in the table, not a mere question or a common word."""
    words = words_of(label)
    return (_FIELDS.get(words) or _FIELDS.get(_owned(words))) not in {None, "kind"} and len(words.split()) <= 5


def is_foreign(heading: str) -> bool:
    """Whether a heading begins what is said of somebody who is not the lead."""
    return _OTHERS.search(words_of(heading)) is not None


def is_leads(heading: str) -> bool:
    """Whether a heading says no more than that the lead is told of below it: "Client", "Buyer information"."""
    words = set(words_of(heading).split())
    return bool(words & _PEOPLE) and words <= _LEADS | _ABOUT and len(heading) < 60


def words_of(label: str) -> str:
    """The label's words: lower case, apart, without punctuation; "#" is a number."""
    text = _CAMEL.sub(" ", label[: _LABEL_CHARS + 1]) if "_" not in label and not label.isupper() else label
    text = text.lower().replace("#", " number ").replace("'", "").replace("’", "")
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return " ".join(_NOT_WORD.sub(" ", text).split())


def _owned(words: str) -> str:
    return " ".join(word for word in words.split() if word not in _LEADS and word.removesuffix("s") not in _PEOPLE)
