#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The same trace twice gives the same bytes, and standard output the same as a file."""
import oracle


def main():
    traces = oracle.sample_traces() + (
        sorted(oracle.REAL.glob("*.etl")) if oracle.REAL.is_dir() else [])
    if not traces:
        oracle.skip("no traces")
    for trace in traces:
        with oracle.Converted(trace) as path:
            first = path.read_bytes() if path.exists() else b""
        piped = oracle.etwtrail("convert", trace, "-o", "-")
        if first != piped:
            oracle.fail(f"{trace.name}: the second conversion differs from the first")
    oracle.finish(f"{len(traces)} traces")


main()
