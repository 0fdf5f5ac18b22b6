/* SPDX-License-Identifier: MIT */
/*
 * message_losses.c - what is missing of SMB messages from events, and how they are recorded.
 */
#include "cli/converted_messages.h"
#include "cli/display.h"
#include "cli/messages.h"
#include "cli/recording.h"

/* Behind a number. */
static const struct loss {
    const char *singular, *plural, *what;
} cut = {"SMB message is", "SMB messages are", " cut: the rest is not in the trace"},
  lost = {"fragment of an SMB message was", "fragments of SMB messages were",
          " left out: the beginning is not in the trace"},
  unreadable = {"message from SMB events was", "messages from SMB events were",
                " left out: the bytes are not SMB"},
  too_long = {"SMB message is", "SMB messages are",
              " longer than Wireshark reads and written in part"};

static void add_loss(struct text *to, const struct loss *loss, uint64_t count)
{
    if (count > 0) {
        text_add(to, to->size > 0 ? "; " : "");
        display_add_count(to, count, loss->singular, loss->plural);
        text_add(to, loss->what);
    }
}

void cli_add_message_losses(struct text *to, const struct cli_message_counts *counts)
{
    add_loss(to, &cut, counts->cut);
    add_loss(to, &too_long, counts->too_long);
    add_loss(to, &lost, counts->lost);
    add_loss(to, &unreadable, counts->unreadable);
}

static void say_none(const struct cli_reading *reading)
{
    const struct cli_recording recording = {.needs = CLI_NEED_SMB,
                                            .recorder = CLI_RECORDER_NETSH,
                                            .os_build = reading->facts.header.os_build};
    struct text command = {.maximum = 4096};
    cli_recording_add_command(&recording, &command);
    cli_say("no SMB messages: the trace has no event of SMBClient or SMBServer that carries one "
            "(40000, 2000), as Windows 10 and later log them; to record them: %s",
            text_get(&command));
    text_done(&command);
}

static void say_unmatched(const struct cli_message_counts *counts, bool packets_alone)
{
    cli_say("no SMB message matches the filter; the trace has %llu%s",
            (unsigned long long)counts->unmatched,
            packets_alone ? ", which have neither --frame nor --interface" : "");
}

void cli_say_messages(const struct cli_reading *reading, const struct cli_message_counts *counts,
                      bool packets_alone)
{
    struct text losses = {.maximum = 4096};
    if (counts->found == 0 && counts->lost == 0) {
        say_none(reading);
    } else if (counts->written == 0 && counts->unmatched > 0) {
        say_unmatched(counts, packets_alone);
    }
    cli_add_message_losses(&losses, counts);
    if (losses.size > 0) {
        cli_say("%s", text_get(&losses));
    }
    text_done(&losses);
}
