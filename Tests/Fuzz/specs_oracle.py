"""The executable specification (PyPI: ethereum-execution) as the oracle of compare.py: any fork, some cases a second."""

import importlib

from ethereum.crypto.hash import keccak256
from ethereum_types.bytes import Bytes, Bytes32
from ethereum_types.numeric import U64, U256, Uint


def data(text):
    return bytes.fromhex(text.removeprefix("0x"))


def number(text):
    return int(text, 16)


class Specs:
    def __init__(self):
        self.forks = {}

    def modules(self, fork):
        if fork not in self.forks:
            path = f"ethereum.forks.{fork.lower()}"
            names = ("state", "vm", "fork_types", "vm.interpreter", "vm.precompiled_contracts.mapping")
            self.forks[fork] = [importlib.import_module(f"{path}.{name}") for name in names]
            self.watch(self.forks[fork][3])
        return self.forks[fork]

    def watch(self, interpreter):
        """Keeps the output of the call that ended last: Cancun's result does not have it."""
        process = interpreter.process_message

        def watched(message):
            evm = process(message)
            self.output = evm.output
            return evm

        interpreter.process_message = watched

    def run(self, case):
        states, vm, types, interpreter, precompiles = self.modules(case["fork"])
        state = states.State()
        for account in case["accounts"]:
            address = types.Address(data(account["address"]))
            states.set_account(state, address, types.Account(
                nonce=Uint(number(account["nonce"])), balance=U256(number(account["balance"])),
                code=Bytes(data(account["code"]))))
            for slot, word in account["storage"].items():
                states.set_storage(state, address, U256(number(slot)).to_be_bytes32(), U256(number(word)))
        message = self.message(case, state, states, vm, types, precompiles)
        # What the runner of a transaction does before and after.
        states.begin_transaction(state, message.tx_env.transient_storage)
        states.increment_nonce(state, message.caller)
        outcome = interpreter.process_message_call(message)
        for address in outcome.accounts_to_delete:
            states.destroy_account(state, address)
        states.commit_transaction(state, message.tx_env.transient_storage)
        spent = case["gas"] - int(outcome.gas_left)
        spent += 21_000 + sum(16 if byte else 4 for byte in data(case["input"]))
        if outcome.error is None:
            status = "success"
            spent -= min(spent // 5, int(outcome.refund_counter))
        else:
            status = "reverted" if type(outcome.error).__name__ == "Revert" else "halted"
        return {
            "status": status, "gas": spent, "output": "0x" + bytes(self.output).hex(),
            "logs": [("0x" + log.address.hex(), ["0x" + topic.hex() for topic in log.topics], "0x" + log.data.hex())
                     for log in outcome.logs],
            "keepsDestroyed": False,
            "account": lambda address: self.account(states, state, types.Address(data(address))),
            "cell": lambda address, slot: int(states.get_storage(
                state, types.Address(data(address)), U256(slot).to_be_bytes32())),
        }

    def account(self, states, state, address):
        account = states.get_account(state, address)
        return int(account.nonce), int(account.balance), "0x" + keccak256(account.code).hex()

    def message(self, case, state, states, vm, types, precompiles):
        first = max(0, case["number"] - 256)
        block = vm.BlockEnvironment(
            chain_id=U64(1), state=state, block_gas_limit=Uint(10**12),
            block_hashes=[keccak256(str(n).encode()) for n in range(first, case["number"])],
            coinbase=types.Address(data(case["beneficiary"])), number=Uint(case["number"]), base_fee_per_gas=Uint(0),
            time=U256(case["timestamp"]), prev_randao=Bytes32(data(case["prevRandao"])), excess_blob_gas=U64(0),
            parent_beacon_block_root=Bytes32(bytes(32)))
        caller, to = types.Address(data(case["caller"])), types.Address(data(case["to"]))
        later = case["fork"] != "Cancun"
        transaction = vm.TransactionEnvironment(
            origin=caller, gas_price=Uint(0), gas=Uint(case["gas"]), access_list_addresses={block.coinbase},
            access_list_storage_keys=set(), transient_storage=states.TransientStorage(), blob_versioned_hashes=(),
            index_in_block=None, tx_hash=None, **({"authorizations": ()} if later else {}))
        return vm.Message(
            block_env=block, tx_env=transaction, caller=caller, target=to, current_target=to, gas=Uint(case["gas"]),
            value=U256(number(case["value"])), data=Bytes(data(case["input"])), code_address=to,
            code=states.get_account(state, to).code, depth=Uint(0), should_transfer_value=True, is_static=False,
            accessed_addresses={
                caller, to, block.coinbase, *precompiles.PRE_COMPILED_CONTRACTS,
                *(types.Address(data(address)) for address in case["accessList"])},
            accessed_storage_keys=set(), parent_evm=None, **({"disable_precompiles": False} if later else {}))
