/* SPDX-License-Identifier: MIT */
/*
 * socket_phrases.h - the words for socket events, by layer, action and phase; inside
 * pcapout only.
 *
 * {value} stands for a member of the event. A part in [] is left out as a whole when
 * a value in it is not there; outside of [] only {subject} may stand, which always
 * is. To change a sentence: its row in socket_phrases.c. To add a value: a row of the
 * table in socket_sentences.c.
 */
#ifndef PCAPOUT_SOCKET_PHRASES_H
#define PCAPOUT_SOCKET_PHRASES_H

#include "etw/event.h"

/* NULL: there are no words for it. */
const char *socket_phrase_find(enum etw_layer layer, enum etw_action action, enum etw_phase phase);

#endif
