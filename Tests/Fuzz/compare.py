"""Runs cases that `fuzz --emit` printed on somebody else's EVM and reports where the results differ.

    fuzz --emit 10000 > cases && python Tests/Fuzz/compare.py cases                            # revm, Cancun
    fuzz --emit 1000 --fork Osaka --gas-max 300000 > cases
    python Tests/Fuzz/compare.py cases --with specs                        # execution-specs, any fork

Compared are success, gas with refunds, output, logs, and every account and slot that our machine accessed.
"""

import argparse
import importlib
import json
import re
import sys
import threading

# keccak of no bytes
NO_CODE = "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


def number(text):
    return int(text, 16)


def data(text):
    return bytes.fromhex(text.removeprefix("0x"))


def intrinsic_gas(case):
    return 21_000 + sum(16 if byte else 4 for byte in data(case["input"]))


def ours(case):
    """Our result in the form that both oracles give theirs."""
    status = case["status"].split()[0]
    spent = case["gasUsed"] + intrinsic_gas(case)
    return {
        "status": status,
        "gas": spent - (min(case["refund"], spent // 5) if status == "success" else 0),
        "output": case["output"] if status != "halted" else "0x",
        "logs": [(log["address"], log["topics"], log["data"]) for log in case["logs"]],
        "accounts": {a["address"]: (number(a["nonce"]), number(a["balance"]), a["codeHash"]) for a in case["after"]},
        "cells": {(c["address"], number(c["slot"])): number(c["word"]) for c in case["cells"]},
    }


class Revm:
    """revm through pyrevm: nothing beyond Cancun in 0.3.7."""

    def __init__(self):
        self.pyrevm = importlib.import_module("pyrevm")

    def run(self, case):
        pyrevm = self.pyrevm
        evm = pyrevm.EVM(spec_id=case["fork"].upper(), gas_limit=10**12)
        for account in case["accounts"]:
            code = data(account["code"])
            info = pyrevm.AccountInfo(
                nonce=number(account["nonce"]), balance=number(account["balance"]), **({"code": code} if code else {}))
            evm.insert_account_info(account["address"], info)
            for slot, word in account["storage"].items():
                evm.insert_account_storage(account["address"], number(slot), number(word))
        evm.set_block_env(pyrevm.BlockEnv(
            number=case["number"], coinbase=case["beneficiary"], timestamp=case["timestamp"], difficulty=0,
            prevrandao=data(case["prevRandao"]), basefee=0, gas_limit=10**12, excess_blob_gas=0))
        self.sender = case["caller"]
        limit = case["gas"] + intrinsic_gas(case)
        try:
            output = "0x" + evm.message_call(
                case["caller"], case["to"], calldata=data(case["input"]), value=number(case["value"]), gas=limit).hex()
            result = {"status": "success", "gas": evm.result.gas_used, "output": output,
                      "logs": [(log.address.lower(), list(log.topics), "0x" + log.data[1].hex())
                               for log in evm.result.logs]}
        except RuntimeError as error:
            text = str(error)
            gas = int(re.search(r"gas_used: (\d+)", text)[1])
            if text.startswith("Revert"):
                output = re.search(r"output: (0x[0-9a-f]*)", text)[1]
                result = {"status": "reverted", "gas": gas, "output": output, "logs": []}
            else:
                result = {"status": "halted", "gas": gas, "output": "0x", "logs": []}
        result["keepsDestroyed"] = True
        result["account"] = lambda address: self.account(evm, address)
        result["cell"] = evm.storage
        return result

    def account(self, evm, address):
        info = evm.basic(address)
        # The binding makes a call of it, which does not raise the sender's nonce.
        return info.nonce + (address == self.sender), info.balance, "0x" + bytes(info.code_hash).hex()


def differences(case, theirs):
    mine = ours(case)
    for field in ("status", "gas", "output", "logs"):
        if mine[field] != theirs[field]:
            yield f"{field}: ours {mine[field]}, theirs {theirs[field]}"
            if field == "status":
                return
    # The binding leaves what was made and destroyed itself in one transaction; execution-specs does not.
    residents = {account["address"] for account in case["accounts"]}
    gone = set()
    for address, account in mine["accounts"].items():
        if theirs["keepsDestroyed"] and address not in residents and account == (0, 0, NO_CODE):
            gone.add(address)
            continue
        other = theirs["account"](address)
        if other != account:
            yield f"account {address}: ours {account}, theirs {other}"
    for (address, slot), word in mine["cells"].items():
        other = theirs["cell"](address, slot)
        if other != word and address not in gone:
            yield f"slot {slot:#x} of {address}: ours {word:#x}, theirs {other:#x}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", help="what `fuzz --emit` printed")
    parser.add_argument("--with", dest="oracle", choices=["revm", "specs"], default="revm")
    parser.add_argument("--seed", type=int, help="only this case")
    parser.add_argument("--most", type=int, default=20, help="stop after so many cases that differ")
    arguments = parser.parse_args()
    if arguments.oracle == "revm":
        oracle = Revm()
    else:
        from specs_oracle import Specs
        oracle = Specs()
    compared = different = 0
    with open(arguments.cases, encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            if arguments.seed not in (None, case["seed"]):
                continue
            compared += 1
            found = list(differences(case, oracle.run(case)))
            if found:
                different += 1
                print(f"seed {case['seed']} ({case['status']}):")
                for difference in found[:8]:
                    print(f"    {difference[:400]}", flush=True)
                if different >= arguments.most:
                    break
    print(f"{compared} cases compared, {different} differ")
    return 1 if different else 0


if __name__ == "__main__":
    # The specification calls itself 1,024 calls deep.
    sys.setrecursionlimit(100_000)
    threading.stack_size(1 << 29)
    codes = [1]
    thread = threading.Thread(target=lambda: codes.append(main()))
    thread.start()
    thread.join()
    sys.exit(codes[-1])
