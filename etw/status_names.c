/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "etw/fields.h"
#include "etw/status_codes.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

#define FACILITY_MASK 0xFFFF0000u
/* An HRESULT or NTSTATUS with one of these in front is a Win32 error in its low 16
 * bits; an HRESULT with the bit is an NTSTATUS [documented: winerror.h, ntstatus.h]. */
#define HRESULT_OF_WIN32  0x80070000u
#define NTSTATUS_OF_WIN32 0xC0070000u
#define HRESULT_OF_NT_BIT 0x10000000u

/* What a socket call returns for what the stack reported. No row: the caller gets
 * something that depends on the call. [documented: Winsock error codes; measured] */
/* clang-format off */
const struct winsock_code winsock_codes[] = {
    {0x00000102, 10060},  /* STATUS_TIMEOUT: WSAETIMEDOUT */
    {0x80000005, 10040},  /* STATUS_BUFFER_OVERFLOW: WSAEMSGSIZE */
    {0xC0000002, 10045},  /* STATUS_NOT_IMPLEMENTED: WSAEOPNOTSUPP */
    {0xC0000005, 10014},  /* STATUS_ACCESS_VIOLATION: WSAEFAULT */
    {0xC0000008, 10038},  /* STATUS_INVALID_HANDLE: WSAENOTSOCK */
    {0xC000000D, 10022},  /* STATUS_INVALID_PARAMETER: WSAEINVAL */
    {0xC000000E, 10050},  /* STATUS_NO_SUCH_DEVICE: WSAENETDOWN */
    {0xC0000017, 10055},  /* STATUS_NO_MEMORY: WSAENOBUFS */
    {0xC0000022, 10013},  /* STATUS_ACCESS_DENIED: WSAEACCES */
    {0xC0000023, 10014},  /* STATUS_BUFFER_TOO_SMALL: WSAEFAULT */
    {0xC0000034, 10050},  /* STATUS_OBJECT_NAME_NOT_FOUND: WSAENETDOWN */
    {0xC0000043, 10048},  /* STATUS_SHARING_VIOLATION: WSAEADDRINUSE */
    {0xC0000044, 10055},  /* STATUS_QUOTA_EXCEEDED: WSAENOBUFS */
    {0xC000009A, 10055},  /* STATUS_INSUFFICIENT_RESOURCES: WSAENOBUFS */
    {0xC00000A3, 10035},  /* STATUS_DEVICE_NOT_READY: WSAEWOULDBLOCK */
    {0xC00000B0, 10058},  /* STATUS_PIPE_DISCONNECTED: WSAESHUTDOWN */
    {0xC00000B5, 10060},  /* STATUS_IO_TIMEOUT: WSAETIMEDOUT */
    {0xC00000BB, 10045},  /* STATUS_NOT_SUPPORTED: WSAEOPNOTSUPP */
    {0xC00000BC, 10061},  /* STATUS_REMOTE_NOT_LISTENING: WSAECONNREFUSED */
    {0xC00000BE, 10051},  /* STATUS_BAD_NETWORK_PATH: WSAENETUNREACH */
    {0xC00000BF, 10050},  /* STATUS_NETWORK_BUSY: WSAENETDOWN */
    {0xC00000D0, 10035},  /* STATUS_REQUEST_NOT_ACCEPTED: WSAEWOULDBLOCK */
    {0xC0000120, 995},    /* STATUS_CANCELLED: ERROR_OPERATION_ABORTED */
    {0xC0000128, 10038},  /* STATUS_FILE_CLOSED: WSAENOTSOCK */
    {0xC000013B, 10053},  /* STATUS_LOCAL_DISCONNECT: WSAECONNABORTED */
    {0xC000013C, 10054},  /* STATUS_REMOTE_DISCONNECT: WSAECONNRESET */
    {0xC000013D, 10055},  /* STATUS_REMOTE_RESOURCES: WSAENOBUFS */
    {0xC000013E, 10054},  /* STATUS_LINK_FAILED: WSAECONNRESET */
    {0xC0000140, 10057},  /* STATUS_INVALID_CONNECTION: WSAENOTCONN */
    {0xC0000141, 10049},  /* STATUS_INVALID_ADDRESS: WSAEADDRNOTAVAIL */
    {0xC0000206, 10040},  /* STATUS_INVALID_BUFFER_SIZE: WSAEMSGSIZE */
    {0xC0000207, 10049},  /* STATUS_INVALID_ADDRESS_COMPONENT: WSAEADDRNOTAVAIL */
    {0xC0000209, 10055},  /* STATUS_TOO_MANY_ADDRESSES: WSAENOBUFS */
    {0xC000020A, 10048},  /* STATUS_ADDRESS_ALREADY_EXISTS: WSAEADDRINUSE */
    {0xC000020B, 10038},  /* STATUS_ADDRESS_CLOSED: WSAENOTSOCK */
    {0xC000020C, 10054},  /* STATUS_CONNECTION_DISCONNECTED: WSAECONNRESET */
    {0xC000020D, 10054},  /* STATUS_CONNECTION_RESET: WSAECONNRESET */
    {0xC000020F, 10053},  /* STATUS_TRANSACTION_ABORTED: WSAECONNABORTED */
    {0xC0000236, 10061},  /* STATUS_CONNECTION_REFUSED: WSAECONNREFUSED */
    {0xC0000237, 10101},  /* STATUS_GRACEFUL_DISCONNECT: WSAEDISCON */
    {0xC000023A, 10057},  /* STATUS_CONNECTION_INVALID: WSAENOTCONN */
    {0xC000023B, 10056},  /* STATUS_CONNECTION_ACTIVE: WSAEISCONN */
    {0xC000023C, 10051},  /* STATUS_NETWORK_UNREACHABLE: WSAENETUNREACH */
    {0xC000023D, 10065},  /* STATUS_HOST_UNREACHABLE: WSAEHOSTUNREACH */
    {0xC000023E, 10051},  /* STATUS_PROTOCOL_UNREACHABLE: WSAENETUNREACH */
    {0xC000023F, 10054},  /* STATUS_PORT_UNREACHABLE: WSAECONNRESET */
    {0xC0000240, 10004},  /* STATUS_REQUEST_ABORTED: WSAEINTR */
    {0xC0000241, 10053},  /* STATUS_CONNECTION_ABORTED: WSAECONNABORTED */
    {0xC000A012, 10052},  /* STATUS_HOPLIMIT_EXCEEDED: WSAENETRESET */
};
/* clang-format on */
const size_t winsock_code_count = COUNT_OF(winsock_codes);

/* The first member of every row is the key. */
static int compare_key(const void *key, const void *row)
{
    uint32_t value = *(const uint32_t *)key;
    uint32_t other = *(const uint32_t *)row;
    return (value > other) - (value < other);
}

static const char *find_name(const struct status_code *codes, size_t count, uint32_t value)
{
    const struct status_code *row = bsearch(&value, codes, count, sizeof(*codes), compare_key);
    return row ? row->name : NULL;
}

const char *etw_win32_error_name(uint32_t error)
{
    return find_name(win32_error_codes, win32_error_code_count, error);
}

const char *etw_ntstatus_name(uint32_t status)
{
    const char *name = find_name(ntstatus_codes, ntstatus_code_count, status);
    if (!name && (status & FACILITY_MASK) == NTSTATUS_OF_WIN32) {
        return etw_win32_error_name(status & ~FACILITY_MASK);
    }
    return name;
}

const char *etw_hresult_name(uint32_t result)
{
    const char *name = find_name(hresult_codes, hresult_code_count, result);
    if (!name && (result & FACILITY_MASK) == HRESULT_OF_WIN32) {
        return etw_win32_error_name(result & ~FACILITY_MASK);
    }
    if (!name && (result & HRESULT_OF_NT_BIT)) {
        return etw_ntstatus_name(result & ~HRESULT_OF_NT_BIT);
    }
    return name;
}

const char *etw_winsock_name_of_ntstatus(uint32_t status, uint32_t *number)
{
    const struct winsock_code *row =
        bsearch(&status, winsock_codes, winsock_code_count, sizeof(*winsock_codes), compare_key);
    if (!row) {
        return NULL;
    }
    *number = row->number;
    return etw_win32_error_name(row->number);
}
