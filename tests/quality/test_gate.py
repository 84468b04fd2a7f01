"""The gate: what it accepts in every mode, what decides, and how flags and thresholds act."""

import sys

import pytest

from cascadeflow.errors import ConfigError
from cascadeflow.quality import MODES, CheckContext, QualityValidator, judge
from cascadeflow.quality.checks import find_check, registry
from cascadeflow.quality.gate import WEIGHTS, combine, decide, influence, score
from cascadeflow.schema import CheckResult

FRANCE = "What is the capital of France?"
PRIMES = "List three prime numbers greater than 50 as a JSON array."
REVERSE = "Write a Python function that reverses a string."

RIGHT = [
    ("What is 17 * 23?", "391"),
    (FRANCE, "Paris"),
    (FRANCE, "The capital of France is Paris."),
    ("What is the chemical symbol for gold?", "Au"),
    ("Name the author of Faust.", "Goethe"),
    (PRIMES, "[61, 67, 71]"),
    (REVERSE, "def reverse(s):\n    return s[::-1]"),
    ("What are the side effects of aspirin?", "Aspirin may cause stomach upset; in some cases it can cause bleeding."),
    ("Translate 'I am sorry' into French.", "Je suis désolé."),
    ("Describe a null pointer.", "It refers to no object; a program is unable to read through it."),
    ("Why is the sky blue?", "Because air scatters blue light more than red light."),
    ("How many legs does a spider have?", "Eight."),
]
WRONG = [
    ("What is 17 * 23?", "The answer is 381.", "arithmetic"),
    ("What is 17 * 23?", "17 * 23 = 411", "arithmetic"),
    (FRANCE, "la femme, " * 60, "repetition"),
    (FRANCE, "", "empty"),
    (FRANCE, "I'm sorry, but I can't help with that.", "refusal"),
    (PRIMES, '{"name": "warrior"}', "form"),
    (PRIMES, "```python\nprint([61, 67, 71])\n```", "form"),
    (REVERSE, "```python\ndef reverse(s)\n    return s[::-1]\n```", "python_code"),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("prompt", "text"), RIGHT)
def test_short_right_answers_pass_in_every_mode(mode, prompt, text):
    verdict = judge(CheckContext(prompt, text), mode)
    assert verdict.is_valid, verdict.reason


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("prompt", "text", "deciding"), WRONG)
def test_what_is_shown_wrong_fails_in_every_mode(mode, prompt, text, deciding):
    verdict = judge(CheckContext(prompt, text), mode)
    assert not verdict.is_valid
    assert verdict.deciding == deciding
    assert verdict.reason.startswith(f"{deciding}: ")
    assert verdict.score < 0.1


def test_a_wrong_sum_is_told_as_people_would():
    verdict = judge(CheckContext("What is 17 * 23?", "381"))
    assert tuple(verdict) == (False, "arithmetic: 17 * 23 = 391, the answer says 381")


def test_a_cut_answer_fails_whatever_speaks_for_it():
    context = CheckContext("What is 17 * 23?", "391", finish_reason="length", logprobs=(-0.001,))
    assert judge(context).deciding == "truncation"


def test_no_sum_of_gains_makes_up_for_a_decisive_check():
    best = tuple(CheckResult(name=name, score=1.0) for name in WEIGHTS)
    for name in ("empty", "refusal", "truncation", "repetition", "form", "arithmetic", "python_code"):
        results = tuple(CheckResult(name=item.name, score=0.0) if item.name == name else item for item in best)
        assert combine(results) < min(mode.threshold for mode in MODES.values()), name


def test_a_score_says_that_it_is_not_calibrated():
    verdict = judge(CheckContext(FRANCE, "Paris"))
    assert verdict.p_correct == verdict.score
    assert verdict.calibrated is False


def test_the_threshold_alone_separates_accepted_from_rejected():
    context = CheckContext(FRANCE, "Paris")
    reached = judge(context).score
    assert judge(context, threshold=reached).is_valid
    above = judge(context, threshold=min(1.0, reached + 1e-9))
    assert not above.is_valid
    assert above.deciding == "gate"
    assert judge(context, threshold=0.9).reason.startswith("score 0.85 < 0.90")


def test_several_small_doubts_decide_together():
    results = (CheckResult(name="hedging", score=0.3, reason="a"), CheckResult(name="coherence", score=0.3, reason="b"))
    verdict = decide(results, 0.7)
    assert not verdict.is_valid
    assert verdict.deciding == "gate"
    assert "hedging: a" in verdict.reason
    assert "coherence: b" in verdict.reason


def test_influence_is_nothing_without_a_score_and_at_one_half():
    assert influence(CheckResult(name="arithmetic")) == 0
    assert influence(CheckResult(name="arithmetic", score=0.5)) == 0
    assert influence(CheckResult(name="unknown", score=0.0)) == 0


def test_every_mode_names_checks_that_exist_and_have_a_weight():
    for mode in MODES.values():
        assert set(mode.checks) <= registry().keys()
    assert registry().keys() == WEIGHTS.keys()
    assert {name: mode.threshold for name, mode in MODES.items()} == {
        "fast": 0.65, "balanced": 0.70, "strict": 0.80, "cost-optimized": 0.60,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"mode": "careful"}, ["careful", "fast", "balanced", "strict", "cost-optimized"]),
        ({"checks": ("spelling",)}, ["spelling", "arithmetic"]),
        ({"threshold": 1.5}, ["1.5", "0 to 1"]),
        ({"threshold": float("nan")}, ["nan"]),
    ],
)
def test_what_cannot_be_used_is_named_with_what_can(arguments, words):
    with pytest.raises(ConfigError) as caught:
        judge(CheckContext(FRANCE, "Paris"), **arguments)
    assert all(word in str(caught.value) for word in words)


def test_score_judges_text_alone():
    assert score("What is 17 * 23?", "391", "math") > 0.9
    assert score("What is 17 * 23?", "381") < 0.1
    assert 0 <= score("", "") < 0.1


def test_a_coherent_answer_agrees_with_its_own_working():
    check = find_check("coherence")
    prompt = "How many apples are left?"
    assert check(CheckContext(prompt, "3 + 4 = 7, 7 - 2 = 5. The answer is 5.")).passed
    assert not check(CheckContext(prompt, "3 + 4 = 7 and 7 + 2 = 9. The answer is 58.")).passed
    assert not check(CheckContext(prompt, "The answer is 7. Then two go. The answer is 5.")).passed
    assert not check(CheckContext(prompt, "The answer is -3.")).passed
    assert not check(CheckContext(prompt, "The answer is 2.5.")).passed
    assert check(CheckContext("How many hours does it take?", "The answer is 2.5.")).passed
    assert check(CheckContext("Who wrote Faust?", "Goethe, in 1808")).score is None


def test_length_is_a_hint_that_never_decides():
    check = find_check("length")
    short, long = "Because of scattering.", "Air scatters blue light more than red. " * 40
    assert (
        check(CheckContext("Why is the sky blue?", long)).score
        > check(CheckContext("Why is the sky blue?", short)).score
    )
    sums = [check(CheckContext("How many are left?", "7 " * size, "math")).score for size in (20, 200, 2000)]
    assert sums == sorted(sums, reverse=True)
    assert check(CheckContext(FRANCE, "Paris")).score is None
    for value in (0.0, 1.0):
        assert decide((CheckResult(name="length", score=value),), 0.8).is_valid


class TestQualityValidator:
    """Each flag and each mode changes something."""

    DOUBTFUL = CheckContext(
        FRANCE, "I'm not sure, I have no idea, I am just guessing, I might be wrong: Paris. " + "x" * 99
    )

    def test_mode_and_threshold(self):
        doubt = CheckContext(FRANCE, "I'm not sure, but I think it is Paris.")
        assert QualityValidator("balanced").validate(doubt).is_valid
        assert not QualityValidator("strict").validate(doubt).is_valid
        assert not QualityValidator("balanced", 0.99).validate(CheckContext(FRANCE, "Paris")).is_valid
        assert QualityValidator().effective_threshold == 0.70
        assert QualityValidator("strict", 0.3).effective_threshold == 0.3

    def test_hedging(self):
        assert not QualityValidator().validate(self.DOUBTFUL).is_valid
        assert QualityValidator(enable_hedging_check=False).validate(self.DOUBTFUL).is_valid

    def test_coherence(self):
        loop = CheckContext(FRANCE, "la femme. " * 60)
        assert not QualityValidator().validate(loop).is_valid
        assert QualityValidator(enable_coherence_check=False).validate(loop).is_valid

    @pytest.mark.parametrize(
        ("flag", "check", "package", "extra"),
        [
            ("enable_semantic_similarity", "semantic_similarity", "numpy", "semantic"),
            ("enable_toxicity_detection", "toxicity", "profanity_check", "toxicity"),
        ],
    )
    def test_a_check_that_is_not_installed_is_said_and_does_not_count(self, flag, check, package, extra, monkeypatch):
        monkeypatch.setitem(sys.modules, package, None)
        context = CheckContext(FRANCE, "Paris")
        plain = QualityValidator().validate(context)
        asked = QualityValidator(**{flag: True}).validate(context)
        result = {item.name: item for item in asked.checks}[check]
        assert result.score is None
        assert result.passed
        assert result.reason.startswith(f"not installed: pip install 'cascadeflow-console[{extra}]'")
        assert asked.score == plain.score
        assert check not in {item.name for item in plain.checks}

    def test_attributes_may_be_changed_and_are_checked(self):
        validator = QualityValidator()
        validator.mode = "strict"
        assert validator.effective_threshold == 0.80
        for name, value in (("mode", "careful"), ("threshold", 2.0)):
            with pytest.raises(ConfigError, match="careful|less than or equal to 1"):
                setattr(validator, name, value)
        with pytest.raises(ConfigError, match="enable_everything: there is no such field"):
            QualityValidator(enable_everything=True)

    def test_the_verdict_lists_every_check_of_the_mode(self):
        for name, mode in MODES.items():
            verdict = QualityValidator(name).validate(CheckContext(FRANCE, "Paris"))
            assert tuple(item.name for item in verdict.checks) == mode.checks
