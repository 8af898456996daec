#!/usr/bin/env python3
"""Measures JSON-RPC of a node with wrk over kept connections, and whether a flood of calls delays blocks.

    rpc.py --node .build/release/node [--seconds 10] [--connections 32] [--block-time 1s] [--json]

Starts a council of four and two rangers of its own, asks one council node, and ends them all. Requests per
CPU-second divide by the processor time of the whole node: what it would do with one core to itself.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")
WRK_UNITS = {"us": 1e-3, "ms": 1, "s": 1e3, "m": 6e4}


class Failure(Exception):
    """Something did not work; nothing was measured."""


class Network:
    """A council of four and two rangers in a temporary folder."""

    def __init__(self, node, block_time):
        self.node = node
        self.folder = tempfile.mkdtemp(prefix="firetower-bench-rpc-")
        for _ in range(5):
            base = 20_000 + random.randrange(600) * 16
            command = ["up", "--dir", self.path, "--base-port", str(base), "--block-time", block_time]
            found = subprocess.run([node, "testnet", *command], capture_output=True, text=True, check=False)
            if found.returncode == 0:
                break
            self.reset()
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise Failure(f"the network did not come up: {found.stderr}{found.stdout}")
        self.record = json.loads(pathlib.Path(self.path, "network.json").read_text(encoding="utf-8"))

    @property
    def path(self):
        return f"{self.folder}/net"

    def url(self, name):
        return next(node["rpcUrl"] for node in self.record["nodes"] if node["name"] == name)

    def pid(self, name):
        return int(pathlib.Path(self.path, name, "pid").read_text(encoding="utf-8").split()[0])

    def reset(self):
        if pathlib.Path(self.path).exists():
            subprocess.run([self.node, "testnet", "reset", "--dir", self.path], capture_output=True, check=False)

    def remove(self):
        self.reset()
        shutil.rmtree(self.folder, ignore_errors=True)


def ask(url, method, *parameters):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        found = json.load(answer)
    if "result" not in found:
        raise Failure(f"{method}: {found.get('error')}")
    return found["result"]


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def milliseconds(text):
    unit = next(unit for unit in ("us", "ms", "s", "m") if text.endswith(unit))
    return float(text.removesuffix(unit)) * WRK_UNITS[unit]


class Wrk:
    """wrk on one method, over kept connections."""

    def __init__(self, network, method, *parameters):
        self.network = network
        self.method = method
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters})
        ask(network.url("cn1"), method, *parameters)
        self.script = pathlib.Path(network.folder, f"{method}.lua")
        # Answers that are errors are counted too: a fast refusal is no request served.
        self.script.write_text(
            f"wrk.method = 'POST'\nwrk.headers['content-type'] = 'application/json'\nwrk.body = [[{body}]]\n"
            "local threads = {}\nfunction setup(thread) table.insert(threads, thread) end\n"
            "function init(args) wrong = 0 end\n"
            "function response(status, headers, body)\n"
            "  if status ~= 200 or not body:find('\"result\"', 1, true) then wrong = wrong + 1 end\nend\n"
            "function done(summary, latency, requests)\n"
            "  local sum = 0\n  for _, thread in ipairs(threads) do sum = sum + thread:get('wrong') end\n"
            "  print('Wrong: ' .. sum)\nend\n", encoding="utf-8")

    def run(self, seconds, connections):
        pid = self.network.pid("cn1")
        before = processor_seconds(pid)
        command = [
            "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(self.script),
            self.network.url("cn1"),
        ]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        spent = processor_seconds(pid) - before
        if found.returncode != 0:
            raise Failure(f"wrk: {found.stderr or found.stdout}")
        words = found.stdout.split()
        requests = int(words[words.index("requests") - 1])
        wrong = int(words[words.index("Wrong:") + 1])
        if wrong or "Socket errors" in found.stdout:
            raise Failure(f"{self.method}: {wrong} of {requests} answers are not results\n{found.stdout}")
        return {
            "method": self.method, "requests": requests,
            "requestsPerSecond": float(words[words.index("Requests/sec:") + 1]),
            "p50Milliseconds": milliseconds(words[words.index("50%") + 1]),
            "p99Milliseconds": milliseconds(words[words.index("99%") + 1]),
            "requestsPerCPUSecond": requests / spent, "cores": spent / seconds,
        }


class Heights:
    """When a ranger had each new block."""

    def __init__(self, url):
        self.url, self.times, self.over = url, [], threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        known = int(ask(self.url, "eth_blockNumber"), 16)
        while not self.over.wait(0.005):
            height = int(ask(self.url, "eth_blockNumber"), 16)
            if height > known:
                self.times.append(time.monotonic())
                known = height

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def gaps(self):
        gaps = [(later - earlier) * 1e3 for earlier, later in zip(self.times, self.times[1:])]
        if len(gaps) < 3:
            raise Failure(f"{self.url}: {len(self.times)} blocks are too few to measure")
        return {"blocks": len(self.times), "medianMilliseconds": statistics.median(gaps), "maxMilliseconds": max(gaps)}


def measure(network, seconds, connections):
    account = network.record["accounts"][0]["address"]
    calls = [
        Wrk(network, "eth_blockNumber"), Wrk(network, "eth_getBalance", account, "latest"),
        Wrk(network, "eth_getBlockByNumber", "latest", False),
    ]
    results = [call.run(seconds, connections) for call in calls]
    blocks_in = max(seconds, 10)
    with Heights(network.url("rn1")) as quiet:
        time.sleep(blocks_in)
    with Heights(network.url("rn1")) as flooded:
        flood = calls[1].run(blocks_in, connections)
    return {"calls": results, "flood": flood, "blocksQuiet": quiet.gaps(), "blocksInFlood": flooded.gaps()}


def show(found, connections):
    print(f"{'METHOD':<22} {'REQUESTS/S':>10} {'P50':>9} {'P99':>9} {'PER CPU-SECOND':>15} {'CORES':>6}")
    for call in found["calls"]:
        print(
            f"{call['method']:<22} {call['requestsPerSecond']:>10,.0f} {call['p50Milliseconds']:>6.2f} ms "
            f"{call['p99Milliseconds']:>6.2f} ms {call['requestsPerCPUSecond']:>15,.0f} {call['cores']:>6.2f}")
    print(f"{connections} kept connections; wrk and six nodes share {os.cpu_count()} cores")
    quiet, flooded = found["blocksQuiet"], found["blocksInFlood"]
    print(
        f"blocks: every {quiet['medianMilliseconds']:.0f} ms (longest {quiet['maxMilliseconds']:.0f} ms); under "
        f"{found['flood']['requestsPerSecond']:,.0f} eth_getBalance/s at a council node every "
        f"{flooded['medianMilliseconds']:.0f} ms (longest {flooded['maxMilliseconds']:.0f} ms)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--node", required=True, help="the release program")
    parser.add_argument("--seconds", type=int, default=10, help="for each measurement (default 10)")
    parser.add_argument("--connections", type=int, default=32, help="kept open at once (default 32)")
    parser.add_argument("--block-time", default="1s", help="of the network (default 1s)")
    parser.add_argument("--json", action="store_true", help="print an object instead of a table")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("rpc.py: wrk is missing: apt-get install wrk")
    network = None
    try:
        network = Network(options.node, options.block_time)
        found = measure(network, options.seconds, options.connections)
    except Failure as failure:
        sys.exit(f"rpc.py: {failure}")
    finally:
        if network:
            network.remove()
    if options.json:
        print(json.dumps(found))
    else:
        show(found, options.connections)


if __name__ == "__main__":
    main()
