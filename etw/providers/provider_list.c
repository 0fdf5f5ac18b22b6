/* SPDX-License-Identifier: MIT */
#include "etw/providers/binding.h"

const struct provider_binding *const provider_list[] = {
    &ndis_capture_provider,
    &pktmon_provider,
    &system_config_provider,
};

const size_t provider_list_count = sizeof(provider_list) / sizeof(provider_list[0]);
