"""Times our EVM and revm on the vectors of evm-bench/own.json, in turn, and prints both with their ratio.

Both do the same work: one call of a contract with empty storage, Cancun rules, sender and contract warm. Each call
starts from that state again; going back to it is not timed on either side. The time is the processor's for this thread,
and the best call counts: whatever else the machine does only ever adds to it. revm is called through its Python binding, which adds a few microseconds to calls of
200 and more; they are measured with a contract of one STOP and taken off.
"""

import argparse
import ctypes
import json
import math
import os
import pathlib
import subprocess
import sys
import time

import pyrevm

SENDER = "0x" + "11" * 20
CONTRACT = "0x" + "22" * 20
GAS = 2_000_000_000
# Ours, then revm, then ours again: a slow spell of the machine hits both.
ROUNDS = 5
REFERENCES = [("evmone", "evmone_gcc"), ("geth 1.17", "geth1175"), ("Kaia 2.0", "kaia203")]


def intrinsic_gas(data):
    """What a transaction costs before any code runs (EIP-2028)."""
    return 21_000 + sum(16 if byte else 4 for byte in data)


def time_revm(vector, seconds):
    """The best of the calls of about `seconds`, in nanoseconds."""
    data = bytes.fromhex(vector["calldata"])
    evm = pyrevm.EVM(spec_id="CANCUN")
    evm.insert_account_info(CONTRACT, pyrevm.AccountInfo(nonce=1, code=bytes.fromhex(vector["bytecode"])))
    evm.set_balance(SENDER, 10**18)
    best = None
    calls = 0
    end = time.perf_counter() + seconds
    while calls < 3 or time.perf_counter() < end:
        start_state = evm.snapshot()
        start = time.thread_time_ns()
        output = evm.message_call(SENDER, CONTRACT, calldata=data, gas=GAS)
        elapsed = time.thread_time_ns() - start
        used = evm.result.gas_used - intrinsic_gas(data)
        evm.revert(start_state)
        if used != int(vector["gas_cancun"]) or output.hex() != vector["expected_output"]:
            sys.exit(f"revm: {vector['name']}: unexpected gas {used} or output {output.hex()}")
        best = elapsed if best is None else min(best, elapsed)
        calls += 1
    return best


class Ours:
    """Our program, which times a vector whenever it is told its name."""

    def __init__(self, program, folder, seconds):
        command = [program, "evm", "--on-demand", "--seconds", str(seconds), "--fixtures", str(folder)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def time(self, vector):
        self.process.stdin.write(vector["name"] + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"our EVM stopped at {vector['name']} with exit code {self.process.wait()}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def fixtures(named):
    if named:
        return pathlib.Path(named)
    beside = pathlib.Path(__file__).resolve().parents[2].parent / "shared" / "fixtures"
    return pathlib.Path(os.environ.get("FIRETOWER_FIXTURES") or beside)


def measure(vectors, ours, seconds, binding):
    for vector in vectors:
        our_times, revm_times = [], []
        for _ in range(ROUNDS):
            our_times.append(ours.time(vector))
            revm_times.append(time_revm(vector, seconds))
        gas = int(vector["gas_cancun"])
        our_best = min(our_times, key=lambda timing: timing["ns_per_call"])
        yield {
            "name": vector["name"],
            "gas": gas,
            "ours_ns": our_best["ns_per_call"],
            "revm_ns": min(revm_times) - binding,
            "allocations_per_call": max(timing.get("allocations_per_call", -1) for timing in our_times),
            "references_ns": {name: vector["ref_ns"].get(key) for name, key in REFERENCES},
        }


def rate(gas, nanoseconds):
    return f"{gas / nanoseconds * 1000:,.0f}" if nanoseconds else "–"


def keep_memory():
    """Lets glibc keep what is freed: revm's tables would else be fetched anew from the system for each call."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return
    trim_threshold, mmap_threshold = -1, -3
    mallopt(mmap_threshold, 1 << 30)
    mallopt(trim_threshold, 1 << 30)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ours", required=True, help="the program `benchmarks`")
    parser.add_argument("--seconds", type=float, default=1.0, help="time for a vector and side")
    parser.add_argument("--filter", default="", help="only vectors whose name contains this")
    parser.add_argument("--fixtures", help="folder with third-party vectors")
    parser.add_argument("--json", action="store_true", help="one JSON object a vector, nothing else")
    arguments = parser.parse_args()
    folder = fixtures(arguments.fixtures)
    file = folder / "evm-bench" / "own.json"
    if not file.exists():
        sys.exit(f"cannot read {file}: name the folder of the vectors with --fixtures or FIRETOWER_FIXTURES")
    vectors = [v for v in json.loads(file.read_text())["vectors"] if arguments.filter in v["name"]]
    if not vectors:
        sys.exit(f"no vector's name contains {arguments.filter!r}")
    keep_memory()
    share = arguments.seconds / ROUNDS
    stop = {"name": "stop", "bytecode": "00", "calldata": "", "gas_cancun": "0", "expected_output": ""}
    binding = time_revm(stop, min(share, 0.2))
    ours = Ours(arguments.ours, folder, share)
    if not arguments.json:
        print(f"Mgas/s, best of {ROUNDS} × {share:.1f} s a side, in turn; "
              f"{binding / 1000:.1f} µs a call taken off revm; the last columns are the file's, from another day")
        print(f"{'vector':<18}{'ours':>9}{'revm':>9}{'ratio':>8}{'allocs':>8}"
              + "".join(f"{name:>11}" for name, _ in REFERENCES))
    ratios = []
    for row in measure(vectors, ours, share, binding):
        ratio = row["revm_ns"] / row["ours_ns"]
        ratios.append((ratio, row["name"]))
        if arguments.json:
            print(json.dumps(row), flush=True)
            continue
        allocations = row["allocations_per_call"]
        print(f"{row['name']:<18}{rate(row['gas'], row['ours_ns']):>9}{rate(row['gas'], row['revm_ns']):>9}"
              f"{ratio:>8.2f}{'?' if allocations < 0 else format(allocations, 'g'):>8}"
              + "".join(f"{rate(row['gas'], ns):>11}" for ns in row["references_ns"].values()), flush=True)
    ours.close()
    if not arguments.json:
        mean = math.exp(sum(math.log(ratio) for ratio, _ in ratios) / len(ratios))
        lowest, name = min(ratios)
        print(f"ratio to revm: geometric mean {mean:.2f}, lowest {lowest:.2f} ({name})")


if __name__ == "__main__":
    main()
