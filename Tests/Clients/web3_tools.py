#!/usr/bin/env python3
"""What tools ask of a node beyond sending and reading, with stock web3.py against a running council.

    web3_tools.py --network .testnet/network.json [URL ...]

Filters, calls on another state, access lists, simulated blocks, traces, batches, signatures and the Klaytn names. A token in Vyper
is what they are asked about. Exits with 1 where an answer is not what follows from the chain.
"""

import json

from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data
from eth_utils import keccak
from vyper import compile_code
from web3.exceptions import ContractLogicError

from nodes import expect, fees, main, same
from vyper_erc20 import SOURCE
from web3_websocket import deploy, transfer

# Where the compiler puts balanceOf and totalSupply.
LAYOUT = compile_code(SOURCE.read_text(encoding="utf-8"), output_formats=["layout"])["layout"]["storage_layout"]


def balance_slot(address):
    """Vyper hashes the slot of a map before the key."""
    slot = LAYOUT["balanceOf"]["slot"].to_bytes(32, "big")
    return "0x" + keccak(slot + bytes(12) + bytes.fromhex(address[2:])).hex()


def word(number):
    return "0x" + number.to_bytes(32, "big").hex()


def filters(node, token, account, other):
    blocks = node.eth.filter("latest")
    pending = node.eth.filter("pending")
    logs = node.eth.filter({"address": token.address})
    sent = transfer(node, token, account, other.address, 3)
    receipts = [node.receipt(hash) for hash in sent]
    last = max(receipt["blockNumber"] for receipt in receipts)
    found = [log["transactionHash"] for log in node.wait("the filter tells logs", logs.get_new_entries)]
    while len(found) < 3:
        found += [log["transactionHash"] for log in node.wait("the filter tells all logs", logs.get_new_entries)]
    expect(sorted(found) == sorted(sent), "a log filter told other transactions than were sent")
    expect(logs.get_new_entries() == [], "a log was told twice")
    expect({log["transactionHash"] for log in logs.get_all_entries()} >= set(sent), "eth_getFilterLogs lacks some")
    expect(set(sent) <= set(pending.get_new_entries()), "a pending filter lacks what was sent")
    node.reach(last)
    hashes = blocks.get_new_entries()
    expect(node.eth.get_block(last)["hash"] in hashes, "a block filter lacks a block")
    for each in (blocks, pending, logs):
        expect(node.eth.uninstall_filter(each.filter_id), "cannot uninstall a filter")
        expect(not node.eth.uninstall_filter(each.filter_id), "uninstalled a filter twice")


def overrides(node, token, other):
    stranger = node.web3.to_checksum_address("0x" + "77" * 20)
    call = token.functions.transfer(other.address, 5)
    try:
        call.call({"from": stranger})
        expect(False, "somebody without tokens could send some")
    except ContractLogicError as error:
        expect("insufficient balance" in str(error), f"a revert without its reason: {error}")
    lent = {token.address: {"stateDiff": {balance_slot(stranger): word(7)}}}
    expect(call.call({"from": stranger}, "latest", lent), "stateDiff is not used")
    seen = token.functions.balanceOf(stranger).call(state_override=lent)
    expect(seen == 7, f"a balance of {seen} through stateDiff")
    supply = token.functions.totalSupply().call()
    expect(supply > 0, "no supply")
    cleared = {token.address: {"state": {balance_slot(stranger): word(7)}}}
    expect(token.functions.totalSupply().call(state_override=cleared) == 0, "`state` leaves other slots")
    expect(token.functions.totalSupply().call(state_override=lent) == supply, "`stateDiff` clears other slots")
    # NUMBER, PUSH0, MSTORE, PUSH1 32, PUSH0, RETURN.
    shown = node.ask(
        "eth_call", {"to": stranger}, "latest", {stranger: {"code": "0x435f5260205ff3"}}, {"number": "0x1234"})
    expect(int(shown, 16) == 0x1234, f"a block override shows {shown}")


def lists_and_simulation(node, token, account, other):
    nonce = node.eth.get_transaction_count(account.address)
    call = token.functions.transfer(other.address, 1).build_transaction(
        {"from": account.address, "gas": 200_000, "nonce": nonce} | fees(node))
    fields = {"from": account.address, "to": token.address, "data": call["data"]}
    made = node.eth.create_access_list(fields)
    slots = {bytes.fromhex(key[2:]) for entry in made["accessList"] for key in entry["storageKeys"]}
    wanted = {bytes.fromhex(balance_slot(a.address)[2:]) for a in (account, other)}
    expect(wanted <= slots, "an access list lacks a balance")
    later = {"number": hex(node.eth.block_number + 20)}
    steps = [{"calls": [fields | {"nonce": hex(nonce)}, fields]}, {"blockOverrides": later, "calls": [fields]}]
    blocks = node.ask("eth_simulateV1", {"blockStateCalls": steps, "traceTransfers": True}, "latest")
    calls = [call for block in blocks for call in block["calls"]]
    expect(len(calls) == 3 and all(call["status"] == "0x1" for call in calls), f"simulated calls: {calls}")
    logs = [len(call["logs"]) for call in calls]
    expect(len(blocks) > 2 and logs == [1, 1, 1], "simulated blocks or logs are missing")
    numbers = [int(block["number"], 16) for block in blocks]
    expect(numbers == list(range(numbers[0], numbers[0] + len(numbers))), f"simulated blocks are {numbers}")


def traces(node, token, account, other):
    sent = transfer(node, token, account, other.address, 1)[0]
    receipt = node.receipt(sent)
    name = sent.to_0x_hex()
    frame = node.ask("debug_traceTransaction", name, {"tracer": "callTracer", "tracerConfig": {"withLog": True}})
    expect(
        (frame["type"], frame["from"], frame["to"]) == ("CALL", account.address.lower(), token.address.lower()),
        f"callTracer: {frame}")
    expect(int(frame["gasUsed"], 16) == receipt["gasUsed"] and len(frame["logs"]) == 1, f"callTracer: {frame}")
    before = node.ask("debug_traceTransaction", name, {"tracer": "prestateTracer"})
    expect({account.address.lower(), token.address.lower()} <= set(before), f"prestateTracer: {list(before)}")
    change = node.ask("debug_traceTransaction", name, {"tracer": "prestateTracer", "tracerConfig": {"diffMode": True}})
    slots = change["post"][token.address.lower()]["storage"]
    expect(balance_slot(other.address) in slots, f"prestateTracer's difference: {slots}")
    steps = node.ask("debug_traceTransaction", name, {})
    expect(steps["gas"] == receipt["gasUsed"] and not steps["failed"], "struct logs: gas")
    expect([step["op"] for step in steps["structLogs"][-1:]] == ["RETURN"], "struct logs: the last opcode")
    block = node.ask("debug_traceBlockByNumber", hex(receipt["blockNumber"]), {"tracer": "callTracer"})
    place = receipt["transactionIndex"]
    expect(block[place]["txHash"] == name and block[place]["result"]["to"] == token.address.lower(), "a block's trace")
    called = node.ask(
        "debug_traceCall", {"to": token.address, "data": "0x18160ddd"}, "latest", {"tracer": "callTracer"})
    expect(int(called["output"], 16) == token.functions.totalSupply().call(), f"debug_traceCall: {called}")
    witness = node.ask("debug_executionWitness", hex(receipt["blockNumber"]))
    expect(witness["state"] and witness["codes"], "an execution witness without state or code")


def batches(node, accounts):
    with node.web3.batch_requests() as batch:
        for account in accounts:
            batch.add(node.eth.get_balance(account.address))
        batch.add(node.eth.get_block("latest"))
        found = batch.execute()
    balances = [node.eth.get_balance(account.address) for account in accounts]
    expect(found[:-1] == balances, "a batch tells other balances")


def names(node):
    """Klaytn's names, and the document that lists them all."""
    expect(int(node.ask("klay_blockNumber"), 16) <= int(node.ask("kaia_blockNumber"), 16), "klay_ and kaia_ differ")
    council = node.ask("klay_getCouncil", "latest")
    size = node.ask("klay_getCouncilSize", "latest")
    expect(len(council) == size, f"klay_getCouncil has {len(council)} members, klay_getCouncilSize says {size}")
    document = node.ask("rpc.discover")
    methods = {method["name"] for method in document["methods"]}
    expect({"eth_call", "debug_traceCall", "txpool_status", "klay_getCouncil", "rpc.discover"} <= methods, "rpc.discover")
    modules = node.ask("rpc_modules")
    expect({"eth", "net", "web3", "debug", "txpool"} <= set(modules), f"rpc_modules: {modules}")
    expect(node.ask("web3_sha3", "0x") == "0x" + keccak(b"").hex(), "web3_sha3")


# Every kind of member that EIP-712 has.
ORDER = {
    "types": {
        "EIP712Domain": [{"name": "name", "type": "string"}, {"name": "chainId", "type": "uint256"}],
        "Item": [{"name": "id", "type": "int64"}, {"name": "code", "type": "bytes4"}, {"name": "note", "type": "bytes"}],
        "Party": [{"name": "wallet", "type": "address"}, {"name": "isPerson", "type": "bool"}],
        "Order": [
            {"name": "from", "type": "Party"}, {"name": "items", "type": "Item[]"}, {"name": "grid", "type": "uint8[2][]"},
            {"name": "words", "type": "string[]"}, {"name": "total", "type": "uint256"}]},
    "primaryType": "Order",
    "domain": {"name": "Firetower \u00e9", "chainId": 1337},
    "message": {
        "from": {"wallet": "0x" + "a1" * 20, "isPerson": True},
        "items": [{"id": -5, "code": "0x01020304", "note": "0x"}, {"id": 2**63 - 1, "code": "0xffffffff", "note": "0x00ff"}],
        "grid": [[1, 2], [254, 255]], "words": ["", "\u706b\u306e\u898b"], "total": 2**256 - 1}}


def signatures(node):
    """Wallets' signatures by unlocked accounts, recovered by eth-account."""
    owner = node.eth.accounts[0]
    text = "0x" + "wake up".encode().hex()
    for signature in (node.ask("personal_sign", text, owner), node.ask("eth_sign", owner, text)):
        signer = Account.recover_message(encode_defunct(text="wake up"), signature=signature)
        expect(signer == owner, f"a text is signed by {signer}")
    for signature in (node.ask("eth_signTypedData_v4", owner, ORDER), node.eth.sign_typed_data(owner, json.dumps(ORDER))):
        signer = Account.recover_message(encode_typed_data(full_message=ORDER), signature=signature)
        expect(signer == owner, f"typed data is signed by {signer}")


def run(nodes, network, options):
    accounts = [Account.from_key(account["privateKey"]) for account in network["accounts"]]
    account, other = accounts[6], accounts[7]
    same(nodes, "the genesis block", lambda node: node.eth.get_block(0)["hash"])
    chosen = nodes[::4]
    for node in chosen:
        token = deploy(node, account)
        filters(node, token, account, other)
        overrides(node, token, other)
        lists_and_simulation(node, token, account, other)
        traces(node, token, account, other)
        batches(node, accounts)
        names(node)
        signatures(node)
    print(f"tools: filters, overrides, access lists, simulation, traces, batches and names at {len(chosen)} nodes")


if __name__ == "__main__":
    main(__doc__, run)
