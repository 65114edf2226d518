"""Whether a JSON document has the shape that a schema asks for, compiled: a plan of a county in milliseconds."""

from __future__ import annotations

from typing import Any

from jsonschema_rs import Draft202012Validator


def find_misfit(schema: Draft202012Validator, document: Any) -> tuple[str, str] | None:
    """Where `document` differs from `schema` first, as a JSON path, and how; None where it fits.

    What JSON cannot hold, as a number that is none, fits nothing.
    """
    try:
        misfit = next(schema.iter_errors(document), None)
    except ValueError as error:
        return "$", str(error)
    if misfit is None:
        return None
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in misfit.instance_path)
    return "$" + "".join(steps), misfit.message
