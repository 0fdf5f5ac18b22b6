/* SPDX-License-Identifier: MIT */
#include "cli/diagnosis.h"

#include <string.h>

#include "cli/facts.h"
#include "cli/recording.h"

#define WHY_MAXIMUM 1024
/* MB of the larger file: four times what was too small, within these. */
#define FILE_SIZE_MINIMUM 1024u
#define FILE_SIZE_MAXIMUM 10240u

/* The trace's own recorder; pktmon only where nothing says that it was netsh. */
static enum cli_recorder find_recorder(const struct cli_facts *facts)
{
    bool is_pktmon = facts->pktmon_provider_events > 0 && facts->ndis_provider_events == 0;
    return is_pktmon ? CLI_RECORDER_PKTMON : CLI_RECORDER_NETSH;
}

/* What the trace has, the next one shall have as well. */
static unsigned find_present(const struct cli_facts *facts)
{
    const uint64_t *sockets = facts->socket_events;
    unsigned present = facts->has_socket_events ? CLI_NEED_SOCKETS : 0;
    present |= facts->process_changes + facts->process_rundowns > 0 ? CLI_NEED_PROCESSES : 0;
    present |= facts->names > 0 ? CLI_NEED_HOSTS : 0;
    present |= sockets[ETW_LAYER_SMB_CLIENT] + sockets[ETW_LAYER_SMB_SERVER] > 0 ? CLI_NEED_SMB : 0;
    return present;
}

static uint32_t find_file_size(const struct cli_facts *facts)
{
    uint64_t size = (uint64_t)facts->header.maximum_size * 4;
    return size < FILE_SIZE_MINIMUM   ? FILE_SIZE_MINIMUM
           : size > FILE_SIZE_MAXIMUM ? FILE_SIZE_MAXIMUM
                                      : (uint32_t)size;
}

static void add_stop(const struct cli_facts *facts, struct text *to)
{
    bool is_known = facts->pktmon_provider_events + facts->ndis_provider_events > 0;
    if (is_known) {
        cli_recording_add_stop(find_recorder(facts), NULL, to);
    } else if (facts->header.session_name && !facts->header.is_private) {
        cli_recording_add_stop(CLI_RECORDER_NETSH, facts->header.session_name, to);
    }
}

/* The words of one rule. */
static void add_row(struct cli_diagnosis *diagnosis, const struct cli_rule *rule,
                    const struct cli_facts *facts)
{
    struct cli_missing *row = &diagnosis->rows[diagnosis->count++];
    *row = (struct cli_missing){.what = rule->what,
                                .why = {.maximum = WHY_MAXIMUM},
                                .command = {.maximum = WHY_MAXIMUM},
                                .is_recording = rule->remedy == CLI_REMEDY_RECORD ||
                                                rule->remedy == CLI_REMEDY_LARGER};
    text_add(&row->why, rule->why);
    if (rule->tell) {
        rule->tell(facts, &row->why);
    }
    if (rule->remedy == CLI_REMEDY_STOP) {
        add_stop(facts, &row->command);
    }
}

static bool is_answered(const struct cli_diagnosis *diagnosis, const char *what)
{
    return diagnosis->count > 0 && strcmp(diagnosis->rows[diagnosis->count - 1].what, what) == 0;
}

void cli_diagnosis_init(struct cli_diagnosis *diagnosis, const struct cli_facts *facts)
{
    struct cli_recording recording = {.needs = find_present(facts),
                                      .recorder = find_recorder(facts),
                                      .os_build = facts->header.os_build};
    *diagnosis = (struct cli_diagnosis){.count = 0};
    for (size_t i = 0; i < cli_rule_count && diagnosis->count < CLI_DIAGNOSIS_MAXIMUM; i++) {
        const struct cli_rule *rule = &cli_rules[i];
        if (!is_answered(diagnosis, rule->what) && rule->applies(facts)) {
            add_row(diagnosis, rule, facts);
            recording.needs |= rule->needs;
            recording.file_size =
                rule->remedy == CLI_REMEDY_LARGER ? find_file_size(facts) : recording.file_size;
        }
    }
    for (size_t i = 0; i < diagnosis->count; i++) {
        struct cli_missing *row = &diagnosis->rows[i];
        if (row->is_recording) {
            cli_recording_add_command(&recording, &row->command);
            row->is_recording = row->command.size > 0;
        }
    }
}

void cli_diagnosis_done(struct cli_diagnosis *diagnosis)
{
    for (size_t i = 0; i < diagnosis->count; i++) {
        text_done(&diagnosis->rows[i].why);
        text_done(&diagnosis->rows[i].command);
    }
    diagnosis->count = 0;
}

const struct cli_missing *cli_diagnosis_find(const struct cli_diagnosis *diagnosis,
                                             const char *what)
{
    for (size_t i = 0; i < diagnosis->count; i++) {
        if (strcmp(diagnosis->rows[i].what, what) == 0) {
            return &diagnosis->rows[i];
        }
    }
    return NULL;
}
