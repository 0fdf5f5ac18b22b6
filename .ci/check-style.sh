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

for file in "${c_files[@]}"; do
    clang-format --dry-run -Werror "$file" >/dev/null 2>&1 ||
        complain "$file: clang-format -i would change it"
done

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

for file in "${c_files[@]}"; do
    head -n 2 "$file" | grep -q 'SPDX-License-Identifier: MIT' ||
        complain "$file: does not begin with its licence line"
done
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
    # The log has the explanations; here one line a finding.
    if ! printf '%s\0' "${tidy_files[@]}" | xargs -0 -n 4 -P "$(nproc)" \
        clang-tidy -quiet -p "$database" >"$database/clang-tidy.log" 2>/dev/null; then
        grep -E '(error|warning): ' "$database/clang-tidy.log" | sort -u
        complain "clang-tidy; more in $database/clang-tidy.log"
    fi
fi

[ "$failed" -eq 0 ] && echo "style: ${#c_files[@]} C files are fine"
exit "$failed"
