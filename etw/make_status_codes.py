#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes status_codes_table.c: the codes that work with networks meets.

    ./make_status_codes.py NTSTATUS.H WINERROR.H WINHTTP.H > status_codes_table.c

The headers are those of MinGW-w64, in the public domain (Debian: mingw-w64-common,
/usr/share/mingw-w64/include). Of several names for one code the first stays, except
those in PREFERRED. To add codes: a pattern or a name below.
"""
import re
import sys

HEAD = """\
/* Generated: ./make_status_codes.py NTSTATUS.H WINERROR.H WINHTTP.H > status_codes_table.c */
/* SPDX-License-Identifier: MIT */
#include "etw/status_codes.h"

/* clang-format off */
"""

PREFERRED = {
    "STATUS_SUCCESS", "STATUS_PENDING", "STATUS_TIMEOUT", "ERROR_SUCCESS", "S_OK",
    "ERROR_IO_PENDING", "ERROR_OPERATION_ABORTED", "E_ACCESSDENIED", "E_OUTOFMEMORY",
    "E_INVALIDARG", "E_NOTIMPL", "E_FAIL", "E_POINTER", "E_HANDLE", "E_ABORT",
    "E_NOINTERFACE", "E_UNEXPECTED", "SEC_E_LOGON_DENIED",
}

BASES = {"WSABASEERR": 10000, "WINHTTP_ERROR_BASE": 12000}

NTSTATUS = r"""
    STATUS_(SUCCESS|NOTIFY_.*|TIMEOUT|PENDING|REPARSE|MORE_ENTRIES|NOT_ALL_ASSIGNED|
        WAIT_[0-3]|ABANDONED|USER_APC|ALERTED|SOME_NOT_MAPPED|BUFFER_OVERFLOW|NO_MORE_.*|DEVICE_.*|
        UNSUCCESSFUL|NOT_IMPLEMENTED|NOT_SUPPORTED|INFO_LENGTH_MISMATCH|ACCESS_.*|
        INVALID_.*|NO_SUCH_.*|END_OF_FILE|MORE_PROCESSING_REQUIRED|NO_MEMORY|
        BUFFER_TOO_SMALL|OBJECT_.*|SHARING_.*|FILE_.*|PRIVILEGE_NOT_HELD|LOGON_.*|
        ACCOUNT_.*|PASSWORD_.*|WRONG_PASSWORD|NONE_MAPPED|INSUFF.*_RESOURCES|
        IO_.*|PIPE_.*|INSTANCE_NOT_AVAILABLE|NETWORK_.*|.*NET_.*|REMOTE_.*|
        CONNECTION_.*|.*_DISCONNECT.*|LINK_.*|.*_UNREACHABLE|PORT_.*|HOPLIMIT_EXCEEDED|
        ADDRESS_.*|TRANSACTION_(ABORTED|TIMED_OUT|NO_MATCH|NO_RELEASE|RESPONDED|
        INVALID_ID|INVALID_TYPE)|REQUEST_.*|PROTOCOL_.*|VIRTUAL_CIRCUIT_CLOSED|
        CANCELLED|CANT_WAIT|RETRY|TOO_MANY_.*|QUOTA_.*|DISK_FULL|BAD_.*|DUPLICATE_.*|
        USER_.*|TRUSTED_.*|TRUST_.*|NETLOGON_.*|DOMAIN_.*|KDC_.*|PKINIT_.*|SMARTCARD_.*|
        RPC_.*|CERTIFICATE_.*|.*_CERTIFICATE|CRYPTO_SYSTEM_INVALID|
        DECRYPTION_FAILED|ENCRYPTION_FAILED|.*_CRED.*|MUTUAL_AUTHENTICATION_FAILED|
        TIME_DIFFERENCE_AT_DC|PATH_NOT_COVERED|DFS_.*|STOPPED_ON_SYMLINK|
        OPLOCK_.*|LOCK_NOT_GRANTED|DELETE_PENDING|NOT_A_.*|
        DIRECTORY_NOT_EMPTY|PROCESS_IS_TERMINATING|THREAD_IS_TERMINATING|
        GRACEFUL_DISCONNECT|NOT_FOUND|NOT_SAME_DEVICE|UNEXPECTED_.*|LOCAL_.*|
        GUIDS_EXHAUSTED|HOST_.*|DLL_NOT_FOUND|DATA_.*|WMI_.*|IPSEC_.*|NDIS_.*|
        SERVER_.*|SMB_.*|USER_SESSION_DELETED|FS_DRIVER_REQUIRED|EXPIRED_HANDLE|
        DOWNGRADE_DETECTED|LPC_.*|SHUTDOWN_IN_PROGRESS|MESSAGE_LOST|
        UNFINISHED_CONTEXT_DELETED|NO_TGT_REPLY|NO_LOGON_SERVERS|NO_EVENT_PAIR|
        VOLUME_DISMOUNTED|UNABLE_TO_FREE_VM|CONTROL_C_EXIT|STACK_.*|FATAL_.*|
        BREAKPOINT|DATATYPE_MISALIGNMENT|ILLEGAL_INSTRUCTION|DEBUGGER_INACTIVE|
        ENTRYPOINT_NOT_FOUND|ORDINAL_NOT_FOUND|DLL_INIT_FAILED|IN_PAGE_ERROR|
        IMAGE_.*|HANDLE_NOT_CLOSABLE|ALREADY_.*|MEMBER_.*|CTX_.*)
    | RPC_NT_.*
"""

WIN32 = r"""
    ERROR_(SUCCESS|INVALID_.*|FILE_.*|PATH_NOT_FOUND|TOO_MANY_.*|ACCESS_.*|NOT_.*|
        OUTOFMEMORY|BAD_.*|GEN_FAILURE|SHARING_.*|LOCK_.*|HANDLE_.*|REM_.*|DUP_NAME|
        NETWORK_.*|DEV_.*|ADAP_.*|UNEXP_NET_ERR|NETNAME_DELETED|SHARING_PAUSED|REQ_.*|
        REDIR_PAUSED|BROKEN_PIPE|SEM_TIMEOUT|INSUFFICIENT_BUFFER|MOD_NOT_FOUND|
        PROC_NOT_FOUND|DIR_NOT_EMPTY|BUSY|ALREADY_.*|PIPE_.*|NO_DATA|MORE_DATA|VC_.*|
        WAIT_.*|NO_MORE_.*|OPERATION_ABORTED|IO_.*|NOACCESS|STACK_OVERFLOW|CAN_NOT_COMPLETE|
        KEY_DELETED|SERVICE_.*|PROCESS_ABORTED|DLL_.*|NO_.*|SHUTDOWN_.*|PORT_.*|
        CONNECTION_.*|GRACEFUL_.*|ADDRESS_.*|PROTOCOL_.*|HOST_.*|.*_UNREACHABLE|
        REQUEST_.*|RETRY|LOGIN_.*|LOGON_.*|INCORRECT_.*|DEVICE_.*|INCOMPATIBLE_.*|
        EXTENDED_.*|CANCELLED|BAD_NETPATH|BAD_NET_NAME|USER_.*|PASSWORD_.*|ACCOUNT_.*|
        WRONG_PASSWORD|PRIVILEGE_NOT_HELD|TRUST.*|NETLOGON_.*|DOMAIN_.*|TIME_SKEW|MUTUAL_AUTH_FAILED|
        DOWNGRADE_DETECTED|TIMEOUT|WMI_.*|IPSEC_IKE_.*|DS_.*UNAVAILABLE|COMMITMENT_LIMIT|
        INTERNAL_ERROR|CONTEXT_EXPIRED|UNSUPPORTED_TYPE|CURRENT_DOMAIN_NOT_ALLOWED|
        INTERNET_.*|WINHTTP_.*|CTX_.*|EVENT.*|NETWORK_UNREACHABLE)
    | WSA.* | WSA_.* | RPC_S_.* | EPT_S_.* | RPC_X_.* | DNS_ERROR_RCODE.* |
    DNS_(ERROR|INFO|STATUS)_(.*PACKET.*|NO_.*|RECORD_.*|TRY_AGAIN.*|NAME_.*|.*_NAME.*|
        TIMED_OUT|UNSEC.*|SERVER_.*|INVALID_.*|TCPIP.*|.*DNS_SERVERS)
"""

HRESULT = r"""
    S_OK | S_FALSE | E_.* | SEC_[EI]_.* | CRYPT_E_.*(REVO|EXPIRED|NOT_FOUND|UNKNOWN|BAD|SIGN).* |
    CERT_E_.* | TRUST_E_.* | NTE_.* | RPC_E_.* | HTTP_E_.* | WININET_E_.* | WS_E_.* |
    CO_E_(SERVER|INIT|NOT|CLASS|APP).* | REGDB_E_.* | ERROR_NDIS_.* | FWP_E_.* | WINHTTP_E_.*
"""


def compile_pattern(pattern):
    return re.compile(re.sub(r"\s+", "", pattern))


def read_value(text, names):
    """The number a definition stands for; None: it is no code."""
    text = text.strip()
    number = re.search(r"(?:(?:__MSABI_LONG|_(?:HRESULT|NDIS_ERROR)_TYPEDEF_)\("
                       r"|\(\((?:NTSTATUS|HRESULT)\)(?:__MSABI_LONG\()?)"
                       r"(0x[0-9a-fA-F]+|\d+)", text)
    if number:
        return int(number.group(1), 0)
    based = re.fullmatch(r"\((\w+) ?\+ ?(\d+)\)", text)
    if based and based.group(1) in BASES:
        return BASES[based.group(1)] + int(based.group(2))
    return names.get(text.strip("()"))


def read_header(path):
    """name: (value, form), in the order of the file."""
    found = {}
    values = {}
    with open(path, encoding="utf-8") as header:
        for line in header:
            match = re.match(r"\s*#\s*define\s+(\w+)\s+(\S.*)", line)
            if not match or match.group(1) in found:
                continue
            value = read_value(match.group(2), values)
            if value is not None:
                is_result = "HRESULT" in match.group(2) or value >> 31
                found[match.group(1)] = (value, "HRESULT" if is_result else "number")
                values[match.group(1)] = value
    return found


def choose(header, pattern, form):
    """(value, name) ascending by value, one name each."""
    wanted = compile_pattern(pattern)
    rows = {}
    for name, (value, its_form) in header.items():
        if form and its_form != form or not wanted.fullmatch(name):
            continue
        if value not in rows or name in PREFERRED:
            rows[value] = name
    return sorted(rows.items())


def print_table(name, rows):
    print(f"const struct status_code {name}s[] = {{")
    for value, text in rows:
        shown = f"0x{value:08X}" if name != "win32_error_code" else str(value)
        print(f'    {{{shown}, "{text}"}},')
    print("};")
    print(f"const size_t {name}_count = sizeof({name}s) / sizeof({name}s[0]);")


def main():
    ntstatus = read_header(sys.argv[1])
    winerror = {**read_header(sys.argv[2]), **read_header(sys.argv[3])}
    print(HEAD, end="")
    print_table("ntstatus_code", choose(ntstatus, NTSTATUS, None))
    print()
    print_table("win32_error_code", choose(winerror, WIN32, "number"))
    print()
    print_table("hresult_code", choose(winerror, HRESULT, "HRESULT"))
    print("/* clang-format on */")


if __name__ == "__main__":
    main()
