"""Puts the web application together: rooms, refusals, the way to the queue. One of the two doors into the house."""

from __future__ import annotations

import dataclasses
import math
import threading
import time
import uuid
from functools import partial
from typing import Any

import structlog
from celery import Celery
from flask import Flask, Response, g, request
from flask_smorest import Api
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from structlog.contextvars import bind_contextvars, clear_contextvars
from werkzeug.exceptions import HTTPException

from config.queueing import sending_options
from config.settings import Settings
from coordinator import asking, db, errors, health, jobs, live, metrics, openapi, problems
from coordinator.access.limits import Limits
from coordinator.briefings.pages import room as briefing_pages
from coordinator.briefings.routes import briefings, readiness
from coordinator.briefings.routes import files as briefing_files
from coordinator.browser import files, pages
from coordinator.browser.routes import room as browser
from coordinator.db import transaction
from coordinator.deliveries import ways
from coordinator.deliveries.pages import room as deliveries
from coordinator.deliveries.routes import room as outgoing
from coordinator.desk.beside import Beside
from coordinator.desk.channels import Channels
from coordinator.desk.pages import room as board
from coordinator.desk.records import room as records
from coordinator.desk.routes import room as stream
from coordinator.doors import problem_response, squeezed
from coordinator.errors import Refusal, TooManyAttempts
from coordinator.exports.pages import room as files_page
from coordinator.exports.routes.exports import room as exported
from coordinator.exports.routes.publications import room as publications
from coordinator.exports.routes.statistics import room as statistics
from coordinator.messages import checkins, orders, watch
from coordinator.messages.pages import room as bulletins_page
from coordinator.messages.routes import bulletins, practice, presence
from coordinator.messages.routes import log as activity
from coordinator.operations import service as phases
from coordinator.operations.pages import room as ways_in
from coordinator.operations.planning import room as planning
from coordinator.operations.routes.accounts import room as accounts
from coordinator.operations.routes.audit import room as audit
from coordinator.operations.routes.devices import room as devices
from coordinator.operations.routes.exercises import room as exercises
from coordinator.operations.routes.invitations import room as invitations
from coordinator.operations.routes.operations import room as operations
from coordinator.operations.routes.sessions import room as sessions
from coordinator.operations.routes.templates import room as templates
from coordinator.operations.routes.tokens import room as access
from coordinator.reconciliation.pages import room as reconciling
from coordinator.reconciliation.routes import room as reconciliation
from coordinator.releases.doors.certification import room as certification
from coordinator.releases.doors.pages import room as certifying
from coordinator.releases.doors.releases import room as numbered_releases
from coordinator.reports.pages import room as phone
from coordinator.reports.routes import batch, joint_actions, journal, reports, spoken, zero
from coordinator.reports.routes.express import Express
from coordinator.situation import closings
from coordinator.situation.pages import room as situations
from coordinator.situation.routes import room as situation
from coordinator.timely import Timely
from coordinator.totals import fold, folding, reading
from coordinator.totals.routes import room as totals
from coordinator.verification import signing
from coordinator.verification.routes import room as verification

log = structlog.get_logger(__name__)

PEOPLE = (access, sessions, devices, invitations, accounts, audit)
REPORTED = (reports.room, joint_actions.room, journal.room, spoken.room, zero.room)
PUBLISHED = (reconciliation, certification, numbered_releases, statistics, publications, exported, verification)
MESSAGES = (bulletins.room, presence.room, practice.room, activity.room, situation)
BRIEFINGS = (briefings.room, readiness.room)
PAGES = (
    *(ways_in, planning, board, records, bulletins_page, briefing_pages, deliveries, phone),
    *(reconciling, certifying, files_page, situations),
)
ROOMS = (*PEOPLE, templates, operations, exercises, *REPORTED, totals, *MESSAGES, *BRIEFINGS, outgoing, stream, *PUBLISHED)
_ = batch, briefing_files

LOCK_NOT_AVAILABLE, NAMES_WHAT_IS_GONE = "55P03", "23503"
GONE_MEANWHILE = "Something this names was removed in the same moment, and nothing was stored. Send it again to see which."
STALE_FOR_US = 1.5
"""How many times as long as beat the web waits before it folds what no worker does: a worker that is only slow goes first."""

STALE_BATCH = 500
"""Reports the web folds at once where no worker does: few, since whoever else this process serves waits meanwhile."""


def create_app(settings: Settings) -> Flask:
    """The application; nothing is connected or started by making it."""
    app = Flask("coordinator", static_folder=None)
    app.url_map.merge_slashes = False  # an address with a doubled slash is not ours; it is refused like any other
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config |= openapi.CONFIG | {
        "SQLALCHEMY_DATABASE_URI": db.driver_url(settings.database_url),
        "SQLALCHEMY_ENGINE_OPTIONS": db.engine_options(settings.database_pool),
        "MAX_CONTENT_LENGTH": None,
    }
    app.extensions["tallyroom.settings"] = settings
    signing.hold(settings)
    app.jinja_env.globals["signs"] = signing.there
    ways.hold(settings)
    app.extensions["tallyroom.files"] = files.load()
    app.extensions["tallyroom.limits"] = Limits(settings.writes_per_second, settings.write_burst)
    most = settings.attempts_per_minute
    app.extensions["tallyroom.attempts"] = Limits(most / 60, math.ceil(most), refusal=TooManyAttempts)
    app.extensions["tallyroom.channels"] = Channels()
    app.extensions["tallyroom.sender"] = Celery("tallyroom", config_source=sending_options(settings.redis_url), set_as_current=False)
    app.extensions["tallyroom.announcer"] = live.Announcer(settings.redis_url)
    phases.follow_phases_by(orders.follow)
    watch.learn_closings_from(closings.closings)
    reading.learn_intervals_from(checkins.intervals)
    _register(app)
    app.wsgi_app = Express(app.wsgi_app, partial(_spend, app), partial(_refuse, app))  # type: ignore[assignment]
    app.wsgi_app = Timely(Beside(app.wsgi_app))  # type: ignore[assignment]
    if settings.trusted_proxies:
        from werkzeug.middleware.proxy_fix import ProxyFix

        app.wsgi_app = ProxyFix(app.wsgi_app, settings.trusted_proxies, settings.trusted_proxies)  # type: ignore[method-assign]
    return app


def start(app: Flask) -> Flask:
    """Connects this process to database and Redis, and starts what runs beside its requests."""
    settings, announcer = app.extensions["tallyroom.settings"], app.extensions["tallyroom.announcer"]
    with app.app_context():
        db.use(db.database.engine)
    asking.deliver_by(partial(_send, app.extensions["tallyroom.sender"], live.Turns(settings.redis_url)))
    live.announce_by(announcer)
    watched: Channels = app.extensions["tallyroom.channels"]
    announcer.listen(watched.heard)
    threading.Thread(target=watched.keep_alive, args=(settings.heartbeat_seconds,), name="alive", daemon=True).start()
    threading.Thread(target=_fold_stale, args=(settings.stale_seconds,), name="stale", daemon=True).start()
    return app


def _send(celery: Celery, turns: live.Turns, job: jobs.Job) -> None:
    if isinstance(job, jobs.FoldInbox) and not turns.begin(job.operation_id):
        return  # whoever holds the turn looks again before it is over
    celery.send_task(job.name(), kwargs=dataclasses.asdict(job), queue=job.queue, retry=False, ignore_result=True)


def _fold_stale(seconds: float) -> None:
    """Folds what no worker has taken: with every worker and Redis dead, the board goes on."""
    while True:
        time.sleep(seconds / 4)
        try:
            with transaction():
                waiting = fold.stale(seconds * STALE_FOR_US)
        except Exception as problem:  # it must go on, whatever is broken now
            log.warning("stale_fold_failed", problem=repr(problem))
            continue
        for operation_id in waiting:
            _fold_without_worker(operation_id)


def _fold_without_worker(operation_id: int) -> None:
    """All of a backlog, a batch at a time, with a moment between for whoever else this process serves. One operation that can't
    be folded keeps no other from being."""
    try:
        folded = folding.fold_waiting(operation_id, STALE_BATCH)
        log.info("folded_without_worker", operation=operation_id, reports=folded)
    except Exception as problem:
        log.warning("stale_fold_failed", operation=operation_id, problem=repr(problem))


def _register(app: Flask) -> None:
    db.database.init_app(app)
    api = Api()
    api._register_error_handlers = lambda: None  # refusals are answered here, all in one form
    api.init_app(app)
    for room in ROOMS:
        api.register_blueprint(room)
    app.register_blueprint(browser)
    for pages_of in PAGES:
        app.register_blueprint(pages_of)
    app.register_blueprint(health.room)
    app.register_blueprint(openapi.room)
    app.extensions["tallyroom.spec"] = openapi.complete(api.spec)
    app.before_request(_begin)
    app.after_request(_end)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(SQLAlchemyError, _database_error)
    app.register_error_handler(Exception, _unexpected)
    _check_guards(app)


def _check_guards(app: Flask) -> None:
    """A view without a guard keeps the application from starting."""
    bare = [name for name, view in app.view_functions.items() if not hasattr(view, "guarded_by")]
    if bare:
        raise RuntimeError(f"no guard on {', '.join(bare)}: add @guard(...) or @public")


def _begin() -> None:
    g.started = time.perf_counter()
    g.request_id = (request.headers.get("X-Request-Id") or "")[:64] or uuid.uuid4().hex
    clear_contextvars()
    bind_contextvars(request=g.request_id)


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    response.headers["X-Content-Type-Options"] = "nosniff"
    squeezed(response)
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    rule = request.url_rule.rule if request.url_rule else "none"
    metrics.answered(request.method, rule, response.status_code, seconds)
    log.debug("answered", method=request.method, path=request.path, status=response.status_code, milliseconds=round(seconds * 1000, 1))
    return response


def _spend(app: Flask, caller: Any) -> None:
    app.extensions["tallyroom.limits"].spend(caller)


def _refuse(app: Flask, environ: Any, start: Any, problem: Exception) -> Any:
    """Answers what went wrong before the application had the request, in the way it answers everything."""
    with app.request_context(environ):
        _begin()
        return app.finalize_request(app.handle_user_exception(problem))(environ, start)


def _refused(refusal: Refusal) -> Response:
    return _problem(*problems.problem(refusal, request.path))


def _problem(body: dict[str, Any], status: int, headers: dict[str, str]) -> Response:
    """A refusal for a program, or for a person who asked for a page."""
    return (pages.problem_page if pages.wants_page() else problem_response)(body, status, headers)


_HTTP = {
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    406: errors.NotAcceptable,
    413: errors.TooLarge,
    415: errors.UnsupportedContent,
}


def _http_error(error: HTTPException) -> Response:
    """What routing and parsing refuse, in the same form; a redirect stays one."""
    if error.code is not None and error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    response = _refused(_HTTP.get(error.code or 400, errors.NotReadable)(_SENTENCES.get(error.code or 400, "The request can't be read.")))
    if error.code == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
    return response


_SENTENCES = {404: "There is nothing at this address.", 405: "This address does not take this method.", 413: "The request is too large."}


def _database_error(error: SQLAlchemyError) -> Response:
    """The database away, overloaded or out of a deadlock is a 503 that is safe to repeat; anything else is our mistake."""
    orig = getattr(error, "orig", None)
    state = getattr(orig, "sqlstate", None)
    if state == LOCK_NOT_AVAILABLE:
        return _refused(errors.KeyInUse("The same request is still being answered. Try again in a moment, with the same key."))
    if orig is not None and state == NAMES_WHAT_IS_GONE:
        log.warning("gone_meanwhile", path=request.path, constraint=orig.diag.constraint_name)
        return _refused(errors.OperationChanged(GONE_MEANWHILE))
    if isinstance(error, PoolTimeout) or (
        isinstance(error, DBAPIError) and (state is None or state[:2] in {"08", "25", "40", "53", "57", "58"})
    ):
        log.warning("database_unavailable", problem=repr(orig or error))
        return _refused(
            errors.Unavailable("The hub can't reach its database. Whether this was stored is not known: repeat it with the same key.")
        )
    return _unexpected(error)


def _unexpected(error: Exception) -> Response:
    log.error("unexpected", path=request.path, exc_info=error)
    body = problems.document(problems.UNEXPECTED, f"The hub made a mistake; it is on record as {g.get('request_id', '')}.", request.path)
    return _problem(body, 500, {})


def answers_to(app: Flask) -> dict[str, str]:
    """Every method and rule of the application with its guard: what the structure tests read."""
    views: dict[str, Any] = dict(app.view_functions)
    rules = ((method, rule) for rule in app.url_map.iter_rules() for method in rule.methods or ())
    return {f"{method} {rule.rule}": views[rule.endpoint].guarded_by for method, rule in rules}
