"""Times py_ecc's operations on BN254 and BLS12-381, for `scripts/bench curves`."""

import time

from py_ecc import optimized_bls12_381 as bls12
from py_ecc import optimized_bn128 as bn254
from py_ecc.bls.hash_to_curve import map_to_curve_G1, map_to_curve_G2


def seconds(operation, rounds=3):
    """Processor seconds of a call, the least of some rounds."""
    least = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        operation()
        least = min(least, time.process_time() - start)
    return least


def check_pairs(curve, count):
    """The product of `count` pairings, with one final exponentiation."""
    product = curve.FQ12.one()
    for _ in range(count):
        product *= curve.pairing(curve.G2, curve.G1, final_exponentiate=False)
    return curve.final_exponentiate(product)


def operations():
    scalar = 0x1CE1 ** 15
    for name, curve in (("bn254", bn254), ("bls12", bls12)):
        point = curve.multiply(curve.G1, 5)
        yield f"{name} g1 add", lambda c=curve, p=point: c.normalize(c.add(p, c.G1))
        yield f"{name} g1 multiply", lambda c=curve, p=point: c.normalize(c.multiply(p, scalar))
        yield f"{name} g2 multiply", lambda c=curve: c.normalize(c.multiply(c.G2, scalar))
        yield f"{name} pairing of 2", lambda c=curve: check_pairs(c, 2)
    yield "bls12 map to g1", lambda: map_to_curve_G1(bls12.FQ(scalar))
    yield "bls12 map to g2", lambda: map_to_curve_G2(bls12.FQ2([scalar, 7]))


def main():
    print(f"{'py_ecc':<28}{'µs':>15}")
    for name, operation in operations():
        print(f"{name:<28}{seconds(operation) * 1e6:>15.1f}")


if __name__ == "__main__":
    main()
