"""The page held against yardsticks of others: html-validate, pa11y, Lighthouse, wapiti."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from core.core import Core
from core.services.company import set_cap
from core.tongues import offered
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.outside.gallery import KINDS, collect, hung_up, saved, served
from tests.outside.proxied import behind_nginx
from tests.outside.yardsticks import attack, browser_job, judge
from tests.people import House
from web import create_app
from web.limits import Bounds, Limits

pytestmark = [sqlite_only, pytest.mark.slow]

MODULES = "csp,http_headers,cookieflags,xss,sql,crlf,methods,file,exec,redirect,permanentxss"
# The form as somebody has filled it in: what a scanner would type by itself fails the first check.
FILLED_IN_WELL = """<!doctype html><title>Start</title><form method="post" action="/register?from=start">
<input name="first_name" value="Bo"><input name="last_name" value="Berg"><input name="email" value="bo@example.com">
<input name="password" value="quiet lantern 42 rivers"><input name="phone" value="+49 30 901820">
<input name="address" value="Main Street 1"><input name="born_day" value="27"><input name="born_month" value="3">
<input name="born_year" value="1990"><input name="job_title" value="Fitter"><input name="language" value="de">
<button>Send</button></form>"""
# Judged as `first_name` and `born_day` are, or not read at all.
ALIKE = ("last_name", "job_title", "born_month", "born_year", "email", "from")
FEW = 50
ENOUGH = {"accessibility": 1, "best-practices": 1, "performance": 0.95}


def test_the_markup_of_every_page_is_valid(company: House, clock: MovableClock, tmp_path: Path) -> None:
    """html-validate finds nothing in any state of the page in English, nor in any kind of page in another language."""
    others = [code for code in offered() if code != "en"]
    pages = collect(company, clock) | collect(company, clock, others, KINDS)
    found = judge(
        "markup",
        {"files": {name: str(path) for name, path in saved(pages, tmp_path / "pages").items()}},
        tmp_path,
    )
    assert found.keys() == pages.keys()
    assert not {name: lines for name, lines in found.items() if lines}


def test_every_page_is_accessible(core: Core, company: House, clock: MovableClock, tmp_path: Path) -> None:
    """Neither HTML CodeSniffer nor axe, run by pa11y in Chromium, finds an error in any state of the page."""
    pages = collect(company, clock)
    with hung_up(core, pages) as url:
        found = judge("access", browser_job(pages={name: url + name for name in pages}), tmp_path)
    assert found.keys() == pages.keys()
    assert not {name: lines for name, lines in found.items() if lines}


@pytest.mark.alone
def test_the_form_reaches_the_marks_of_lighthouse(core: Core, company: House, tmp_path: Path) -> None:
    """Lighthouse gives the form full marks for accessibility and best practices, and for performance 0.95 or more."""
    link = f"/i/{company.token_of(company.invite('bo@example.com'))}"
    with served(create_app(core)) as url:
        job = browser_job(link=url + link, url=f"{url}/register", enough=ENOUGH, most=5)
        judged = judge("lighthouse", job, tmp_path)
    assert {name: judged["scores"].get(name, 0) >= least for name, least in ENOUGH.items()} == dict.fromkeys(
        ENOUGH, True
    ), judged


def test_a_scanner_finds_nothing_on_the_page_as_it_is(company: House, tmp_path: Path) -> None:
    """wapiti, behind nginx and with a true link, finds no weakness, and no way around the form's token."""
    with behind_nginx(company, tmp_path / "nginx") as site:
        url = site.proxy.url
        twins = [f"{url}/*lang={code}*" for code in offered() if code not in {"en", "de"}]
        fewer = (
            *each("--exclude", twins),
            *each("--skip", site.app.extensions["form_names"] - {"csrf_token"}),
        )
        found = attack(
            url, "--start", f"{url}/i/{site.token()}", *fewer, modules=f"{MODULES},csrf", folder=tmp_path
        )
        refused = [event for event in site.events() if event["event"] == "form.csrf"]
    assert found == {}
    assert len(refused) > FEW


def test_a_scanner_that_gets_through_to_the_database_finds_nothing(company: House, tmp_path: Path) -> None:
    """Without the form's token, and with limits out of the way, attacks reach the last step and find no weakness there."""
    with behind_nginx(company, tmp_path / "nginx") as site:
        url, token = site.proxy.url, site.token()
        with company.core.operator() as work:
            set_cap(work, 1)  # the form is refused at the very end, so it can be sent again and again
        site.app.config["WTF_CSRF_ENABLED"] = False
        site.app.extensions["limits"] = Limits(Bounds(10**6, 10**6, 10**6))
        site.app.add_url_rule("/start", view_func=lambda: FILLED_IN_WELL)
        fewer = (*each("--exclude", [f"{url}/register", f"{url}/*lang=*"]), *each("--skip", ALIKE))
        begun = each("--start", [f"{url}/i/{token}", f"{url}/start"])
        found = attack(url, *begun, *fewer, modules=MODULES, folder=tmp_path)
        counted = Counter(event["event"] for event in site.events())
    assert found == {}
    assert min(counted["form.refused"], counted["form.invalid"]) > FEW
    assert not counted["page.failed"]


def each(option: str, values: Iterable[str]) -> tuple[str, ...]:
    """Return an option once for each value."""
    return tuple(part for value in values for part in (option, value))
