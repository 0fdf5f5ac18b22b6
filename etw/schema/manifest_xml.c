/* SPDX-License-Identifier: MIT */
/*
 * manifest_xml.c - XML to a tree of elements. No other file knows the XML parser.
 */
#include "etw/schema/manifest_xml.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include "etw/platform/platform.h"
#include "etw/schema/manifest_reader.h"

struct tree_builder {
    xmlParserCtxtPtr parser; /* owned; names of elements and attributes live in it */
    struct schema_arena arena;
    struct manifest_element *root;
    struct manifest_element *path[MANIFEST_DEPTH_MAXIMUM];
    size_t depth;
    const char *why; /* static; NULL: we did not stop it */
    uint32_t line;   /* where we stopped it */
    enum etw_status status;
};

static uint32_t current_line(const struct tree_builder *builder)
{
    int line = builder->parser->input ? builder->parser->input->line : 0;
    return line > 0 ? (uint32_t)line : 0;
}

static void stop_parser(struct tree_builder *builder, enum etw_status status, const char *why)
{
    if (!builder->why) {
        builder->status = status;
        builder->why = why;
        builder->line = current_line(builder);
    }
    xmlStopParser(builder->parser);
}

/* The parser hands over attributes as local name, prefix, namespace, begin and end
 * of the value. */
enum { ATTRIBUTE_NAME, ATTRIBUTE_PREFIX, ATTRIBUTE_URI, ATTRIBUTE_BEGIN, ATTRIBUTE_END, PARTS };

static size_t value_size(const xmlChar **parts)
{
    return (size_t)(parts[ATTRIBUTE_END] - parts[ATTRIBUTE_BEGIN]);
}

/* With entities left alone the parser hands over every & as &#38;. The copy is never
 * longer than the value; its NUL is there, because the arena is zeroed. */
static void copy_value(char *to, const xmlChar **parts)
{
    static const char ampersand[] = "&#38;";
    const char *from = (const char *)parts[ATTRIBUTE_BEGIN];
    const char *end = (const char *)parts[ATTRIBUTE_END];
    while (from < end) {
        size_t size = sizeof(ampersand) - 1;
        bool is_escaped = (size_t)(end - from) >= size && memcmp(from, ampersand, size) == 0;
        *to++ = *from;
        from += is_escaped ? size : 1;
    }
}

static struct manifest_element *make_element(struct tree_builder *builder, const xmlChar *name,
                                             size_t count, const xmlChar **attributes)
{
    size_t texts = 0;
    for (size_t i = 0; i < count; i++) {
        texts += value_size(attributes + i * PARTS) + 1;
    }
    struct manifest_element *element = schema_arena_take(
        &builder->arena, sizeof(*element) + count * sizeof(*element->attributes) + texts);
    if (!element) {
        return NULL;
    }
    struct manifest_attribute *own = (struct manifest_attribute *)(element + 1);
    char *text = (char *)(own + count);
    for (size_t i = 0; i < count; i++) {
        const xmlChar **parts = attributes + i * PARTS;
        own[i].name = (const char *)parts[ATTRIBUTE_NAME];
        own[i].value = text;
        copy_value(text, parts);
        text += value_size(parts) + 1;
    }
    element->name = (const char *)name;
    element->attributes = own;
    element->attribute_count = count;
    element->line = current_line(builder);
    return element;
}

/* NOLINTNEXTLINE(readability-function-size): the parser wants these parameters */
static void start_element(void *context, const xmlChar *name, const xmlChar *prefix,
                          const xmlChar *uri, int namespace_count, const xmlChar **namespaces,
                          int attribute_count, int defaulted_count, const xmlChar **attributes)
{
    (void)prefix;
    (void)uri;
    (void)namespace_count;
    (void)namespaces;
    (void)defaulted_count;
    struct tree_builder *builder = context;
    if (builder->why) {
        return;
    }
    if (builder->depth == MANIFEST_DEPTH_MAXIMUM) {
        stop_parser(builder, ETW_ERR_LIMIT, "elements are nested too deeply for a manifest");
        return;
    }
    struct manifest_element *element =
        make_element(builder, name, (size_t)attribute_count, attributes);
    if (!element) {
        stop_parser(builder, ETW_ERR_LIMIT, "the manifest is too large");
        return;
    }
    if (builder->depth > 0) {
        struct manifest_element *parent = builder->path[builder->depth - 1];
        if (parent->last_child) {
            parent->last_child->next = element;
        } else {
            parent->first_child = element;
        }
        parent->last_child = element;
    } else {
        builder->root = element;
    }
    builder->path[builder->depth++] = element;
}

static void end_element(void *context, const xmlChar *name, const xmlChar *prefix,
                        const xmlChar *uri)
{
    (void)name;
    (void)prefix;
    (void)uri;
    struct tree_builder *builder = context;
    if (!builder->why && builder->depth > 0) {
        builder->depth--;
    }
}

/* Called at <!DOCTYPE, before anything in it is looked at. */
static void refuse_document_type(void *context, const xmlChar *name, const xmlChar *external_id,
                                 const xmlChar *system_id)
{
    (void)name;
    (void)external_id;
    (void)system_id;
    stop_parser(context, ETW_ERR_INPUT,
                "a document type declaration (<!DOCTYPE ...>) is not allowed in a manifest");
}

/* The parser's own sentence, without control characters and its line end. */
static void copy_sentence(const char *from, char *to, size_t size)
{
    size_t length = 0;
    for (; from && from[length] && length < size - 1; length++) {
        unsigned char c = (unsigned char)from[length];
        to[length] = c < 0x20 || c == 0x7f ? ' ' : (char)c;
    }
    while (length > 0 && to[length - 1] == ' ') {
        length--;
    }
    to[length] = '\0';
}

static enum etw_status report_failure(const struct tree_builder *builder, const char *place,
                                      struct etw_error *error)
{
    if (builder->why) {
        return etw_fail(error, builder->status, ETW_NO_OFFSET, "%.160s, line %u: %s", place,
                        builder->line, builder->why);
    }
    const xmlError *last = xmlCtxtGetLastError(builder->parser);
    char sentence[160] = "";
    copy_sentence(last ? last->message : NULL, sentence, sizeof(sentence));
    return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET, "%.160s, line %u: not well-formed XML: %s",
                    place, last && last->line > 0 ? (unsigned)last->line : current_line(builder),
                    sentence[0] ? sentence : "it ends too early");
}

static bool parse(struct tree_builder *builder, const char *data, size_t size)
{
    builder->parser = size > 0 ? xmlCreateMemoryParserCtxt(data, (int)size) : NULL;
    if (!builder->parser) {
        return false;
    }
    xmlSAXHandler handler = {0};
    handler.initialized = XML_SAX2_MAGIC;
    handler.startElementNs = start_element;
    handler.endElementNs = end_element;
    handler.internalSubset = refuse_document_type;
    *builder->parser->sax = handler;
    builder->parser->userData = builder;
    /* Neither XML_PARSE_NOENT nor XML_PARSE_HUGE: the parser's own limits stay on. */
    if (xmlCtxtUseOptions(builder->parser, XML_PARSE_NONET | XML_PARSE_NOERROR |
                                               XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES) != 0) {
        return false;
    }
    return xmlParseDocument(builder->parser) == 0 && !builder->why && builder->root != NULL;
}

static void builder_done(struct tree_builder *builder)
{
    if (builder->parser) {
        xmlFreeDoc(builder->parser->myDoc);
        xmlFreeParserCtxt(builder->parser);
    }
    schema_arena_done(&builder->arena);
}

enum etw_status manifest_xml_read(struct schema_store *store, const char *data, size_t size,
                                  enum etw_schema_source source, const char *origin,
                                  struct etw_error *error)
{
    const char *place = origin ? origin : "a manifest";
    if (size > MANIFEST_SIZE_MAXIMUM || size > INT_MAX) {
        return etw_fail(error, ETW_ERR_LIMIT, ETW_NO_OFFSET,
                        "%.160s is larger than 64 MB: no manifest is", place);
    }
    if (size == 0) {
        return etw_fail(error, ETW_ERR_INPUT, ETW_NO_OFFSET, "%.160s is empty", place);
    }
    struct tree_builder builder = {0};
    enum etw_status status;
    if (parse(&builder, data, size)) {
        struct manifest_reader reader = {.store = store,
                                         .arena = schema_store_arena(store),
                                         .source = source,
                                         .origin = origin,
                                         .place = place,
                                         .error = error};
        manifest_read_events(&reader, builder.root);
        status = reader.status;
    } else if (builder.parser) {
        status = report_failure(&builder, place, error);
    } else {
        status = etw_fail_memory(error, "the XML parser");
    }
    builder_done(&builder);
    return status;
}

enum etw_status manifest_xml_read_file(struct schema_store *store, const char *path,
                                       struct etw_error *error)
{
    struct platform_file *file = NULL;
    enum etw_status status = platform_file_open(path, &file, error);
    if (status != ETW_OK) {
        return status;
    }
    char *data = NULL;
    size_t got = 0;
    uint64_t size = platform_file_size(file);
    if (size > MANIFEST_SIZE_MAXIMUM) {
        status = etw_fail(error, ETW_ERR_LIMIT, ETW_NO_OFFSET,
                          "%.160s is larger than 64 MB: no manifest is", path);
        goto done;
    }
    data = malloc((size_t)size + 1);
    if (!data) {
        status = etw_fail_memory(error, "a manifest");
        goto done;
    }
    status = platform_file_read(file, 0, data, (size_t)size, &got, error);
    if (status == ETW_OK) {
        status = manifest_xml_read(store, data, got, ETW_SCHEMA_MANIFEST, path, error);
    }

done:
    free(data);
    platform_file_close(file);
    return status;
}
