#!/usr/bin/env python3
"""Sends transactions of twenty accounts at once, in any order of nonces, to all nodes, and looks for each in the chain.

    shuffled.py --network .testnet/network.json [--transactions 200] [--seed N] [URL ...]

Exits with 1 unless each is in exactly one block, with the same receipt at every node, and each account's nonces are in
order.
"""

import random
import time
from concurrent.futures import ThreadPoolExecutor

from eth_account import Account
from eth_utils import keccak

from nodes import Difference, expect, fees, main, same

ACCOUNTS = 20
KLAY = 10**18


def fund(node, rich, poor, chain_id):
    """Gives each of `poor` enough for its transactions."""
    nonce = node.eth.get_transaction_count(rich.address, "pending")
    hashes = []
    for index, account in enumerate(poor):
        fields = {"chainId": chain_id, "nonce": nonce + index, "to": account.address, "value": 10 * KLAY, "gas": 21_000}
        hashes.append(node.eth.send_raw_transaction(rich.sign_transaction(fields | fees(node)).raw_transaction))
    for hash in hashes:
        expect(node.receipt(hash)["status"] == 1, f"funding {hash.hex()} failed")
    return max(node.receipt(hash)["blockNumber"] for hash in hashes)


def sign(accounts, nodes, count, chain_id):
    """The same number of transfers from each account. Returns (hash, raw) and who sent what."""
    signed, owners = [], {}
    price = fees(nodes[0])
    for account in accounts:
        nonce = nodes[0].eth.get_transaction_count(account.address)
        for index in range(count // len(accounts)):
            fields = {"chainId": chain_id, "nonce": nonce + index, "to": accounts[0].address, "value": 1, "gas": 21_000}
            transaction = account.sign_transaction(fields | price)
            signed.append(transaction)
            owners[bytes(transaction.hash)] = (account.address, nonce + index)
    return signed, owners


def blocks_with(node, hashes, first):
    """Where each of `hashes` stands, by reading every block from `first` on until all were seen, and one more."""
    places, height = {}, first
    end = time.monotonic() + 60
    extra = 2
    while extra:
        while node.eth.block_number < height:
            expect(time.monotonic() < end, f"{node.url}: {len(hashes) - len(places)} transactions are in no block")
            time.sleep(0.02)
        for index, transaction in enumerate(node.eth.get_block(height, True)["transactions"]):
            hash = bytes(transaction["hash"])
            if hash in hashes:
                places.setdefault(hash, []).append((height, index))
        extra -= len(places) == len(hashes)
        height += 1
    return places


def run(nodes, network, options):
    seed = options.seed or time.time_ns() % 2**32
    dice = random.Random(seed)
    chain_id = same(nodes, "the chain id", lambda node: node.eth.chain_id)
    rich = Account.from_key(network["accounts"][0]["privateKey"])
    accounts = [Account.from_key(keccak(text=f"shuffled {seed} {index}")) for index in range(ACCOUNTS)]
    start = fund(nodes[0], rich, accounts, chain_id)
    for node in nodes:
        node.reach(start)
    signed, owners = sign(accounts, nodes, options.transactions, chain_id)
    dice.shuffle(signed)
    began = time.monotonic()

    def send(place):
        node = nodes[place % len(nodes)]
        found = node.eth.send_raw_transaction(signed[place].raw_transaction)
        if found != signed[place].hash:
            raise Difference(f"{node.url} calls the transaction {found.hex()}, not {signed[place].hash.hex()}")

    with ThreadPoolExecutor(len(nodes) * 2) as threads:
        list(threads.map(send, range(len(signed))))
    places = same(nodes, "where the transactions stand", lambda node: blocks_with(node, owners, start + 1))
    seconds = time.monotonic() - began
    for hash, found in places.items():
        expect(len(found) == 1, f"transaction {hash.hex()} of seed {seed} is included {len(found)} times: {found}")
    for account in accounts:
        mine = sorted(
            (owners[hash][1], place[0]) for hash, place in places.items() if owners[hash][0] == account.address)
        order = [place for _, place in mine]
        expect(order == sorted(order), f"the nonces of {account.address} are out of order: {mine}")
    for hash in owners:
        receipt = same(nodes, f"the receipt of {hash.hex()}", lambda node: node.eth.get_transaction_receipt(hash))
        expect(receipt["status"] == 1, f"transfer {hash.hex()} failed")
    print(
        f"seed {seed}: {len(signed)} transactions of {len(accounts)} accounts, shuffled, through {len(nodes)} nodes: "
        f"each is in exactly one block; {seconds:.1f} s until all nodes had all")


if __name__ == "__main__":
    main(__doc__, run, transactions=200, seed=0)
