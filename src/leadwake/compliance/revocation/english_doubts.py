"""English: what is asked for within limits, what may be a stop, and what asks for messages again.

In doubt a person reads it, and nothing automated is sent meanwhile (R-REV-4, R-REV-5).
"""

from __future__ import annotations

from leadwake.compliance.revocation.english_parts import (
    END,
    FILLER,
    LIST,
    ME,
    REACH,
    REACHING,
    THINGS,
)
from leadwake.compliance.revocation.rule import Rule, rule, words

#: after "not": what people say of messages they would have liked to have
_HARMLESS = words(
    "get got gotten receive received see seen saw hear heard have had mean know forget hesitate mind worry think"
    " remember understand sure finish "
    "find found able open answer call_back text_back pick_up check checked read my_texts talk the_best a_good"
    " a_great a_bad getting receiving "
    "seeing hearing problem questions issue yet notice tell only just as like so if until unless because when"
    " getting_your been"
)

# Between: never scored, always paused (R-REV-5).

_NO_CALL = (
    r"(?:do not|no|stop|quit|never|not|rather not|prefer no|prefer not|no more|instead of|rather than|not a)"
    r" (?:please )?(?:receive |get |take |to )?(?:any )?(?:call|calls|calling|phone calls|phone|ring"
    r"|phoning)(?: me| us| my phone| this number)?"
)
_TEXT_OK = (
    r"(?:(?:text|texts|texting|message|messages|messaging|sms|email|emails|emailing) (?:(?:me|us|is|are|works?"
    r"|messages?|would be|it) )?"
    r"(?:only|instead|is|are|ok|okay|fine|good|preferred|prefered|better|best|works?|please|rather|great|easier"
    r"|all right|alright)"
    r"|(?:just|only|rather|prefer|but|can|may|please|so|and|you can|strictly|keep|send|stick to"
    r"|use)(?: you)?(?: just| only)? (?:a |to )?(?:text|texting|message|texts|messages|email|emails|sms)(?: me| us"
    r"| only)?"
    r"|(?:text|message|email) (?:me|us))"
)
_GAP = r"(?:(?! (?:do not|stop|no|nor|or|never|quit)(?: |$)).){0,60}?"
_SOMETIMES = words(
    "before after until till while when during unless at_work at_night at_home at_this_hour so_early this_early"
    " this_late so_late today tonight tomorrow "
    "this_week on_weekends on_sunday on_sundays on_saturday on_saturdays on_monday in_the_morning in_the_evening"
    " between for_now right_now "
    "this_month this_weekend during_the_day until_then at_lunch too_early too_late so_often so_much more_than past"
    " for_a_while as_often every_day everyday daily"
)
LIMITS: tuple[Rule, ...] = (
    rule(
        "unsure", "R-REV-5", "Asks not to be called, text is fine",
        rf"{_NO_CALL}{_GAP} {_TEXT_OK}",
        rf"(?<!not )(?<!stop ){_TEXT_OK}{_GAP} {_NO_CALL}{END}",
        rf"(?:text|texts|message|messages|email|texting)(?: me| us)?(?: please)?(?: only)?(?: ,"
        rf"| \.)? {_NO_CALL}{END}",
        scope="voice",
    ),
    rule(
        "unsure", "R-REV-5", "Asks to stop one kind of message only",
        r"(?:unsubscribe|remove|take|opt|delete|cancel|stop)(?: \w+){0,6}? (?:newsletter|newsletters|blog|report"
        r"|digest|mailing)(?: \w+){0,3}? (?:only|but|keep|just)(?: \w+){0,3}",
        r"(?:only|just) (?:unsubscribe|remove|take|opt|stop)(?: \w+){0,5}? (?:newsletter|newsletters|blog|report"
        r"|digest)(?: \w+){0,4}",
        r"(?:stop|quit) sending (?:me |us )?(?:\w+ ){1,4}(?:, |and )?(?:just|only) send(?: me| us)?",
        r"(?:email|emails)(?: me| us)? (?:only|instead)(?: \w+){0,4}",
        r"(?:rather|prefer|prefer that)(?: you)? email(?: \w+){0,2}(?: , no texts?)?(?: for now| please| instead)?",
        r"(?:just|only) email me(?: , no texts?)?",
    ),
    rule(
        "unsure", "R-REV-5", "Asks not to be reached at some time",
        rf"(?<!why )(?<!i )(?<!we )(?:do not|never|(?<!do )not|stop|quit|no|can not"
        rf"|can you not)(?: please)? (?:{REACH}|{REACHING}|texts|messages"
        rf"|calls)(?: {ME})?(?: \w+)? {_SOMETIMES}(?! on)(?: \w+){{0,3}}",
        rf"(?:do not|no|can not) {REACH}(?: {ME})? yet",
    ),
    rule(
        "unsure", "R-REV-5", "Asks for fewer messages",
        rf"(?:too many|so many|too much|less|fewer|not so many|not as many|a lot of|tons of|bombarded with"
        rf"|this many) (?:of )?(?:these |your )?{THINGS}",
        rf"{REACH}(?: {ME})? (?:less|too (?:much|often)|so (?:much|often)|less often|less frequently)",
        rf"{REACHING}(?: {ME})? (?:too (?:much|often)|so (?:much|often)|less)",
        r"once an? (?:week|month|day) (?:is|would be) (?:enough|plenty|fine)",
    ),
    rule(
        "unsure", "R-TCPA-7", "Says a number was wrong, but maybe not theirs",
        r"(?:i|we|he|she|they|wife|husband) (?:may have |might have |must have |accidentally |had )?(?:gave|sent"
        r"|given|typed|put|entered|wrote|called|dialed|texted|have)(?: \w+){0,3} wrong number(?: \w+){0,3}",
        r"is this (?:the |a )?wrong number",
    ),
)  # fmt: skip

# In doubt: a person reads it, nothing automated is sent (R-REV-4, R-REV-5).

DOUBTS: tuple[Rule, ...] = (
    rule(
        "unsure", "R-REV-5", "Says no, or not now",
        rf"(?:^|(?<=[.] ))(?:um |uh |hi |hello |hey |sorry |oh |well )?(?:no|nope|nah|naw|not now|not right now"
        rf"|not today|not at this time|not anymore|no no|no thanks|nope thanks|no thank you|no thankyou|nah thanks"
        rf"|no no thanks|no sir|no maam|negative|pass|hard pass|i will pass|nty|never|never mind|nevermind|nvm"
        rf"|i am good no thanks|no ty)(?:(?: ,)? {FILLER}){{0,4}}(?= \.|$)",
        r"(?:^|(?<=[.] ))(?:no|nope|nah) (?:, )?(?:thanks|thank you)(?= [.,]|$)",
        rf"not (?:currently |really |at all |even |particularly |very |that )?interested(?! in)(?: (?:anymore"
        rf"|any more|at this time|right now|thanks|sorry|at all|in (?:selling|buying|this|it|your|anything"
        rf"|real estate|insurance|any)|{FILLER}))*",
        r"(?:no longer|lost|never was|not) interest(?:ed)?(?= [.,]|$| thanks| in (?:selling|buying|this|your|it"
        r"|any|what))",
        r"not interested in (?:selling|buying|this|it|your|anything|any|what you)(?: \w+){0,2}(?= [.,]|$)",
        rf"(?:not|no longer|do not want to|do not plan to|not going to|never going to|not planning to"
        rf"|not planning on)(?: be)?(?: currently| even)? (?:selling|sell|buying|buy|looking|in the market"
        rf"|searching|shopping|moving|for sale)(?: (?:my|our|the|a|house|home|property|anything|it|to|sell|buy"
        rf"|move))*{END}",
        r"(?:is|are) not for sale",
        r"(?:i said|we said|answer is|answer is still|still|its a|it is a|told you) no(?= [.,]|$)|no means no",
        rf"(?:already|have|we|i|just)(?: \w+)? (?:bought|purchased|closed on|found|signed|sold|rented"
        rf"|under contract|chose|went with|hired)(?: (?:a|another|one|our|my|the|someone|somebody|something|it"
        rf"|other|house|home|condo|place|apartment|agent|realtor|insurance|policy|coverage|with|else|already"
        rf"|company|broker|different))*{END}",
        r"(?<!not )(?:already|have|working with|got|using|use|with)(?: \w+)? (?:have |working with |with |got |use "
        r"|using )?(?:an?|another|my|our|my own|other) (?:agent|realtor|broker|real estate agent|insurance agent"
        r"|other agent)",
    ),
    rule(
        "unsure", "R-REV-4", "May want us to stop",
        r"(?:how|where|who)(?: \w+){0,3} (?:get|got|find|found|obtain|gave|give|have|has|had"
        r"|received)(?: \w+){0,2} (?:my|this|me)(?: \w+)? (?:number|info|information|contact|phone|name|email"
        r"|details|phone number)",
        r"why(?: \w+){0,3} (?:keep|texting|messaging|calling|contacting|getting|bothering|text me|emailing"
        r"|receiving)(?: \w+){0,3}",
        r"(?<!can )(?<!could )(?<!will )(?<!would )(?:you|u|yall|you all|they|who)(?: guys| people| just)? (?:keep"
        r"|kept|continue|continue to|constantly|always) (?:on )?(?:texting|messaging|calling|contacting|sending"
        r"|bothering|emailing|text|call)(?: \w+){0,2}",
        r"(?:i|we)(?: \w+)? (?:keep|still|continue to) (?:getting|get|receiving|receive)(?: \w+){0,2}? (?:these"
        r"|texts|messages|calls|emails|spam|this|from you)",
        r"(?:sick|tired|fed up|done|annoyed|had enough|irritated|over it|over this)(?: and tired)?(?: (?:of"
        r"|with))(?: \w+){0,3}? (?:this|these|you|your|texts|messages|calls|it|getting|receiving|all this)",
        r"(?:i|we)(?: \w+){0,5}? to be (?:removed|taken off|deleted|unsubscribed|left alone|off|dropped|erased)",
        r"(?:do not|never) (?:reply|respond|answer)(?: to)?(?: \w+)?(?= [.,]|$)",
        r"(?:attorney|lawyer)(?: \w+){0,6} if you",
        r"(?:one more|another|next|any more|any further) (?:text|message|call|email)(?: \w+){0,3} (?:and|or|will|i)",
        r"(?:cancel|remove|revoke|end|quit|lose|delete|drop) (?:it|this|that|these|them|everything|all)(?= [.,]|$"
        r"| please| now)",
        r"(?:want|like|need|wish|please|going|have|how do i|can i|how to)(?: \w+){0,2} (?:cancel|quit|revoke"
        r"|withdraw)(?= [.,]|$| please| now| this| it)",
        r"(?:cancel|withdraw|remove|delete|drop)(?: (?:my|the|this|our))+ (?:inquiry|request|account|file|profile"
        r"|application|registration|enrollment|search|interest|listing alerts?|info request)",
        r"(?:opt|opting)(?! for| (?:me |us )?(?:back )?in)",
        r"(?:i|we)(?: am| are)? (?:just )?(?:done|out|finished)(?= [.,]|$| thanks)",
        r"(?:count|leave|keep) (?:me|us) out(?: \w+){0,2}",
        r"(?:let|want) (?:me )?out(?= [.,]|$)",
        r"(?:is|are) (?:this|you|it|these|u)(?: \w+)? (?:spam|scam|a scam|scammer|scammers|legit|spamming)",
        r"(?:scam|scammer|phishing|fraud)",
        r"(?:passed away|deceased|has died|died|passed last)",
        r"(?:reply|replying|text|send) stop to(?: \w+){1,2}",
        r"(?:no (?:texts?|messages|calls|contact|emails)) (?:for now|right now|today|at this time|until \w+"
        r"|after \w+|before \w+|yet|this week)",
        r"(?:tell|inform|notify) (?:him|her|them|your \w+) to (?:stop|quit)",
        r"(?:annoying|annoyed|bothersome|unwanted|unwelcome|intrusive|relentless|pestering|bothering)",
        r"(?:this|that|it) is not (?:me|mine|for me)(?= [.,]|$)|not (?:me|mine|my number|my phone)(?= [.,]|$"
        r"| anymore)",
        r"(?:(?:i|we) (?:have )?|^)never (?:applied|inquired|asked|requested|contacted|filled|submitted|reached out"
        r"|spoke|heard of)(?: \w+){0,3}",
        rf"(?<!i )(?<!we )(?:not|no|never|without|stop|quit|end|cease"
        rf"|nothing)(?! {_HARMLESS})(?: (?!{_HARMLESS} )\w+){{0,4}}? (?:texts|texting|messages|messaging|contacted"
        rf"|contacting|emails|emailing|calls|calling|texted|messaged|spam|bother|bothered|subscribe\w*"
        rf"|notifications|alerts|sms|notified|solicited)(?! back)",
        rf"(?<!why )(?<!i )(?<!we )(?<!you )(?:do not|never|stop|quit|not|nto)(?: ever| please"
        rf"| you)? (?!{_HARMLESS} |tell |get |let |rush |judge |make |give |ask |quote |want |keep |see |show "
        rf"|help |worry |for |to |with |from |about |like |sure |believe |count |think |charge |need |know |and "
        rf"|only |just |at |in |on |unless |until )\w+ (?:me|us)(?= [.,]|$| again| anymore| at| ever| on| please)",
        r"(?:my|this) number(?: \w+){0,4} (?:off|out|removed|deleted|away|blocked|erased)",
        rf"(?:hate|dislike|despise|detest|resent|loathe|can not stand|stand|enough)(?: \w+){{0,3}} {THINGS}",
        rf"(?:how|can|could|make|way|where|what)(?: \w+){{0,5}} (?:stop|end|quit|cancel|block|prevent|opt"
        rf"|disable|turn off)(?: \w+){{0,3}} {THINGS}(?! with)",
        r"not my (?:name|number|phone|line|house|property|account|email)",
        rf"(?:off|out of)(?: \w+){{0,2}} {LIST}",
        r"(?:i|we|i am|we are|am)(?: (?:do|did|have|am|are|would|will|really|just|never|still|can"
        r"|simply))* (?:not|no|never|nothing)(?: \w+){0,2}? "
        r"(?:want|wanting|interest|interested|need|like|wish|care|appreciate|agree|agreed|consent|ask|asked"
        r"|asking|sign|signed|subscribe|subscribed|request|requested|authorize|authorized|permit|allow|welcome"
        r"|okay with|ok with|fine with|comfortable with|want to)"
        r"(?: \w+){0,6}? (?:texts|texting|messages|messaging|calls|calling|contact|contacted|contacting"
        r"|emails|emailing|notifications|alerts|sms|texted|called|messaged|subscription|list"
        r"|hear from)(?! back| about the| on the)",
        rf"(?:sick|tired|done|over|annoyed|through|bothered|had it|had enough|fed up"
        rf"|no interest)(?: \w+){{0,5}}? (?:{THINGS}|listings)",
        r"(?:do not disturb|not a (?:client|customer|lead)|not your (?:client|customer|lead)|leave (?:me|us|it"
        r"|this))(?= [.,]|$| anymore| please| out)",
        r"(?:take|get|keep|lemme|let me|want|like|need|wish|please)(?: (?:to|be|me|us|my|name"
        r"|number))* off(?= [.,]|$| please| this| your| now)",
        r"(?:get rid of|throw away|throw out|trash|shred|ignore|misplace|unlearn) (?:my|this"
        r"|our) (?:\w+ )?(?:number|info|information|contact|data|name|details)",
        r"(?:remove|delete|erase|get rid of|forget|lose)(?: \w+){0,3} (?:number|info|information|contact|data"
        r"|details|me)(?= [.,]|$| from| off| please)",
        r"(?:fuck|bitch|bitches|asshole|assholes|motherfucker|motherfuckers|bastard|bastards|moron|morons|scumbag"
        r"|scumbags|creep|creeps|loser|losers|dumbass|jerk|jerks|pricks?|dickhead)(?! (?:yes|yeah|ya))",
        r"(?:take|get) (?:it|this|that|them|mine) (?:off|down|out)(?= [.,]|$| please)",
        r"(?:please|just|kindly|now|and|immediately) (?:quit|end|cancel|delete|block|lose|forget|desist|go|leave"
        r"|halt)(?= [.,]|$| now| please)",
        r"(?:^|(?<=[.] ))(?:please )?(?:delete|block|halt|exit|leave|out|mute|disable|deactivate|terminate|abort"
        r"|discontinue|quit|end|cancel|remove|disconnect|kill|erase|withdraw|decline|refuse|reject)(?: please| now"
        r"| thanks)?(?= \.|$)",
        "".join(
            rf"(?<!{quality} )"
            for quality in ("good", "big", "fair", "close", "large", "soon", "long", "low", "high", "space", "not")
        )
        + r"(?:enough|suffice)(?= [.,]|$)",
    ),
)  # fmt: skip

#: asks for messages again; only START, or a yes to our own question, clears an opt-out (R-REV-8)
OPT_INS: tuple[Rule, ...] = (
    rule(
        "start", "R-REV-8", "Asks for messages again",
        r"(?:opt|sign|add|put|subscribe)(?: me| us| my number)? (?:back (?:in|on|up|to)|(?:in|up"
        r"|on) again)(?: \w+){0,3}",
        r"(?:resubscribe|re subscribe|reenroll|re enroll|unstop|opt (?:me |us )?in|opting in|optin"
        r"|subscribe)(?: me| us)?"
        r"(?= [.,]|$| please| again| back| now| thanks| to (?:text|texts|messages|your|the list|receive|get))",
        rf"(?:start|restart|resume|begin)(?: back)? (?:texting|messaging|sending|calling|contacting|texts|messages"
        rf"|messaging)(?: {ME})?(?: again| back)?",
        r"(?:can|may|you can|ok to|okay to|fine to) (?:text|message|contact) (?:me|us) again",
        r"(?:want|like)(?: to)? (?:receive|get|have)(?: \w+){0,3} (?:messages|texts|alerts|listings|updates) again",
    ),
)  # fmt: skip
