/* SPDX-License-Identifier: MIT */
#include "etw/providers/binding.h"

/* clang-format off */
const struct provider_binding *const provider_list[] = {
    &ndis_capture_provider,
    &ras_capture_provider,
    &pktmon_provider,
    &system_config_provider,
    &tcpip_provider,
    &winsock_afd_provider,
    &smb_client_provider,
    &smb_server_provider,
    &smb_direct_provider,
    &kernel_process_provider,
    &kernel_network_provider,
    &classic_process_provider,
    &classic_tcpip_provider,
    &classic_udpip_provider,
    &services_provider,
    &dns_client_provider,
    &wfp_capture_provider,
    &name_resolution_provider,
    &http_service_provider,
    &webio_provider,
    &winhttp_provider,
    &wininet_provider,
    &lost_event_provider,
};
/* clang-format on */

const size_t provider_list_count = sizeof(provider_list) / sizeof(provider_list[0]);
