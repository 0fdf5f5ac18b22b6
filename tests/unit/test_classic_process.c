/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "etw/trace.h"
#include "tests/unit/payload_writer.h"

#define PROCESS        "3d6fa8d0-fe05-11d0-9dda-00c04fd7ba7c"
#define MANIFEST       "22fb2cd6-0e7b-422b-a0c7-2fad1fd0e716"
#define SERVICES       "01853a65-418f-4f36-aefc-dc0f1d2fd235"
#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

static const uint8_t system_sid[] = {1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0};

enum sid_form { NO_SID, SID_BEHIND_GARBAGE, SID_BEHIND_ZEROS };

static void put_sid(struct payload *to, unsigned pointer_size, enum sid_form form)
{
    if (form == NO_SID) {
        put_number(to, 4, 0);
        return;
    }
    for (unsigned i = 0; i < 2 * pointer_size; i++) {
        put_number(to, 1, form == SID_BEHIND_ZEROS ? 0 : 0xa0 + i);
    }
    put_bytes(to, system_sid, sizeof(system_sid));
}

/* Version 2 to 4, up to what the version has. */
static struct payload make_process(unsigned version, unsigned pointer_size, enum sid_form form)
{
    struct payload payload = {.size = 0};
    put_number(&payload, pointer_size, 0x893f92b0);
    put_number(&payload, 4, 2704);
    put_number(&payload, 4, 988);
    put_number(&payload, 4, 1);
    put_number(&payload, 4, 259);
    if (version >= 3) {
        put_number(&payload, pointer_size, 0x1234000);
    }
    if (version >= 4) {
        put_number(&payload, 4, 0);
    }
    put_sid(&payload, pointer_size, form);
    put_bytes(&payload, "tcpserver.exe", 14);
    put_text(&payload, "tcpserver 13000");
    if (version >= 4) {
        put_text(&payload, "");
        put_text(&payload, "");
    }
    return payload;
}

static void begin(struct decoding *d, unsigned version, unsigned pointer_size)
{
    decoding_init(d, PROCESS, RECORD_IS_KERNEL);
    d->record.version = (uint8_t)version;
    d->record.pointer_size = (uint8_t)pointer_size;
}

static void check_process(unsigned version, unsigned pointer_size, enum sid_form form)
{
    struct decoding d;
    struct payload payload = make_process(version, pointer_size, form);
    begin(&d, version, pointer_size);
    decoding_read(&d, 1, payload.data, payload.size);
    const struct etw_process *process = &d.event.u.process;
    assert_int_equal(d.event.kind, ETW_EVENT_PROCESS);
    assert_false(d.event.is_incomplete);
    assert_int_equal(process->phase, ETW_PHASE_SINGLE);
    assert_false(process->is_end);
    assert_int_equal(process->pid, 2704);
    assert_int_equal(process->parent_pid, 988);
    assert_int_equal(process->session, 1);
    assert_int_equal(process->exit_status, 259);
    assert_int_equal(process->unique_key, 0x893f92b0);
    assert_int_equal(process->start_key, 0);
    assert_int_equal(process->image.size, 13);
    assert_memory_equal(process->image.data, "tcpserver.exe", 13);
    assert_false(process->is_image_utf16);
    assert_true(text_is(process->command_line, "tcpserver 13000"));
    assert_int_equal(process->sid.size, form == NO_SID ? 0 : sizeof(system_sid));
    if (form != NO_SID) {
        assert_memory_equal(process->sid.data, system_sid, sizeof(system_sid));
    }
    decoding_done(&d);
}

static void every_version_and_form_of_sid_is_read(void **state)
{
    (void)state;
    for (unsigned version = 2; version <= 4; version++) {
        for (unsigned pointer_size = 4; pointer_size <= 8; pointer_size += 4) {
            check_process(version, pointer_size, NO_SID);
            check_process(version, pointer_size, SID_BEHIND_GARBAGE);
            check_process(version, pointer_size, SID_BEHIND_ZEROS);
        }
    }
}

static void a_cut_payload_never_has_a_cut_name(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_process(4, 8, SID_BEHIND_GARBAGE);
    begin(&d, 4, 8);
    for (size_t size = 0; size <= payload.size; size++) {
        decoding_read(&d, 1, payload.data, size);
        const struct etw_process *process = &d.event.u.process;
        assert_int_equal(d.event.kind, ETW_EVENT_PROCESS);
        assert_true(process->pid == 0 || process->pid == 2704);
        assert_true(process->sid.size == 0 || process->sid.size == sizeof(system_sid));
        assert_true(process->image.size == 0 || process->image.size == 13);
        assert_true(process->command_line.size == 0 ||
                    text_is(process->command_line, "tcpserver 13000"));
        assert_int_equal(d.event.is_incomplete, process->command_line.size == 0);
    }
    decoding_done(&d);
}

static void the_opcode_is_the_phase(void **state)
{
    (void)state;
    static const struct {
        uint16_t opcode;
        enum etw_phase phase;
        bool is_end;
    } cases[] = {
        {1, ETW_PHASE_SINGLE, false},  {2, ETW_PHASE_SINGLE, true},   {3, ETW_PHASE_RUNDOWN, false},
        {4, ETW_PHASE_RUNDOWN, false}, {39, ETW_PHASE_RUNDOWN, true},
    };
    struct decoding d;
    struct payload payload = make_process(4, 8, NO_SID);
    begin(&d, 4, 8);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        decoding_read(&d, cases[i].opcode, payload.data, payload.size);
        assert_int_equal(d.event.kind, ETW_EVENT_PROCESS);
        assert_int_equal(d.event.u.process.phase, cases[i].phase);
        assert_int_equal(d.event.u.process.is_end, cases[i].is_end);
    }
    decoding_done(&d);
}

/* Programs that log such events themselves have records of one width with payloads
 * of the other. */
static void a_classic_payload_may_have_the_other_width(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = make_process(3, 8, SID_BEHIND_GARBAGE);
    begin(&d, 3, 4);
    d.record.class_of = RECORD_IS_CLASSIC;
    decoding_read(&d, 3, payload.data, payload.size);
    assert_false(d.event.is_incomplete);
    assert_int_equal(d.event.u.process.pid, 2704);
    assert_true(text_is(d.event.u.process.command_line, "tcpserver 13000"));
    decoding_done(&d);
}

static void a_manifest_event_has_times_and_start_key(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 0};
    put_number(&payload, 4, 2704);
    put_number(&payload, 8, 0xabc);
    put_number(&payload, 8, UINT64_C(0x01d0000000000000));
    put_number(&payload, 4, 988);
    put_number(&payload, 8, 0xabb);
    put_number(&payload, 4, 1);
    put_number(&payload, 4, 0);
    put_number(&payload, 4, 1);
    put_number(&payload, 4, 0);
    put_bytes(&payload, system_sid, sizeof(system_sid));
    put_text(&payload, "\\Device\\tcpserver.exe");
    put_number(&payload, 4, 1);
    put_number(&payload, 4, 2);
    put_text(&payload, "");
    put_text(&payload, "");
    decoding_init(&d, MANIFEST, RECORD_IS_MANIFEST);
    d.record.version = 3;
    decoding_read(&d, 1, payload.data, payload.size);
    const struct etw_process *process = &d.event.u.process;
    assert_int_equal(d.event.kind, ETW_EVENT_PROCESS);
    assert_int_equal(process->pid, 2704);
    assert_int_equal(process->parent_pid, 988);
    assert_int_equal(process->start_key, 0xabc);
    assert_int_equal(process->create_time, INT64_C(0x01d0000000000000));
    assert_true(process->is_image_utf16);
    assert_true(text_is(process->image, "\\Device\\tcpserver.exe"));
    for (size_t size = 0; size <= payload.size; size++) {
        decoding_read(&d, 1, payload.data, size);
        assert_true(process->image.size == 0 || text_is(process->image, "\\Device\\tcpserver.exe"));
        assert_true(process->create_time == 0 ||
                    process->create_time == INT64_C(0x01d0000000000000));
    }
    decoding_done(&d);
}

static void a_service_has_its_process_and_tag(void **state)
{
    (void)state;
    struct decoding d;
    struct payload payload = {.size = 0};
    put_number(&payload, 4, 1200);
    put_number(&payload, 4, 4);
    put_number(&payload, 4, 77);
    put_text(&payload, "Dnscache");
    put_text(&payload, "DNS Client");
    put_text(&payload, "svchost.exe");
    put_text(&payload, "");
    put_text(&payload, "NetworkService");
    decoding_init(&d, SERVICES, RECORD_IS_KERNEL);
    d.record.version = 3;
    decoding_read(&d, 15, payload.data, payload.size);
    assert_int_equal(d.event.kind, ETW_EVENT_SERVICE);
    assert_int_equal(d.event.u.service.pid, 1200);
    assert_int_equal(d.event.u.service.tag, 77);
    assert_true(text_is(d.event.u.service.name, "Dnscache"));
    for (size_t size = 0; size < 20; size++) {
        decoding_read(&d, 15, payload.data, size);
        assert_int_equal(d.event.u.service.name.size, 0);
        assert_true(d.event.is_incomplete);
    }
    decoding_done(&d);
}

/* Process events of real traces. */
static const struct real_count {
    const char *trace;
    unsigned processes;
} real_counts[] = {
    {"kernel-logger-win8-wow64", 76}, {"kernel-process-win7", 8}, {"process-v1-32bit", 2},
    {"process-v2-64bit", 8},          {"process-v3-32bit", 8},
};

static void processes_of_real_traces_have_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(real_counts); i++) {
        char path[1024];
        struct etw_trace *trace = NULL;
        struct etw_event event;
        unsigned processes = 0;
        (void)snprintf(path, sizeof(path), "%s/%s.etl", REAL_TRACES, real_counts[i].trace);
        if (etw_trace_open(path, NULL, &trace, NULL) != ETW_OK) {
            (void)printf("SKIP: no %s\n", path);
            skip();
        }
        assert_int_equal(etw_trace_index(trace, NULL, NULL, NULL), ETW_OK);
        assert_int_equal(etw_trace_rewind(trace, NULL), ETW_OK);
        while (etw_trace_next(trace, &event, NULL) == ETW_OK) {
            if (event.kind == ETW_EVENT_PROCESS) {
                assert_false(event.is_incomplete);
                assert_true(event.u.process.image.size > 0);
                processes++;
            }
        }
        etw_trace_close(trace);
        assert_int_equal(processes, real_counts[i].processes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_version_and_form_of_sid_is_read),
        cmocka_unit_test(a_cut_payload_never_has_a_cut_name),
        cmocka_unit_test(the_opcode_is_the_phase),
        cmocka_unit_test(a_classic_payload_may_have_the_other_width),
        cmocka_unit_test(a_manifest_event_has_times_and_start_key),
        cmocka_unit_test(a_service_has_its_process_and_tag),
        cmocka_unit_test(processes_of_real_traces_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
