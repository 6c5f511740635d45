"""Mails with no lead in them, of the kinds that reach a leads desk every day."""
# ruff: noqa: E501 - the lines of mails as they stand

from __future__ import annotations

from mail_case import Case, mail, table

_FUB, _ZILLOW = "Follow Up Boss <leads@followupboss.com>", "Zillow Premier Agent <noreply@mail.zillow.com>"
_LIST = {"List-Unsubscribe": "<https://x.example.com/u>", "Precedence": "bulk"}
_BOUNCED = b"""From: MAILER-DAEMON@mx.example.com
To: leads@agency.example.com
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
MIME-Version: 1.0

--b
Content-Type: text/plain

This is the mail system. I'm sorry to have to inform you that your message could not be delivered to nobody@example.com

--b
Content-Type: message/delivery-status

Final-Recipient: rfc822; nobody@example.com
Action: failed

--b
Content-Type: message/rfc822

From: Leads Desk <leads@agency.example.com>
Subject: New lead from Zillow

Name: Walt Emery
Email: walt@example.com
Phone: 503-555-0102

--b--
"""

NOISE = [
    Case("bounce that carries a lead's mail", _BOUNCED),
    Case("bounce without a report", mail("Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
         "Delivery Status Notification (Failure)", "Address not found. Your message wasn't delivered to jane@example.com")),
    Case("out of office, quoting a lead", mail("Jane Roe <jane@example.com>", "Automatic reply: New lead from Zillow",
         "I am away until Monday. For urgent matters call 503-555-0111.\n\n> Name: Walt Emery\n> Email: walt@example.com",
         headers={"Auto-Submitted": "auto-replied"})),
    Case("out of office without the header", mail("Jane Roe <jane@example.com>", "Out of Office Re: your inquiry",
         "Thank you for your message. I'm out of the office and interested in reading it when I return.")),
    Case("calendar invitation", mail("Dana Reyes <dana@agency.example.com>", "Invitation: Showing 12 Hill Rd @ Fri 3pm",
         "You have been invited.\nWhen: Fri 3pm\nOrganizer: Dana Reyes\nWho: Jane Doe jane@example.com",
         files=[("text/calendar", "invite.ics", b"BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR")])),
    Case("accepted invitation", mail("Jane Doe <jane@example.com>", "Accepted: Showing @ Fri 3pm",
         "Jane Doe has accepted this invitation.")),
    Case("weekly digest of leads", mail(_FUB, "Your weekly lead summary",
         "Last week you got 4 new leads.\n\nJane Doe - jane@example.com - 503-555-0101\n"
         "Walt Emery - walt@example.com - 503-555-0102\nIna Bo - ina@example.com\nTo Fu - to@example.com\n")),
    Case("a known lead came back", mail(_FUB, "Jane Doe is back on your website",
         "Jane Doe viewed 5 properties today.\nPhone: 503-555-0101\nEmail: jane@example.com\nView: https://x.example.com")),
    Case("a known lead saved a search", mail("kvCORE <no-reply@kvcore.com>", "Hot activity: Jane Doe saved a listing",
         "Name: Jane Doe\nEmail: jane@example.com\nPhone: 503-555-0101\nsaved 12 Hill Rd")),
    Case("reminder of a task", mail(_FUB, "Task due today: Call Jane Doe", "Call Jane Doe\nPhone: 503-555-0101\nDue: today")),
    Case("views of a listing", mail(_ZILLOW, "Your listing got 12 views this week",
         "12 Hill Rd, Salem, OR 97301\nViews: 12\nSaves: 3\nShare your listing to get more leads!", headers=_LIST)),
    Case("price change", mail("Zillow <instant-updates@mail.zillow.com>", "Price cut: 12 Hill Rd, Salem, OR 97301",
         "$20,000 price cut. A home you saved changed. Contact agent: (503) 555-0100", headers=_LIST)),
    Case("new listings by a saved search", mail("Redfin <listings@redfin.com>", "3 new homes for you in Portland",
         "1 Oak St, Portland, OR 97201 $400k\n2 Elm St, Portland, OR 97202 $410k\nRequest a tour: https://x.example.com",
         headers=_LIST)),
    Case("market report", mail("Example Title <news@title.example.com>", "March Market Report for Portland",
         "Median price: $512,000\nDays on market: 21\nContact: Joe Title\nPhone: 503-555-0188\nEmail: joe@title.example.com",
         headers=_LIST)),
    Case("newsletter about leads", mail("Inman <news@inman.example.com>", "5 ways to convert more Zillow leads",
         "New lead tips: reply in five minutes. Interested in more? Email editor@inman.example.com", headers=_LIST)),
    Case("portal sells to the agent", mail("Realtor.com <marketing@email.realtor.com>", "Get more leads in 97301, Dana",
         "Buyers in your area are looking for an agent. Call us at (866) 555-0100 or reply to your rep Tom Sales "
         "tom.sales@realtor.com", headers=_LIST)),
    Case("invoice", mail("Zillow Billing <billing@zillow.com>", "Your invoice #88123 from Zillow Group",
         "Bill to: Dana Reyes\nName: Dana Reyes\nEmail: dana@agency.example.com\nPhone: 503-555-0100\nAmount: $500\n"
         "Lead credits: 12")),
    Case("receipt with contact data", mail("Sign Shop <orders@signs.example.com>", "Order confirmation 5521",
         table({"Name": "Dana Reyes", "Email": "dana.reyes@example.com", "Phone": "503-555-0100", "Total": "$88"}))),
    Case("password reset", mail("BoomTown <no-reply@boomtownroi.com>", "Reset your password",
         "Hi Dana,\nUse this link to choose a new password.\nName: Dana Reyes\nEmail: dana.r@example.com")),
    Case("sign-in code", mail("Zillow <noreply@zillow.com>", "Your verification code is 220199", "Code: 220199")),
    Case("new sign-in", mail("Google <no-reply@accounts.google.com>", "Security alert", "New sign-in on Mac\nEmail: a@example.com")),
    Case("colleagues talk", mail("Dana Reyes <dana@agency.example.com>", "Jane Doe",
         "Can you call Jane Doe today? She is interested in a showing at 12 Hill Rd. Her number is 503-555-0101.")),
    Case("colleagues talk in a thread", mail("Dana Reyes <dana@agency.example.com>", "Re: New lead from Zillow",
         "I called her, no answer.\n\nOn Tue, Mar 3, 2026 Marcus wrote:\n> Name: Jane Doe\n> Phone: 503-555-0101\n> "
         "Email: jane@example.com", headers={"In-Reply-To": "<1@x.example.com>"})),
    Case("a reply of somebody known", mail("Jane Doe <jane@example.com>", "Re: Your inquiry about 12 Hill Rd",
         "Thursday works, thanks!\n\nOn Tue, Mar 3, 2026 at 2:04 PM Dana <dana@agency.example.com> wrote:\n> Would you "
         "like to schedule a showing?", headers={"In-Reply-To": "<1@agency.example.com>"})),
    Case("a salesman", mail("Tom Sales <tom@crm.example.com>", "Quick question, Dana",
         "Hi Dana, are you interested in a demo of our CRM? We help agents close more leads. Reply or call 415-555-0100.\n"
         "Unsubscribe: https://crm.example.com/u")),
    Case("job application", mail("Indeed <noreply@indeed.com>", "New application: Office manager - Jane Doe",
         "Name: Jane Doe\nEmail: jane@example.com\nPhone: 503-555-0101\nResume: https://x.example.com")),
    Case("showing feedback", mail("ShowingTime <callcenter@showingtime.com>", "Showing confirmed: 12 Hill Rd",
         "Showing agent: Bob Broker\nPhone: 503-555-0122\nEmail: bob@broker.example.com\nStatus: Confirmed")),
    Case("document signed", mail("DocuSign <dse@docusign.net>", "Completed: Listing agreement 12 Hill Rd",
         "Jane Doe completed the document.\nName: Jane Doe\nEmail: jane@example.com")),
    Case("a lead was reassigned to nobody new: lead count", mail("CINC <alerts@cincpro.com>", "You have 7 uncontacted leads",
         "7 leads wait for you.\n1. Jane Doe 503-555-0101\n2. Walt Emery 503-555-0102")),
    Case("delivery of a parcel", mail("UPS <mcinfo@ups.com>", "Your package is on its way",
         "Ship to: Dana Reyes\nPhone: 503-555-0100\nTracking number: 1Z")),
    Case("account created", mail("Typeform <hello@typeform.com>", "Welcome to Typeform, Dana",
         "Name: Dana Reyes\nEmail: dana.r@example.com\nStart building forms.")),
    Case("new review", mail("Zillow Reviews <noreply@mail.zillow.com>", "You have a new review from Jane D.",
         "Jane D. says: \"Dana was great\"\nRating: 5")),
    Case("empty mail", mail("Jane <jane@example.com>", "", " ")),
    Case("spam", mail("Dr. Okonkwo <prince@bank.example.org>", "Urgent business proposal",
         "I am interested in transferring $10,000,000. Name: your name\nPhone: +234 1 555 0100")),
    # --- unseen while the reader was made for those above ----------------------------------------------------------
    Case("zillow: your monthly report", mail("Zillow Premier Agent <premieragent@mail.zillow.com>", "Your February performance",
         "Connections: 12\nPhone calls: 4\nEmails: 8\nContact your business advisor: Joe, 206-555-0100", headers=_LIST)),
    Case("FUB: lead reply notification of a known person", mail("Follow Up Boss <notifications@followupboss.com>", "Hannah Weiss viewed a property",
         "Hannah Weiss viewed 12 Oak St 3 times\nPhone: 919-555-0162\nEmail: hannah@example.com")),
    Case("FUB: deal closed", mail("Follow Up Boss <notifications@followupboss.com>", "Deal closed: Hannah Weiss",
         "Congratulations!\nClient: Hannah Weiss\nPhone: 919-555-0162\nPrice: $400,000")),
    Case("BoomTown: lead marked as dead", mail("BoomTown <n@boomtownroi.com>", "Lead status changed: Hannah Weiss",
         "Name: Hannah Weiss\nEmail: hannah@example.com\nOld status: Hot\nNew status: Archived")),
    Case("realtor.com price reduced", mail("Realtor.com <alerts@email.realtor.com>", "Price reduced on a home you saved",
         "12 Oak St, Salem, OR 97301\n$390,000 was $410,000\nContact agent", headers=_LIST)),
    Case("facebook page notification", mail("Facebook <notification@facebookmail.com>", "Your page got 3 new likes", "Jane Doe and 2 others like your page")),
    Case("facebook ad approved", mail("Meta for Business <notification@facebookmail.com>", "Your ad was approved", "Your ad Lead Gen Spring is now running.")),
    Case("wix subscription", mail("Wix <billing@wix.com>", "Your Wix subscription has been renewed", "Name: Dana Reyes\nEmail: d@example.com\nTotal: $20")),
    Case("transaction desk", mail("SkySlope <no-reply@skyslope.com>", "Contract accepted for 12 Oak St", "Buyer: Jane Doe\nSeller: Bob Roe\nEmail: jane@example.com\nClosing: 4/1/2026")),
    Case("title company", mail("Amy Title <amy@titleco.example.com>", "12 Oak St - closing scheduled", "Hi Dana, closing is scheduled for April 1 at 10. Please confirm. Amy, 503-555-0188")),
    Case("lender pitch", mail("Bob Lender <bob@lender.example.com>", "Rates dropped!", "Hi Dana, I'd like to buy you a coffee and talk about how we help agents' buyers. Call 503-555-0177.")),
    Case("agent of the other side", mail("Bob Broker <bob@otherbroker.example.com>", "Offer on 12 Oak St", "Dana, my clients are submitting an offer on your listing today. Can you send me the disclosures? Bob Broker, 503-555-0122")),
    Case("calendly booked", mail("Calendly <notifications@calendly.com>", "New Event: Jane Doe - 10:00am Fri, Mar 6", "Invitee: Jane Doe\nInvitee Email: jane@example.com\nEvent Type: 15 min call")),
    Case("google calendar daily agenda", mail("Google Calendar <calendar-notification@google.com>", "Daily agenda for Dana as of 5am", "10:00 Showing with Jane Doe")),
    Case("zoom", mail("Zoom <no-reply@zoom.us>", "Meeting with Jane Doe is starting soon", "Join: https://zoom.us/j/1")),
    Case("linkedin", mail("LinkedIn <messages-noreply@linkedin.com>", "Jane sent you a connection request", "Jane Doe wants to connect with you.", headers=_LIST)),
    Case("support ticket", mail("BoomTown Support <support@boomtownroi.com>", "[Ticket #5512] We received your request", "Name: Dana Reyes\nEmail: dana.r@example.com\nYour request: leads are slow")),
    Case("spam complaint of own mail", mail("complaints@isp.example.net", "Abuse report", "This is an email abuse report")),
    Case("delayed delivery", mail("Mail Delivery System <MAILER-DAEMON@mx.example.com>", "Delayed Mail (still being retried)", "Your message to jane@example.com is delayed")),
    Case("vacation in german", mail("Jörg <joerg@example.de>", "Abwesenheitsnotiz: Ihre Anfrage", "Ich bin nicht im Büro.")),
    Case("read receipt", mail("Jane <jane@example.com>", "Read: Your home search", "Your message was read on Tuesday.")),
    Case("unsubscribe reply", mail("Jane <jane@example.com>", "Re: 5 homes for you", "please stop emailing me")),
    Case("thank you note", mail("Jane Doe <jane@example.com>", "Thank you!", "Dear Dana, thank you for helping us find our home. We love it. Jane")),
    Case("credit bureau marketing", mail("LeadGen Pro <hello@leadgenpro.example.com>", "Exclusive motivated seller leads in your ZIP", "Hi, we have 40 leads for you. Name your budget. Call 800-555-0100. Unsubscribe", headers=_LIST)),
    Case("portal: update your profile", mail("Homes.com <info@homes.com>", "Complete your agent profile to get more inquiries", "Hi Dana, buyers are looking for you.", headers=_LIST)),
    Case("portal: lead credit", mail("Zillow <no-reply@zillow.com>", "Your lead dispute was approved", "Lead: Jane Doe\nPhone: 503-555-0101\nCredit: $20")),
    Case("group chat digest", mail("Slack <feedback@slack.com>", "Notifications from the Example Realty workspace", "Dana Reyes: new lead from Zillow, call Jane Doe 503-555-0101")),
    Case("hr mail to all", mail("Office <office@agency.example.com>", "Team lunch on Friday", "Please reply with your name, phone and order. Thanks, Amy")),
    # --- unseen while the reader was made for those above ----------------------------------------------------------
    Case("trulia newsletter", mail("Trulia <updates@trulia.com>","Homes you may like in Tampa","2 beds\n9 Birch Way, Tampa, FL 33602",headers=_LIST)),
    Case("zillow saved home sold", mail("Zillow <homes@mail.zillow.com>","Sold: 12 Oak St, Salem, OR 97301","The home you saved sold for $400,000")),
    Case("zillow review request", mail("Zillow <no-reply@mail.zillow.com>","Ask Jane Doe for a review","Get more reviews.")),
    Case("zillow new connection stats", mail("Zillow Premier Agent <pa@mail.zillow.com>","Your weekly Premier Agent update","You received 3 new connections. Jane Doe, 503-555-0101")),
    Case("realtor missed-lead warning", mail("Realtor.com <pro@email.realtor.com>","You missed 2 leads last week","Respond faster to win more business.")),
    Case("FUB: smart list", mail("Follow Up Boss <noreply@followupboss.com>","Your smart list: 14 people need follow up","1. Jane Doe 503-555-0101")),
    Case("FUB: new text from a known person", mail("Follow Up Boss <noreply@followupboss.com>","Jane Doe replied to your text","Jane Doe: ok see you then\nPhone: 503-555-0101")),
    Case("homes.com invoice", mail("Homes.com <billing@homes.com>","Receipt for your Homes.com membership","Name: Dana\nEmail: dana@x.com\nTotal: $500")),
    Case("everquote account balance", mail("EverQuote Pro <support@everquote.com>","Low balance alert","Your account balance is below $50. Name: Dana Reyes Phone: 503-555-0100")),
    Case("quotewizard returns", mail("QuoteWizard <support@quotewizard.com>","Lead return request processed","Lead: Jane Doe\nPhone: 503-555-0101\nStatus: Credited")),
    Case("appointment confirmation", mail("Acuity Scheduling <scheduling@acuityscheduling.com>","Confirmed: Consultation with Jane Doe on March 6","Name: Jane Doe\nPhone: 503-555-0101\nEmail: jane@example.com")),
    Case("ics update", mail("Jane Doe <jane@example.com>","Updated invitation: Tour @ Sat","This event has been updated",files=[("text/calendar","i.ics",b"BEGIN:VCALENDAR")])),
    Case("dmarc report", mail("noreply-dmarc-support@google.com","Report domain: agency.example.com Submitter: google.com","This is an aggregate report.")),
    Case("google alert", mail("Google Alerts <googlealerts-noreply@google.com>","Google Alert - Example Realty","Example Realty named best agency")),
    Case("mls hotsheet", mail("RMLS <noreply@rmls.example.com>","RMLS Hot Sheet for 3/3/2026","New: 4\nPrice: 6\nContact: help desk 503-555-0111")),
    Case("mls listing expiring", mail("MLS <noreply@mls.example.com>","Listing 24117733 will expire in 5 days","Address: 12 Oak St, Salem, OR 97301\nListing Agent: Dana Reyes\nPhone: 503-555-0100")),
    Case("feedback from buyer agent", mail("Bob Broker <bob@otherbroker.com>","Feedback for 12 Oak St","My buyers liked the kitchen but thought it was overpriced.")),
    Case("vendor offers photos", mail("Pix Photos <hello@pixphotos.com>","Photos for your listing at 12 Oak St","Hi Dana, I saw your listing at 12 Oak St and would love to shoot it. Our services start at $149. Call 503-555-0133")),
    Case("warranty vendor", mail("Amy <amy@homewarranty.example.com>","Home warranty for your buyers","I'd like to schedule a quick call to show how we can help your clients.")),
    Case("investor wholesaler", mail("Rick <rick@cashdeals.example.com>","Off-market deals in your area","I have 5 properties under contract available for cash buyers. Interested? 503-555-0144")),
    Case("recruiter", mail("Kelly <kelly@bigbrokerage.example.com>","Dana, let's talk about your career","I'm looking to bring top agents to our team. Can we schedule a call?")),
    Case("charity", mail("Habitat <news@habitat.example.org>","Help us build homes this spring","Donate or volunteer. We need you!",headers=_LIST)),
    Case("twilio", mail("Twilio <no-reply@twilio.com>","Your Twilio account: A2P registration approved","Name: Dana")),
    Case("github", mail("GitHub <noreply@github.com>","[GitHub] A third-party OAuth application was added","hi")),
    Case("auto-ack", mail("Example Title <info@title.example.com>","We received your message","Thank you for contacting us. We will respond within 24 hours. Name: Dana Reyes Email: dana.r@example.com")),
    Case("internal lead handoff chatter", mail("Priya Nair <priya@agency.example.com>","who takes the Zillow lead?","I'm looking at the lead list, can someone call Jane Doe 503-555-0101 about the house?")),
    Case("a list by another name", mail(_FUB, "Good morning, Dana",
         "1. Gabriel Stone - (503) 555-0102\n2. Ines Duarte - ines.duarte@example.com\n3. Walt Emery - no activity")),
    Case("a list without numbers", mail("kvCORE <no-reply@kvcore.com>", "New leads are waiting",
         "Gabriel Stone (503) 555-0102\nInes Duarte ines.duarte@example.com\nWalt Emery walt@example.com")),
    # --- layouts that public parsers describe, other people in them -------------------------------------------------
    Case("realtor.com text reply of a known person", mail("realtor.com <no-reply@realtorpro.io>", "New text reply from Jen Philips", "\"I have a few questions before we...\" Click here to respond https://rltr.example/x")),
    Case("realtor.com saved search", mail("realtor.com <consumer@e.mail.realtor.com>", "5 new listings in Chandler", "24 S 121st Pl, Chandler, AZ 85249 $750,000")),
    Case("zillow saved home", mail("Zillow <my-saved-home@mail.zillow.com>", "An update on a home you saved", "24 S 121st Pl, Chandler, AZ 85249. Contact agent 602-555-0100")),
    Case("FUB production goal", mail("Follow Up Boss <leads@followupboss.com>", "You're behind on your production goal", "Call 10 leads today. Jane Doe 503-555-0101")),
    Case("FUB weekly", mail("Follow Up Boss <leads@followupboss.com>", "Your weekly activity update", "Calls: 10\nTexts: 12\nNew leads: 4")),
    Case("loopnet favourite", mail("LoopNet <alerts@loopnet.com>", "Someone favorited your listing at 400 Market St", "Kim Leland favorited 400 Market St")),
    # --- unseen while the reader was made for those above ----------------------------------------------------------
    Case("kvcore digest", mail("kvCORE <leads@kvcore.com>","Your Daily Lead Digest","Amara Diallo 617-555-0150\nDev Shah 704-555-0123")),
    Case("homes.com ad", mail("Homes.com <leads@homes.com>","Be the first to respond to every lead","Upgrade to Homes.com Pro. Call 888-555-0100",headers=_LIST)),
    Case("apartments.com invoice", mail("Apartments.com <billing@apartments.com>","Invoice INV-3341 is ready","Contact: Dana Reyes\nEmail: dana.r@example.com\nPhone: 503-555-0100\nAmount due: $300")),
    Case("facebook security", mail("Facebook <security@facebookmail.com>","Did you just log in near Portland?","Dana, a login from a new device. Phone: iPhone")),
    Case("out of office by subject prefix", mail("Jane Doe <jane@example.com>","Automatic reply: Thanks for your inquiry","I will be back on Monday. Name: Jane Doe, Phone: 503-555-0101", headers={"X-Auto-Response-Suppress":"All","Auto-Submitted":"auto-replied"})),
    Case("exchange bounce", mail("Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@agency.example.com>","Undeliverable: New lead from Zillow","Delivery has failed to these recipients: jane@example.com\n\nName: Jane Doe\nPhone: 503-555-0101")),
    Case("teams meeting", mail("Dana Reyes <dana@agency.example.com>","Team meeting Monday","Join Microsoft Teams Meeting\nPhone: +1 503-555-0100\nConference ID: 1",files=[("text/calendar","m.ics",b"BEGIN:VCALENDAR\nMETHOD:REQUEST")])),
    Case("market snapshot", mail("Altos <reports@altos.example.com>","Portland market snapshot","Contact me for details.\nDana Reyes\nPhone: 503-555-0100\nEmail: dana.r@example.com",headers=_LIST)),
    Case("new listing alert via agent's IDX", mail("Example Realty <alerts@idx.example.com>","New listing: 12 Oak St, Salem, OR 97301","3 bd 2 ba $400,000. Request a showing: 503-555-0100",headers=_LIST)),
    Case("commission statement", mail("Back Office <office@brokerage.example.com>","Commission statement 12 Oak St","Agent: Dana Reyes\nClient: Jane Doe\nEmail: jane@example.com\nAmount: $9,000")),
    Case("insurance carrier notice", mail("Carrier <noreply@carrier.example.com>","Policy renewal notice: Jane Doe","Insured: Jane Doe\nPhone: 503-555-0101\nPolicy: HO3-1")),
    Case("claim filed", mail("Carrier Claims <claims@carrier.example.com>","Claim reported: Jane Doe","Insured: Jane Doe\nPhone: 503-555-0101\nEmail: jane@example.com\nDescription: Hail damage")),
    Case("listing views", mail("Zillow <no-reply@mail.zillow.com>","12 people viewed your listing","12 Oak St, Salem, OR 97301")),
    Case("price change", mail("Trulia <alerts@trulia.com>","Price change: 12 Oak St","Was $410,000 now $400,000. Agent: Bob, 503-555-0122")),
]  # fmt: skip
