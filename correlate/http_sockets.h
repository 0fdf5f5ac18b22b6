/* SPDX-License-Identifier: MIT */
/*
 * http_sockets.h - which socket an HTTP connection is, by what is known of its ends, its
 * process and its time. Inside correlate only.
 */
#ifndef CORRELATE_HTTP_SOCKETS_H
#define CORRELATE_HTTP_SOCKETS_H

#include <stddef.h>

#include "correlate/sockets.h"
#include "etw/base/error.h"

struct http_ends {
    struct corr_endpoint local, remote; /* size 0: not known */
    uint16_t local_port;                /* 0: not known, or part of `local` */
    bool is_server;
    uint32_t pid; /* of a client; 0: not known */
    int64_t time; /* when it was there, or about to be */
};

struct http_sockets;

/* Both are borrowed. */
enum etw_status http_sockets_new(const struct corr_socket *sockets, size_t count,
                                 const struct corr_processes *processes, struct http_sockets **out,
                                 struct etw_error *error);
void http_sockets_free(struct http_sockets *index); /* NULL is allowed */
/* The only socket that fits; CORR_NO_ROW: none, or several. */
uint32_t http_sockets_find(const struct http_sockets *index, const struct http_ends *ends);

#endif
