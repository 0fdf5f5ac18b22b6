/* SPDX-License-Identifier: MIT */
/*
 * decoder.h - from records to model events, by the provider tables.
 *
 * A provider file is a table: event id -> model kind and the *names* of the
 * properties that fill the roles. Which bytes those are, the schema says: what the
 * trace or the user brings along first, then the built-in layouts, then the
 * built-in schemas.
 */
#ifndef ETW_PROVIDERS_DECODER_H
#define ETW_PROVIDERS_DECODER_H

#include "etw/base/error.h"
#include "etw/event.h"
#include "etw/schema/schema_store.h"

struct etw_decoder;

/* `schemas` is borrowed for the decoder's life. NULL: built-in layouts alone, which
 * are those of packets. */
enum etw_status etw_decoder_new(struct schema_store *schemas, struct etw_decoder **out,
                                struct etw_error *error);
void etw_decoder_free(struct etw_decoder *decoder);

/* Forgets which schemas were found. To be called when the store has learned more,
 * for events may stand before their schema. */
void etw_decoder_reset(struct etw_decoder *decoder);

/* Fills `event` (event->record = record, which is borrowed). Cannot fail: without
 * a row the kind is ETW_EVENT_OTHER; with a payload that ends too early the event
 * has what was there and is_incomplete. */
void etw_decoder_read(struct etw_decoder *decoder, const struct etw_record *record,
                      struct etw_event *event);

#endif
