#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The Debian package in a clean system: it installs with what it depends on, does the same there as
# the program that was built, has its manual and completions, and goes without leaving a file.
#
#     tests/packages/check_deb.sh FOLDER PROGRAM
#
# FOLDER has the .deb (or $ETWTRAIL_PACKAGES names another). The clean system is made from Debian's
# archive once and kept as $ETWTRAIL_CHROOT_CACHE/RELEASE.tar.gz, else below ~/.cache. Nothing is
# mounted. Exit status 77: skipped.
set -euo pipefail
packages=${ETWTRAIL_PACKAGES:-$1}
program=$(realpath -- "$2")
cache=${ETWTRAIL_CHROOT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/etwtrail-chroot}

skip() {
    echo "SKIP: $*"
    exit 77
}
fail() {
    echo "FAIL: $*"
    exit 1
}

shopt -s nullglob
debs=("$packages"/etwtrail_*.deb)
[ ${#debs[@]} -eq 1 ] || skip "no package in $packages; scripts/package makes it"
[ "$(id -u)" -eq 0 ] || skip "a clean system needs root"
command -v debootstrap >/dev/null || skip "debootstrap is missing"
release=$(. /etc/os-release && [ "$ID" = debian ] && echo "$VERSION_CODENAME") ||
    skip "the package is for the Debian that it was built on, and this is none"
mirror=$(grep -rhoE 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d \
    2>/dev/null | head -n 1 | tr -d ' ' || true)
mirror=${mirror:-http://deb.debian.org/debian}

mkdir -p "$cache"
work=$(mktemp -d "$cache/.work.XXXXXX")
root=$work/root
log=$work/log
# debootstrap mounts /proc for a while; what is left of it when it is killed must not be deleted.
cleanup() {
    local mounted
    while IFS= read -r mounted; do
        umount "$mounted" || return
    done < <(awk -v work="$work/" 'index($2, work) == 1 {print $2}' /proc/mounts | sort -r)
    rm -rf --one-file-system -- "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# skip_or_fail WHAT: it has just failed; without the archive that is nobody's fault.
skip_or_fail() {
    cat "$log"
    if grep -qiE 'failed (getting|to fetch)|could ?n.t (download|connect|resolve)|cannot initiate|temporary failure' "$log"; then
        skip "Debian's archive cannot be reached: $1"
    fi
    fail "$1"
}

base=$cache/$release-$(dpkg --print-architecture).tar.gz
mkdir "$root"
if [ ! -e "$base" ]; then
    debootstrap --variant=minbase "$release" "$root" "$mirror" >"$log" 2>&1 || skip_or_fail debootstrap
    echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
    rm -f "$root"/var/cache/apt/archives/*.deb
    tar -C "$root" --one-file-system -c . | gzip -1 >"$work/base"
    mv "$work/base" "$base"
else
    tar -C "$root" -xzf "$base"
fi
if [ -e /etc/resolv.conf ]; then
    cp --remove-destination -L /etc/resolv.conf "$root/etc/resolv.conf"
fi

inside() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        ${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} \
        chroot "$root" "$@"
}
# All files but the records of dpkg and apt.
files() {
    (cd "$root" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./tmp \
        -o -path ./var/cache -o -path ./var/log -o -path ./var/lib/apt -o -path ./var/lib/dpkg \) \
        -prune -o -printf '%p %y %l\n' | sort)
}

inside apt-get update >"$log" 2>&1 || skip_or_fail "apt-get update"
files >"$work/before"
cp -- "${debs[0]}" "$root/tmp/etwtrail.deb"
inside apt-get install -y --no-install-recommends /tmp/etwtrail.deb >"$log" 2>&1 ||
    skip_or_fail "the package does not install"
inside dpkg --verify etwtrail || fail "installed files are not those of the package"

[ "$(inside etwtrail --version)" = "$("$program" --version)" ] || fail "another version"
sample=/usr/share/doc/etwtrail/samples/tcpserver.etl
inside etwtrail convert "$sample" -o /tmp/inside.pcapng
inside etwtrail events "$sample" --format ndjson >"$work/inside.ndjson"
"$program" convert "$root$sample" -o "$work/outside.pcapng"
"$program" events "$root$sample" --format ndjson >"$work/outside.ndjson"
cmp "$root/tmp/inside.pcapng" "$work/outside.pcapng" || fail "convert writes something else"
cmp "$work/inside.ndjson" "$work/outside.ndjson" || fail "events writes something else"
[ -s "$work/inside.ndjson" ] || fail "events writes nothing"

if inside sh -c 'command -v man' >/dev/null; then
    inside man etwtrail | grep SYNOPSIS >/dev/null || fail "man does not show the manual"
else
    zcat "$root/usr/share/man/man1/etwtrail.1.gz" | grep '^\.Sh SYNOPSIS' >/dev/null || fail "no manual"
fi
# shellcheck disable=SC2016  # the shell inside expands it
offered=$(inside bash -c '. /usr/share/bash-completion/completions/etwtrail
    COMP_WORDS=(etwtrail con) COMP_CWORD=1; _etwtrail; echo "${COMPREPLY[*]}"
    COMP_WORDS=(etwtrail smb --by s) COMP_CWORD=3; _etwtrail; echo "${COMPREPLY[*]}"')
[ "$offered" = $'convert\nshare server' ] || fail "bash completes to: $offered"
[ -s "$root/usr/share/zsh/vendor-completions/_etwtrail" ] || fail "no completion for zsh"

inside apt-get purge -y --autoremove etwtrail >"$log" 2>&1 || skip_or_fail "the package does not go"
files >"$work/after"
diff "$work/before" "$work/after" || fail "the package leaves files, or took some"
echo "installed, used and removed in a clean $release"
