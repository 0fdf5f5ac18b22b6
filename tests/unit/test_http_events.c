/* SPDX-License-Identifier: MIT */
/*
 * Events about HTTP and names, written by the sample writer's own table, as the model
 * has them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "etw/providers/decoder.h"
#include "etw/schema/schema_store.h"
#include "samples/writer/event_payload.h"

#define BUILD          22631
#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

struct reader {
    struct schema_store *schemas;
    struct etw_decoder *decoder;
    struct byte_block payload, guid;
    struct etw_record record;
    struct etw_event event;
};

static int open_reader(void **state)
{
    static struct reader reader;
    memset(&reader, 0, sizeof(reader));
    assert_int_equal(schema_store_new(&reader.schemas, NULL), ETW_OK);
    schema_store_set_build(reader.schemas, BUILD);
    assert_int_equal(etw_decoder_new(reader.schemas, &reader.decoder, NULL), ETW_OK);
    *state = &reader;
    return 0;
}

static int close_reader(void **state)
{
    struct reader *reader = *state;
    etw_decoder_free(reader->decoder);
    schema_store_free(reader->schemas);
    block_done(&reader->payload);
    block_done(&reader->guid);
    return 0;
}

/* Reads the whole event last; before, every part of it, which must not change its kind. */
static void read_event(struct reader *reader, const char *provider, unsigned id, unsigned version,
                       const struct event_value *values, size_t count)
{
    const char *wrong = NULL;
    const struct event_layout *layout = event_layout_find(provider, id, version, BUILD);
    assert_non_null(layout);
    block_clear(&reader->payload);
    block_clear(&reader->guid);
    assert_true(payload_event(&reader->payload, layout, 8, values, count, &wrong));
    block_guid(&reader->guid, &event_layout_get_provider(layout)->guid);
    reader->record = (struct etw_record){.class_of = RECORD_IS_MANIFEST,
                                         .provider = reader->guid.data,
                                         .id = layout->id,
                                         .version = layout->version,
                                         .pointer_size = 8};
    for (size_t size = 0; size <= reader->payload.size; size++) {
        reader->record.payload = bytes_of(reader->payload.data, size);
        memset(&reader->event, 0xEE, sizeof(reader->event));
        etw_decoder_read(reader->decoder, &reader->record, &reader->event);
        assert_true(reader->event.kind == ETW_EVENT_HTTP || reader->event.kind == ETW_EVENT_NAME);
    }
    assert_false(reader->event.is_incomplete);
}

static void check_narrow(const struct bytes *bytes, const char *text)
{
    assert_int_equal(bytes->size, strlen(text));
    assert_memory_equal(bytes->size ? bytes->data : (const uint8_t *)"", text, strlen(text));
}

static void check_wide(const struct bytes *bytes, const char *text)
{
    assert_int_equal(bytes->size, 2 * strlen(text));
    for (size_t i = 0; i < strlen(text); i++) {
        assert_int_equal(bytes->data[2 * i], text[i]);
        assert_int_equal(bytes->data[2 * i + 1], 0);
    }
}

#define READ(id, version, ...)                                                                     \
    do {                                                                                           \
        static const struct event_value values_[] = {__VA_ARGS__};                                 \
        read_event(reader, provider, id, version, values_, COUNT_OF(values_));                     \
    } while (0)

static void events_of_the_http_service_have_connections_and_requests(void **state)
{
    static const char provider[] = "Microsoft-Windows-HttpService";
    struct reader *reader = *state;
    const struct etw_http *http = &reader->event.u.http;
    READ(21, 0, {"ConnectionObj", "0x10"}, {"LocalAddr", "192.0.2.80:80"},
         {"RemoteAddr", "[2001:db8::1]:5000"});
    assert_int_equal(http->layer, ETW_HTTP_SYS);
    assert_int_equal(http->action, ETW_HTTP_CONNECT);
    assert_int_equal(http->connection, 0x10);
    assert_int_equal(http->local.port, 80);
    assert_int_equal(http->remote.size, 16);
    assert_int_equal(http->remote.port, 5000);
    READ(22, 0, {"RequestId", "0x11"}, {"ConnectionId", "0x12"}, {"ConnectionObj", "0x10"});
    assert_int_equal(http->action, ETW_HTTP_ASSIGN);
    assert_int_equal(http->request_id, 0x11);
    assert_int_equal(http->connection_id, 0x12);
    READ(2, 0, {"RequestObj", "0x13"}, {"HttpVerb", "6"}, {"Url", "http://a/"});
    assert_int_equal(http->action, ETW_HTTP_REQUEST);
    assert_int_equal(http->request, 0x13);
    check_narrow(&http->method, "POST");
    check_wide(&http->url, "http://a/");
    assert_true(http->is_url_utf16);
    READ(2, 0, {"RequestObj", "0x13"}, {"HttpVerb", "19"}, {"Url", "/"});
    check_narrow(&http->method, "SEARCH");
    READ(2, 0, {"RequestObj", "0x13"}, {"HttpVerb", "20"}, {"Url", "/"});
    assert_int_equal(http->method.size, 0);
    READ(3, 0, {"RequestObj", "0x13"}, {"RequestId", "0x11"}, {"RequestQueueName", "Pool"},
         {"Url", "http://a/"});
    assert_int_equal(http->action, ETW_HTTP_DELIVER);
    check_wide(&http->queue, "Pool");
    READ(8, 0, {"RequestId", "0x11"}, {"ConnectionId", "0x12"}, {"StatusCode", "302"},
         {"Verb", "GET"});
    assert_int_equal(http->action, ETW_HTTP_RESPONSE);
    assert_int_equal(http->status, 302);
    check_narrow(&http->method, "GET");
    READ(17, 1, {"RequestObj", "0x13"}, {"RequestId", "0x11"});
    assert_int_equal(http->status, 304);
    READ(97, 0, {"Url", "http://a/"}, {"RequestQueue", "Pool"}, {"ProcessId", "4711"});
    assert_int_equal(http->action, ETW_HTTP_WITNESS);
    assert_int_equal(http->pid, 4711);
    READ(113, 0, {"Url", "http://a/"}, {"ProcessId", "4712"});
    assert_int_equal(http->pid, 4712);
}

static void events_of_webio_have_requests_and_their_connections(void **state)
{
    static const char provider[] = "Microsoft-Windows-WebIO";
    struct reader *reader = *state;
    const struct etw_http *http = &reader->event.u.http;
    READ(17, 0, {"Request", "0x20"}, {"Method", "GET"}, {"URI", "http://a.example/x"});
    assert_int_equal(http->layer, ETW_HTTP_WEBIO);
    assert_int_equal(http->action, ETW_HTTP_REQUEST);
    assert_int_equal(http->request, 0x20);
    check_narrow(&http->method, "GET");
    check_wide(&http->url, "http://a.example/x");
    READ(100, 0, {"Request", "0x20"}, {"Headers", "GET / HTTP/1.1"});
    check_narrow(&http->headers, "GET / HTTP/1.1");
    READ(104, 0, {"Request", "0x20"}, {"Connection", "0x21"});
    assert_int_equal(http->action, ETW_HTTP_ASSIGN);
    assert_int_equal(http->connection, 0x21);
    READ(200, 1, {"Connection", "0x21"}, {"Address", "203.0.113.90:8080"});
    assert_int_equal(http->action, ETW_HTTP_CONNECT);
    check_wide(&http->target, "203.0.113.90:8080");
    READ(125, 0, {"Request", "0x20"}, {"HttpResponseCode", "404"});
    assert_int_equal(http->action, ETW_HTTP_RESPONSE);
    assert_int_equal(http->status, 404);
    READ(206, 0, {"FQDN", "a.example"}, {"SockAddr", "192.0.2.9:0"});
    assert_int_equal(reader->event.kind, ETW_EVENT_NAME);
    check_wide(&reader->event.u.name.name, "a.example");
    assert_int_equal(reader->event.u.name.address.size, 4);
}

static void events_of_wininet_have_handles_and_ports(void **state)
{
    static const char provider[] = "Microsoft-Windows-WinINet";
    struct reader *reader = *state;
    const struct etw_http *http = &reader->event.u.http;
    READ(103, 0, {"ConnectionHandle", "0x30"}, {"ServerName", "a.example"});
    assert_int_equal(http->layer, ETW_HTTP_WININET);
    assert_int_equal(http->action, ETW_HTTP_SERVER);
    assert_int_equal(http->parent, 0x30);
    check_narrow(&http->host, "a.example");
    READ(104, 0, {"ConnectionHandle", "0x31"}, {"ParentHandle", "0x30"}, {"Verb", "GET"},
         {"ObjectName", "/x"});
    assert_int_equal(http->action, ETW_HTTP_REQUEST);
    assert_int_equal(http->request, 0x31);
    assert_int_equal(http->parent, 0x30);
    check_narrow(&http->url, "/x");
    assert_false(http->is_url_utf16);
    READ(201, 0, {"RequestHandle", "0x31"}, {"SocketHandle", "0x32"});
    assert_int_equal(http->action, ETW_HTTP_ASSIGN);
    assert_int_equal(http->connection, 0x32);
    READ(301, 0, {"ServerName", "a.example"}, {"SocketHandle", "0x32"}, {"LocalPort", "49800"});
    assert_int_equal(http->action, ETW_HTTP_CONNECT);
    assert_int_equal(http->local_port, 49800);
    READ(203, 0, {"ResponseCode", "200"}, {"RequestHandle", "0x31"});
    assert_int_equal(http->status, 200);
    READ(305, 0, {"HostName", "a.example"}, {"AddressList", "192.0.2.9"});
    assert_int_equal(reader->event.kind, ETW_EVENT_NAME);
    assert_true(reader->event.u.name.is_narrow);
    check_narrow(&reader->event.u.name.results, "192.0.2.9");
}

static void names_that_programs_ask_for_are_names(void **state)
{
    static const char provider[] = "Microsoft-Windows-Winsock-NameResolution";
    struct reader *reader = *state;
    const struct etw_name *name = &reader->event.u.name;
    READ(1000, 0, {"NodeName", "a.example"});
    assert_true(name->is_question);
    check_wide(&name->name, "a.example");
    READ(1004, 0, {"NodeName", "a.example"}, {"Status", "11001"}, {"Result", ""});
    assert_false(name->is_question);
    assert_int_equal(name->status, 11001);
    READ(1001, 0, {"NodeName", "a.example"}, {"Result", "192.0.2.9:443;"});
    assert_int_equal(name->status, 0);
    check_wide(&name->results, "192.0.2.9:443;");
}

int main(void)
{
#define WITH_READER(test) cmocka_unit_test_setup_teardown(test, open_reader, close_reader)
    const struct CMUnitTest tests[] = {
        WITH_READER(events_of_the_http_service_have_connections_and_requests),
        WITH_READER(events_of_webio_have_requests_and_their_connections),
        WITH_READER(events_of_wininet_have_handles_and_ports),
        WITH_READER(names_that_programs_ask_for_are_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
