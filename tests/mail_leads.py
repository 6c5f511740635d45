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
    # --- unseen while the reader was made for those above ----------------------------------------------------------
    Case(
        "zillow tour request, text with a preamble and agent salutation",
        mail(
            "Zillow <no-reply@mail.zillow.com>",
            "New tour request for 88 Harbor View Dr, Tacoma, WA 98407",
            "Hi Dana,\n\nYou have a new tour request!\n\nMarguerite Osei\nmarguerite.osei@example.com\n(253) 555-0161\n\n"
            "Wants to tour 88 Harbor View Dr, Tacoma, WA 98407 on Saturday, Mar 7 at 11:00 AM.\n\n"
            "Message from Marguerite:\nI'm pre-approved and flexible on times.\n\nGood luck,\nThe Zillow Team\n",
        ),
        lead("Marguerite Osei", "marguerite.osei@example.com", "+12535550161", "Zillow", message="pre-approved",
             address="88 Harbor View Dr, Tacoma, WA 98407"),
    ),
    Case(
        "realtor.com html with bold labels in paragraphs",
        mail(
            "Realtor.com Leads <leads@email.realtor.com>",
            "New realtor.com lead - Ivo Petrov",
            html="<p><strong>First Name:</strong> Ivo<br><strong>Last Name:</strong> Petrov<br><strong>Email Address:</strong> "
            "<a href=\"mailto:ivo.p@example.org\">ivo.p@example.org</a><br><strong>Phone Number:</strong> 480-555-0124</p>"
            "<p><strong>Comment:</strong><br>Is the pool heated?</p><p>This consumer inquired about:</p>"
            "<p><strong>Property Address:</strong><br>901 Cactus Way<br>Scottsdale, AZ 85251<br>MLSID # 6677889</p>",
        ),
        lead("Ivo Petrov", "ivo.p@example.org", "+14805550124", "Realtor.com", message="pool heated",
             address="901 Cactus Way, Scottsdale, AZ 85251"),
        {"mls_id": "6677889"},
    ),
    Case(
        "trulia by follow up boss",
        mail(
            "Follow Up Boss <leads@followupboss.com>",
            "New Lead from Trulia - Anselm Richter",
            "Anselm Richter\nNew lead from Trulia\n\nUser provided phone number: 608-555-0163\nanselm.r@example.net\n\n"
            "Property: 7 Lakeside Ct, Madison, WI 53703\n\"Can we see it tomorrow?\"\n\nView lead in Follow Up Boss: https://x.example.com/1\n",
        ),
        lead("Anselm Richter", "anselm.r@example.net", "+16085550163", "Trulia", via="Follow Up Boss", message="tomorrow",
             address="7 Lakeside Ct, Madison, WI 53703"),
    ),
    Case(
        "boomtown html, registration without message",
        mail(
            "BoomTown! <leads@goboomtown.com>",
            "New Registration: Chidi Okafor",
            html="<table><tr><td><b>Chidi Okafor</b> just registered on your website.</td></tr><tr><td>"
            + table({"Email": "chidi.o@example.com", "Phone": "(404) 555-0111", "Source": "Google PPC", "Price": "$350,000",
                     "Area": "Decatur, GA"}) + "</td></tr></table>",
        ),
        lead("Chidi Okafor", "chidi.o@example.com", "+14045550111", "Google PPC", via="BoomTown"),
    ),
    Case(
        "kvcore text with colon-less gap columns",
        mail(
            "leads@kvcore.com",
            "New lead has been assigned to you",
            "A new lead has been assigned to you.\n\nName             Sunniva Dahl\nEmail            sunniva@example.com\n"
            "Phone            612.555.0135\nSource           Zillow\nListing          22 Fjord Ln, Duluth, MN 55802\n",
        ),
        lead("Sunniva Dahl", "sunniva@example.com", "+16125550135", "Zillow", via="kvCORE",
             address="22 Fjord Ln, Duluth, MN 55802"),
    ),
    Case(
        "apartments.com text, relay address as the only mail",
        mail(
            "Apartments.com <lead-7f8a9c0d1e2b@leads.apartments.com>",
            "Contact request: Riverwalk Flats",
            "You've received a new lead from Apartments.com\n\nProperty: Riverwalk Flats\nAddress: 500 River St, Savannah, GA 31401\n"
            "Name: Tobias Lindgren\nPhone: 912-555-0157\nDesired move-in: 07/15/2026\nBedrooms: 1\nComments: Do you allow dogs?\n",
        ),
        lead("Tobias Lindgren", None, "+19125550157", "Apartments.com", relay="lead-7f8a9c0d1e2b@leads.apartments.com", message="dogs",
             address="500 River St, Savannah, GA 31401"),
        {"move_in": "2026-07-15", "bedrooms": 1},
    ),
    Case(
        "hotpads relay, html",
        mail(
            "Yusuf Demir <1a2b3c4d5e6f7g8h9i@convo.zillow.com>",
            "Yusuf is requesting an application for 310 Elm St #4, Reno, NV, 89501",
            html="<div>New message from a HotPads renter</div><div><b>Yusuf Demir says:</b></div><div>&ldquo;I would like to apply. "
            "I can move in right away.&rdquo;</div><table><tr><td>Move in</td><td>Mar 15, 2026</td></tr><tr><td>Pets</td>"
            "<td>Not answered</td></tr><tr><td>Income</td><td>Not answered</td></tr></table>",
        ),
        lead("Yusuf Demir", None, None, "Zillow", relay="1a2b3c4d5e6f7g8h9i@convo.zillow.com", message="move in right away",
             address="310 Elm St #4, Reno, NV, 89501"),
        {"move_in": "2026-03-15", "pets": None, "income": None},
    ),
    Case(
        "facebook lead ads in a list",
        mail(
            "Lead Sync <noreply@leadsync.example.com>",
            "New lead from Facebook Lead Ads",
            html="<ul><li><strong>Full Name</strong>: Emeka Obi</li><li><strong>Email</strong>: emeka@example.com</li><li><strong>Phone"
            " Number</strong>: +1 832-555-0194</li><li><strong>Street Address</strong>: 5 Bayou Rd</li><li><strong>Zip Code</strong>: "
            "77002</li><li><strong>What is your home worth?</strong>: 300-400k</li><li><strong>Campaign</strong>: Houston sellers</li></ul>",
        ),
        lead("Emeka Obi", "emeka@example.com", "+18325550194", "Facebook"),
        {"postal_code": "77002", "campaign": "Houston sellers"},
    ),
    Case(
        "everquote html, first and last in one row",
        mail(
            "EverQuote Pro <lead-delivery@everquote.com>",
            "EverQuote Lead: Home - TX - 75201",
            html="<table><tr><td>First Name</td><td>Odile</td><td>Last Name</td><td>Marchand</td></tr><tr><td>Primary Phone</td>"
            "<td>2145550166</td><td>Secondary Phone</td><td></td></tr><tr><td>Email</td><td>odile@example.com</td><td>DOB</td>"
            "<td>01/02/1980</td></tr><tr><td>Address</td><td>14 Main St</td><td>City/State/Zip</td><td>Dallas, TX 75201</td></tr>"
            "<tr><td>Currently Insured</td><td>Yes</td><td>Current Carrier</td><td>State Farm</td></tr></table>",
        ),
        lead("Odile Marchand", "odile@example.com", "+12145550166", "EverQuote"),
        {"postal_code": "75201", "line": "home", "current_carrier": "State Farm"},
    ),
    Case(
        "quote aggregator, sections in capitals, auto",
        mail(
            "Insurance Leads <leads@quotecentral.example.org>",
            "AUTO Insurance Lead - OH - 43085",
            "--- CONSUMER ---\nFirst: Lars\nLast: Nyberg\nHome Phone: 614-555-0121\nCell: 614-555-0122\nEmail: lars@example.com\n"
            "City: Worthington  State: OH  Zip: 43085\n\n--- VEHICLES ---\n#1: 2017 Ford Escape SE\n#2: 2012 Honda Civic\n\n"
            "--- COVERAGE ---\nCurrent Insurer: Progressive\nPolicy Expiration: 05/01/2026\n",
        ),
        lead("Lars Nyberg", "lars@example.com", "+16145550121", "quotecentral.example.org"),
        {"line": "auto", "postal_code": "43085", "state": "OH", "policy_expires": "2026-05-01", "other_phones": ["+16145550122"]},
    ),
    Case(
        "wpforms default layout",
        mail(
            "Example Realty <wordpress@agency.example.com>",
            "New Entry: Simple Contact Form (ID #61)",
            html="<table><tr><td><strong>Name</strong></td></tr><tr><td>Leila Farouk</td></tr><tr><td><strong>Email</strong></td></tr><tr>"
            "<td><a href=mailto:leila@example.com>leila@example.com</a></td></tr><tr><td><strong>Comment or Message</strong></td></tr><tr>"
            "<td>Looking to sell my condo.<br>When can we talk?</td></tr></table><p>Sent from <a href='https://agency.example.com'>Example "
            "Realty</a></p>",
        ),
        lead("Leila Farouk", "leila@example.com", None, "website", message="When can we talk?"),
    ),
    Case(
        "elementor default, text with separators",
        mail(
            "Example Realty <email@agency.example.com>",
            'New message from "Example Realty"',
            "Name: Cosmo Bianchi\nEmail: cosmo@example.com\nMessage: Please send me listings under 500k\n\n---\n\nDate: March 3, 2026\n"
            "Time: 10:11 pm\nPage URL: https://agency.example.com/contact/\nUser Agent: Mozilla/5.0\nRemote IP: 203.0.113.77\n"
            "Powered by: Elementor\n",
        ),
        lead("Cosmo Bianchi", "cosmo@example.com", None, "website", message="under 500k"),
    ),
    Case(
        "gravity forms, bold names and sections",
        mail(
            "no-reply@agency.example.com",
            "New submission from Home valuation",
            html="<table bgcolor=#eaeaea><tr><td><table bgcolor=#fff><tr bgcolor=#EAF2FA><td colspan=2><font><strong>Name</strong></font></td></tr>"
            "<tr><td width=20>&nbsp;</td><td><font>Ulla Berg</font></td></tr><tr bgcolor=#EAF2FA><td colspan=2><font><strong>Phone</strong></font>"
            "</td></tr><tr><td width=20>&nbsp;</td><td><font>(360) 555-0148</font></td></tr><tr bgcolor=#EAF2FA><td colspan=2><font><strong>"
            "Address</strong></font></td></tr><tr><td width=20>&nbsp;</td><td><font>40 Cedar Ave<br>Bellingham, WA 98225</font></td></tr>"
            "</table></td></tr></table>",
        ),
        lead("Ulla Berg", None, "+13605550148", "website"),
        {"postal_code": "98225"},
    ),
    Case(
        "jotform table",
        mail(
            "Jotform <noreply@jotform.com>",
            "Re: Buyer questionnaire - Petra Novak",
            html=table({"Full Name": "Petra Novak", "Phone Number": "(513) 555-0172", "E-mail": "petra@example.com",
                        "When do you want to move?": "This summer", "Budget": "$250,000"}),
            headers={"Reply-To": "petra@example.com"},
        ),
        lead("Petra Novak", "petra@example.com", "+15135550172", "website", via="Jotform"),
        {"timeline": "This summer", "budget": "$250,000"},
    ),
    Case(
        "typeform email notification",
        mail(
            "Typeform <notifications@followups.typeform.com>",
            "Typeform: New response for Seller lead form",
            "Your typeform Seller lead form has a new response:\n\n* What's your name?\nRoza Lipska\n\n* What's your email address?\n"
            "roza@example.com\n\n* What's your phone number?\n+1 917 555 0117\n\n* When are you planning to sell?\nWithin 6 months\n",
        ),
        lead("Roza Lipska", "roza@example.com", "+19175550117", "website", via="Typeform"),
        {"timeline": "Within 6 months"},
    ),
    Case(
        "homelight referral",
        mail(
            "HomeLight <referrals@homelight.com>",
            "New Seller Referral: Abigail T. in Sacramento, CA",
            "Congratulations Dana! You've been matched with a seller.\n\nClient: Abigail Torres\nPhone: (916) 555-0183\n"
            "Email: abigail.t@example.com\nTransaction type: Sell\nProperty address: 3100 J St, Sacramento, CA 95816\n"
            "Estimated price: $610,000\nTimeline: 1-3 months\n\nAccept this referral: https://homelight.com/r/1\n",
        ),
        lead("Abigail Torres", "abigail.t@example.com", "+19165550183", "HomeLight", address="3100 J St, Sacramento, CA 95816"),
        {"timeline": "1-3 months", "interest": "Sell"},
    ),
    Case(
        "angi job",
        mail(
            "Angi Leads <newlead@angi.com>",
            "New Lead: Roof repair in Plano, TX",
            "Customer Information\nName: Hector Salas\nPhone: 972-555-0109\nEmail: hector@example.com\nAddress: 9 Oak Dr, Plano, TX 75023\n\n"
            "Project Details\nComments: Shingles blown off by the storm.\nJob number: 11223344\n",
        ),
        lead("Hector Salas", "hector@example.com", "+19725550109", "Angi", message="Shingles"),
        {"postal_code": "75023"},
    ),
    Case(
        "ihomefinder by mail, showing request in html",
        mail(
            "iHomefinder Lead <no-reply@ihomefinder.com>",
            "Schedule a Showing Request - Bao Tran",
            html="<h3>Schedule a Showing Request</h3><p>Name: Bao Tran<br>Phone: 858.555.0151<br>Email: bao@example.com<br>Preferred Date: "
            "3/9/2026<br>Comments: after 5pm please</p><p>Listing Number: 26-1122<br>Address: 12 Wave Ct, San Diego, CA 92109</p>",
        ),
        lead("Bao Tran", "bao@example.com", "+18585550151", "iHomefinder", message="after 5pm",
             address="12 Wave Ct, San Diego, CA 92109"),
    ),
    Case(
        "forward with the html header block of Outlook",
        mail(
            "Priya Nair <priya@agency.example.com>",
            "FW: New Lead from Zillow - Gil Navarro",
            html="<div>for you</div><div><div><b>From:</b> Zillow &lt;leads@mail.zillow.com&gt;<br><b>Sent:</b> Tuesday, March 3, 2026 2:04 PM"
            "<br><b>To:</b> Priya Nair &lt;priya@agency.example.com&gt;<br><b>Subject:</b> New Lead from Zillow - Gil Navarro</div><p>Gil Navarro"
            "</p><p>Phone: 505-555-0112</p><p>Email: gil@example.com</p><p>Property: 4 Mesa Rd, Santa Fe, NM 87501</p></div>",
        ),
        lead("Gil Navarro", "gil@example.com", "+15055550112", "Zillow", address="4 Mesa Rd, Santa Fe, NM 87501"),
    ),
    Case(
        "forwarded as an attachment",
        mail(
            "Dana Reyes <dana@agency.example.com>",
            "lead",
            "see attached",
            files=[
                ("application/octet-stream", "lead.eml", mail("Homes.com <noreply@homes.com>", "New Lead from Homes.com",
                 "Name: Nils Aho\nPhone: 218-555-0170\nMessage: Is it near a school?"))],
        ),
        lead("Nils Aho", None, "+12185550170", "Homes.com", message="near a school"),
    ),
    Case(
        "adf with CDATA and business name",
        mail(
            "leads@provider.example.com",
            "Lead",
            "<?ADF version='1.0'?><ADF><PROSPECT STATUS='new'><REQUESTDATE>2026-03-03 14:00</REQUESTDATE><CUSTOMER><CONTACT PRIMARYCONTACT='1'>"
            "<NAME PART='full' TYPE='business'>Acme LLC</NAME><NAME PART='first'><![CDATA[Zoë]]></NAME><NAME PART='last'><![CDATA[O'Dell & Co]]>"
            "</NAME><EMAIL><![CDATA[zoe@example.com]]></EMAIL></CONTACT><COMMENTS><![CDATA[Price < 30k?\nCall me]]></COMMENTS></CUSTOMER>"
            "<PROVIDER><NAME PART='full'>AutoTrader</NAME></PROVIDER></PROSPECT></ADF>",
        ),
        lead("Zoë O'Dell & Co", "zoe@example.com", None, "AutoTrader", message="Price < 30k?"),
    ),
    Case(
        "a person writes about a listing from an Outlook html mail",
        mail(
            "Ida Holm <ida.holm@outlook.com>",
            "MLS 24117733",
            html="<div><p>Good morning,</p><p>My husband and I are interested in viewing the property at 60 Birch Ln, Concord, NH 03301. Would this "
            "weekend work?</p><p>Kind regards,<br>Ida Holm<br>Cell: 603 555 0128</p></div>",
        ),
        lead("Ida Holm", "ida.holm@outlook.com", "+16035550128", "email", message="this weekend work",
             address="60 Birch Ln, Concord, NH 03301"),
    ),
    Case(
        "spanish contact form",
        mail(
            "Sitio web <noreply@agency.example.com>",
            "Nuevo mensaje del formulario de contacto",
            "Nombre: Guadalupe Ríos\nCorreo electrónico: lupe@example.com\nTeléfono: 956-555-0125\nMensaje: Busco una casa de tres recámaras.\n",
        ),
        lead("Guadalupe Ríos", "lupe@example.com", "+19565550125", "website", message="tres recámaras"),
    ),
    Case(
        "yelp relay",
        mail(
            "Yelp <reply+6f1b2c3d4e5f6a7b8c9d@messaging.yelp.com>",
            "New message from Fern W. about Real Estate Agents",
            "Fern W. sent you a message:\n\n\"I'm hoping to downsize. Do you cover Oakland?\"\n\nReply to this email to respond to Fern.\n",
        ),
        lead("Fern W.", None, None, "Yelp", relay="reply+6f1b2c3d4e5f6a7b8c9d@messaging.yelp.com", message="downsize"),
    ),
    Case(
        "google lead form by zapier, lower case keys",
        mail(
            "Zapier <no-reply@zapiermail.com>",
            "New Google Ads lead form submission",
            "user_column_data\nFULL_NAME: Kenji Mori\nEMAIL: kenji@example.com\nPHONE_NUMBER: +14155550133\nPOSTAL_CODE: 94110\n"
            "campaign_name: SF Buyers\nlead_id: TeSter-1\n",
        ),
        lead("Kenji Mori", "kenji@example.com", "+14155550133", "Google Ads", via="Zapier"),
        {"postal_code": "94110", "campaign": "SF Buyers"},
    ),
    Case(
        "sierra interactive, labels in sentences",
        mail(
            "Sierra Interactive <noreply@sierrainteractive.com>",
            "New Lead: Vera Lindqvist",
            "New Lead Notification\n\nLead: Vera Lindqvist (vera@example.com)\nPhone: (919) 555-0189\nLead Source: Organic - Website\n"
            "Registered on: 3/3/2026 5:04 PM EST\nAssigned agent: Marcus Bell (marcus@agency.example.com)\n",
        ),
        lead("Vera Lindqvist", "vera@example.com", "+19195550189", "Organic - Website", via="Sierra Interactive"),
    ),
    Case(
        "property inquiry by a brokerage site, everything in one paragraph",
        mail(
            "no-reply@bigbroker.example.net",
            "Inquiry about 15 Rose Ct",
            "Someone is interested in one of your listings. Name: Olu Adeyemi, Email: olu@example.com, Phone: 240-555-0187. "
            "Comments: Can I see it on Sunday?",
        ),
        lead("Olu Adeyemi", "olu@example.com", "+12405550187", "bigbroker.example.net", message="Sunday", address="15 Rose Ct"),
    ),
    # --- unseen while the reader was made for those above ----------------------------------------------------------
    Case("zillow rentals: tour with time, no relay token dom", mail("Zillow Rental Manager <rentalmanager@zillow.com>", "Tour request from Mina Park for 1201 Pine St APT 5, Seattle, WA 98101",
      html="<h2>Mina Park requested a tour</h2><p><b>Preferred times</b></p><p>Fri, Mar 6 at 5:00 PM</p><table><tr><td>Email:</td><td>minap@example.com</td></tr><tr><td>Phone:</td><td>206-555-0136</td></tr><tr><td>Move-in:</td><td>ASAP</td></tr></table>"),
      lead("Mina Park","minap@example.com","+12065550136","Zillow",address="1201 Pine St APT 5, Seattle, WA 98101"), {"move_in":"ASAP"}),
    Case("realtor.com via ihomefinder? no: via Real Geeks", mail("Real Geeks <noreply@realgeeks.com>", "New Realtor.com Lead: Dario Conti",
      "You've got a new lead!\n\nDario Conti\ndario@example.com\n(808) 555-0113\n\nSource: realtor.com\nUrgency: 0-3 months\nProperty of Interest: 55 Palm Cir, Kailua, HI 96734 (MLS# 202601234)\n\nLogin to view this lead."),
      lead("Dario Conti","dario@example.com","+18085550113","Realtor.com",via="Real Geeks",address="55 Palm Cir, Kailua, HI 96734"), {"mls_id":"202601234"}),
    Case("redfin partner referral html", mail("Redfin Partner Program <partners@redfin.com>", "New customer: Kavya Iyer wants to tour 14 Lake Ave",
      html="<table><tr><td><b>Customer</b></td><td>Kavya Iyer</td></tr><tr><td><b>Phone</b></td><td><a href='tel:4255550168'>425.555.0168</a></td></tr><tr><td><b>Email</b></td><td>kavya@example.com</td></tr><tr><td><b>Home</b></td><td>14 Lake Ave, Kirkland, WA 98033<br>$1,150,000 · 3 bd · 2.5 ba</td></tr><tr><td><b>Customer notes</b></td><td>First-time buyer, agent not needed before noon.</td></tr></table>"),
      lead("Kavya Iyer","kavya@example.com","+14255550168","Redfin",message="First-time buyer",address="14 Lake Ave, Kirkland, WA 98033")),
    Case("apartment list", mail("Apartment List <leads@apartmentlist.com>", "New Lead: Ronan Walsh - The Foundry",
      "Hello The Foundry team,\n\nYou have a new lead from Apartment List.\n\nRenter: Ronan Walsh\nEmail: ronan@example.com\nPhone: 7205550105\nMove-in date: 2026-08-01\nBudget: $1,900\nBeds: Studio, 1\nLease length: 12 months\n\nNotes from renter: Needs parking for a motorcycle.\n"),
      lead("Ronan Walsh","ronan@example.com","+17205550105","Apartment List",message="motorcycle"), {"move_in":"2026-08-01","lease_months":12,"budget":"$1,900"}),
    Case("craigslist style reply with phone", mail("'Tess Moreau' via Craigslist <a1b2c3d4e5f6a7b8c9d0e1f2@reply.craigslist.org>", "$2,100 / 2br - Sunny flat (Mission)",
      "Hello, I'd love to see the flat this weekend. Call me at 415 555 0199. Tess\n"),
      lead("Tess Moreau",None,"+14155550199","Craigslist",relay="a1b2c3d4e5f6a7b8c9d0e1f2@reply.craigslist.org",message="this weekend")),
    Case("meta instant form: leading sentence", mail("Meta <noreply@business.facebook.com>", "You have a new lead", html="<p>Someone filled out your instant form.</p><p>Full name</p><p>Aroha Ngata</p><p>Email</p><p>aroha@example.com</p><p>Phone number</p><p>+1 503-555-0177</p><p>Are you working with an agent?</p><p>No</p>"),
      lead("Aroha Ngata","aroha@example.com","+15035550177","Facebook")),
    Case("instagram lead by unknown tool", mail("LeadMail <bot@leadmail.example.net>", "Instagram lead: Open house list", "Name - Bea Cruz\nEmail - bea@example.com\nPhone - 305 555 0142\nForm - Open house list"),
      lead("Bea Cruz","bea@example.com","+13055550142","Instagram")),
    Case("lendingtree refi", mail("LendingTree <leads@lendingtree.com>", "New LendingTree Lead: Refinance", "Borrower First Name: Piotr\nBorrower Last Name: Zielony\nBorrower Home Phone: 312-555-0176\nBorrower Email: piotr@example.com\nProperty Value: $420,000\nLoan Amount: $300,000\nCredit: Excellent\nProperty Address: 8 Dune Rd\nProperty City: Evanston\nProperty State: IL\nProperty Zip: 60201\n"),
      lead("Piotr Zielony","piotr@example.com","+13125550176","LendingTree",address="8 Dune Rd, Evanston, IL 60201")),
    Case("insurance lead: html two tables side by side", mail("Insure Connect <leads@insureconnect.example.com>", "Health Insurance Lead #8812",
      html="<table><tr><td><table><tr><th colspan=2>Applicant</th></tr><tr><td>Name</td><td>June Park</td></tr><tr><td>Phone</td><td>(919) 555-0154</td></tr></table></td><td><table><tr><th colspan=2>Details</th></tr><tr><td>Email</td><td>june@example.com</td></tr><tr><td>ZIP</td><td>27601</td></tr><tr><td>Household size</td><td>3</td></tr></table></td></tr></table>"),
      lead("June Park","june@example.com","+19195550154","insureconnect.example.com"), {"line":"health","postal_code":"27601"}),
    Case("tcpa block", mail("Lead Desk <post@leadsrus.example.org>", "Medicare Supplement Lead", "Lead #: 555120\nProduct: Medicare Supplement\nName: Edna Hobbs\nPhone: 1-863-555-0120\nState: FL\nZip: 33801\nOptIn: 2026-03-02T18:11:05Z\nOptIn IP: 192.0.2.44\nTrustedForm Cert URL: https://cert.trustedform.com/zzz\nJornaya LeadiD: AAAA-BBBB\n"),
      lead("Edna Hobbs",None,"+18635550120","leadsrus.example.org"), {"line":"medicare","consent_ip":"192.0.2.44","consent_timestamp":"2026-03-02T18:11:05+00:00","lead_id":"555120","state":"FL"}),
    Case("squarespace with name in two", mail("Squarespace <no-reply@squarespace.com>", "Form Submission - Contact", "Sent via form submission from Example Realty\n\nName: Otto Falk\n\nEmail: otto@example.com\n\nSubject: Selling\n\nMessage: What commission do you charge?\n\nManage Submissions\n\nDoes this submission look like spam? Report it here."),
      lead("Otto Falk","otto@example.com",None,"website",via="Squarespace",message="What commission do you charge?")),
    Case("godaddy", mail("GoDaddy Websites <donotreply@godaddy.com>", "You have a new message from your website", "Name: Sy Lund\nEmail: sy@example.com\nPhone: 623-555-0173\nMessage: Do you do property management?\n\nThis message was submitted from your website contact form"),
      lead("Sy Lund","sy@example.com","+16235550173","website",via="GoDaddy",message="property management?")),
    Case("ninja forms plain", mail("Agency <admin@agency.example.com>", "Ninja Forms Submission", html="<table><tbody><tr><td>Name:</td><td>Kit Rowe</td></tr><tr><td>Email:</td><td>kit@example.com</td></tr><tr><td>Message:</td><td>Home valuation please</td></tr></tbody></table>"),
      lead("Kit Rowe","kit@example.com",None,"website",message="valuation please")),
    Case("idx broker registration", mail("IDX Broker <noreply@idxbroker.com>", "A new lead has signed up on your site", "First Name: Zane\nLast Name: Abbott\nEmail: zane@example.com\nPhone: (512) 555-0158\nLead ID: 3391\n"),
      lead("Zane Abbott","zane@example.com","+15125550158","IDX Broker")),
    Case("CINC html assigned", mail("CINC <no-reply@cincpro.com>", "New Lead Assigned: Tia Wong", html="<p>Dana, you have been assigned a new lead.</p><p><b>Tia Wong</b><br>Email: tia@example.com<br>Phone: 678-555-0103<br>Source: Google<br>Looking in: Marietta, GA<br>Price range: $400K-$500K</p>"),
      lead("Tia Wong","tia@example.com","+16785550103","Google",via="CINC"), {"budget":"$400K-$500K"}),
    Case("ylopo", mail("Ylopo <alerts@ylopo.com>", "New Seller Lead – Abe Stone – 17 Fox Run, Cary, NC 27511", "Name: Abe Stone\nPhone: 919-555-0137\nEmail: abe@example.com\nAddress: 17 Fox Run, Cary, NC 27511\nEstimated Home Value: $512,000\n"),
      lead("Abe Stone","abe@example.com","+19195550137","Ylopo",address="17 Fox Run, Cary, NC 27511")),
    Case("forward by iPhone with quotes", mail("Marcus Bell <marcus@agency.example.com>", "Fwd: Inquiry", "Sent from my iPhone\n\nBegin forwarded message:\n\n> From: \"Redfin\" <leads@redfin.com>\n> Date: March 3, 2026 at 1:00:00 PM EST\n> To: marcus@agency.example.com\n> Subject: New inquiry from Jo Beck\n> \n> Name: Jo Beck\n> Email: jo.beck@example.com\n> Phone: 804-555-0116\n> Message: Is the price firm?\n"),
      lead("Jo Beck","jo.beck@example.com","+18045550116","Redfin",message="price firm")),
    Case("person: rent", mail("Nadia F <nadia.f@gmail.com>", "Apartment", "Hello is the apartment on 5th street still available? I can move in April. My number 515-555-0188 thanks"),
      lead("Nadia F","nadia.f@gmail.com","+15155550188","email",message="still available")),
    Case("person: sell", mail("Greg Hall <ghall@comcast.net>", "Thinking of selling", "Hi, we are thinking about selling our home in Lakewood this summer. What would the next steps be?\n\nGreg & Sue Hall\n303.555.0174"),
      lead("Greg Hall","ghall@comcast.net","+13035550174","email",message="selling our home")),
    Case("person: insurance, html only", mail("Maria Lopez <mlopez@yahoo.com>", "Quote request", html="<div dir=ltr>Good afternoon,<div><br></div><div>I need homeowners insurance for a house we are buying at 31 Elm St, Waco, TX 76701. Closing on March 20.</div><div><br></div><div>Thank you,</div><div>Maria</div></div>"),
      lead("Maria Lopez","mlopez@yahoo.com",None,"email",message="homeowners insurance",address="31 Elm St, Waco, TX 76701")),
    Case("adf in octet-stream named xml, base64", mail("dealer leads <adf@leads.example.com>", "lead", " ", files=[("application/octet-stream","adf.xml",b"<?xml version=\"1.0\"?><adf><prospect><customer><contact><name part=\"full\">Ola Sund</name><email>ola@example.com</email></contact></customer><provider><name>CarGurus</name></provider></prospect></adf>")]),
      lead("Ola Sund","ola@example.com",None,"CarGurus")),
    Case("adf raw in text/html", mail("x@provider.example.com", "Lead", html="<?xml version=\"1.0\"?>\n<adf><prospect><customer><contact><name part=\"full\">Ole Dahl</name><phone>701-555-0100</phone></contact></customer></prospect></adf>"),
      lead("Ole Dahl",None,"+17015550100","provider.example.com")),
    Case("rent.com lead", mail("Rent. <donotreply@rent.com>", "Rent. Lead: Oak Park Apartments", "Lead Details\n\nName: Ty Cobb\nEmail Address: ty@example.com\nPhone: 313-555-0167\nMove Date: 4/1/2026\nBedrooms: 2\nPrice: $1200 - $1500\nComments: \n\nProperty: Oak Park Apartments, 9 Oak Pl, Troy, MI 48083\n"),
      lead("Ty Cobb","ty@example.com","+13135550167","Rent.com",address="9 Oak Pl, Troy, MI 48083"), {"move_in":"2026-04-01"}),
    Case("opcity", mail("Opcity <referrals@opcity.com>", "Buyer referral: Lena Hart (Austin, TX)", "Hi Dana,\n\nYou claimed a new referral. Client details:\n\nLena Hart\n512-555-0190\nlena@example.com\n\nLooking to buy a single family home up to $600,000 in 78704.\n"),
      lead("Lena Hart","lena@example.com","+15125550190","Realtor.com")),
    Case("nextdoor message", mail("Nextdoor <reply+ABCDEFGH12345678@reply.nextdoor.com>", "Pam R. sent you a message", html="<p>Pam R. sent you a message:</p><p>Do you sell renters insurance?</p><p><a href='https://nextdoor.com/x'>Reply</a></p>"),
      lead("Pam R.",None,None,"Nextdoor",relay="reply+abcdefgh12345678@reply.nextdoor.com",message="renters insurance")),
    # --- said by the reader's own author --------------------------------------------------------------------------
    Case(
        "a relayed mail that offers a way off its list",
        mail("Ola Berg <4f5g6h7j8k9l0q1w2e@convo.zillow.com>", "Ola is requesting information about 5 Elm St, Reno, NV 89501",
             "Ola Berg says:\n\"Is it free in May?\"\n", headers={"List-Unsubscribe": "<https://x.example.com>"}),
        lead("Ola Berg", None, None, "Zillow", relay="4f5g6h7j8k9l0q1w2e@convo.zillow.com", message="free in May",
             address="5 Elm St, Reno, NV 89501"),
    ),
    Case(
        "a portal's mail to one, with a way off the list and no labels",
        mail("Zillow <leads@mail.zillow.com>", "New lead: Ola Berg", "Ola Berg\n(775) 555-0123\nola@example.com\n",
             headers={"List-Unsubscribe": "<https://x.example.com>"}),
        lead("Ola Berg", "ola@example.com", "+17755550123", "Zillow"),
    ),
    Case(
        "an aggregator that threads its mails",
        mail("BoomTown <n@boomtownroi.com>", "New lead: Ola Berg", "Ola Berg\n(775) 555-0123\nola@example.com\n",
             headers={"In-Reply-To": "<1@boomtownroi.com>"}),
        lead("Ola Berg", "ola@example.com", "+17755550123", "BoomTown"),
    ),
    # --- layouts that public parsers describe, other people in them -------------------------------------------------
    Case("realtor.com, all in the subject", mail("realtor.com <no-reply@realtorpro.io>", "New inquiry: Ana Sousa 480-555-0163 ana.s@example.com.", "24 S 121st Pl, Chandler, AZ 85249, USA\n$750,000/4BR/3BA\n\nReply to this email to respond.\n"),
         lead("Ana Sousa","ana.s@example.com","+14805550163","Realtor.com",address="24 S 121st Pl, Chandler, AZ 85249")),
    Case("realtor.com, asked again", mail("realtor.com <no-reply@realtorpro.io>", "Repeat inquiry: Stan Brook (480) 555-0175 Stanbrook@example.com", "31 W Cochise Dr Unit 257, Phoenix, AZ 85051, USA"),
         lead("Stan Brook","stanbrook@example.com","+14805550175","Realtor.com",address="31 W Cochise Dr Unit 257, Phoenix, AZ 85051")),
    Case("follow up boss, lead alert with a price", mail("Follow Up Boss <leads@followupboss.com>", "Lead Alert from Zillow - Steven Frank - $499,000", "Lead alert for Steven Frank from Zillow interested in 5 Elm St, Reno, NV 89501 ($499,000)\n\nUser provided phone number: (775) 555-0146\nsteven.f@example.com\n\nMessage | Is it still for sale?\n\nView details\n"),
         lead("Steven Frank","steven.f@example.com","+17755550146","Zillow",via="Follow Up Boss",message="still for sale",address="5 Elm St, Reno, NV 89501")),
    Case("follow up boss, facebook questions", mail("Follow Up Boss <leads@followupboss.com>", "New Lead from Facebook - Rich Gould", "Rich Gould\nNew lead from Facebook\n\nUser provided phone number: +13195550134\nWhat is your time frame to sell?: 3-6_months\nWhat are you thinking about updating before selling?: Kitchen\nProperty address: 123 Main St, Cedar Rapids\nForm: SELLER | Fix It\n"),
         lead("Rich Gould",None,"+13195550134","Facebook",via="Follow Up Boss",address="123 Main St, Cedar Rapids"), {"timeline":"3-6_months"}),
    Case("homeadvisor, flattened into one line", mail("HomeAdvisor <leads@homeadvisor.com>", "You've been matched to a new lead", "Dear Daniel, You've been matched to a Repair a Fireplace Lead! Here is the customer's information for Job Number 329574609: Customer Name      : Jane Sample Contact Time       : Any Phone - Anytime Daytime Phone      : 412-555-0199 Email              : jane@example.com Address            : 123 Test Drive, Pittsburgh, PA 15241 Description        : Repair a Fireplace (Gas) Comments           : Cap on chimney needs checked\n"),
         lead("Jane Sample","jane@example.com","+14125550199","HomeAdvisor",message="chimney")),
    Case("angi, stacked without labels, an older lead below", mail("Angi <no-reply@angi.com>", "Re: You have a new lead!", "You have a new lead!\nInstall a Fireplace Unit (Gas)\nCustomer Information\nAlex Newman\n(412) 555-0166\nalex@customer.example\n215 Oak Drive, Pittsburgh, PA 15220\n\nOn Mon, Sep 28, 2026 at 11:29 PM Angi <no-reply@angi.com> wrote:\n> You have a new lead!\n> Customer Information\n> Bailey Old\n> (724) 555-0125\n> bailey@customer.example\n"),
         lead("Alex Newman","alex@customer.example","+14125550166","Angi",address="215 Oak Drive, Pittsburgh, PA 15220")),
    Case("a brokerage's mail about a StreetEasy listing", mail("Example Broker <leads@brokerco.example.com>", "New lead on your listing", html='<span style="display:none !important; mso-hide:all">Dear Chris: A new lead/inquiry has been received on your listing. Sandy</span><table><tbody><tr><td><table><tbody><tr><td>Dear Chris Austin:</td></tr><tr><td>A new lead/inquiry has been received on your listing.</td></tr><tr><td>Sandy Marsh</td></tr><tr><td>sandy7@example.com</td></tr><tr><td></td></tr><tr><td><table><tbody><tr><td><p><span>2021-04-28 13:32:03</span>&nbsp;<span><a href="https://links.streeteasy.com/a">47-09 Fifth Street #502</a></span><br /><span>Hi, is there a storage cage available for rent?</span></p></td></tr></tbody></table></td></tr></tbody></table></td></tr></tbody></table>'),
         lead("Sandy Marsh","sandy7@example.com",None,"brokerco.example.com",message="storage cage")),
    Case("an IDX form: interested in the property below", mail("IDX <noreply@idxsite.example.com>", "Requested Form", html="<table><tr><td colspan=2>##DO NOT REPLY DIRECTLY TO THIS EMAIL. READ EMAIL BELOW TO GET SENDER'S EMAIL ADDRESS.##Date and Time: 2021/05/25 12:51:05</td></tr><tr><td colspan=2>Marc Sotto is interested in the following property below.</td></tr><tr style='height:5px'/><tr><td>IDX:</td><td>true</td></tr><tr><td>Source:</td><td><a href='https://www.realtor.com'>www.realtor.com</a></td></tr><tr><td>Name:</td><td>Marc Sotto</td></tr><tr><td>Email:</td><td>marc@example.com</td></tr><tr><td>Phone:</td><td>214-555-0158</td></tr><tr><td>Address:</td><td>9 Ash Ln, Dallas, TX 75201</td></tr><tr><td>MLS#:</td><td>14580001</td></tr></table>"),
         lead("Marc Sotto","marc@example.com","+12145550158","Realtor.com",address="9 Ash Ln, Dallas, TX 75201"), {"mls_id":"14580001"}),
    Case("rent.com: information for", mail("Rent.com <leads@rent.com>", "New lead from Rent.com", "*Information for Tyra Cole*\n\nEmail: tyra@example.com\nPhone: 313-555-0167\nMove Date: 04/01/2026\nComments: Ground floor please\n\n*Property Information*\nOak Park Apartments\n"),
         lead("Tyra Cole","tyra@example.com","+13135550167","Rent.com",message="Ground floor"), {"move_in":"2026-04-01"}),
    Case("forrent guest card in brackets", mail("ForRent <guestcards@forrent.com>", "FORRENT.COM GUESTCARD", "FORRENT.COM GUESTCARD\n\n[Prospect Name] Hugo Lind\n[Phone] 615-555-0121\n[Email] hugo@example.com\n[# Beds] 2\n[# Baths] 1\n[Moving Date] 5/1/2026\n[Comments] Need a garage\n"),
         lead("Hugo Lind","hugo@example.com","+16155550121","ForRent.com",message="Need a garage"), {"move_in":"2026-05-01","bedrooms":2}),
    Case("loopnet, one line with bars", mail("LoopNet <leads@loopnet.com>", "LoopNet Lead for 400 Market St", html="<table><tr><td>From: Kim Leland | 303-555-0111 | kim.l@example.com</td></tr><tr><td>Message:</td></tr><tr><td>Please send the rent roll.</td></tr></table>"),
         lead("Kim Leland","kim.l@example.com","+13035550111","LoopNet",message="rent roll",address="400 Market St")),
    Case("hotpads: is interested and says", mail("HotPads <noreply@hotpads.com>", "New contact from HotPads", html="<table><tr><td class=h-card><table><tr><td><span>Jana Roth is interested in 5 Elm St, Reno, NV 89501 and says</span></td></tr><tr><td>\"Is laundry in the unit?\"</td></tr><tr><td><a href='tel:775-555-0150'><font>775-555-0150</font></a></td></tr><tr><td><a href='mailto:jana@example.com?subject=x'><font>jana@example.com</font></a></td></tr></table></td></tr></table>"),
         lead("Jana Roth","jana@example.com","+17755550150","HotPads",message="laundry",address="5 Elm St, Reno, NV 89501")),
    Case("zillow group, old text layout", mail("Zillow Group Rentals <rentalleads@zillowgroup.com>", "Zillow Group - New Contact", "New Contact\n\n*Nora Beck* says:\n\n\"I am interested in this rental and would like to schedule a viewing.\"\n\n602-555-0144\nnora.beck@example.com <nora.beck@example.com?subject=Re>\n"),
         lead("Nora Beck","nora.beck@example.com","+16025550144","Zillow",message="schedule a viewing")),
    Case("zumper: who writes is in reply-to", mail("Zumper <leads@zumper.com>", "Zumper lead for Harbor House", html="<p>The following lead is interested in your listing:</p><p>1 bed 1 bath</p><p>Hello, can I see the unit on Monday?</p><p>Thanks, the Zumper Team</p>", headers={"Reply-To":"Tom Reed <tomreed@example.com>"}),
         lead("Tom Reed","tomreed@example.com",None,"Zumper",message="on Monday")),
    Case("apartment list, capitals in one block", mail("Apartment List <leads@apartmentlist.com>", "New lead from Lise Roy for The Foundry", "You have a new lead from Lise Roy \n\nPHONE: 303-555-0126\nEMAIL: lise@example.com\nBEDS: 1\nMOVE-IN: 04/15/2026 (flexible)\n"),
         lead("Lise Roy","lise@example.com","+13035550126","Apartment List"), {"move_in":"2026-04-15","bedrooms":1}),
    Case("facebook marketplace, a letter", mail("notification@facebookmail.com", "Joan Dorn sent you a message about your listing - 123 Main St Apartment", "Hi there,\n\nI'm very interested in your rental property at 123 Main St. I'd love to schedule a viewing.\n\nCould you please let me know about:\n- Move-in date availability\n- Pet policy\n\nBest regards,\nJoan Dorn\njoan.dorn@example.com\n(415) 555-0167\n"),
         lead("Joan Dorn","joan.dorn@example.com","+14155550167","Facebook",message="schedule a viewing",address="123 Main St Apartment")),
    Case("zillow rental manager", mail("noreply@zillow.com", "New inquiry for 456 Oak Avenue - Zillow Rental Manager", "You have received a new rental inquiry through Zillow!\n\nProperty: 456 Oak Avenue, Apt 2B\n\nFrom: Jane Smythe\nEmail: jane.smythe@example.com\nPhone: (206) 555-0187\n\nMessage:\nHello, I'm very interested in this property. Can we schedule a tour this week?\n\nThank you for your time!\n\n---\nView this inquiry on Zillow\n"),
         lead("Jane Smythe","jane.smythe@example.com","+12065550187","Zillow",message="tour this week",address="456 Oak Avenue, Apt 2B")),
    Case("turbotenant, detailed", mail("notifications@turbotenant.com", "New Application Inquiry - 555 Maple Court, Unit 12", "New Rental Application Inquiry\n\nProperty Details:\nAddress: 555 Maple Court, Unit 12\nRent: $1,500/month\nBedrooms: 2\nBathrooms: 1\n\nApplicant Information:\nName: Micah Chan\nEmail: m.chan@example.com\nPhone: (206) 555-0132\nCurrent Address: 100 Oak Street, Apt 3\n\nMessage:\nHello! My lease is ending. I can provide:\n- Last 2 pay stubs\n- References\n\nI'd love to schedule a viewing.\n\nBest regards,\nMicah Chan\n\n---\nView full application on TurboTenant\n"),
         lead("Micah Chan","m.chan@example.com","+12065550132","TurboTenant",message="References",address="555 Maple Court, Unit 12")),
    Case("craigslist, reply- address", mail("reply-abc123def456@craigslist.org", "Reply to: Beautiful 2BR near downtown", "Hi,\n\nI saw your listing for the apartment at 789 Pine Street.\n\nWhen would be a good time to see the place?\n\nThanks,\nBob Jansen\nbob.j@example.com\nPhone: 312-555-0178\n"),
         lead("Bob Jansen","bob.j@example.com","+13125550178","Craigslist",relay="reply-abc123def456@craigslist.org",message="good time to see")),
    # --- unseen while the reader was made for those above ----------------------------------------------------------
    Case("hotpads rental, text/plain with stars", mail("HotPads Rentals <noreply@hotpads.com>", "New inquiry on 77 Bay St #3, Oakland, CA 94607", "*New rental inquiry*\n\n*Name:* Lena Fox\n*Phone:* (510) 555-0144\n*Email:* lena.fox@example.net\n*Desired move-in:* Jun 1, 2026\n*Message:*\nHi! Is this pet friendly?\n\n--\nHotPads, part of Zillow Group\n"),
      lead("Lena Fox","lena.fox@example.net","+15105550144","HotPads",message="pet friendly",address="77 Bay St #3, Oakland, CA 94607"), {"move_in":"2026-06-01"}),
    Case("boomtown passes on realtor.com", mail("BoomTown <leads@boomtownroi.com>", "New Realtor.com lead: Dev Shah", html="<h2>New Lead</h2><table><tr><td>Name</td><td>Dev Shah</td></tr><tr><td>Email</td><td>dev.shah@example.org</td></tr><tr><td>Phone</td><td>704-555-0123</td></tr><tr><td>Source</td><td>Realtor.com</td></tr><tr><td>Property</td><td>410 Pine Ridge Ct, Charlotte, NC 28210</td></tr><tr><td>Comments</td><td>Please send more photos.</td></tr></table>"),
      lead("Dev Shah","dev.shah@example.org","+17045550123","Realtor.com",via="BoomTown",message="more photos",address="410 Pine Ridge Ct, Charlotte, NC 28210")),
    Case("kvcore passes on zillow, agent signature below", mail("kvCORE Lead Alerts <leads@kvcore.com>", "New Zillow Lead - Amara Diallo", "New lead in kvCORE\n\nLead: Amara Diallo\nEmail: amara@example.com\nMobile: 617-555-0150\nSource: Zillow\nProperty: 9 Harbor Rd, Quincy, MA 02169\n\nAssigned agent\nDana Reyes\n617-555-0199\ndana@agency.example.com\n"),
      lead("Amara Diallo","amara@example.com","+16175550150","Zillow",via="kvCORE",address="9 Harbor Rd, Quincy, MA 02169")),
    Case("redfin text", mail("Redfin <no-reply@redfin.com>", "New lead from Redfin: Owen Blake", "Owen Blake would like to tour 5 Birch Ave, Denver, CO 80203\n\nPhone number: 303-555-0129\nEmail address: owen.b@example.com\nNotes from customer: Evenings are best for me.\n"),
      lead("Owen Blake","owen.b@example.com","+13035550129","Redfin",message="Evenings",address="5 Birch Ave, Denver, CO 80203")),
    Case("apartments.com with unit type and null values", mail("Apartments.com <lead@apartments.com>", "Lead from Apartments.com for Cedar Court", "Name: Rosa Lima\nEmail: rosa@example.com\nPhone: Not Provided\nMove Date: Not Provided\nBeds: 2\nComments: I'd like a callback.\nProperty Name: Cedar Court\nProperty Address: 80 Cedar Ct, Austin, TX 78704\n"),
      lead("Rosa Lima","rosa@example.com",None,"Apartments.com",message="callback",address="80 Cedar Ct, Austin, TX 78704"), {"bedrooms":2,"move_in":None}),
    Case("meta lead, table with ids", mail("Leads <no-reply@leadflow.example.com>", "Facebook Lead Ads: new lead", html=table({"id":"l:998877665544","created_time":"2026-03-03T18:20:00-0600","ad_name":"Duplex","form_name":"Sellers","full_name":"Gia Romano","phone_number":"p:+14145550160","email":"gia@example.com","street_address":"7 Elm St","city":"Milwaukee","zip_code":"53202"})),
      lead("Gia Romano","gia@example.com","+14145550160","Facebook"), {"postal_code":"53202"}),
    Case("home insurance quote request with dwelling", mail("SmartFinancial <noreply@smartfinancial.com>", "Exclusive Home Insurance Lead", "First Name: Al\nLast Name: Stone\nPhone: 480 555 0137\nEmail: al.stone@example.com\nProperty Address: 14 Mesa Dr, Tempe, AZ 85281\nYear Built: 1998\nCurrent Carrier: Allstate\nPolicy Expiration Date: 2026-05-30\nTCPA Consent: Yes 2026-03-03 09:12:44 MST\nIP Address: 198.51.100.23\n"),
      lead("Al Stone","al.stone@example.com","+14805550137","SmartFinancial",address="14 Mesa Dr, Tempe, AZ 85281"), {"line":"home","policy_expires":"2026-05-30","consent_timestamp":"2026-03-03T09:12:44-07:00","consent_ip":"198.51.100.23","current_carrier":"Allstate"}),
    Case("life insurance by html definition", mail("LeadHub <leads@leadhub.example.org>", "Life insurance lead", html="<p><strong>Lead ID</strong>: LH-20931</p><p><strong>Name</strong>: Ruth Amos</p><p><strong>Cell</strong>: 2165550118</p><p><strong>Work</strong>: 2165550119</p><p><strong>DOB</strong>: 01/02/1970</p><p><strong>Coverage</strong>: Term Life $500,000</p>"),
      lead("Ruth Amos",None,"+12165550118","leadhub.example.org"), {"line":"life","lead_id":"LH-20931"}),
    Case("ADF, declared latin-1, prospects' name in caps", mail("leads@dealerfeed.example.com","ADF lead","<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<?adf version=\"1.0\"?>\n<ADF><PROSPECT><REQUESTDATE>2026-03-03T10:11:12</REQUESTDATE><VEHICLE INTEREST=\"lease\" STATUS=\"new\"><YEAR>2026</YEAR><MAKE>Toyota</MAKE><MODEL>RAV4</MODEL></VEHICLE><CUSTOMER><CONTACT><NAME PART=\"first\">MARÍA</NAME><NAME PART=\"last\">NÚÑEZ</NAME><PHONE TYPE=\"phone\">(916) 555-0122</PHONE><EMAIL>MARIA.N@EXAMPLE.COM</EMAIL></CONTACT><COMMENTS>Lease &lt; $400?</COMMENTS></CUSTOMER><PROVIDER><NAME PART=\"full\">Edmunds</NAME></PROVIDER></PROSPECT></ADF>"),
      lead("MARÍA NÚÑEZ","maria.n@example.com","+19165550122","Edmunds",message="Lease < $400?"), {"interest":"lease","vehicle":"2026 Toyota RAV4"}),
    Case("forwarded twice", mail("Marcus Bell <marcus@agency.example.com>","Fwd: Fwd: New lead from Zillow","see below\n\n---------- Forwarded message ---------\nFrom: Dana Reyes <dana@agency.example.com>\nDate: Tue, Mar 3, 2026 at 3:00 PM\nSubject: Fwd: New lead from Zillow\nTo: Marcus Bell <marcus@agency.example.com>\n\n\n---------- Forwarded message ---------\nFrom: Zillow <leads@mail.zillow.com>\nDate: Tue, Mar 3, 2026 at 2:04 PM\nSubject: New lead from Zillow\nTo: <dana@agency.example.com>\n\nName: Bea Hall\nPhone: 971-555-0163\nMessage: Is it sold?\n"),
      lead("Bea Hall",None,"+19715550163","Zillow",message="sold")),
    Case("website form with company and honeypot", mail("Website <forms@agency.example.com>","New enquiry from website","Your name: Sam O'Neil\nYour email: sam@oneil.example\nYour phone: (650) 555-0138\nCompany: O'Neil Ltd\nSubject: Office space\nYour message:\nWe need 2,000 sq ft.\nBy May.\n"),
      lead("Sam O'Neil","sam@oneil.example","+16505550138","website",message="By May.")),
    Case("nested multipart with inline picture and html only in related", mail("Homes.com <leads@homes.com>","New Homes.com lead","Please view this mail in HTML.",html="<table><tr><td>Name</td><td>Ed Yoon</td></tr><tr><td>Phone</td><td>206 555 0159</td></tr><tr><td>Message</td><td>Is there a basement?</td></tr></table>",files=[("image/png","logo.png",b"\x89PNG")]),
      lead("Ed Yoon",None,"+12065550159","Homes.com",message="basement")),
    Case(
        "a section about the property, in parts, and where the person lives",
        mail("Portal <leads@portal.example.com>", "New lead",
             "Contact\nName: Ola Berg\nPhone: 775-555-0123\nHome address: 1 Fir St, Sparks, NV 89431\n\n"
             "Property information\nAddress: 5 Elm St\nCity: Reno\nState: NV\nZip: 89501\n"),
        lead("Ola Berg", None, "+17755550123", "portal.example.com", address="5 Elm St, Reno, NV 89501"),
        {"postal_code": "89431", "state": "NV"},
    ),
    Case(
        "a team that tries its own form",
        mail("Website <forms@agency.example.com>", "New enquiry", "Name: Dana Reyes\nEmail: dana@agency.example.com\n"),
        lead("Dana Reyes", "dana@agency.example.com", None, "website"),
    ),
]  # fmt: skip
