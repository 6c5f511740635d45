"""Which language a lead speaks."""

from __future__ import annotations

import pytest

from leadwake.domain.language import declared_language, spoken


@pytest.mark.parametrize(
    ("declared", "language"),
    [("es", "es"), ("Español", "es"), ("Spanish (Mexico)", "es"), ("es-US", "es"), ("en_US", "en"), ("English", "en"),
     ("Haitian Creole", "ht"), ("vi", "vi"), ("", None), ("???", None), ("whatever they speak", None)],
)  # fmt: skip
def test_a_lead_who_says_their_language_is_believed(declared: str, language: str | None) -> None:
    assert spoken(declared, None) == language


def test_what_they_say_outweighs_what_they_wrote() -> None:
    assert spoken("English", "Hola, quiero comprar una casa") == "en"


@pytest.mark.parametrize(
    "message",
    ["Hola, quiero comprar una casa en Miami", "Necesito un seguro para mi carro", "busco casa",
     "¿Cuánto cuesta?  gracias", "Buenas tardes, me interesa la propiedad de 123 Main St",
     "Quisiera más información por favor",
     "QUIERO VENDER MI CASA", "me pueden llamar? hablo español, gracias"],
)  # fmt: skip
def test_obvious_spanish_is_heard(message: str) -> None:
    assert spoken(None, message) == "es"


@pytest.mark.parametrize(
    "message",
    ["I am looking for a house on La Casa de los Santos Dr", "Is the place on El Camino Real still available?",
     "Hi, what do you charge? We live on Via de la Valle",
     "New baby, want 20 year term, 500k. I'm 34 and don't smoke."],
)  # fmt: skip
def test_a_spanish_street_makes_no_spanish_speaker(message: str) -> None:
    assert spoken(None, message) == "en"


@pytest.mark.parametrize("message", ["", "3 bed 2 bath", "Los Robles", "123 El Camino Real", "?", "quote", "ASAP"])
def test_a_doubt_is_left_open(message: str) -> None:
    assert spoken(None, message) is None


def test_the_forms_own_field_is_found() -> None:
    assert declared_language({"Preferred Language": "Spanish"}) == "Spanish"
    assert declared_language({"idioma": " ", "lang": "es", "x": 3}) == "es"
    assert declared_language({"language": ["es"]}) is None
