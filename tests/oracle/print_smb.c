/* SPDX-License-Identifier: MIT */
/*
 * print_smb TRACE.etl: the SMB messages in the packets of a trace, one a line, as name=value with
 * tabs between; then how many of what, and bytes that were no message. For check_smb.py.
 */
#include <inttypes.h>
#include <stdio.h>

#include "cli/reading.h"
#include "correlate/smb_streams.h"
#include "etw/base/text.h"

static void print_text(const char *name, struct bytes utf16)
{
    struct text text = {.maximum = UINT32_C(1) << 17};
    text_add_utf16(&text, utf16.data, utf16.size);
    if (utf16.size > 0) {
        printf("\t%s=%s", name, text_get(&text));
    }
    text_done(&text);
}

static void print_number(const char *name, uint64_t number, uint32_t is_there)
{
    if (is_there) {
        printf("\t%s=%" PRIu64, name, number);
    }
}

static bool print_message(void *context, const struct corr_smb_message *message)
{
    static const char *const kinds[] = {"1", "2", "encrypted", "compressed"};
    uint32_t has = message->has;
    (void)context;
    printf("kind=%s\tconnection=%" PRIu64 "\tframe=%" PRIu64 "\tlast_frame=%" PRIu64,
           kinds[message->kind], message->connection, message->frame, message->last_frame);
    printf("\ttime=%" PRId64 "\tlast_time=%" PRId64, message->time, message->last_time);
    printf("\tcommand=%u\tnumber=%u\tid=%" PRIu64 "\thas=%" PRIu32, message->command,
           message->command_number, message->message_id, has);
    print_number("size", message->size, 1);
    print_number("status", message->status, has & CORR_SMB_HAS_STATUS);
    print_number("session", message->session_id, has & CORR_SMB_HAS_SESSION);
    print_number("tree", message->tree_id, has & CORR_SMB_HAS_TREE);
    print_number("async", message->async_id, has & CORR_SMB_IS_ASYNC);
    print_number("file.persistent", message->file_id.persistent, has & CORR_SMB_HAS_FILE_ID);
    print_number("file.volatile", message->file_id.volatile_part, has & CORR_SMB_HAS_FILE_ID);
    print_number("length", message->length, has & CORR_SMB_HAS_LENGTH);
    print_number("offset", message->data_offset, has & CORR_SMB_HAS_OFFSET);
    print_number("charge", message->credit_charge, has & CORR_SMB_HAS_CREDITS);
    print_number("credits", message->credits, has & CORR_SMB_HAS_CREDITS);
    print_number("dialect", message->dialect, has & CORR_SMB_HAS_DIALECT);
    print_number("code", message->control_code, has & CORR_SMB_HAS_CONTROL_CODE);
    print_number("call", message->call, has & CORR_SMB_HAS_CALL);
    print_number("interim", 1, has & CORR_SMB_IS_INTERIM);
    print_text("share", message->share);
    print_text("file", message->file);
    print_text("new_name", message->new_name);
    printf("\n");
    return true;
}

static enum etw_status take_packet(void *context, const struct corr_packet *packet,
                                   struct etw_error *error)
{
    return corr_smb_streams_packet(context, packet, error);
}

static enum etw_status print_all(struct etw_trace *trace, struct etw_error *error)
{
    struct cli_reading reading;
    struct corr_smb_streams *streams = NULL;
    enum etw_status status = corr_smb_streams_new(print_message, NULL, &streams, error);
    if (status != ETW_OK) {
        return status;
    }
    status = cli_reading_init(&reading, trace, error);
    if (status == ETW_OK) {
        status = cli_reading_packets(&reading, false, take_packet, streams, error);
        cli_reading_done(&reading);
    }
    if (status == ETW_OK) {
        status = corr_smb_streams_finish(streams, error);
    }
    const struct corr_smb_stream_counts *counts = corr_smb_streams_counts(streams);
    printf("messages=%" PRIu64 "\tcut=%" PRIu64 "\tunknown=%" PRIu64 "\tskipped=%" PRIu64
           "\tmissing=%" PRIu64 "\tconnections=%" PRIu64 "\tsession_service=%" PRIu64 "\n",
           counts->messages, counts->cut, counts->unknown, counts->skipped_bytes,
           counts->missing_bytes, counts->connections, counts->session);
    corr_smb_streams_free(streams);
    return status;
}

int main(int argc, char **argv)
{
    struct etw_trace *trace = NULL;
    struct etw_error error = {.status = ETW_OK};
    enum etw_status status =
        argc == 2 ? etw_trace_open(argv[1], NULL, &trace, &error) : ETW_ERR_INPUT;
    if (status == ETW_OK) {
        status = print_all(trace, &error);
    }
    etw_trace_close(trace);
    if (status < 0) {
        (void)fprintf(stderr, "print_smb: %s\n", error.text);
    }
    return status < 0;
}
