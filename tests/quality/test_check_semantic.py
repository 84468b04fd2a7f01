"""`semantic_similarity`: answers about their question pass, answers about something else fail, by the real encoder."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest
from semantic_answers import ABOUT_IT, ABOUT_SOMETHING_ELSE, NOT_SEEN, UNJUDGED

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.embedding import NotInstalled, load_encoder, missing
from cascadeflow.quality import MODES, CheckContext, QualityValidator
from cascadeflow.quality.gate import decide, influence
from cascadeflow.quality.semantic_similarity import COSINE, SEGMENTS, check_semantic_similarity
from cascadeflow.schema import CheckResult, Verdict
from cascadeflow.testing import ScriptedClient

SKY = "Why is the sky blue?"
AIR = "Air scatters short wavelengths of sunlight far more strongly than long ones, so the sky looks blue to us."
PASSWORD = "To reset your password, open the account settings, choose Security and follow the link in the email."
MODELS = [ModelConfig("small", "openai", cost=0.001), ModelConfig("big", "openai", cost=0.01, quality_score=0.9)]


def found(verdict: Verdict) -> CheckResult:
    """What the check said."""
    return next(check for check in verdict.checks if check.name == "semantic_similarity")


@pytest.mark.models
@pytest.mark.usefixtures("sentence_encoder")
class TestInstalled:
    """With packages and weights."""

    def test_the_cosines_are_those_that_the_publisher_shows(self):
        encoder = load_encoder()
        texts = (
            "That is a happy person", "That is a happy dog", "That is a very happy person", "Today is a sunny day",
        )  # fmt: skip
        first, *others = (encoder.encode(encoder.segments(text)[0]) for text in texts)
        assert [round(float(first @ other), 3) for other in others] == [0.695, 0.943, 0.257]
        assert float(first @ first) == pytest.approx(1)

    @pytest.mark.parametrize(("question", "answer"), ABOUT_IT)
    def test_an_answer_about_the_question_costs_nothing(self, question, answer):
        result = check_semantic_similarity(CheckContext(question, answer))
        assert result.passed, result.reason
        assert influence(result) == 0

    @pytest.mark.parametrize(("question", "answer"), ABOUT_SOMETHING_ELSE)
    def test_an_answer_about_something_else_is_rejected_in_every_mode(self, question, answer):
        result = check_semantic_similarity(CheckContext(question, answer))
        assert result.threshold == 2 * COSINE
        for mode in MODES.values():
            verdict = decide((result,), mode.threshold)
            assert not verdict.is_valid
            assert verdict.reason.startswith("semantic_similarity: the answer is not about the question (cosine ")

    @pytest.mark.parametrize(("question", "answer", "reason"), UNJUDGED)
    def test_where_nearness_says_nothing_the_check_is_silent(self, question, answer, reason):
        result = check_semantic_similarity(CheckContext(question, answer))
        assert result.score is None
        assert result.passed
        assert reason in result.reason

    @pytest.mark.parametrize(("question", "answer"), NOT_SEEN)
    def test_another_question_about_the_same_thing_is_not_told_apart(self, question, answer):
        """The documentation says so; who mends it finds this here."""
        assert check_semantic_similarity(CheckContext(question, answer)).passed

    def test_an_answer_may_be_about_what_was_said_before(self):
        question, answer = "And what about the first two paragraphs?", f"{AIR} Both say that, in other words."
        said = [{"role": "user", "content": SKY}, {"role": "assistant", "content": AIR}]
        last = {"role": "user", "content": question}
        assert not check_semantic_similarity(CheckContext(question, answer)).passed
        assert check_semantic_similarity(CheckContext(question, answer, messages=(*said, last))).passed
        assert not check_semantic_similarity(CheckContext(question, PASSWORD, messages=(*said, last))).passed

    def test_a_long_preamble_does_no_harm_and_work_has_an_end(self, monkeypatch):
        encoder = load_encoder()
        read: list[int] = []
        encode = encoder.encode
        monkeypatch.setattr(encoder, "encode", lambda segment: read.append(len(segment)) or encode(segment))
        preamble = "Certainly! Here comes the answer that you asked for. " * 30
        assert check_semantic_similarity(CheckContext(SKY, preamble + AIR * 20)).passed
        assert not check_semantic_similarity(CheckContext(SKY, PASSWORD * 200)).passed
        assert max(read) == 254
        assert len(read[-(1 + SEGMENTS) :]) == 1 + SEGMENTS == len(read) - 3

    def test_a_topic_at_either_end_of_a_long_question_counts(self):
        filler = "This is the background that I was asked to paste in here before I come to the point. " * 40
        for question in (SKY + filler, filler + SKY):
            assert check_semantic_similarity(CheckContext(question, AIR)).passed

    async def test_a_run_rejects_the_draft_and_its_loop_never_computes(self, monkeypatch):
        threads: list[threading.Thread] = []
        encoder = load_encoder()
        encode = encoder.encode
        monkeypatch.setattr(
            encoder, "encode", lambda segment: threads.append(threading.current_thread()) or encode(segment)
        )
        client = ScriptedClient({"small": [PASSWORD], "big": [AIR]})
        validator = QualityValidator(enable_semantic_similarity=True)
        agent = CascadeAgent(MODELS, client=client, quality_validator=validator)
        result = await agent.run(SKY)
        await agent.aclose()
        assert result.text == AIR
        assert found(result.trace[0].verdict).passed is False
        assert threads
        assert threading.main_thread() not in threads

    async def test_runs_at_the_same_time_load_it_once(self, monkeypatch):
        from cascadeflow.embedding import encoder as module

        loads: list[object] = []
        build = module.Encoder
        module._load.cache_clear()
        monkeypatch.setattr(module, "Encoder", lambda weights: loads.append(weights) or build(weights))
        encoders = await asyncio.gather(*(asyncio.to_thread(load_encoder) for _ in range(4)))
        assert len(loads) == len(set(map(id, encoders))) == 1


class TestAbsent:
    """Without packages, without weights, without both."""

    def test_without_weights_the_command_that_fetches_them_is_named(self):
        check = found(QualityValidator(enable_semantic_similarity=True).validate(CheckContext(SKY, PASSWORD)))
        assert (check.score, check.passed) == (None, True)
        assert check.reason == "not installed: cascadeflow models pull all-minilm-l6-v2"

    @pytest.mark.parametrize("package", ["numpy", "safetensors", "threadpoolctl", "tokenizers"])
    def test_without_a_package_the_extra_is_named_first(self, package, monkeypatch):
        monkeypatch.setitem(sys.modules, package, None)
        assert missing() == "pip install 'cascadeflow-console[semantic]' && cascadeflow models pull all-minilm-l6-v2"
        with pytest.raises(NotInstalled, match="pip install"):
            load_encoder()

    @pytest.mark.models
    @pytest.mark.usefixtures("sentence_encoder")
    def test_with_weights_only_the_extra_is_named(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "numpy", None)
        check = found(QualityValidator(enable_semantic_similarity=True).validate(CheckContext(SKY, PASSWORD)))
        assert check.reason == "not installed: pip install 'cascadeflow-console[semantic]'"

    def test_what_is_missing_is_told_without_importing_numpy(self):
        code = (
            "import sys; from cascadeflow.quality import CheckContext, QualityValidator\n"
            "verdict = QualityValidator(enable_semantic_similarity=True).validate(CheckContext('a', 'b'))\n"
            "assert verdict.checks[-1].reason.startswith('not installed: '), verdict\n"
            "assert not {'numpy', 'safetensors', 'tokenizers', 'httpx'} & set(sys.modules)"
        )
        subprocess.run([sys.executable, "-c", code], check=True)
