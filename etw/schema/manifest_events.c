/* SPDX-License-Identifier: MIT */
/*
 * manifest_events.c - providers, events and texts of a manifest.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "etw/schema/manifest_reader.h"

/* ---- for all parts ---- */

bool manifest_fail(struct manifest_reader *reader, const struct manifest_element *element,
                   const char *format, ...)
{
    char sentence[220];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    reader->status = etw_fail(reader->error, ETW_ERR_INPUT, ETW_NO_OFFSET, "%.160s, line %u: %s",
                              reader->place, element->line, sentence);
    return false;
}

bool manifest_fail_memory(struct manifest_reader *reader)
{
    reader->status = etw_fail(reader->error, ETW_ERR_LIMIT, ETW_NO_OFFSET,
                              "%.160s: no room for more schemas (at most %u MB of them)",
                              reader->place, SCHEMA_ARENA_MAXIMUM >> 20);
    return false;
}

const char *manifest_message(struct manifest_reader *reader, const struct manifest_element *element)
{
    static const char begin[] = "$(string.";
    const char *text = manifest_attribute(element, "message");
    if (text && strncmp(text, begin, sizeof(begin) - 1) == 0) {
        char name[256];
        const char *id = text + sizeof(begin) - 1;
        size_t size = strcspn(id, ")");
        if (size >= sizeof(name)) {
            return NULL;
        }
        memcpy(name, id, size);
        name[size] = '\0';
        const struct manifest_named *found = manifest_index_find(&reader->strings, name);
        text = found ? manifest_attribute(found->element, "value") : NULL;
    }
    return text ? schema_arena_text(reader->arena, text, strlen(text)) : NULL;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

bool manifest_number(const char *text, uint64_t maximum, uint64_t *out)
{
    unsigned base = 10;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    }
    uint64_t value = 0;
    const char *at = text;
    for (; *at; at++) {
        unsigned digit = (unsigned)digit_value(*at);
        if (digit >= base || value > (maximum - digit % base) / base) {
            return false;
        }
        value = value * base + digit;
    }
    if (at == text || value > maximum) {
        return false;
    }
    *out = value;
    return true;
}

/* ---- string tables ---- */

static bool add_string(void *context, const struct manifest_element *string)
{
    struct manifest_reader *reader = context;
    const char *id = manifest_attribute(string, "id");
    if (id && !manifest_index_add(&reader->strings, id, string)) {
        return manifest_fail_memory(reader);
    }
    return true;
}

struct culture_choice {
    struct manifest_reader *reader;
    bool is_english; /* the round for English tables; the others come after it */
};

static bool add_resources(void *context, const struct manifest_element *resources)
{
    struct culture_choice *choice = context;
    const char *culture = manifest_attribute(resources, "culture");
    bool is_english = culture && strncmp(culture, "en", 2) == 0;
    return is_english != choice->is_english ||
           manifest_walk(resources, "string", add_string, choice->reader);
}

static bool read_strings(struct manifest_reader *reader, const struct manifest_element *root)
{
    struct culture_choice choice = {reader, true};
    if (!manifest_walk(root, "resources", add_resources, &choice)) {
        return false;
    }
    choice.is_english = false;
    return manifest_walk(root, "resources", add_resources, &choice);
}

/* ---- events ---- */

struct provider {
    struct manifest_reader *reader;
    struct guid guid;
    const char *name, *origin; /* in the arena; NULL: none */
};

/* Names like win:None are the reader's own and name nothing. */
static const char *usable_name(const char *name)
{
    return name && *name && strncmp(name, "win:", 4) != 0 ? name : NULL;
}

/* EventSource writes the method's name as the symbol, and a task made of it. */
static const char *event_name(const struct provider *provider, const struct manifest_element *event)
{
    const char *task = usable_name(manifest_attribute(event, "task"));
    const char *symbol = usable_name(manifest_attribute(event, "symbol"));
    bool symbol_first = provider->reader->source == ETW_SCHEMA_EVENTSOURCE;
    const char *name = (symbol_first && symbol) || !task ? symbol : task;
    return name ? schema_arena_text(provider->reader->arena, name, strlen(name)) : NULL;
}

/* A number that the element must have, or 0 when it may be missing and is. */
static bool read_number(struct manifest_reader *reader, const struct manifest_element *element,
                        const char *attribute, bool is_required, uint64_t maximum, uint64_t *out)
{
    const char *text = manifest_attribute(element, attribute);
    *out = 0;
    if (!text && !is_required) {
        return true;
    }
    if (!text) {
        return manifest_fail(reader, element, "%s has no %s", element->name, attribute);
    }
    return manifest_number(text, maximum, out) ||
           manifest_fail(reader, element, "%s \"%.40s\" is not a number from 0 to %u", attribute,
                         text, (unsigned)maximum);
}

static bool read_event(struct provider *provider, const struct manifest_element *event)
{
    struct manifest_reader *reader = provider->reader;
    uint64_t id;
    uint64_t version;
    if (!read_number(reader, event, "value", true, UINT16_MAX, &id) ||
        !read_number(reader, event, "version", false, UINT8_MAX, &version)) {
        return false;
    }
    struct event_schema schema = {.provider = provider->guid,
                                  .id = (uint16_t)id,
                                  .version = (uint8_t)version,
                                  .source = reader->source,
                                  .origin = provider->origin,
                                  .provider_name = provider->name,
                                  .event_name = event_name(provider, event),
                                  .message = manifest_message(reader, event)};
    const char *name = manifest_attribute(event, "template");
    if (name) {
        const struct manifest_template *found = manifest_template_find(reader, event, name);
        if (!found) {
            return false;
        }
        schema.properties = found->properties;
        schema.property_count = found->property_count;
        schema.top_level_count = found->top_level_count;
    }
    if (!event_schema_is_sound(&schema)) {
        return manifest_fail(reader, event, "event %u has a template that contradicts itself",
                             (unsigned)id);
    }
    return schema_store_add(reader->store, &schema) || manifest_fail_memory(reader);
}

/* False ends the reading; EventSource's own slips cost one event each. */
static bool visit_event(void *context, const struct manifest_element *event)
{
    struct provider *provider = context;
    struct manifest_reader *reader = provider->reader;
    if (read_event(provider, event)) {
        return true;
    }
    if (reader->source != ETW_SCHEMA_EVENTSOURCE || reader->status != ETW_ERR_INPUT) {
        return false;
    }
    reader->status = ETW_OK;
    return true;
}

/* ---- providers ---- */

struct naming {
    struct manifest_reader *reader;
    struct manifest_index *index;
    const char *attribute; /* that has the name */
};

static bool add_named(void *context, const struct manifest_element *element)
{
    struct naming *naming = context;
    const char *name = manifest_attribute(element, naming->attribute);
    if (!name) {
        return manifest_fail(naming->reader, element, "%s has no %s", element->name,
                             naming->attribute);
    }
    return manifest_index_add(naming->index, name, element) || manifest_fail_memory(naming->reader);
}

static bool read_provider(struct provider *provider, const struct manifest_element *element)
{
    struct manifest_reader *reader = provider->reader;
    struct naming templates = {reader, &reader->templates, "tid"};
    struct naming maps = {reader, &reader->maps, "name"};
    const char *guid = manifest_attribute(element, "guid");
    if (!guid || !guid_parse(guid, &provider->guid)) {
        return manifest_fail(reader, element, "provider %.80s has no valid guid",
                             guid ? guid : "without one");
    }
    const char *name = manifest_attribute(element, "name");
    provider->name = name ? schema_arena_text(reader->arena, name, strlen(name)) : NULL;
    provider->origin =
        reader->origin ? schema_arena_text(reader->arena, reader->origin, strlen(reader->origin))
                       : NULL;
    return manifest_walk(element, "template", add_named, &templates) &&
           manifest_walk(element, "valueMap", add_named, &maps) &&
           manifest_walk(element, "bitMap", add_named, &maps) &&
           manifest_walk(element, "event", visit_event, provider);
}

struct provider_walk {
    struct manifest_reader *reader;
    size_t count;
};

static bool visit_provider(void *context, const struct manifest_element *element)
{
    struct provider_walk *walk = context;
    struct provider provider = {.reader = walk->reader};
    walk->count++;
    bool done = read_provider(&provider, element);
    manifest_index_done(&walk->reader->templates);
    manifest_index_done(&walk->reader->maps);
    return done;
}

void manifest_read_events(struct manifest_reader *reader, const struct manifest_element *root)
{
    struct provider_walk walk = {reader, 0};
    if (read_strings(reader, root) && manifest_walk(root, "provider", visit_provider, &walk) &&
        walk.count == 0) {
        (void)manifest_fail(reader, root,
                            "there is no provider in it: not an instrumentation manifest");
    }
    manifest_index_done(&reader->strings);
}
