"""Replays a trace through pycachesim, which the user installed: a line of command in, a line of answer out.

load PATH KIND        "0 ok"; KIND is touches, or loads to read where the trace writes
replay SETS WAYS...   "<ns of processor time> <misses of L1/L2/LLC>"; sets and ways of L1, L2 and LLC

The trace is 12-byte records: a u32 page and, at byte 5, how often it was stored to. It becomes Python lists before the
clock starts; the clock covers one call of loadstore(), which goes through them in C.
"""

import sys
import time
from array import array

from cachesim import Cache, CacheSimulator, MainMemory

LINE_BYTES = 64
RECORD_WORDS = 3
STORES_MASK = 0xFF00


def read_runs(path, as_loads):
    """Pairs of consecutive loads and the stores that follow them: the order of the trace, few items."""
    words = array("I")
    with open(path, "rb") as file:
        words.frombytes(file.read())
    runs = []
    loads, stores = [], []
    for at in range(0, len(words), RECORD_WORDS):
        address = words[at] * LINE_BYTES
        if words[at + 1] & STORES_MASK and not as_loads:
            stores.append(address)
            continue
        if stores:
            runs.append((loads, stores))
            loads, stores = [], []
        loads.append(address)
    runs.append((loads, stores))
    return runs


def new_simulator(sets_and_ways):
    memory = MainMemory()
    lower = None
    for level in (2, 1, 0):
        sets, ways = sets_and_ways[2 * level : 2 * level + 2]
        cache = Cache("L%d" % (level + 1), sets, ways, LINE_BYTES, "LRU", load_from=lower, store_to=lower)
        if lower is None:
            memory.load_to(cache)
            memory.store_from(cache)
        lower = cache
    return CacheSimulator(lower, memory)


def replay(runs, sets_and_ways):
    simulator = new_simulator(sets_and_ways)
    start = time.process_time_ns()
    simulator.loadstore(runs)
    elapsed = time.process_time_ns() - start
    return elapsed, "/".join(str(level["MISS_count"]) for level in list(simulator.stats())[:3])


def main():
    runs = []
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "load":
            runs = read_runs(arguments[0], arguments[1] == "loads")
            print("0 ok", flush=True)
        else:
            print(*replay(runs, [int(number) for number in arguments]), flush=True)


main()
