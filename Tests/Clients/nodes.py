"""What the scripts beside this file share: nodes asked through stock web3.py, and comparing what they say."""

import argparse
import json
import sys
import time

from web3 import HTTPProvider, Web3
from web3.exceptions import TransactionNotFound

# Nodes have this long for what is awaited of them, in seconds.
DEADLINE = 60


class Difference(Exception):
    """The nodes, or a node and arithmetic, do not agree."""


def expect(holds, words):
    if not holds:
        raise Difference(words)


class Node:
    """A node as web3.py shows it, without any middleware added."""

    def __init__(self, url):
        self.url = url
        self.web3 = Web3(HTTPProvider(url))
        self.eth = self.web3.eth

    def wait(self, what, question):
        end = time.monotonic() + DEADLINE
        while True:
            answer = question()
            if answer:
                return answer
            expect(time.monotonic() < end, f"{self.url}: not within {DEADLINE} s: {what}")
            time.sleep(0.02)

    def reach(self, height):
        self.wait(f"block {height}", lambda: self.eth.block_number >= height)

    def receipt(self, transaction):
        try:
            return self.eth.wait_for_transaction_receipt(transaction, timeout=DEADLINE, poll_latency=0.02)
        except TransactionNotFound as error:
            raise Difference(f"{self.url}: {error}") from error

    def ask(self, method, *parameters):
        """The result of a method that web3.py has no function for."""
        answer = self.web3.provider.make_request(method, list(parameters))
        expect("result" in answer, f"{self.url}: {method}: {answer.get('error')}")
        return answer["result"]


def same(nodes, what, question):
    """The answer that all nodes give."""
    first = question(nodes[0])
    for node in nodes[1:]:
        other = question(node)
        expect(other == first, f"{what} differs\n  {nodes[0].url}: {first}\n  {node.url}: {other}")
    return first


def fees(node):
    """The fees that the node advises, with room for a base fee twice as high."""
    tip = node.eth.max_priority_fee
    base = node.eth.get_block("latest")["baseFeePerGas"]
    return {"type": 2, "maxPriorityFeePerGas": tip, "maxFeePerGas": 2 * base + tip}


def rangers(nodes, network):
    """Those of `nodes` that are rangers."""
    urls = {node["rpcUrl"] for node in network["nodes"] if node["role"] == "ranger"}
    return [node for node in nodes if node.url in urls]


def validated(nodes, last):
    """Waits until each ranger has executed block `last` and everything below it, and found no fault."""
    for node in nodes:
        node.wait(
            f"the ranger has validated block {last}",
            lambda: int(node.ask("ranger_status")["validatedHeight"], 16) >= last)
        faults = node.ask("ranger_getFaults")
        expect(faults == [], f"{node.url} lists faults: {faults}")


def main(documentation, run, **options):
    """Reads the command line, and runs `run(nodes, network, options)`; exits with 1 where nodes differ.

    `options` are names of numbers and their defaults.
    """
    parser = argparse.ArgumentParser(
        description=documentation, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("urls", metavar="URL", nargs="*", help="JSON-RPC of a node")
    parser.add_argument("--network", required=True, help="the network.json that the launcher wrote")
    for name, default in options.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    found = parser.parse_args()
    with open(found.network, encoding="utf-8") as file:
        network = json.load(file)
    nodes = [Node(url) for url in found.urls or [node["rpcUrl"] for node in network["nodes"]]]
    try:
        for node in nodes:
            expect(node.web3.is_connected(), f"{node.url} does not answer")
        run(nodes, network, found)
    except Difference as difference:
        sys.exit(f"{parser.prog}: {difference}")
