/* SPDX-License-Identifier: MIT */
/*
 * world_events.c - encodes events by the table of layouts. Every event is prepared once:
 * which value each field takes, and the record header but for its process and time.
 */
#include "world_events.h"

#include "etl_records.h"
#include "event_payload.h"
#include "world_output.h"
#include "world_state.h"

#include <stdlib.h>
#include <string.h>

/* ---- events ---- */

#define TCPIP          "Microsoft-Windows-TCPIP"
#define AFD            "Microsoft-Windows-Winsock-AFD"
#define KERNEL_PROCESS "Microsoft-Windows-Kernel-Process"

enum { BUILD_WINDOWS10 = 10240, HEADER_SIZE = 80, MOST_FIELDS = 24 };

/* To add one: a name in enum world_event and its row, at the same place. */
static const struct event_row {
    const char *provider;
    uint16_t id;
    uint16_t replaced_by; /* the id that Windows 10 logs instead; 0: none */
    enum { IN_ANY, IN_DATA, IN_TIMERS, IN_RUNDOWN } flavour;
} events[EVENT_COUNT] = {
    [EVENT_ENDPOINT_CREATED] = {TCPIP, 1001, 0, IN_ANY},
    [EVENT_ENDPOINT_COMPLETE] = {TCPIP, 1013, 0, IN_ANY},
    [EVENT_BOUND] = {TCPIP, 1008, 0, IN_ANY},
    [EVENT_ENDPOINT_CLOSED] = {TCPIP, 1009, 0, IN_ANY},
    [EVENT_CONNECT] = {TCPIP, 1002, 0, IN_ANY},
    [EVENT_CONNECT_INSPECTED] = {TCPIP, 1003, 0, IN_ANY},
    [EVENT_SYN] = {TCPIP, 1004, 0, IN_ANY},
    [EVENT_CONNECT_PROCEEDING] = {TCPIP, 1031, 0, IN_ANY},
    [EVENT_CONNECT_COMPLETE] = {TCPIP, 1033, 0, IN_ANY},
    [EVENT_CONNECT_FAILED] = {TCPIP, 1034, 0, IN_ANY},
    [EVENT_CONNECT_RESET] = {TCPIP, 1183, 0, IN_ANY},
    [EVENT_CONNECT_AGAIN] = {TCPIP, 1186, 0, IN_ANY},
    [EVENT_ACCEPTED] = {TCPIP, 1017, 0, IN_ANY},
    [EVENT_STATE] = {TCPIP, 1051, 0, IN_ANY},
    [EVENT_DISCONNECT] = {TCPIP, 1042, 0, IN_ANY},
    [EVENT_DISCONNECTED] = {TCPIP, 1043, 0, IN_ANY},
    [EVENT_CLOSE] = {TCPIP, 1038, 0, IN_ANY},
    [EVENT_ABORT] = {TCPIP, 1039, 0, IN_ANY},
    [EVENT_ABORTED] = {TCPIP, 1040, 0, IN_ANY},
    [EVENT_SHUTDOWN] = {TCPIP, 1044, 0, IN_ANY},
    [EVENT_RTO_TIMEOUT] = {TCPIP, 1046, 0, IN_ANY},
    [EVENT_RESET_RECEIVED] = {TCPIP, 1184, 0, IN_ANY},
    [EVENT_RESET_SENT] = {TCPIP, 1479, 0, IN_ANY},
    [EVENT_TIMER_STARTED] = {TCPIP, 1064, 0, IN_TIMERS},
    [EVENT_TIMER_EXPIRED] = {TCPIP, 1066, 0, IN_TIMERS},
    [EVENT_RTT_STARTED] = {TCPIP, 1166, 0, IN_TIMERS},
    [EVENT_RTT_CANCELLED] = {TCPIP, 1168, 0, IN_TIMERS},
    [EVENT_ROUND] = {TCPIP, 1077, 1351, IN_TIMERS},
    [EVENT_ROUND_1351] = {TCPIP, 1351, 0, IN_TIMERS},
    [EVENT_RETRANSMIT] = {TCPIP, 1187, 0, IN_ANY},
    [EVENT_KEEP_ALIVE] = {TCPIP, 1188, 0, IN_ANY},
    [EVENT_SEND_POSTED] = {TCPIP, 1159, 0, IN_ANY},
    [EVENT_SENT] = {TCPIP, 1073, 1332, IN_DATA},
    [EVENT_SENT_1332] = {TCPIP, 1332, 0, IN_DATA},
    [EVENT_RECEIVED] = {TCPIP, 1074, 0, IN_DATA},
    [EVENT_CUMULATIVE_ACK] = {TCPIP, 1071, 1330, IN_DATA},
    [EVENT_CUMULATIVE_ACK_1330] = {TCPIP, 1330, 0, IN_DATA},
    [EVENT_RECEIVE_REQUEST] = {TCPIP, 1156, 0, IN_ANY},
    [EVENT_DELIVERY_INDICATED] = {TCPIP, 1157, 0, IN_ANY},
    [EVENT_DELIVERY_SATISFIED] = {TCPIP, 1158, 0, IN_ANY},
    [EVENT_DELIVERY_FIN] = {TCPIP, 1176, 0, IN_ANY},
    [EVENT_LISTENER] = {TCPIP, 1123, 0, IN_ANY},
    [EVENT_LISTENER_UNBOUND] = {TCPIP, 1124, 0, IN_ANY},
    [EVENT_PORT] = {TCPIP, 1191, 0, IN_ANY},
    [EVENT_PORT_WEAK] = {TCPIP, 1192, 0, IN_ANY},
    [EVENT_PORT_RELEASED] = {TCPIP, 1193, 0, IN_ANY},
    [EVENT_PORT_REPLACED] = {TCPIP, 1194, 0, IN_ANY},
    [EVENT_SLOW_PATH] = {TCPIP, 1205, 0, IN_TIMERS},
    [EVENT_DROP] = {TCPIP, 1214, 0, IN_ANY},
    [EVENT_UDP_SENT] = {TCPIP, 1169, 0, IN_ANY},
    [EVENT_UDP_RECEIVED] = {TCPIP, 1170, 0, IN_ANY},
    [EVENT_UDP_CREATED] = {TCPIP, 1391, 0, IN_ANY},
    [EVENT_UDP_BOUND] = {TCPIP, 1396, 0, IN_ANY},
    [EVENT_UDP_CLOSED] = {TCPIP, 1397, 0, IN_ANY},
    [EVENT_ADDRESS_RUNDOWN] = {TCPIP, 1202, 0, IN_RUNDOWN},
    [EVENT_CONNECTION_RUNDOWN] = {TCPIP, 1300, 0, IN_RUNDOWN},
    [EVENT_AFD_CREATE] = {AFD, 1000, 0, IN_ANY},
    [EVENT_AFD_CLOSE] = {AFD, 1001, 0, IN_ANY},
    [EVENT_AFD_CLEANUP] = {AFD, 1002, 0, IN_ANY},
    [EVENT_AFD_SEND] = {AFD, 1003, 0, IN_ANY},
    [EVENT_AFD_RECEIVE] = {AFD, 1004, 0, IN_ANY},
    [EVENT_AFD_SEND_TO] = {AFD, 1007, 0, IN_ANY},
    [EVENT_AFD_RECEIVE_FROM] = {AFD, 1009, 0, IN_ANY},
    [EVENT_AFD_CONNECTED] = {AFD, 1017, 0, IN_ANY},
    [EVENT_AFD_CONNECT] = {AFD, 1018, 0, IN_ANY},
    [EVENT_AFD_ACCEPTED] = {AFD, 1023, 0, IN_ANY},
    [EVENT_AFD_ACCEPT] = {AFD, 1024, 0, IN_ANY},
    [EVENT_AFD_ACCEPT_EX] = {AFD, 1027, 0, IN_ANY},
    [EVENT_AFD_BIND] = {AFD, 1030, 0, IN_ANY},
    [EVENT_AFD_ABORT] = {AFD, 1032, 0, IN_ANY},
    [EVENT_AFD_OPTION] = {AFD, 1035, 0, IN_ANY},
    [EVENT_AFD_WAIT] = {AFD, 1036, 0, IN_ANY},
    [EVENT_AFD_LISTEN] = {AFD, 1037, 0, IN_ANY},
    [EVENT_AFD_CONNECT_INDICATION] = {AFD, 3001, 0, IN_ANY},
    [EVENT_AFD_DATA_INDICATION] = {AFD, 3003, 0, IN_ANY},
    [EVENT_AFD_DATAGRAM_INDICATION] = {AFD, 3004, 0, IN_ANY},
    [EVENT_AFD_DISCONNECT] = {AFD, 3006, 0, IN_ANY},
    [EVENT_PROCESS_START] = {KERNEL_PROCESS, 1, 0, IN_ANY},
    [EVENT_PROCESS_STOP] = {KERNEL_PROCESS, 2, 0, IN_ANY},
    [EVENT_PROCESS_RUNDOWN] = {KERNEL_PROCESS, 15, 0, IN_ANY},
};

/* ---- fields ---- */

/* Fields that are not here are zero. */
static const struct field_row {
    const char *name;
    enum world_value value;
    bool is_afd; /* true: of AFD alone; false: of the others, and of AFD without such a row */
} field_rows[] = {
    {"LocalAddress", VALUE_LOCAL, false},
    {"LocalSockAddr", VALUE_LOCAL, false},
    {"SocketAddress", VALUE_LOCAL, false},
    {"IPv4Address", VALUE_LOCAL, false},
    {"IPv6Address", VALUE_LOCAL, false},
    {"DestIPv4Address", VALUE_LOCAL, false},
    {"IPv6DestAddress", VALUE_LOCAL, false},
    {"RemoteAddress", VALUE_REMOTE, false},
    {"RemoteSockAddr", VALUE_REMOTE, false},
    {"SourceIPv4Address", VALUE_REMOTE, false},
    {"IPv6SourceAddress", VALUE_REMOTE, false},
    {"Address", VALUE_ADDRESS, true},
    {"ImageName", VALUE_IMAGE, false},
    {"Tcb", VALUE_TCB, false},
    {"Endpoint", VALUE_AFD_ENDPOINT, true},
    {"Endpoint", VALUE_ENDPOINT, false},
    {"Listener", VALUE_LISTENER, false},
    {"AcceptEndpoint", VALUE_ACCEPT_ENDPOINT, true},
    {"Process", VALUE_PROCESS, true},
    {"Delivery", VALUE_DELIVERY, false},
    {"Request", VALUE_REQUEST, false},
    {"Buffer", VALUE_BUFFER, true},
    {"Nbl", VALUE_NBL, false},
    {"PortAcquirer", VALUE_ACQUIRER, false},
    {"OriginalAcquirer", VALUE_ORIGINAL_ACQUIRER, false},
    {"ProcessId", VALUE_PID, false},
    {"Pid", VALUE_PID, false},
    {"ProcessID", VALUE_PID, false},
    {"ProcessStartKey", VALUE_START_KEY, false},
    {"Status", VALUE_STATUS, false},
    {"RequestStatus", VALUE_STATUS, false},
    {"AddressFamily", VALUE_FAMILY, false},
    {"OldState", VALUE_OLD_STATE, false},
    {"NewState", VALUE_NEW_STATE, false},
    {"State", VALUE_NEW_STATE, false},
    {"TcpState", VALUE_NEW_STATE, false},
    {"SndNxt", VALUE_SEND_NEXT, false},
    {"SndMax", VALUE_SEND_NEXT, false},
    {"ISN", VALUE_SEND_NEXT, false},
    {"SndUna", VALUE_SEND_UNACKNOWLEDGED, false},
    {"RcvNxt", VALUE_RECEIVE_NEXT, false},
    {"SeqNo", VALUE_SEQUENCE, false},
    {"SeqNum", VALUE_SEQUENCE, false},
    {"NumBytes", VALUE_BYTES, false},
    {"BytesSent", VALUE_BYTES, false},
    {"BytesAcked", VALUE_BYTES, false},
    {"Round", VALUE_ROUND, false},
    {"RexmitCount", VALUE_ROUND, false},
    {"WaitTimeMilliseconds", VALUE_WAIT, false},
    {"PortNumber", VALUE_PORT, false},
    {"WeakReference", VALUE_IS_WEAK, false},
    {"EnterExit", VALUE_ENTER_EXIT, true},
    {"Location", VALUE_LOCATION, true},
    {"SocketType", VALUE_SOCKET_TYPE, true},
    {"Protocol", VALUE_PROTOCOL, true},
    {"IPTransportProtocol", VALUE_PROTOCOL, false},
    {"BufferCount", VALUE_BUFFER_COUNT, true},
    {"BufferLength", VALUE_BUFFER_LENGTH, true},
    {"Length", VALUE_BUFFER_LENGTH, false},
    {"CurrentBacklog", VALUE_BACKLOG, true},
    {"Backlog", VALUE_BACKLOG, true},
    {"Option", VALUE_OPTION, true},
    {"Value", VALUE_OPTION_VALUE, true},
    {"Reason", VALUE_REASON, false},
    {"NumMessages", VALUE_COUNT_OF, false},
    {"PacketCount", VALUE_COUNT_OF, false},
    {"NblCount", VALUE_COUNT_OF, false},
    {"RcvWnd", VALUE_WINDOW, false},
    {"SndWnd", VALUE_WINDOW, false},
    {"Cwnd", VALUE_CONGESTION_WINDOW, false},
    {"Compartment", VALUE_COMPARTMENT, false},
    {"CompartmentId", VALUE_COMPARTMENT, false},
    {"IfIndex", VALUE_INTERFACE, false},
    {"IpAddrLength", VALUE_ADDRESS_LENGTH, false},
    {"LinkSpeed", VALUE_SPEED, false},
    {"CurrLinkSpeed", VALUE_SPEED, false},
    {"IPProtocol", VALUE_IP_PROTOCOL, false},
    {"ProcessSequenceNumber", VALUE_PROCESS_SEQUENCE, false},
    {"ParentProcessID", VALUE_PARENT, false},
    {"SessionID", VALUE_SESSION, false},
    {"CreateTime", VALUE_CREATE_TIME, false},
    {"ExitTime", VALUE_EXIT_TIME, false},
    {"ExitCode", VALUE_EXIT_CODE, false},
};

static enum world_value find_value(const char *name, bool is_afd)
{
    for (size_t i = 0; i < sizeof(field_rows) / sizeof(field_rows[0]); i++) {
        if (strcmp(field_rows[i].name, name) == 0 && (is_afd || !field_rows[i].is_afd)) {
            return field_rows[i].value;
        }
    }
    return VALUE_NONE;
}

/* How a field is written. */
enum field_form {
    FORM_NUMBER,         /* `size` bytes */
    FORM_IPV4,           /* of an address: its four bytes, or zeros */
    FORM_SOCKET_ADDRESS, /* of an address: SOCKADDR */
    FORM_IPV6,           /* of an address: its bytes when it is IPv6 */
    FORM_WIDE,           /* of a text: UTF-16 with its zero */
    FORM_NARROW,
    FORM_SID
};

struct prepared_field {
    uint8_t form, size;
    uint8_t value;   /* enum world_value */
    uint8_t measure; /* 1 + the field that has its length; 0: none */
};

struct world_layouts {
    struct world_layout {
        bool is_logged;
        uint8_t field_count;
        struct prepared_field fields[MOST_FIELDS];
        uint8_t header[HEADER_SIZE];
    } rows[EVENT_COUNT];
};

static uint8_t number_size(unsigned type, unsigned pointer_size)
{
    static const uint8_t sizes[] = {
        [FIELD_U8] = 1,      [FIELD_U16] = 2,     [FIELD_U32] = 4,   [FIELD_U64] = 8,
        [FIELD_I8] = 1,      [FIELD_I16] = 2,     [FIELD_I32] = 4,   [FIELD_I64] = 8,
        [FIELD_FLOAT] = 4,   [FIELD_DOUBLE] = 8,  [FIELD_HEX32] = 4, [FIELD_HEX64] = 8,
        [FIELD_BOOLEAN] = 4, [FIELD_FILETIME] = 8};
    bool is_pointer = type == FIELD_POINTER || type == FIELD_SIZE_T;
    return is_pointer ? (uint8_t)pointer_size : type < sizeof(sizes) ? sizes[type] : 0;
}

static enum field_form find_form(const struct event_field *field)
{
    bool is_address = strcmp(field->name, "IPv4Address") == 0 || field->is_ipv4 ||
                      strcmp(field->name, "SourceIPv4Address") == 0 ||
                      strcmp(field->name, "DestIPv4Address") == 0;
    if (is_address) {
        return FORM_IPV4;
    }
    switch (field->type) {
    case FIELD_BINARY:
        return strncmp(field->name, "IPv6", 4) == 0 ? FORM_IPV6 : FORM_SOCKET_ADDRESS;
    case FIELD_UNICODE:
        return FORM_WIDE;
    case FIELD_ANSI:
        return FORM_NARROW;
    case FIELD_SID:
        return FORM_SID;
    default:
        return FORM_NUMBER;
    }
}

static void prepare_field(struct prepared_field *out, const struct event_field *field, bool is_afd,
                          unsigned pointer_size)
{
    out->form = (uint8_t)find_form(field);
    out->size = field->length == LENGTH_FIXED ? (uint8_t)field->link
                                              : number_size(field->type, pointer_size);
    out->value = (uint8_t)find_value(field->name, is_afd);
    out->measure = field->length == LENGTH_FIELD ? (uint8_t)(field->link + 1) : 0;
}

/* The newest version of the event that this build has; NULL: none. */
static const struct event_layout *newest(const struct event_row *row, unsigned build)
{
    const struct event_layout *found = NULL;
    for (unsigned version = 0; version < 8; version++) {
        const struct event_layout *layout =
            event_layout_find(row->provider, row->id, version, build);
        found = layout ? layout : found;
    }
    return found;
}

static bool is_chosen(const struct world *world, const struct event_row *row)
{
    unsigned sources = world->options.sources;
    if (row->replaced_by && world->build >= BUILD_WINDOWS10) {
        return false;
    }
    if (strcmp(row->provider, AFD) == 0) {
        return sources & WORLD_AFD;
    }
    if (strcmp(row->provider, KERNEL_PROCESS) == 0) {
        return sources & WORLD_PROCESS && !world_has_classic_processes(world);
    }
    if (row->flavour == IN_RUNDOWN) {
        return sources & (WORLD_TCPIP | WORLD_RUNDOWN);
    }
    return sources & WORLD_TCPIP &&
           row->flavour != (world->options.has_timers ? IN_DATA : IN_TIMERS);
}

static void prepare_header(struct world_layout *row, const struct event_layout *layout,
                           const struct world *world)
{
    bool is_windows7 = world->form.is_windows7;
    struct byte_block header = {0};
    struct etl_event event = {.pointer_size = world->pointer_size,
                              .provider = &event_layout_get_provider(layout)->guid,
                              .id = layout->id,
                              .version = layout->version,
                              .level = is_windows7 ? layout->level_windows7 : layout->level,
                              .opcode = layout->opcode,
                              .task = layout->task,
                              .keyword = is_windows7 ? layout->keyword_windows7 : layout->keyword};
    etl_record_event(&header, &event);
    row->is_logged = !header.failed && header.size == HEADER_SIZE;
    if (row->is_logged) {
        memcpy(row->header, header.data, HEADER_SIZE);
    }
    block_done(&header);
}

struct world_layouts *world_layouts_new(const struct world *world)
{
    struct world_layouts *layouts = calloc(1, sizeof(*layouts));
    for (unsigned i = 0; layouts && i < EVENT_COUNT; i++) {
        struct world_layout *row = &layouts->rows[i];
        const struct event_layout *layout =
            is_chosen(world, &events[i]) ? newest(&events[i], world->build) : NULL;
        if (!layout || layout->field_count > MOST_FIELDS) {
            continue;
        }
        bool is_afd = strcmp(events[i].provider, AFD) == 0;
        const struct event_field *fields = event_layout_get_fields(layout);
        row->field_count = (uint8_t)layout->field_count;
        for (unsigned k = 0; k < layout->field_count; k++) {
            prepare_field(&row->fields[k], &fields[k], is_afd, world->pointer_size);
        }
        prepare_header(row, layout, world);
    }
    return layouts;
}

void world_layouts_free(struct world_layouts *layouts)
{
    free(layouts);
}

/* ---- payloads ---- */

static void put_socket_address(struct byte_block *out, const struct world_address *address)
{
    bool is_ipv6 = address->size == 16;
    block_u16(out, is_ipv6 ? 23 : 2);
    block_u8(out, address->port >> 8);
    block_u8(out, address->port & 0xFF);
    block_fill(out, 0, is_ipv6 ? 4 : 0); /* flow */
    block_bytes(out, address->bytes, address->size);
    block_fill(out, 0, is_ipv6 ? 4 : 8); /* scope, or unused */
}

static void put_address(struct byte_block *out, const struct prepared_field *field,
                        const struct world_address *address)
{
    static const struct world_address none = {.size = 0};
    address = address ? address : &none;
    size_t start = out->size;
    if (field->form == FORM_IPV4) {
        block_bytes(out, address->bytes, address->size == 4 ? 4 : 0);
        block_fill(out, 0, address->size == 4 ? 0 : 4);
    } else if (field->form == FORM_IPV6) {
        block_bytes(out, address->bytes, address->size == 16 ? 16 : 0);
    } else if (address->size) {
        put_socket_address(out, address);
    }
    if (field->form != FORM_IPV4 && out->size - start < field->size) {
        block_fill(out, 0, field->size - (out->size - start)); /* of fixed size */
    }
}

static void put_text(struct byte_block *out, const struct prepared_field *field, const char *text)
{
    static const uint8_t system_label[] = {1, 1, 0, 0, 0, 0, 0, 16, 0, 0x40, 0, 0}; /* S-1-16-.. */
    text = text ? text : "";
    if (field->form == FORM_WIDE) {
        block_utf16(out, text);
    } else if (field->form == FORM_NARROW) {
        block_text(out, text);
    } else {
        block_bytes(out, system_label, sizeof(system_label));
    }
}

static void put_field(struct byte_block *out, const struct prepared_field *field, uint64_t number)
{
    const void *pointed = (const void *)(uintptr_t)number;
    uint8_t bytes[8];
    switch (field->form) {
    case FORM_NUMBER:
        put_u64(bytes, number);
        block_bytes(out, bytes, field->size);
        break;
    case FORM_IPV4:
    case FORM_SOCKET_ADDRESS:
    case FORM_IPV6:
        put_address(out, field, pointed);
        break;
    default:
        put_text(out, field, field->form == FORM_SID ? NULL : pointed);
        break;
    }
}

static void put_payload(struct byte_block *out, const struct world_layout *row,
                        const uint64_t values[VALUE_COUNT])
{
    size_t at[MOST_FIELDS];
    for (unsigned i = 0; i < row->field_count; i++) {
        const struct prepared_field *field = &row->fields[i];
        at[i] = out->size;
        put_field(out, field, values[field->value]);
        if (field->measure && !out->failed) {
            put_u32(out->data + at[field->measure - 1], (uint32_t)(out->size - at[i]));
        }
    }
}

/* ---- bursts ---- */

void burst_set(struct world_burst *burst, enum world_value value, uint64_t number)
{
    burst->base[value] = number;
}

void burst_set_owner(struct world_burst *burst, const struct world_process *owner)
{
    enum { BOOT = 7 };
    burst->base[VALUE_PID] = owner->pid;
    burst->base[VALUE_PROCESS] = owner->key;
    burst->base[VALUE_PROCESS_SEQUENCE] = owner->sequence;
    burst->base[VALUE_START_KEY] = (uint64_t)BOOT << 48 | owner->sequence;
}

static void begin(struct world_burst *burst, struct world *world)
{
    memset(burst, 0, sizeof(*burst));
    burst->world = world;
    burst->base[VALUE_COMPARTMENT] = 1;
    burst->base[VALUE_BUFFER_COUNT] = 1;
    burst->base[VALUE_COUNT_OF] = 1;
    burst->base[VALUE_WINDOW] = 64240;
    burst->base[VALUE_CONGESTION_WINDOW] = 14600;
}

static uint16_t free_cpu(struct world *world, int64_t at)
{
    unsigned first = chance_below(&world->chance, world->options.cpus), best = first;
    for (unsigned i = 0; i < world->options.cpus && world->cpu_busy[best] > at; i++) {
        unsigned cpu = (first + i) % world->options.cpus;
        best = world->cpu_busy[cpu] < world->cpu_busy[best] ? cpu : best;
    }
    return (uint16_t)best;
}

void burst_in_process(struct world_burst *burst, struct world *world, struct world_process *process,
                      unsigned thread, int64_t at)
{
    begin(burst, world);
    burst->process = process;
    burst->thread = thread % WORLD_THREADS;
    at = at < process->busy[burst->thread] ? process->busy[burst->thread] : at;
    burst->cpu = free_cpu(world, at);
    burst->at = at < world->cpu_busy[burst->cpu] ? world->cpu_busy[burst->cpu] : at;
    burst->pid = process->pid;
    burst->tid = process->pid + 4 + 4 * burst->thread;
    burst_set_owner(burst, process);
}

void burst_interrupt(struct world_burst *burst, struct world *world, unsigned cpu, int64_t at)
{
    begin(burst, world);
    burst->cpu = (uint16_t)(cpu % world->options.cpus);
    burst->at = at;
    world_header_pid(world, NULL, &burst->pid, &burst->tid);
}

int64_t burst_end(struct world_burst *burst)
{
    if (burst->process) {
        burst->process->busy[burst->thread] = burst->at;
        burst->world->cpu_busy[burst->cpu] = burst->at;
    }
    return burst->at;
}

int64_t burst_tick(struct world_burst *burst)
{
    int64_t at = burst->at;
    burst->at += 4 + chance_below(&burst->world->chance, 60);
    return at;
}

static bool is_about_process(enum world_event event)
{
    return event == EVENT_PROCESS_START || event == EVENT_PROCESS_STOP ||
           event == EVENT_PROCESS_RUNDOWN || event == EVENT_ADDRESS_RUNDOWN;
}

void burst_log(struct world_burst *burst, enum world_event event,
               const struct world_setting *settings)
{
    struct world *world = burst->world;
    const struct world_layout *row = &world->layouts->rows[event];
    int64_t at = burst_tick(burst);
    if (!row->is_logged) {
        return;
    }
    uint64_t saved[8];
    unsigned count = 0;
    for (; settings && settings[count].value; count++) {
        saved[count] = burst->base[settings[count].value];
        burst->base[settings[count].value] = settings[count].number;
    }
    block_clear(&world->record);
    block_bytes(&world->record, row->header, HEADER_SIZE);
    put_payload(&world->record, row, burst->base);
    while (count) {
        count--;
        burst->base[settings[count].value] = saved[count];
    }
    if (!world->record.failed) {
        put_u16(world->record.data, (unsigned)world->record.size);
        put_u32(world->record.data + 8, burst->tid);
        put_u32(world->record.data + 12, burst->pid);
    }
    struct world_place place = {
        .at = at, .cpu = burst->cpu, .ticks_at = 16, .can_be_lost = !is_about_process(event)};
    world_put(world, &place, NULL);
}
