"""A decision and its case as documents, and back: what was decided is read from what was kept, never made again."""

from hashlib import sha256

from pydantic import TypeAdapter

from suixin.underwriting.decide import Case
from suixin.underwriting.decision import Decision

_DECISION = TypeAdapter(Decision)
_CASE = TypeAdapter(Case)


def write_decision(decision: Decision) -> str:
    """The document of a decision, JSON."""
    return _DECISION.dump_json(decision).decode()


def read_decision(document: str) -> Decision:
    """The decision of a document."""
    return _DECISION.validate_json(document)


def write_case(case: Case) -> str:
    """The document of a case, JSON."""
    return _CASE.dump_json(case).decode()


def read_case(document: str) -> Case:
    """The case of a document."""
    return _CASE.validate_json(document)


def digest(document: str, case: str) -> str:
    """SHA-256 (hex) of both."""
    return sha256(f"{document}\n{case}".encode()).hexdigest()
