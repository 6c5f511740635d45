"""Pages looked at become visits: no second is counted twice, none is lost, and no query of a page is kept."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain import wording
from leadwake.domain.visits import MOST_PAGES, PAUSE, Beat, Page, Visit, fold, news_of, read_path

NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)
SITE, OTHER = UUID(int=1), UUID(int=2)


def beat(minute: float, path: str = "/", seconds: int = 0, *, is_new: bool = True, site: UUID = SITE) -> Beat:
    return Beat(site, path, NOON + timedelta(minutes=minute), seconds, is_new)


def test_pages_one_after_the_other_are_one_visit_and_after_a_pause_another() -> None:
    first, second = fold({}, [
        beat(0), beat(1, seconds=60, is_new=False), beat(1, "/pricing"), beat(3, "/pricing", 120, is_new=False),
        beat(60, "/contact"),
    ])  # fmt: skip

    assert [(page.path, page.seconds) for page in first.pages] == [("/", 60), ("/pricing", 120)]
    assert (first.views, first.seconds, first.last_at) == (2, 180, NOON + timedelta(minutes=3))
    assert (second.views, second.started_at) == (1, NOON + timedelta(minutes=60))


def test_a_visit_goes_on_where_it_was_and_each_website_has_its_own() -> None:
    [known] = fold({}, [beat(0, "/homes")])
    found = fold({SITE: known}, [beat(20, "/homes", 300, is_new=False), beat(21, "/", site=OTHER)])

    assert [(visit.website_id, visit.views, visit.seconds) for visit in found] == [(SITE, 1, 300), (OTHER, 1, 0)]
    assert found[0].started_at == NOON


beats = st.lists(
    st.builds(
        beat, st.floats(0, 600), st.sampled_from(["/", "/a", "/b"]), st.integers(0, 4_000),
        is_new=st.booleans(), site=st.sampled_from([SITE, OTHER]),
    ),
    max_size=60,
)  # fmt: skip


@given(beats)
def test_whatever_is_told_no_second_is_lost_or_counted_twice(told: list[Beat]) -> None:
    found = fold({}, told)

    assert sum(visit.seconds for visit in found) == sum(each.seconds for each in told)
    assert sum(visit.views for visit in found) >= sum(each.is_new for each in told)
    for visit in found:
        assert visit.started_at <= visit.last_at
        assert 0 < len(visit.pages) <= MOST_PAGES
    for site in (SITE, OTHER):
        mine = [visit for visit in found if visit.website_id == site]
        assert all(b.last_at - a.last_at > PAUSE for a, b in itertools.pairwise(mine))


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("/pricing?token=secret&utm_source=google&q=me#top", "/pricing?utm_source=google"),
        ("/reset/maria@example.com/now", "/reset/…/now"),
        ("/u/maria%40example.com", "/u/…"),
        ("/?utm_campaign=maria@example.com", "/?utm_campaign=…"),
        ("/?utm_source=a%00b%0Ac%26d", "/?utm_source=abc d"),
        ("https://example.com/", None),
        ("", None),
        ("/" + "a" * 500, "/" + "a" * 199),
    ],
)
def test_of_a_page_its_path_and_campaign_are_kept_and_nobodys_address(told: str, kept: str | None) -> None:
    assert read_path(told) == kept


@given(st.text(max_size=300))
def test_whatever_a_page_calls_itself_is_short_and_printable(told: str) -> None:
    path = read_path(told)

    assert path is None or (path.startswith("/") and len(path) <= 401 and path.isprintable() and "@" not in path)


@pytest.mark.parametrize(
    ("paths", "views", "seconds", "nth", "text"),
    [
        (["/pricing"], 1, 120, 3, "Looked at /pricing for 2 min, third visit"),
        (["/", "/homes?utm_source=x"], 2, 7, 1, "Looked at the home page and /homes for 7 s, first visit"),
        (["/a", "/b", "/c", "/a"], 9, 3_900, 22, "Looked at /a and 8 more pages for 1 h 5 min, 22nd visit"),
        ([], 0, 0, 11, "Looked at your website, 11th visit"),
    ],
)
def test_a_visit_is_one_line(paths: list[str], views: int, seconds: int, nth: int, text: str) -> None:
    assert wording.visit(paths, views, seconds, nth) == text


def test_a_visit_says_once_what_kinds_of_pages_are_new_in_it() -> None:
    def seen(*paths: str) -> Visit:
        return Visit(None, SITE, NOON, NOON, 0, len(paths), [Page(path, NOON, 0) for path in paths])

    begun = seen("/", "/Pricing", "/homes/12-oak-st?utm_source=x", "/our-pricing.html", "/precios", "/homestead")
    assert news_of(begun, None, is_return=False) == ["looked", "looked_pricing", "looked_listing"]
    assert news_of(seen(*(page.path for page in begun.pages), "/agendar"), begun, is_return=True) == [
        "returned_contact"
    ]
    assert news_of(begun, begun, is_return=True) == []
