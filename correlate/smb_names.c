/* SPDX-License-Identifier: MIT */
#include "correlate/smb_names.h"

#include <stdlib.h>
#include <string.h>

#include "correlate/smb_store.h"
#include "correlate/sockets.h"

/* Names of a busy file server: open files, and creates under way. */
#define NAMES_MAXIMUM      262144u
#define NAMES_MAXIMUM_SIZE ((size_t)64 << 20)
/* Two backslashes, a server, a backslash and a share of 65535 characters each at most. */
#define SCRATCH_SIZE (2 * (2 + 65535 + 1 + 65535))

/* A program's call reaches the wire at once, or has to wait for others. */
#define ACCESS_MAXIMUM (INT64_C(1) * 10000000)

#define STATUS_PENDING 0x00000103u /* the real response comes later */

enum key_kind {
    KEY_USER,          /* of a session's GUID */
    KEY_SHARE,         /* of a tree's GUID */
    KEY_FILE,          /* of a file's GUID */
    KEY_ASKED_SHARE,   /* connection and message id: of the request whose response is to come */
    KEY_ASKED_FILE,    /* the same */
    KEY_CLIENT_SHARE,  /* session and tree id */
    KEY_CLIENT_SERVER, /* session id */
    KEY_CLIENT_REMOTE, /* session id: struct corr_endpoint */
    KEY_WINDOW,        /* its pointer: name of the server */
    KEY_FULL,          /* its pointer: it is full */
    KEY_BUFFER,        /* its pointer: since when it waits for credits */
    KEY_ACCESS,        /* thread: struct access */
    KEY_ACCESS_SHARE,  /* thread */
    KEY_ACCESS_FILE    /* thread */
};

/* A call that was seen on a thread. */
struct access {
    int64_t time;
    uint64_t session;
    bool has_session;
    uint8_t command; /* enum corr_smb_command */
};

struct smb_names {
    struct smb_store *store; /* owned */
    uint8_t *scratch;        /* owned */
};

enum etw_status smb_names_new(struct smb_names **out, struct etw_error *error)
{
    struct smb_names *names = calloc(1, sizeof(*names));
    if (names) {
        names->store = smb_store_new(NAMES_MAXIMUM, NAMES_MAXIMUM_SIZE);
        names->scratch = malloc(SCRATCH_SIZE);
    }
    if (!names || !names->store || !names->scratch) {
        smb_names_free(names);
        return etw_fail_memory(error, "the names of SMB");
    }
    *out = names;
    return ETW_OK;
}

void smb_names_free(struct smb_names *names)
{
    if (names) {
        smb_store_free(names->store);
        free(names->scratch);
        free(names);
    }
}

uint64_t smb_names_forgotten(const struct smb_names *names)
{
    return smb_store_forgotten(names->store);
}

/* ---- keys ---- */

static struct smb_key key_of(enum key_kind kind, uint64_t first, uint64_t second)
{
    return (struct smb_key){kind, first, second};
}

static struct smb_key key_of_guid(enum key_kind kind, const struct guid *guid)
{
    return key_of(kind, load_u64(guid->bytes), load_u64(guid->bytes + 8));
}

static bool is_empty(const struct guid *guid)
{
    return (load_u64(guid->bytes) | load_u64(guid->bytes + 8)) == 0;
}

static bool is_server(const struct etw_smb *smb)
{
    return smb->socket.layer == ETW_LAYER_SMB_SERVER;
}

/* Of a request or its response. */
static struct smb_key key_of_message(enum key_kind kind, const struct etw_smb *smb)
{
    return key_of(kind, smb->socket.handles[0].value, smb->socket.message_id);
}

static struct smb_key key_of_tree(const struct etw_smb *smb)
{
    return key_of(KEY_CLIENT_SHARE, smb->socket.session_id, smb->socket.tree_id);
}

static bool has_tree(const struct etw_smb *smb)
{
    const uint32_t both = ETW_HAS_SESSION | ETW_HAS_TREE;
    return (smb->socket.has & both) == both;
}

/* ---- texts ---- */

#define BACKSLASH 0x5C
#define ASTERISK  0x2A

static size_t count_backslashes(const struct bytes *text)
{
    size_t count = 0;
    while (2 * count + 1 < text->size && load_u16(text->data + 2 * count) == BACKSLASH) {
        count++;
    }
    return count;
}

static size_t put_character(uint8_t *to, size_t at, uint16_t character)
{
    if (SCRATCH_SIZE - at < 2) {
        return at;
    }
    to[at] = (uint8_t)character;
    to[at + 1] = (uint8_t)(character >> 8);
    return at + 2;
}

static size_t put_text(uint8_t *to, size_t at, const uint8_t *data, size_t size)
{
    size &= ~(size_t)1;
    if (size > SCRATCH_SIZE - at) {
        size = SCRATCH_SIZE - at;
    }
    if (size > 0) {
        memcpy(to + at, data, size);
    }
    return at + size;
}

/* "\server\share" and "\\server\share" become the latter; "share" with a scope, that is a name of
 * the server, becomes \\scope\share; a share alone stays so. */
static struct bytes make_share(struct smb_names *names, const struct bytes *scope,
                               const struct bytes *share)
{
    size_t slashes = count_backslashes(share);
    bool is_any = scope->size == 2 && load_u16(scope->data) == ASTERISK;
    size_t at = 0;
    if (slashes > 0 || (scope->size > 0 && !is_any)) {
        at = put_character(names->scratch, at, BACKSLASH);
        at = put_character(names->scratch, at, BACKSLASH);
    }
    if (slashes == 0 && at > 0) {
        at = put_text(names->scratch, at, scope->data, scope->size);
        at = put_character(names->scratch, at, BACKSLASH);
    }
    at = put_text(names->scratch, at, share->data + 2 * slashes, share->size - 2 * slashes);
    return bytes_of(names->scratch, at);
}

/* DOMAIN\user where the domain is stated. */
static struct bytes make_user(struct smb_names *names, const struct bytes *domain,
                              const struct bytes *user)
{
    size_t at = 0;
    if (domain->size > 0) {
        at = put_text(names->scratch, at, domain->data, domain->size);
        at = put_character(names->scratch, at, BACKSLASH);
    }
    at = put_text(names->scratch, at, user->data, user->size);
    return bytes_of(names->scratch, at);
}

/* False: no memory. Empty texts say nothing. */
static bool keep(struct smb_names *names, struct smb_key key, struct bytes text)
{
    return text.size == 0 || smb_store_set(names->store, &key, text.data, text.size);
}

static struct bytes recall(const struct smb_names *names, struct smb_key key)
{
    return smb_store_text(names->store, &key);
}

static void drop(struct smb_names *names, struct smb_key key)
{
    smb_store_remove(names->store, &key);
}

/* ---- server ---- */

static bool learn_request(struct smb_names *names, const struct etw_smb *smb)
{
    return keep(names, key_of_message(KEY_ASKED_FILE, smb), smb->file) &&
           keep(names, key_of_message(KEY_ASKED_SHARE, smb),
                make_share(names, &smb->scope, &smb->share));
}

/* A name that no event told is what the request asked for. */
static bool learn_answer(struct smb_names *names, const struct etw_smb *smb, enum key_kind asked,
                         struct smb_key key)
{
    return recall(names, key).size > 0 ||
           keep(names, key, recall(names, key_of_message(asked, smb)));
}

static bool learn_response(struct smb_names *names, const struct etw_smb *smb)
{
    return (is_empty(&smb->file_guid) ||
            learn_answer(names, smb, KEY_ASKED_FILE, key_of_guid(KEY_FILE, &smb->file_guid))) &&
           (is_empty(&smb->tree_guid) || smb->socket.command != CORR_SMB_TREE_CONNECT ||
            learn_answer(names, smb, KEY_ASKED_SHARE, key_of_guid(KEY_SHARE, &smb->tree_guid)));
}

static bool learn_server(struct smb_names *names, const struct etw_smb *smb)
{
    switch (smb->what) {
    case ETW_SMB_SESSION:
        return keep(names, key_of_guid(KEY_USER, &smb->session_guid),
                    make_user(names, &smb->domain, &smb->user));
    case ETW_SMB_TREE:
        return is_empty(&smb->tree_guid) || keep(names, key_of_guid(KEY_SHARE, &smb->tree_guid),
                                                 make_share(names, &smb->scope, &smb->share));
    case ETW_SMB_FILE:
        return keep(names, key_of_guid(KEY_FILE, &smb->file_guid), smb->file);
    case ETW_SMB_REQUEST:
        return learn_request(names, smb);
    case ETW_SMB_RESPONSE:
        return learn_response(names, smb);
    default:
        return true;
    }
}

/* ---- client ---- */

/* Which command a call becomes. [documented: IRP_MJ_ of wdm.h] */
static const struct {
    uint8_t function, command;
} commands_of_functions[] = {
    {0, CORR_SMB_CREATE},      {2, CORR_SMB_CLOSE},
    {3, CORR_SMB_READ},        {4, CORR_SMB_WRITE},
    {5, CORR_SMB_QUERY_INFO},  {6, CORR_SMB_SET_INFO},
    {9, CORR_SMB_FLUSH},       {10, CORR_SMB_QUERY_INFO},
    {11, CORR_SMB_SET_INFO},   {12, CORR_SMB_QUERY_DIRECTORY},
    {13, CORR_SMB_IOCTL},      {14, CORR_SMB_IOCTL},
    {17, CORR_SMB_LOCK},       {18, CORR_SMB_CLOSE},
    {20, CORR_SMB_QUERY_INFO}, {21, CORR_SMB_SET_INFO},
};

static uint8_t command_of(uint32_t function)
{
    for (size_t i = 0; i < sizeof(commands_of_functions) / sizeof(commands_of_functions[0]); i++) {
        if (commands_of_functions[i].function == function) {
            return commands_of_functions[i].command;
        }
    }
    return CORR_SMB_OTHER;
}

static bool learn_access(struct smb_names *names, const struct etw_event *event)
{
    const struct etw_smb *smb = &event->u.smb;
    uint64_t thread = event->record->thread_id;
    const struct access access = {
        .time = event->record->time,
        .session = smb->socket.session_id,
        .has_session = smb->socket.has & ETW_HAS_SESSION,
        .command = command_of(smb->function),
    };
    struct smb_key key = key_of(KEY_ACCESS, thread, 0);
    drop(names, key_of(KEY_ACCESS_SHARE, thread, 0));
    drop(names, key_of(KEY_ACCESS_FILE, thread, 0));
    return smb_store_set(names->store, &key, &access, sizeof(access)) &&
           keep(names, key_of(KEY_ACCESS_SHARE, thread, 0),
                make_share(names, &smb->scope, &smb->share)) &&
           keep(names, key_of(KEY_ACCESS_FILE, thread, 0), smb->file);
}

static bool learn_session(struct smb_names *names, const struct etw_smb *smb)
{
    struct corr_endpoint remote = corr_endpoint_of_event(&smb->socket.remote);
    struct smb_key key = key_of(KEY_CLIENT_REMOTE, smb->socket.session_id, 0);
    if ((smb->socket.has & ETW_HAS_SESSION) == 0) {
        return true;
    }
    return (remote.size == 0 || smb_store_set(names->store, &key, &remote, sizeof(remote))) &&
           keep(names, key_of(KEY_CLIENT_SERVER, smb->socket.session_id, 0), smb->server);
}

static bool learn_tree(struct smb_names *names, const struct etw_smb *smb)
{
    return learn_session(names, smb) &&
           (!has_tree(smb) ||
            keep(names, key_of_tree(smb), make_share(names, &smb->scope, &smb->share)));
}

static bool learn_wait(struct smb_names *names, const struct etw_event *event)
{
    struct smb_key key = key_of(KEY_BUFFER, event->u.smb.object, 0);
    int64_t time = event->record->time;
    return smb_store_set(names->store, &key, &time, sizeof(time));
}

static bool learn_client(struct smb_names *names, const struct etw_event *event)
{
    const struct etw_smb *smb = &event->u.smb;
    switch (smb->what) {
    case ETW_SMB_SESSION:
        return learn_session(names, smb);
    case ETW_SMB_TREE:
        return learn_tree(names, smb);
    case ETW_SMB_WINDOW:
        drop(names, key_of(KEY_FULL, smb->object, 0));
        return keep(names, key_of(KEY_WINDOW, smb->object, 0), smb->server);
    case ETW_SMB_CREDITS_WAIT:
        return learn_wait(names, event);
    case ETW_SMB_ACCESS:
        return learn_access(names, event);
    default:
        return true;
    }
}

enum etw_status smb_names_learn(struct smb_names *names, const struct etw_event *event,
                                struct etw_error *error)
{
    bool is_kept =
        is_server(&event->u.smb) ? learn_server(names, &event->u.smb) : learn_client(names, event);
    return is_kept ? ETW_OK : etw_fail_memory(error, "the names of SMB");
}

void smb_names_forget(struct smb_names *names, const struct etw_event *event)
{
    const struct etw_smb *smb = &event->u.smb;
    switch (smb->what) {
    case ETW_SMB_SESSION_END:
        drop(names, key_of_guid(KEY_USER, &smb->session_guid));
        break;
    case ETW_SMB_TREE_END:
        drop(names, key_of_guid(KEY_SHARE, &smb->tree_guid));
        break;
    case ETW_SMB_FILE_END:
        drop(names, key_of_guid(KEY_FILE, &smb->file_guid));
        break;
    case ETW_SMB_RESPONSE:
        if (smb->socket.status != STATUS_PENDING) {
            drop(names, key_of_message(KEY_ASKED_FILE, smb));
            drop(names, key_of_message(KEY_ASKED_SHARE, smb));
        }
        break;
    case ETW_SMB_WINDOW_END:
        drop(names, key_of(KEY_WINDOW, smb->object, 0));
        drop(names, key_of(KEY_FULL, smb->object, 0));
        break;
    case ETW_SMB_CREDITS_GOT:
        drop(names, key_of(KEY_BUFFER, smb->object, 0));
        break;
    default:
        break;
    }
}

/* ---- finding ---- */

static void take(struct bytes *to, struct bytes text)
{
    if (to->size == 0) {
        *to = text;
    }
}

static void find_for_server(const struct smb_names *names, const struct etw_smb *smb,
                            struct smb_naming *naming)
{
    take(&naming->share, recall(names, key_of_guid(KEY_SHARE, &smb->tree_guid)));
    take(&naming->file, recall(names, key_of_guid(KEY_FILE, &smb->file_guid)));
    take(&naming->user, recall(names, key_of_guid(KEY_USER, &smb->session_guid)));
    if (smb->what == ETW_SMB_RESPONSE) { /* one that failed has no GUID */
        take(&naming->share, recall(names, key_of_message(KEY_ASKED_SHARE, smb)));
        take(&naming->file, recall(names, key_of_message(KEY_ASKED_FILE, smb)));
    }
}

/* ASCII letters alone: names of servers and shares are hardly more. */
static uint16_t lower(const uint8_t *p)
{
    uint16_t c = load_u16(p);
    return c >= 'A' && c <= 'Z' ? (uint16_t)(c + 0x20) : c;
}

/* A call names a file with its server and share; a message without them. */
static struct bytes without_share(struct bytes file, const struct bytes *share)
{
    size_t at = 2 * count_backslashes(&file);
    size_t from = 2 * count_backslashes(share);
    size_t size = share->size - from;
    if (size == 0 || at == 0 || file.size < at + size + 2) {
        return file;
    }
    for (size_t i = 0; i + 1 < size; i += 2) {
        if (lower(file.data + at + i) != lower(share->data + from + i)) {
            return file;
        }
    }
    at += size;
    return load_u16(file.data + at) == BACKSLASH ? bytes_of(file.data + at + 2, file.size - at - 2)
                                                 : file;
}

/* The call of this thread that the request goes on with. */
static void find_access(const struct smb_names *names, const struct etw_event *event,
                        struct smb_naming *naming)
{
    const struct etw_socket *socket = &event->u.socket;
    uint64_t thread = event->record->thread_id;
    struct smb_key key = key_of(KEY_ACCESS, thread, 0);
    const struct access *access = smb_store_get(names->store, &key, NULL);
    if (!access || !corr_time_is_near(event->record->time, access->time, ACCESS_MAXIMUM) ||
        (socket->has & ETW_HAS_COMMAND) == 0 || access->command != socket->command ||
        (access->has_session && access->session != socket->session_id)) {
        return;
    }
    take(&naming->share, recall(names, key_of(KEY_ACCESS_SHARE, thread, 0)));
    take(&naming->file,
         without_share(recall(names, key_of(KEY_ACCESS_FILE, thread, 0)), &naming->share));
}

/* True on the way from not full to full. */
static bool turn_full(struct smb_names *names, const struct etw_smb *smb)
{
    struct smb_key key = key_of(KEY_FULL, smb->object, 0);
    bool was_full = smb_store_get(names->store, &key, NULL);
    bool is_full = smb->window_limit > 0 && smb->window_size >= smb->window_limit;
    if (is_full && !was_full) {
        return smb_store_set(names->store, &key, "", 1);
    }
    if (!is_full && was_full) {
        smb_store_remove(names->store, &key);
    }
    return false;
}

static void find_for_client(struct smb_names *names, const struct etw_event *event,
                            struct smb_naming *naming)
{
    const struct etw_smb *smb = &event->u.smb;
    struct smb_key remote = key_of(KEY_CLIENT_REMOTE, smb->socket.session_id, 0);
    struct smb_key buffer = key_of(KEY_BUFFER, smb->object, 0);
    if (smb->what == ETW_SMB_WINDOW_STATE) {
        naming->is_newly_full = turn_full(names, smb); /* may set: before anything is borrowed */
    }
    if (smb->socket.has & ETW_HAS_SESSION) {
        const struct corr_endpoint *end = smb_store_get(names->store, &remote, NULL);
        naming->remote = end ? *end : naming->remote;
        take(&naming->server, recall(names, key_of(KEY_CLIENT_SERVER, smb->socket.session_id, 0)));
    }
    if (has_tree(smb)) {
        take(&naming->share, recall(names, key_of_tree(smb)));
    }
    if (smb->what == ETW_SMB_REQUEST) {
        find_access(names, event, naming);
    }
    if (smb->what >= ETW_SMB_WINDOW && smb->what <= ETW_SMB_CREDITS_GOT) {
        take(&naming->server,
             recall(names, key_of(KEY_WINDOW, smb->window ? smb->window : smb->object, 0)));
    }
    const int64_t *since =
        smb->what == ETW_SMB_CREDITS_GOT ? smb_store_get(names->store, &buffer, NULL) : NULL;
    naming->has_waited = since;
    naming->waited_since = since ? *since : 0;
}

void smb_names_find(struct smb_names *names, const struct etw_event *event,
                    struct smb_naming *naming)
{
    const struct etw_smb *smb = &event->u.smb;
    *naming = (struct smb_naming){.server = smb->server, .file = smb->file, .user = smb->user};
    if (smb->share.size > 0) {
        naming->share = make_share(names, &smb->scope, &smb->share);
    }
    if (is_server(smb)) {
        find_for_server(names, smb, naming);
    } else {
        find_for_client(names, event, naming);
    }
}
