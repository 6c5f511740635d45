"""English: what is no stop though it sounds like one, what is a stop, a wrong number, or in doubt.

Forms are over plain words: "don't" stands there as "do not", "txting" as "texting", "cell" as "phone".
"""

from __future__ import annotations

from leadwake.compliance.revocation.rule import Rule, pattern, rule, words

# What rules are made of.

FILLER = words(
    "please now just ever again anymore any_more fucking the_fuck the_hell immediately all kindly really so already even "
    "at_once back thanks thank_you ok okay asap right_now right_away today forever for_good for_now period sir maam hey "
    "hi hello lol guys people yall dude bro bruh man you you_people folks here from_now_on at_all ever_again always then "
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
    "wasting stalking marketing hounding badgering mailing dialing blasting flooding talking responding replying "
    "asking selling spaming asking pushing harrassing nagging messing reaching_out"
)
THINGS = words(
    "text texts texting message messages messaging calls calling emails emailing sms alerts notification notifications "
    "communication communications contact correspondence spam solicitation solicitations solicitors soliciting "
    "marketing ads promos promotions promotional updates listings newsletter newsletters junk robocalls robotexts "
    "mailings subscription follow_ups followups reminders phone_calls text_messages outreach campaign campaigns drips "
    "notices advertisements adverts blasts offers"
)
THESE = words(
    "these those this your the all any of more further future such my ur automated annoying stupid unwanted unsolicited "
    "constant me us to daily weekly from any_more additional sending receiving getting fucking dumb damn random kind "
    "kinds type types sales marketing text email promotional phone sms other and or with ridiculous please out"
)
LIST = words(
    "list database system records files contacts crm distribution mailing rotation campaign group_text contact_list "
    "thread call_list phone_list mail_list text_list subscription directory roster group"
)
KEEPS = words(
    "number phone contact info information details data name email address account profile digits record records entry "
    "contact_info contact_information phone_number cell_number home_number contact_details email_address"
)

# No stop: what these match is not looked at again.

_LEADING_IN = r"(?<!why )(?<!you )(?<!if )(?<!they )(?<!it )(?<!this )(?<!these )(?<!that )(?<!texts )(?<!messages )(?<!calls )(?<!who )"
NO_STOP = pattern(
    # the person asks to go on
    _LEADING_IN
    + r"do not (?:ever |you ever |you dare )?(?:stop|quit|unsubscribe|remove|delete|cancel|take (?:me|us|my name|my number|it)(?: off| out| from)(?: of)?(?: \w+){0,2}|take (?:me|us)"
    r"|opt (?:me )?out|optout|drop|lose|forget|block|end|erase|leave|give up)",
    r"(?:do|does|did|would) not (?:want|mean|need|wish|intend|like|have|plan|try|ask)(?: you| it| them| this| him| anyone)?"
    r" to (?:be )?(?:stop|stopped|unsubscribe|unsubscribed|removed|remove|opt out|opted out|cancel|quit|end)",
    r"(?:no need|no reason|not trying|not asking|not asking you|not going|not ready|not about) to (?:stop|unsubscribe|cancel|quit|remove)",
    r"(?:please |i |i will |we |we will |hope you |(?:^|(?<=[.,] )))never (?:stop|quit)",
    r"(?:can|could) not (?:stop|quit) (?!getting|receiving|these|the|your|you|this|from|them|it|those|sending|texting|calling)\w+",
    r"(?:can|could) not help",
    rf"(?:i|we) (?:usually |really |normally |try to )?(?:do not|never) (?:text|call|email) (?:while|and|at|in|when|before|on)",
    # a stop on the way
    r"stop(?:ping|ped)? (?:by|in(?! the)|over|near|along|past|through|outside|inside|off at|sign|signs|light|lights|order|loss|payment"
    r"|gap|watch|at(?! (?:once|all))|there|on (?:the|my|our|your) way|for (?:an?|lunch|gas|coffee|dinner|breakfast|food|some|the))",
    r"stop (?:and|to|n) (?:see|look|visit|check|say|get|take a|grab|pick|walk|view|talk|eat|shop|chat|smell|think|drop|take another)",
    r"(?:could|can|may|should|shall|will|might|would) (?:i|we|he|she|they|my \w+|our \w+) (?:just |also |quickly |briefly )?stop",
    r"(?:bus|train|metro|subway|transit|tram|trolley|shuttle|school|truck|rest|pit|full|hard|short|door|back|last|next|first"
    r"|final|second|third|quick|lunch|coffee|gas|traffic|rail|max|one|only|car|tour|every|each|your next|our next) stops?(?! (?:texting|calling|sending|messaging|contacting|it|please|now|all))",
    r"(?:an?|the|my|our|their|any|that|every|each|another|his|her) stops?(?! (?:to|texting|calling|sending|messaging|button|command|keyword|word|option|link|does|did|thing|message|texts?|request))",
    r"stop(?:s|ped|ping)? (?:accepting|taking|serving|running|selling homes|offering|working|being|growing|paying|raining|snowing"
    r"|driving|leaking|barking|renting|smoking|drinking|living|procrastinating|worrying|dreaming|thinking|smiling|watching|using|eating|buying|throwing|making)",
    r"(?:rain|snow|noise|leak|leaking|prices?|rates?|traffic|coverage|benefits|payments?|water|music|inflation|market|bleeding|construction"
    r"|train|bus|buses|trains|dog|dogs|kids|increase|increases)(?: \w+){0,2} stop",
    # other things that are cancelled, ended, left, removed or opted out of
    r"(?:end|ends|ended|ending) (?:of|in|on|at|up|table|unit|zone|date)",
    r"(?:dead|high|low|front|back|deep|week|month|year|the|an|other|far|either) end",
    r"opt(?:ed|s|ing)? out of (?:\w+ ){0,3}?(?:insurance|hoa|cable|coverage|plan|policy|escrow|inspection|warranty|program|flood|pmi"
    r"|appraisal|benefits?|school|401k|contract|deal|lease|contingency|rider|deductible|mortgage|financing)",
    r"remov(?:e|ed|ing) (?:me|us|my \w+|him|her) (?:from|off|off of) (?:the |that |this |my |our |his |her |a )?(?:\w+ )?(?:title|deed|lease|contract"
    r"|loan|mortgage|policy|application|offer|plan|waitlist|quote|coverage|insurance|listing|house|home|property)",
    r"(?:i|we|will|would|did|might|not) (?:lose|forget) my \w+",
    r"(?:revoke|revoked|withdraw|withdrew|rescind) (?:\w+ ){0,2}(?:offer|bid|license|counter|application)",
    r"let me be (?!please|now|alone)\w+",
    r"wrong (?:house|unit|street|apt|apartment|model|policy|account|order|zip|flight|door|suite|lot) number",
    r"wrong number (?:of|on|in|for|listed) (?!me|you|this|whoever|sorry)\w+",
    r"(?:not|is not|no|isnt|was in|went to|in|into|to|from|out of|check|checked|checking|found in|caught in) (?:my |your |the |her |his )?(?:spam|junk)(?: folder| filter| box| mail)?(?= [.,]| but| and| so|$| folder)",
    r"spam (?:folder|filter|box)",
    r"(?:cancel|canceled|cancelled|reschedule|end|move) (?:\w+ ){0,3}?(?:call|meeting|appointment|appt|tour|showing|viewing|visit|policy|coverage|insurance|booking|reservation)(?! alerts| reminders| texts| emails)",
    r"(?:reported|reporting|report) (?:\w+ ){0,2}(?:claim|accident|damage|leak|theft|loss|income|it to (?:the |my )?(?:insurance|landlord|hoa|agent|adjuster))",
    r"(?:block|blocked|blocking) (?:off|party|from|away|of)",
    r"(?:call|text|message|email|contact) (?:me|us) (?:back )?(?:if|when|once|before|after) (?:\w+ ){1,3}?stops?",
)

#: after "not": what people say of messages they would have liked to have
_HARMLESS = words(
    "get got gotten receive received see seen saw hear heard have had mean know forget hesitate mind worry think remember understand sure finish "
    "find found able open answer call_back text_back pick_up check checked read my_texts talk the_best a_good a_great a_bad getting receiving "
    "seeing hearing problem questions issue yet notice tell only just as like so if until unless because when getting_your been"
)

# Between: never scored, always paused (R-REV-5).

_NO_CALL = r"(?:do not|no|stop|quit|never|not|rather not|prefer no|prefer not|no more|instead of|rather than|not a) (?:please )?(?:receive |get |take |to )?(?:any )?(?:call|calls|calling|phone calls|phone|ring|phoning)(?: me| us| my phone| this number)?"
_TEXT_OK = (
    r"(?:(?:text|texts|texting|message|messages|messaging|sms|email|emails|emailing) (?:(?:me|us|is|are|works?|messages?|would be|it) )?"
    r"(?:only|instead|is|are|ok|okay|fine|good|preferred|prefered|better|best|works?|please|rather|great|easier|all right|alright)"
    r"|(?:just|only|rather|prefer|but|can|may|please|so|and|you can|strictly|keep|send|stick to|use)(?: you)?(?: just| only)? (?:a |to )?(?:text|texting|message|texts|messages|email|emails|sms)(?: me| us| only)?"
    r"|(?:text|message|email) (?:me|us))"
)
_GAP = r"(?:(?! (?:do not|stop|no|nor|or|never|quit)(?: |$)).){0,60}?"
_SOMETIMES = words(
    "before after until till while when during unless at_work at_night at_home at_this_hour so_early this_early this_late so_late today tonight tomorrow "
    "this_week on_weekends on_sunday on_sundays on_saturday on_saturdays on_monday in_the_morning in_the_evening between for_now right_now "
    "this_month this_weekend during_the_day until_then at_lunch too_early too_late so_often so_much more_than past for_a_while as_often every_day everyday daily"
)
LIMITS: tuple[Rule, ...] = (
    rule(
        "unsure", "R-REV-5", "Asks not to be called, text is fine",
        rf"{_NO_CALL}{_GAP} {_TEXT_OK}",
        rf"(?<!not )(?<!stop ){_TEXT_OK}{_GAP} {_NO_CALL}{END}",
        rf"(?:text|texts|message|messages|email|texting)(?: me| us)?(?: please)?(?: only)?(?: ,| \.)? {_NO_CALL}{END}",
        scope="voice",
    ),
    rule(
        "unsure", "R-REV-5", "Asks to stop one kind of message only",
        r"(?:unsubscribe|remove|take|opt|delete|cancel|stop)(?: \w+){0,6}? (?:newsletter|newsletters|blog|report|digest|mailing)(?: \w+){0,3}? (?:only|but|keep|just)(?: \w+){0,3}",
        r"(?:only|just) (?:unsubscribe|remove|take|opt|stop)(?: \w+){0,5}? (?:newsletter|newsletters|blog|report|digest)(?: \w+){0,4}",
        r"(?:stop|quit) sending (?:me |us )?(?:\w+ ){1,4}(?:, |and )?(?:just|only) send(?: me| us)?",
        r"(?:email|emails)(?: me| us)? (?:only|instead)(?: \w+){0,4}",
        r"(?:rather|prefer|prefer that)(?: you)? email(?: \w+){0,2}(?: , no texts?)?(?: for now| please| instead)?",
        r"(?:just|only) email me(?: , no texts?)?",
    ),
    rule(
        "unsure", "R-REV-5", "Asks not to be reached at some time",
        rf"(?<!why )(?<!i )(?<!we )(?:do not|never|(?<!do )not|stop|quit|no|can not|can you not)(?: please)? (?:{REACH}|{REACHING}|texts|messages|calls)(?: {ME})?(?: \w+)? {_SOMETIMES}(?! on)(?: \w+){{0,3}}",
        rf"(?:do not|no|can not) {REACH}(?: {ME})? yet",
    ),
    rule(
        "unsure", "R-REV-5", "Asks for fewer messages",
        rf"(?:too many|so many|too much|less|fewer|not so many|not as many|a lot of|tons of|bombarded with|this many) (?:of )?(?:these |your )?{THINGS}",
        rf"{REACH}(?: {ME})? (?:less|too (?:much|often)|so (?:much|often)|less often|less frequently)",
        rf"{REACHING}(?: {ME})? (?:too (?:much|often)|so (?:much|often)|less)",
        r"once an? (?:week|month|day) (?:is|would be) (?:enough|plenty|fine)",
    ),
    rule(
        "unsure", "R-TCPA-7", "Says a number was wrong, but maybe not theirs",
        r"(?:i|we|he|she|they|wife|husband) (?:may have |might have |must have |accidentally |had )?(?:gave|sent|given|typed|put|entered|wrote|called|dialed|texted|have)(?: \w+){0,3} wrong number(?: \w+){0,3}",
        r"is this (?:the |a )?wrong number",
    ),
)  # fmt: skip

# A stop.

_STOP_WORD = r"(?:stop|quit|cease|desist|discontinue|refrain|halt|end|stopped)"
STOPS: tuple[Rule, ...] = (
    rule(
        "stop", "R-REV-4", "Asks us to stop",
        rf"{_STOP_WORD}(?: (?:{FILLER}|with|from|trying|to|the|this|your|stupid|constantly|constant)){{0,3}} {REACHING}(?: {ME}(?: {FILLER})?)?",
        rf"(?:stop|end|cease|discontinue|terminate|halt|disable|turn off|shut off|switch off|turn|cancel|mute|cut)(?: (?:{FILLER}|{THESE})){{0,5}} {THINGS}(?: off)?",
        r"turn (?:this|these|those|them|it) off",
        rf"(?:stop|quit|enough)(?: with)?(?: {FILLER}){{0,2}} (?:it|this|that|all|everything|them|these|those|all this|all of this|all of it|the bs|the crap|the shit|the nonsense|this shit|this crap|this nonsense|that shit){END}",
        rf"(?:stop|quit)(?: {FILLER})? (?:\w+ing) (?:me|us|my|people|this number|this phone|everyone)",
        rf"(?:stop|quit) (?:text|message|call|contact|email|spam|send|bother|bug|sms|messages?)(?: {ME})?{END}",
        rf"(?:please|kindly|can you|could you|would you|will you|you people|must|should|better|need to|have to|got to|ought to|you to|them to|to please|these|it|how do i|how to|can i|said|say|says|said to|i said|told|told you|asked|sent|texted|replied|typed|wrote|repeat|again|want to|wish you would|wants you to|would like to) stop{END}",
        rf"make (?:it|this|these|them|these \w+|the \w+) (?:all )?stop",
        rf"(?:text|texts|message|messages|messaging|calls|calling|texting|emails|contact|communication|this|it|they|these)(?: \w+){{0,2}} (?:to |could |can |would |must |should |please |needs to |need to |has to |better |ever )stop(?:ped)?{END}",
        rf"(?:have|has|had|did|do|does|will|would|can|never|not)(?: you| they| not| it| these){{0,3}} (?:stop|stopped|quit)(?: {FILLER})? {REACHING}",
        rf"{THINGS} (?:to|must|should|need to|have to) (?:end|cease|halt|stop)",
        r"(?:put|have|make) (?:a|an) (?:stop|end) to(?: \w+){0,3}",
        r"stop (?:request|message|command|button|keyword)",
        rf"(?:cease|desist)(?: and desist)?(?: \w+){{0,3}}",
        rf"knock (?:it|this) off|cut it out|give it (?:a rest|up already)|enough (?:already|now|please|is enough|with the \w+|with this|of this|texts?|messages?|calls?|spam)",
    ),
    rule(
        "stop", "R-REV-4", "Asks not to be contacted",
        _LEADING_IN + rf"(?<!i )(?<!we )(?:do not|never(?: ever)?|please no|please not|not to|not ever|can you not|could you not|would you not|will you not|must not|may not|should not"
        rf"|can not|stop do not|is not to|are not to|nor|do not you dare|dare not)(?: (?:please|ever|you|again|even|dare|fucking|bother to|try to|continue to|keep|attempt to|to|all)){{0,3}} {REACH}(?:(?: ,)? (?:or|and|nor|,) {REACH}){{0,3}} {ME}",
        _LEADING_IN + rf"(?<!i )(?<!we )(?:do not|never(?: ever)?|please not|must not|should not)(?: (?:please|ever|you|again|even|dare|fucking|bother to|all)){{0,3}} {REACH}(?:(?: ,)? (?:or|and|nor|,) {REACH}){{0,3}}(?: (?:it|him|her|them|that number))?{END}",
        rf"(?:do not|never) {REACH} (?:again|anymore|any more|ever)",
        rf"(?:ask|asked|asking|request|requesting|requested|prefer|rather|appreciate|appreciate it|want|insist|demand|told|tell|telling|instructed|beg|begging|suggest|prefer it|mind|like it|love it|better)(?: (?:if|that|you|u|y|all|people|nicely|is|would|this|company|it|they|to|your|office)){{0,4}} (?:do |did |would |does )?not (?:to |be )?(?:{REACH}|{REACHING}|contacted|texted|called|messaged)",
        rf"(?:mind|about|please|consider|started|be) not {REACHING}",
        rf"not {REACHING} (?:me|us|this number|my phone)",
        rf"(?:do not|no longer|not|never|did not)(?: \w+)? (?:want|wish|care|need|like|desire|intend|expect|agree|appreciate|interested in|wanting|looking|asked?)(?: (?:to|you|for|anyone|anybody|it|any|more|further|your|people|guys|from|in|the|be|keep|even|company|office|these|all|this|have)){{0,4}} (?:receive|receiving|get|getting|got|see|be contacted|be texted|be called|be messaged|be bothered|be emailed|be on|be reached|be solicited|be disturbed|be added|be subscribed|be part of|contacted|texted|called|messaged|bothered|emailed|{REACHING}|text me|call me|contact me|contact us|message me|text us|call us|email me|{THINGS}|hear from|talk to you|speak to you|speak with you)",
        rf"(?:do not|no longer|never|did not)(?: even| ever)? (?:want|need|wish for|asked for|ask for|like|care for|request|requested|order|appreciate)(?: any| more| all| of)* (?:these|those|any of (?:these|this)|any more of (?:these|this)|(?:your|these|this|those|any|more|any more)(?: \w+)? (?:texts|messages|calls|emails|listings|alerts|spam)){END}",
        r"(?:do not|never) (?:want to|wanna|wish to|need to|care to)(?: ever)? (?:hear|be contacted|be bothered|be texted|be called)(?: back| anything| more)?(?: from| about| by)?",
        rf"do not send(?: (?:me|us|any|anymore|any more|these|this|those|more|out|of|your|further|another|that|the|to|here|it)){{0,4}}(?: (?:{THINGS}|anything|anything else|stuff|shit|crap|more|nothing|these|this|those|anymore|texts|things))(?: {ME})?{END}",
        rf"(?:do not|never) (?:send|contact|text|call|message|email|bother)(?: me| us)? (?:anything |nothing )?(?:again|anymore|any more|else|ever)",
        r"(?:no longer|do not|not|never|without|did not have|do not have|no)(?: you)?(?: have| has| had| my| give| gave| given| the| you| anyone| them| have my| are| prior| any| valid| express| written){0,4} (?:consent|permission|authorization|authorisation)(?: to| for| given| was| of)?(?: \w+){0,3}",
        rf"(?:not|never|no one|who) (?:authorized|allowed|permitted|welcome|entitled|gave you the right|authorised)(?: \w+)? (?:to )?{REACH}",
        rf"(?:did not|do not|never|have not|not|no one)(?: \w+)? (?:sign(?:ed)? up|subscribe[d]?|opt(?:ed)? in|opted into|enroll(?:ed)?|register(?:ed)?)(?: (?:for|to|with|in) (?:this|these|those|any|your|you|text|texts|messages|anything|that|it|alerts|emails))?{END}",
        r"(?:did not|never|have not)(?: \w+)? (?:sign(?:ed)? up|subscribed?|opt(?:ed)? in|enroll(?:ed)?) (?:for|to|with) (?:this|these|your|any|text|texts|you)(?: \w+){0,2}",
        r"(?:did not|never|have not)(?: \w+)? (?:ask(?:ed)?|request(?:ed)?|agree[d]?|consent(?:ed)?|want(?:ed)?)(?: for| to)? (?:this|these|any of this|your texts|your messages|(?:get|receive|be)(?: \w+){0,3}|texts|messages|contact|be contacted|you to (?:text|call|contact|message))",
        r"(?:never|did not|do not|have not)(?: \w+)? (?:give|gave|given) (?:you|anyone|your \w+|u|them)? ?(?:all )?(?:my |this )(?:number|phone|phone number|info|information|contact)",
    ),
    rule(
        "stop", "R-REV-4", "Asks to be taken off the list",
        rf"(?:remove|delete|erase|purge|wipe|scrub|eliminate|unlist|discard|lose|forget|toss|trash|ditch|dump|block|clear|strike|drop|burn|destroy|removed|deleted)(?: (?:please|out|all|of|about|any|ever|you|had|just|permanently|immediately|kindly)){{0,4}} (?:my|this|our|that|the|these|mine|his|her)(?: \w+)? {KEEPS}",
        rf"(?:remove|delete|erase|lose|forget|block|scrub) (?:number|this|it|all info|all contact|mine|{KEEPS}){END}",
        r"(?:remove|delete|drop|erase|exclude|unsubscribe|scratch|unlist|forget)(?: please)? (?:me|us)(?! if| when| a | the )",
        r"(?:take|get|pull|drop|remove|scratch|cross|cut|strike|keep|leave|count|scrub|wipe|knock)(?: please)? (?:me|us|my|this|our|mine|her|him|number)(?: \w+){0,3}? (?:off|out of|from) (?:of )?(?:this|your|the|that|all|any|future|ur|these|you|everything|it)(?: \w+){0,3}",
        r"(?:take|get|pull|cross|scratch) (?:me|us|my name|my number|this number|my phone|my info) (?:off|out)",
        r"get (?:me )?off (?:of )?(?:my|me|this|your|the) (?:phone|back|case|ass|list|mailing|texting|list please)",
        rf"(?:remove|delete|take|removed|taken|deleted|get|getting|off|unsubscribe|opt|drop|dropped|pull|out|be|stay)(?: \w+){{0,4}}? (?:from|off|off of|out of|of|on) (?:(?:your|this|the|that|these|all|any|ur|whatever|every|my|our|future)(?: \w+){{0,2}} )?{LIST}",
        r"(?:want|like|wish|need|ask|asking|request|requested|demand|asked|prefer|please)(?: (?:to|me|us|my|number|name|this|please|again|you|be|for|have|that|would|phone|it|all|get|like|info)){0,6} (?:removed|deleted|taken off|unsubscribed|opted out|dropped|erased)(?: from| off)?(?: \w+){0,3}",
        r"(?:want|get|take|wish|like)(?: \w+){0,2} (?:off|out of) (?:of )?(?:this|your|the|these)(?: \w+){0,1}? ?(?:list|lists|thing|chat|group|thread|texts|messages|conversation)",
        r"please remove(?: \w+){0,2}(?= [.,]|$)",
        r"(?:remove|removal|removed) (?:from|off) (?:list|lists|your|all|the list|this|future|any|text|texts|messages|contact|mailing|calling)(?: \w+){0,3}",
        rf"(?:put|add|place|list)(?: \w+){{0,4}} (?:on|to|in)(?: \w+){{0,3}} (?:do not|no|not)(?: \w+){{1,2}}(?: list)?",
        r"(?:do not|no|not) (?:call|contact|text|solicit|disturb|solicitation|phone|email|mail)(?: or \w+)? (?:list|registry|register|database|lists)",
        r"(?:dnc|d n c|blacklist|black list)",
    ),
    rule(
        "stop", "R-REV-4", "Opts out",
        r"(?:unsubscribe|unsubscribed|unsubscribing|unsub|unsubs|un subscribe|un subscribed|desubscribe|optout|optedout|opt(?:ed|ing|s)? (?:me |us |my \w+ |this number |him |her )?out|op out|opt me the \w+ out|stopall|stop all)",
        rf"(?:cancel|terminate|deactivate|end|discontinue)(?: (?:{FILLER}|{THESE}|any|membership)){{0,4}} (?:subscription|membership|enrollment|registration|service|{THINGS}|everything)",
        rf"cancel (?:me|me out|my number|all|all of it|all this|all of these|these|everything){END}",
        r"(?:revoke|revoking|revoked|withdraw|withdrawing|withdrawn|rescind|rescinding|retract|cancel|cancelling|pull|removing|remove)(?: \w+){0,3} (?:consent|permission|authorization|authorisation|opt in)",
        r"(?:consent|permission|authorization)(?: \w+){0,3} (?:withdrawn|revoked|rescinded|removed|denied|cancelled|canceled|over)",
    ),
    rule(
        "stop", "R-REV-4", "Asks to be left alone",
        r"(?:leave|let)(?: please)? (?:me|us|my \w+|this number|this phone|him|her|people|folks|everyone)(?: \w+){0,3}? (?:alone|peace|be(?= [.,]|$))",
        rf"no (?:more|further|additional|unsolicited|any more)(?: of)?(?: (?:{THESE})){{0,3}} (?:{THINGS}|call){END}",
        rf"no more(?: of (?:this|these|that))?{END}",
        rf"no (?:{THINGS}|text messages|phone calls)(?:(?: ,)? (?:or|and|no|nor) (?:{THINGS}|call|text)){{0,3}}(?: from you| from anyone| to this number| allowed)?{END}",
        r"(?:go|stay) (?:the fuck |the hell |the |tf |fucking )?(?:away|out of my (?:phone|inbox|life|face|messages))",
        rf"(?:get|buzz|piss|fuck|fucking|sod|bugger|back|screw|shove|bug|naff|hop|jog|step|fucked) (?:the fuck |the hell |tf |right |all the way |all )?(?:lost|off|bent|off me|it up|on){END}",
        r"fuck (?:\w+ )?(?:off|yourself|yourselves|you|urself|yall|this|all of you|ur \w+|you all)",
        rf"(?:go )?(?:fuck|screw|eff) (?:you|off|yourself|urself|you all|this){END}",
        r"go to hell|eat (?:shit|my \w+)|kiss my (?:ass|butt|arse)|shut up|shut the fuck up|stfu|gtfo|fuck off|foff|fu|kick rocks|take a hike|beat it|go pound sand|pound sand|get a life|up yours|suck (?:it|my \w+)|drop dead|bite me",
        r"(?:block|mute) (?:me|my number|this number)",
    ),
    rule(
        "stop", "R-REV-4", "Complains or threatens with the law",
        r"(?:harass|harassed|harassing|harassment|harrassing|harrassment|harrasing|harasment|stalking|spammer|spammers|spamming|spammed|robocall|robocalls|robotext|robotexts|unsolicited|tcpa|fcc|ftc|cftc|bbb|better business bureau)",
        r"(?:attorney general|consumer protection|small claims|legal action|press charges|pressing charges|legal counsel|invasion of (?:my )?privacy|class action|can spam act)",
        r"(?:i|we|i am|we are|i will|we will|ill|going to|gonna|i have|we have|about to|have been|i just|have already|already|will be|being|been|you are being|you will be|you have been|be|will|am|number is|is being|just)(?: \w+)? (?:report|reporting|reported|block|blocking|blocked|sue|suing|file a complaint|filing a complaint|filed a complaint)(?: (?:you|u|this|your|the|number|it|as|to|for|against|them|with)(?: \w+){0,2})",
        r"(?:reported|report|reporting|blocked|blocking|block|suing|sue|mark|marked|marking|flag|flagged|flagging)(?: (?:and|you|this|this number|your number|it|them|ur number|as|the number|the sender|that|message|messages))*(?: (?:spam|junk|you|u|scam|blocked|reported|number|deleted|fraud|sender))",
        r"(?:i am|i will|am|will be|i have|going to|already|we are|we will) (?:reporting|reported|blocking|blocked|block|report|sue|suing)(?: (?:you|u|this|it|now|them))?(?= [.,]|$)",
        r"(?:file|filing|filed|lodge|lodging|submit|submitting|make|making)(?: \w+)? (?:formal |official )?(?:complaint|complaints|charges|a report|police report)(?= [.,]|$| with| against| about you)",
        r"(?:call|calling|called|contact|contacting|get|getting|going to|go to|tell|telling|involve|involving)(?: in| my)? (?:the )?(?:police|cops|authorities|sheriff|law)(?= [.,]|$| on| about| if| if you)",
        r"(?:this|it|that|these|they|you|your \w+|you people|you guys|u|all this|texts|text|calls|number|what you are doing|such)(?: \w+)? (?:is|are|is all|is just|are all|are just|keep|constitutes?)(?: (?:a|an|pure|total|all|just|nothing but|considered|so|very|highly|clearly|definitely|getting|becoming|only|probably|obvious|your|called|the))* (?:spam|harassment|illegal|scam|scammer|scammers|spammer|annoying|unwanted|unwelcome|fraud|phishing|intrusive|invasive|harassing|nuisance|against the law|a crime|violation|junk|ridiculous|pest|crooks)",
        r"(?:hear|hearing)(?: \w+)? (?:from|by) my (?:lawyer|attorney|legal)(?: \w+){0,2}",
        r"(?:lawyer|attorney)(?: \w+){0,8} (?:illegal|harass\w*|your texts|these texts|these messages|this)(?: texts| messages| calls)?",
        r"(?:see|take) (?:you|this) (?:in|to) court",
        rf"(?:^|(?<=[.,] ))(?:this is |ur |you are |number |number is |and )?(?:spam|spammer|scammer|scammers|blocked|reported|blocking|reporting|junk){END}",
        r"(?:illegal|unlawful|unwanted|annoying|junk) (?:text|texts|call|calls|message|messages|contact|solicitation|texting|calling)",
        r"(?:violating|violation of|in violation|violates|breaking) (?:\w+ ){0,4}(?:law|laws|tcpa|act|privacy|rights|regulations|dnc)",
        r"spam(?= , i)",
    ),
)  # fmt: skip

# Not the person we look for (R-TCPA-7).

_PERSON = words(
    "person guy gal girl lady man woman dude recipient contact party people individual owner kid chick fella gentleman human"
)
WRONG_NUMBERS: tuple[Rule, ...] = (
    rule(
        "wrong_number", "R-TCPA-7", "Says it is the wrong number",
        rf"wrong (?:\w+ )?(?:number|phone|telephone|no|phone number|{_PERSON})(?! (?:of|on|in the|listed)(?: |$))",
        r"(?:have|got|texting|calling|reached|reaching|contacting|messaging) the wrong (?:one|place|house|info|information|family|address)",
        r"(?:incorrect|mistaken|bad|not a good|not the best|old|invalid) (?:phone )?(?:number|contact)(?= [.,]|$)",
        rf"not (?:the |a )?(?:right|correct|proper) (?:phone )?(?:number|{_PERSON})",
        r"(?:this|that|your|the|my) number (?:is |you have is |must be )?(?:in )?(?:wrong|incorrect|error|a mistake)",
        r"(?:you have|got|have) (?:my|this|the)? ?number (?:in error|by mistake|by accident|wrong)",
        r"(?:no one|not anyone|never was anyone|never been anyone|no person|there is not anyone|do not have anyone|have no one)(?: \w+){0,2}? (?:by that name|by this name|with that name|with this name|of that name|named \w+|called \w+|by the name(?: \w+){0,2}|goes by \w+)(?: \w+){0,2}",
        r"(?:i am|we are) not (?:the )?(?:who|person|one|individual|homeowner|owner|lady|guy|man|woman)(?: (?:who|whom|that|you|of|u|they))?(?: \w+){0,5}",
        r"(?:not|is not) who you (?:think|are looking for|want|need)(?: \w+){0,2}",
        r"(?:do not know|never heard of|do not have|no idea)(?: who)?(?: (?:any|a|an|anyone named|anybody named|anyone called|who|that|anyone by|is))* NAME(?= [.,]|$| is| here| at| and)",
        r"(?:i am|this is|it is|you have|name is|we are|im|that is|is) (?:not|definitely not|no) (?:a |an |the |mr |mrs |ms |miss )?NAME(?:s)?(?: (?:phone|number|phone number|anymore|here|phone anymore|line))?(?= [.,]|$| and| so| but| you| please| this| wrong| he| she| or| i | stop| nor| or)",
        r"(?:not|no|nope ,? ?not) NAME(?= [.,]|$| sorry| here| at this)",
        r"(?:no|not a|not any) NAME (?:here|at this|at this number|lives here|on this number|on this phone)",
        r"there is (?:no|not a|not any) NAME(?: here| at this number)?",
        r"NAME (?:does not|no longer|has not|did not|is not) (?:live|lives|own|owns|have|has|had|use|uses|here|at this|lived|stay|reside|resides|available at this)(?: \w+){0,3}",
        r"(?:not|no longer|is not|was not|never)(?: \w+)? (?:his|her|their|her old|his old|NAME(?: s)?) (?:number|phone|line|phone number)(?: anymore| any more)?",
        r"(?:number|phone|line)(?: \w+)? (?:does not|no longer|did not|never)(?: \w+)? (?:belong|belongs|belonged)(?: \w+){0,3}",
        r"(?:number|phone)(?: \w+)? (?:has been|was|is|got|is now) (?:reassigned|changed owners|recycled|fake|someone else|somebody else|a different person|not (?:his|hers|theirs|valid)|no longer (?:in use|his|hers|valid|active|theirs|NAME|used))(?: \w+){0,3}",
        r"(?:fake|made up|bogus|false) (?:phone )?number",
        r"(?:just|recently|newly|only just) (?:got|received|was assigned|was given|acquired|purchased|bought) this (?:phone )?(?:number|phone)",
        r"(?:mistaken|wrong) identity|mixed me up|(?:have|got) me (?:confused|mixed up)(?: with)?",
    ),
)  # fmt: skip

# In doubt: a person reads it, nothing automated is sent (R-REV-4, R-REV-5).

DOUBTS: tuple[Rule, ...] = (
    rule(
        "unsure", "R-REV-5", "Says no, or not now",
        rf"(?:^|(?<=[.] ))(?:um |uh |hi |hello |hey |sorry |oh |well )?(?:no|nope|nah|naw|not now|not right now|not today|not at this time|not anymore|no no|no thanks|nope thanks|no thank you|no thankyou|nah thanks|no no thanks|no sir|no maam|negative|pass|hard pass|i will pass|nty|never|never mind|nevermind|nvm|i am good no thanks|no ty)(?:(?: ,)? {FILLER}){{0,4}}(?= \.|$)",
        r"(?:^|(?<=[.] ))(?:no|nope|nah) (?:, )?(?:thanks|thank you)(?= [.,]|$)",
        rf"not (?:currently |really |at all |even |particularly |very |that )?interested(?! in)(?: (?:anymore|any more|at this time|right now|thanks|sorry|at all|in (?:selling|buying|this|it|your|anything|real estate|insurance|any)|{FILLER}))*",
        r"(?:no longer|lost|never was|not) interest(?:ed)?(?= [.,]|$| thanks| in (?:selling|buying|this|your|it|any|what))",
        r"not interested in (?:selling|buying|this|it|your|anything|any|what you)(?: \w+){0,2}(?= [.,]|$)",
        rf"(?:not|no longer|do not want to|do not plan to|not going to|never going to|not planning to|not planning on)(?: be)?(?: currently| even)? (?:selling|sell|buying|buy|looking|in the market|searching|shopping|moving|for sale)(?: (?:my|our|the|a|house|home|property|anything|it|to|sell|buy|move))*{END}",
        r"(?:is|are) not for sale",
        rf"(?:already|have|we|i|just)(?: \w+)? (?:bought|purchased|closed on|found|signed|sold|rented|under contract|chose|went with|hired)(?: (?:a|another|one|our|my|the|someone|somebody|something|it|other|house|home|condo|place|apartment|agent|realtor|insurance|policy|coverage|with|else|already|company|broker|different))*{END}",
        r"(?:already|have|working with|got|using|use|with)(?: \w+)? (?:have |working with |with |got |use |using )?(?:an?|another|my|our|my own|other) (?:agent|realtor|broker|real estate agent|insurance agent|other agent)",
    ),
    rule(
        "unsure", "R-REV-4", "May want us to stop",
        r"(?:how|where|who)(?: \w+){0,3} (?:get|got|find|found|obtain|gave|give|have|has|had|received)(?: \w+){0,2} (?:my|this|me)(?: \w+)? (?:number|info|information|contact|phone|name|email|details|phone number)",
        r"why(?: \w+){0,3} (?:keep|texting|messaging|calling|contacting|getting|bothering|text me|emailing|receiving)(?: \w+){0,3}",
        r"(?<!can )(?<!could )(?<!will )(?<!would )(?:you|u|yall|you all|they|who)(?: guys| people| just)? (?:keep|kept|continue|continue to|constantly|always) (?:on )?(?:texting|messaging|calling|contacting|sending|bothering|emailing|text|call)(?: \w+){0,2}",
        r"(?:i|we)(?: \w+)? (?:keep|still|continue to) (?:getting|get|receiving|receive)(?: \w+){0,2}? (?:these|texts|messages|calls|emails|spam|this|from you)",
        r"(?:sick|tired|fed up|done|annoyed|had enough|irritated|over it|over this)(?: and tired)?(?: (?:of|with))(?: \w+){0,3}? (?:this|these|you|your|texts|messages|calls|it|getting|receiving|all this)",
        r"(?:cancel|remove|revoke|end|quit|lose|delete|drop) (?:it|this|that|these|them|everything|all)(?= [.,]|$| please| now)",
        r"(?:want|like|need|wish|please|going|have|how do i|can i|how to)(?: \w+){0,2} (?:cancel|quit|revoke|withdraw)(?= [.,]|$| please| now| this| it)",
        r"(?:cancel|withdraw|remove|delete|drop)(?: (?:my|the|this|our))+ (?:inquiry|request|account|file|profile|application|registration|enrollment|search|interest|listing alerts?|info request)",
        r"(?:opt|opting)(?! for| (?:me |us )?(?:back )?in)",
        r"(?:i|we)(?: am| are)? (?:just )?(?:done|out|finished)(?= [.,]|$| thanks)",
        r"(?:count|leave|keep) (?:me|us) out(?: \w+){0,2}",
        r"(?:let|want) (?:me )?out(?= [.,]|$)",
        r"(?:is|are) (?:this|you|it|these|u)(?: \w+)? (?:spam|scam|a scam|scammer|scammers|legit|spamming)",
        r"(?:scam|scammer|phishing|fraud)",
        r"(?:passed away|deceased|has died|died|passed last)",
        r"(?:reply|replying|text|send) stop to(?: \w+){1,2}",
        r"(?:no (?:texts?|messages|calls|contact|emails)) (?:for now|right now|today|at this time|until \w+|after \w+|before \w+|yet|this week)",
        r"(?:tell|inform|notify) (?:him|her|them|your \w+) to (?:stop|quit)",
        r"(?:annoying|annoyed|bothersome|unwanted|unwelcome|intrusive|relentless|pestering|bothering)",
        r"(?:this|that|it) is not (?:me|mine|for me)(?= [.,]|$)|not (?:me|mine|my number|my phone)(?= [.,]|$| anymore)",
        r"(?:i|we) (?:have )?never (?:applied|inquired|asked|requested|contacted|filled|submitted|reached out|spoke|heard of)(?: \w+){0,3}",
        rf"(?<!i )(?<!we )(?:not|no|never|without|stop|quit|end|cease|nothing)(?! {_HARMLESS})(?: (?!{_HARMLESS} )\w+){{0,4}}? (?:texts|texting|messages|messaging|contacted|contacting|emails|emailing|calls|calling|texted|messaged|spam|bother|bothered|subscribe\w*|notifications|alerts|sms|notified|solicited)",
        rf"(?<!why )(?<!i )(?<!we )(?<!you )(?:do not|never|stop|quit|not|nto)(?: ever| please| you)? (?!{_HARMLESS} |tell |get |let |rush |judge |make |give |ask |quote |want |keep |see |show |help |worry |for |to |with |from |about |like |sure |believe |count |think |charge |need |know |and |only |just |at |in |on |unless |until )\w+ (?:me|us)(?= [.,]|$| again| anymore| at| ever| on| please)",
        r"(?:my|this) number(?: \w+){0,4} (?:off|out|removed|deleted|away|blocked|erased)",
        rf"(?:off|out of)(?: \w+){{0,2}} {LIST}",
        r"(?:remove|delete|erase|get rid of|forget|lose)(?: \w+){0,3} (?:number|info|information|contact|data|details|me)(?= [.,]|$| from| off| please)",
        r"(?:fuck|bitch|bitches|asshole|assholes|motherfucker|motherfuckers|bastard|bastards|moron|morons|scumbag|scumbags|creep|creeps|loser|losers|dumbass|jerk|jerks|pricks?|dickhead)(?! (?:yes|yeah|ya))",
        r"(?:take|get) (?:it|this|that|them|mine) (?:off|down|out)(?= [.,]|$| please)",
        r"(?:please|just|kindly|now|and|immediately) (?:quit|end|cancel|delete|block|lose|forget|desist|go|leave|halt)(?= [.,]|$| now| please)",
        r"(?:^|(?<=[.] ))(?:please )?(?:delete|block|halt|exit|leave|out|mute|disable|deactivate|terminate|abort|discontinue|quit|end|cancel|remove|disconnect|kill|erase|withdraw|decline|refuse|reject)(?: please| now| thanks)?(?= \.|$)",
        r"(?:enough|suffice)(?= [.,]|$)(?<!good enough)(?<!big enough)(?<!fair enough)(?<!close enough)(?<!large enough)(?<!soon enough)(?<!small enough)(?<!long enough)(?<!fast enough)(?<!low enough)(?<!high enough)(?<!early enough)(?<!nice enough)(?<!space enough)(?<!not enough)",
    ),
)  # fmt: skip

#: asks for messages again; only START, or a yes to our own question, clears an opt-out (R-REV-8)
OPT_INS: tuple[Rule, ...] = (
    rule(
        "start", "R-REV-8", "Asks for messages again",
        r"(?:opt|sign|add|put|subscribe|let)(?: me| us| my number)?(?: back)? (?:in|back in|up again|back on|on again|back up|back to|me back)(?: \w+){0,3}",
        r"(?:resubscribe|re subscribe|reenroll|re enroll|unstop|opt in|opting in|optin|opt back in|subscribe)(?: me| us)?",
        rf"(?:start|restart|resume|begin)(?: back)? (?:texting|messaging|sending|calling|contacting|texts|messages|messaging)(?: {ME})?(?: again| back)?",
        r"(?:can|may|you can|ok to|okay to|fine to) (?:text|message|contact) (?:me|us) again",
        r"(?:want|like)(?: to)? (?:receive|get|have)(?: \w+){0,3} (?:messages|texts|alerts|listings|updates) again",
    ),
)  # fmt: skip
