"""What the English rules are made of: groups of words, over plain words (`words.Words.plain`)."""

from __future__ import annotations

from leadwake.compliance.revocation.rule import words

FILLER = words(
    "please now just ever again anymore any_more fucking the_fuck the_hell immediately all kindly really so already"
    " even "
    "at_once back thanks thank_you ok okay asap right_now right_away today forever for_good for_now period sir maam"
    " hey "
    "hi hello lol guys people yall dude bro bruh man you you_people folks here from_now_on at_all ever_again always"
    " then "
    "and also on_this_number to_me with_me altogether completely permanently ty thank anyway"
)
END = rf"(?: ,)?(?: {FILLER}){{0,4}}(?= [.,]| and\b| or\b| so\b| because\b| i\b| we\b|$)"
ME = words(
    "me us this_number this_phone this_line my_phone my_number my_line my_wife my_husband my_family my_house my_home "
    "my_mom my_work me_or my_kids my_office these_numbers this_person this_address here that_number"
)
REACH = words(
    "text message msg call contact email e_mail mail write phone ring sms dm bother disturb harass spam bug solicit "
    "reach reach_out communicate_with hit_up hit_me blow_up annoy pester talk_to speak_to ping notify send write_to "
    "reply_to respond_to market"
)
REACHING = words(
    "texting messaging calling contacting emailing writing phoning ringing bothering disturbing harassing spamming "
    "bugging soliciting annoying pestering blowing hitting reaching sending communicating pinging notifying trying "
    "stalking marketing hounding badgering mailing dialing blasting flooding talking responding replying "
    "asking selling spaming asking pushing harrassing nagging messing reaching_out"
)
THINGS = words(
    "text texts texting message messages messaging calls calling emails emailing sms alerts notification"
    " notifications "
    "communication communications contact correspondence spam solicitation solicitations solicitors soliciting "
    "marketing ads promos promotions promotional updates listings newsletter newsletters junk robocalls robotexts "
    "mailings subscription follow_ups followups reminders phone_calls text_messages outreach campaign campaigns"
    " drips "
    "notices advertisements adverts blasts offers"
)
THESE = words(
    "these those this your the all any of more further future such my ur automated annoying stupid unwanted"
    " unsolicited "
    "constant me us to daily weekly from any_more additional sending receiving getting fucking dumb damn random kind "
    "kinds type types sales marketing text email promotional phone sms other and or with ridiculous please out"
)
LIST = words(
    "list database system records files contacts crm distribution mailing rotation campaign group_text contact_list "
    "thread call_list phone_list mail_list text_list subscription directory roster group"
)
KEEPS = words(
    "number phone contact info information details data name email address account profile digits record records"
    " entry "
    "contact_info contact_information phone_number cell_number home_number contact_details email_address"
)

#: not after these: "why don't you call", "if you don't stop" ask for nothing of the kind
ASKED = "".join(
    rf"(?<!{word} )"
    for word in ("why", "you", "if", "they", "it", "this", "these", "that", "texts", "messages", "calls", "who")
)
