#!/usr/bin/env python3
"""Sends transfers to a running council with stock web3.py, and compares what the nodes say about them.

    web3_transfers.py --network .testnet/network.json [--transfers 100] [URL ...]

Keys of the funded accounts come from network.json; the URLs are those of all its nodes unless some are given.
No middleware is added to web3.py. Exits with 1 if two nodes differ, if a balance is not what the receipts lead to,
or if the hash of any block is not that of its fields.
"""

import time

import rlp
from eth_account import Account
from eth_utils import keccak
from web3 import Web3

from nodes import expect, fees, main, same

KLAY = 10**18
TRANSFER_GAS = 21_000

# The fields of a header in the order in which Ethereum hashes them, since Prague.
HEADER = [
    "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty",
    "number", "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas",
    "withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot", "requestsHash",
]


def block_hash(block):
    """keccak(rlp(header)) from the fields as web3.py gives them."""
    fields = []
    for name in HEADER:
        value = block[name]
        if name == "miner":
            value = bytes.fromhex(value[2:])
        fields.append(value if isinstance(value, int) else bytes(value))
    return keccak(rlp.encode(fields))


def recipient(index):
    """An address of this run that nobody has sent anything to."""
    return Web3.to_checksum_address(keccak(text=f"recipient {time.time_ns()} {index}")[12:])


def transaction(node, chain_id, nonce, to, value, kind):
    """A transfer of one of the three kinds that web3.py signs, with the fees that the node advises."""
    fields = {"chainId": chain_id, "nonce": nonce, "to": to, "value": value, "gas": TRANSFER_GAS}
    if kind == 2:
        return fields | fees(node)
    fields["gasPrice"] = 2 * node.eth.gas_price
    return fields | {"type": 1, "accessList": []} if kind == 1 else fields


def send(nodes, accounts, count):
    """Signs and sends `count` transfers, each through the next node. Returns (hash, sender, recipient, value)."""
    chain_id = same(nodes, "the chain id", lambda node: node.eth.chain_id)
    nonces = {a.address: nodes[0].eth.get_transaction_count(a.address, "pending") for a in accounts}
    sent = []
    for index in range(count):
        node, account = nodes[index % len(nodes)], accounts[index % len(accounts)]
        to, value = recipient(index), KLAY + index
        fields = transaction(node, chain_id, nonces[account.address], to, value, index % 3)
        # Whoever asks how much gas it takes is told what a transfer takes.
        if index < len(nodes):
            estimate = node.eth.estimate_gas({"from": account.address, "to": to, "value": value})
            expect(estimate == TRANSFER_GAS, f"{node.url} estimates {estimate} gas for a transfer")
        signed = account.sign_transaction(fields)
        found = node.eth.send_raw_transaction(signed.raw_transaction)
        expect(found == signed.hash, f"{node.url} calls the transaction {found.hex()}, not {signed.hash.hex()}")
        nonces[account.address] += 1
        sent.append((signed.hash, account.address, to, value))
    return sent


def compare_receipts(nodes, sent):
    """Every node has the same receipt and the same transaction. Returns the receipts."""
    receipts = []
    for hash, sender, to, value in sent:
        for node in nodes:
            node.receipt(hash)
        receipt = same(nodes, f"the receipt of {hash.hex()}", lambda node: node.receipt(hash))
        expect(receipt["status"] == 1, f"transfer {hash.hex()} failed")
        expect(receipt["gasUsed"] == TRANSFER_GAS, f"transfer {hash.hex()} used {receipt['gasUsed']} gas")
        found = same(nodes, f"transaction {hash.hex()}", lambda node: node.eth.get_transaction(hash))
        expect(
            (found["from"], found["to"], found["value"]) == (sender, to, value),
            f"transaction {hash.hex()} is not what was sent: {dict(found)}")
        expect(found["blockHash"] == receipt["blockHash"], f"two blocks hold {hash.hex()}")
        receipts.append(receipt)
    return receipts


def compare_balances(nodes, accounts, before, start, sent, receipts, last):
    """Balances are the same everywhere, and are those that the receipts lead to."""
    spent = {account.address: 0 for account in accounts}
    for (_, sender, _, value), receipt in zip(sent, receipts):
        spent[sender] += value + receipt["gasUsed"] * receipt["effectiveGasPrice"]
    for account in accounts:
        address = account.address
        found = same(nodes, f"the balance of {address}", lambda node: node.eth.get_balance(address, last))
        expect(
            found == before[address] - spent[address],
            f"{address} has {found}, expected {before[address]} - {spent[address]}")
        past = same(nodes, f"the past balance of {address}", lambda node: node.eth.get_balance(address, start))
        expect(past == before[address], f"{address} had {past} at block {start}, expected {before[address]}")
        same(nodes, f"the nonce of {address}", lambda node: node.eth.get_transaction_count(address, last))
    for _, _, to, value in sent:
        found = same(nodes, f"the balance of {to}", lambda node: node.eth.get_balance(to, last))
        expect(found == value, f"{to} has {found}, expected {value}")


def compare_blocks(nodes, last):
    """Every block is the same everywhere, hashes to what it claims, and names its parent."""
    parent = None
    for height in range(last + 1):
        block = same(nodes, f"block {height}", lambda node: node.eth.get_block(height, True))
        expect(block_hash(block) == block["hash"], f"block {height}: its fields hash to 0x{block_hash(block).hex()}")
        expect(parent is None or block["parentHash"] == parent, f"block {height} does not name its parent")
        by_hash = same(nodes, f"block {block['hash'].hex()}", lambda node: node.eth.get_block(block["hash"], True))
        expect(by_hash == block, f"block {height} is another one by its hash")
        parent = block["hash"]


def run(nodes, network, options):
    accounts = [Account.from_key(account["privateKey"]) for account in network["accounts"]]
    start = max(node.eth.block_number for node in nodes)
    for node in nodes:
        node.reach(start)
    before = {a.address: nodes[0].eth.get_balance(a.address, start) for a in accounts}
    began = time.monotonic()
    sent = send(nodes, accounts, options.transfers)
    receipts = compare_receipts(nodes, sent)
    seconds = time.monotonic() - began
    last = max(receipt["blockNumber"] for receipt in receipts)
    for node in nodes:
        node.reach(last)
    compare_balances(nodes, accounts, before, start, sent, receipts, last)
    compare_blocks(nodes, last)
    blocks = len({receipt["blockNumber"] for receipt in receipts})
    print(
        f"{nodes[0].web3.client_version}: {options.transfers} transfers in {blocks} blocks, {seconds:.1f} s until {len(nodes)} nodes "
        f"had every receipt; balances, roots and the hashes of blocks 0 to {last} agree")


if __name__ == "__main__":
    main(__doc__, run, transfers=100)
