"""Words: what shorthand stands for, which words are never a slip of another, and which only look like one."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from leadwake.compliance.revocation.rule import listed

#: as people write them in a hurry, without apostrophes; one word may stand for several
SHORTHAND = {
    "u": "you", "ur": "your", "yr": "your", "r": "are", "ya": "you", "yall": "you all", "youre": "you are",
    "youve": "you have", "youll": "you will", "yous": "you", "pls": "please", "plz": "please", "plse": "please",
    "pleez": "please", "pleeze": "please", "pl": "please", "plss": "please", "thx": "thanks", "tks": "thanks",
    "txt": "text", "txts": "texts", "txting": "texting", "txtin": "texting", "txtng": "texting", "textin": "texting",
    "txted": "texted", "msg": "message", "msgs": "messages", "msging": "messaging", "msgin": "messaging",
    "mssg": "message", "mssgs": "messages", "mesg": "message", "mesgs": "messages", "messgs": "messages",
    "callin": "calling", "sendin": "sending", "dont": "do not", "dnt": "do not", "donot": "do not",
    "doesnt": "does not", "didnt": "did not", "cant": "can not", "cannot": "can not", "wont": "will not",
    "wouldnt": "would not", "couldnt": "could not", "shouldnt": "should not", "isnt": "is not", "arent": "are not",
    "wasnt": "was not", "havent": "have not", "hasnt": "has not", "aint": "is not", "im": "i am", "ive": "i have",
    "ill": "i will", "id": "i would", "ima": "i will", "imma": "i will", "weve": "we have", "thats": "that is",
    "theres": "there is", "theyre": "they are", "whos": "who is", "whats": "what is", "heres": "here is",
    "its": "it is", "lets": "let us", "wanna": "want to", "gonna": "going to", "gotta": "have to", "lemme": "let me",
    "gimme": "give me", "nomore": "no more", "nemore": "anymore", "everagain": "ever again", "num": "number",
    "nbr": "number", "nmbr": "number", "numba": "number", "loose": "lose", "b4": "before", "w": "with",
    "bc": "because", "fone": "phone", "cell": "phone", "cellphone": "phone", "mobile": "phone", "tel": "phone",
    "stahp": "stop", "stahhp": "stop", "nobody": "no one", "noone": "no one", "agin": "again", "wants": "want",
    "lst": "list", "wrng": "wrong", "cal": "call", "yur": "your", "f": "fuck", "fk": "fuck", "fck": "fuck",
    "fuk": "fuck", "fuq": "fuck", "eff": "fuck", "phuck": "fuck", "fkn": "fucking", "fkin": "fucking",
    "fckin": "fucking", "fcking": "fucking", "fuckin": "fucking", "fukin": "fucking", "fking": "fucking",
    "effing": "fucking", "frickin": "fucking", "freaking": "fucking", "freakin": "fucking", "frigging": "fucking",
    "goddamn": "fucking", "damn": "fucking", "bloody": "fucking", "atty": "attorney", "lawyers": "lawyer",
    "attorneys": "attorney", "q": "que", "k": "que", "d": "de", "x": "por", "xfa": "por favor", "xfavor": "por favor",
    "porfa": "por favor", "porfavor": "por favor", "pf": "por favor", "msj": "mensaje", "msjs": "mensajes",
    "mjs": "mensajes", "nomas": "no mas", "yamen": "llamen", "yame": "llame", "yamar": "llamar",
    "yamarme": "llamarme", "nro": "numero", "ustds": "ustedes", "uds": "ustedes",
    "ot": "to",
    "wrongnumber": "wrong number", "wrongperson": "wrong person", "idk": "i do not know", "fing": "fucking",
    "nt": "not",
    "optin": "opt in", "optingout": "opting out", "em": "me", "fo": "of", "ti": "it", "od": "do", "msgd": "messaged",
    "unsubbed": "unsubscribed", "nto": "not", "ont": "not", "thier": "their", "escrivan": "escriban",
    "escriva": "escriba", "numer": "number",
}  # fmt: skip

#: forms the rules do not spell out
FORMS = listed(
    """
    stop not remuevanme remuevame removerme incorrecto incorrecta erroneo erronea errado consentimiento autorizacion
    permiso contactado contactada molestado harto harta reportado denunciado bloqueado tranquilo tranquila
    interesado interesada demasiados demasiadas dejame dejeme dejenme dejanos quitame quiteme sacame saqueme borrame
    borreme eliminame elimineme dejen deje paren retiro revoco cancelo reportar denunciar demandar bloquear
    reportarlos denunciarlos demandarlos basta baja desuscribo unsubscribe unsubscribed unsub optout stopall cancel
    remove removed delete revoke erase discontinue contact contacting texting texts messaging message messages
    calling sending emailing emails notifications subscription permission consent anymore receive number wrong
    person leave alone please bothering bugging harassing harassment spamming reporting database register escriban
    escriba escribas escribirme manden mandarme mandar enviarme envien mensaje mensajes llamen llamarme contacten
    contacte contactarme molesten molestarme eliminen eliminar elimine eliminenme quitenme saquenme borrenme borren
    borrar equivocado equivocada numero suscripcion recibir cancelar desuscribir desuscribirme detener
    """
)

#: words of their own that are read as a slip of another only before certain words: "stoop texting me"
_CONTACT = frozenset(
    {"texting", "messaging", "calling", "contacting", "emailing", "sending", "bothering", "harassing", "spamming"}
    | {"bugging", "texts", "messages", "calls"}
)
LOOKALIKES = (
    ("stop", frozenset({"shop", "step", "top", "spot", "stomp", "strop", "swap"}), _CONTACT),
    ("stop", frozenset({"stoop", "sop", "slop", "stow", "atop"}), _CONTACT | {"it", "all", "already", "now", "with"}),
    ("quit", frozenset({"quite", "quiet", "quilt", "suit"}), _CONTACT),
    ("no", frozenset({"on"}), frozenset({"me", "mas", "quiero", "vuelva", "deseo", "llamen", "escriban", "molesten"})),
    ("from", frozenset({"form"}), frozenset({"list", "your", "this", "the"})),
)
#: as a whole message a slip of "stop", and hardly a word
ALONE_STOP = frozenset({"stoop", "sop", "slop", "atop"})

_NEAR = listed(
    """
    lease leases leased least leaves leaf leaved along clone atone pleas pleased pleads reasons persons prison
    parson remover removes remote removal deleted deletes deleter cancels cancer cancelled canceled cancellation
    canal contacts contract contracts contacted contrast compact contracting testing tests tents tenting exiting
    next massage massages messaged messenger falling failing calming carling culling caulking ceiling selling
    spending sanding standing mending seeding sensing seating ending pending lending sealing content contents
    consents convent received receives receiver relieve numbers numbered numb member lumber umber brother another
    revoked revokes invoke evoke erased erases eraser ease grease crease wring wrongs prong wrongly email emailed
    reported registers registered registry databases permissions subscriptions bathing buying begging budging
    mapping spanning planning stemming slamming scamming llave llaves llama llaman llamas llamo llame llames llamado
    mande mandes manda mandan mando mandame mandar deben debe dejan deja dejo dejas dejar quien quienes quieren
    quite quita recibi recibe recibo recibio reciben contacto contacta contactan contactos contactar escribe
    escribio escribi escribo escriben escribir molesta molesto molestan envia envian envio enviar envie mensajero
    borre borra borro borrador elimina elimino numeros personas equivoco equivocar equivocados cancela cancelo
    cancele cancelen cancelan cancelado pagar pasar para parar detenga tener retener obtener mantener sostener span
    slam swam spa spat spar seam scan scar duck tuck luck buck puck suck clock flock lock chase tease edit resist
    assist option options toast hops shed sheets wrongful stock shock deck quilt squat
    """
)

#: what stands around a keyword and changes nothing
POLITE = listed(
    """
    please now thanks thank you ok okay just all it me us this reply text texts texting messages message send word
    said mean right sorry omg wtf seriously god fucking fuck hey hi hello yes yeah yep no sir maam miss guys man
    dude bro everything immediately asap already again anymore forever ty kindly really the a for good at once so y
    por favor ya gracias si ahora mas i am to from stop u lol ffs jesus goodness ugh um uh away today much very
    """
)

#: what follows "I am not" and is no name, even with a capital
NEVER_NAMES = listed(
    """
    mr mrs ms miss dr interested ready sure available looking selling buying able here home free happy afraid
    certain comfortable done going good great a an the in my your his her their our its this that it he she they we
    you from on at to so very too yet really even just only for with as any one some all what who where how why if
    and or but working renting moving getting trying asking saying paying seeing approved qualified married local
    english american spanish fluent picky rich poor old new bad correct right true fair possible important necessary
    worth urgent serious monday tuesday wednesday thursday friday saturday sunday january february march april may
    june july august september october november december facebook zillow google realtor hoa fha va usda ira llc ok
    texas florida california interesada interesado seguro segura buscando posible cierto bueno necesario la el un
    una
    """
)

#: names that are words as well: only with a capital
ALSO_WORDS = listed(
    """
    will may mark grace hope art bill rich drew pat sue rose joy gene dean chase sandy faith dawn april june august
    summer autumn jack sunny frank guy young ray max lee rob don penny olive ivy pearl ruby crystal candy cash major
    miles wade skip buddy sky van rocky rusty dusty dale glen clay cliff heath ford christian an al ed bo jo ty cal
    bea bob tin ale lin pen win hank gay dot char sal son min ash kit nat ron sol luz angel mercy patience chance
    """
)

#: before "stop", about something else that stops: "where does the bus stop"
ASKING = listed(
    """
    where when how does do is are which what whats near who
    """
)

#: words one slip from a long keyword
NO_KEYWORDS = listed(
    """
    removed removes remover remote cancels cancer revoked revokes evoke invoke retener
    """
)

_ENDINGS = ("s", "es", "ed", "d", "ing", "ly", "er", "ers", "est", "y")


@cache
def ordinary_words() -> frozenset[str]:
    """Words of everyday replies, English and Spanish, and those nearest to the words that matter."""
    text = files("leadwake.compliance.revocation").joinpath("ordinary_words.txt").read_text("utf-8")
    return _NEAR | {word for line in text.splitlines() if not line.startswith("#") for word in line.split()}


def is_ordinary(word: str) -> bool:
    """True for an ordinary word and, from five letters on, for one with an ending: parked, parking."""
    known = ordinary_words()
    return word in known or (len(word) > 4 and any(_stem(word, ending) & known for ending in _ENDINGS))


def _stem(word: str, ending: str) -> set[str]:
    if not word.endswith(ending):
        return set()
    stem = word[: -len(ending)]
    undoubled = {stem[:-1]} if stem[-2:-1] == stem[-1:] else set()
    return {stem, f"{stem}e"} | undoubled
