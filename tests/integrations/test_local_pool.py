"""Which models are in memory, and who may answer, with a runtime that only pretends to compute."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from cascadeflow.errors import BadRequestError, MissingExtraError, ModelNotFoundError
from cascadeflow.integrations import cores, local_pool
from cascadeflow.integrations.local_pool import ModelPool, StoppedError


@pytest.fixture
def loads(monkeypatch):
    """What was loaded, in order: file name and context."""
    done = []

    def load(path, context, threads):
        done.append((path.name, context))
        return object()

    monkeypatch.setattr(local_pool, "_load", load)
    monkeypatch.setattr(local_pool, "usable_cores", lambda: 8)
    return done


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / f"{name}.gguf" for name in "abcd"]
    for path in paths:
        path.write_bytes(b"GGUF" * 25)
    return paths


def ask(pool, path, context=4096):
    with pool.use(path, context, threading.Event()) as server:
        return server


def held(pool, path):
    """A model that is answering until the returned function is called."""
    begun, over = threading.Event(), threading.Event()

    def answer():
        with pool.use(path, 4096, threading.Event()):
            begun.set()
            over.wait(10)

    thread = threading.Thread(target=answer)
    thread.start()
    assert begun.wait(10)

    def end():
        over.set()
        thread.join()

    return end


def test_a_model_stays_in_memory(loads, files):
    pool = ModelPool(3, None, 1)
    assert ask(pool, files[0]) is ask(pool, files[0])
    assert loads == [("a.gguf", 4096)]


def test_the_longest_unused_model_makes_room(loads, files):
    pool = ModelPool(2, None, 1)
    a, b, c, _ = files
    for path in (a, b, a, c):
        ask(pool, path)
    assert pool.loaded == (a, c)


def test_bytes_are_limited_too(loads, files):
    pool = ModelPool(9, 200, 1)
    for path in files:
        ask(pool, path)
    assert pool.loaded == (files[2], files[3])
    with pytest.raises(
        BadRequestError, match=r"a.gguf has 100 bytes, .* may have 99 in memory \(max_bytms\)".replace("bytms", "bytes")
    ):
        ask(ModelPool(9, 99, 1), files[0])


def test_a_model_that_is_answering_is_never_dropped(loads, files):
    pool = ModelPool(1, None, 1)
    end = held(pool, files[0])
    with ThreadPoolExecutor() as threads:
        other = threads.submit(ask, pool, files[1])
        with pytest.raises(TimeoutError):
            other.result(0.1)
        assert pool.loaded == (files[0],)
        end()
        other.result(10)
    assert pool.loaded == (files[1],)


def test_one_answer_at_a_time_from_each_model(loads, files):
    pool = ModelPool(3, None, 1)
    end = held(pool, files[0])
    with ThreadPoolExecutor() as threads:
        same = threads.submit(ask, pool, files[0])
        threads.submit(ask, pool, files[1]).result(10)
        assert not same.done()
        end()
        same.result(10)


def test_no_more_answers_at_once_than_cores_for_their_threads(loads, files):
    pool = ModelPool(3, None, None)
    assert pool.threads == 7
    end = held(pool, files[0])
    with ThreadPoolExecutor() as threads:
        other = threads.submit(ask, pool, files[1])
        with pytest.raises(TimeoutError):
            other.result(0.1)
        end()
        other.result(10)


def test_a_longer_context_loads_the_model_again(loads, files):
    pool = ModelPool(1, None, 1)
    ask(pool, files[0], 4096)
    ask(pool, files[0], 8192)
    ask(pool, files[0], 4096)
    assert loads == [("a.gguf", 4096), ("a.gguf", 8192)]


def test_who_waits_can_give_up(loads, files):
    pool = ModelPool(3, None, 1)
    end = held(pool, files[0])
    stop = threading.Event()

    def wait():
        with pool.use(files[0], 4096, stop):
            pytest.fail("it was not its turn")

    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(wait)
        stop.set()
        pool.wake()
        with pytest.raises(StoppedError):
            waiting.result(10)
    end()
    ask(pool, files[0])


def test_closing_stops_those_who_answer_and_those_who_wait(loads, files):
    pool = ModelPool(3, None, 1)
    stop, begun = threading.Event(), threading.Event()

    def answer():
        with pool.use(files[0], 4096, stop):
            begun.set()
            assert stop.wait(10)

    with ThreadPoolExecutor() as threads:
        answering = threads.submit(answer)
        assert begun.wait(10)
        waiting = threads.submit(ask, pool, files[0])
        pool.close()
        answering.result(10)
        with pytest.raises(StoppedError):
            waiting.result(10)
    assert pool.loaded == ()


def test_a_model_that_cannot_be_loaded_does_not_stand_in_the_way(loads, files, monkeypatch):
    def fail(path, context, threads):
        raise ModelNotFoundError("damaged")

    pool = ModelPool(1, None, 1)
    with monkeypatch.context() as patch:
        patch.setattr(local_pool, "_load", fail)
        for _ in range(2):
            with pytest.raises(ModelNotFoundError):
                ask(pool, files[0])
    ask(pool, files[1])
    assert pool.loaded == (files[1],)


def test_the_runtime_is_an_extra(files, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "xllamacpp", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'cascadeflow-console\[local\]'"):
        ask(ModelPool(1, None, 1), files[0])


def test_other_files_are_told_from_models(tmp_path):
    other = tmp_path / "notes.txt"
    other.write_text("hello")
    with pytest.raises(ModelNotFoundError, match=r"notes.txt is not a GGUF file"):
        ask(ModelPool(1, None, 1), other)


@pytest.mark.parametrize(("quota", "cores_allowed"), [("200000 100000", 2), ("50000 100000", 1), ("max 100000", 4)])
def test_a_containers_quota_counts(monkeypatch, tmp_path, quota, cores_allowed):
    monkeypatch.setattr(cores.sys, "platform", "linux")
    monkeypatch.setattr(cores.os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    for cpu in range(8):
        folder = tmp_path / f"cpu{cpu}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{cpu % 4},{cpu % 4 + 4}\n")
    (tmp_path / "cpu.max").write_text(quota)
    monkeypatch.setattr(cores, "_CPUS", tmp_path)
    monkeypatch.setattr(cores, "_QUOTA", tmp_path / "cpu.max")
    assert cores.usable_cores() == cores_allowed
