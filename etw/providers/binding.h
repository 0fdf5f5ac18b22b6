/* SPDX-License-Identifier: MIT */
/*
 * binding.h - provider tables: event id to model kind, and the *names* of the
 * properties that fill the roles of that kind.
 *
 * To support a further event: a row in its provider's file. A further provider:
 * a file with a table and a row in provider_list.c. A further role: a name in
 * enum binding_role and its target in role_targets.c.
 */
#ifndef ETW_PROVIDERS_BINDING_H
#define ETW_PROVIDERS_BINDING_H

#include "etw/event.h"
#include "etw/schema/layout.h"

/* What a property's value is in the model. Raw ones are not members of it: the
 * provider's code makes something of them (struct binding_raw). */
enum binding_role {
    ROLE_NONE, /* ends a list */

    ROLE_PACKET_DATA,
    ROLE_PACKET_ORIGINAL_SIZE,
    ROLE_PACKET_INTERFACE,
    ROLE_PACKET_LOWER,
    ROLE_PACKET_GROUP,
    ROLE_PACKET_NUMBER,
    ROLE_PACKET_COUNT,
    ROLE_PACKET_APPEARANCE,
    ROLE_PACKET_DIRECTION_TAG,
    ROLE_PACKET_COMPONENT,
    ROLE_PACKET_EDGE,
    ROLE_PACKET_FILTER,
    ROLE_PACKET_DROP_REASON,
    ROLE_PACKET_DROP_LOCATION,

    ROLE_RECEPTION_INTERFACE,
    ROLE_RECEPTION_LOWER,

    ROLE_INTERFACE_INDEX,
    ROLE_INTERFACE_TYPE,
    ROLE_INTERFACE_GUID,
    ROLE_INTERFACE_ALIAS,
    ROLE_INTERFACE_DESCRIPTION,
    ROLE_INTERFACE_MAC,
    ROLE_INTERFACE_SPEED,

    ROLE_COMPONENT_ID,
    ROLE_COMPONENT_TYPE,
    ROLE_COMPONENT_NAME,
    ROLE_COMPONENT_DESCRIPTION,

    ROLE_FACT_COMPONENT,
    ROLE_FACT_NUMBER,
    ROLE_FACT_BYTES,

    ROLE_COUNTERS_COMPONENT,
    ROLE_COUNTERS_EDGE,
    ROLE_COUNTERS_EDGE_NAME,
    ROLE_COUNTERS_IN_TAG,
    ROLE_COUNTERS_IN_PACKETS,
    ROLE_COUNTERS_IN_BYTES,
    ROLE_COUNTERS_OUT_TAG,
    ROLE_COUNTERS_OUT_PACKETS,
    ROLE_COUNTERS_OUT_BYTES,

    ROLE_BUILD_LAB,
    ROLE_BUILD_PRODUCT,
    ROLE_BUILD_COMPUTER,
    ROLE_BUILD_DOMAIN,

    ROLE_SOCKET_LOCAL, /* a SOCKADDR */
    ROLE_SOCKET_REMOTE,
    ROLE_SOCKET_LOCAL_IP, /* an address without port; an empty one changes nothing */
    ROLE_SOCKET_REMOTE_IP,
    ROLE_SOCKET_LOCAL_PORT,
    ROLE_SOCKET_REMOTE_PORT,
    ROLE_SOCKET_PID,       /* 0: not stated */
    ROLE_SOCKET_START_KEY, /* 0: not stated */
    ROLE_SOCKET_SEQUENCE,
    ROLE_SOCKET_BYTES,
    ROLE_SOCKET_STATUS,
    ROLE_SOCKET_FROM,
    ROLE_SOCKET_TO,
    ROLE_SOCKET_PROTOCOL, /* 0: not stated */
    ROLE_SOCKET_COUNT,
    ROLE_SOCKET_LOCATION,
    ROLE_SOCKET_MESSAGE,
    ROLE_SOCKET_FAMILY, /* AF_INET, AF_INET6; any other: not stated */
    ROLE_SOCKET_REASON,
    ROLE_SOCKET_OPTION,
    ROLE_SOCKET_OPTION_VALUE,
    ROLE_SOCKET_SESSION,
    ROLE_SOCKET_TREE,
    ROLE_SOCKET_COMMAND,
    ROLE_SOCKET_IMAGE,

    ROLE_SMB_FLAGS,
    ROLE_SMB_ASYNC,
    ROLE_SMB_PERSISTENT_ID,
    ROLE_SMB_FILE_ID,
    ROLE_SMB_OBJECT,
    ROLE_SMB_OFFSET,
    ROLE_SMB_LENGTH,
    ROLE_SMB_CREDITS,
    ROLE_SMB_CREDIT_CHARGE,
    ROLE_SMB_DIALECT,
    ROLE_SMB_OLD_STATE,
    ROLE_SMB_NEW_STATE,
    ROLE_SMB_RETRIES,
    ROLE_SMB_FUNCTION,
    ROLE_SMB_TRANSPORT,
    ROLE_SMB_WINDOW,
    ROLE_SMB_WINDOW_SIZE,
    ROLE_SMB_WINDOW_LIMIT,
    ROLE_SMB_MILLISECONDS,
    ROLE_SMB_DURATION, /* of no stated unit */
    ROLE_SMB_THRESHOLD,
    ROLE_SMB_CONNECTION_GUID,
    ROLE_SMB_SESSION_GUID,
    ROLE_SMB_TREE_GUID,
    ROLE_SMB_FILE_GUID,
    ROLE_SMB_SERVER,
    ROLE_SMB_SCOPE,
    ROLE_SMB_SHARE,
    ROLE_SMB_FILE,
    ROLE_SMB_USER,
    ROLE_SMB_DOMAIN,
    ROLE_SMB_CLIENT,
    ROLE_SMB_COMMAND_TEXT,
    ROLE_SMB_DATA,
    ROLE_SMB_QUEUE,
    ROLE_SMB_PROCESS,
    ROLE_SMB_PROCESS_CYCLES,
    ROLE_SMB_SECURITY,
    ROLE_SMB_FILE_SYSTEM_FAST,
    ROLE_SMB_FILE_SYSTEM_SLOW,
    ROLE_SMB_TRANSPORT_FAST,
    ROLE_SMB_TRANSPORT_SLOW,
    ROLE_SMB_TOTAL,

    /* Handles, in the order of the row; a handle of 0 is none. */
    ROLE_HANDLE_AFD_ENDPOINT,
    ROLE_HANDLE_AFD_ACCEPT_ENDPOINT,
    ROLE_HANDLE_EPROCESS,
    ROLE_HANDLE_TCP_ENDPOINT,
    ROLE_HANDLE_LISTENER,
    ROLE_HANDLE_TCB,
    ROLE_HANDLE_UDP_ENDPOINT,
    ROLE_HANDLE_RAW_ENDPOINT,
    ROLE_HANDLE_PORT_ACQUIRER,
    ROLE_HANDLE_ORIGINAL_ACQUIRER,
    ROLE_HANDLE_DELIVERY,
    ROLE_HANDLE_REQUEST,
    ROLE_HANDLE_SMB_CONNECTION,

    ROLE_PROCESS_PID,
    ROLE_PROCESS_PARENT,
    ROLE_PROCESS_SESSION,
    ROLE_PROCESS_START_KEY,
    ROLE_PROCESS_UNIQUE_KEY,
    ROLE_PROCESS_CREATE_TIME,
    ROLE_PROCESS_EXIT_TIME,
    ROLE_PROCESS_EXIT_STATUS,
    ROLE_PROCESS_IMAGE,
    ROLE_PROCESS_COMMAND_LINE,
    ROLE_PROCESS_SID,

    ROLE_SERVICE_PID,
    ROLE_SERVICE_TAG,
    ROLE_SERVICE_NAME,

    ROLE_ADDRESS_INTERFACE,
    ROLE_ADDRESS_IP, /* in bytes; see also ROLE_RAW_IPV4 */
    ROLE_ADDRESS_LIST,

    ROLE_NAME_PID,
    ROLE_NAME_STATUS,
    ROLE_NAME_NAME,
    ROLE_NAME_RESULTS,
    ROLE_NAME_ADDRESS, /* a SOCKADDR */

    ROLE_HTTP_CONNECTION,
    ROLE_HTTP_REQUEST,
    ROLE_HTTP_CONNECTION_ID,
    ROLE_HTTP_REQUEST_ID,
    ROLE_HTTP_PARENT,
    ROLE_HTTP_LOCAL, /* a SOCKADDR */
    ROLE_HTTP_REMOTE,
    ROLE_HTTP_LOCAL_PORT,
    ROLE_HTTP_VERB,
    ROLE_HTTP_STATUS,
    ROLE_HTTP_PID,
    ROLE_HTTP_METHOD,
    ROLE_HTTP_URL,
    ROLE_HTTP_HEADERS,
    ROLE_HTTP_HOST,
    ROLE_HTTP_QUEUE,
    ROLE_HTTP_TARGET,

    ROLE_FILTER_ID,
    ROLE_FILTER_NAME,
    ROLE_FILTER_MAC_1,
    ROLE_FILTER_MAC_2,
    ROLE_FILTER_ETHER_TYPE,
    ROLE_FILTER_VLAN,
    ROLE_FILTER_IP_1,
    ROLE_FILTER_IP_2,
    ROLE_FILTER_PROTOCOL,
    ROLE_FILTER_PORT_1,
    ROLE_FILTER_PORT_2,
    ROLE_FILTER_TCP_FLAGS,
    ROLE_FILTER_RULE,
    ROLE_FILTER_DIRECTIVE,
    ROLE_FILTER_VALUE,

    ROLE_RAW_PACKET_TYPE,
    ROLE_RAW_CHECKSUM,
    ROLE_RAW_LARGE_SEND,
    ROLE_RAW_VLAN,
    ROLE_RAW_HASH_INFO,
    ROLE_RAW_HASH,
    ROLE_RAW_VIRTUAL_SUBNET,
    ROLE_RAW_COALESCED,
    ROLE_RAW_PROPERTY_TYPE,
    ROLE_RAW_MAC_SIZE,
    ROLE_RAW_ENTER_EXIT,
    ROLE_RAW_PATH_DIRECTION,
    ROLE_RAW_SOCKET_TYPE,
    ROLE_RAW_TIMER,
    ROLE_RAW_WEAK_REFERENCE,
    ROLE_RAW_IPV4,
    ROLE_RAW_IP_VERSION,
    ROLE_RAW_BYTES,
    ROLE_RAW_REST, /* of the payload, from this property on */

    ROLE_COUNT
};

struct binding_raw {
    uint32_t packet_type;
    /* words of NDIS beside a packet, as pktmon.c reads them */
    uint32_t checksum, large_send, vlan, hash_info, hash, virtual_subnet, coalesced;
    uint32_t property_type;
    uint32_t mac_size;
    uint32_t enter_exit;
    uint32_t path_direction;
    uint32_t socket_type; /* SOCK_STREAM 1, SOCK_DGRAM 2, ... */
    uint32_t timer;       /* etw_socket.has says whether there is one */
    uint32_t weak_reference;
    uint32_t ip_version;            /* 4, 6; 0: not stated */
    uint32_t os_build;              /* of the Windows that recorded; 0: not known */
    struct etw_socket_address ipv4; /* beside an address in bytes */
    struct bytes bytes;             /* borrowed; of ROLE_RAW_BYTES or ROLE_RAW_REST */
    bool has_enter_exit, has_path_direction;
};

struct role_binding {
    enum binding_role role;
    /* Its name in the manifest. "A|B": A, or B in versions that do not have A. */
    const char *property;
};

#define BINDING_ROLES_MAXIMUM 28

/* The list of a single row. */
#define ROLES(...) ((const struct role_binding[]){__VA_ARGS__, {ROLE_NONE, NULL}})

/* What the id of a socket event says. */
struct socket_binding {
    uint8_t layer;    /* enum etw_layer */
    uint8_t action;   /* enum etw_action */
    uint8_t phase;    /* enum etw_phase */
    uint8_t protocol; /* IP protocol; 0: the id does not say. SMB: enum etw_smb_what */
    bool is_header_pid_true;
};

/* The same of an HTTP event. It stands in the place of a socket's. */
#define HTTP_EVENT(layer, action)                                                                  \
    {                                                                                              \
        ETW_HTTP_##layer, ETW_HTTP_##action, 0, 0, false                                           \
    }

#define NO_SOCKET                                                                                  \
    {                                                                                              \
        0                                                                                          \
    }

extern const struct role_binding no_roles[];

/* The row of an event that has nothing for the model. */
#define NOTED(id)                                                                                  \
    {                                                                                              \
        id, ETW_EVENT_NOTED, NULL, no_roles, NO_SOCKET                                             \
    }

/* One row per event. Versions of it that add or reorder properties need no row. */
struct event_binding {
    uint16_t id; /* event id, or opcode of classic events */
    enum etw_event_kind kind;
    /* Sets what no single property says; the roles are filled. NULL: nothing. */
    void (*finish)(struct etw_event *event, const struct binding_raw *raw);
    const struct role_binding *roles; /* up to ROLE_NONE */
    struct socket_binding socket;     /* of ETW_EVENT_SOCKET and ETW_EVENT_HTTP only */
};

struct provider_binding {
    struct guid guid; /* of classic events: their class */
    bool is_classic;
    const struct event_binding *events; /* ascending by id */
    size_t event_count;
};

extern const struct provider_binding ndis_capture_provider;
extern const struct provider_binding ras_capture_provider;
extern const struct provider_binding pktmon_provider;
extern const struct provider_binding system_config_provider;
extern const struct provider_binding tcpip_provider;
extern const struct provider_binding winsock_afd_provider;
extern const struct provider_binding smb_client_provider;
extern const struct provider_binding smb_server_provider;
extern const struct provider_binding smb_direct_provider;
extern const struct provider_binding kernel_process_provider;
extern const struct provider_binding kernel_network_provider;
extern const struct provider_binding classic_process_provider;
extern const struct provider_binding classic_tcpip_provider;
extern const struct provider_binding classic_udpip_provider;
extern const struct provider_binding services_provider;
extern const struct provider_binding dns_client_provider;
extern const struct provider_binding wfp_capture_provider;
extern const struct provider_binding name_resolution_provider;
extern const struct provider_binding http_service_provider;
extern const struct provider_binding webio_provider;
extern const struct provider_binding winhttp_provider;
extern const struct provider_binding wininet_provider;
extern const struct provider_binding lost_event_provider;

extern const struct provider_binding *const provider_list[];
extern const size_t provider_list_count;

/* ---- a row made ready for one layout ---- */

struct role_target;

/* Numbers as wide as their role, which are most: they are copied without looking
 * at them one by one. */
enum copy_width { COPY_16, COPY_32, COPY_64, COPY_WIDTH_COUNT };

struct binding_copy {
    uint16_t from; /* offset in the payload */
    uint16_t to;   /* offset in the target */
    uint16_t field;
    bool is_raw;  /* target: struct binding_raw, else struct etw_event */
    uint32_t has; /* enum etw_socket_member */
};

/* Everything else: other widths, texts, bytes, values without a fixed place. */
struct binding_move {
    const struct role_target *target; /* row of role_targets */
    enum field_type type;
    uint16_t field;
};

struct binding_plan {
    const struct event_binding *binding;
    uint32_t os_build; /* 0: not known, as binding_plan_init leaves it */
    struct layout_plan layout;
    uint16_t copy_count[COPY_WIDTH_COUNT];
    uint16_t move_count;
    uint16_t model_size; /* bytes of event->u to clear */
    bool is_smb;
    struct binding_copy copies[COPY_WIDTH_COUNT][BINDING_ROLES_MAXIMUM];
    struct binding_move moves[BINDING_ROLES_MAXIMUM];
};

/* How many of the layout's leading fields have one that fills a role, or count one. */
size_t binding_fields_needed(const struct event_binding *binding, const struct layout *layout);

/* Properties that the layout does not have leave their role 0 or empty. */
void binding_plan_init(struct binding_plan *plan, const struct event_binding *binding,
                       const struct layout *layout, unsigned pointer_size);

/* Fills `event` from the record, which is borrowed. */
void binding_read(const struct binding_plan *plan, const struct etw_record *record,
                  struct etw_event *event);

#endif
