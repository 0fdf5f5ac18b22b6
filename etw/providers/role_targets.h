/* SPDX-License-Identifier: MIT */
/*
 * role_targets.h - where the value of each role goes, and in which form.
 *
 * To support a further role: its row in role_targets.c. A further form: a row of
 * enum target_type, and what is done with it in binding.c.
 */
#ifndef ETW_PROVIDERS_ROLE_TARGETS_H
#define ETW_PROVIDERS_ROLE_TARGETS_H

#include "etw/providers/binding.h"

enum target_type {
    TARGET_NUMBER,
    TARGET_GUID,
    TARGET_BYTES,    /* also a part of them */
    TARGET_REST,     /* and all that follows them in the payload */
    TARGET_WHOLE,    /* bytes or text, all of it or nothing */
    TARGET_UTF16,    /* the same of UTF-16LE text alone */
    TARGET_IMAGE,    /* all of a text or nothing, and which kind of text it is */
    TARGET_SOCKADDR, /* struct etw_socket_address of a SOCKADDR */
    TARGET_IP,       /* its address */
    TARGET_PORT,     /* its port */
    TARGET_FAMILY,   /* 4 or 6 of an address family of Windows */
    TARGET_HANDLE    /* `to`: enum etw_handle_space */
};

struct role_target {
    enum target_type type;
    uint8_t width; /* in bytes */
    bool is_raw;   /* of struct binding_raw, else of struct etw_event */
    uint16_t to;   /* offset in it */
    uint32_t has;  /* what it sets in etw_socket.has, or one of HAS_RAW_ */
};

/* Behind enum etw_socket_member: a raw value is there. */
#define HAS_RAW_ENTER_EXIT     0x40000000u
#define HAS_RAW_PATH_DIRECTION 0x80000000u
#define HAS_RAW                (HAS_RAW_ENTER_EXIT | HAS_RAW_PATH_DIRECTION)

extern const struct role_target role_targets[ROLE_COUNT];

#endif
