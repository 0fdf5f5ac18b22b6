/* SPDX-License-Identifier: MIT */
#include "pcapout/event_sentences.h"

#include <string.h>

#include "etw/fields.h"
#include "etw/packet_route.h"
#include "etw/trace.h"
#include "pcapout/event_fields.h"
#include "pcapout/filter_sentence.h"
#include "pcapout/offload_text.h"
#include "pcapout/owners.h"
#include "pcapout/route_text.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* ---- parts ---- */

void out_add_hex(struct text *to, uint64_t value)
{
    char text[OUT_HEX_TEXT_SIZE];
    text_add(to, out_hex_text(value, text));
}

void out_add_status(struct text *to, uint32_t status)
{
    const char *name = etw_ntstatus_name(status);
    uint32_t number = 0;
    const char *winsock = status ? etw_winsock_name_of_ntstatus(status, &number) : NULL;
    if (status != 0 || !name) {
        text_add_format(to, "0x%08lX", (unsigned long)status);
    }
    if (name) {
        text_add(to, status != 0 ? " " : "");
        text_add(to, name);
    }
    if (winsock) {
        text_add_format(to, " = %s %lu", winsock, (unsigned long)number);
    }
}

void out_add_pids(struct text *to, uint32_t pid, const struct etw_record *record)
{
    text_add(to, "pid ");
    text_add_u64(to, pid);
    if (record && record->process_id != RECORD_NO_ID && record->process_id != pid) {
        text_add(to, " (logged by pid ");
        text_add_u64(to, record->process_id);
        text_add_char(to, ')');
    }
}

static void add_number(struct text *to, const char *before, uint64_t value)
{
    text_add(to, before);
    text_add_u64(to, value);
}

/* Bytes that one byte of a value takes among our words: \" and \x00 take more. */
static size_t escaped_size(char c)
{
    return c == '"' ? 2 : c == '\0' ? 4 : 1;
}

/* Escapes what stands behind `start`, in place and from the back, and puts it into
 * quotes when it could be taken for our words. Other controls stay: the whole row is
 * escaped for the terminal later. */
static void quote_from(struct text *to, size_t start)
{
    static const char marks[] = " ,\"|()";
    size_t size = to->size - start;
    size_t needed = 0;
    bool is_quoted = false;
    for (const char *at = to->data + start; at < to->data + to->size; at++) {
        needed += escaped_size(*at);
        is_quoted = is_quoted || memchr(marks, *at, sizeof(marks));
    }
    needed += is_quoted ? 2 : 0;
    if (needed == size || !text_reserve(to, needed - size)) {
        return;
    }
    const char *from = to->data + to->size;
    char *at = to->data + start + needed;
    to->size = start + needed;
    *at = '\0';
    if (is_quoted) {
        *--at = '"';
    }
    for (; size > 0; size--) {
        char c = *--from;
        size_t used = escaped_size(c);
        at -= used;
        memcpy(at, used == 4 ? "\\x00" : used == 2 ? "\\\"" : &c, used);
    }
    to->data[start] = is_quoted ? '"' : to->data[start];
}

/* A value of the trace behind `before`. Nothing when it is empty. */
static void add_value(struct text *to, const char *before, enum etw_field_kind kind,
                      const struct bytes *value)
{
    if (value->size == 0) {
        return;
    }
    text_add(to, before);
    size_t start = to->size;
    const struct etw_field field = {.kind = kind, .bytes = *value};
    etw_field_format(&field, to);
    if (!to->failed && to->size > start) {
        quote_from(to, start);
    }
}

static void add_text16(struct text *to, const char *before, const struct bytes *value)
{
    add_value(to, before, ETW_FIELD_TEXT16, value);
}

static void add_name_or_number(struct text *to, const char *name, uint64_t number)
{
    text_add(to, name ? name : "");
    if (!name) {
        text_add_u64(to, number);
    }
}

/* ---- processes and services ---- */

static const char *process_words(const struct etw_process *process)
{
    if (process->phase == ETW_PHASE_RUNDOWN) {
        return process->is_end ? " has ended, its object is still there" : " is there already";
    }
    return process->is_end ? " ends" : " starts";
}

static bool process_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_process *process = &event->u.process;
    const struct etw_record *record = event->record;
    uint32_t logged_by = record ? record->process_id : RECORD_NO_ID;
    add_number(to, "process ", process->pid);
    if (logged_by != RECORD_NO_ID && logged_by != process->pid &&
        logged_by != process->parent_pid) {
        add_number(to, " (logged by pid ", logged_by);
        text_add_char(to, ')');
    }
    text_add(to, process_words(process));
    add_value(to, ", ", process->is_image_utf16 ? ETW_FIELD_TEXT16 : ETW_FIELD_TEXT8,
              &process->image);
    if (process->is_end) {
        text_add(to, ", exit status ");
        out_add_hex(to, process->exit_status);
    }
    if (process->parent_pid != 0) {
        add_number(to, ", parent ", process->parent_pid);
    }
    if (process->session == UINT32_MAX) {
        text_add(to, ", no session");
    } else if (process->parent_pid != 0 || process->session != 0) {
        add_number(to, ", session ", process->session);
    }
    add_value(to, ", user ", ETW_FIELD_SID, &process->sid);
    add_text16(to, ", command line ", &process->command_line);
    return true;
}

static bool service_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_service *service = &event->u.service;
    text_add(to, "service");
    add_text16(to, " ", &service->name);
    text_add(to, " runs in ");
    text_add(to, service->pid == 0 ? "no process" : "process ");
    if (service->pid != 0) {
        text_add_u64(to, service->pid);
    }
    add_number(to, ", tag ", service->tag);
    return true;
}

/* ---- addresses and names ---- */

static bool address_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_host_address *address = &event->u.address;
    const struct bytes value = {.data = address->address.bytes, .size = address->address.size};
    const struct bytes *list = &address->list;
    add_number(to, "interface ", address->interface_index);
    if (value.size == 0 && list->size == 0) {
        text_add(to, " has no address");
        return true;
    }
    text_add(to, address->is_gone ? " no longer has" : " has");
    text_add(to, list->size > 0 ? " the addresses" : " the address");
    add_value(to, " ", value.size == 4 ? ETW_FIELD_IPV4 : ETW_FIELD_IPV6, &value);
    add_text16(to, " ", list);
    return true;
}

static bool name_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_name *name = &event->u.name;
    const struct etw_field status = {.kind = ETW_FIELD_WIN32_ERROR, .number = name->status};
    const enum etw_field_kind kind = name->is_narrow ? ETW_FIELD_TEXT8 : ETW_FIELD_TEXT16;
    const struct bytes address = bytes_of(name->address.bytes, name->address.size);
    text_add(to, "name");
    add_value(to, " ", kind, &name->name);
    if (name->is_question) {
        text_add(to, " is asked for");
    } else if (name->status != 0) {
        text_add(to, " is not resolved: ");
        etw_field_format(&status, to);
    } else {
        bool has_result = name->results.size > 0 || address.size > 0;
        text_add(to, has_result ? " is" : " is answered");
        add_value(to, " ", kind, &name->results);
        add_value(to, " ", address.size == 4 ? ETW_FIELD_IPV4 : ETW_FIELD_IPV6, &address);
    }
    if (name->pid != 0) {
        text_add(to, ", ");
        out_add_pids(to, name->pid, event->record);
    }
    return true;
}

/* ---- HTTP ---- */

static const char *const http_words[] = {
    [ETW_HTTP_CONNECT] = "HTTP connection",
    [ETW_HTTP_CLOSE] = "HTTP connection ends",
    [ETW_HTTP_SERVER] = "HTTP requests are prepared",
    [ETW_HTTP_REQUEST] = "HTTP request",
    [ETW_HTTP_ASSIGN] = "HTTP request goes over a connection",
    [ETW_HTTP_DELIVER] = "HTTP request is put into a queue",
    [ETW_HTTP_RESPONSE] = "HTTP response",
    [ETW_HTTP_WITNESS] = "HTTP is served",
};

static void add_http_end(struct text *to, const char *before,
                         const struct etw_socket_address *address)
{
    struct corr_endpoint end = corr_endpoint_of_event(address);
    char text[OUT_SOCKET_END_SIZE];
    out_socket_end_format(&end, text);
    text_add(to, text[0] ? before : "");
    text_add(to, text);
}

static void add_http_handle(struct text *to, const char *before, uint64_t handle)
{
    if (handle != 0) {
        text_add(to, before);
        out_add_hex(to, handle);
    }
}

static bool http_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_http *http = &event->u.http;
    text_add(to, http_words[http->action]);
    add_value(to, " ", ETW_FIELD_TEXT8, &http->method);
    add_value(to, " ", http->is_url_utf16 ? ETW_FIELD_TEXT16 : ETW_FIELD_TEXT8, &http->url);
    if (http->status != 0) {
        add_number(to, " ", http->status);
    }
    add_value(to, ", host ", ETW_FIELD_TEXT8, &http->host);
    add_text16(to, ", queue ", &http->queue);
    add_http_end(to, " from ", &http->remote);
    add_text16(to, " to ", &http->target);
    add_http_end(to, " to ", &http->local);
    if (http->local_port != 0) {
        add_number(to, ", local port ", http->local_port);
    }
    if (http->pid != 0) {
        text_add(to, ", ");
        out_add_pids(to, http->pid, event->record);
    }
    add_http_handle(to, ", connection ", http->connection ? http->connection : http->connection_id);
    add_http_handle(to, ", request ", http->request_id ? http->request_id : http->request);
    return true;
}

/* ---- packets ---- */

static const char *const link_names[] = {
    [ETW_LINK_UNKNOWN] = "",    [ETW_LINK_ETHERNET] = ", Ethernet",
    [ETW_LINK_RAW_IP] = ", IP", [ETW_LINK_IEEE80211] = ", Wi-Fi",
    [ETW_LINK_PPP] = ", PPP",
};

static const char *const direction_names[] = {
    [ETW_DIRECTION_UNKNOWN] = "", [ETW_DIRECTION_IN] = " in", [ETW_DIRECTION_OUT] = " out"};

static const char *packet_words(const struct etw_packet *packet)
{
    if (packet->is_start) {
        return packet->is_end ? "packet" : "first part of a packet";
    }
    return packet->is_end ? "last part of a packet" : "part of a packet";
}

static void add_direction_tag(struct text *to, const char *before, uint16_t tag)
{
    text_add(to, before);
    add_name_or_number(to, etw_direction_tag_name(tag), tag);
}

static void add_place(struct text *to, const struct etw_packet *packet)
{
    add_number(to, ", component ", packet->component);
    add_number(to, " edge ", packet->edge);
    add_number(to, ", group ", packet->group);
    if (packet->count > 0) {
        add_number(to, " numbers up to ", packet->count);
    } else {
        add_number(to, " number ", packet->number);
    }
    if (packet->appearance != 0) {
        add_number(to, " appearance ", packet->appearance);
    }
}

static void add_drop(struct text *to, const struct etw_packet *packet)
{
    text_add(to, ", reason ");
    add_name_or_number(to, etw_drop_reason_name(packet->drop_reason), packet->drop_reason);
    text_add(to, ", at ");
    add_name_or_number(to, etw_drop_location_name(packet->drop_location), packet->drop_location);
}

static void add_pktmon_packet(struct text *to, const struct etw_packet *packet)
{
    add_direction_tag(to, ", ", packet->direction_tag);
    if (packet->is_dropped || packet->drop_reason != 0) {
        add_drop(to, packet);
    }
    add_place(to, packet);
    add_number(to, ", filter ", packet->filter);
}

static void add_switch(struct text *to, struct bytes data)
{
    struct etw_switch_port port;
    uint32_t count = 0;
    if (etw_switch_source(&data, &port, &count)) {
        add_number(to, ", switch port ", port.id);
        add_text16(to, " of ", &port.nic);
        add_number(to, ", to ", count);
        text_add(to, count == 1 ? " port" : " ports");
    }
}

static void add_route(struct text *to, const struct etw_packet *packet)
{
    struct bytes data = packet->route_data;
    struct bytes domain, user;
    if (packet->route == ETW_ROUTE_SWITCH) {
        add_switch(to, data);
    } else if (packet->route == ETW_ROUTE_RAS && etw_ras_connection(&data, &domain, &user)) {
        add_text16(to, ", user ", &user);
        add_text16(to, ", routing domain ", &domain);
    }
}

static bool packet_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_packet *packet = &event->u.packet;
    text_add(to, packet->is_dropped ? "dropped " : "");
    text_add(to, packet_words(packet));
    text_add(to, direction_names[packet->direction]);
    add_number(to, ", ", packet->data.size);
    if (packet->original_size > packet->data.size) {
        add_number(to, " of ", packet->original_size);
    }
    text_add(to, packet->data.size == 1 && packet->original_size <= 1 ? " byte" : " bytes");
    text_add(to, packet->is_cut ? ", cut" : "");
    text_add(to, link_names[packet->link]);
    if (packet->capture == ETW_CAPTURE_PKTMON) {
        add_pktmon_packet(to, packet);
    } else if (packet->capture == ETW_CAPTURE_NDIS) {
        add_number(to, ", interface ", packet->interface_index);
        add_number(to, ", layer ", packet->lower_index);
    }
    add_route(to, packet);
    return true;
}

static bool reception_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_reception *reception = &event->u.reception;
    text_add(to, reception->is_readable ? "the next frame was received"
                                        : "what the driver says of the next frame is not known");
    out_reception_add(to, reception);
    add_number(to, ", interface ", reception->interface_index);
    add_number(to, ", layer ", reception->lower_index);
    return true;
}

static bool headers_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_packet *packet = &event->u.packet;
    bool has_payload = packet->data.data;
    text_add(to, has_payload ? "payload" : "headers");
    text_add(to, packet->is_dropped ? " of a dropped packet" : " of a packet");
    text_add(to, direction_names[packet->direction]);
    add_direction_tag(to, ", ", packet->direction_tag);
    if (packet->is_dropped) {
        add_drop(to, packet);
    }
    add_number(to, ", component ", packet->component);
    add_number(to, " edge ", packet->edge);
    if (!has_payload) {
        add_number(to, ", group ", packet->group);
    }
    return true;
}

static bool offload_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_packet *packet = &event->u.packet;
    text_add(to, packet->is_dropped ? "of a dropped packet" : "of a packet");
    text_add(to, direction_names[packet->direction]);
    text_add(to, ": ");
    out_offload_add_words(to, &packet->offload);
    text_add(to, out_offload_is_empty(&packet->offload) ? "nothing is left to the adapter" : "");
    add_direction_tag(to, ", ", packet->direction_tag);
    add_place(to, packet);
    return true;
}

/* ---- what the machine has ---- */

static void add_mac(struct text *to, const char *before, const struct bytes *mac)
{
    for (size_t i = 0; i < mac->size; i++) {
        text_add_format(to, "%s%02x", i == 0 ? before : ":", mac->data[i]);
    }
}

static bool interface_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_interface *interface = &event->u.interface;
    char guid[GUID_TEXT_SIZE];
    guid_format(&interface->guid, guid);
    add_number(to, "interface ", interface->index);
    add_text16(to, " is ", &interface->alias);
    add_text16(to, ", ", &interface->description);
    add_number(to, ", type ", interface->type);
    add_mac(to, ", ", &interface->mac);
    if (interface->speed != 0 && interface->speed != UINT64_MAX) {
        add_number(to, ", ", interface->speed);
        text_add(to, " bit/s");
    }
    text_add(to, ", ");
    text_add(to, guid);
    return true;
}

static bool component_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_component *component = &event->u.component;
    add_number(to, "component ", component->id);
    add_text16(to, " is ", &component->name);
    add_text16(to, ", ", &component->description);
    text_add(to, ", type ");
    add_name_or_number(to, etw_component_type_name(component->type), component->type);
    return true;
}

static void add_medium(struct text *to, uint32_t medium)
{
    static const struct {
        uint32_t medium;
        const char *name;
    } media[] = {{0, "Ethernet"}, {16, "Wi-Fi"}, {19, "mobile broadband"}};
    const char *name = NULL;
    for (size_t i = 0; i < COUNT_OF(media); i++) {
        name = media[i].medium == medium ? media[i].name : name;
    }
    add_name_or_number(to, name, medium);
}

static bool fact_sentence(const struct etw_event *event, struct text *to)
{
    static const char *const words[] = {
        [ETW_FACT_INTERFACE_INDEX] = " has interface index ",
        [ETW_FACT_MINIPORT_INDEX] = " has miniport index ",
        [ETW_FACT_LOWER_INDEX] = " has lower index ",
        [ETW_FACT_MEDIUM] = " has medium ",
        [ETW_FACT_MAC] = " has MAC address",
        [ETW_FACT_IPV4] = " has address ",
        [ETW_FACT_IPV6] = " has address ",
    };
    const struct etw_component_fact *fact = &event->u.fact;
    if (fact->kind == ETW_FACT_OTHER || fact->kind >= COUNT_OF(words)) {
        return false;
    }
    add_number(to, "component ", fact->component);
    text_add(to, words[fact->kind]);
    if (fact->kind == ETW_FACT_MAC) {
        add_mac(to, " ", &fact->bytes);
    } else if (fact->kind == ETW_FACT_IPV4 || fact->kind == ETW_FACT_IPV6) {
        bool is_ipv4 = fact->kind == ETW_FACT_IPV4;
        add_value(to, "", is_ipv4 ? ETW_FIELD_IPV4 : ETW_FIELD_IPV6, &fact->bytes);
    } else if (fact->kind == ETW_FACT_MEDIUM) {
        add_medium(to, fact->number);
    } else {
        text_add_u64(to, fact->number);
    }
    return true;
}

static void add_counter(struct text *to, const char *before, const struct etw_counter *counter)
{
    add_direction_tag(to, before, counter->direction_tag);
    add_number(to, " ", counter->packets);
    text_add(to, counter->packets == 1 ? " packet" : " packets");
    add_number(to, " of ", counter->bytes);
    text_add(to, counter->bytes == 1 ? " byte" : " bytes");
}

static bool counters_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_counters *counters = &event->u.counters;
    bool is_drop = event->kind == ETW_EVENT_DROP_COUNTERS;
    add_number(to, "component ", counters->component);
    if (!is_drop) {
        add_number(to, " edge ", counters->edge);
        add_text16(to, " ", &counters->edge_name);
    }
    text_add(to, is_drop ? " dropped" : " counted");
    add_counter(to, ": ", &counters->in);
    add_counter(to, ", ", &counters->out);
    return true;
}

static bool build_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_system_build *build = &event->u.build;
    text_add(to, "recorded");
    add_text16(to, " by ", &build->product);
    add_text16(to, build->product.size > 0 ? ", build " : " by build ", &build->build_lab);
    add_text16(to, " on ", &build->computer);
    add_text16(to, " of ", &build->domain);
    return build->product.size > 0 || build->build_lab.size > 0 || build->computer.size > 0;
}

/* ---- the recorder ---- */

static bool filter_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_capture_filter *filter = &event->u.filter;
    if (filter->capture == ETW_CAPTURE_PKTMON) {
        add_number(to, "filter ", filter->id);
        add_text16(to, " ", &filter->name);
        text_add(to, ": ");
    } else {
        text_add(to, "capture rule: ");
    }
    out_filter_add_text(filter, to);
    return true;
}

static bool lost_sentence(const struct etw_event *event, struct text *to)
{
    static const char *const words[] = {[ETW_LOST_EVENT] = "an event was lost while recording",
                                        [ETW_LOST_BUFFER] = "a buffer was lost while recording",
                                        [ETW_LOST_FILE] = "a file of the recorder was lost"};
    text_add(to, words[event->u.lost]);
    return true;
}

/* ---- all kinds ---- */

static bool (*const sentences[ETW_EVENT_KIND_COUNT])(const struct etw_event *event,
                                                     struct text *to) = {
    [ETW_EVENT_PACKET] = packet_sentence,          [ETW_EVENT_INTERFACE] = interface_sentence,
    [ETW_EVENT_COMPONENT] = component_sentence,    [ETW_EVENT_COMPONENT_FACT] = fact_sentence,
    [ETW_EVENT_PACKET_OFFLOAD] = offload_sentence, [ETW_EVENT_PACKET_HEADERS] = headers_sentence,
    [ETW_EVENT_FLOW_COUNTERS] = counters_sentence, [ETW_EVENT_DROP_COUNTERS] = counters_sentence,
    [ETW_EVENT_SYSTEM_BUILD] = build_sentence,     [ETW_EVENT_SOCKET] = out_socket_sentence,
    [ETW_EVENT_PROCESS] = process_sentence,        [ETW_EVENT_SERVICE] = service_sentence,
    [ETW_EVENT_ADDRESS] = address_sentence,        [ETW_EVENT_NAME] = name_sentence,
    [ETW_EVENT_RECEPTION] = reception_sentence,    [ETW_EVENT_HTTP] = http_sentence,
    [ETW_EVENT_CAPTURE_FILTER] = filter_sentence,  [ETW_EVENT_LOST] = lost_sentence,
};

bool out_event_sentence(const struct etw_event *event, struct text *to)
{
    size_t size = to->size;
    if (event->kind >= ETW_EVENT_KIND_COUNT || !sentences[event->kind]) {
        return false;
    }
    /* Only sockets say which of their values are there; other zeros could be wrong. */
    if (event->is_incomplete && event->kind != ETW_EVENT_SOCKET) {
        return false;
    }
    if (sentences[event->kind](event, to)) {
        return true;
    }
    if (to->size > size) {
        to->size = size;
        to->data[size] = '\0';
    }
    return false;
}
