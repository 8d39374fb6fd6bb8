"""The loans of a Czech bank, 1993 to 1998 (PKDD'99): accounts with a loan, their people, movements and outcomes.

Parquet, CSV or xlsx: `account`, `client`, `disp`, `district`, `loan`, `trans_before_loan`. The table `order` is
never opened: its standing orders bear no date, and some of them repay the very loan that is to be judged.
"""

from pathlib import Path

from suixin.adapters import berka_shapes as shapes
from suixin.adapters.berka_accounts import Accounts
from suixin.adapters.frames import files_by_stem, required
from suixin.lake.source import Source, Stream

NAME = "berka"
ABOUT = "the Berka set of a Czech bank (PKDD'99): accounts with a loan, movements before it, how it ended"
NEEDED = ("account", "loan", "trans_before_loan")
OPTIONAL = ("client", "disp", "district")
NEVER = "order"

ASSUMPTIONS = (
    "the table order is never opened: standing orders bear no date, and those marked UVER repay the loan itself",
    "a merchant is an account with a loan; accounts without one have no movements in the set and are left out",
    "an account is assessed on the day its loan was granted: later movements are not in the set",
    (
        "how a finished loan (A, B) ended was known on its contract's last day; how a running one (C, D) stood was known "
        "on 1998-12-31, the end of the data; B and D count as defaults"
    ),
    "a finished loan without arrears (A) was closed on its contract's last day; the source gives no day",
    "the annual rate is 0: the published payments repay the principal and nothing more",
    "a movement has a day and no time: it is dated at midnight, and the order within a day is not known",
    "a penalty, a fee or money going out is negative; kinds are named after operation and k_symbol",
    (
        "a client was registered, and may dispose of an account, since the account was opened; a disponent is tied to "
        "the owner as sharing the account"
    ),
    (
        "birth dates and gender of clients are not read; of districts only the names: the economic columns are of 1995 "
        "and 1996, later than many loans"
    ),
    "cards have no place in the standard",
    "a district is as old as the Czech Republic, 1993-01-01",
)


def open_source(path: Path) -> Source:
    """Find the set's files in the folder.

    Raises:
        SourceError: a file that is needed is missing.
    """
    files = files_by_stem(path)
    files.pop(NEVER, None)  # so that nothing below can reach it
    required(path, files, NEEDED, "the Berka set")
    accounts = Accounts(files)
    streams = [
        Stream("merchants", files["account"], shapes.merchants, accounts.with_loan),
        Stream("cashflows", files["trans_before_loan"], shapes.cashflows),
        Stream("loans", files["loan"], shapes.loans),
        Stream("outcomes", files["loan"], shapes.outcomes),
    ]
    if "district" in files:
        streams.append(Stream("regions", files["district"], shapes.regions, shapes.districts))
    if "client" in files and "disp" in files:
        streams.append(Stream("parties", files["client"], shapes.parties, accounts.people))
        streams.append(Stream("relations", files["disp"], shapes.relations, accounts.disponents))
    return Source(
        adapter=NAME,
        name=path.resolve().name,
        folder=path,
        streams=tuple(streams),
        currency="CZK",
        zone="Europe/Prague",
        route="public_research_set",
        authorisation="public data set of the PKDD'99 Discovery Challenge",
        purpose="research",
        assumptions=ASSUMPTIONS,
        not_read=tuple(
            file.name for stem, file in files_by_stem(path).items() if stem not in (*NEEDED, *OPTIONAL)
        ),
    )
