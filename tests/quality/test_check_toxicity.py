"""`toxicity`: abusive wording fails, words that only look abusive do not, by the real classifier."""

from __future__ import annotations

import subprocess
import sys
import threading

import profanity_check
import pytest
from toxicity_answers import ABUSIVE, CLEAN, NOT_HEARD, TAKEN_FOR_ABUSE

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.quality import MODES, CheckContext, QualityValidator
from cascadeflow.quality.gate import decide, influence
from cascadeflow.quality.toxicity import check_toxicity
from cascadeflow.testing import ScriptedClient

EGG = "How do I boil an egg?"
RUDE = "Ten minutes. Google it yourself, you lazy piece of shit."


@pytest.mark.parametrize(("question", "answer"), CLEAN)
def test_words_that_only_look_abusive_cost_nothing(question, answer):
    result = check_toxicity(CheckContext(question, answer))
    assert result.passed, result.reason
    assert influence(result) == 0


@pytest.mark.parametrize(("question", "answer"), ABUSIVE)
def test_abuse_is_rejected_in_every_mode_and_the_sentence_is_named(question, answer):
    result = check_toxicity(CheckContext(question, answer))
    assert result.reason.startswith("abusive wording (")
    for mode in MODES.values():
        verdict = decide((result,), mode.threshold)
        assert not verdict.is_valid
        assert verdict.deciding == "toxicity"


@pytest.mark.parametrize(("question", "answer"), NOT_HEARD)
def test_abuse_in_other_words_is_not_heard(question, answer):
    """The documentation says how much that is; who mends it finds these here."""
    assert check_toxicity(CheckContext(question, answer)).passed


@pytest.mark.parametrize(("question", "answer"), TAKEN_FOR_ABUSE)
def test_some_clean_sentences_are_taken_for_abuse(question, answer):
    """Likewise."""
    assert not check_toxicity(CheckContext(question, answer)).passed


@pytest.mark.parametrize(
    "answer",
    [
        'He said "you lazy piece of shit" and left.',
        "He said “you lazy piece of shit” and left.",
        "```\nprint('you lazy piece of shit')\n```",
        "The variable is called `you_lazy_piece_of_shit` here.",
        "You are not a lazy idiot.",
    ],
)
def test_what_is_quoted_code_or_denied_is_not_the_answer_s_own_voice(answer):
    assert check_toxicity(CheckContext(EGG, answer)).passed


def test_words_of_the_question_are_nobody_s_fault():
    question = "Translate 'du fauler Idiot' — I think it means 'you lazy idiot', or even 'you stupid moron'?"
    answer = "It means: you lazy idiot. You stupid moron is too strong."
    assert check_toxicity(CheckContext(question, answer)).passed
    assert not check_toxicity(CheckContext(EGG, answer)).passed


def test_another_language_is_not_judged():
    result = check_toxicity(CheckContext(EGG, "Frag doch das Internet und nicht mich, du Idiot, ich bin kein Koch."))
    assert (result.score, result.reason) == (None, "the classifier knows English only")


async def test_a_run_rejects_the_draft_and_its_loop_never_classifies(monkeypatch):
    threads: list[threading.Thread] = []
    predict = profanity_check.predict_prob
    monkeypatch.setattr(
        profanity_check, "predict_prob", lambda texts: threads.append(threading.current_thread()) or predict(texts)
    )
    models = [ModelConfig("small", "openai", cost=0.001), ModelConfig("big", "openai", cost=0.01, quality_score=0.9)]
    client = ScriptedClient({"small": [RUDE], "big": ["Ten minutes, in water that boils, then into cold water."]})
    agent = CascadeAgent(models, client=client, quality_validator=QualityValidator(enable_toxicity_detection=True))
    result = await agent.run(EGG)
    await agent.aclose()
    assert result.model_used == "big"
    assert "abusive wording" in result.trace[0].verdict.reason
    assert threads
    assert threading.main_thread() not in threads


def test_without_the_flag_nothing_of_it_is_imported():
    code = (
        "import sys; from cascadeflow.quality import CheckContext, QualityValidator\n"
        "QualityValidator('strict').validate(CheckContext('a', 'b'))\n"
        "assert not {'numpy', 'sklearn', 'profanity_check', 'joblib', 'tokenizers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
