"""Calls that arrive together."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from coordinator.together import Together
from tests.hubs import eventually


def ask_all(together: Together, questions: Sequence[int]) -> dict[int, object]:
    """Asks from a thread each, and returns what each was answered or raised."""
    answers: dict[int, object] = {}

    def ask(question: int) -> None:
        try:
            answers[question] = together.ask(question)
        except Exception as problem:
            answers[question] = problem

    threads = [threading.Thread(target=ask, args=(question,)) for question in questions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    return answers


def test_each_caller_gets_its_own_answer_and_those_who_wait_go_as_one_lot() -> None:
    lots: list[list[int]] = []
    first_is_in, go_on = threading.Event(), threading.Event()

    def act(asked: Sequence[int]) -> list[int]:
        lots.append(list(asked))
        if len(lots) == 1:
            first_is_in.set()
            assert go_on.wait(10)
        return [one * 10 for one in asked]

    together: Together[int, int] = Together("test", act)
    alone = threading.Thread(target=together.ask, args=(0,))
    alone.start()
    assert first_is_in.wait(10)
    answers: dict[int, object] = {}
    rest = threading.Thread(target=lambda: answers.update(ask_all(together, range(1, 21))))
    rest.start()
    eventually(lambda: len(together._waiting) == 20)
    go_on.set()
    rest.join(10)
    alone.join(10)
    assert [len(lot) for lot in lots] == [1, 20]
    assert answers == {one: one * 10 for one in range(1, 21)}


def test_an_exception_among_the_answers_is_raised_for_that_caller_alone() -> None:
    together: Together[int, int] = Together("test", lambda asked: [ValueError(one) if one == 2 else one for one in asked])
    answers = ask_all(together, [1, 2, 3])
    assert (answers[1], answers[3]) == (1, 3)
    assert isinstance(answers[2], ValueError)


def test_what_the_lot_itself_raises_every_caller_gets_and_the_next_lot_is_answered() -> None:
    broken = [True]

    def act(asked: Sequence[int]) -> list[int]:
        if broken.pop() if broken else False:
            raise OSError("the database is away")
        return list(asked)

    together: Together[int, int] = Together("test", act)
    with pytest.raises(OSError, match="away"):
        together.ask(1)
    assert together.ask(2) == 2
