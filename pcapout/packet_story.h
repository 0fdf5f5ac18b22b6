/* SPDX-License-Identifier: MIT */
/*
 * packet_story.h - one packet explained in full, for people: its owner, why, what
 * each step rests on, and what the header of its record claims.
 *
 *     struct out_story *story = NULL;
 *     out_story_new(ledger, &packet, &story, &error);    copies what it needs
 *     for every event of the trace: out_story_event(story, &event);
 *     out_story_write(story, file, &options, &error);
 *     out_story_free(story);
 */
#ifndef PCAPOUT_PACKET_STORY_H
#define PCAPOUT_PACKET_STORY_H

#include "correlate/ledger.h"
#include "correlate/packets.h"
#include "pcapout/rows.h"

struct out_story;

/* `ledger` is borrowed; NULL: nothing has an owner. */
enum etw_status out_story_new(const struct corr_ledger *ledger, const struct corr_packet *packet,
                              struct out_story **out, struct etw_error *error);
void out_story_free(struct out_story *story); /* NULL is allowed */
/* Keeps the events that the story rests on, told in a sentence. */
void out_story_event(struct out_story *story, const struct etw_event *event);
enum etw_status out_story_write(const struct out_story *story, struct out_file *file,
                                const struct out_rows_options *options, struct etw_error *error);

#endif
