/* SPDX-License-Identifier: MIT */
/*
 * manifest_templates.c - the fields of a template and the maps they use.
 *
 * To support a further type: add its name and number to the table.
 */
#include <stdlib.h>
#include <string.h>

#include "etw/schema/manifest_reader.h"

struct type_name {
    const char *name; /* without "win:" or "xs:" */
    uint16_t number;
};

/* [documented: eventman.xsd, tdh.h] The last ones are not in Microsoft's schema. */
static const struct type_name in_types[] = {
    {"UInt32", IN_UINT32},
    {"Pointer", IN_POINTER},
    {"UInt64", IN_UINT64},
    {"UnicodeString", IN_UNICODE_STRING},
    {"UInt16", IN_UINT16},
    {"Binary", IN_BINARY},
    {"UInt8", IN_UINT8},
    {"GUID", IN_GUID},
    {"AnsiString", IN_ANSI_STRING},
    {"Int8", IN_INT8},
    {"Int16", IN_INT16},
    {"Int32", IN_INT32},
    {"Int64", IN_INT64},
    {"Float", IN_FLOAT},
    {"Double", IN_DOUBLE},
    {"Boolean", IN_BOOLEAN},
    {"FILETIME", IN_FILETIME},
    {"SYSTEMTIME", IN_SYSTEMTIME},
    {"SID", IN_SID},
    {"HexInt32", IN_HEXINT32},
    {"HexInt64", IN_HEXINT64},
    {"CountedUnicodeString", IN_MANIFEST_COUNTED_STRING},
    {"CountedAnsiString", IN_MANIFEST_COUNTED_ANSI_STRING},
    {"CountedBinary", IN_MANIFEST_COUNTED_BINARY},
    {"SizeT", IN_SIZET},
};

/* Those that change what a value looks like; others say what the in-type says. */
static const struct type_name out_types[] = {
    {"string", OUT_STRING},
    {"dateTime", OUT_DATETIME},
    {"boolean", OUT_BOOLEAN},
    {"GUID", OUT_GUID},
    {"hexBinary", OUT_HEXBINARY},
    {"HexInt8", OUT_HEXINT8},
    {"HexInt16", OUT_HEXINT16},
    {"HexInt32", OUT_HEXINT32},
    {"HexInt64", OUT_HEXINT64},
    {"PID", OUT_PID},
    {"TID", OUT_TID},
    {"Port", OUT_PORT},
    {"IPv4", OUT_IPV4},
    {"IPv6", OUT_IPV6},
    {"SocketAddress", OUT_SOCKETADDRESS},
    {"CIMDateTime", OUT_CIMDATETIME},
    {"ETWTIME", OUT_ETWTIME},
    {"Xml", OUT_XML},
    {"ErrorCode", OUT_ERRORCODE},
    {"Win32Error", OUT_WIN32ERROR},
    {"NTSTATUS", OUT_NTSTATUS},
    {"HResult", OUT_HRESULT},
    {"DateTimeCultureInsensitive", OUT_CULTURE_INSENSITIVE_DATETIME},
    {"Json", OUT_JSON},
    {"Utf8", OUT_UTF8},
    {"Pkcs7WithTypeInfo", OUT_PKCS7},
    {"CodePointer", OUT_CODE_POINTER},
    {"DateTimeUtc", OUT_DATETIME_UTC},
};

/* The number of a type name with its prefix; 0: not known. */
static uint16_t find_type(const struct type_name *types, size_t count, const char *text)
{
    const char *colon = strchr(text, ':');
    const char *name = colon ? colon + 1 : text;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(types[i].name, name) == 0) {
            return types[i].number;
        }
    }
    return 0;
}

#define FIND_TYPE(types, text) find_type(types, sizeof(types) / sizeof((types)[0]), text)

/* ---- maps ---- */

static int compare_entries(const void *a, const void *b)
{
    const struct etw_map_entry *first = a;
    const struct etw_map_entry *second = b;
    if (first->value != second->value) {
        return first->value < second->value ? -1 : 1;
    }
    /* qsort may swap what is equal: the same text everywhere, whatever the library. */
    return strcmp(first->text, second->text);
}

static bool fill_map(struct manifest_reader *reader, const struct manifest_element *element,
                     struct etw_map *map, struct etw_map_entry *entries)
{
    for (const struct manifest_element *child = element->first_child; child; child = child->next) {
        if (!manifest_is(child, "map")) {
            continue;
        }
        const char *text = manifest_attribute(child, "value");
        uint64_t value;
        if (!text || !manifest_number(text, UINT32_MAX, &value)) {
            return manifest_fail(reader, child, "value \"%.40s\" of a map is not a 32-bit number",
                                 text ? text : "");
        }
        const char *message = manifest_message(reader, child);
        if (message) {
            entries[map->entry_count++] = (struct etw_map_entry){(uint32_t)value, message};
        }
    }
    if (map->entry_count > 1) {
        qsort(entries, map->entry_count, sizeof(*entries), compare_entries);
    }
    return true;
}

static const struct etw_map *compile_map(struct manifest_reader *reader,
                                         const struct manifest_element *element)
{
    const char *name = manifest_attribute(element, "name");
    struct etw_map *map = schema_arena_take(reader->arena, sizeof(*map));
    struct etw_map_entry *entries =
        schema_arena_take(reader->arena, manifest_count_children(element) * sizeof(*entries) + 1);
    const char *own_name = schema_arena_text(reader->arena, name, strlen(name));
    if (!map || !entries || !own_name) {
        (void)manifest_fail_memory(reader);
        return NULL;
    }
    map->name = own_name;
    map->is_bitmap = manifest_is(element, "bitMap");
    map->entries = entries;
    return fill_map(reader, element, map, entries) ? map : NULL;
}

/* ---- properties ---- */

/* A template, or the inside of a struct, while it is compiled. */
struct block {
    const struct block *outer; /* NULL: the template itself */
    uint16_t first, count;     /* the properties that stand already */
};

struct compiler {
    struct manifest_reader *reader;
    struct schema_property *properties; /* in the arena */
    uint16_t used;                      /* properties that have a place */
};

static bool is_property(const struct manifest_element *element)
{
    return manifest_is(element, "data") || manifest_is(element, "struct") ||
           manifest_is(element, "binary");
}

static size_t count_properties(const struct manifest_element *element, bool inside)
{
    size_t count = 0;
    for (const struct manifest_element *child = element->first_child; child; child = child->next) {
        if (is_property(child)) {
            count++;
            if (inside && manifest_is(child, "struct")) {
                count += count_properties(child, true);
            }
        }
    }
    return count;
}

/* The number of an earlier property, the nearest block first; -1: there is none. */
static int find_earlier(const struct compiler *compiler, const struct block *block,
                        const char *name)
{
    for (; block; block = block->outer) {
        for (uint16_t i = block->count; i-- > 0;) {
            if (strcmp(compiler->properties[block->first + i].name, name) == 0) {
                return block->first + i;
            }
        }
    }
    return -1;
}

/* length= and count= are numbers or names of earlier properties. */
static bool read_extent(struct compiler *compiler, const struct manifest_element *element,
                        const struct block *block, const char *attribute,
                        struct schema_property *property)
{
    bool is_length = attribute[0] == 'l';
    const char *text = manifest_attribute(element, attribute);
    if (!text) {
        return true;
    }
    uint64_t number;
    bool is_fixed = manifest_number(text, UINT16_MAX, &number);
    if (!is_fixed) {
        int earlier = find_earlier(compiler, block, text);
        if (earlier < 0) {
            return manifest_fail(compiler->reader, element,
                                 "%s \"%.80s\" is neither a number nor a field that stands before",
                                 attribute, text);
        }
        number = (uint64_t)earlier;
    }
    if (is_length) {
        property->length = (uint16_t)number;
        property->flags |= is_fixed ? PROPERTY_FIXED_LENGTH : PROPERTY_LENGTH_FROM;
    } else {
        property->count = (uint16_t)number;
        property->flags |= is_fixed ? PROPERTY_FIXED_COUNT : PROPERTY_COUNT_FROM;
    }
    return true;
}

static bool has_length(uint16_t in_type)
{
    return in_type == IN_UNICODE_STRING || in_type == IN_ANSI_STRING || in_type == IN_BINARY;
}

static bool read_map(struct compiler *compiler, const struct manifest_element *element,
                     struct schema_property *property)
{
    struct manifest_reader *reader = compiler->reader;
    const char *name = manifest_attribute(element, "map");
    if (!name) {
        return true;
    }
    struct manifest_named *found = manifest_index_find(&reader->maps, name);
    if (!found) {
        return reader->source == ETW_SCHEMA_EVENTSOURCE ||
               manifest_fail(reader, element, "there is no map \"%.80s\"", name);
    }
    if (!found->value) {
        const struct etw_map *map = compile_map(reader, found->element);
        if (!map) {
            return false;
        }
        found->value = map;
    }
    property->map = found->value;
    return true;
}

static bool read_types(struct compiler *compiler, const struct manifest_element *element,
                       struct schema_property *property)
{
    const char *in = manifest_attribute(element, "inType");
    const char *out = manifest_attribute(element, "outType");
    if (!in && manifest_is(element, "binary")) {
        in = "win:Binary";
    }
    property->in_type = in ? FIND_TYPE(in_types, in) : 0;
    if (property->in_type == 0) {
        return manifest_fail(compiler->reader, element, "inType \"%.80s\" is not known",
                             in ? in : "");
    }
    property->out_type = out ? FIND_TYPE(out_types, out) : 0;
    return true;
}

static bool compile_block(struct compiler *compiler, const struct manifest_element *element,
                          const struct block *outer, uint16_t *first);

static bool compile_property(struct compiler *compiler, const struct manifest_element *element,
                             const struct block *block, struct schema_property *property)
{
    struct manifest_reader *reader = compiler->reader;
    const char *name = manifest_attribute(element, "name");
    if (!name) {
        return manifest_fail(reader, element, "%s has no name", element->name);
    }
    property->name = schema_arena_text(reader->arena, name, strlen(name));
    if (!property->name) {
        return manifest_fail_memory(reader);
    }
    const char *optional = manifest_attribute(element, "optional");
    if (optional && strcmp(optional, "true") == 0) {
        property->flags |= PROPERTY_IS_OPTIONAL;
    }
    if (!read_extent(compiler, element, block, "count", property)) {
        return false;
    }
    if (manifest_is(element, "struct")) {
        property->flags |= PROPERTY_IS_STRUCT;
        property->member_count = (uint16_t)count_properties(element, false);
        return true;
    }
    return read_types(compiler, element, property) &&
           (!has_length(property->in_type) ||
            read_extent(compiler, element, block, "length", property)) &&
           read_map(compiler, element, property);
}

/* Places the members of one struct after another behind everything that has a place. */
static bool compile_structs(struct compiler *compiler, const struct manifest_element *element,
                            const struct block *outer, uint16_t first)
{
    struct block block = {outer, first, 0};
    for (const struct manifest_element *child = element->first_child; child; child = child->next) {
        if (!is_property(child)) {
            continue;
        }
        struct schema_property *property = &compiler->properties[first + block.count];
        /* Members may refer to what stands before their struct. */
        if (manifest_is(child, "struct") &&
            !compile_block(compiler, child, &block, &property->first_member)) {
            return false;
        }
        block.count++;
    }
    return true;
}

/* Recursion is bounded by the depth of the tree. */
static bool compile_block(struct compiler *compiler, const struct manifest_element *element,
                          const struct block *outer, uint16_t *first)
{
    struct block block = {outer, compiler->used, 0};
    *first = compiler->used;
    compiler->used = (uint16_t)(compiler->used + count_properties(element, false));
    for (const struct manifest_element *child = element->first_child; child; child = child->next) {
        if (!is_property(child)) {
            continue;
        }
        struct schema_property *property = &compiler->properties[block.first + block.count];
        if (!compile_property(compiler, child, &block, property)) {
            return false;
        }
        block.count++;
    }
    return compile_structs(compiler, element, outer, block.first);
}

static const struct manifest_template *compile_template(struct manifest_reader *reader,
                                                        const struct manifest_element *element)
{
    size_t count = count_properties(element, true);
    if (count > SCHEMA_PROPERTIES_MAXIMUM) {
        (void)manifest_fail(reader, element, "a template with %u fields; at most %u are read",
                            (unsigned)count, (unsigned)SCHEMA_PROPERTIES_MAXIMUM);
        return NULL;
    }
    struct manifest_template *template = schema_arena_take(reader->arena, sizeof(*template));
    struct compiler compiler = {.reader = reader};
    compiler.properties =
        schema_arena_take(reader->arena, (count + 1) * sizeof(*compiler.properties));
    if (!template || !compiler.properties) {
        (void)manifest_fail_memory(reader);
        return NULL;
    }
    uint16_t first;
    if (!compile_block(&compiler, element, NULL, &first)) {
        return NULL;
    }
    template->properties = compiler.properties;
    template->property_count = compiler.used;
    template->top_level_count = (uint16_t)count_properties(element, false);
    return template;
}

const struct manifest_template *manifest_template_find(struct manifest_reader *reader,
                                                       const struct manifest_element *user,
                                                       const char *name)
{
    struct manifest_named *found = manifest_index_find(&reader->templates, name);
    if (!found) {
        (void)manifest_fail(reader, user, "there is no template \"%.80s\"", name);
        return NULL;
    }
    if (!found->value) {
        found->value = compile_template(reader, found->element);
    }
    return found->value;
}
