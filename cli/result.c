/* SPDX-License-Identifier: MIT */
#include "cli/result.h"

#include <string.h>

#include "cli/diagnosis.h"
#include "cli/losses.h"
#include "cli/messages.h"
#include "cli/reading.h"

/* Says what the first rule about packets found. */
static void say_why(const struct cli_facts *facts, const char *before)
{
    const struct cli_rule *rules[CLI_DIAGNOSIS_MAXIMUM];
    size_t count = cli_diagnose(facts, rules);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rules[i]->what, "packets") == 0) {
            cli_say("%s%s", before, rules[i]->why);
            if (rules[i]->command) {
                cli_say("to record them: %s", rules[i]->command);
            }
            return;
        }
    }
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
