/* SPDX-License-Identifier: MIT */
/*
 * judgement_text.c - a table from rule to the function that words it. Who words a rule says
 * what was seen, by how much, and what one trace cannot tell; what the numbers are stands in
 * correlate/judge.h.
 */
#include "pcapout/judgement_text.h"

#include <inttypes.h>

#include "pcapout/names.h"
#include "pcapout/owners.h"
#include "pcapout/sentence_parts.h"
#include "pcapout/step_sentences.h"

#define TICKS_PER_SECOND 1e7

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

typedef void judgement_sentence(struct text *to, const struct corr_judgement *of,
                                const struct corr_socket *socket);

/* ---- parts ---- */

static void add_times(struct text *to, int64_t count, const char *one, const char *many)
{
    text_add_format(to, "%" PRId64 " %s", count, count == 1 ? one : many);
}

/* " after 37.6 ms"; nothing when it is not known. */
static void add_known(struct text *to, const char *before, int64_t duration, const char *behind)
{
    if (duration >= 0) {
        text_add(to, before);
        out_add_duration(to, duration);
        text_add(to, behind);
    }
}

static void add_status(struct text *to, const char *before, uint32_t status)
{
    if (status != 0) {
        text_add(to, before);
        out_add_status(to, status);
    }
}

/* What the application's call came to; tenths of milliseconds, as it is compared with logs. */
static void add_connect(struct text *to, uint32_t status, int64_t duration)
{
    if (status != 0) {
        text_add(to, duration >= 0 ? "; connect() returned " : "; status ");
        out_add_status(to, status);
    }
    if (status != 0 && duration >= 0) {
        text_add_format(to, " after %.4f s", (double)duration / TICKS_PER_SECOND);
    }
}

static void add_state(struct text *to, int64_t state)
{
    if (state >= 0 && state < CORR_STATE_COUNT) {
        text_add(to, " in ");
        text_add(to, out_state_name((enum corr_tcp_state)state));
    }
}

static void add_mac(struct text *to, int64_t mac)
{
    for (int shift = 40; shift >= 0; shift -= 8) {
        text_add_format(to, "%s%02x", shift < 40 ? ":" : "", (unsigned)(mac >> shift & 0xFF));
    }
}

/* ---- attempts ---- */

/* "again at +3.003, +9.002 s; waits 3.0 + 6.0 + 12.0 s" */
static void add_waits(struct text *to, const int64_t *waits, int64_t count)
{
    double at = 0;
    text_add(to, " (again at");
    for (int64_t i = 0; i + 1 < count; i++) {
        at += (double)waits[i] / TICKS_PER_SECOND;
        text_add_format(to, "%s +%.3f", i ? "," : "", at);
    }
    text_add(to, " s; waits");
    for (int64_t i = 0; i < count; i++) {
        text_add_format(to, "%s %.1f", i ? " +" : "", (double)waits[i] / TICKS_PER_SECOND);
    }
    text_add(to, " s)");
}

static void connect_timeout(struct text *to, const struct corr_judgement *of,
                            const struct corr_socket *socket)
{
    const int64_t *numbers = of->numbers;
    (void)socket;
    text_add(to, "no answer to ");
    if (numbers[0] > 0) {
        add_times(to, numbers[0], "SYN", "SYNs");
    } else {
        text_add(to, "the connect");
    }
    if (numbers[1] >= 0) {
        text_add_format(to, " within %.3f s", (double)numbers[1] / TICKS_PER_SECOND);
    } else {
        text_add(to, " up to the end of the trace");
    }
    if (numbers[0] > 1 && numbers[3] > 0) {
        add_waits(to, &numbers[3], numbers[0]);
    }
    add_connect(to, of->status, numbers[2]);
    text_add(to, "; one trace cannot tell whether the peer received them");
}

static void refused_by_peer(struct text *to, const struct corr_judgement *of,
                            const struct corr_socket *socket)
{
    (void)socket;
    if (of->numbers[1] >= 0) {
        text_add(to, "a RST answered the ");
        text_add(to, of->numbers[0] > 1 ? "last of " : "SYN");
        if (of->numbers[0] > 1) {
            add_times(to, of->numbers[0], "SYN", "SYNs");
        }
        add_known(to, " after ", of->numbers[1], "");
    } else {
        text_add(to, "the connect was refused");
    }
    add_connect(to, of->status, of->numbers[2]);
    text_add(to, "; the peer's stack or a device before it said no");
}

static void port_exhaustion(struct text *to, const struct corr_judgement *of,
                            const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "no local port was free");
    add_status(to, ": ", of->status);
    text_add(to, "; sockets of this machine hold them all, TimeWait included");
}

static void connect_failed(struct text *to, const struct corr_judgement *of,
                           const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "the connect failed");
    if (of->numbers[0] > 0) {
        text_add(to, " after ");
        add_times(to, of->numbers[0], "SYN", "SYNs");
    } else {
        text_add(to, " before a SYN was seen");
    }
    add_connect(to, of->status, of->numbers[1]);
}

/* ---- what comes ---- */

static void no_listener(struct text *to, const struct corr_judgement *of,
                        const struct corr_socket *socket)
{
    text_add_format(to,
                    "nobody listens on port %u: the local TCP/IP stack answered the SYN with a RST",
                    socket->local.port);
    add_known(to, ", ", of->numbers[1], " later");
    text_add(to, of->numbers[2] ? "; the stack's own drop event says so"
                                : "; no event says so, the RST alone shows it");
    if (of->numbers[0] > 1) {
        text_add_format(to, "; %" PRId64 " SYNs in all", of->numbers[0]);
    }
}

static void backlog_full(struct text *to, const struct corr_judgement *of,
                         const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "the listener did not take the connection");
    add_known(to, ", ", of->numbers[0], " after the SYN");
    add_status(to, ": ", of->status);
    text_add(to, "; its backlog is full, or a condition of the application refused it");
}

/* ---- resets ---- */

static void add_doubts(struct text *to, const int64_t *numbers)
{
    const char *between = ": ";
    if (numbers[0] & CORR_DOUBT_HOP_LIMIT) {
        text_add_format(to, "%shop limit %" PRId64 ", the peer's other packets had %" PRId64,
                        between, numbers[1], numbers[2]);
        text_add(to, numbers[3] != numbers[2] ? " to " : "");
        if (numbers[3] != numbers[2]) {
            text_add_format(to, "%" PRId64, numbers[3]);
        }
        between = "; ";
    }
    if (numbers[0] & CORR_DOUBT_MAC) {
        text_add(to, between);
        text_add(to, "from MAC ");
        add_mac(to, numbers[4]);
        text_add(to, ", the others from ");
        add_mac(to, numbers[5]);
        between = "; ";
    }
    if (numbers[0] & CORR_DOUBT_TOO_FAST) {
        text_add(to, between);
        text_add(to, "it acknowledges what could not have reached the peer in that time");
        between = "; ";
    }
    if (numbers[0] & CORR_DOUBT_IP_ID) {
        text_add(to, between);
        text_add(to, "its IP identification is out of the peer's order");
    }
}

static void foreign_reset(struct text *to, const struct corr_judgement *of,
                          const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "reset");
    add_state(to, of->numbers[6]);
    text_add(to, " by a RST that does not look like the peer's packets");
    add_doubts(to, of->numbers);
    add_known(to, "; it came ", of->numbers[7], " after our last packet");
    add_status(to, "; ", of->status);
    text_add(to, "; a device on the way may have sent it: a trace of the peer tells");
}

static void reset_by_peer(struct text *to, const struct corr_judgement *of,
                          const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "reset by the peer");
    add_state(to, of->numbers[0]);
    add_known(to, " after ", of->numbers[1], "");
    add_known(to, ", ", of->numbers[2], " after the last data");
    text_add(to, of->numbers[3] ? "; this side had closed before" : "");
    add_status(to, "; ", of->status);
    if (of->frame != 0) {
        text_add(to, "; its RST looks like the peer's packets");
    }
}

static void local_abort(struct text *to, const struct corr_judgement *of,
                        const struct corr_socket *socket)
{
    (void)socket;
    const char *reason = of->numbers[0] >= 0 ? out_abort_reason((uint32_t)of->numbers[0]) : NULL;
    text_add(to, "aborted by this side");
    add_known(to, " after ", of->numbers[1], "");
    if (reason) {
        text_add(to, ": ");
        text_add(to, reason);
    } else if (of->numbers[0] >= 0) {
        text_add_format(to, ": Winsock's reason %" PRId64, of->numbers[0]);
    }
    if (of->numbers[2] > 0) {
        text_add(to, "; ");
        add_times(to, of->numbers[2], "byte", "bytes");
        text_add(to, " had not been received");
    }
}

/* ---- timeouts ---- */

static void keep_alive_timeout(struct text *to, const struct corr_judgement *of,
                               const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "ended by the keep-alive timer: the peer did not answer");
    add_known(to, ", nothing came for ", of->numbers[1], "");
    add_known(to, ", age ", of->numbers[0], "");
    add_status(to, "; ", of->status);
}

static void retransmit_timeout(struct text *to, const struct corr_judgement *of,
                               const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, "the stack gave up: what was sent was not acknowledged");
    if (of->numbers[0] > 0) {
        text_add(to, " after ");
        add_times(to, of->numbers[0], "retransmission", "retransmissions");
    }
    add_known(to, ", nothing came for ", of->numbers[1], "");
    add_status(to, "; ", of->status);
    text_add(to, "; one trace cannot tell which way packets were lost");
}

/* ---- halves ---- */

static void half_open(struct text *to, const struct corr_judgement *of,
                      const struct corr_socket *socket)
{
    (void)socket;
    if (of->numbers[0] > 0) {
        text_add(to, "half-open: ");
        add_times(to, of->numbers[0], "SYN-ACK", "SYN-ACKs");
        text_add(to, " got no answer");
    } else {
        text_add(to, "a SYN was captured and no answer to it: dropped above the capture layer, or "
                     "not wanted");
    }
    add_known(to, " within ", of->numbers[1], "");
}

static void one_sided_close(struct text *to, const struct corr_judgement *of,
                            const struct corr_socket *socket)
{
    (void)socket;
    bool is_ours = of->numbers[0] != 0;
    text_add(to, is_ours ? "closed by this side only: no FIN of the peer was seen"
                         : "closed by the peer only: the application has not closed its side");
    add_known(to, " for ", of->numbers[1], "");
    text_add(to, of->numbers[2] ? "; then the stack let it go" : "");
}

/* ---- the rest ---- */

static void add_traffic(struct text *to, int64_t connecting, int64_t sent, int64_t received)
{
    if (connecting >= 0) {
        text_add(to, "connected after ");
        out_add_duration(to, connecting);
        text_add(to, ", ");
    }
    if (sent >= 0) {
        out_add_bytes(to, (uint64_t)sent);
        text_add(to, " out, ");
    }
    if (received >= 0) {
        out_add_bytes(to, (uint64_t)received);
        text_add(to, " in, ");
    }
}

static void clean_close(struct text *to, const struct corr_judgement *of,
                        const struct corr_socket *socket)
{
    (void)socket;
    add_traffic(to, of->numbers[1], of->numbers[2], of->numbers[3]);
    text_add(to, of->numbers[0] > 0    ? "closed by this side first"
                 : of->numbers[0] == 0 ? "closed by the peer first"
                                       : "closed, which side first is not known");
    if (of->numbers[4] >= 0) {
        add_known(to, " ", of->numbers[4], " after the last data");
    }
}

static void still_open(struct text *to, const struct corr_judgement *of,
                       const struct corr_socket *socket)
{
    (void)socket;
    add_traffic(to, of->numbers[2], of->numbers[3], of->numbers[4]);
    text_add(to, "still open at the end of the trace");
    add_known(to, " after ", of->numbers[0], "");
    add_known(to, ", last data ", of->numbers[1], " before");
}

/* ---- notes ---- */

static void dropped_here(struct text *to, const struct corr_judgement *of,
                         const struct corr_socket *socket)
{
    const struct corr_drop drop = {.reason = (uint32_t)of->numbers[2]};
    char number[OUT_NAME_SIZE];
    (void)socket;
    if (of->numbers[0] > 0) {
        add_times(to, of->numbers[0], "packet", "packets");
        text_add(to, " from the peer");
    }
    text_add(to, of->numbers[0] > 0 && of->numbers[1] > 0 ? " and " : "");
    if (of->numbers[1] > 0) {
        add_times(to, of->numbers[1], "packet", "packets");
        text_add(to, " to the peer");
    }
    text_add(to, of->numbers[0] + of->numbers[1] > 1 ? " were" : " was");
    text_add(to, " dropped on this machine");
    text_add(to, of->numbers[0] + of->numbers[1] > 1 ? ", the first for reason " : ", reason ");
    text_add(to, out_drop_reason(&drop, number));
}

static void slow_receiver(struct text *to, const struct corr_judgement *of,
                          const struct corr_socket *socket)
{
    (void)socket;
    add_times(to, of->numbers[1], "byte", "bytes");
    text_add(to, " waited ");
    out_add_duration(to, of->numbers[0]);
    text_add(to,
             of->numbers[2]
                 ? " up to the end: Winsock had told of them, the application never received them"
                 : " for the application to receive them");
}

static void zero_window(struct text *to, const struct corr_judgement *of,
                        const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, of->numbers[0] ? "this side" : "the peer");
    text_add(to, " took no more data (window 0) ");
    add_times(to, of->numbers[1], "time", "times");
    text_add(to, ", the longest for ");
    out_add_duration(to, of->numbers[2]);
}

static void retransmissions(struct text *to, const struct corr_judgement *of,
                            const struct corr_socket *socket)
{
    (void)socket;
    if (of->numbers[0] > 0) {
        add_times(to, of->numbers[0], "retransmission", "retransmissions");
        text_add(to, " by this side");
    }
    if (of->numbers[1] > 0) {
        text_add(to, of->numbers[0] > 0 ? ", " : "");
        add_times(to, of->numbers[1], "segment", "segments");
        text_add(to, " again from the peer");
    }
    if (of->numbers[2] >= 0) {
        text_add_format(to, ", bytes %" PRId64 "-%" PRId64, of->numbers[2], of->numbers[3]);
    }
    text_add(to, "; one trace cannot tell where the first copies went");
}

static void delayed_ack(struct text *to, const struct corr_judgement *of,
                        const struct corr_socket *socket)
{
    (void)socket;
    add_times(to, of->numbers[0], "time", "times");
    text_add(to, " a small segment waited for a delayed ACK before the next could leave (Nagle), ");
    out_add_duration(to, of->numbers[1]);
    text_add(to, " together");
}

static void silence(struct text *to, const struct corr_judgement *of,
                    const struct corr_socket *socket)
{
    (void)socket;
    text_add(to, of->numbers[1] ? "the peer was silent for " : "this side was silent for ");
    out_add_duration(to, of->numbers[0]);
    add_known(to, " (from +", of->numbers[3], ")");
    text_add(to, of->numbers[2]   ? ": what was sent was not acknowledged"
                 : of->numbers[1] ? ": it owed an answer, as seen from here"
                                  : ": it owed an answer");
}

static void bad_checksums(struct text *to, const struct corr_judgement *of,
                          const struct corr_socket *socket)
{
    (void)socket;
    text_add_format(to,
                    "%" PRId64 " of %" PRId64 " received segments that were checked have a wrong "
                    "checksum",
                    of->numbers[0], of->numbers[1]);
}

static void offloaded_checksums(struct text *to, const struct corr_judgement *of,
                                const struct corr_socket *socket)
{
    (void)socket;
    text_add_format(to,
                    "wrong checksums of sent segments (%" PRId64 " of %" PRId64 " checked) are no "
                    "errors: the adapter computes them",
                    of->numbers[0], of->numbers[1]);
}

static void offloaded_segmentation(struct text *to, const struct corr_judgement *of,
                                   const struct corr_socket *socket)
{
    (void)socket;
    add_times(to, of->numbers[0], "sent segment", "sent segments");
    text_add_format(to,
                    " of up to %" PRId64 " bytes, for the adapter to cut (segmentation offload)",
                    of->numbers[1]);
}

static void ladder(struct text *to, const struct corr_judgement *of,
                   const struct corr_socket *socket)
{
    static const char *const stations[] = {
        [CORR_STATION_STACK] = "the stack",
        [CORR_STATION_WINSOCK] = "Winsock",
        [CORR_STATION_APPLICATION] = "the application",
    };
    (void)socket;
    text_add(to, "last data received, ");
    add_times(to, of->numbers[0], "byte", "bytes");
    text_add(to, ": captured");
    for (int station = CORR_STATION_STACK; station <= CORR_STATION_APPLICATION; station++) {
        if (of->numbers[station] >= 0) {
            text_add(to, ", +");
            out_add_duration(to, of->numbers[station]);
            text_add(to, " at ");
            text_add(to, stations[station]);
        }
    }
    if (of->numbers[5] && of->numbers[4] < CORR_STATION_APPLICATION) {
        text_add(to, ", not seen further up");
    }
}

/* ---- the table ---- */

static judgement_sentence *const sentences[CORR_JUDGE_COUNT] = {
    [CORR_JUDGE_CONNECT_TIMEOUT] = connect_timeout,
    [CORR_JUDGE_REFUSED_BY_PEER] = refused_by_peer,
    [CORR_JUDGE_PORT_EXHAUSTION] = port_exhaustion,
    [CORR_JUDGE_CONNECT_FAILED] = connect_failed,
    [CORR_JUDGE_NO_LISTENER] = no_listener,
    [CORR_JUDGE_BACKLOG_FULL] = backlog_full,
    [CORR_JUDGE_FOREIGN_RESET] = foreign_reset,
    [CORR_JUDGE_RESET_BY_PEER] = reset_by_peer,
    [CORR_JUDGE_LOCAL_ABORT] = local_abort,
    [CORR_JUDGE_KEEP_ALIVE_TIMEOUT] = keep_alive_timeout,
    [CORR_JUDGE_RETRANSMIT_TIMEOUT] = retransmit_timeout,
    [CORR_JUDGE_HALF_OPEN] = half_open,
    [CORR_JUDGE_ONE_SIDED_CLOSE] = one_sided_close,
    [CORR_JUDGE_CLEAN_CLOSE] = clean_close,
    [CORR_JUDGE_STILL_OPEN] = still_open,
    [CORR_JUDGE_DROPPED_HERE] = dropped_here,
    [CORR_JUDGE_SLOW_RECEIVER] = slow_receiver,
    [CORR_JUDGE_ZERO_WINDOW] = zero_window,
    [CORR_JUDGE_RETRANSMISSIONS] = retransmissions,
    [CORR_JUDGE_DELAYED_ACK] = delayed_ack,
    [CORR_JUDGE_SILENCE] = silence,
    [CORR_JUDGE_BAD_CHECKSUMS] = bad_checksums,
    [CORR_JUDGE_OFFLOADED_CHECKSUMS] = offloaded_checksums,
    [CORR_JUDGE_OFFLOADED_SEGMENTATION] = offloaded_segmentation,
    [CORR_JUDGE_LADDER] = ladder,
};

void out_add_judgement(struct text *to, const struct corr_judgement *judgement,
                       const struct corr_socket *socket)
{
    if ((size_t)judgement->rule < COUNT_OF(sentences)) {
        sentences[judgement->rule](to, judgement, socket);
    }
}

void out_json_judgements(struct json_writer *j, const struct corr_judgement *judgements,
                         size_t count, const struct corr_socket *socket, struct text *scratch)
{
    if (count == 0) {
        return;
    }
    json_begin_array(j, "judgements");
    for (size_t i = 0; i < count; i++) {
        text_clear(scratch);
        out_add_judgement(scratch, &judgements[i], socket);
        json_begin_object(j, NULL);
        json_string(j, "rule", corr_judgement_name(judgements[i].rule));
        json_string(j, "text", text_get(scratch));
        json_bool(j, "trouble", judgements[i].is_trouble);
        if (judgements[i].is_trouble) {
            json_string(j, "severity", corr_judgement_severity(judgements[i].rule));
        }
        if (judgements[i].frame > 0) {
            json_u64(j, "frame", judgements[i].frame);
        }
        json_end_object(j);
    }
    json_end_array(j);
}
