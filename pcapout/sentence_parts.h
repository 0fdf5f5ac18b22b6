/* SPDX-License-Identifier: MIT */
/*
 * sentence_parts.h - parts that the sentences of several kinds of model events share, and
 * the functions that word the kinds. Inside pcapout only.
 */
#ifndef PCAPOUT_SENTENCE_PARTS_H
#define PCAPOUT_SENTENCE_PARTS_H

#include <stdbool.h>

#include "etw/base/text.h"
#include "etw/event.h"
#include "etw/fields.h"

/* Appends the sentence of an event of its kind. False: there are no words for it, and
 * what was added is to be dropped. */
typedef bool event_sentence(const struct etw_event *event, struct text *to);

/* socket_sentences.c */
event_sentence out_socket_sentence;
/* process_sentences.c */
event_sentence out_process_sentence, out_service_sentence, out_name_sentence, out_http_sentence;
/* packet_sentences.c */
event_sentence out_packet_sentence, out_reception_sentence, out_headers_sentence,
    out_offload_sentence;
/* machine_sentences.c */
event_sentence out_interface_sentence, out_address_sentence, out_component_sentence,
    out_fact_sentence, out_counters_sentence, out_build_sentence, out_filter_sentence,
    out_lost_sentence;

/* "pid 880", with "(logged by pid 4)" when the header names another process. */
void out_add_pids(struct text *to, uint32_t pid, const struct etw_record *record);
/* 0xC00000B5 STATUS_IO_TIMEOUT = WSAETIMEDOUT 10060 */
void out_add_status(struct text *to, uint32_t status);
/* 0x and lower-case digits. */
void out_add_hex(struct text *to, uint64_t value);

/* A decimal number behind `before`. */
void sentence_add_number(struct text *to, const char *before, uint64_t value);
/* A value of the trace behind `before`, in quotes when it could be taken for our words.
 * Nothing when it is empty. */
void sentence_add_value(struct text *to, const char *before, enum etw_field_kind kind,
                        const struct bytes *value);
/* The same of UTF-16LE text. */
void sentence_add_text16(struct text *to, const char *before, const struct bytes *value);
/* The number when `name` is NULL. */
void sentence_add_name_or_number(struct text *to, const char *name, uint64_t number);
/* The packet monitor's word for a direction, behind `before`; its number when there is none. */
void sentence_add_direction_tag(struct text *to, const char *before, uint16_t tag);

#endif
