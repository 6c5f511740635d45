"""What might be answered to each meaning: two beginnings that a person sends, changes or ignores; English and Spanish.

Liquid, with the variables of snippets. Nothing promises what only the writer can know. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_HI: Final = "{% if lead.first_name %}, {{ lead.first_name }}{% endif %}"

#: meaning → language → what might be answered
ANSWERS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "interested": {
        "en": (
            f"Great{_HI}! What suits you better for a quick call: today or tomorrow?",
            f"Happy to hear that{_HI}! What would you like to know first?",
        ),
        "es": (
            f"¡Qué bien{_HI}! ¿Le queda mejor una llamada corta hoy o mañana?",
            f"¡Me alegro{_HI}! ¿Qué le gustaría saber primero?",
        ),
    },
    "question": {
        "en": (
            f"Good question{_HI}. Let me check, and I will write back shortly.",
            f"That is best explained by phone{_HI}; it takes two minutes. When may I call you?",
        ),
        "es": (
            f"Buena pregunta{_HI}. Déjeme revisarlo y le escribo en un momento.",
            f"Eso se explica mejor por teléfono{_HI}; son dos minutos. ¿Cuándo le puedo llamar?",
        ),
    },
    "wants_call": {
        "en": (
            f"Sure{_HI}, I can call you in ten minutes. Does that suit you?",
            f"Sure{_HI}. When suits you best, and is this the right number?",
        ),
        "es": (
            f"Claro{_HI}, le puedo llamar en diez minutos. ¿Le parece bien?",
            f"Claro{_HI}. ¿A qué hora le queda mejor, y es este el número correcto?",
        ),
    },
    "books": {
        "en": (
            f"That works for me{_HI}. See you then!",
            f"I am taken then{_HI}, sorry. Would an hour later work for you?",
        ),
        "es": (
            f"Me queda bien{_HI}. ¡Nos vemos!",
            f"A esa hora no puedo{_HI}, disculpe. ¿Le serviría una hora después?",
        ),
    },
    "not_now": {
        "en": (
            f"Of course{_HI}. I will get back to you then. If anything changes, just write.",
            f"No rush at all{_HI}. When would be a better time to ask again?",
        ),
        "es": (
            f"Por supuesto{_HI}. Le escribo entonces. Si algo cambia, aquí estoy.",
            f"Sin prisa{_HI}. ¿Cuándo sería un mejor momento?",
        ),
    },
    "not_interested": {
        "en": (
            f"Thank you for telling me{_HI}. All the best!",
            f"Understood{_HI}. May I ask what made the difference?",
        ),
        "es": (
            f"Gracias por avisarme{_HI}. ¡Que le vaya muy bien!",
            f"Entendido{_HI}. ¿Me permite preguntar qué le hizo decidirse?",
        ),
    },
    "wrong_person": {
        "en": ("Sorry about that! You will not hear from us again.", "My apologies! Thank you for telling me."),
        "es": ("¡Disculpe! No le volveremos a escribir.", "¡Una disculpa! Gracias por avisarme."),
    },
    "complaint": {
        "en": (
            f"I am sorry about that{_HI}. I will look into it right away and call you today.",
            f"I understand that you are upset{_HI}. What would put it right for you?",
        ),
        "es": (
            f"Lamento mucho lo ocurrido{_HI}. Lo reviso ahora mismo y le llamo hoy.",
            f"Entiendo su molestia{_HI}. ¿Qué podríamos hacer para resolverlo?",
        ),
    },
}
