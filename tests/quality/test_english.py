"""Telling English from other languages, by which some checks know when to be silent."""

from __future__ import annotations

import pytest

from cascadeflow.quality.english import is_english


@pytest.mark.parametrize(
    "text",
    [
        "", "391", "x = e + o * w - z", "Paris", "Rio de Janeiro", "See www.example.com",
        "He said “je ne sais pas” and left for the station.", "Los Angeles and Las Vegas are in the west.",
        "- **Adults:** take one tablet a day\n- Children: ask a doctor",
    ],
)  # fmt: skip
def test_english_and_what_has_no_language(text):
    assert is_english(text)


@pytest.mark.parametrize(
    "text",
    [
        "Wie lange muss ein Ei kochen und was ist dabei wichtig?",
        "La tour Eiffel est une tour de fer qui se trouve dans la ville de Paris.",
        "El agua hierve a los cien grados y se convierte en vapor para las máquinas.",
        "Il gatto non è sul tavolo perché la porta della cucina è chiusa.",
        "O gato não está em casa, mas uma vizinha da rua viu ele ao meio-dia.",
        "Het water kookt en dat is niet wat ik voor de thee wilde.",
        "日本の首都は東京です。",
        "Столица Франции — Париж.",
        "عاصمة فرنسا هي باريس",
    ],
)
def test_other_languages(text):
    assert not is_english(text)
