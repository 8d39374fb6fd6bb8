#!/bin/sh
# Makes NotoSansCJKsc-GB2312.otf anew from Debian's fonts-noto-cjk, by fonttools: the signs of GB 2312 and ASCII.
set -eu
cd -- "$(dirname -- "$0")"
python3 - >signs.txt <<'SIGNS'
import itertools, sys
pairs = (bytes(pair).decode("gb2312", "ignore") for pair in itertools.product(range(0xA1, 0xF8), range(0xA1, 0xFF)))
sys.stdout.buffer.write("".join(sorted({*map(chr, range(0x20, 0x7F)), *"¥·–", *filter(None, pairs)})).encode())
SIGNS
python3 -m fontTools.subset /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc --font-number=2 --text-file=signs.txt \
    --layout-features= --no-hinting --name-IDs='*' --output-file=NotoSansCJKsc-GB2312.otf
rm signs.txt
