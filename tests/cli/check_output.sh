#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What happens to files when an output cannot be had: the trace itself as the output, under
# any of its names; an existing output; a full disk; a pipe whose reader has gone. One line,
# the right exit status, nothing changed and nothing left behind. (Bad input is
# check_bad_input.py's.)
#
#     tests/cli/check_output.sh PROGRAM TRACE.etl      TRACE.etl has packets
#
# Exit status 77: skipped, because the trace is missing.
set -u
program=$(realpath -- "$1")
trace=${2:-}
if [ ! -f "$trace" ]; then
    echo "SKIP: there is no trace to convert (${trace:-none was named})"
    exit 77
fi
trace=$(realpath -- "$trace")
work=$(mktemp -d)
mounted=
cleanup() {
    [ -z "$mounted" ] || umount "$mounted"
    rm -rf -- "$work"
}
trap cleanup EXIT
cd "$work" || exit 1
cp -- "$trace" good.etl
chmod u+w good.etl

checks=0 failures=0
fail() {
    echo "FAIL: $*"
    failures=$((failures + 1))
}

# run STATUS PATTERN ARGUMENT...: the exit status, one line on standard error that begins
# with the program's name, and the pattern in it.
run() {
    local wanted=$1 pattern=$2 status=0
    shift 2
    checks=$((checks + 1))
    "$program" "$@" >stdout.txt 2>stderr.txt || status=$?
    [ "$status" -eq "$wanted" ] || fail "$*: exit status $status, not $wanted"
    [ "$(wc -l <stderr.txt)" -eq 1 ] || fail "$*: not one line: $(cat stderr.txt)"
    grep -q '^etwtrail: ' stderr.txt || fail "$*: not the program's own line: $(cat stderr.txt)"
    grep -qE -- "$pattern" stderr.txt || fail "$*: no '$pattern' in: $(cat stderr.txt)"
    [ ! -s stdout.txt ] || fail "$*: something on standard output"
}

# nothing_new NAME...: the folder holds these files and nothing else.
nothing_new() {
    local there
    there=$(find . -mindepth 1 -maxdepth 1 ! -name stdout.txt ! -name stderr.txt -printf '%f\n' |
        sort | tr '\n' ' ')
    [ "$there" = "$(printf '%s\n' "$@" | sort | tr '\n' ' ')" ] || fail "left behind: $there"
}

# ---- the output is refused ----
mkdir folder
run 1 'folder' convert good.etl -o folder --force
if [ -c /dev/full ]; then
    run 1 '/dev/full' convert good.etl -o /dev/full
    run 1 '/dev/full.*--split' convert good.etl --split -o /dev/full
    run 1 '/dev/full' packets good.etl -o /dev/full
    run 1 '/dev/full' info good.etl -o /dev/full
fi
run 1 'trace itself' convert good.etl -o good.etl
run 1 'trace itself' convert good.etl -o ./good.etl --force
run 1 'trace itself' convert good.etl -o "$work/good.etl" --force
ln good.etl linked.etl
run 1 'trace itself' convert good.etl -o linked.etl --force
rm linked.etl
cmp -s good.etl "$trace" || fail "the trace was changed"
nothing_new good.etl folder

echo precious >kept.pcapng
for verb in convert packets info; do
    run 1 'kept\.pcapng.*--force' "$verb" good.etl -o kept.pcapng
done
[ "$(cat kept.pcapng)" = precious ] || fail "an existing output was changed"
"$program" convert good.etl -o kept.pcapng --force 2>/dev/null || fail "--force does not replace"
[ "$(head -c 4 kept.pcapng | od -An -tx1 | tr -d ' ')" = 0a0d0d0a ] || fail "--force: no pcapng"
rm kept.pcapng

# The name decides about gzip, whatever the verb.
for verb in convert packets events info; do
    checks=$((checks + 1))
    "$program" "$verb" good.etl -o plain.out 2>/dev/null && "$program" "$verb" good.etl -o packed.gz 2>/dev/null
    gzip -dc packed.gz | cmp -s - plain.out || fail "$verb: gzip holds something else"
    rm -f plain.out packed.gz
done

# Of several files one exists: none of the others appears.
echo precious >kept-ethernet.pcapng.gz
run 1 'kept-ethernet\.pcapng\.gz.*--force' convert good.etl --split --events=all -o kept.pcapng.gz
[ "$(cat kept-ethernet.pcapng.gz)" = precious ] || fail "--split changed an existing output"
rm kept-ethernet.pcapng.gz
mkfifo pipe
run 1 'pipe.*--split' convert good.etl --split -o pipe
rm pipe
nothing_new good.etl folder

# A full disk: the temporary file goes as well.
mkdir disk
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=1m tmpfs disk 2>/dev/null; then
    mounted=$work/disk
    head -c 1044480 /dev/zero >disk/filler
    run 1 'out\.(txt|pcapng)' convert good.etl -o disk/out.pcapng
    run 1 'out-[a-z]+\.pcapng' convert good.etl --split -o disk/out.pcapng
    [ "$(ls disk)" = filler ] || fail "left behind on a full disk: $(ls disk)"
    umount disk
    mounted=
else
    echo "SKIP: mounting a small file system is not allowed here"
fi
rmdir disk

# ---- a closed pipe: silence, and success ----
for format in text ndjson json csv; do
    checks=$((checks + 1))
    {
        status=0
        "$program" packets good.etl --all-appearances --format "$format" 2>stderr.txt || status=$?
        echo "$status" >status.txt
    } | true
    [ "$(cat status.txt)" = 0 ] || fail "closed pipe, $format: exit status $(cat status.txt)"
    [ ! -s stderr.txt ] || fail "closed pipe, $format: $(cat stderr.txt)"
done
rm -f status.txt

nothing_new good.etl folder

echo "$checks checks, $failures failed"
[ "$failures" -eq 0 ]
