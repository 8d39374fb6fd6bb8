"""Errors that a user can mend. Anything else that is raised is a bug and shows a traceback."""


class SuixinError(Exception):
    """Base of every error whose cause lies outside the program; the CLI prints it as one line and exits 2.

    Args:
        message: in English, for the terminal, the API and the log.
        zh: the same in Chinese, where people meet it on a page; '' where they do not.
    """

    def __init__(self, message: str = "", *, zh: str = "") -> None:
        super().__init__(message)
        self.zh = zh


class UsageError(SuixinError):
    """An argument is wrong: the message names the value and the mend."""


class SourceError(SuixinError):
    """A source file or folder cannot be read as what it claims to be."""


class LakeError(SuixinError):
    """A lake is missing, damaged, or asked for something it does not hold."""


class LakeBusyError(LakeError):
    """Another process is writing to the lake."""


class PolicyError(SuixinError):
    """A policy file is invalid, or does not fit the lake it is applied to."""


class BookError(SuixinError):
    """A decision book cannot be read, or cannot be written."""


class ModelError(SuixinError):
    """A model's folder is damaged, was tampered with, or does not fit this version's features."""


class LedgerError(SuixinError):
    """A transaction does not balance, or a book is asked for something that its rules refuse."""


class ConflictError(LedgerError):
    """A key was used before, with other content."""


class LendingError(SuixinError):
    """A loan is asked for what its contract or its state refuses."""


class BusinessDateError(LedgerError):
    """A book's business date would go back, or a transaction is booked on another day."""


class CurrencyError(LedgerError):
    """An entry is in another currency than its book."""


class FundsError(LedgerError):
    """An account has less available than a hold or a posting would take."""


class HoldError(LedgerError):
    """A hold is not what its next step needs: it was voided or posted before, or was never placed."""


class ServerError(SuixinError):
    """The server's database is missing, not migrated, or opened by a role that could read past its walls."""


class BackupError(ServerError):
    """A backup cannot be written, is not whole, or does not fit this version or this database."""


class TenancyError(SuixinError):
    """Rows were asked for without saying for which organisation, or those of another one."""


class AccessError(SuixinError):
    """This person may not do this; the message names the action, and a program by its name."""


class ConsentError(SuixinError):
    """A consent does not allow what is asked, of it or of the data; `why` is a code, such as 'revoked' or 'cap_reached'."""

    def __init__(self, message: str, why: str = "illegal", *, zh: str = "") -> None:
        super().__init__(message, zh=zh)
        self.why = why


class SignatureError(SuixinError):
    """A message that came is not signed by whom it says, or is of another time: nothing of it is to be believed."""


class AnswerError(SuixinError):
    """A server did not answer, or answered what this client does not understand."""
