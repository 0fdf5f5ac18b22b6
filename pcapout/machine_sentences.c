/* SPDX-License-Identifier: MIT */
/*
 * machine_sentences.c - the machine and its recorder in words: interfaces, addresses,
 * components and their counters; the system, capture filters, losses.
 */
#include "etw/trace.h"
#include "pcapout/filter_sentence.h"
#include "pcapout/sentence_parts.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

/* ---- what the machine has ---- */

static void add_mac(struct text *to, const char *before, const struct bytes *mac)
{
    for (size_t i = 0; i < mac->size; i++) {
        text_add_format(to, "%s%02x", i == 0 ? before : ":", mac->data[i]);
    }
}

bool out_interface_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_interface *interface = &event->u.interface;
    char guid[GUID_TEXT_SIZE];
    guid_format(&interface->guid, guid);
    sentence_add_number(to, "interface ", interface->index);
    sentence_add_text16(to, " is ", &interface->alias);
    sentence_add_text16(to, ", ", &interface->description);
    sentence_add_number(to, ", type ", interface->type);
    add_mac(to, ", ", &interface->mac);
    if (interface->speed != 0 && interface->speed != UINT64_MAX) {
        sentence_add_number(to, ", ", interface->speed);
        text_add(to, " bit/s");
    }
    text_add(to, ", ");
    text_add(to, guid);
    return true;
}

bool out_address_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_host_address *address = &event->u.address;
    const struct bytes value = {.data = address->address.bytes, .size = address->address.size};
    const struct bytes *list = &address->list;
    sentence_add_number(to, "interface ", address->interface_index);
    if (value.size == 0 && list->size == 0) {
        text_add(to, " has no address");
        return true;
    }
    text_add(to, address->is_gone ? " no longer has" : " has");
    text_add(to, list->size > 0 ? " the addresses" : " the address");
    sentence_add_value(to, " ", value.size == 4 ? ETW_FIELD_IPV4 : ETW_FIELD_IPV6, &value);
    sentence_add_text16(to, " ", list);
    return true;
}

bool out_component_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_component *component = &event->u.component;
    sentence_add_number(to, "component ", component->id);
    sentence_add_text16(to, " is ", &component->name);
    sentence_add_text16(to, ", ", &component->description);
    text_add(to, ", type ");
    sentence_add_name_or_number(to, etw_component_type_name(component->type), component->type);
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
    sentence_add_name_or_number(to, name, medium);
}

bool out_fact_sentence(const struct etw_event *event, struct text *to)
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
    sentence_add_number(to, "component ", fact->component);
    text_add(to, words[fact->kind]);
    if (fact->kind == ETW_FACT_MAC) {
        add_mac(to, " ", &fact->bytes);
    } else if (fact->kind == ETW_FACT_IPV4 || fact->kind == ETW_FACT_IPV6) {
        bool is_ipv4 = fact->kind == ETW_FACT_IPV4;
        sentence_add_value(to, "", is_ipv4 ? ETW_FIELD_IPV4 : ETW_FIELD_IPV6, &fact->bytes);
    } else if (fact->kind == ETW_FACT_MEDIUM) {
        add_medium(to, fact->number);
    } else {
        text_add_u64(to, fact->number);
    }
    return true;
}

static void add_counter(struct text *to, const char *before, const struct etw_counter *counter)
{
    sentence_add_direction_tag(to, before, counter->direction_tag);
    sentence_add_number(to, " ", counter->packets);
    text_add(to, counter->packets == 1 ? " packet" : " packets");
    sentence_add_number(to, " of ", counter->bytes);
    text_add(to, counter->bytes == 1 ? " byte" : " bytes");
}

bool out_counters_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_counters *counters = &event->u.counters;
    bool is_drop = event->kind == ETW_EVENT_DROP_COUNTERS;
    sentence_add_number(to, "component ", counters->component);
    if (!is_drop) {
        sentence_add_number(to, " edge ", counters->edge);
        sentence_add_text16(to, " ", &counters->edge_name);
    }
    text_add(to, is_drop ? " dropped" : " counted");
    add_counter(to, ": ", &counters->in);
    add_counter(to, ", ", &counters->out);
    return true;
}

/* ---- the recorder ---- */

bool out_build_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_system_build *build = &event->u.build;
    text_add(to, "recorded");
    sentence_add_text16(to, " by ", &build->product);
    sentence_add_text16(to, build->product.size > 0 ? ", build " : " by build ", &build->build_lab);
    sentence_add_text16(to, " on ", &build->computer);
    sentence_add_text16(to, " of ", &build->domain);
    return build->product.size > 0 || build->build_lab.size > 0 || build->computer.size > 0;
}

bool out_filter_sentence(const struct etw_event *event, struct text *to)
{
    const struct etw_capture_filter *filter = &event->u.filter;
    if (filter->capture == ETW_CAPTURE_PKTMON) {
        sentence_add_number(to, "filter ", filter->id);
        sentence_add_text16(to, " ", &filter->name);
        text_add(to, ": ");
    } else {
        text_add(to, "capture rule: ");
    }
    out_filter_add_text(filter, to);
    return true;
}

bool out_lost_sentence(const struct etw_event *event, struct text *to)
{
    static const char *const words[] = {[ETW_LOST_EVENT] = "an event was lost while recording",
                                        [ETW_LOST_BUFFER] = "a buffer was lost while recording",
                                        [ETW_LOST_FILE] = "a file of the recorder was lost"};
    text_add(to, words[event->u.lost]);
    return true;
}
