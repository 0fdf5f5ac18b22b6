/* SPDX-License-Identifier: MIT */
/* Entry: a manifest, read as a person's and as one of .NET's. Holds: either it is read,
 * or there is a sentence that says why not. */
#include <stdint.h>
#include <stdlib.h>

#include "etw/schema/manifest_xml.h"

static void read_as(const uint8_t *data, size_t size, enum etw_schema_source source)
{
    struct schema_store *store = NULL;
    struct etw_error error = {.text = ""};
    if (schema_store_new(&store, NULL) != ETW_OK) {
        return;
    }
    enum etw_status status =
        manifest_xml_read(store, (const char *)data, size, source, "input", &error);
    if (status != ETW_OK && error.text[0] == '\0') {
        abort();
    }
    schema_store_free(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_as(data, size, ETW_SCHEMA_MANIFEST);
    read_as(data, size, ETW_SCHEMA_EVENTSOURCE);
    return 0;
}
