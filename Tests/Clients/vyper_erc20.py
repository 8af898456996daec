#!/usr/bin/env python3
"""Deploys a token written in Vyper to a running council with stock web3.py, uses it, and compares what all nodes say.

    vyper_erc20.py --network .testnet/network.json [--transfers 40] [URL ...]

Keys of the funded accounts come from network.json; the URLs are those of all its nodes unless some are given.
Exits with 1 if two nodes differ, if an event, a balance or a storage slot is not what the transfers lead to, if what
must fail does not, or if a ranger has found a fault or does not keep up.
"""

import pathlib
import time

import rlp
from eth_account import Account
from eth_utils import keccak, to_checksum_address
from vyper import compile_code
from web3.exceptions import ContractLogicError, Web3RPCError
from web3.logs import DISCARD

from nodes import expect, fees, main, rangers, same, validated

SUPPLY = 1_000_000 * 10**18
SOURCE = pathlib.Path(__file__).with_name("Token.vy")
# `scripts/testnet load --kind erc20` deploys the same contract, from a copy of its code.
COPY = pathlib.Path(__file__).parents[2] / "Sources/Testnet/LoadTokenCode.swift"
NOBODY = "0x" + "00" * 20
# More than any call here uses.
CALL_GAS = 150_000


class Token:
    """The compiled contract, where it stands, and the balances that its transfers should have led to."""

    def __init__(self, nodes, accounts):
        compiled = compile_code(SOURCE.read_text(encoding="utf-8"), output_formats=["abi", "bytecode", "layout"])
        self.abi, self.bytecode = compiled["abi"], compiled["bytecode"]
        copied = "".join(COPY.read_text(encoding="utf-8").split()).replace("\\", "")
        expect(self.bytecode[2:] in copied, f"{COPY} holds other code than {SOURCE.name} compiles to")
        self.layout = compiled["layout"]["storage_layout"]
        self.nodes, self.accounts = nodes, accounts
        self.chain_id = same(nodes, "the chain id", lambda node: node.eth.chain_id)
        self.nonces = {a.address: nodes[0].eth.get_transaction_count(a.address, "pending") for a in accounts}
        self.balances = {a.address: 0 for a in accounts}
        self.address = None
        # Hashes of transactions, with the transfers that each must have left: (sender, receiver, amount).
        self.sent = []

    def at(self, node):
        return node.eth.contract(address=self.address, abi=self.abi)

    def send(self, node, account, call, transfers, gas=None):
        """Signs and sends a call of a contract; with the node's own estimate of its gas unless `gas` is given."""
        fields = {"from": account.address, "nonce": self.nonces[account.address], "chainId": self.chain_id}
        fields |= fees(node) | {"gas": gas or call.estimate_gas({"from": account.address})}
        signed = account.sign_transaction(call.build_transaction(fields))
        found = node.eth.send_raw_transaction(signed.raw_transaction)
        expect(found == signed.hash, f"{node.url} calls the transaction {found.hex()}, not {signed.hash.hex()}")
        self.nonces[account.address] += 1
        self.sent.append((signed.hash, transfers))
        for sender, receiver, amount in transfers:
            if sender != NOBODY:
                self.balances[sender] -= amount
            self.balances[receiver] += amount
        return signed.hash

    def receipt(self, hash, status=1):
        """The receipt that all nodes have."""
        for node in self.nodes:
            node.receipt(hash)
        receipt = same(self.nodes, f"the receipt of {hash.hex()}", lambda node: node.receipt(hash))
        expect(receipt["status"] == status, f"transaction {hash.hex()} has status {receipt['status']}, not {status}")
        return receipt


def deploy(token):
    node, owner = token.nodes[0], token.accounts[0]
    factory = node.eth.contract(abi=token.abi, bytecode=token.bytecode)
    expected = to_checksum_address(
        keccak(rlp.encode([bytes.fromhex(owner.address[2:]), token.nonces[owner.address]]))[12:])
    hash = token.send(
        node, owner, factory.constructor("Firetower Token", "FIRE", SUPPLY), [(NOBODY, owner.address, SUPPLY)])
    receipt = token.receipt(hash)
    expect(receipt["contractAddress"] == expected, f"the token is at {receipt['contractAddress']}, not {expected}")
    token.address = expected
    code = same(token.nodes, "the token's code", lambda node: node.eth.get_code(token.address))
    expect(len(code) > 500 and code in bytes.fromhex(token.bytecode[2:]), "the token's code is not what was compiled")
    expect(
        same(token.nodes, "the token's name", lambda node: token.at(node).functions.name().call())
        == "Firetower Token", "the token has another name")
    return receipt


def spread(token, count):
    """Transfers from the owner to everybody, then among everybody, each through the next node."""
    owner, others = token.accounts[0], token.accounts[1:]
    first = [
        token.send(
            token.nodes[index % len(token.nodes)], owner,
            token.at(token.nodes[0]).functions.transfer(account.address, 1000 * 10**18),
            [(owner.address, account.address, 1000 * 10**18)], gas=CALL_GAS)
        for index, account in enumerate(others)
    ]
    for hash in first:
        token.receipt(hash)
    for index in range(count):
        sender, receiver = others[index % len(others)], token.accounts[(3 * index + 1) % len(token.accounts)]
        node = token.nodes[index % len(token.nodes)]
        call = token.at(node).functions.transfer(receiver.address, 10**18 + index)
        # Whoever asks how much gas it takes is told enough, now and then.
        token.send(
            node, sender, call, [(sender.address, receiver.address, 10**18 + index)],
            gas=None if index < len(token.nodes) else CALL_GAS)


def approve(token):
    """One account lets another spend."""
    owner, spender, receiver = token.accounts[1:4]
    token.receipt(
        token.send(
            token.nodes[1], owner, token.at(token.nodes[1]).functions.approve(spender.address, 5 * 10**18), []))
    token.receipt(
        token.send(
            token.nodes[2], spender,
            token.at(token.nodes[2]).functions.transferFrom(owner.address, receiver.address, 2 * 10**18),
            [(owner.address, receiver.address, 2 * 10**18)]))
    left = same(
        token.nodes, "the allowance",
        lambda node: token.at(node).functions.allowance(owner.address, spender.address).call())
    expect(left == 3 * 10**18, f"an allowance of {left} is left")


def compare_events(token, first, last):
    """Receipts and eth_getLogs tell the same events, which are those of the transfers that were sent."""
    told, logs = [], []
    for hash, transfers in token.sent:
        receipt = token.nodes[0].receipt(hash)
        # Approvals are other events.
        events = token.at(token.nodes[0]).events.Transfer().process_receipt(receipt, errors=DISCARD)
        found = [(e["args"]["sender"], e["args"]["receiver"], e["args"]["amount"]) for e in events]
        expect(found == transfers, f"transaction {hash.hex()} left {found}, expected {transfers}")
        told += events
        logs += receipt["logs"]
    place = lambda log: (log["blockNumber"], log["logIndex"])
    logs.sort(key=place)
    asked = {"fromBlock": first, "toBlock": last, "address": token.address}
    found = same(token.nodes, "eth_getLogs", lambda node: node.eth.get_logs(asked))
    expect(found == logs, f"eth_getLogs gives {len(found)} logs, the receipts {len(logs)}, or others")
    topic = token.at(token.nodes[0]).events.Transfer().topic
    for account in token.accounts[:3]:
        padded = "0x" + account.address[2:].lower().rjust(64, "0")
        found = same(
            token.nodes, "eth_getLogs by sender",
            lambda node: node.eth.get_logs(asked | {"topics": [topic, padded]}))
        expected = [e for e in told if e["args"]["sender"] == account.address]
        expect(
            sorted(map(place, found)) == sorted(map(place, expected)),
            f"{account.address} sent {len(expected)} times, eth_getLogs finds {len(found)}")
    for height in sorted({log["blockNumber"] for log in logs}):
        block = token.nodes[0].eth.get_block(height)
        found = same(
            token.nodes, "eth_getLogs of a block", lambda node: node.eth.get_logs({"blockHash": block["hash"]}))
        expect([log["logIndex"] for log in found] == list(range(len(found))), f"block {height} has gaps in its logs")
        expect([log for log in logs if log["blockNumber"] == height] == found, f"block {height} has other logs")
        receipts = [log for receipt in token.nodes[0].eth.get_block_receipts(height) for log in receipt["logs"]]
        expect(receipts == found, f"the receipts of block {height} have other logs")
    return len(logs)


def compare_balances(token, last):
    """balanceOf says everywhere what the transfers lead to, and so does storage, with a proof."""
    slot = token.layout["balanceOf"]["slot"]
    block = same(token.nodes, f"block {last}", lambda node: node.eth.get_block(last))
    for account in token.accounts:
        address = account.address
        found = same(
            token.nodes, f"the tokens of {address}",
            lambda node: token.at(node).functions.balanceOf(address).call(block_identifier=last))
        expect(found == token.balances[address], f"{address} has {found} tokens, expected {token.balances[address]}")
        # Vyper puts the value of a key at keccak(slot . key).
        key = keccak(slot.to_bytes(32, "big") + bytes(12) + bytes.fromhex(address[2:]))
        word = same(
            token.nodes, f"the slot of {address}",
            lambda node: node.eth.get_storage_at(token.address, int.from_bytes(key, "big"), last))
        expect(int.from_bytes(word, "big") == found, f"the slot of {address} holds 0x{word.hex()}, not {found}")
        proof = same(
            token.nodes, f"the proof of {address}",
            lambda node: node.eth.get_proof(token.address, [int.from_bytes(key, "big")], last))
        leaf = rlp.decode(proven(block["stateRoot"], keccak(bytes.fromhex(token.address[2:])), proof["accountProof"]))
        value = proven(leaf[2], keccak(key), proof["storageProof"][0]["proof"])
        expect(rlp.decode(value, rlp.sedes.big_endian_int) == found, f"the proof of {address} proves another value")
    supply = same(
        token.nodes, "the supply", lambda node: token.at(node).functions.totalSupply().call(block_identifier=last))
    expect(supply == SUPPLY == sum(token.balances.values()), f"the supply is {supply}")


def proven(root, key, nodes):
    """What a Merkle Patricia trie with `root` holds at `key`, by `nodes` from the root down."""
    nibbles = key.hex()
    expected = bytes(root)
    for encoded in nodes:
        expect(keccak(encoded) == expected, "a node of the proof does not have the hash that its parent names")
        node = rlp.decode(bytes(encoded))
        if len(node) == 17:
            expected, nibbles = node[int(nibbles[0], 16)], nibbles[1:]
            continue
        path = node[0].hex()
        path = path[1:] if int(path[0], 16) & 1 else path[2:]
        expect(nibbles.startswith(path), "the proof shows that there is nothing")
        expected, nibbles = node[1], nibbles[len(path):]
    expect(nibbles == "", "the proof ends above the value")
    return expected


def fail(token):
    """A transfer of more than there is: the call says why, the estimate too, and sent it fails and costs gas."""
    node, poor, receiver = token.nodes[-1], token.accounts[4], token.accounts[5]
    call = token.at(node).functions.transfer(receiver.address, SUPPLY * 2)
    for question in (lambda: call.call({"from": poor.address}), lambda: call.estimate_gas({"from": poor.address})):
        try:
            question()
        except ContractLogicError as error:
            expect("execution reverted: insufficient balance" in str(error.message), f"the call says {error}")
            expect(str(error.data).startswith("0x08c379a0"), f"the data of the revert are {error.data}")
        else:
            expect(False, f"{node.url} does not refuse to transfer twice the supply")
    try:
        token.at(node).functions.transfer(receiver.address, 1).call({"from": poor.address, "gas": 23_000})
    except Web3RPCError as error:
        expect("out of gas" in str(error), f"a call without enough gas says {error}")
    else:
        expect(False, f"{node.url} does not run out of gas")
    before = dict(token.balances)
    receipt = token.receipt(token.send(node, poor, call, [], gas=CALL_GAS), status=0)
    expect(receipt["logs"] == [] and 21_000 < receipt["gasUsed"] < CALL_GAS, f"the failed transfer: {receipt}")
    expect(before == token.balances, "the script is wrong")


def delegate(token):
    """An account runs the token's code in its own name (EIP-7702), and stops."""
    node, sender, authority = token.nodes[3], token.accounts[0], token.accounts[6]
    for target, code in ((token.address, "ef0100" + token.address[2:].lower()), (NOBODY, "")):
        wish = authority.sign_authorization(
            {"chainId": token.chain_id, "address": target, "nonce": token.nonces[authority.address]})
        fields = {
            "chainId": token.chain_id, "nonce": token.nonces[sender.address], "to": authority.address, "value": 0,
            "gas": 100_000, "authorizationList": [wish],
        } | fees(node) | {"type": 4}
        signed = sender.sign_transaction(fields)
        node.eth.send_raw_transaction(signed.raw_transaction)
        token.nonces[sender.address] += 1
        token.nonces[authority.address] += 1
        for other in token.nodes:
            other.receipt(signed.hash)
        found = same(token.nodes, "the set-code transaction", lambda node: node.eth.get_transaction(signed.hash))
        expect(found["authorizationList"][0]["address"] == target, f"the wish reads {found['authorizationList']}")
        found = same(token.nodes, "the delegating code", lambda node: node.eth.get_code(authority.address))
        expect(found.hex() == code, f"{authority.address} has the code {found.hex()}")
        if code:
            own = node.eth.contract(address=authority.address, abi=token.abi).functions
            expect(own.decimals().call() == 18, "the account does not run the token's code")
            expect(own.totalSupply().call() == 0, "the account runs it on the token's storage")


def run(nodes, network, options):
    accounts = [Account.from_key(account["privateKey"]) for account in network["accounts"]]
    began = time.monotonic()
    token = Token(nodes, accounts)
    first = deploy(token)["blockNumber"]
    spread(token, options.transfers)
    for hash, _ in token.sent:
        token.receipt(hash)
    approve(token)
    fail(token)
    delegate(token)
    last = max(node.eth.block_number for node in nodes)
    for node in nodes:
        node.reach(last)
    logs = compare_events(token, first, last)
    compare_balances(token, last)
    validated(rangers(nodes, network), last)
    print(
        f"{nodes[0].web3.client_version}: a Vyper token at {token.address}, {logs} events in blocks {first} to {last}, "
        f"{time.monotonic() - began:.1f} s; {len(nodes)} nodes agree on events, balances, storage and proofs, and "
        f"rangers have validated every block")


if __name__ == "__main__":
    main(__doc__, run, transfers=40)
