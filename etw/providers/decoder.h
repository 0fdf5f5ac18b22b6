/* SPDX-License-Identifier: MIT */
/*
 * decoder.h - from records to model events, by the provider tables.
 *
 * A provider file is a table: event id -> model kind and the *names* of the
 * properties that fill the roles. Which bytes those are, the schema says: today
 * the built-in layouts, later first the schemas embedded in the trace.
 */
#ifndef ETW_PROVIDERS_DECODER_H
#define ETW_PROVIDERS_DECODER_H

#include "etw/base/error.h"
#include "etw/event.h"

struct etw_decoder;

enum etw_status etw_decoder_new(struct etw_decoder **out, struct etw_error *error);
void etw_decoder_free(struct etw_decoder *decoder);

/* Fills `event` (event->record = record, which is borrowed). Cannot fail: without
 * a row the kind is ETW_EVENT_OTHER; with a payload that ends too early the event
 * has what was there and is_incomplete. */
void etw_decoder_read(struct etw_decoder *decoder, const struct etw_record *record,
                      struct etw_event *event);

#endif
