"""Whatever people type is shown as they typed it, and is never more than text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.browser.conftest import Screen
from tests.conftest import report_body
from tests.hubs import LiveOperation, RealHub

PAYLOADS = (
    "<script>window.pwned = 1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1>",
    '"><script>window.pwned=1</script>',
    "'><img src=x onerror=window.pwned=1>",
    "</script><script>window.pwned=1</script>",
    "</title><script>window.pwned=1</script>",
    "<!--<script>window.pwned=1</script>",
    "javascript:window.pwned=1",
    "${window.pwned=1}",
    "{{window.pwned=1}}",
    "{% raw %}{{ 7*7 }}{% endraw %}",
    "<b>bold</b>",
    "&lt;b&gt;&amp;#60;",
    "<a href=javascript:window.pwned=1>x</a>",
    "<iframe srcdoc='<script>top.pwned=1</script>'></iframe>",
    "<style>*{display:none}</style>",
    "<dialog open>hello</dialog>",
    "<base href=//elsewhere.example>",
    '{"__html": "<i>x</i>", "constructor": null}',
)
"""Texts that would be more than text on a page that is careless."""

TAGS = "script, img, svg, iframe, style, dialog, base, b b, main i b, a[href^=javascript]"


def attacked(hub: RealHub) -> LiveOperation:
    """An operation in which every text is one of the payloads, each in every place once."""
    count = len(PAYLOADS)
    measures = [
        {
            "code": f"m{n}",
            "label": PAYLOADS[n],
            "unit": PAYLOADS[(n + 1) % count][:20],
            "definition": PAYLOADS[n],
            "categories": [PAYLOADS[n]],
        }
        for n in range(count)
    ]
    units: list[dict[str, Any]] = [{"code": f"U{n}", "name": PAYLOADS[n], "kind": "jurisdiction"} for n in range(count)]
    units[0]["conducted_separately"] = {
        "starts_at": "2021-08-01T00:00:00Z",
        "ends_at": "2021-08-02T00:00:00Z",
        "footnote": PAYLOADS[0],
    }
    rules = [{"code": f"r{n}", "expression": "m0 + m1 <= m2", "message": PAYLOADS[n]} for n in range(count)]
    derived = [{"code": f"d{n}", "label": PAYLOADS[n], "expression": "m0 - m1"} for n in range(count)]
    operation = hub.create_operation(name=PAYLOADS[6] + PAYLOADS[0], measures=measures, units=units, rules=rules, derived=derived)
    for n, payload in enumerate(PAYLOADS):
        _report(operation, n, payload)
    return operation


def _report(operation: LiveOperation, n: int, payload: str) -> None:
    named = operation.hub.admin.post(
        "/tokens", {"name": payload, "role": "desk", "operation": operation.code, "units": [], "expires_at": None}
    )
    assert named.status == 201, named.body
    caller = type(operation.desk)(operation.hub, named.json["token"])
    lines = [{"measure": f"m{n}", "category": payload, "quantity": 3}, {"measure": f"m{n}", "unquantified": payload}]
    first = caller.post(operation.reports, report_body(unit=f"U{n}", lines=lines, note=payload))
    assert first.status == 201, first.body
    again = caller.post(operation.reports, report_body(unit=f"U{n}", lines=lines, note=payload, corrects=first.json["id"], reason=payload))
    assert again.status == 201, again.body
    gone = caller.post(operation.reports, report_body(unit=f"U{n}", lines=lines))
    assert operation.desk.post(f"{operation.reports}/{gone.json['id']}/withdrawal", {"reason": payload}).status == 201


def test_text_stays_text_wherever_it_is_shown(hub: RealHub, look: Callable[..., Screen]) -> None:
    operation = attacked(hub)
    operation.settled(4 * len(PAYLOADS))
    screen = look(operation.desk.token)
    page = screen.board(operation)
    page.wait_for_selector(".happening")
    page.wait_for_selector(".uplot canvas")
    for place in (".figures", ".units", ".feed", ".relations", ".warnings"):
        shown = " ".join(page.locator(place).inner_text().split())
        latest = PAYLOADS[8:] if place == ".feed" else PAYLOADS
        assert [payload for payload in latest if payload not in shown] == [], place
    page.locator("#row-U1 td button").first.click()
    page.wait_for_selector(".sources tbody tr")
    assert PAYLOADS[1] in page.locator(".sources").inner_text()
    page.keyboard.press("Escape")
    assert page.evaluate("() => window.pwned") is None
    own = page.evaluate("tags => [...document.querySelectorAll(tags)].map((one) => one.outerHTML.slice(0, 120))", TAGS)
    assert [tag for tag in own if not tag.startswith(('<script type="module"', '<script type="application/json"'))] == []
    assert page.title().startswith(PAYLOADS[6])
    screen.page.goto(hub.url + "/")
    assert PAYLOADS[0] in screen.page.locator("main").inner_text()
    assert screen.page.evaluate("() => window.pwned") is None
    assert screen.page.locator("main script, main img, main svg").count() == 0
