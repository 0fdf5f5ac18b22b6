#!/usr/bin/env bash
# Style and static checks over the whole tree; prints every finding, fails when there is one.
#
#     .ci/check-style.sh [--fast]     --fast leaves clang-tidy out (for a commit hook)
set -euo pipefail
cd "$(dirname -- "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/packages.sh
. scripts/packages.sh
need clang-format=clang-format codespell=codespell shellcheck=shellcheck
fast=false
[ "${1:-}" != --fast ] || fast=true

folders=(etw correlate pcapout cli samples tests)
mapfile -t c_files < <(find "${folders[@]}" -name '*.[ch]' | sort)
mapfile -t scripts < <(grep -rlE --exclude-dir=build --exclude-dir=.git \
    '^(#!.*bash|# shellcheck shell=bash)' .ci scripts tests samples 2>/dev/null | sort -u)
failed=0

# complain TEXT: a heading, and the run has failed.
complain() {
    echo "style: $1"
    failed=1
}

while IFS= read -r file; do
    complain "$file: clang-format -i would change it"
done < <(printf '%s\0' "${c_files[@]}" |
    xargs -0 -n 32 -P "$(nproc)" clang-format --dry-run -Werror 2>&1 |
    sed -nE 's/^([^ :]+):[0-9]+:[0-9]+: error: .*/\1/p' | sort -u)

# Functions that overflow, lose errors, or depend on hidden state.
banned='strcpy|strcat|sprintf|vsprintf|strncpy|strtok|atoi|atol|atof|gets|localtime|gmtime|strerror'
if grep -rnE "(^|[^A-Za-z0-9_>.])($banned)[[:space:]]*\(" --include='*.[ch]' \
    etw correlate pcapout cli samples; then
    complain "banned functions (see CONTRIBUTING.md)"
fi

# Marks of unfinished work, spelled apart so that this line is none.
marks='TO''DO|FIX''ME|XX''X|HA''CK'
if grep -rnwE "$marks" --exclude-dir=build --exclude-dir=.git --exclude='*.etl' \
    "${folders[@]}" scripts docs .ci cmake README.md ARCHITECTURE.md CONTRIBUTING.md CMakeLists.txt; then
    complain "unfinished work belongs in an issue"
fi

while IFS= read -r file; do
    complain "$file: does not begin with its licence line"
done < <(awk 'FNR == 1 { names[FILENAME] }
    FNR <= 2 && /SPDX-License-Identifier: MIT/ { delete names[FILENAME] }
    FNR == 2 { nextfile }
    END { for (name in names) print name }' "${c_files[@]}" | sort)
while IFS= read -r file; do
    complain "$file: longer than 600 lines; split it"
done < <(wc -l "${c_files[@]}" | awk '$2 != "total" && $1 > 600 && $2 !~ /_table\.c$/ {print $2}')

# nd and unoperational are names of Windows in generated tables.
codespell --quiet-level=2 --skip='*.1,*.xml,*.etl,*.pcapng,*.seeds,*.found,expected,build' \
    --ignore-words-list='convrt,verison,nd,unoperational' \
    "${folders[@]}" scripts docs .ci ./*.md || complain "spelling"
shellcheck -x "${scripts[@]}" || complain "shellcheck"

if ! $fast; then
    need clang-tidy=clang-tidy
    build_tools
    database=${BUILD_ROOT:-build}/dev
    mkdir -p "$database"
    cmake --preset dev -B "$database" >/dev/null
    # Only files of the build have an entry in the database; generated ones are left out.
    mapfile -t tidy_files < <(grep -o '"file": "[^"]*"' "$database/compile_commands.json" |
        cut -d '"' -f 4 | grep -vF "/$database/" | sort -u)
    # tidy [OPTION ...]: the files named on standard input, as many at a time as there are processors.
    tidy() {
        tr '\n' '\0' | xargs -0 -n 4 -P "$(nproc)" clang-tidy -quiet -p "$database" "$@" 2>/dev/null
    }
    # Into functions that a test calls the analyzer goes from their own files; from every test
    # again it would take as long as all the rest.
    shallow=(-Xclang -analyzer-config -Xclang mode=shallow)
    tidied=true
    {
        printf '%s\n' "${tidy_files[@]}" | grep -v '/tests/' | tidy || tidied=false
        printf '%s\n' "${tidy_files[@]}" | grep '/tests/' |
            tidy "${shallow[@]/#/--extra-arg=}" || tidied=false
    } >"$database/clang-tidy.log"
    # The log has the explanations; here one line a finding.
    if ! $tidied; then
        grep -E '(error|warning): ' "$database/clang-tidy.log" | sort -u
        complain "clang-tidy; more in $database/clang-tidy.log"
    fi
fi

[ "$failed" -eq 0 ] && echo "style: ${#c_files[@]} C files are fine"
exit "$failed"
