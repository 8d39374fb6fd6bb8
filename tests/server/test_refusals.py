"""What is refused is refused in the words of whoever reads it: every error that can reach a page speaks Chinese too."""

import ast
from pathlib import Path

import suixin
from suixin import errors

ROOT = Path(suixin.__file__).parent
REACH = (
    "lending/account.py",
    "lending/disaster.py",
    "ledger/relief.py",
    "ledger/servicing.py",
    *(
        f"server/{room}"
        for room in (
            "complaints",
            "intake",
            "merchants",
            "origination",
            "pages",
            "savedviews",
            "servicing",
            "sharing",
            "tasks",
            "verification",
            "watching",
            "webhooks",
        )
    ),
)
"""What people set going from a page. Programs alone are refused by the API, the ledger and the settings, in English."""
PROGRAMS = {
    "server/origination/actions/push_table.py",
    "server/sharing/keys.py",
    "server/sharing/actions/use.py",
}
"""Which the operator or another program calls."""
KINDS = {name for name, kind in vars(errors).items() if isinstance(kind, type)}


def raised():
    """(file, line, call) of every error of ours that is raised where pages reach."""
    for place in REACH:
        at = ROOT / place
        for path in [at] if at.is_file() else sorted(at.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                call = node.exc if isinstance(node, ast.Raise) else None
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KINDS:
                    yield str(path.relative_to(ROOT)), node.lineno, call


def test_every_error_that_people_meet_says_itself_in_chinese():
    """Else a page in Chinese shows English with names of the program's own; a text of `pair` is in both already."""
    silent = [
        f"{path}:{line} {ast.unparse(call)[:80]}"
        for path, line, call in raised()
        if path not in PROGRAMS
        and all(one.arg != "zh" for one in call.keywords)
        and not ast.unparse(call).startswith("UsageError(pair(")
    ]
    assert silent == []


def test_no_refusal_counts_in_fen():
    """People are told yuan; minor units stay inside."""
    found = [f"{path}:{line}" for path, line, call in raised() if " fen" in ast.unparse(call)]
    assert found == []
