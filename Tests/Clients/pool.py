#!/usr/bin/env python3
"""What wallets rely on of a transaction pool, with stock web3.py against a running council.

    pool.py --network .testnet/network.json [URL ...]

Gaps of nonces wait, are shown as queued, and go through when they close; a replacement takes 10 % more; what is refused
is refused in the words that libraries match on; while a block is sealed nothing is gone for a moment; a transaction for
no chain in particular, which nobody signed, puts a contract at an address known beforehand. Exits with 1 where that
does not hold.
"""

import re

import rlp
from eth_account import Account
from eth_utils import keccak
from web3.exceptions import Web3RPCError

from nodes import expect, fees, main, rangers, same, validated

KLAY = 10**18
# As ethers and viem look for them.
TEXTS = {
    "nonce": r"nonce (is )?too low",
    "funds": r"insufficient funds for gas \* price \+ value",
    "known": r"already known",
    "replacement": r"replacement transaction underpriced",
    "intrinsic": r"intrinsic gas too low",
    "limit": r"exceeds block gas limit|gas limit too high",
    "tip": r"max priority fee per gas higher than max fee per gas",
}

# CREATE2 of what comes behind the first word, with that word as salt; returns the address.
FACTORY = bytes.fromhex("60203603806020" "5f375f35905f34f5" "5f5260205ff3")


def returning(code):
    """Initcode of a contract with a short `code`."""
    return bytes([0x60, len(code), 0x60, 10, 0x5F, 0x39, 0x60, len(code), 0x5F, 0xF3]) + code


class Wallet:
    """A fresh account with some KLAY, at one node."""

    def __init__(self, node, rich, name, chain_id):
        self.node, self.chain_id = node, chain_id
        self.account = Account.from_key(keccak(text=f"{name} {node.eth.block_number} {node.url}"))
        nonce = node.eth.get_transaction_count(rich.address, "pending")
        fields = {"chainId": chain_id, "nonce": nonce, "to": self.account.address, "value": 100 * KLAY, "gas": 21_000}
        node.receipt(node.eth.send_raw_transaction(rich.sign_transaction(fields | fees(node)).raw_transaction))

    def signed(self, nonce, **changes):
        fields = {"chainId": self.chain_id, "nonce": nonce, "to": self.account.address, "value": 1, "gas": 21_000}
        return self.account.sign_transaction(fields | fees(self.node) | changes)

    def send(self, nonce, **changes):
        return self.node.eth.send_raw_transaction(self.signed(nonce, **changes).raw_transaction)

    def refused(self, why, nonce, **changes):
        try:
            hash = self.send(nonce, **changes)
        except Web3RPCError as error:
            text, code = error.rpc_response["error"]["message"], error.rpc_response["error"]["code"]
            expect(re.search(TEXTS[why], text), f"{self.node.url}: {why}: says {text!r}")
            expect(code == -32000, f"{self.node.url}: {why}: code {code}")
        else:
            expect(False, f"{self.node.url}: {why}: took {hash.hex()}")

    def content(self):
        """Nonces that are pending and queued, as txpool_contentFrom tells."""
        found = self.node.ask("txpool_contentFrom", self.account.address)
        return sorted(map(int, found["pending"])), sorted(map(int, found["queued"]))


def gap(wallet):
    """Nonce 1 and 2 wait for nonce 0."""
    later = [wallet.send(nonce) for nonce in (2, 1)]
    expect(wallet.content() == ([], [1, 2]), f"behind a gap: {wallet.content()}")
    pool = wallet.node.ask("txpool_content")["queued"]
    mine = {address.lower(): set(found) for address, found in pool.items()}.get(wallet.account.address.lower())
    expect(mine == {"1", "2"}, f"txpool_content has {mine}")
    expect(int(wallet.node.ask("txpool_status")["queued"], 16) >= 2, "txpool_status counts too few")
    lines = wallet.node.ask("txpool_inspect")["queued"]
    expect(any("1 wei" in line for found in lines.values() for line in found.values()), f"txpool_inspect: {lines}")
    expect(wallet.node.eth.get_transaction_count(wallet.account.address, "pending") == 0, "a gap counts as pending")
    waiting = wallet.node.eth.get_transaction(later[0])
    expect(waiting["blockNumber"] is None, f"a waiting transaction has block {waiting['blockNumber']}")
    first = wallet.send(0)
    expect(wallet.node.eth.get_transaction_count(wallet.account.address, "pending") == 3, "the gap is not closed")
    for hash in [first, *later]:
        expect(wallet.node.receipt(hash)["status"] == 1, f"{hash.hex()} failed")
    expect(wallet.content() == ([], []), f"what is in the chain still waits: {wallet.content()}")


def replacement(wallet):
    """A better price takes the place of what waits."""
    price = fees(wallet.node)
    nonce = wallet.node.eth.get_transaction_count(wallet.account.address) + 1
    old = wallet.send(nonce)
    wallet.refused("replacement", nonce, value=2)
    wallet.refused("known", nonce)
    new = wallet.send(
        nonce, value=3, maxFeePerGas=2 * price["maxFeePerGas"],
        maxPriorityFeePerGas=2 * price["maxPriorityFeePerGas"] + 1)
    wallet.send(nonce - 1)
    expect(wallet.node.receipt(new)["status"] == 1, "the replacement failed")
    block = wallet.node.eth.get_block(wallet.node.receipt(new)["blockNumber"])
    expect(old not in block["transactions"], "both were included")


def refusals(wallet):
    eth = wallet.node.eth
    nonce = eth.get_transaction_count(wallet.account.address)
    wallet.node.receipt(wallet.send(nonce))
    wallet.refused("nonce", nonce)
    wallet.refused("funds", nonce + 1, value=10**30)
    wallet.refused("intrinsic", nonce + 1, gas=20_999)
    wallet.refused("limit", nonce + 1, gas=eth.get_block("latest")["gasLimit"] + 1)
    wallet.refused("tip", nonce + 1, maxPriorityFeePerGas=10**13, maxFeePerGas=10**12)


def pending_block(wallet):
    """The pending tag shows what waits."""
    eth = wallet.node.eth
    head = eth.block_number
    block = eth.get_block("pending")
    expect(block["number"] > head or block["number"] == eth.block_number + 1, f"the pending block is {block['number']}")
    expect(block["hash"] is None or len(block["hash"]) == 32, "the hash of the pending block")
    expect(eth.get_balance(wallet.account.address, "pending") > 0, "no pending balance")


def seamless(wallet):
    """While a block is sealed nothing that waited is gone, nothing that was pending is undone."""
    node, friend = wallet.node, Account.create().address
    for count in range(1, 9):
        nonce = node.eth.get_transaction_count(wallet.account.address, "pending")
        hash = node.eth.send_raw_transaction(wallet.signed(nonce, to=friend).raw_transaction)
        polls = 0
        while (found := node.ask("eth_getTransactionByHash", hash.to_0x_hex())) and found["blockNumber"] is None:
            counted = node.eth.get_transaction_count(wallet.account.address, "pending")
            expect(counted > nonce, f"the pending nonce fell back from {nonce + 1} to {counted}")
            balance = node.eth.get_balance(friend, "pending")
            expect(balance >= count, f"the pending balance fell back from {count} to {balance}")
            polls += 1
        expect(found, f"after {polls} polls {hash.hex()} was neither waiting nor sealed")


def presigned(nodes, network, rich):
    """A factory deployed as the well-known ones are, by a signature older than EIP-155 that nobody made."""
    home, council = nodes[-1], nodes[0]
    # What follows the code only makes another transaction of it, and so another sender, in each run.
    initcode = returning(FACTORY) + council.eth.block_number.to_bytes(32, "big")
    number = int("22" * 32, 16)
    price = 100 * 10**9
    raw = rlp.encode([0, price, 200_000, b"", 0, initcode, 27, number, number])
    sender = Account.recover_transaction(raw)
    nonce = council.eth.get_transaction_count(rich.address, "pending")
    fund = {"chainId": council.eth.chain_id, "nonce": nonce, "to": sender, "value": 200_000 * price, "gas": 21_000}
    funded = council.eth.send_raw_transaction(rich.sign_transaction(fund | fees(council)).raw_transaction)
    home.receipt(funded)
    deployed = home.eth.send_raw_transaction(raw)
    for node in nodes:
        receipt = node.receipt(deployed)
        expect(receipt["status"] == 1 and receipt["from"] == sender, f"{node.url}: the factory: {receipt}")
    factory = receipt["contractAddress"]
    code = same(nodes, "the factory's code", lambda node: bytes(node.eth.get_code(factory)))
    expect(code == FACTORY, f"the factory has code {code.hex()}")
    found = same(nodes, "the deployment", lambda node: dict(node.eth.get_transaction(deployed)))
    expect("chainId" not in found and found["v"] == 27, f"the deployment is shown as {found}")

    salt, child = keccak(text="salt"), returning(b"\x00firetower")
    address = home.web3.to_checksum_address(keccak(b"\xff" + bytes.fromhex(factory[2:]) + salt + keccak(child))[12:])
    fields = {"chainId": council.eth.chain_id, "nonce": nonce + 1, "to": factory, "data": salt + child, "gas": 300_000}
    made = council.eth.send_raw_transaction(rich.sign_transaction(fields | fees(council)).raw_transaction)
    for node in nodes:
        expect(node.receipt(made)["status"] == 1, f"{node.url}: the factory made nothing")
    code = same(nodes, "the child's code", lambda node: bytes(node.eth.get_code(address)))
    expect(code == b"\x00firetower", f"the contract at the known address has code {code.hex()}")
    validated(rangers(nodes, network), home.receipt(made)["blockNumber"])


def run(nodes, network, options):
    rich = Account.from_key(network["accounts"][8]["privateKey"])
    chain_id = nodes[0].eth.chain_id
    chosen = nodes[::4]
    for node in chosen:
        for case in (gap, replacement, refusals, pending_block, seamless):
            case(Wallet(node, rich, case.__name__, chain_id))
    presigned(nodes, network, rich)
    print(f"pool: gaps, replacement, {len(TEXTS)} refusals, the pending block, and no gap when blocks are sealed at "
          f"{len(chosen)} nodes, a presigned deployment at {len(nodes)}")


if __name__ == "__main__":
    main(__doc__, run)
