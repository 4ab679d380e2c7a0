"""`academy demo`: the made-up company in a folder of one's own, and a story that can fail."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.core import Core
from core.services.signing_in import sign_in
from core.settings import Settings
from tests.cli.running import Host
from tests.databases import sqlite_only
from tests.people import House
from tui.cli.made_up import MadeUp, make_up, settings_for
from tui.cli.page import PageServer, listen, page_of, port_of
from tui.cli.story import STEPS, Outcome, play, tell_as_json, tell_as_text
from tui.cli.story_parts import Story


@pytest.fixture
def here() -> Host:
    """Return a host with no settings at all; the demo names its folder itself."""
    return Host({})


def test_seeding_prints_a_sign_in_that_works(here: Host, tmp_path: Path) -> None:
    """--seed-only makes the company, prints its sign-in as JSON and ends; that sign-in opens the console."""
    home = tmp_path / "demo"
    made = here("demo", "--seed-only", "--people", "30", "--home", str(home)).json
    assert made["people"] == 30
    with Core.open(Settings.load({"ACADEMY_HOME": str(home)})) as core:
        signed_in = sign_in(core, made["address"], made["password"], source="tests")
    assert signed_in.role.slug == "company-admin"
    users = Host({"ACADEMY_HOME": str(home)})("users", "status:any", "--json").json
    assert len(users) == 30
    assert stat.S_IMODE((home / "demo.json").stat().st_mode) == 0o600


@pytest.mark.slow
def test_seeding_without_a_folder_keeps_what_it_made(tmp_path: Path) -> None:
    """Without --home --seed-only makes a folder, names it and leaves it there."""
    elsewhere = Host({"TMPDIR": str(tmp_path)})
    made = elsewhere.process("demo", "--seed-only", "--people", "3").json
    assert Path(made["home"]).parent == tmp_path
    assert (Path(made["home"]) / "academy.db").exists()


def test_a_company_made_up_before_is_used_again(here: Host, tmp_path: Path) -> None:
    """A second demo in the same folder keeps company and sign-in, and says that the number of people is that of before."""
    words = ("demo", "--seed-only", "--home", str(tmp_path / "demo"), "--people")
    first, second = here(*words, "30"), here(*words, "40")
    assert first.json == second.json
    assert "30 people" in second.err


@sqlite_only
def test_a_real_company_is_not_made_up_over(here: Host, host: Host, house: House) -> None:
    """A folder that belongs to a real company is refused, and nobody is added."""
    ran = here("demo", "--seed-only", "--home", host.environment["ACADEMY_HOME"])
    assert (ran.code, "Engine Works" in ran.err) == (1, True)
    assert len(host("users", "--json").json) == 1


@pytest.mark.parametrize(
    "words", [("--people", "0"), ("--port", "70000"), ("--people", "many"), ("--people", "5")]
)
def test_a_demo_that_cannot_be_meant_ends_with_2(here: Host, words: tuple[str, ...]) -> None:
    """Numbers out of range are a matter of usage; a handful of people is too few for the story."""
    assert here("demo", *words).code == 2


def test_the_demo_takes_nothing_of_the_hosts_but_mail_and_sign_in(tmp_path: Path) -> None:
    """Database, data folder and public URL are the demo's own, whatever the environment says."""
    environment = {
        "ACADEMY_HOME": "/srv/real",
        "ACADEMY_DATABASE_URL": "postgresql+psycopg://real",
        "ACADEMY_PUBLIC_URL": "https://join.example.com",
        "ACADEMY_SMTP_URL": "smtp://127.0.0.1:2525",
    }
    settings = settings_for(tmp_path, 8123, environment)
    assert (settings.home, settings.is_sqlite, settings.public_url) == (
        tmp_path,
        True,
        "http://127.0.0.1:8123",
    )
    assert settings.smtp_url is not None


def test_the_same_number_makes_the_same_people(tmp_path: Path) -> None:
    """Chance is seeded: two companies of one size have the same addresses and sign-ins of their own."""
    made = [make_up(settings_for(tmp_path / name, 8000, {}), 25) for name in "ab"]
    assert made[0].password != made[1].password
    lists = [Host({"ACADEMY_HOME": str(tmp_path / name)})("users", "--json").json for name in "ab"]
    assert [each["address"] for each in lists[0]] == [each["address"] for each in lists[1]]


# --- the story --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Stage:
    """A small made-up company with its page running, and a story about to begin there."""

    story: Story
    page: PageServer
    serves: bool = True

    def stop_page(self) -> None:
        """Stop the page; once is enough."""
        if self.serves:
            self.page.stop()
        self.serves = False


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Lend a stage."""
    with ExitStack() as stack:
        listening = stack.enter_context(listen("127.0.0.1", 0))
        settings = settings_for(tmp_path / "demo", port_of(listening), {})
        made = make_up(settings, 30)
        core = stack.enter_context(Core.open(settings))
        lent = Stage(Story(core, made), page_of(core, listening))
        lent.page.start()
        yield lent
        lent.stop_page()


@pytest.fixture
def story(stage: Stage) -> Story:
    """Return the story of the stage."""
    return stage.story


def _failed(outcomes: list[Outcome]) -> str:
    """Return the step that failed; it is the last one that was played."""
    assert all(outcome.went_well for outcome in outcomes[:-1])
    assert not outcomes[-1].went_well
    return outcomes[-1].step


@pytest.mark.slow
def test_the_story_goes_well_twice(story: Story) -> None:
    """Each step checks something and says what, and the story can be played again in the same company."""
    for _ in range(2):
        outcomes = list(play(story))
        assert [outcome.step for outcome in outcomes] == [name for name, _ in STEPS]
        assert all(outcome.went_well and outcome.told for outcome in outcomes)


def test_a_wrong_password_stops_the_story_at_once(story: Story) -> None:
    """With a wrong password the first step fails."""
    story.made = MadeUp("", story.made.address, 30, "not the password")
    assert _failed(list(play(story))) == "sign in"


@pytest.mark.slow
def test_mails_that_cannot_be_written_stop_the_story(story: Story) -> None:
    """With something in the way of the outbox folder the delivery fails, and its reason is told."""
    story.core.settings.outbox_folder.write_text("in the way")
    outcomes = list(play(story))
    assert _failed(outcomes) == "deliver the mails"
    assert "cannot be written" in outcomes[-1].told


@pytest.mark.slow
def test_a_page_that_is_not_there_stops_the_story(stage: Stage) -> None:
    """With the page stopped opening the link fails."""
    stage.stop_page()
    assert _failed(list(play(stage.story))) == "open the link"


@pytest.mark.slow
def test_a_link_that_died_meanwhile_stops_the_story(story: Story) -> None:
    """When the invitation is withdrawn before the form is sent, registering fails."""
    steps = dict(STEPS)
    until_open = list(STEPS)[: list(steps).index("open the link") + 1]
    assert all(outcome.went_well for outcome in play(story, until_open))
    host = Host({"ACADEMY_HOME": str(story.core.settings.home)})
    assert host("withdraw", story.guest).code == 0
    assert _failed(list(play(story, [("register", steps["register"])]))) == "register"


def test_the_story_is_told_step_by_step(capsys: pytest.CaptureFixture[str]) -> None:
    """Each step is a line or an object with what it checked; a failed one is named on stderr and makes the telling fail."""
    good, bad = Outcome("sign in", went_well=True, told="Nora"), Outcome("invite", went_well=False, told="no")
    assert tell_as_text([good])
    assert not tell_as_text([good, bad])
    told = capsys.readouterr()
    assert "FAILED  invite: no" in told.out
    assert "step 2, invite" in told.err
    assert not tell_as_json([good, bad])
    assert '"step": "invite", "ok": false' in capsys.readouterr().out
