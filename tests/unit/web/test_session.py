"""Where a person is led after signing in."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.web.session import find_target

HERE = "http://here.example/session/login"


@pytest.mark.parametrize("asked", ["/", "/map", "/grids?unit=3&x=%20y", "/session/login?next=/map"])
def test_paths_of_our_own_are_kept(asked: str) -> None:
    assert find_target(asked) == asked


@pytest.mark.parametrize(
    "asked", [None, "", "map", "?x=1", "#x", "http://[", "//evil.example", "/\\evil.example", "/\t/evil.example"]
)
def test_everything_else_leads_home(asked: str | None) -> None:
    assert find_target(asked) == "/"


@given(st.text(alphabet="/\\\t\n :@.?#ahtps0%", max_size=12))
def test_no_target_ever_leaves_this_server(asked: str) -> None:
    # Browsers take backslashes for slashes (https://url.spec.whatwg.org/#url-parsing).
    assert urlsplit(urljoin(HERE, find_target(asked).replace("\\", "/"))).netloc == "here.example"
