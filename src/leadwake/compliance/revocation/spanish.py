"""Spanish: what is no stop though it sounds like one, what is a stop, a wrong number, or in doubt. No accents here."""

from __future__ import annotations

from leadwake.compliance.revocation.rule import Rule, pattern, rule, words

_FILLER = words(
    "por_favor ya mas ahora nunca_mas jamas gracias otra_vez de_nuevo ok nada favor inmediatamente todo senor senora "
    "a_este_numero a_mi_numero a_mi_celular aqui nunca y entonces please"
)
_END = rf"(?: ,)?(?: {_FILLER}){{0,4}}(?= [.,]| y\b| o\b| ni\b| que\b| porque\b|$)"
#: reaching somebody: imperatives and infinitives, also with me or nos tied on
_STEMS = {
    "escrib": "a an as ir iendo", "mand": "e en es ar ando", "envi": "e en es ar ando", "llam": "e en es ar ando",
    "contact": "e en es ar ando", "molest": "e en es ar ando", "text": "e ee een ees ear eando iando",
    "mensaj": "ee een ear eando", "marqu": "e en es", "marc": "ar ando", "busqu": "e en es", "busc": "ar ando",
    "habl": "e en es ar ando", "fastidi": "e en es ar ando", "jod": "a an as er iendo", "ching": "ue uen ues ar ando",
    "acos": "e en es ar ando", "insist": "a an as ir iendo", "notifi": "que quen car cando",
    "comuni": "que quen car carse cando", "spam": "e een ear", "hostig": "ue uen ar ando", "friegu": "e en es",
}  # fmt: skip
_REACH = (
    "(?:"
    + "|".join(
        f"{stem}{ending}{tied}"
        for stem, endings in _STEMS.items()
        for ending in endings.split()
        for tied in ("", "me", "nos")
    )
    + ")"
)
_THINGS = words(
    "mensaje mensajes texto textos llamada llamadas correo correos spam alertas notificaciones publicidad"
    " promociones "
    "mensajitos informacion propaganda sms anuncios emails mails ofertas"
)
_WHICH = words(
    "los las sus tus mas esos estos estas esas tantos tantas la el de mi mis todos todas todo ningun ninguna otro"
    " otros ni recibir con que me"
)

NO_STOP = pattern(
    r"no (?:deje|dejen|dejes|pare|paren|pares|quiero (?:que )?(?:dejen|paren|deje|pare)|me (?:quite|quiten|borre"
    r"|borren|elimine|eliminen|saque|saquen)|cancele|cancelen)(?: de)?",
    r"no (?:puedo|podemos|puede|pudimos|podia) (?:parar|dejar)",
    r"(?:dar|dado|doy|dimos|di|dar de) de baja (?:un|el|mi|la|una|al|nuestro|ese|otro|a mi) (?:otro "
    r"|segundo )?(?:carro|auto|vehiculo|coche|camioneta|moto|poliza|seguro|conductor|casa|troca|cobertura|bote"
    r"|esposa|esposo|hijo|hija)",
    r"(?:quit|sac|borr|elimin)\w+ (?:me )?de (?:la|mi|el|esta) (?:poliza|contrato|titulo|escritura|hipoteca)",
    r"(?:olvide|olvido|perdi) mi (?:numero|telefono) de",
    r"no (?:quiero|quisiera|queria|es por) molestar\w*",
    r"por ?que no me \w+",
    r"(?:numero|persona) de (?:la|el) casa",
)

LIMITS: tuple[Rule, ...] = (
    rule(
        "unsure", "R-REV-5", "Asks not to be called, text is fine",
        r"(?:no (?:me |nos )?(?:llame|llamen|llames|llamar|marque|marquen)|no llamadas|sin llamadas"
        r"|nada de llamadas)(?:(?! no | ni ).){0,40}? (?:mejor|solo|prefiero|pero|por|puede|pueden|texto"
        r"|mensaje)(?: \w+){0,2}? ?(?:mensaje|mensajes|texto|textos|correo|escriba|escribame|whatsapp|escribir"
        r"|escribirme|mandarme|mandeme)(?: \w+){0,2}",
        r"(?:solo|prefiero|mejor)(?: por| un)? (?:mensaje|mensajes|texto|textos)(?: \w+){0,2}(?: ,)? (?:no|nada de"
        r"|sin) (?:me )?(?:llame|llamen|llamadas|llamar)",
        scope="voice",
    ),
    rule(
        "unsure", "R-REV-5", "Asks not to be reached at some time",
        rf"no (?:me |nos )?{_REACH}(?: \w+)? (?:antes|despues|hasta|cuando|mientras|hoy|manana|ahorita|durante"
        rf"|en el trabajo|en la noche|tan|tanto|por la noche|los (?:domingos|sabados))(?: \w+){{0,3}}",
        rf"(?:demasiad[oa]s|tant[oa]s|much[oa]s|menos) {_THINGS}",
    ),
)  # fmt: skip

STOPS: tuple[Rule, ...] = (
    rule(
        "stop", "R-REV-4", "Asks not to be contacted",
        rf"(?:no|nunca|jamas|nunca mas|ya no)(?: mas)? (?:me |nos |le |les |se me )?(?:vuelva |vuelvan |vuelvas "
        rf"|volver |sigan? |siga |sigas )?(?:a )?(?:me )?{_REACH}(?: (?:me|mas|nada|{_THINGS}|a este numero"
        rf"|a este telefono|a mi numero|a mi|por favor|otra vez|nunca))*(?= [.,]| y| ni| o| por| a| mas| de| que"
        rf"|$)",
        rf"(?:no|nunca|ya no|jamas) (?:me|nos) (?:mas )?(?:vuelv\w+ a |sig\w+ )?{_REACH}",
        rf"(?:favor|por favor|favor de|le pido|les pido|pido|pedi|pidio)(?: de| que)? no (?:me |nos "
        rf"|se )?(?:vuelvan? a )?{_REACH}",
        rf"(?:no|nunca|ya no|jamas)(?: me| les| le)? (?:quiero|quisiera|deseo|deseamos|queremos|necesito|acepto"
        rf"|autorizo|consiento|permito|pedi|solicite|solicito|he pedido|pidio|interesa|gustaria|di permiso"
        rf"|doy permiso)(?: (?:para|a|que|de|me|nos|seguir|ser|mas|sus|estos|estas|los|las|tus|esos|ningun|ninguna"
        rf"|mi|ustedes|recibiendo|tener|nada|un|otro|les|nadie|vuelvan|vuelva))*"
        rf" (?:{_THINGS}|recibir|recibirlos|contactad[oa]s?|molestad[oa]s?|llamad[oa]s?|{_REACH}|saber|contacto"
        rf"|permiso|consentimiento|comunicacion)(?: \w+){{0,2}}",
        r"no (?:autorizo|consiento|autorizamos)(?: \w+){0,3}",
        r"(?:no|nunca|sin|jamas)(?: les| le| te| he| tienen| tiene| tienes| doy| di| dio| dado| mi"
        r"| el)* (?:permiso|consentimiento|autorizacion)(?: \w+){0,3}",
        r"(?:no|nunca)(?: me)? (?:suscribi|inscribi|registre|apunte)(?: \w+){0,3}",
    ),
    rule(
        "stop", "R-REV-4", "Asks us to stop",
        rf"(?:dejen|deje|dejes|deja|paren|pare|pares|para|cesen|cese|basta|dejar|parar|terminen|termine|detengan"
        rf"|detenga|parenle|parale|stop|alto)(?: ya| por favor)? (?:de |con )(?:estar |tanto |tanta |me "
        rf"|nos )?(?:{_WHICH} ){{0,2}}(?:{_REACH}|{_THINGS}|\w+(?:arme|erme|irme|arnos)|eso|esto|tonterias)",
        rf"(?:detengan|detenga|detener|paren|pare|parar|suspendan|suspenda|suspender|terminen|termine|terminar"
        rf"|cesen|cese|cancelen|cancele|cancela|cancelar|cancelo|anulen|anule|anula|anular|eliminen|desactiven"
        rf"|desactivar|quiten|stop|alto a|dejen)(?: por favor| ya)?(?: {_WHICH}){{0,4}} (?:{_THINGS}|suscripcion"
        rf"|envios|todo|contacto|comunicacion)",
        rf"(?:no mas|ni un|ni una|nada de|cero|ya no|sin|no)(?: {_WHICH}){{0,2}} (?:mensajes?|textos?|llamadas?"
        rf"|correos?|spam|publicidad|mensajitos|sms)(?: mas)?{_END}",
        rf"(?:ya )?no mas{_END}",
        rf"(?:ya )?(?:basta|suficiente|detenganse|detengase|detente|deten|parenle|parale|callense|callate|paren"
        rf"|ya estuvo|ya estuvo bueno)(?: ya| de \w+| con \w+)?{_END}",
        r"no (?:me|nos) (?:esten?|estes|anden?|andes) \w+ndo",
        r"(?:dejen|deje|deja|dejes|dejeme|dejame|dejenme|paren|pare|parar|parele|cesen|basta"
        r"|ya basta)(?: ya)? de \w+(?:ar|er|ir)(?:me|nos|se|les)?",
        r"(?:que )?(?:me|nos) (?:borren|borre|quiten|quite|saquen|saque|eliminen|elimine|remuevan"
        r"|den de baja)(?! (?:el|la|los|las|un|una) )",
        r"(?:dej(?:a|e|en|ame|eme|enme|anos|enos|ennos))(?: me| nos| a mi)? (?:en paz|tranquil[oa]s?|sol[oa]s?)",
        r"(?:quiero|quisiera|deseo|pido|favor|puede|pueden|les pido)(?: \w+){0,2} (?:que )?(?:paren|pare|dejen"
        r"|se detengan)(?= [.,]| de|$)",
    ),
    rule(
        "stop", "R-REV-4", "Asks to be taken off the list",
        r"(?:quit(?:e|en|a|ar)|sa(?:que|quen|ca|car)|elimin(?:e|en|a|ar)|borr(?:e|en|a|ar)|remuev(?:a|an|e)"
        r"|remover|retir(?:e|en|a|ar)|tach(?:e|en|a)|baj(?:e|en)|olvid(?:e|en|a|ar|ese|ense)|pierd(?:a|an|e)"
        r"|suprim(?:a|an|ir)|tir(?:e|en|a)|dar de baja|den de baja|da de baja|bloque(?:e|en))(?:me"
        r"|nos)?(?: por favor| ya)?(?: (?:de|mi|mis|este|nuestro|el|la|su|sus|tu|tus|esta|todos|los|datos|del"
        r"|ese))+ (?:\w+ )?(?:listas?|numero|telefono|datos|informacion|contacto|contactos|nombre|base|sistema"
        r"|celular|correo|registros?|grupo|directorio)",
        r"(?:(?:quit|sac|borr|elimin|baj|tach|retir)(?:ame|eme|enme|anos|ennos|arme)|saqu(?:eme|enme|ennos)"
        r"|remuev(?:anme|ame|eme)|removerme|quitarme|sacarme|borrarme|eliminarme)(?: (?:de|del|ya|por favor|la|su"
        r"|esta|tu|aqui|esto|eso)(?: \w+)?){0,3}",
        r"(?:ser (?:eliminad[oa]|removid[oa]|borrad[oa]|quitad[oa]|dad[oa] de baja))",
        r"(?:darme|dame|deme|denme|me den|me des|me de|me doy|darnos|denos|dennos|damos|darse|dar)"
        r" (?:\w+ ){0,2}?de baja",
        r"(?:quiero|solicito|pido|quisiera|deseo)(?: la| mi| una| darme de)? baja",
        r"de baja(?= [.,]| por favor| ya|$)",
        r"(?:lista|registro) (?:de )?(?:no llamar|no llame|no contactar|no molestar)",
        r"(?:salir|salirme|salga|sacar|quitar|fuera) (?:de )?(?:la|su|esta|tu|sus|esa) (?:lista|grupo"
        r"|base)(?: \w+){0,2}",
        r"(?:desuscri|desinscri|desusbri|dessuscri|cancelar suscri|desafili|desapunt)\w*",
        r"(?:retir\w+|revo(?:co|car|que)|cancel\w+|quit\w+|anul\w+)(?: \w+)? (?:consentimiento|permiso"
        r"|autorizacion|suscripcion)",
    ),
    rule(
        "stop", "R-REV-4", "Complains or threatens with the law",
        r"(?:acoso|acosando|acosadores|hostigamiento|hostigando|hostigan|acosan|ilegal|ilegales|spam)(?= [.,]|$| y"
        r"| no| de| por| lo| los| voy| esto)",
        r"(?:voy|vamos|estoy|estamos|va)(?: a)? (?:reportar|denunciar|demandar|bloquear|reportando|denunciando"
        r"|bloqueando|demandando|poner una (?:queja|denuncia|demanda))\w*",
        r"(?:los|lo|la|las|te|les|ya los|ya te|ya lo|ya) (?:reporto|denuncio|demando|bloqueo|reporte|denuncie"
        r"|bloquee|demandare|denunciare|reportare|bloqueare|reportamos)(?= [.,]|$| a| por| con| si| como| en)",
        r"(?:report|denunci|demand|bloque)(?:are|aremos|o|amos|ando|aria)(?:los|las|lo|la)?(?= a | este| esta"
        r"| su | el numero| con | por | [.,]|$)",
        r"(?:reportad|denunciad|bloquead)[oa]s?(?= [.,]|$| por| como)",
        r"(?:mi|mis) (?:abogad[oa]s?)(?: \w+){0,3}? (?:demand\w+|contra|comunicar\w*|en contacto|acoso)",
        r"(?:llamo|llamar|llamare|llamando)(?: a)? (?:la )?(?:policia|autoridades)",
        r"(?:vete|vayanse|vayase|veteala|vaya)(?: (?:a|al|ala|la|por|un|de|aqui|todos))* ?(?:mierda|diablo|carajo"
        r"|chingada|verga|tubo|largo|volar)?(?= [.,]|$| y)",
        r"(?:ching(?:a|uen|atu|ate|ense)|jodete|jodanse|larguense|largate|pudranse|pudrete|come mierda"
        r"|coman mierda|me tienen hart[oa]|estoy hart[oa]|no (?:jodan|jodas|joda|chinguen|mames"
        r"|mamen))(?: \w+){0,3}",
    ),
)  # fmt: skip

WRONG_NUMBERS: tuple[Rule, ...] = (
    rule(
        "wrong_number", "R-TCPA-7", "Says it is the wrong number",
        r"(?:numero|telefono|persona|celular|contacto)(?: es| esta| de telefono)? (?:equivocad[oa]|equivocado"
        r"|incorrect[oa]|errone[oa]|errad[oa]|mal)(?: \w+){0,2}",
        r"equivocad[oa] de (?:numero|persona|telefono)|(?:equivocad[oa])(?= [.,]|$)",
        r"(?:se |te |ustedes )?(?:equivoc\w+) (?:de|el) (?:numero|persona|telefono|contacto)",
        r"(?:se equivoco|te equivocaste|se equivocaron|estan? equivocados?)(?= [.,]|$)",
        r"(?:no soy|yo no soy|no es|este no es|ese no es|no es este|no somos)(?: (?:la|el|esa|ese|de|numero"
        r"|telefono))* (?:persona|senor\w*|NAME)(?= [.,]|$| y| ni| que| por)",
        r"no (?:soy|es|somos) (?:la|el|esa|ese) (?:persona|numero|senor|senora|telefono)(?: \w+){0,3}",
        r"(?:aqui|en este numero) no (?:es(?= [.,]|$)|vive|hay|esta|trabaja|existe|conocemos)(?: \w+){0,3}"
        r"|no (?:vive|hay"
        r"|existe) (?:aqui|nadie|ningun\w*)(?: \w+){0,4}",
        r"no (?:conozco|conocemos)(?: a)? (?:nadie|ningun\w*|ese|esa|NAME)(?: \w+){0,2}",
        r"(?:ese|este) no es mi (?:nombre|numero)|no me llamo(?: \w+)?",
        r"(?:ya no es|no es) (?:el|su|este) (?:numero|telefono)(?: \w+){0,2}",
        r"(?:no|ya no) (?:le )?pertenece(?: \w+){0,3}",
    ),
)  # fmt: skip

DOUBTS: tuple[Rule, ...] = (
    rule(
        "unsure", "R-REV-5", "Says no, or not now",
        rf"(?:^|(?<=[.] ))(?:no|no gracias|ahora no|ahorita no|por ahora no|por el momento no|no por ahora"
        rf"|no , gracias|nel|paso|no senor)(?: {_FILLER}){{0,3}}(?= \.|$)",
        r"(?:^|(?<=[.] ))no (?:, )?gracias(?! a)",
        r"(?:ya )?no (?:me|nos) interesa(?! la| el| los| las| esa| ese| otra| verla| verlo)(?: \w+){0,2}",
        r"(?:ya )?no (?:estoy|estamos|tengo|tenemos) (?:interes\w*|buscando|vendiendo|comprando)(?= [.,]|$| ya"
        r"| gracias| por| en (?:vender|comprar|eso))",
        r"ya (?:compre|compramos|encontre|encontramos|vendi|vendimos|tengo|tenemos|rente"
        r"|rentamos)(?: \w+){0,2}(?= [.,]|$)",
        r"ya (?:tengo|tenemos) (?:agente|corredor|seguro|realtor)",
        r"ya no quiero(?: nada| eso)?(?= [.,]|$)|no quiero (?:nada|mas)(?= [.,]|$)",
    ),
    rule(
        "unsure", "R-REV-4", "May want us to stop",
        r"no (?:\w+ ){0,4}?(?:mensajes|textos|llamadas|correos|molest(?:en|e|es|ar|arme)|contact\w+|escrib(?:an|a|as"
        r"|irme))(?<!recibi su mensaje)",
        r"(?:dej\w+|par(?:en|e|ar)|basta|cese\w*|suspend\w+|cancel\w+|quit\w+|elimin\w+"
        r"|borr\w+)(?: \w+){0,4} (?:mensajes|textos|llamadas|correos|lista|numero|suscripcion|datos|contacto)",
        r"(?:este|mi) numero (?:no|ya no)(?: \w+){0,4}",
        r"(?:pinche|pinches|puta|puto|putos|mierda|cabron|cabrones|pendejo|pendejos|idiotas?|hart[oa])",
        r"(?:de donde|como|quien|donde)(?: \w+){0,3} (?:mi|este) (?:numero|telefono|informacion|contacto)",
        r"por ?que (?:me|nos)(?: \w+)? (?:escrib\w+|mand\w+|llam\w+|moles\w+|contact\w+|sig\w+)",
        r"(?:me|nos) (?:siguen|sigue|estan|esta) (?:escribiendo|mandando|llamando|molestando|enviando|textiando"
        r"|texteando)",
        r"(?:estafa|fraude|estafadores)",
        r"(?:fallecio|murio|fallecid[oa]|difunt[oa])",
        r"(?:ya )?(?:les |le |te |les he )?(?:dije|dicho|pedi)(?: \w+){0,3} (?:no|paren|dejen|basta)(?: \w+){0,3}",
        r"(?:no|nunca|ya no)(?: \w+){0,2} (?:texteen|textear|insist\w+|fregar|fregues|frieguen|fastidi\w+|chin\w+)",
        r"(?:no me|no nos) \w+(?:en|es|an|as)(?= [.,]|$| mas| por| ya| nunca)",
        r"(?:sin|fuera|afuera) (?:de )?(?:su|la|esta) lista",
        r"(?:no )?(?:spam|acoso|ilegal|acosando)",
        r"(?:olvidense|olvidese|olvidate) (?:de )?(?:mi|este)(?: \w+)?",
        r"(?:no|nunca)(?: les| le| te)? (?:di|he dado|dimos) (?:mi|este|nuestro)(?: \w+)?",
        r"(?:no|nunca|yo no)(?: les| le| lo)? (?:pedi|solicite|ordene|autorice)(?: \w+){0,2}",
        r"(?:ella|el|ellos)? ?(?:ya no|no) (?:tiene|usa|vive|contesta)(?: \w+)? (?:este|ese|aqui)(?: \w+)?",
        r"no soy (?:quien|a quien|la que|el que)(?: \w+){0,2}|(?:marco|marcaste|marcaron) mal",
        r"(?:me|nos) (?:molesta|molestan|fastidia|harta|cansa|cansan|enoja)(?: \w+){0,3} (?:que|mensajes|textos"
        r"|llamadas|escriban|esto)",
        r"(?:que|son|muy|tan) (?:molestos|molestosos|fastidiosos|pesados|necios)",
        r"(?:ya|por favor) (?:dejen|deje|deja|dejame|parenle|parale|parele|paren|pare|parar|basta|no)(?= [.,]|$)",
        r"(?:parele|parale|parenle|dejenlo|dejelo)",
        r"(?:^|(?<=[.] ))(?:para|fin|quitar|quita|quite|dejen|suspender|anular|salga|borren|termina"
        r"|terminen)(?: ya| por favor)*(?= \.|$)",
        r"(?:cancelenlo|cancelalo|cancelelo|quitenlo|borrenlo)",
        r"(?:quiero|quisiera|deseo|como|necesito) cancelar(?= [.,]|$| por favor| ya| esto)",
    ),
)  # fmt: skip
