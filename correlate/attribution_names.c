/* SPDX-License-Identifier: MIT */
#include "correlate/attribution.h"

static const char *const no_owner_names[CORR_NO_OWNER_COUNT] = {
    [CORR_OWNED] = "",
    [CORR_NO_SOCKET] = "no-socket",
    [CORR_NO_ENDPOINT] = "no-endpoint",
    [CORR_SHARED] = "shared",
    [CORR_AMBIGUOUS] = "ambiguous",
    [CORR_NOT_LOCAL] = "not-local",
    [CORR_NO_EVENTS] = "no-events",
    [CORR_UNKNOWN] = "unknown",
};

static const char *const confidence_names[] = {
    [CORR_NO_CONFIDENCE] = "",
    [CORR_LIKELY] = "likely",
    [CORR_STRONG] = "strong",
    [CORR_CERTAIN] = "certain",
};

const char *corr_no_owner_name(enum corr_no_owner reason)
{
    return no_owner_names[reason];
}

const char *corr_confidence_name(enum corr_confidence confidence)
{
    return confidence_names[confidence];
}
