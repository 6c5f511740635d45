"""Mails with a lead in them, a layout each: portals, aggregators, ad forms, sellers of leads, contact forms, people."""
# ruff: noqa: E501, ISC004 - the lines of mails as they stand

from __future__ import annotations

from mail_case import Case, lead, mail, table

LEADS = [
    # --- portals ----------------------------------------------------------------------------------------------------
    Case(
        "zillow premier agent, html only, layout tables",
        mail(
            "Zillow Premier Agent <leads@mail.zillow.com>",
            "Priya Raman is interested in 77 Alder Ct, Boise, ID 83702",
            html="""<html><head><title>New lead</title><style>td{color:red}</style></head><body>
<table width="100%"><tr><td><table><tr><td><img src="https://x.zillow.com/logo.png" alt="Zillow"></td></tr>
<tr><td><h2>New contact: Priya Raman</h2></td></tr>
<tr><td><table><tr><td>Phone</td><td><a href="tel:+12085550143">(208) 555-0143</a></td></tr>
<tr><td>Email</td><td><a href="mailto:priya.raman@example.net">priya.raman@example.net</a></td></tr></table></td></tr>
<tr><td><b>Message:</b><br>Hi, could I see 77 Alder Ct on Saturday?<br>Thanks, Priya</td></tr>
<tr><td><table><tr><td>77 Alder Ct<br>Boise, ID 83702</td></tr><tr><td>$489,000 | 3 bd | 2 ba</td></tr></table></td></tr>
<tr><td>&copy; 2026 Zillow, Inc. 1301 Second Avenue, Seattle, WA 98101. Questions? Call (844) 555-0100.
<a href="https://www.zillow.com/unsubscribe">Unsubscribe</a></td></tr></table></td></tr></table></body></html>""",
            headers={"List-Unsubscribe": "<mailto:unsub@zillow.com>"},
        ),
        lead("Priya Raman", "priya.raman@example.net", "+12085550143", "Zillow", message="on Saturday",
             address="77 Alder Ct, Boise, ID 83702"),
    ),
    Case(
        "trulia, labels stacked over values, relay in reply-to",
        mail(
            "Trulia <noreply@trulia.com>",
            "New rental inquiry: 9 Birch Way, Apt 3, Tampa, FL 33602",
            html="""<p>You have a new inquiry from a renter!</p><h3>Name</h3><p>Kofi Mensah</p><h3>Phone</h3>
<p>813.555.0177</p><h3>Move-in date</h3><p>5/15/2026</p><h3>Message</h3><p>Is parking included?</p>
<p>Reply directly to this email to contact Kofi.</p>""",
            headers={"Reply-To": "Kofi Mensah <reply-8f3kq02mzp@convo.trulia.com>"},
        ),
        lead("Kofi Mensah", None, "+18135550177", "Trulia", relay="reply-8f3kq02mzp@convo.trulia.com",
             message="Is parking included?", address="9 Birch Way, Apt 3, Tampa, FL 33602"),
        {"move_in": "2026-05-15"},
    ),
    Case(
        "hotpads, text, sentence instead of labels",
        mail(
            "HotPads <rentals@hotpads.com>",
            "Someone wants to rent your place at 450 Vine St, Cincinnati, OH 45202",
            """Hello,

Lucia Ferrante is interested in your listing at 450 Vine St, Cincinnati, OH 45202.

    "Hello! Is the unit still available for June 1st?"

You can contact Lucia at lucia.f@example.com or 513-555-0126.

Happy renting,
The HotPads Team""",
        ),
        lead("Lucia Ferrante", "lucia.f@example.com", "+15135550126", "HotPads", message="June 1st",
             address="450 Vine St, Cincinnati, OH 45202"),
    ),
    Case(
        "realtor.com, meta tags in the body",
        mail(
            "Realtor.com <no-reply@realtor.com>",
            "Realtor.com inquiry",
            html="""<html><body><meta name="lead_information_version" content="1.0"><meta name="lead_source"
content="Realtor.com"><meta name="lead_type" content="Renter"><meta content="Oma &amp; Bela Kis" name="lead_name">
<meta name="lead_email" content="kis@example.org"><meta name="lead_phone" content="703 555 0132"><meta
name="lead_property_address" content="5 Elm Street, Alexandria, VA 22314"><meta name="lead_mls" content="A5712345">
<meta name="lead_message" content="Hello, is it &quot;pet friendly&quot;?"><p>You have a new lead</p></body></html>""",
        ),
        lead("Oma & Bela Kis", "kis@example.org", "+17035550132", "Realtor.com", message='"pet friendly"',
             address="5 Elm Street, Alexandria, VA 22314"),
        {"mls_id": "A5712345"},
    ),
    Case(
        "homes.com, definition list",
        mail(
            "Homes.com Leads <leads@homes.com>",
            "You've received a new lead",
            html="""<div>Great news! A buyer contacted you on Homes.com.</div><dl><dt>Name:</dt><dd>Sven Olafsson</dd>
<dt>E-mail:</dt><dd>sven@example.com</dd><dt>Mobile phone:</dt><dd>1 (503) 555-0110</dd><dt>Property:</dt>
<dd>18 NW Flanders St, Portland, OR 97209</dd><dt>MLS#:</dt><dd>24-551199</dd><dt>Comments:</dt>
<dd>Please send the disclosures.</dd></dl><hr>Listing agent: Dana Reyes, 503-555-0199""",
        ),
        lead("Sven Olafsson", "sven@example.com", "+15035550110", "Homes.com", message="disclosures",
             address="18 NW Flanders St, Portland, OR 97209"),
    ),
    Case(
        "redfin, tour request with agent's block",
        mail(
            "Redfin <partner-leads@redfin.com>",
            "Tour request: 2201 Sunset Blvd, Los Angeles, CA 90026",
            """New tour request from Redfin

Customer information
Name: Aiko Tan
Email: aiko.tan@example.com
Phone: +1 213 555 0181

Tour details
Property: 2201 Sunset Blvd, Los Angeles, CA 90026
Requested time: Sat, Mar 7 at 10:00 AM

Your agent contact
Name: Marcus Bell
Email: marcus@agency.example.com
Phone: 213-555-0101
""",
        ),
        lead("Aiko Tan", "aiko.tan@example.com", "+12135550181", "Redfin",
             address="2201 Sunset Blvd, Los Angeles, CA 90026"),
    ),
    Case(
        "apartments.com, two columns by two",
        mail(
            "Apartments.com Network <leads@apartments.com>",
            "New Lead for The Maple Lofts",
            html="""<table><tr><td>First Name:</td><td>Dmitri</td><td>Last Name:</td><td>Volkov</td></tr>
<tr><td>Email:</td><td>dvolkov@example.net</td><td>Phone:</td><td>(312) 555-0155</td></tr>
<tr><td>Move Date:</td><td>06/01/2026</td><td>Beds:</td><td>2</td></tr>
<tr><td>Comments:</td><td colspan=3>Looking for a quiet unit.<br>Two cats.</td></tr></table>
<p>Property: The Maple Lofts<br>1200 W Madison St<br>Chicago, IL 60607</p>""",
        ),
        lead("Dmitri Volkov", "dvolkov@example.net", "+13125550155", "Apartments.com", message="Two cats.",
             address="1200 W Madison St, Chicago, IL 60607"),
        {"move_in": "2026-06-01", "bedrooms": 2},
    ),
    Case(
        "zumper, base64 html in Windows charset",
        mail(
            "Zumper <messages@zumper.com>",
            "New message about 14 Côte Rd",
            html="<p>Zoë Brontë sent you a message:</p><blockquote>Can I apply online? It’s urgent.</blockquote>"
            "<p>Email: zoe.b@example.com</p><p>Phone: 617 555 0104</p>",
            cte="base64",
            charset="windows-1252",
        ),
        lead("Zoë Brontë", "zoe.b@example.com", "+16175550104", "Zumper", message="apply online",
             address="14 Côte Rd"),
    ),
    Case(
        "craigslist relay, plain words",
        mail(
            '"Sam Whitfield" <8d2f0a7c9b1e4f5a8c7d@reply.craigslist.org>',
            "2BR near the river - $1450",
            "Hi, is this still available? I could come by on Sunday.\n\nSam\n\n"
            "Original craigslist post:\nhttps://example.craigslist.org/apa/d/123.html\n",
        ),
        lead("Sam Whitfield", None, None, "Craigslist", relay="8d2f0a7c9b1e4f5a8c7d@reply.craigslist.org",
             message="come by on Sunday"),
    ),
    # --- aggregators ------------------------------------------------------------------------------------------------
    Case(
        "boomtown, source said by a label",
        mail(
            "BoomTown <notifications@boomtownroi.com>",
            "New Lead Alert: Hannah Weiss",
            """You have a new lead!

Lead Name: Hannah Weiss
Lead Email: hannah.weiss@example.com
Lead Phone: 919-555-0162
Lead Source: Trulia
Price Range: $300k - $400k
Timeframe: 3-6 months
Assigned Agent: Priya Nair
Agent Phone: 919-555-0100

View this lead: https://example.boomtownroi.com/lead/1
""",
        ),
        lead("Hannah Weiss", "hannah.weiss@example.com", "+19195550162", "Trulia", via="BoomTown"),
        {"budget": "$300k - $400k", "timeline": "3-6 months"},
    ),
    Case(
        "kvcore, html rows, homes.com lead",
        mail(
            "kvCORE <no-reply@kvcore.com>",
            "You have a new lead from Homes.com!",
            html=table({"Name": "Otis Grant", "Email": "otis@example.org", "Cell Phone": "(702) 555-0119",
                        "Lead Source": "Homes.com", "Notes": "Relocating in May, wants a pool"}, cell="th"),
        ),
        lead("Otis Grant", "otis@example.org", "+17025550119", "Homes.com", via="kvCORE", message="wants a pool"),
    ),
    Case(
        "follow up boss, website lead",
        mail(
            "Follow Up Boss <noreply@followupboss.com>",
            "New lead: Beatriz Lima (Website)",
            "You have a new lead in Follow Up Boss\n\nName: Beatriz Lima\nPhone: 305.555.0137\nEmail: bia@example.com\n"
            "Source: Website\nMessage: What is my home worth?\nAssigned to: Dana Reyes\n",
        ),
        lead("Beatriz Lima", "bia@example.com", "+13055550137", "Website", via="Follow Up Boss",
             message="home worth"),
    ),
    Case(
        "ihomefinder mail",
        mail(
            "iHomefinder <leads@ihomefinder.com>",
            "More Info Request from Gus Lindqvist",
            "Request type: More Info Request\nName: Gus Lindqvist\nEmail: gus@example.com\nPhone: 612-555-0149\n"
            "Property Address: 31 Lake St E, Minneapolis, MN 55408\nListing Number: 6501234\nComments:\n"
            "What are the HOA fees?\nAnd are dogs allowed?\n",
        ),
        lead("Gus Lindqvist", "gus@example.com", "+16125550149", "iHomefinder", message="are dogs allowed",
             address="31 Lake St E, Minneapolis, MN 55408"),
    ),
    Case(
        "zapier passing on a facebook lead",
        mail(
            "Zapier <no-reply@zapiermail.com>",
            "New Facebook lead ad",
            "full name: Ines Castellano\nemail: ines.c@example.com\nphone number: p:+15125550116\n"
            "are you pre-approved?: yes\nplatform: ig\nad name: Spring video\n",
        ),
        lead("Ines Castellano", "ines.c@example.com", "+15125550116", "Facebook", via="Zapier"),
    ),
    # --- sellers of insurance leads, other trades -------------------------------------------------------------------
    Case(
        "everquote, dotted leaders",
        mail(
            "EverQuote <leads@everquote.com>",
            "New Auto Insurance Lead - Theo Banks",
            "Lead ID ........ EQ-99812\nFirst Name ..... Theo\nLast Name ...... Banks\nPhone .......... 602-555-0108\n"
            "Email .......... theo.banks@example.com\nZip Code ....... 85004\nCurrent Insurer  Geico\n"
            "Year/Make/Model: 2018 Subaru Outback\n",
        ),
        lead("Theo Banks", "theo.banks@example.com", "+16025550108", "EverQuote"),
        {"lead_id": "EQ-99812", "postal_code": "85004", "line": "auto"},
    ),
    Case(
        "quotewizard, home lead, all in one table with sections",
        mail(
            "QuoteWizard Leads <noreply@quotewizard.com>",
            "QuoteWizard Home Lead 55120",
            html="<h2>Contact</h2>" + table({"Name": "Farah Said", "Phone 1": "404-555-0103", "Phone 2": "404-555-0104",
            "E-mail": "farah@example.net", "Address": "12 Peach St", "City": "Atlanta", "State": "GA", "Zip": "30303"})
            + "<h2>Policy</h2>" + table({"Insurance type": "Home", "Current carrier": "None",
            "Expiration": "N/A"}),
        ),
        lead("Farah Said", "farah@example.net", "+14045550103", "QuoteWizard"),
        {"line": "home", "postal_code": "30303", "state": "GA", "other_phones": ["+14045550104"]},
    ),
    Case(
        "smartfinancial, header row over values",
        mail(
            "SmartFinancial <leads@smartfinancial.com>",
            "New exclusive lead",
            html="<table><tr><th>Name</th><th>Email</th><th>Phone</th><th>Zip</th></tr><tr><td>Abel Ortiz</td>"
            "<td>abel@example.com</td><td>210-555-0129</td><td>78205</td></tr></table>",
        ),
        lead("Abel Ortiz", "abel@example.com", "+12105550129", "SmartFinancial"),
        {"postal_code": "78205"},
    ),
    Case(
        "unknown seller of life leads with consent",
        mail(
            "leads@goodleads.example.net",
            "LIFE lead - Exclusive - NJ",
            "Contact Information\n===================\nFull Name = Maya Sharp\nMobile = 2015550186\nEmail = maya@example.com\n"
            "Zip = 07030\nCoverage Type = Term Life\nTrustedForm = https://cert.trustedform.com/abc123\nIP = 203.0.113.9\n"
            "Opt-in Date = 2026-03-02 14:22:10 CST\n",
        ),
        lead("Maya Sharp", "maya@example.com", "+12015550186", "goodleads.example.net"),
        {"line": "life", "postal_code": "07030", "consent_ip": "203.0.113.9",
         "consent_timestamp": "2026-03-02T14:22:10-06:00"},
    ),
    Case(
        "thumbtack, sentence and question answers",
        mail(
            "Thumbtack <messages@thumbtack.com>",
            "New lead: Roofing for Greta M.",
            "Greta M. is looking for a roofer near Denver, CO 80205\n\nPhone: (720) 555-0191\n\nDetails from Greta:\n"
            "The roof leaks over the kitchen since Monday.\n\nRespond now: https://www.thumbtack.com/x\n",
        ),
        lead("Greta M.", None, "+17205550191", "Thumbtack", message="leaks over the kitchen"),
    ),
    # --- contact forms ----------------------------------------------------------------------------------------------
    Case(
        "contact form 7",
        mail(
            "Agency Site <wordpress@agency.example.com>",
            'Example Realty "Selling my house"',
            "From: Noor Haddad <noor@example.com>\nSubject: Selling my house\n\nMessage Body:\n"
            "We want to sell in spring.\n\nPlease call 415-555-0107 after five.\n\n-- \n"
            "This e-mail was sent from a contact form on Example Realty (https://agency.example.com)",
            headers={"Reply-To": "noor@example.com"},
        ),
        lead("Noor Haddad", "noor@example.com", "+14155550107", "website", message="sell in spring"),
    ),
    Case(
        "wix form",
        mail(
            "Wix Forms <no-reply@forms.wix.com>",
            "You have a new form submission",
            html="<p>Contact form just got submitted on your site.</p><p><b>Message Details:</b></p>"
            "<p>Name: Elias Berg</p><p>Email: elias@example.com</p><p>Phone: 206-555-0144</p>"
            "<p>Tell us about your plans: Downsizing to a condo</p>",
        ),
        lead("Elias Berg", "elias@example.com", "+12065550144", "website", via="Wix", message="Downsizing"),
    ),
    Case(
        "squarespace, bold labels with breaks",
        mail(
            "Squarespace <form-submission@squarespace.info>",
            "Form Submission - New Form - Book a consultation",
            html="<div>Sent via form submission from <a href='https://agency.example.com'>Example Realty</a></div><div>"
            "<b>Name:</b> Ruth Abadi<br/><br/><b>Email:</b> <a href='mailto:ruth@example.com'>ruth@example.com</a><br/>"
            "<br/><b>Phone:</b> (646) 555-0115<br/><br/><b>Message:</b> I need a bigger place.<br/></div>",
            headers={"Reply-To": "ruth@example.com"},
        ),
        lead("Ruth Abadi", "ruth@example.com", "+16465550115", "website", via="Squarespace", message="bigger place"),
    ),
    Case(
        "formspree, keys in lower case",
        mail(
            "Formspree <noreply@formspree.io>",
            "New submission from agency.example.com",
            "Someone just submitted a form on agency.example.com.\nHere's what they had to say:\n\nname:\nJun Park\n\n"
            "email:\njun@example.com\n\nmessage:\nDo you insure food trucks?\n\n_gotcha:\n\n"
            "Submitted at: 03:14 PM UTC - 03 March 2026\n",
        ),
        lead("Jun Park", "jun@example.com", None, "website", via="Formspree", message="food trucks"),
    ),
    Case(
        "a page of unknown make, long question labels",
        mail(
            "Website <info@agency.example.com>",
            "New contact form entry",
            html=table({"What is your name?": "Bram de Vries", "What's the best number to reach you?": "917 555 0102",
                        "Where can we email you?": "bram@example.nl", "How can we help you?": "Renters insurance quote",
                        "When would you like to start?": "ASAP"}),
        ),
        lead("Bram de Vries", "bram@example.nl", "+19175550102", "website", message="Renters insurance"),
    ),
    # --- ad forms ---------------------------------------------------------------------------------------------------
    Case(
        "meta lead form, text with prefixes",
        mail(
            "Meta for Business <notification@facebookmail.com>",
            "New lead from your form “Seller guide”",
            "You got a new lead.\n\nFull name: Cleo Duarte\nEmail: cleo@example.com\nPhone number: +14695550139\n"
            "When do you plan to sell: Within 3 months\nCampaign name: DFW Sellers\nLead ID: l:7788990011\n",
        ),
        lead("Cleo Duarte", "cleo@example.com", "+14695550139", "Facebook"),
        {"timeline": "Within 3 months", "campaign": "DFW Sellers"},
    ),
    # --- forwarded --------------------------------------------------------------------------------------------------
    Case(
        "an agent forwards a zillow mail from Gmail",
        mail(
            "Dana Reyes <dana@agency.example.com>",
            "Fwd: New lead from Zillow",
            "Can somebody take this one?\n\nDana Reyes | Example Realty | 503-555-0100\n\n"
            "---------- Forwarded message ---------\nFrom: Zillow <leads@mail.zillow.com>\n"
            "Date: Tue, Mar 3, 2026 at 2:04 PM\nSubject: New lead from Zillow\nTo: <dana@agency.example.com>\n\n\n"
            "Name: Pilar Ochoa\nPhone: 971-555-0122\nEmail: pilar@example.com\n"
            "Property: 6 Oak Terrace, Salem, OR 97301\nMessage: Is the roof new?\n",
        ),
        lead("Pilar Ochoa", "pilar@example.com", "+19715550122", "Zillow", message="roof new",
             address="6 Oak Terrace, Salem, OR 97301"),
    ),
    Case(
        "an agent forwards from Outlook",
        mail(
            "Marcus Bell <marcus@agency.example.com>",
            "FW: Homes.com lead",
            "\n\nFrom: Homes.com <noreply@homes.com>\nSent: Tuesday, March 3, 2026 2:04 PM\nTo: Marcus Bell\n"
            "Subject: Homes.com lead\n\nName: Tove Lund\nEmail: tove@example.com\nPhone: 2085550117\n",
        ),
        lead("Tove Lund", "tove@example.com", "+12085550117", "Homes.com"),
    ),
    Case(
        "a person's own mail, forwarded by an agent",
        mail(
            "Priya Nair <priya@agency.example.com>",
            "Fwd: question about 12 Hill Rd",
            "FYI\n\nBegin forwarded message:\n\nFrom: Kurt Vogel <kurt.vogel@example.com>\n"
            "Subject: question about 12 Hill Rd\nDate: March 3, 2026 at 1:00 PM\nTo: priya@agency.example.com\n\n"
            "Hello, I am interested in buying the house at 12 Hill Rd. Could we see it this week?\n\nKurt\n303-555-0190\n",
        ),
        lead("Kurt Vogel", "kurt.vogel@example.com", "+13035550190", "email", message="see it this week",
             address="12 Hill Rd"),
    ),
    # --- people -----------------------------------------------------------------------------------------------------
    Case(
        "a person writes to the desk",
        mail(
            "Wanda Kim <wanda.kim@example.com>",
            "House on Maple Street",
            "Hi there,\n\nI saw your sign and I'm interested in the house on Maple Street. Can I schedule a showing for "
            "Thursday? You can reach me at 651-555-0131.\n\nThanks,\nWanda Kim\n",
        ),
        lead("Wanda Kim", "wanda.kim@example.com", "+16515550131", "email", message="schedule a showing"),
    ),
    Case(
        "a person asks for a quote from a phone",
        mail(
            "rob <rob77@example.com>",
            "quote",
            "need a quote for car insurance for my 2015 civic pls\n\nSent from my iPhone",
        ),
        lead("rob", "rob77@example.com", None, "email", message="car insurance"),
    ),
    # --- ADF --------------------------------------------------------------------------------------------------------
    Case(
        "adf as an attachment of a readable mail",
        mail(
            "Cars Portal <leads@cars.example.com>",
            "New lead",
            "A new lead is attached.",
            files=[
                ("application/x-adf+xml", "lead.xml",
                 b'<?xml version="1.0"?><?adf version="1.0"?><adf><prospect><id source="CarsPortal">77</id><requestdate>'
                 b'2026-03-03T10:00:00-05:00</requestdate><vehicle><year>2024</year><make>Kia</make><model>EV6</model>'
                 b'</vehicle><customer><contact><name part="last">Baptiste</name><name part="first">Remy</name><email>'
                 b"remy@example.com</email><phone type='cellphone'>504-555-0118</phone></contact></customer><vendor>"
                 b'<contact><name part="full">D</name></contact></vendor></prospect></adf>')],
        ),
        lead("Remy Baptiste", "remy@example.com", "+15045550118", "CarsPortal"),
        {"format": "ADF", "vehicle": "2024 Kia EV6"},
    ),
    Case(
        "adf escaped in html",
        mail(
            "leads@provider.example.com",
            "ADF",
            html="<pre>&lt;?adf version=&quot;1.0&quot;?&gt;&lt;adf&gt;&lt;prospect&gt;&lt;requestdate&gt;soon"
            "&lt;/requestdate&gt;&lt;customer&gt;&lt;contact&gt;&lt;name part=&quot;full&quot;&gt;Ada Quist&lt;/name&gt;"
            "&lt;phone&gt;603-555-0140&lt;/phone&gt;&lt;/contact&gt;&lt;comments&gt;Trade &amp;amp; cash&lt;/comments&gt;"
            "&lt;/customer&gt;&lt;provider&gt;&lt;name&gt;LotLinx&lt;/name&gt;&lt;/provider&gt;&lt;/prospect&gt;"
            "&lt;/adf&gt;</pre>",
        ),
        lead("Ada Quist", None, "+16035550140", "LotLinx", message="Trade & cash"),
        {"format": "ADF"},
    ),
]  # fmt: skip
