"""The error tree: every class carries a sentence, survives pickling, and can be told apart."""

import inspect
import pickle

import pytest

from gridmap import errors

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, errors.GridmapError)]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda c: c.__name__)
def test_every_error_survives_the_way_back_from_a_worker(kind: type[errors.GridmapError]) -> None:
    original = kind("Area {code} is missing.", hint="Import {code} first.", code="14")
    copy = pickle.loads(pickle.dumps(original))
    assert type(copy) is kind
    assert (str(copy), copy.hint_text, copy.values) == ("Area 14 is missing.", "Import 14 first.", {"code": "14"})


def test_the_message_stays_the_catalogue_key() -> None:
    error = errors.NotFound("No team {name}.", hint="Look again.", name="A")
    assert error.message == "No team {name}."
    assert str(error) == "No team A."


def test_every_class_says_what_it_is() -> None:
    assert all(inspect.getdoc(kind) for kind in CLASSES)
    assert {c for c in CLASSES if c.__mro__[1] is errors.GridmapError} >= {errors.InvalidInput, errors.Conflict}
