/* SPDX-License-Identifier: MIT */
/*
 * event_sentences.h - what a model event says, as one sentence without full stop:
 *
 *     TCP connection 192.0.2.1:49731 -> 198.51.100.20:80 goes from SynSent to
 *     Established, next sequence 7, pid 880 (logged by pid 0), tcb 0x8921dd28
 *
 * Only what the event states; what it does not is left out. Texts of the trace stand
 * in it as they are: who prints it escapes it.
 */
#ifndef PCAPOUT_EVENT_SENTENCES_H
#define PCAPOUT_EVENT_SENTENCES_H

#include <stdbool.h>

#include "etw/base/text.h"
#include "etw/event.h"

/* Appends the sentence. False, and nothing is added: there are no words for it. */
bool out_event_sentence(const struct etw_event *event, struct text *to);

/* RFC 793's word for a state as the stack numbers it; NULL: there is none. */
const char *out_tcp_state_name(uint32_t state);

#endif
