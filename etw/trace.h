/* SPDX-License-Identifier: MIT */
/*
 * trace.h - read one ETL file, or several of one recording: first whole in file
 * order (index), then the records in time order, as often as wanted.
 *
 *     struct etw_trace *trace = NULL;
 *     struct etw_event event;
 *     enum etw_status status = etw_trace_open(path, NULL, &trace, &error);
 *     if (!status) status = etw_trace_index(trace, learn, context, &error);
 *     if (!status) status = etw_trace_rewind(trace, &error);
 *     while (!status && (status = etw_trace_next(trace, &event, &error)) == ETW_OK) {
 *         ...
 *     }
 *     etw_trace_close(trace);
 *
 * Damage inside the file is not an error: it is counted in the findings and
 * reading goes on with the next record or buffer.
 *
 * One trace belongs to one thread at a time; different traces are independent.
 * Inside, a second thread reads and unpacks ahead when the file is large.
 */
#ifndef ETW_TRACE_H
#define ETW_TRACE_H

#include "etw/base/error.h"
#include "etw/event.h"
#include "etw/fields.h"
#include "etw/findings.h"
#include "etw/record.h"

struct etw_trace;

struct etw_options {
    /* Decoded buffers of one moment, all CPUs together, kept whole up to this
     * many bytes; beyond it they are decoded piece by piece. 0: 256 MiB. */
    uint64_t buffer_memory;
    /* Read ahead on a thread of its own when the file is larger than this many
     * bytes. 0: 4 MiB. UINT64_MAX: never. */
    uint64_t thread_threshold;
    /* Called now and then during index and reading with the share done, 0 to 1. */
    void (*progress)(void *context, double share);
    void *progress_context;
};

enum etw_clock {
    ETW_CLOCK_UNKNOWN = 0,
    ETW_CLOCK_QPC = 1,
    ETW_CLOCK_SYSTEM_TIME = 2,
    ETW_CLOCK_CPU_CYCLES = 3
};

/* TRACE_LOGFILE_HEADER, its strings as UTF-8. Times are FILETIME; 0: not there. */
struct etw_trace_header {
    uint8_t pointer_size;
    uint8_t os_major, os_minor;
    uint8_t layout_major, layout_minor; /* 1.5, 2.0 (compressed) ... */
    uint32_t os_build;
    uint32_t buffer_size; /* of the session, bytes */
    uint32_t cpu_count;
    uint32_t cpu_mhz;
    uint32_t timer_resolution;  /* 100 ns units */
    uint32_t maximum_file_size; /* MB, or KB with mode 0x2000 */
    uint32_t mode;
    uint32_t buffers_written;
    uint32_t events_lost;
    uint32_t buffers_lost;
    enum etw_clock clock; /* as it is used; see clock_logged */
    uint32_t clock_logged;
    int64_t frequency; /* QPC ticks per second */
    int64_t boot_time, start_time, end_time;
    int64_t start_ticks;  /* raw clock value that belongs to start_time */
    int32_t bias_minutes; /* UTC = local time + bias; daylight saving included where known */
    char session_name[512];
    char file_name[1024];
};

/* One of the files of a trace. */
struct etw_trace_file {
    const char *path; /* as it was given, borrowed; NULL: memory without a name */
    uint64_t size;
    struct etw_trace_header header; /* its own */
    uint64_t buffers;               /* the next three: after etw_trace_index() */
    uint64_t records;               /* delivered */
    int64_t first_time, last_time;  /* as in struct etw_totals */
    uint16_t logger_id;
    uint64_t first_sequence, last_sequence; /* lowest and highest of its data buffers; 0: none */
    bool is_damaged; /* parts of the header are missing or contradict the rest */
    bool has_clock;  /* the header names a clock that works */
};

/* Known after etw_trace_index(). */
struct etw_totals {
    uint64_t file_size;  /* of all files */
    uint64_t buffers;    /* the header buffer included */
    uint64_t compressed; /* of them */
    uint64_t records_found;
    uint64_t records_delivered;
    uint64_t by_kind[RECORD_KIND_COUNT];
    /* Of all records behind the first buffer, which is about the trace itself; 0: none. */
    int64_t first_time, last_time;
    uint64_t unpacked_bytes;
    uint32_t overlap;       /* largest number of buffers open at one moment */
    uint64_t overlap_bytes; /* their decoded bytes */
    bool is_unfinished;     /* the session never wrote its end */
};

struct etw_provider_row {
    struct guid guid;
    const char *name; /* static or the trace's; NULL: not known */
    enum record_class class_of;
    uint64_t events;
    uint64_t decoded; /* events this build made model events of, completely */
};

/* Opens a file and reads its header. On success the caller owns `*out`; on
 * failure `*out` is untouched and `error` says why: ETW_ERR_INPUT, or
 * ETW_ERR_NOT_ETL with what it looks like instead. `options` may be NULL. */
enum etw_status etw_trace_open(const char *path, const struct etw_options *options,
                               struct etw_trace **out, struct etw_error *error);
/* The same for bytes in memory, which must outlive the trace. */
enum etw_status etw_trace_open_memory(const void *data, size_t size,
                                      const struct etw_options *options, struct etw_trace **out,
                                      struct etw_error *error);
/* Opens the files of one recording as one trace: a series of files of one session, or sessions
 * that ran at the same time, such as a user and a kernel part. Their order does not matter.
 * ETW_ERR_INPUT also when they do not belong together; the error says which value differs. Paths
 * must outlive the trace. */
struct etw_input {
    const char *path; /* may be NULL when there are data */
    const void *data; /* NULL: the file at `path` */
    size_t size;      /* of the data */
};
enum etw_status etw_trace_open_inputs(const struct etw_input *inputs, size_t count,
                                      const struct etw_options *options, struct etw_trace **out,
                                      struct etw_error *error);
void etw_trace_close(struct etw_trace *trace); /* NULL is allowed */

typedef enum etw_status etw_learn_function(void *context, const struct etw_event *event,
                                           struct etw_error *error);
/* Reads the whole file once in file order: counts everything and gives every
 * model event other than ETW_EVENT_OTHER to `learn` (may be NULL), for facts that
 * do not depend on order. Once per trace, before etw_trace_next(). */
enum etw_status etw_trace_index(struct etw_trace *trace, etw_learn_function *learn, void *context,
                                struct etw_error *error);

/* Starts again before the first record in time order. */
enum etw_status etw_trace_rewind(struct etw_trace *trace, struct etw_error *error);
/* ETW_OK: the next record in time order, ties in file order, as a model event;
 * everything it points to is borrowed until the next call. ETW_END: no more. */
enum etw_status etw_trace_next(struct etw_trace *trace, struct etw_event *event,
                               struct etw_error *error);
/* The same without looking at payloads. */
enum etw_status etw_trace_next_record(struct etw_trace *trace, const struct etw_record **record,
                                      struct etw_error *error);

/* Reads an instrumentation manifest, for events that no schema in the trace
 * describes. Before etw_trace_index(). The error names file and line. */
enum etw_status etw_trace_add_manifest(struct etw_trace *trace, const char *path,
                                       struct etw_error *error);
/* Gives all fields of a record to the visitor, by the best schema that is known;
 * `result` says which, and what could not be read. After etw_trace_index(). */
void etw_trace_read_fields(struct etw_trace *trace, const struct etw_record *record,
                           const struct etw_fields_visitor *visitor,
                           struct etw_fields_result *result);

/* The files in the order of the trace: by their start. Places (record.h) number them from 1 when
 * there are several. */
size_t etw_trace_get_files(const struct etw_trace *trace, const struct etw_trace_file **files);
/* Of several files: the first file's, with the sum of what was lost, and the last end. */
const struct etw_trace_header *etw_trace_get_header(const struct etw_trace *trace);
const struct etw_totals *etw_trace_get_totals(const struct etw_trace *trace);
/* Also for the stages above to count into. */
struct findings *etw_trace_get_findings(struct etw_trace *trace);
/* Providers in order of their first event in the file. */
size_t etw_trace_get_providers(const struct etw_trace *trace, const struct etw_provider_row **rows);
/* True when the trace has events of TCPIP, Winsock-AFD or the kernel's network classes. */
bool etw_trace_has_socket_events(const struct etw_trace *trace);

/* Names of the packet monitor's numbers; NULL: not known. */
const char *etw_drop_reason_name(uint32_t reason);
const char *etw_drop_location_name(uint32_t location);
const char *etw_direction_tag_name(uint16_t tag);
const char *etw_component_type_name(uint16_t type);

#endif
