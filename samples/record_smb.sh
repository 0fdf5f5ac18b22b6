#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# record_smb.sh FOLDER: records what Samba's server and client say to each other, each in a network
# namespace of its own with made-up names and addresses:
#
#     FOLDER/plain.pcap      SMB 3.1.1, signed
#     FOLDER/encrypted.pcap  the same share, encrypted
#     FOLDER/old.pcap        SMB 1 (NT1), port 139
#
# The frames differ from run to run (times, keys, ids), so what is stored is the text that
# capture_to_scenario.py makes of them. Needs root, and the Debian packages samba, smbclient,
# tcpdump, iproute2 and ethtool.
set -euo pipefail
folder=$(realpath -- "${1:?record_smb.sh FOLDER}")
server=etwtrail-server client=etwtrail-client
work=$(mktemp -d)
started=()

# finish: ends what was started and removes the namespaces.
finish() {
    [ "${#started[@]}" -eq 0 ] || kill "${started[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    ip netns del "$server" 2>/dev/null || true
    ip netns del "$client" 2>/dev/null || true
    umount "$work/share" 2>/dev/null || true
    rm -rf "$work" "/etc/netns/$server" "/etc/netns/$client"
}
trap finish EXIT

# add_host NAMESPACE NAME ADDRESS MAC: one end of the wire. Files below /etc/netns stand in the
# place of those of /etc inside.
add_host() {
    ip netns add "$1"
    mkdir -p "/etc/netns/$1"
    printf '127.0.0.1 localhost\n192.0.2.10 client\n192.0.2.20 server\n' >"/etc/netns/$1/hosts"
    printf '%s\n' root:x:0:0::/:/bin/sh nobody:x:65534:65534::/:/bin/false \
        reader:x:3001:3001::/:/bin/false >"/etc/netns/$1/passwd"
    printf '%s\n' root:x:0: nogroup:x:65534: reader:x:3001: >"/etc/netns/$1/group"
    ip link set "wire-$2" netns "$1" address "$4"
    ip -n "$1" address add "$3/24" dev "wire-$2"
    ip -n "$1" link set lo up
    ip -n "$1" link set "wire-$2" up
    # What a network card would do stays undone, so that packets are as on the wire.
    ip netns exec "$1" ethtool -K "wire-$2" tso off gso off gro off tx off >/dev/null
    ip netns exec "$1" sysctl -qw net.ipv4.tcp_timestamps=0
}

# inside NAMESPACE NAME COMMAND...: there, with that host name.
inside() {
    local namespace=$1 name=$2
    shift 2
    # shellcheck disable=SC2016
    ip netns exec "$namespace" unshare --uts sh -c 'hostname "$0"; exec "$@"' "$name" "$@"
}

write_settings() {
    mkdir -p "$work"/{share,private,state,pid,log,client}
    # A small disk of its own, because the client asks how much room there is.
    mount -t tmpfs -o size=16m documents "$work/share"
    mkdir "$work/share/reports"
    chmod 777 "$work" "$work/share" "$work/share/reports"
    cat >"$work/server.conf" <<END
[global]
    netbios name = SERVER
    workgroup = EXAMPLE
    server role = standalone
    server min protocol = NT1
    ntlm auth = yes
    private dir = $work/private
    lock directory = $work/state
    state directory = $work/state
    cache directory = $work/state
    pid directory = $work/pid
    ncalrpc dir = $work/state/rpc
    log file = $work/log/server
    load printers = no
    disable spoolss = yes
    smb2 max read = 65536
    smb2 max write = 65536
[documents]
    path = $work/share
    read only = no
[secret]
    path = $work/share
    read only = no
    smb encrypt = required
END
    cat >"$work/client.conf" <<END
[global]
    netbios name = CLIENT
    workgroup = EXAMPLE
    client min protocol = NT1
    client signing = required
    private dir = $work/client
    lock directory = $work/client
    state directory = $work/client
    cache directory = $work/client
END
    head -c 200000 /dev/zero >"$work/share/figures.bin"
    head -c 70000 /dev/zero >"$work/letter.bin"
    head -c 4000 /dev/zero >"$work/note.bin"
    chmod 666 "$work/share/figures.bin"
}

start_server() {
    printf 'example\nexample\n' |
        inside "$server" server smbpasswd -c "$work/server.conf" -L -s -a reader
    inside "$server" server smbd -F --no-process-group -s "$work/server.conf" &
    started+=($!)
    for _ in $(seq 50); do
        ip netns exec "$server" sh -c 'ss -ltn | grep -q :445' && return
        sleep 0.1
    done
    return 1
}

# ask SHARE PASSWORD COMMANDS OPTION...: what a user would type.
ask() {
    local share=$1 password=$2 commands=$3
    shift 3
    inside "$client" client smbclient "//server/$share" -s "$work/client.conf" \
        -U "reader%$password" -c "$commands" "$@" || true
}

# record NAME FUNCTION: captures at the client while the function runs.
record() {
    ip netns exec "$client" tcpdump -q -i wire-client -Z root -w "$work/$1.pcap" tcp 2>/dev/null &
    local capture=$!
    sleep 1
    "$2"
    sleep 1
    kill -INT "$capture"
    wait "$capture" || true
    mv "$work/$1.pcap" "$folder/$1.pcap"
}

plain() {
    ask documents wrong ls -m SMB3
    ask nothing example ls -m SMB3
    timeout 3 ip netns exec "$client" smbclient //server/documents -s "$work/client.conf" \
        -U reader%example -m SMB3 -c 'notify reports' &
    local watcher=$!
    sleep 1
    ask documents example "cd reports; mkdir done; put $work/letter.bin letter.bin; ls;
        rename letter.bin done\\sent.bin; get missing.txt; cd ..; get figures.bin /dev/null;
        del reports\\done\\sent.bin; rmdir reports\\done; logoff" -m SMB3
    wait "$watcher" || true
}

encrypted() {
    ask secret example "put $work/note.bin note.bin; ls; del note.bin" -m SMB3
}

old() {
    ask documents example "put $work/letter.bin letter.bin; ls; get letter.bin /dev/null;
        rename letter.bin sent.bin; del sent.bin" -m NT1 -p 139
}

mkdir -p "$folder"
write_settings
ip link add wire-client type veth peer name wire-server
add_host "$server" server 192.0.2.20 02:00:00:00:02:20
add_host "$client" client 192.0.2.10 02:00:00:00:02:10
start_server
record plain plain
record encrypted encrypted
record old old
