"""A house into whose lake a client pushed rows of which most were set aside, for the tests of what becomes of them."""

import csv
import io
import shutil

import orjson
from counter import Counter
from django.core.files.uploadedfile import SimpleUploadedFile
from journeys import APPROVED, county
from programs import Program

from suixin.lake.store import Lake
from suixin.server.identity.roles import Role
from suixin.server.identity.scopes import Scope
from suixin.server.intake import aside
from suixin.server.origination.models import Desk as DeskRow

ORDER = {"order_id": "api-1", "merchant_id": APPROVED, "ordered_at": "2025-12-30T10:00:00+08:00"}
ORDER |= {"amount": "128.50", "buyer_id": "b1"}
SENT = [
    ORDER,
    ORDER | {"order_id": "api-2", "amount": "-1", "buyer_id": "13812345678"},
    ORDER | {"order_id": "api-3", "merchant_id": "nobody", "colour": "red"},
    ORDER | {"order_id": '=HYPERLINK("http://x")'},
    ORDER | {"amount": "64.00"},  # api-1 again with another amount
]
RULES = {2: "negative_amount", 3: "unknown_merchant", 4: "formula_text", 5: "conflict", 6: "wrong_type"}


class House(Counter):
    """A bank into whose own lake a client pushed one good row and five bad ones; `lake` is its folder."""

    def __init__(self, folder, code="rural"):
        super().__init__(code)
        self.lake = folder / f"lake-{code}"
        shutil.copytree(county(), self.lake)
        with self.within():
            DeskRow.objects.update(lake=str(self.lake))
        self.staffed(Role.OPERATOR, Role.AUDITOR, Role.ADMINISTRATOR, Role.APPROVER)
        body = b"".join(orjson.dumps(row) + b"\n" for row in SENT) + b"[1]\n"
        status, found = Program(self, Scope.DATA_WRITE).post("/data/orders", body, key="k1")
        assert (status, found["accepted"], found["quarantined"]) == (200, 1, 5)
        self.number = int(found["snapshot"].partition("-")[0])
        self.where = f"/platform/ingests/{self.number}/orders"

    def rows(self):
        with self.within():
            desk = DeskRow.objects.get()
            return {one.row: one for one in aside.rows_of(desk, Lake.open(self.lake), self.number, "orders")}

    def states(self):
        return {number: one.state for number, one in self.rows().items()}

    def facts(self):
        return Lake.open(self.lake).facts("orders")

    def operator(self, number=0):
        return self.client(Role.OPERATOR, number)

    def taken(self, kind="csv"):
        answer = self.operator().post(f"{self.where}/take", {"format": kind})
        assert answer.status_code == 200
        return answer

    def upload(self, lines, name="mended.csv", encoding="utf-8-sig", client=None):
        held = io.StringIO()
        csv.writer(held).writerows(lines)
        return self.sent(held.getvalue().encode(encoding), name, client)

    def sent(self, content, name="mended.csv", client=None):
        client = client or self.operator()
        return client.post(f"{self.where}/mend", {"file": SimpleUploadedFile(name, content)})


def lines_of(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def mend(lines, **changes):
    """The lines with values set: {row: {column: value}}; only these rows are kept."""
    head = lines[0]
    kept = [dict(zip(head, line, strict=True)) for line in lines[1:]]
    made = [one | changes[f"r{one['#row']}"] for one in kept if f"r{one['#row']}" in changes]
    return [head, *([one[name] for name in head] for one in made)]


GOOD = {
    "r2": {"amount": "1.00"},
    "r3": {"merchant_id": APPROVED},
    "r5": {"known_at": "2026-01-04T00:00:00+08:00"},
}
