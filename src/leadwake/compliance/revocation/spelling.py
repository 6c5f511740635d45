"""Typing mistakes undone: the word that was meant, where it is one that matters here and no other word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

_REPEATED = re.compile(r"(.)\1{2,}")
_DOUBLED = re.compile(r"(.)\1+")
_LONGEST = 24

#: words that say what a reply means; anything one slip away from them, and no word itself, is read as them
_MEANT = frozenset(
    """
    unsubscribe unsubscribed resubscribe subscribe unsub optout stopall cancel remove removed delete revoke erase discontinue
    contact contacting texting texts messaging message messages calling sending emailing emails
    notifications subscription permission consent anymore receive number wrong person leave alone please
    bothering bugging harassing harassment spamming reporting database register
    escriban escriba escribas escribirme manden mandarme mandar enviarme envien mensaje mensajes llamen llamarme
    contacten contacte contactarme molesten molestarme eliminen eliminar elimine eliminenme quitenme saquenme borrenme
    borren borrar dejen equivocado equivocada numero suscripcion recibir cancelar desuscribir desuscribirme detener
    """.split()
)
#: ordinary words one slip away from one of those
_ORDINARY = frozenset(
    """
    lease leases leased least leaves leaf leaved along clone atone pleas pleased pleads reasons persons prison parson
    remover removes remote removal deleted deletes deleter cancels cancer cancelled canceled cancellation canal
    contacts contract contracts contacted contrast compact contracting testing tests tents tenting exiting next
    massage massages messaged messenger messenger falling failing calming carling culling caulking ceiling selling
    spending sanding standing mending seeding sensing seating ending pending lending sealing content contents consents
    convent received receives receiver relieve numbers numbered numb member lumber umber brother another
    revoked revokes invoke evoke erased erases eraser ease grease crease wring wrongs prong wrongly
    email emailed reported registers registered registry databases permissions subscriptions
    bathing buying begging budging mapping spanning planning stemming slamming scamming
    llave llaves llama llaman llamas llamo llame llames llamado mande mandes manda mandan mando mandame mandar
    deben debe dejan deja dejo dejas dejar quien quienes quieren quite quita recibi recibe recibo recibio reciben
    contacto contacta contactan contactos contactar escribe escribio escribi escribo escriben escribir molesta molesto
    molestan envia envian envio enviar envie mensajero borre borra borro borrador elimina elimino numeros personas
    equivoco equivocar equivocados cancela cancelo cancele cancelen cancelan cancelado pagar pasar para parar
    detenga tener retener obtener mantener sostener
    """.split()
)
#: words of their own that are a slip of "stop" or "quit" only before what those would be followed by
_LOOKALIKES = {
    "stop": frozenset("stoop shop step top spot slop stow atop sop stomp strop swap ".split()),
    "quit": frozenset("quite quiet quilt suit".split()),
}
_BEFORE = frozenset(
    """
    texting messaging calling contacting emailing sending bothering harassing spamming bugging texts messages calls
    """.split()
)
_NOT_STOP = _LOOKALIKES["stop"] | frozenset("stops stoops shops steps to so tops stock stob".split())

#: short words that matter: only their letters may be swapped, for too many words are nearer
_SHORT = (
    "text",
    "texts",
    "call",
    "list",
    "take",
    "lose",
    "quit",
    "more",
    "not",
    "dont",
    "send",
    "phone",
    "off",
    "again",
)
_SWAPPED_WORDS = frozenset("form fo sned ofr tow own".split())

_SHORTHAND = {
    "u": "you", "ur": "your", "yr": "your", "r": "are", "ya": "you", "yall": "you all", "youre": "you are",
    "youve": "you have", "youll": "you will", "yous": "you", "pls": "please", "plz": "please", "plse": "please",
    "pleez": "please", "pleeze": "please", "pl": "please", "plss": "please", "thx": "thanks", 
    "tks": "thanks", "txt": "text", "txts": "texts", "txting": "texting", "txtin": "texting", "txtng": "texting",
    "textin": "texting", "txted": "texted", "texing": "texting", "msg": "message",
    "msgs": "messages", "msging": "messaging", "msgin": "messaging", "mssg": "message", "mssgs": "messages",
    "mesg": "message", "mesgs": "messages", "messgs": "messages", "callin": "calling", "sendin": "sending",
    "dont": "do not", "dnt": "do not", "donot": "do not", "dotn": "do not", 
    "doesnt": "does not", "didnt": "did not", "cant": "can not", "cannot": "can not", "wont": "will not",
    "wouldnt": "would not", "couldnt": "could not", "shouldnt": "should not", "isnt": "is not", "arent": "are not",
    "wasnt": "was not", "havent": "have not", "hasnt": "has not", "aint": "is not", "im": "i am", "ive": "i have",
    "ill": "i will", "id": "i would", "ima": "i will", "imma": "i will", "weve": "we have", 
    "thats": "that is", "theres": "there is", "theyre": "they are", "whos": "who is", "whats": "what is",
    "heres": "here is", "its": "it is", "lets": "let us", "wanna": "want to", "gonna": "going to", "gotta": "have to",
    "lemme": "let me", "gimme": "give me", "nomore": "no more", "nemore": "anymore",
    "anymor": "anymore", "everagain": "ever again", "num": "number", "nbr": "number", "nmbr": "number",
    "numba": "number", "numer": "number", "loose": "lose", "b4": "before", "w": "with", "bc": "because",
    "fone": "phone", "cell": "phone", "cellphone": "phone", "mobile": "phone", "tel": "phone", "stahp": "stop",
    "stahhp": "stop", "unsubscribeme": "unsubscribe me", 
    "nobody": "no one", "noone": "no one", "alredy": "already", "aready": "already", "agian": "again", "agin": "again",
    "wants": "want", "leav": "leave", "recieve": "receive",
    "recieving": "receiving", "lst": "list", "wrng": "wrong", "wrog": "wrong", "wron": "wrong", "nubmer": "number", "moer": "more", "mroe": "more", "taek": "take", "lsit": "list",
    "txet": "text", "tetx": "text", "clal": "call", "cal": "call", "teh": "the", "hte": "the", "yuo": "you", "yoru": "your",
    "yur": "your", "aloen": "alone", 
    "f": "fuck", "fk": "fuck", "fck": "fuck", "fuk": "fuck", "fuq": "fuck", "eff": "fuck", "phuck": "fuck",
    "fkn": "fucking", "fkin": "fucking", "fckin": "fucking", "fcking": "fucking", "fuckin": "fucking",
    "fukin": "fucking", "fking": "fucking", "effing": "fucking", "frickin": "fucking", "freaking": "fucking",
    "freakin": "fucking", "frigging": "fucking", "goddamn": "fucking", "damn": "fucking", "bloody": "fucking",
    "atty": "attorney", "lawyers": "lawyer", "attorneys": "attorney",
    # Spanish
    "q": "que", "k": "que", "d": "de", "x": "por", "xfa": "por favor", "xfavor": "por favor", "porfa": "por favor",
    "porfavor": "por favor", "pf": "por favor", "msj": "mensaje", "msjs": "mensajes", "mjs": "mensajes",
    "mensage": "mensaje", "mensages": "mensajes", "nomas": "no mas", "yamen": "llamen",
    "yame": "llame", "yamar": "llamar", "yamarme": "llamarme", "escrivan": "escriban", "escriva": "escriba",
    "numro": "numero", "nro": "numero", "ustds": "ustedes", "uds": "ustedes",
}  # fmt: skip


def _swapped(word: str) -> Iterator[str]:
    for at in range(len(word) - 1):
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]


_SHORTHAND |= {
    slip: _SHORTHAND.get(word, word)
    for word in _SHORT
    for slip in _swapped(word)
    if slip != word and slip not in _SWAPPED_WORDS and slip not in _SHORTHAND
}
_SHORTHAND |= dict.fromkeys(("tect", "rext", "tezt", "texr", "texxt", "teext", "ttext", "tedt", "trxt", "twxt"), "text")


def meant(token: str, following: str = "") -> str:
    """The plain word or words that `token` stands for, before the token `following`; itself when it is just a word."""
    if (known := _SHORTHAND.get(token)) is not None:
        return known
    for word, lookalikes in _LOOKALIKES.items():
        if token in lookalikes:
            return word if meant_alone(following) in _BEFORE else token
    return meant_alone(token)


@cache
def _around() -> dict[str, tuple[str, ...]]:
    """Each word that matters, found by itself with any one letter left out (long ones: any two)."""
    found: dict[str, list[str]] = {}
    for word in sorted(_MEANT):
        for shorter in _shortened(word, _slips(word)):
            found.setdefault(shorter, []).append(word)
    return {shorter: tuple(words) for shorter, words in found.items()}


@lru_cache(maxsize=4096)
def meant_alone(token: str) -> str:
    """The word meant, whatever stands next to it."""
    if token in _SHORTHAND:
        return _SHORTHAND[token]
    if len(token) > _LONGEST or not token.isalpha() or token in _ORDINARY or token in _MEANT:
        return token
    if is_slip_of(token, "stop") and token not in _NOT_STOP:
        return "stop"
    shorter = _REPEATED.sub(r"\1", token)
    if len(shorter) < 5 or shorter in _ORDINARY:
        return token
    candidates = {word for part in _shortened(shorter, _slips(shorter)) for word in _around().get(part, ())}
    slips, nearest = min(((distance(shorter, word), word) for word in candidates), default=(_LONGEST, token))
    return nearest if slips <= _slips(nearest) else token


def is_slip_of(token: str, word: str) -> bool:
    """True for the word itself and for what is one slip from it, held keys aside: stpo, stp, stooop."""
    if abs(len(_once(token)) - len(word)) > 1 or len(token) > _LONGEST:
        return False
    return min(distance(token, word), distance(_once(token), _once(word))) <= 1


def is_swap_of(token: str, word: str) -> bool:
    """True when two neighbouring letters of the word changed places, and nothing else."""
    return token != word and token in _swapped(word)


def distance(one: str, other: str) -> int:
    """Slips between two words: a letter too many, too few, another, or two swapped (optimal string alignment)."""
    two_above: list[int] = []
    above: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        two_above, above, row = above, row, [i]
        for j, against in enumerate(other, start=1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, two_above[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _slips(word: str) -> int:
    """How many slips a word of this length bears before it may be another."""
    return 2 if len(word) >= 9 else 1 if len(word) >= 5 else 0


def _once(token: str) -> str:
    return _DOUBLED.sub(r"\1", token)


def _shortened(word: str, letters: int) -> set[str]:
    found = {word}
    for _ in range(letters):
        found |= {each[:at] + each[at + 1 :] for each in found for at in range(len(each))}
    return found
