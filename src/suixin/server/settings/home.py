"""The data folder: what an installation keeps for itself."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def place() -> Path:
    """SUIXIN_HOME, else `suixin` under XDG_DATA_HOME, else ~/.local/share/suixin; nothing is made."""
    given = os.environ.get("SUIXIN_HOME")
    share = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return (Path(given) if given else share / "suixin").resolve()


def folder() -> Path:
    """The data folder, made on first use, for its owner alone."""
    made = place()
    made.mkdir(mode=0o700, parents=True, exist_ok=True)
    return made


def secret_key() -> str:
    """SUIXIN_SECRET_KEY, else the key in the data folder's `secret.key` (mode 0600), which the first call makes."""
    given = os.environ.get("SUIXIN_SECRET_KEY")
    if given:
        return given
    return kept("secret.key", lambda: secrets.token_urlsafe(50))


def kept(name: str, make: Callable[[], str]) -> str:
    """The text of a file of the data folder (mode 0600), which the first call makes."""
    path = folder() / name
    if not path.exists():
        _make(path, make())
    return path.read_text(encoding="ascii").strip()


def _make(path: Path, text: str) -> None:
    """Written whole under a name of its own, then linked: of two first starts one key wins, and no reader sees half."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
