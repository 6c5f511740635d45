"""Who sends leads by mail: portals, sellers of leads, those who pass them on, and makers of forms, by domain and name.

A table, nothing else: a new portal is one line. What is in none of them is called by its own domain.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from leadwake.intake.phrases import words_in

HOMES, PORTAL, PASSES_ON, FORM = "homes", "portal", "passes on", "form"


class Sender(NamedTuple):
    """
    name: as leads show it. kind: PORTAL finds leads itself, HOMES for homes only, PASSES_ON hands on others', FORM is
    of our own page.
    """

    name: str
    kind: str

    @property
    def finds_leads(self) -> bool:
        return self.kind in {HOMES, PORTAL}


#: name | kind | domains, "-" for none | how it is written in sentences, a regular expression
_TABLE: Final = r"""
Zillow|homes|zillow.com zillowgroup.com zillowmail.com zillowrentals.com|zillow(?: rentals?| premier agent| group)?
Trulia|homes|trulia.com|trulia
HotPads|homes|hotpads.com|hotpads
StreetEasy|homes|streeteasy.com|street ?easy
Realtor.com|homes|realtor.com realtorpro.io move.com opcity.com|realtor\.com|opcity|ready ?connect
Homes.com|homes|homes.com homesnap.com|homes\.com
Redfin|homes|redfin.com|redfin
Rent.com|homes|rent.com rentpath.com|rent\.com
ApartmentGuide|homes|apartmentguide.com|apartment ?guide(?:\.com)?
Apartments.com|homes|apartments.com apartmentfinder.com costar.com|apartments\.com
Apartment List|homes|apartmentlist.com|apartment ?list
ForRent.com|homes|forrent.com|for ?rent\.com
Rentals.com|homes|rentals.com|rentals\.com
PadMapper|homes|padmapper.com|padmapper
TurboTenant|homes|turbotenant.com|turbo ?tenant
RentRedi|homes|rentredi.com|rentredi
Avail|homes|avail.co avail.com|avail\.co
RentCafe|homes|rentcafe.com|rent ?cafe
LoopNet|homes|loopnet.com|loopnet
Crexi|homes|crexi.com|crexi
BizBuySell|homes|bizbuysell.com|biz ?buy ?sell
Craigslist|homes|craigslist.org|craigslist
HomeLight|homes|homelight.com|home ?light
UpNest|homes|upnest.com|upnest
OJO|homes|ojo.com ojohome.com movoto.com|ojo home|movoto
Xome|homes|xome.com|xome
Estately|homes|estately.com|estately
Hubzu|homes|hubzu.com|hubzu
Auction.com|homes|auction.com|auction\.com
Rocket Homes|homes|rockethomes.com|rocket ?homes
Opendoor|homes|opendoor.com|opendoor
Clever|homes|listwithclever.com|clever real estate
FastExpert|homes|fastexpert.com|fast ?expert
Agent Pronto|homes|agentpronto.com|agent ?pronto
ReferralExchange|homes|referralexchange.com|referral ?exchange
RentSpree|homes|rentspree.com|rent ?spree
Zumper|homes|zumper.com zlead.co|zumper
Abodo|homes|abodo.com abodoapts.com rentable.co|abodo
HAR.com|homes|har.com|har\.com
LandWatch|homes|landwatch.com land.com|land ?watch
Dave Ramsey|homes|ramseysolutions.com daveramsey.com|ramsey ?trusted|endorsed local provider
Nextdoor|portal|nextdoor.com|nextdoor
Yelp|portal|yelp.com|yelp
Facebook|portal|facebookmail.com facebook.com meta.com|facebook|fb|meta(?= (?:lead|ads?|business))
Instagram|portal|instagram.com|instagram
LinkedIn|portal|linkedin.com|linkedin
Google Ads|portal|-|google (?:ads?|lead form|adwords)
Google Business Profile|portal|-|google (?:business profile|my business)
TikTok|portal|tiktok.com|tik ?tok
Angi|portal|angi.com angieslist.com|angi(?:e'?s list)?(?: leads)?
HomeAdvisor|portal|homeadvisor.com|home ?advisor
Thumbtack|portal|thumbtack.com|thumbtack
Houzz|portal|houzz.com|houzz
Bark|portal|bark.com|bark\.com
Porch|portal|porch.com|porch\.com
Networx|portal|networx.com|networx
Modernize|portal|modernize.com|modernize
LendingTree|portal|lendingtree.com|lending ?tree
Bankrate|portal|bankrate.com|bankrate
NerdWallet|portal|nerdwallet.com|nerd ?wallet
EverQuote|portal|everquote.com|ever ?quote
QuoteWizard|portal|quotewizard.com|quote ?wizard
SmartFinancial|portal|smartfinancial.com|smart ?financial
SelectQuote|portal|selectquote.com|select ?quote
Insurify|portal|insurify.com|insurify
The Zebra|portal|thezebra.com|the zebra
NetQuote|portal|netquote.com|net ?quote
InsureMe|portal|insureme.com|insure ?me
HomeTown Quotes|portal|hometownquotes.com|home ?town ?quotes
All Web Leads|portal|allwebleads.com insurancequotes.com|all ?web ?leads|insurancequotes(?:\.com)?
MediaAlpha|portal|mediaalpha.com|media ?alpha
QuinStreet|portal|quinstreet.com insurance.com|quinstreet
Datalot|portal|datalot.com|datalot
Policygenius|portal|policygenius.com|policy ?genius
eHealth|portal|ehealthinsurance.com ehealth.com|ehealth
Benepath|portal|benepath.net benepath.com|benepath
AutoTrader|portal|autotrader.com|auto ?trader
Cars.com|portal|cars.com|cars\.com
CarGurus|portal|cargurus.com|car ?gurus
CARFAX|portal|carfax.com|carfax
TrueCar|portal|truecar.com|true ?car
Edmunds|portal|edmunds.com|edmunds
Autobytel|portal|autobytel.com|autobytel
Follow Up Boss|passes on|followupboss.com fub.com|follow ?up ?boss|fub
BoomTown|passes on|boomtownroi.com goboomtown.com boomtown.com|boom ?town
kvCORE|passes on|kvcore.com insiderealestate.com boldtrail.com|kv ?core|bold ?trail
iHomefinder|passes on|ihomefinder.com|i ?homefinder
Real Geeks|passes on|realgeeks.com|real ?geeks
Sierra Interactive|passes on|sierrainteractive.com sierrainteractivedev.com|sierra interactive
CINC|passes on|cincpro.com cinc.com|cinc
Lofty|passes on|lofty.com chime.me chimecrm.com|lofty|chime crm
LionDesk|passes on|liondesk.com|lion ?desk
Wise Agent|passes on|wiseagent.com|wise ?agent
Top Producer|passes on|topproducer.com|top ?producer
Propertybase|passes on|propertybase.com|propertybase
IDX Broker|passes on|idxbroker.com|idx ?broker
Ylopo|passes on|ylopo.com|ylopo
Zurple|passes on|zurple.com|zurple
Market Leader|passes on|marketleader.com|market ?leader
MoxiWorks|passes on|moxiworks.com|moxi ?works
Brivity|passes on|brivity.com|brivity
Placester|passes on|placester.com|placester
AgencyZoom|passes on|agencyzoom.com|agency ?zoom
Ricochet360|passes on|ricochet360.com ricochet.me|ricochet ?360
EZLynx|passes on|ezlynx.com|ez ?lynx
Velocify|passes on|velocify.com leads360.com|velocify
LeadsBridge|passes on|leadsbridge.com|leads ?bridge
Zapier|passes on|zapier.com zapiermail.com|zapier
GoHighLevel|passes on|gohighlevel.com leadconnectorhq.com msgsndr.com|go ?high ?level|lead ?connector
ActiveProspect|passes on|activeprospect.com leadconduit.com|active ?prospect|lead ?conduit
boberdoo|passes on|boberdoo.com leadportal.com|boberdoo
CallRail|passes on|callrail.com|call ?rail
HubSpot|passes on|hubspot.com hubspotemail.net|hubspot
Wix|form|wix.com wixforms.com wix-forms.com|wix
Squarespace|form|squarespace.com squarespace.info|squarespace
Formspree|form|formspree.io formspree.com|formspree
Jotform|form|jotform.com|jot ?form
Typeform|form|typeform.com|typeform
Webflow|form|webflow.com|webflow
Weebly|form|weebly.com|weebly
GoDaddy|form|godaddy.com secureserver.net|go ?daddy
WPForms|form|wpforms.com|wp ?forms
Elementor|form|elementor.com|elementor
Unbounce|form|unbounce.com|unbounce
Leadpages|form|leadpages.net leadpages.com|lead ?pages
ClickFunnels|form|clickfunnels.com|click ?funnels
Formstack|form|formstack.com|formstack
Wufoo|form|wufoo.com|wufoo
Cognito Forms|form|cognitoforms.com|cognito forms
Google Forms|form|-|google forms?
BombBomb|form|bombbomb.com|bomb ?bomb
Mailchimp|form|mailchimp.com mailchimpapp.com|mailchimp
Intercom|form|intercom.io intercom-mail.com|intercom
Tidio|form|tidio.com tidio.net|tidio
tawk.to|form|tawk.to tawk.email|tawk\.to
Curb Hero|form|curbhero.com|curb ?hero
Spacio|form|spac.io|spac\.?io
Airtable|form|airtable.com airtableemail.com|airtable
Tally|form|tally.so|tally(?= forms?)
Netlify|form|netlify.com|netlify
"""
#: mailboxes of people: the domain says nothing about who found them
FREE_MAIL: Final = words_in("""
  gmail.com googlemail.com yahoo.com ymail.com outlook.com hotmail.com live.com msn.com icloud.com me.com mac.com
  aol.com proton.me protonmail.com gmx.com gmx.net mail.com zoho.com comcast.net verizon.net att.net sbcglobal.net
  bellsouth.net cox.net charter.net earthlink.net
""")


_Named = tuple[re.Pattern[str], Sender]


def _read() -> tuple[dict[str, Sender], dict[str, set[_Named]]]:
    """(senders by domain; by the first two letters of each way of writing their names, what finds one in a text)."""
    by_domain: dict[str, Sender] = {}
    by_letters: dict[str, set[_Named]] = {}
    for line in _TABLE.strip().splitlines():
        name, kind, domains, words = line.split("|", 3)
        sender = Sender(name, kind)
        by_domain.update(dict.fromkeys(domains.strip("-").split(), sender))
        named = re.compile(rf"(?<![\w@.-])(?:{words})(?![\w-])", re.IGNORECASE), sender
        for letters in re.findall(r"(?:^|\|)([a-z]{1,2})", re.sub(r"\([^()]*\)", "", words)):
            by_letters.setdefault(letters, set()).add(named)
    return by_domain, by_letters


_BY_DOMAIN, _BY_LETTERS = _read()


def sender_at(domain: str) -> Sender | None:
    """Whose domain it is, or the parent's of it."""
    labels = domain.lower().strip(".").split(".")
    return next((found for at in range(len(labels) - 1) if (found := _BY_DOMAIN.get(".".join(labels[at:])))), None)


def senders_in(text: str) -> list[Sender]:
    """Everybody named in the text, in the text's order, each once."""
    text = text[:2_000]
    begun = {word[:count] for word in re.findall(r"[a-z]+", text.lower()) for count in (1, 2)}
    likely = {named for letters in begun for named in _BY_LETTERS.get(letters, ())}
    found = [(match.start(), sender) for pattern, sender in likely if (match := pattern.search(text))]
    return [sender for _, sender in sorted(found)]


def portal_of_name(text: str) -> str | None:
    """Our name of the first sender named in the text."""
    return next((sender.name for sender in senders_in(text)), None)


def portal_of_address(domain: str) -> str | None:
    """Our name of whoever has the domain."""
    sender = sender_at(domain)
    return sender.name if sender else None
