/* SPDX-License-Identifier: MIT */
#include "correlate/receptions.h"

static void forget(struct corr_receptions *receptions, size_t row)
{
    receptions->waiting[row] = receptions->waiting[--receptions->count];
}

static void lose(struct corr_receptions *receptions, size_t row)
{
    findings_count(receptions->findings, FINDING_RECEPTION_WITHOUT_FRAME,
                   receptions->waiting[row].offset, 0);
    forget(receptions, row);
}

/* Returns `count` when there is none. */
static size_t find_row(const struct corr_receptions *receptions, const struct etw_record *record,
                       uint32_t interface_index, uint32_t lower_index)
{
    size_t row = 0;
    for (; row < receptions->count; row++) {
        const struct corr_waiting_reception *waiting = &receptions->waiting[row];
        if (waiting->thread_id == record->thread_id && waiting->cpu == record->cpu &&
            waiting->reception.interface_index == interface_index &&
            waiting->reception.lower_index == lower_index) {
            break;
        }
    }
    return row;
}

static size_t find_oldest(const struct corr_receptions *receptions)
{
    size_t oldest = 0;
    for (size_t row = 1; row < receptions->count; row++) {
        if (receptions->waiting[row].time < receptions->waiting[oldest].time) {
            oldest = row;
        }
    }
    return oldest;
}

void corr_receptions_add(struct corr_receptions *receptions, const struct etw_event *event)
{
    const struct etw_record *record = event->record;
    const struct etw_reception *reception = &event->u.reception;
    size_t row = find_row(receptions, record, reception->interface_index, reception->lower_index);
    if (row < receptions->count) {
        lose(receptions, row);
    }
    if (!reception->is_readable) {
        findings_count(receptions->findings, FINDING_RECEPTION_UNREADABLE, record->offset, 0);
        return;
    }
    if (receptions->count == CORR_RECEPTIONS_MAXIMUM) {
        lose(receptions, find_oldest(receptions));
    }
    receptions->waiting[receptions->count++] = (struct corr_waiting_reception){
        .reception = *reception,
        .time = record->time,
        .offset = record->offset,
        .thread_id = record->thread_id,
        .cpu = record->cpu,
    };
}

bool corr_receptions_take(struct corr_receptions *receptions, const struct etw_event *event,
                          struct etw_reception *out)
{
    const struct etw_packet *packet = &event->u.packet;
    const struct etw_record *record = event->record;
    if (packet->capture != ETW_CAPTURE_NDIS || !packet->is_start ||
        packet->link != ETW_LINK_IEEE80211 || packet->direction == ETW_DIRECTION_OUT) {
        return false;
    }
    size_t row = find_row(receptions, record, packet->interface_index, packet->lower_index);
    if (row == receptions->count) {
        return false;
    }
    if ((uint64_t)record->time - (uint64_t)receptions->waiting[row].time > CORR_RECEPTION_WINDOW) {
        lose(receptions, row);
        return false;
    }
    *out = receptions->waiting[row].reception;
    forget(receptions, row);
    return true;
}

void corr_receptions_finish(struct corr_receptions *receptions)
{
    while (receptions->count > 0) {
        lose(receptions, receptions->count - 1);
    }
}
