"""An independent auditor reads the journal and agrees; with one fen changed it does not."""

import subprocess
import sys
from datetime import date
from pathlib import Path

from suixin.ledger.beancount import lines
from suixin.ledger.transaction import Entry, Transaction


def journal() -> list[Transaction]:
    first, second = date(2025, 3, 15), date(2025, 3, 16)
    return [
        Transaction(
            "L1/disbursed",
            "disbursed",
            first,
            first,
            (Entry("1002.01", "", "CNY", -10_000_000), Entry("1303.01", "L1", "CNY", 10_000_000)),
            "L1",
        ),
        Transaction(
            "L1/accrued/2025-03-15",
            "accrued",
            first,
            first,
            (Entry("1132.01", "L1", "CNY", 1_208), Entry("6011.01", "L1", "CNY", -1_208)),
        ),
        Transaction(
            "L1/taken back",
            "accrued",
            second,
            first,
            (Entry("1132.01", "L1", "CNY", -1_208), Entry("6011.01", "L1", "CNY", 1_208)),
            reverses="L1/accrued/2025-03-15",
            reason='利率 "4.35%" \\ 有误',
        ),
    ]


def checked(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "bean-check"
    file = folder / "账本.beancount"
    file.write_text(text, encoding="utf-8")
    return subprocess.run([program, "--no-cache", file], capture_output=True, text=True, check=False)


def test_bean_check_agrees_and_finds_one_fen(tmp_path):
    text = "\n".join(lines("穗 book", journal(), opened_on=date(2025, 1, 1))) + "\n"
    sound = checked(tmp_path, text)
    assert (sound.returncode, sound.stdout + sound.stderr) == (0, "")
    for good, bad, words in (
        ("  Assets:Interest:Accrued  12.08 CNY", "  Assets:Interest:Accrued  12.09 CNY", "does not balance"),
        ("balance Assets:Settlement  -100000.00", "balance Assets:Settlement  -100000.01", "Balance failed"),
        ("2025-01-01 open Assets:Settlement\n", "", "Invalid reference"),
    ):
        assert good in text
        broken = checked(tmp_path, text.replace(good, bad, 1))
        assert broken.returncode == 1
        assert words in broken.stdout + broken.stderr
