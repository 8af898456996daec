#!/usr/bin/env python3
"""Listens to a node over WebSocket with stock web3.py, while transfers and a token's events go into the chain.

    web3_websocket.py --network .testnet/network.json [--transfers 5]

eth_subscribe newHeads, logs and newPendingTransactions, and the same calls as over HTTP, one by one and in a batch.
Exits with 1 where something is not told, is told twice, or is not what HTTP says.
"""

import asyncio
import time

from eth_account import Account
from vyper import compile_code
from web3 import AsyncWeb3, WebSocketProvider

from nodes import DEADLINE, Difference, expect, fees, main
from vyper_erc20 import SOURCE


class Ear:
    """One connection with its subscriptions, and what came of each."""

    def __init__(self, web3):
        self.web3, self.names, self.heard = web3, {}, {}

    async def subscribe(self, name, *parameters):
        self.names[await self.web3.eth.subscribe(name, *parameters)] = name
        self.heard[name] = []

    async def listen(self, is_done):
        end = time.monotonic() + DEADLINE
        stream = self.web3.socket.process_subscriptions()
        while not is_done(self.heard):
            rest = end - time.monotonic()
            counts = {name: len(found) for name, found in self.heard.items()}
            expect(rest > 0, f"not within {DEADLINE} s: heard only {counts}")
            try:
                message = await asyncio.wait_for(anext(stream), rest)
            except TimeoutError as error:
                raise Difference(f"not within {DEADLINE} s: heard only {counts}") from error
            self.heard[self.names[message["subscription"]]].append(message["result"])


def deploy(node, account):
    compiled = compile_code(SOURCE.read_text(encoding="utf-8"), output_formats=["abi", "bytecode"])
    factory = node.eth.contract(abi=compiled["abi"], bytecode=compiled["bytecode"])
    call = factory.constructor("Heard Token", "HEAR", 10**24)
    nonce = node.eth.get_transaction_count(account.address, "pending")
    fields = {"from": account.address, "nonce": nonce, "chainId": node.eth.chain_id}
    signed = account.sign_transaction(call.build_transaction(fields | fees(node)))
    receipt = node.receipt(node.eth.send_raw_transaction(signed.raw_transaction))
    expect(receipt["status"] == 1, "the token was not created")
    return node.eth.contract(address=receipt["contractAddress"], abi=compiled["abi"])


def transfer(node, token, account, to, count):
    """Sends transfers of the token. Returns their hashes."""
    nonce = node.eth.get_transaction_count(account.address, "pending")
    sent = []
    for index in range(count):
        fields = {"from": account.address, "nonce": nonce + index, "chainId": node.eth.chain_id, "gas": 150_000}
        call = token.functions.transfer(to, 1 + index).build_transaction(fields | fees(node))
        sent.append(node.eth.send_raw_transaction(account.sign_transaction(call).raw_transaction))
    return sent


async def hear(node, url, network, count):
    account, other = [Account.from_key(account["privateKey"]) for account in network["accounts"][5:7]]
    token = await asyncio.to_thread(deploy, node, account)
    async with AsyncWeb3(WebSocketProvider(url)) as web3:
        ear = Ear(web3)
        await ear.subscribe("newHeads")
        await ear.subscribe("newPendingTransactions")
        await ear.subscribe("logs", {"address": token.address})
        sent = await asyncio.to_thread(transfer, node, token, account, other.address, count)
        await ear.listen(
            lambda heard: len(heard["logs"]) >= count and len(heard["newPendingTransactions"]) >= count
            and heard["newHeads"] and heard["newHeads"][-1]["number"] > heard["logs"][-1]["blockNumber"])
        await compare(web3, node, ear.heard, sent)
        batch = await asked_at_once(web3, account.address)
        for subscription in ear.names:
            expect(await web3.eth.unsubscribe(subscription), f"{url}: cannot unsubscribe {subscription}")
        expect(batch[0] == node.eth.chain_id, f"{url}: eth_chainId in a batch is {batch[0]}")
    return ear.heard


async def asked_at_once(web3, address):
    """Calls over the same connection, in one message."""
    async with web3.batch_requests() as batch:
        batch.add(web3.eth.chain_id)
        batch.add(web3.eth.get_balance(address))
        batch.add(web3.eth.block_number)
        return await batch.async_execute()


async def compare(web3, node, heard, sent):
    heads = [head["number"] for head in heard["newHeads"]]
    expect(heads == list(range(heads[0], heads[0] + len(heads))), f"heads came as {heads}")
    for head in heard["newHeads"]:
        block = node.eth.get_block(head["number"])
        expect(block["hash"] == head["hash"], f"head {head['number']} has another hash than the block")
        expect(block["stateRoot"] == head["stateRoot"], f"head {head['number']} has another state root")
    pending = [bytes(hash) for hash in heard["newPendingTransactions"]]
    expect(set(map(bytes, sent)) <= set(pending), "a transaction of ours was not announced")
    expect(len(pending) == len(set(pending)), "a transaction was announced twice")
    told = [(log["transactionHash"], log["data"]) for log in heard["logs"]]
    receipts = [node.receipt(hash) for hash in sent]
    real = sorted(
        (log for receipt in receipts for log in receipt["logs"]), key=lambda log: (log["blockNumber"], log["logIndex"]))
    wanted = [(log["transactionHash"], log["data"]) for log in real]
    expect(told == wanted, "the logs told are not those of the receipts")
    hash = await web3.eth.get_transaction(sent[0])
    expect(hash["hash"] == sent[0], "eth_getTransactionByHash over WebSocket gives another one")


def run(nodes, network, options):
    for node, entry in list(zip(nodes, network["nodes"]))[::3]:
        url = entry.get("wsUrl")
        expect(url, f"network.json names no wsUrl of {entry['name']}")
        heard = asyncio.run(hear(node, url, network, options.transfers))
        counts = ", ".join(f"{len(found)} {name}" for name, found in heard.items())
        print(f"{url}: {counts}, as HTTP has them")


if __name__ == "__main__":
    main(__doc__, run, transfers=5)
