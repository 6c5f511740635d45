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
]  # fmt: skip
