/* SPDX-License-Identifier: MIT */
#include "pcapout/event_sentences.h"

#include "pcapout/sentence_parts.h"

static event_sentence *const sentences[ETW_EVENT_KIND_COUNT] = {
    [ETW_EVENT_PACKET] = out_packet_sentence,
    [ETW_EVENT_INTERFACE] = out_interface_sentence,
    [ETW_EVENT_COMPONENT] = out_component_sentence,
    [ETW_EVENT_COMPONENT_FACT] = out_fact_sentence,
    [ETW_EVENT_PACKET_OFFLOAD] = out_offload_sentence,
    [ETW_EVENT_PACKET_HEADERS] = out_headers_sentence,
    [ETW_EVENT_FLOW_COUNTERS] = out_counters_sentence,
    [ETW_EVENT_DROP_COUNTERS] = out_counters_sentence,
    [ETW_EVENT_SYSTEM_BUILD] = out_build_sentence,
    [ETW_EVENT_SOCKET] = out_socket_sentence,
    [ETW_EVENT_PROCESS] = out_process_sentence,
    [ETW_EVENT_SERVICE] = out_service_sentence,
    [ETW_EVENT_ADDRESS] = out_address_sentence,
    [ETW_EVENT_NAME] = out_name_sentence,
    [ETW_EVENT_RECEPTION] = out_reception_sentence,
    [ETW_EVENT_HTTP] = out_http_sentence,
    [ETW_EVENT_CAPTURE_FILTER] = out_filter_sentence,
    [ETW_EVENT_LOST] = out_lost_sentence,
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
