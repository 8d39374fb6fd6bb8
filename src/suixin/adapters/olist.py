"""The Olist marketplace of Brazil: sellers, orders, items, payments, reviews, and the points of its postcodes.

Parquet, CSV or xlsx under the set's own names (`olist_orders_dataset.csv`) or short ones (`orders.parquet`).
An order over several sellers becomes one row a seller (see `olist_sellers`).
"""

from pathlib import Path

from suixin.adapters import olist_shapes as shapes
from suixin.adapters.frames import files_by_stem, required
from suixin.adapters.olist_sellers import Trade
from suixin.lake.source import Source, Stream

NAME = "olist"
ABOUT = "the public Olist marketplace of Brazil: sellers, orders, items, payments, reviews, postcodes"
NEEDED = ("sellers", "orders", "order_items", "order_payments")
OPTIONAL = ("order_reviews", "customers", "geolocation")

ASSUMPTIONS = (
    (
        "the set is a sample: every order that was not delivered, but only about one in five of the delivered ones; "
        "the sample weights are no facts and are not read, so amounts are too low and shares of undelivered, cancelled "
        "and badly reviewed orders too high"
    ),
    (
        "an order over several sellers is one row a seller: goods and freight are those of the seller's own items; a "
        "payment is shared by goods and freight, to the cent, and the last seller takes the rest; a review counts for each"
    ),
    (
        "an order without items names no seller, and an item, payment or review without its order no time or no seller: "
        "they are quarantined (missing_value)"
    ),
    "an order found unavailable cannot be charged to a seller: it is quarantined without one, with its payments",
    "a payment was made when it was approved; one that was never approved is quarantined",
    (
        "a cancelled order was cancelled at the end of its promised day, or when it was delivered if that is later: the "
        "source gives no time, and an earlier one could not be known"
    ),
    "a hand-over before the order is a fault of the clock: the row is quarantined",
    "the promised day is the estimated delivery, which is padded: arriving in time is weak evidence",
    (
        "a review happened when it was asked for and is known from its answer; it is known by order, day and score, "
        "because some have no number; its text is not read"
    ),
    "a buyer is customer_unique_id, empty where the sample lacks the customer: customer_id differs for every order",
    "a seller opened on the day of the first order in the set; one without orders on the day of the set's last order",
    "pay-outs to sellers are not in the set: when a receivable is paid is not known, and there are no settlements",
    "hand-over and delivery stand in the order; the set has no parcels, so there are no shipments",
    "a place is a postcode prefix; its point is an average by the set's source, left out where it lies outside Brazil",
    "seller_totals_derived is made from the full set by a third party: never data, at most a cross-check",
)


def open_source(path: Path) -> Source:
    """Find the set's files in the folder.

    Raises:
        SourceError: a file that is needed is missing.
    """
    files = {_short(stem): file for stem, file in files_by_stem(path).items()}
    required(path, files, NEEDED, "the Olist set")
    trade = Trade(files)
    streams = [
        Stream("merchants", files["sellers"], shapes.merchants(trade)),
        Stream("orders", files["orders"], shapes.orders, trade.orders),
        Stream("order_items", files["order_items"], shapes.order_items(trade)),
        Stream("payments", files["order_payments"], shapes.payments, trade.payments),
    ]
    if "order_reviews" in files:
        streams.append(Stream("reviews", files["order_reviews"], shapes.reviews, trade.reviews))
    if "geolocation" in files:
        streams.insert(0, Stream("regions", files["geolocation"], shapes.regions, shapes.places))
    return Source(
        adapter=NAME,
        name=path.resolve().name,
        folder=path,
        streams=tuple(streams),
        currency="BRL",
        zone="America/Sao_Paulo",
        route="public_research_set",
        authorisation="public data set, CC BY-NC-SA 4.0",
        purpose="research",
        assumptions=ASSUMPTIONS,
        not_read=tuple(file.name for stem, file in files.items() if stem not in (*NEEDED, *OPTIONAL)),
    )


def _short(stem: str) -> str:
    """`olist_orders_dataset` is orders."""
    return stem.removeprefix("olist_").removesuffix("_dataset")
