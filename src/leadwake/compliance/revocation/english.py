"""English: what is no stop though it sounds like one, what is a stop, and a wrong number.

Forms are over plain words: "don't" stands there as "do not", "txting" as "texting", "cell" as "phone".
"""

from __future__ import annotations

from leadwake.compliance.revocation.english_parts import (
    ASKED,
    END,
    FILLER,
    KEEPS,
    LIST,
    ME,
    REACH,
    REACHING,
    THESE,
    THINGS,
)
from leadwake.compliance.revocation.rule import Rule, pattern, rule, words

# No stop: what these match is not looked at again.

NO_STOP = pattern(
    # the person asks to go on
    ASKED + r"do not (?:ever |you ever |you dare )?(?:stop|quit|unsubscribe|remove|delete|cancel|take (?:me|us"
    r"|my name"
    r"|my number|it)(?: off| out| from)(?: of)?(?: \w+){0,2}|take (?:me|us)"
    r"|opt (?:me )?out|optout|drop|lose|forget|block|end|erase|leave|give up)",
    r"(?:do|does|did|would) not (?:want|mean|need|wish|intend|like|have|plan|try|ask)(?: you| it| them| this| him"
    r"| anyone)?"
    r" to (?:be )?(?:stop|stopped|unsubscribe|unsubscribed|removed|remove|opt out|opted out|cancel|quit|end)",
    r"(?:no need|no reason|not trying|not asking|not asking you|not going|not ready|not about) to (?:stop"
    r"|unsubscribe|cancel|quit|remove)",
    r"(?:please |i |i will |we |we will |hope you |(?:^|(?<=[.,] )))never (?:stop|quit)",
    r"(?:can|could) not (?:stop|quit) (?!getting|receiving|these|the|your|you|this|from|them|it|those|sending"
    r"|texting|calling)\w+",
    r"let us not stop|unsubscribed from (?:the|my|our|that) (?:other|old)",
    r"(?:remove|delete) my (?:old|previous|former|second|other|wrong|ex) \w+",
    r"(?:can|could) not help",
    r"(?:i|we) (?:usually |really |normally |try to )?(?:do not|never) (?:text|call|email) (?:while|and|at|in"
    r"|when|before|on)",
    # a stop on the way
    r"stop(?:ping|ped)? (?:by|in(?! the)|over|near|along|past|through|outside|inside|off at|sign|signs|light|lights"
    r"|order|loss|payment"
    r"|gap|watch|at(?! (?:once|all))|there|on (?:the|my|our|your) way|for (?:an?|lunch|gas|coffee|dinner|breakfast"
    r"|food|some|the))",
    r"stop (?:and|to|n) (?:see|look|visit|check|say|get|take a|grab|pick|walk|view|talk|eat|shop|chat|smell|think"
    r"|drop|take another)",
    r"(?:could|can|may|should|shall|will|might|would) (?:i|we|he|she|they|my \w+|our \w+) (?:just |also |quickly "
    r"|briefly )?stop(?! (?:these|this|the|your|getting|receiving|it|them|all|those|you|texts|texting"
    r"|messages|being|any)(?: |$))(?= \w)",
    r"(?:bus|train|metro|subway|transit|tram|trolley|shuttle|school|truck|rest|pit|full|hard|short|door|back|last"
    r"|next|first"
    r"|final|second|third|quick|lunch|coffee|gas|traffic|rail|max|one|only|car|tour|every|each|your next|our next)"
    r" stops?(?! (?:texting|calling|sending|messaging|contacting|it|please|now|all))",
    r"(?:an?|the|my|our|their|any|that|every|each|another|his|her) stops?(?! (?:to|texting|calling|sending"
    r"|messaging|button|command|keyword|word|option|link|does|did|thing|message|texts?|request))",
    r"stop(?:s|ped|ping)? (?:accepting|taking|serving|running|selling homes|offering|working|being|growing|paying"
    r"|raining|snowing"
    r"|driving|leaking|barking|renting|smoking|drinking|living|procrastinating|worrying|dreaming|thinking|smiling"
    r"|watching|using|eating|buying|throwing|making|blowing(?! up)|cooling|heating|draining|flushing|flowing|turning"
    r"|spinning|charging)",
    r"(?:can|could|will|would) (?:you|you all|anyone|anybody|someone|they) (?:beat|match|top) (?:it|that|this|them)",
    r"(?:rain|snow|noise|leak|leaking|prices?|rates?|traffic|coverage|benefits|payments?|water|music|inflation"
    r"|market|bleeding|construction"
    r"|train|bus|buses|trains|dog|dogs|kids|increase|increases)(?: \w+){0,2} stop",
    # other things that are cancelled, ended, left, removed or opted out of
    r"(?:end|ends|ended|ending) (?:of|in|on|at|up|table|unit|zone|date)",
    r"(?:dead|high|low|front|back|deep|week|month|year|the|an|other|far|either) end",
    r"opt(?:ed|s|ing)? out of (?:\w+ ){0,3}?(?:insurance|hoa|cable|coverage|plan|policy|escrow|inspection|warranty"
    r"|program|flood|pmi"
    r"|appraisal|benefits?|school|401k|contract|deal|lease|contingency|rider|deductible|mortgage|financing)",
    r"remov(?:e|ed|ing) (?:me|us|my \w+|him|her) (?:from|off|off of) (?:the |that |this |my |our |his |her "
    r"|a )?(?:\w+ )?(?:title|deed|lease|contract"
    r"|loan|mortgage|policy|application|offer|plan|waitlist|quote|coverage|insurance|listing|house|home|property)",
    r"(?:i|we|will|would|did|might|not) (?:lose|forget) my \w+",
    r"(?:revoke|revoked|withdraw|withdrew|rescind) (?:\w+ ){0,2}(?:offer|bid|license|counter|application)",
    r"let me be (?!please|now|alone)\w+",
    r"wrong (?:house|unit|street|apt|apartment|model|policy|account|order|zip|flight|door|suite|lot) number",
    r"wrong number (?:of|on|in|for|listed) (?!me|you|this|whoever|sorry)\w+",
    r"(?:not|is not|no|isnt|was in|went to|in|into|to|from|out of|check|checked|checking|found in|caught in)"
    r" (?:my |your |the |her |his )?(?:spam|junk)(?: folder| filter| box| mail)?(?= [.,]| but| and| so|$| folder)",
    r"spam (?:folder|filter|box)",
    r"(?:cancel|canceled|cancelled|reschedule|end|move) (?:\w+ ){0,3}?(?:call|meeting|appointment|appt|tour"
    r"|showing|viewing|visit|policy|coverage|insurance|booking|reservation)(?! alerts| reminders| texts| emails)",
    r"(?:reported|reporting|report) (?:\w+ ){0,2}(?:claim|accident|damage|leak|theft|loss|income|it to (?:the "
    r"|my )?(?:insurance|landlord|hoa|agent|adjuster))",
    r"(?:block|blocked|blocking) (?:off|party|from|away|of)",
    r"(?:call|text|message|email|contact) (?:me|us) (?:back )?(?:if|when|once|before|after) (?:\w+ ){1,3}?stops?",
)

# A stop.

_STOP_WORD = r"(?:stop|quit|cease|desist|discontinue|refrain|halt|end|stopped)"
STOPS: tuple[Rule, ...] = (
    rule(
        "stop", "R-REV-4", "Asks us to stop",
        rf"{_STOP_WORD}(?: (?:{FILLER}|with|from|trying|to|the|this|your|stupid|constantly"
        rf"|constant)){{0,3}} {REACHING}(?: {ME}(?: {FILLER})?)?",
        rf"(?:stop|end|cease|discontinue|terminate|halt|disable|turn off|shut off|switch off|turn|cancel|mute"
        rf"|cut)(?: (?:{FILLER}|{THESE})){{0,5}} {THINGS}(?: off)?",
        r"turn (?:this|these|those|them|it) off",
        rf"(?:stop|quit|enough)(?: with)?(?: {FILLER}){{0,2}} (?:it|this|that|all|everything|them|these|those"
        rf"|all this|all of this|all of it|the bs|the crap|the shit|the nonsense|this shit|this crap|this nonsense"
        rf"|that shit){END}",
        rf"(?:stop|quit)(?: {FILLER})? (?:\w+ing) (?:me|us|my|people|this number|this phone|everyone)",
        rf"(?:stop|quit) (?:text|message|call|contact|email|spam|send|bother|bug|sms|messages?)(?: {ME})?{END}",
        rf"(?:please|kindly|can you|could you|would you|will you|you people|must|should|better|need to|have to"
        rf"|got to|ought to|you to|them to|to please|these|it|how do i|how to|can i|said|say|says|said to|i said"
        rf"|told|told you|asked|sent|texted|replied|typed|wrote|repeat|again|want to|wish you would|wants you to"
        rf"|would like to) stop{END}",
        r"make (?:it|this|these|them|these \w+|the \w+) (?:all )?stop",
        rf"(?:text|texts|message|messages|messaging|calls|calling|texting|emails|contact|communication|this|it"
        rf"|they|these)(?: \w+){{0,2}} (?:to |could |can |would |must |should |please |needs to |need to |has to "
        rf"|better |ever )stop(?:ped)?{END}",
        rf"(?:have|has|had|did|do|does|will|would|can|never|not)(?: you| they| not| it| these){{0,3}} (?:stop"
        rf"|stopped|quit)(?: {FILLER})? {REACHING}",
        rf"(?:will|can|could|would|please)(?: you)?(?: please| just)? (?:quit|cease|desist|stop){END}",
        r"if you (?:text|message|call|contact|email|bother)(?: me| us| this number)? (?:again|one more"
        r"|another)(?: time)?",
        rf"(?:kill|cut|ditch|drop|nix|pause|lay off|ease up on|hold|spare me|enough of|cool it with|shut down"
        rf"|knock off|quit|lose|can"
        rf"|done with|over|skip|forget|refuse|reject|decline)(?: (?:{FILLER}|{THESE})){{1,4}} {THINGS}{END}",
        r"stop wasting (?:my|our|your|everyones|peoples)(?: \w+){0,2}",
        rf"{THINGS} (?:to|must|should|need to|have to) (?:end|cease|halt|stop)",
        r"(?:put|have|make) (?:a|an) (?:stop|end) to(?: \w+){0,3}",
        r"stop (?:request|message|command|button|keyword)",
        r"(?:cease|desist)(?: and desist)?(?: \w+){0,3}",
        r"knock (?:it|this) off|cut it out|give it (?:a rest|up already)|enough (?:already|now|please|is enough"
        r"|with the \w+|with this|of this|texts?|messages?|calls?|spam)",
    ),
    rule(
        "stop", "R-REV-4", "Asks not to be contacted",
        ASKED + rf"(?<!i )(?<!we )(?:do not|never(?: ever)?|please no|please not|not to|not ever|can you not"
        rf"|could you not"
        rf"|would you not|will you not|must not|may not|should not"
        rf"|can not|stop do not|is not to|are not to|nor|do not you dare|dare not)(?: (?:please|ever|you|again"
        rf"|even|dare|fucking|bother to|try to|continue to|keep|attempt to|to|all)){{0,3}} {REACH}(?:(?: ,)? (?:or"
        rf"|and|nor|,) {REACH}){{0,3}} {ME}",
        ASKED + rf"(?<!i )(?<!we )(?:do not|never(?: ever)?|please not|must not|should not)(?: (?:please|ever"
        rf"|you|again"
        rf"|even|dare|fucking|bother to|all)){{0,3}} {REACH}(?:(?: ,)? (?:or|and|nor|,) {REACH}){{0,3}}(?: (?:it"
        rf"|him|her|them|that number))?{END}",
        rf"(?:do not|never) {REACH} (?:again|anymore|any more|ever)",
        rf"(?:ask|asked|asking|request|requesting|requested|prefer|rather|appreciate|appreciate it|want|insist"
        rf"|demand|told|tell|telling|instructed|beg|begging|suggest|prefer it|mind|like it|love it"
        rf"|better)(?: (?:if|that|you|u|y|all|people|nicely|is|would|this|company|it|they|to|your"
        rf"|office)){{0,4}} (?:do |did |would |does )?not (?:to |be )?(?:{REACH}|{REACHING}|contacted|texted"
        rf"|called|messaged)",
        r"(?:rather|prefer|like|wish|want|choose|chose|decided)(?: to)? not (?:to )?(?:be )?(?:receive"
        r"|receiving|get|getting|have|contacted|texted|called|messaged|bothered|hear)(?: any| from"
        r"| more)*(?: \w+){0,2}",
        rf"(?:stop|quit)(?: me from)?(?: from)? (?:getting|receiving) (?:these|this|them|your|any|all|those"
        rf"|{THINGS})",
        rf"(?:mind|about|please|consider|started|be) not {REACHING}",
        rf"not {REACHING} (?:me|us|this number|my phone)",
        rf"(?:do not|no longer|not|never|did not)(?: \w+)? (?:want|wish|care|need|like|desire|intend|expect|agree"
        rf"|appreciate|interested in|wanting|looking|asked?)(?: (?:to|you|for|anyone|anybody|it|any|more|further"
        rf"|your|people|guys|from|in|the|be|keep|even|company|office|these|all|this|have)){{0,4}} (?:receive"
        rf"|receiving|get|getting|got|see|be contacted|be texted|be called|be messaged|be bothered|be emailed"
        rf"|be on|be reached|be solicited|be disturbed|be added|be subscribed|be part of|contacted|texted|called"
        rf"|messaged|bothered|emailed|{REACHING}|text me|call me|contact me|contact us|message me|text us|call us"
        rf"|email me|{THINGS}|hear from|talk to you|speak to you|speak with you)",
        rf"(?:do not|no longer|never|did not)(?: even| ever)? (?:want|need|wish for|asked for|ask for|like"
        rf"|care for|request|requested|order|appreciate)(?: any| more| all| of)* (?:these|those|any of (?:these"
        rf"|this)|any more of (?:these|this)|(?:your|these|this|those|any|more|any more)(?: \w+)? (?:texts"
        rf"|messages|calls|emails|listings|alerts|spam)){END}",
        r"(?:do not|never) (?:want to|wanna|wish to|need to|care to)(?: ever)? (?:hear|be contacted|be bothered"
        r"|be texted|be called)(?: back| anything| more)?(?: from| about| by)?",
        rf"do not send(?: (?:me|us|any|anymore|any more|these|this|those|more|out|of|your|further|another|that|the"
        rf"|to|here|it)){{0,4}}(?: (?:{THINGS}|anything|anything else|stuff|shit|crap|more|nothing|these|this"
        rf"|those|anymore|texts|things))(?: {ME})?{END}",
        r"(?:do not|never) (?:send|contact|text|call|message|email|bother)(?: me| us)? (?:anything "
        r"|nothing )?(?:again|anymore|any more|else|ever)",
        r"(?:no longer|do not|not|never|without|did not have|do not have|no)(?: you)?(?: have| has| had| my| give"
        r"| gave| given| the| you| anyone| them| have my| are| prior| any| valid| express"
        r"| written){0,4} (?:consent|permission|authorization|authorisation)(?: to| for| given| was"
        r"| of)?(?: \w+){0,3}",
        rf"(?:not|never|no one|who) (?:authorized|allowed|permitted|welcome|entitled|gave you the right"
        rf"|authorised)(?: \w+)? (?:to )?{REACH}",
        rf"(?:did not|do not|never|have not|not|no one)(?: \w+)? (?:sign(?:ed)? up|subscribe[d]?|opt(?:ed)? in"
        rf"|opted into|enroll(?:ed)?|register(?:ed)?)(?: (?:for|to|with|in) (?:this|these|those|any|your|you|text"
        rf"|texts|messages|anything|that|it|alerts|emails))?{END}",
        r"(?:did not|never|have not)(?: \w+)? (?:sign(?:ed)? up|subscribed?|opt(?:ed)? in|enroll(?:ed)?) (?:for|to"
        r"|with) (?:this|these|your|any|text|texts|you)(?: \w+){0,2}",
        r"(?:did not|never|have not)(?: \w+)? (?:ask(?:ed)?|request(?:ed)?|agree[d]?|consent(?:ed)?"
        r"|want(?:ed)?)(?: for| to)? (?:this|these|any of this|your texts|your messages|(?:get|receive"
        r"|be)(?: \w+){0,3}|texts|messages|contact|be contacted|you to (?:text|call|contact|message))",
        r"(?:never|did not|do not|have not)(?: \w+)? (?:give|gave|given) (?:you|anyone|your \w+|u"
        r"|them)? ?(?:all )?(?:my |this )(?:number|phone|phone number|info|information|contact)",
    ),
    rule(
        "stop", "R-REV-4", "Asks to be taken off the list",
        rf"(?:remove|delete|erase|purge|wipe|scrub|eliminate|unlist|discard|lose|forget|toss|trash|ditch|dump"
        rf"|block|clear|strike|drop|burn|destroy|removed|deleted)(?: (?:please|out|all|of|about|any|ever|you|had"
        rf"|just|permanently|immediately|kindly)){{0,4}} (?:my|this|our|that|the|these|mine|his"
        rf"|her)(?: \w+)? {KEEPS}",
        rf"(?:remove|delete|erase|lose|forget|block|scrub) (?:number|this|it|all info|all contact|mine|{KEEPS}){END}",
        r"(?:remove|delete|drop|erase|exclude|unsubscribe|scratch|unlist|forget)(?: please)? (?:me|us)(?! if| when"
        r"| a | the )",
        r"(?:take|get|pull|drop|remove|scratch|cross|cut|strike|keep|leave|count|scrub|wipe"
        r"|knock)(?: please)? (?:me|us|my|this|our|mine|her|him|number)(?: \w+){0,3}? (?:off|out of|from)"
        r" (?:of )?(?:this|your|the|that|all|any|future|ur|these|you|everything|it)(?: \w+){0,3}",
        r"(?:take|get|pull|cross|scratch) (?:me|us|my name|my number|this number|my phone|my info) (?:off|out)",
        r"get (?:me )?off (?:of )?(?:my|me|this|your|the) (?:phone|line|back|case|ass|inbox|list|mailing"
        r"|texting|list please)",
        rf"(?:remove|delete|take|removed|taken|deleted|get|getting|off|unsubscribe|opt|drop|dropped|pull|out|be"
        rf"|stay)(?! the (?!number|name|phone|info|person))(?: \w+){{0,4}}? (?:from|off|off of|out of|of"
        rf"|on) (?:(?:your|this|the|that|these|all|any|ur"
        rf"|whatever|every|my|our|future)(?: \w+){{0,2}} )?{LIST}",
        r"(?:want|like|wish|need|ask|asking|request|requested|demand|asked|prefer|please)(?: (?:to|me|us|my|number"
        r"|name|this|please|again|you|be|for|have|that|would|phone|it|all|get|like|info)){0,6} (?:removed|deleted"
        r"|taken off|unsubscribed|opted out|dropped|erased)(?: from| off)?(?: \w+){0,3}",
        r"(?:want|get|take|wish|like)(?: (?!the )\w+){0,2} (?:off|out of) (?:of )?(?:this|your|the"
        r"|these)(?: \w+){0,1}? ?(?:list|lists|thing|chat|group|thread|texts|messages|conversation)",
        r"please remove(?: \w+){0,2}(?= [.,]|$)",
        r"(?:remove|removal|removed) (?:from|off) (?:list|lists|your|all|the list|this|future|any|text|texts"
        r"|messages|contact|mailing|calling)(?: \w+){0,3}",
        r"(?:put|add|place|list)(?: \w+){0,4} (?:on|to|in)(?: \w+){0,3} (?:do not|no"
        r"|not)(?: \w+){1,2}(?: list)?",
        r"(?:do not|no|not) (?:call|contact|text|solicit|disturb|solicitation|phone|email"
        r"|mail)(?: or \w+)? (?:list|registry|register|database|lists)",
        r"(?:dnc|d n c|blacklist|black list)",
    ),
    rule(
        "stop", "R-REV-4", "Opts out",
        r"(?:unsubscribe|unsubscribed|unsubscribing|unsub|unsubs|un subscribe|un subscribed|desubscribe|optout"
        r"|optedout|opt(?:ed|ing|s)? (?:me |us |my \w+ |this number |him |her )?out|op out|opt me the \w+ out"
        r"|stopall|stop all)",
        rf"(?:cancel|terminate|deactivate|end|discontinue)(?: (?:{FILLER}|{THESE}|any"
        rf"|membership)){{0,4}} (?:subscription|membership|enrollment|registration|service|{THINGS}|everything)",
        rf"cancel (?:me|me out|my number|all|all of it|all this|all of these|these|everything){END}",
        r"(?:revoke|revoking|revoked|withdraw|withdrawing|withdrawn|rescind|rescinding|retract|cancel|cancelling"
        r"|pull|removing|remove)(?: \w+){0,3} (?:consent|permission|authorization|authorisation|opt in)",
        r"(?:consent|permission|authorization)(?: \w+){0,3} (?:withdrawn|revoked|rescinded|removed|denied"
        r"|cancelled|canceled|over)",
    ),
    rule(
        "stop", "R-REV-4", "Asks to be left alone",
        r"(?:leave|let)(?: please)? (?:me|us|my \w+|this number|this phone|him|her|people|folks"
        r"|everyone)(?: \w+){0,3}? (?:alone|peace|be(?= [.,]|$))",
        rf"no (?:more|further|additional|unsolicited|any more)(?: of)?(?: (?:{THESE})){{0,3}} (?:{THINGS}|call){END}",
        rf"no more(?: of (?:this|these|that))?{END}",
        rf"no (?:{THINGS}|text messages|phone calls)(?:(?: ,)? (?:or|and|no|nor) (?:{THINGS}|call"
        rf"|text)){{0,3}}(?: from you| from anyone| to this number| allowed)?{END}",
        r"(?:go|stay) (?:the fuck |the hell |the |tf |fucking )?(?:away|out of my (?:phone|inbox|life|face"
        r"|messages))",
        rf"(?:get|buzz|piss|fuck|fucking|sod|bugger|back|screw|shove|bug|naff|hop|jog|step|fucked) (?:the fuck "
        rf"|the hell |tf |right |all the way |all )?(?:lost|off|bent|off me|it up|on){END}",
        r"fuck (?:\w+ )?(?:off|yourself|yourselves|you|urself|yall|this|all of you|ur \w+|you all)",
        rf"(?:go )?(?:fuck|screw|eff) (?:you|off|yourself|urself|you all|this){END}",
        r"go to hell|eat (?:shit|my \w+)|kiss my (?:ass|butt|arse)|shut up|shut the fuck up|stfu|gtfo|fuck off"
        r"|foff|fu|kick rocks|take a hike|beat it|go pound sand|pound sand|kiss off|shove it|get a life"
        r"|up yours|suck (?:it|my \w+)"
        r"|drop dead|bite me",
        r"(?:block|mute) (?:me|my number|this number)",
    ),
    rule(
        "stop", "R-REV-4", "Complains or threatens with the law",
        r"(?:harass (?:me|us|people like)|harassed|harassing|harassment|harrassing|harrassment|harrasing"
        r"|harasment|stalking|spammer"
        r"|spammers|spamming|spammed|robocall|robocalls|robotext|robotexts|unsolicited|tcpa|fcc|ftc|cftc|bbb"
        r"|better business bureau)",
        r"(?:attorney general|consumer protection|small claims|legal action|press charges|pressing charges"
        r"|legal counsel|invasion of (?:my )?privacy|class action|can spam act)",
        r"(?:i|we|i am|we are|i will|we will|ill|going to|gonna|i have|we have|about to|have been|i just"
        r"|have already|already|will be|being|been|you are being|you will be|you have been|be|will|am|number is"
        r"|is being|just)(?: \w+)? (?:report|reporting|reported|block|blocking|blocked|sue|suing|file a complaint"
        r"|filing a complaint|filed a complaint)(?: (?:you|u|this|your|the|number|it|as|to|for|against|them"
        r"|with)(?: \w+){0,2})",
        r"(?:reported|report|reporting|blocked|blocking|block|suing|sue|mark|marked|marking|flag|flagged"
        r"|flagging)(?: (?:and|you|this|this number|your number|it|them|ur number|as|the number|the sender|that"
        r"|message|messages))*(?: (?:spam|junk|you|u|scam|blocked|reported|number|deleted|fraud|sender))",
        r"(?:i am|i will|am|will be|i have|going to|already|we are|we will) (?:reporting|reported|blocking|blocked"
        r"|block|report|sue|suing)(?: (?:you|u|this|it|now|them))?(?= [.,]|$)",
        r"(?:file|filing|filed|lodge|lodging|submit|submitting|make|making)(?: \w+)? (?:formal "
        r"|official )?(?:complaint|complaints|charges|a report|police report)(?= [.,]|$| with| against| about you)",
        r"(?:call|calling|called|contact|contacting|get|getting|going to|go to|tell|telling|involve"
        r"|involving)(?: in| my)? (?:the )?(?:police|cops|authorities|sheriff|law)(?= [.,]|$| on| about| if"
        r"| if you)",
        r"(?:this|it|that|these|they|you|your \w+|you people|you guys|u|all this|texts|text|calls|number"
        r"|what you are doing|such)(?: \w+)? (?:is|are|is all|is just|are all|are just|keep|constitutes?)(?: (?:a"
        r"|an|pure|total|all|just|nothing but|considered|so|very|highly|clearly|definitely|getting|becoming|only"
        r"|probably|obvious|your|called|the))* (?:spam|harassment|illegal|scam|scammer|scammers|spammer|annoying"
        r"|unwanted|unwelcome|fraud|phishing|intrusive|invasive|harassing|nuisance|against the law|a crime"
        r"|violation|junk|ridiculous|pest|crooks)",
        r"(?:hear|hearing)(?: \w+)? (?:from|by) my (?:lawyer|attorney|legal)(?: \w+){0,2}",
        r"(?:lawyer|attorney)(?: \w+){0,8} (?:illegal|harass\w*|your texts|these texts|these messages"
        r"|this)(?: texts| messages| calls)?",
        r"(?:see|take) (?:you|this) (?:in|to) court",
        rf"(?:^|(?<=[.,] ))(?:this is |ur |you are |number |number is |and )?(?:spam|spammer|scammer|scammers"
        rf"|blocked|reported|blocking|reporting|junk){END}",
        r"(?:illegal|unlawful|unwanted|annoying|junk) (?:text|texts|call|calls|message|messages|contact"
        r"|solicitation|texting|calling)",
        r"(?:violating|violation of|in violation|violates|breaking) (?:\w+ ){0,4}(?:law|laws|tcpa|act|privacy"
        r"|rights|regulations|dnc)",
        r"spam(?= , i)",
    ),
)  # fmt: skip

# Not the person we look for (R-TCPA-7).

_PERSON = words(
    "person guy gal girl lady man woman dude recipient contact party people individual owner kid chick fella"
    " gentleman human"
)
WRONG_NUMBERS: tuple[Rule, ...] = (
    rule(
        "wrong_number", "R-TCPA-7", "Says it is the wrong number",
        rf"wrong (?:\w+ )?(?:number|phone|telephone|no|phone number|{_PERSON})(?! (?:of|on|in the|listed)(?: |$))",
        r"(?:have|got|texting|calling|reached|reaching|contacting|messaging) the wrong (?:one|place|house|info"
        r"|information|family|address)",
        rf"(?:incorrect|mistaken|bad|not a good|not the best|invalid) (?:phone )?(?:number|contact"
        rf"|{_PERSON})(?= [.,]|$)",
        r"not (?:the |a )?(?:phone )?number (?:for|of)(?: \w+)?",
        rf"not (?:the |a )?(?:right|correct|proper) (?:phone )?(?:number|{_PERSON})",
        r"(?:this|that|your|the|my) number (?:is |you have is |must be )?(?:in )?(?:wrong|incorrect|error|a mistake)",
        r"(?:you have|got|have) (?:my|this|the)? ?number (?:in error|by mistake|by accident|wrong)",
        r"(?:no one|not anyone|never was anyone|never been anyone|no person|there is not anyone|do not have anyone"
        r"|have no one)(?: \w+){0,2}? (?:by that name|by this name|with that name|with this name|of that name"
        r"|named \w+|called \w+|by the name(?: \w+){0,2}|goes by \w+)(?: \w+){0,2}",
        r"(?:i am|we are) not (?:the )?(?:who|person|one|individual|homeowner|owner|lady|guy|man|woman)(?: (?:who"
        r"|whom|that|you|of|u|they))?(?: \w+){0,5}",
        r"(?:not|is not) who you (?:think|are looking for|want|need)(?: \w+){0,2}",
        r"(?:do not know|never heard of|do not have|no idea)(?: who)?(?: (?:any|a|an|anyone named|anybody named"
        r"|anyone called|who|that|anyone by|is))* NAME(?= [.,]|$| is| here| at| and)",
        r"(?:i am|this is|it is|you have|name is|we are|im|that is|is) (?:not|definitely not|no) (?:a |an |the "
        r"|mr |mrs |ms |miss )?NAME(?:s)?(?: (?:phone|number|phone number|anymore|here|phone anymore"
        r"|line))?(?= [.,]|$| and| so| but| you| please| this| wrong| he| she| or| i | stop| nor| or)",
        r"(?:not|no|nope ,? ?not) NAME(?= [.,]|$| sorry| here| at this)",
        r"(?:no|not a|not any) NAME (?:here|at this|at this number|lives here|on this number|on this phone)",
        r"there is (?:no|not a|not any) NAME(?: here| at this number)?",
        r"(?:he|she|they|NAME) (?:does not|do not|no longer|has not|did not|is not) (?:live|lives|own|owns"
        r"|have this|has this|had this|have a phone|use|uses|here"
        r"|at this|lived|stay|reside|resides|available at this)(?: \w+){0,3}",
        r"(?:not|no longer|is not|was not|never)(?: \w+)? (?:his|her|their|her old|his old|NAME(?: s)?) (?:number"
        r"|phone|line|phone number)(?: anymore| any more)?",
        r"(?:number|phone|line)(?: \w+)? (?:does not|no longer|did not|never)(?: \w+)? (?:belong|belongs"
        r"|belonged)(?: \w+){0,3}",
        r"(?:number|phone)(?: \w+)? (?:has been|was|is|got|is now) (?:reassigned|changed owners|recycled|fake"
        r"|someone else|somebody else|a different person|not (?:his|hers|theirs|valid)|no longer (?:in use|his"
        r"|hers|valid|active|theirs|NAME|used))(?: \w+){0,3}",
        r"(?:fake|made up|bogus|false) (?:phone )?number",
        r"(?:just|recently|newly|only just) (?:got|received|was assigned|was given|acquired|purchased|bought)"
        r" this (?:phone )?(?:number|phone)",
        r"(?:no longer|does not|do not|did not|not)(?: have| has| own| use| uses| got)+ this (?:number|phone"
        r"|line|account)(?: anymore)?",
        r"(?:meant|intended|looking) for (?:someone|somebody|a different|another)(?: \w+){0,2}",
        r"(?:someone|somebody) else (?:number|phone|has this number|number now)|(?:different"
        r"|another) person(?: has this)?(?= [.,]|$)",
        r"not the (?:\w+ )?(?:you are looking for|your looking for|you looking for|you seek|you want|you need"
        r"|you think)",
        r"this is (?:not|no longer) (?:his|her|their) (?:number|phone|line)(?: \w+)?",
        r"(?:mistaken|wrong) identity|mixed me up|(?:have|got) me (?:confused|mixed up)(?: with)?",
    ),
)  # fmt: skip
