"""What a pack is made of: counting rules as they are at a moment, what changed between two versions, and the short check. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from coordinator.operations.catalogue import Catalogue
from coordinator.operations.documents import whole

Rules = Mapping[str, Any]
"""Counting rules: ``measures`` with what each means, ``rules`` between them, and what is ``derived``."""

PARTS = ("measures", "rules", "derived")


def counting_rules(catalogue: Catalogue) -> dict[str, Any]:
    """The counting rules of an operation as it is defined now."""
    document = whole(catalogue)
    return {name: document[name] for name in PARTS}


def measures_changed(before: Rules, after: Rules) -> set[str]:
    """The codes of the measures that do not mean the same in both, or are in one alone."""
    old, new = _measures(before), _measures(after)
    return {code for code in old.keys() | new.keys() if old.get(code) != new.get(code)}


def changed(before: Rules | None, after: Rules) -> list[str]:
    """What changed, in words: the labels of measures, and the rules between them; nothing where there was no version before."""
    if before is None:
        return []
    old, new = _measures(before), _measures(after)
    codes = measures_changed(before, after)
    labels = [one["label"] for code, one in (old | new).items() if code in codes]
    between = any(before[name] != after[name] for name in PARTS[1:])
    return labels + (["Rules between measures"] if between else [])


def wrong(questions: Sequence[Mapping[str, Any]], answers: Sequence[int], rules: Rules) -> dict[str, list[str]]:
    """What is wrong about the answers to a check, as JSON pointers with the rule to read again; as many answers as questions."""
    pairs = enumerate(zip(questions, answers, strict=True))
    return {f"/answers/{at}": [_again(one, rules)] for at, (one, answer) in pairs if answer != one["right"]}


def texts(content: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Every text that people wrote in a pack, with its JSON pointer."""
    for at, page in enumerate(content["pages"]):
        yield from ((f"/pages/{at}/{name}", page[name]) for name in ("title", "markdown"))
    for at, one in enumerate(content["questions"]):
        yield f"/questions/{at}/question", one["question"]
        yield from ((f"/questions/{at}/choices/{number}", choice) for number, choice in enumerate(one["choices"]))


def _measures(rules: Rules) -> dict[str, Mapping[str, Any]]:
    return {one["code"]: one for one in rules["measures"]}


def _again(question: Mapping[str, Any], rules: Rules) -> str:
    measure = _measures(rules).get(question.get("measure") or "")
    if measure is None:
        return "That is not so. Read the pages again, then try once more."
    meaning = f": {measure['definition']}" if measure["definition"] else ""
    return f"That is not so. Read again what is counted as “{measure['label']}”{meaning}"
