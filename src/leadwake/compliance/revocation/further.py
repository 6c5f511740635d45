"""Other languages people answer in: their bare words, and what is nearest to "do not write to me any more"."""

from __future__ import annotations

from leadwake.compliance.revocation.rule import Rule, listed, rule

#: whole messages; as `words` writes them, without accents (Korean letters fall apart into their parts alike)
STOP_WORDS = listed(
    """
    arret arreter arretez arrete stopper desabonner desabonnement desinscrire desinscription
    stopp abmelden abbestellen aufhoren austragen abmeldung
    cancelar cancelen desuscribir desuscribirme desuscribirse salir terminar eliminar borrar detenganse
    ferma fermati fermate smettila smettetela basta disiscrivi disiscrivimi cancellami cancellatemi
    sair remover descadastrar chega parem
    stoppen afmelden uitschrijven
    wypisz zatrzymaj stopp slutt avsluta avmeld dur durdur
    стоп хватит отписаться отпишите отмена прекратите зупинити досить
    停止 停 退订 退訂 取消 取消订阅 取消訂閱 拒收 解除 配信停止 やめて
    중지 그만 수신거부 취소
    توقف قف الغاء إلغاء
    रोकें बंद
    ngung tigil itigil
    """
)

STOPS: tuple[Rule, ...] = (
    rule(
        "stop", "R-REV-4", "Asks us to stop, in another language",
        # French
        r"(?:ne|n)(?: \w+){0,2} ?(?:m ?)?(?:ecrivez|ecris|contactez|contacte|appelez|appelle|envoyez|envoie"
        r"|derangez|mecrivez|mappelez|menvoyez|mecris)(?: \w+){0,2} (?:plus|pas|jamais)",
        r"(?:arretez|arrete|cessez|stop)(?: de| d)? (?:me|m|nous|menvoyer|mecrire|mappeler|denvoyer)(?: \w+){0,3}",
        r"(?:laissez|laisse)(?: moi| nous)? (?:tranquilles?|en paix)|(?:mauvais|faux) numero|plus de (?:messages"
        r"|sms|textos)",
        r"(?:retirez|supprimez|enlevez|desabonnez|desinscrivez)(?: \w+){0,4}",
        # Portuguese
        r"(?:pare|parem|para|pode parar|podem parar) de (?:me )?(?:mandar|enviar|ligar|escrever|incomodar|chamar"
        r"|perturbar)(?: \w+){0,2}",
        r"nao (?:me |nos )?(?:mande|mandem|envie|enviem|ligue|liguem|escreva|escrevam|contate|incomode|perturbe"
        r"|quero (?:mais|receber))(?: \w+){0,3}",
        r"(?:me )?(?:tire|tira|remova|retire|exclua|apague|tirem)(?: me)?(?: o| a)? (?:meu|minha|da|do|desta|dessa"
        r"|sua)(?: \w+){0,2}|(?:me )?deixe?m? em paz|numero errado|me descadastre",
        # German, Italian, Dutch
        r"(?:keine|nicht)(?: \w+)? (?:nachrichten|sms|mails|anrufe)(?: mehr)?|(?:horen|hor)(?: sie)? auf"
        r"|lassen? (?:sie )?mich in ruhe|falsche nummer|schreib\w* (?:sie )?mir nicht(?: mehr)?",
        r"non (?:mi )?(?:scriv\w+|mandat\w+|mandar\w+|contatt\w+|chiamat\w+|inviat\w+)(?: \w+){0,2}|(?:smett\w+"
        r"|basta) (?:di|con|messaggi)(?: \w+){0,2}|numero sbagliato|lasci\w+ in pace",
        r"(?:geen|niet meer)(?: \w+)? (?:berichten|sms|bellen|appen|sturen)(?: meer)?|laat me met rust"
        r"|verkeerd nummer",
        # Russian, Chinese
        r"(?:не|больше не)(?: \w+)? (?:пишите|пиши|звоните|звони|присылаите|беспокоите)(?: \w+){0,2}"
        r"|\w*(?:отпишите|удалите)(?: \w+){0,3}|неправильныи номер|вы ошиблись(?: номером)?",
        r"\w*(?:别再|不要再|請勿|请勿|别给我|不要给我|不要發|不要发|退订|退訂|取消订阅|停止发|停止發|打错了|打錯了)\w*",
    ),
)  # fmt: skip
