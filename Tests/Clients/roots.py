#!/usr/bin/env python3
"""Recomputes everything that a header commits to from what JSON-RPC says, with a trie that is not ours.

    roots.py --network .testnet/network.json [--depth 200] [URL ...]

For the last `depth` blocks of each node: the block's hash, its transactions and receipts root, its bloom, and
cumulative gas. Then proofs by eth_getProof against the state root, of accounts and slots, present and absent, now and
at an old height. Runs after the other scripts, which fill the chain. Exits with 1 at the first difference.
"""

import rlp
from eth_account import Account
from eth_utils import keccak
from trie import HexaryTrie
from trie.exceptions import BadTrieProof

from nodes import expect, main
from web3_transfers import block_hash

ABSENT = "0x" + "a5" * 20


def ordered_root(values):
    """The root of a trie from rlp(index) to value."""
    trie = HexaryTrie({})
    for index, value in enumerate(values):
        trie[rlp.encode(index)] = bytes(value)
    return trie.root_hash


def bloom(logs):
    """2048 bits, three for each address and topic (Yellow Paper, 4.3.1)."""
    bits = 0
    for log in logs:
        for item in [bytes.fromhex(log["address"][2:]), *map(bytes, log["topics"])]:
            digest = keccak(item)
            for place in (0, 2, 4):
                bits |= 1 << (int.from_bytes(digest[place:place + 2], "big") & 2047)
    return bits.to_bytes(256, "big")


def encoded_receipt(receipt):
    """EIP-658 and EIP-2718."""
    logs = [
        [bytes.fromhex(log["address"][2:]), list(map(bytes, log["topics"])), bytes(log["data"])]
        for log in receipt["logs"]
    ]
    fields = [receipt["status"], receipt["cumulativeGasUsed"], bytes(receipt["logsBloom"]), logs]
    kind = receipt["type"]
    return (bytes([kind]) if kind else b"") + rlp.encode(fields)


def check_block(node, height):
    """Returns how many transactions and logs were checked."""
    block = node.eth.get_block(height, True)
    where = f"{node.url}: block {height}"
    expect(block_hash(block) == block["hash"], f"{where}: its fields hash to 0x{block_hash(block).hex()}")
    hashes = [transaction["hash"].to_0x_hex() for transaction in block["transactions"]]
    envelopes = [bytes.fromhex(node.ask("eth_getRawTransactionByHash", hash)[2:]) for hash in hashes]
    for envelope, transaction in zip(envelopes, block["transactions"]):
        expect(keccak(envelope) == transaction["hash"], f"{where}: {transaction['hash'].hex()} hashes otherwise")
        sender = Account.recover_transaction(envelope)
        expect(sender == transaction["from"], f"{where}: {sender} signed, not {transaction['from']}")
    expect(ordered_root(envelopes) == block["transactionsRoot"], f"{where}: transactionsRoot")
    receipts = node.eth.get_block_receipts(height)
    expect(len(receipts) == len(envelopes), f"{where}: {len(receipts)} receipts")
    expect(ordered_root(map(encoded_receipt, receipts)) == block["receiptsRoot"], f"{where}: receiptsRoot")
    logs = [log for receipt in receipts for log in receipt["logs"]]
    expect(bloom(logs) == block["logsBloom"], f"{where}: logsBloom")
    for receipt in receipts:
        expect(bloom(receipt["logs"]) == receipt["logsBloom"], f"{where}: the bloom of a receipt")
    gas = [0] + [receipt["cumulativeGasUsed"] for receipt in receipts]
    expect(gas[-1] == block["gasUsed"], f"{where}: gasUsed")
    for before, after, receipt in zip(gas, gas[1:], receipts):
        expect(after - before == receipt["gasUsed"], f"{where}: the gas of a receipt")
    expect([log["logIndex"] for log in logs] == list(range(len(logs))), f"{where}: log indices")
    found = node.eth.get_logs({"blockHash": block["hash"]})
    expect(found == logs, f"{where}: eth_getLogs and receipts differ")
    header = bytes.fromhex(node.ask("debug_getRawHeader", hex(height))[2:])
    expect(keccak(header) == block["hash"], f"{where}: debug_getRawHeader is another one's")
    raw_receipts = node.ask("debug_getRawReceipts", hex(height))
    expect(
        [bytes.fromhex(text[2:]) for text in raw_receipts] == list(map(encoded_receipt, receipts)),
        f"{where}: debug_getRawReceipts")
    return len(envelopes), len(logs)


def check_proof(node, address, slots, height):
    """Account and slots as the proof shows them. Returns how many entries it shows to be absent."""
    root = node.eth.get_block(height)["stateRoot"]
    proof = node.eth.get_proof(address, slots, height)
    where = f"{node.url}: eth_getProof of {address} at {height}"

    def proven(root, key, nodes):
        try:
            return HexaryTrie.get_from_proof(bytes(root), keccak(key), [rlp.decode(bytes(item)) for item in nodes])
        except BadTrieProof as error:
            expect(False, f"{where}: {error}")

    leaf = proven(root, bytes.fromhex(address[2:]), proof["accountProof"])
    fields = [proof["nonce"], proof["balance"], bytes(proof["storageHash"]), bytes(proof["codeHash"])]
    absent = 0
    if leaf:
        expect(leaf == rlp.encode(fields), f"{where}: the leaf is not what is said of the account")
    else:
        expect((proof["nonce"], proof["balance"]) == (0, 0), f"{where}: an account that is not there has something")
        absent += 1
    expect(proof["balance"] == node.eth.get_balance(address, height), f"{where}: eth_getBalance differs")
    expect(proof["nonce"] == node.eth.get_transaction_count(address, height), f"{where}: the nonce differs")
    for slot, entry in zip(slots, proof["storageProof"], strict=True):
        key = slot.to_bytes(32, "big")
        value = proven(proof["storageHash"], key, entry["proof"]) if entry["proof"] else b""
        found = int.from_bytes(rlp.decode(value), "big") if value else 0
        said = int.from_bytes(entry["value"], "big") if isinstance(entry["value"], bytes) else int(entry["value"])
        expect(found == said, f"{where}: slot {slot} is {said}, proven is {found}")
        word = int.from_bytes(node.eth.get_storage_at(address, slot, height), "big")
        expect(word == found, f"{where}: eth_getStorageAt gives {word} for slot {slot}")
        absent += found == 0
    return absent


def contracts(node, last, depth):
    """Who has been created in the last blocks."""
    found = []
    for height in range(max(0, last - depth), last + 1):
        for receipt in node.eth.get_block_receipts(height):
            if receipt["contractAddress"]:
                found.append((receipt["contractAddress"], height))
    return found


def run(nodes, network, options):
    last = min(node.eth.block_number for node in nodes)
    first = max(0, last - options.depth)
    accounts = [account["address"] for account in network["accounts"]]
    counts = [0, 0]
    proofs = absent = 0
    for node in nodes:
        for height in range(first, last + 1):
            for place, count in enumerate(check_block(node, height)):
                counts[place] += count
        created = contracts(node, last, options.depth)
        expect(created, f"{node.url}: no contract was created from block {first} on: run vyper_erc20.py first")
        for height in sorted({0, first, (first + last) // 2, last}):
            cases = [(node.web3.to_checksum_address(address), []) for address in accounts[:3]]
            cases += [(node.web3.to_checksum_address(ABSENT), [0, 1])]
            cases += [(address, [0, 1, 2, 3, 4, 2**256 - 1]) for address, birth in created if birth <= height]
            for address, slots in cases:
                absent += check_proof(node, address, slots, height)
                proofs += 1 + len(slots)
    expect(absent > 0 and counts[0] > 0 and counts[1] > 0, f"nothing to compare: {counts}, {absent} absent")
    print(
        f"blocks {first} to {last} at {len(nodes)} nodes: hashes, roots and blooms of {counts[0]} transactions and "
        f"{counts[1]} logs, and {proofs} proofs ({absent} of absence) hold by another trie")


if __name__ == "__main__":
    main(__doc__, run, depth=200)
