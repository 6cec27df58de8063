"""Headlines of an operation: declared with it, changed, removed, and refused where they join what does not belong together."""

from __future__ import annotations

from collections.abc import Callable

from coordinator.operations import templates
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller, operation_document

TRUE = {"code": "victims", "text": "{victims_rescued} victims, of whom {victims_rescued.minor} minors"}
FALSE = {"code": "victims", "text": "{arrests} arrests, of whom {victims_rescued.minor} minors"}


def test_headlines_are_declared_changed_and_removed(desk: Caller, operation: Catalogue) -> None:
    path = f"/operations/{operation.code}"
    assert desk.get(path).json["headlines"] == []
    assert desk.patch(path, {"headlines": [TRUE]}).json["headlines"] == [TRUE]
    other = {"code": "victims", "text": "{difference} more arrests than victims"}
    assert desk.patch(path, {"headlines": [other]}).json["headlines"] == [other]
    assert desk.patch(path, {"remove": {"headlines": ["victims"]}}).json["headlines"] == []


def test_a_headline_that_is_not_true_is_refused_beside_its_text_and_nothing_is_stored(desk: Caller, operation: Catalogue) -> None:
    path = f"/operations/{operation.code}"
    assert desk.patch(path, {"headlines": [TRUE]}).status_code == 200
    answer = desk.patch(path, {"headlines": [FALSE]})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["/headlines/0/text"])
    assert "victims_rescued.minor is said to be part of arrests" in answer.json["errors"]["/headlines/0/text"][0]
    assert desk.patch(path, {"headlines": [TRUE, TRUE]}).status_code == 422
    assert desk.get(path).json["headlines"] == [TRUE]


def test_a_measure_that_a_headline_speaks_of_is_not_removed_alone(create_token: Callable[..., Caller]) -> None:
    admin = create_token()
    document = operation_document(headlines=[TRUE], rules=[], derived=[])
    assert admin.post("/operations", document).json["headlines"] == [TRUE]
    path = f"/operations/{document['code']}"
    answer = admin.patch(path, {"remove": {"measures": ["victims_rescued"]}})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["/remove/measures"])
    both = {"measures": ["victims_rescued"], "headlines": ["victims"]}
    assert admin.patch(path, {"remove": both}).status_code == 200


def test_the_templates_declare_headlines_that_are_taken(create_token: Callable[..., Caller]) -> None:
    admin = create_token()
    for name in templates.names():
        document = templates.operation_document(templates.facts(name), operation_document()["code"])
        made = admin.post("/operations", document)
        assert made.status_code == 201, made.json
        assert made.json["headlines"] == document.get("headlines", [])
