#!/usr/bin/env python3
"""Runs the Python of README.md against a running council, so that what people copy from there works.

    readme.py --network .testnet/network.json
"""

import contextlib
import io
import pathlib
import re

from nodes import Difference, expect, main

README = pathlib.Path(__file__).parents[2] / "README.md"
# What `scripts/testnet up` gives the first node.
URL = "http://127.0.0.1:8545"
# The last line that each block prints begins with this, or holds it.
SHOWN = ["AttributeDict", "execution reverted: nothing to add"]


def run(nodes, network, options):
    blocks = re.findall(r"^```python\n(.*?)^```$", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    expect(len(blocks) == len(SHOWN), f"{README.name} has {len(blocks)} blocks of Python, not {len(SHOWN)}")
    for block, shown in zip(blocks, SHOWN):
        expect(URL in block, f"a block of {README.name} does not name {URL}")
        output = io.StringIO()
        try:
            with contextlib.redirect_stdout(output):
                exec(compile(block.replace(URL, nodes[0].url), README.name, "exec"), {})
        except Exception as error:
            raise Difference(f"a block of {README.name} fails: {error!r}\n{block}") from error
        lines = output.getvalue().splitlines()
        expect(lines and shown in lines[-1], f"a block of {README.name} prints {lines}")
    print(f"{README.name}: {len(blocks)} blocks of Python run as they stand there")


if __name__ == "__main__":
    main(__doc__, run)
