/* SPDX-License-Identifier: MIT */
/*
 * trace_object.h - the object "trace" that begins the JSON document of every verb
 * with rows: see docs/examples/packets.json.
 */
#ifndef CLI_TRACE_OBJECT_H
#define CLI_TRACE_OBJECT_H

struct cli_session;
struct text;

void cli_trace_object_format(const struct cli_session *session, struct text *out);

#endif
