/* SPDX-License-Identifier: MIT */
#include "cli/result.h"

#include "cli/diagnosis.h"
#include "cli/losses.h"
#include "cli/messages.h"
#include "cli/reading.h"

/* Says why there are no packets. */
static void say_why(const struct cli_facts *facts, const char *before)
{
    struct cli_diagnosis diagnosis;
    cli_diagnosis_init(&diagnosis, facts);
    const struct cli_missing *packets = cli_diagnosis_find(&diagnosis, "packets");
    if (packets) {
        cli_say("%s%s", before, text_get(&packets->why));
        if (packets->command.size > 0) {
            cli_say("to record them: %s", text_get(&packets->command));
        }
    }
    cli_diagnosis_done(&diagnosis);
}

void cli_say_result(const struct cli_reading *reading, uint64_t written)
{
    const struct cli_facts *facts = &reading->facts;
    if (facts->packets == 0) {
        say_why(facts, "no packets: ");
    } else if (written == 0) {
        cli_say("no packet matches the filter; the trace has %llu",
                (unsigned long long)facts->packets);
    }
    cli_say_losses(reading->trace);
}

void cli_say_no_owners(const struct cli_reading *reading)
{
    if (!reading->facts.has_socket_events) {
        cli_say("the trace has no events of sockets, so nothing has an owner; 'etwtrail info' says "
                "how to record them");
    }
}

enum cli_exit cli_refuse_filter(const struct etw_error *error)
{
    if (error->status != ETW_ERR_INPUT) {
        return cli_say_error(NULL, error);
    }
    cli_say("%s", error->text);
    return CLI_USAGE;
}
