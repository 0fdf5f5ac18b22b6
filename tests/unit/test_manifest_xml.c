/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "etw/base/text.h"
#include "etw/record.h"
#include "etw/schema/manifest_xml.h"

#define COUNT_OF(rows) (sizeof(rows) / sizeof((rows)[0]))

#define GUID_TEXT "{00112233-4455-6677-8899-aabbccddeeff}"
static const struct guid provider_guid =
    GUID_OF(0x00112233, 0x4455, 0x6677, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff);

#define HEAD                                                                                       \
    "<instrumentationManifest xmlns=\"http://schemas.microsoft.com/win/2004/08/events\">\n"        \
    "<instrumentation><events>\n"                                                                  \
    "<provider name=\"Test-Provider\" guid=\"" GUID_TEXT "\" symbol=\"T\">\n"
#define TAIL "</provider></events></instrumentation>\n"
#define END  "</instrumentationManifest>"

/* One event with one template; what is inside the template varies. */
#define ONE_EVENT(fields)                                                                          \
    HEAD "<events><event value=\"7\" version=\"2\" task=\"Work\" template=\"t\"/></events>\n"      \
         "<templates><template tid=\"t\">\n" fields "\n</template></templates>\n" TAIL END

static struct schema_store *new_store(void)
{
    struct schema_store *store = NULL;
    assert_int_equal(schema_store_new(&store, NULL), ETW_OK);
    return store;
}

/* Exactly as long as it is, so that a read behind the end is seen. */
static enum etw_status read_bytes(struct schema_store *store, const void *data, size_t size,
                                  enum etw_schema_source source, struct etw_error *error)
{
    char *copy = malloc(size > 0 ? size : 1);
    assert_non_null(copy);
    memcpy(copy, data, size);
    enum etw_status status = manifest_xml_read(store, copy, size, source, "test.man", error);
    free(copy);
    return status;
}

static const struct event_schema *find(struct schema_store *store, uint16_t id, uint8_t version)
{
    const char *why = NULL;
    struct etw_record record = {.kind = RECORD_EVENT64,
                                .class_of = RECORD_IS_MANIFEST,
                                .pointer_size = 8,
                                .id = id,
                                .version = version,
                                .provider = provider_guid.bytes};
    return schema_store_find(store, &record, &why);
}

static const struct event_schema *read_one(struct schema_store *store, const char *xml)
{
    struct etw_error error = {.text = ""};
    if (read_bytes(store, xml, strlen(xml), ETW_SCHEMA_MANIFEST, &error) != ETW_OK) {
        fail_msg("%s", error.text);
    }
    const struct event_schema *schema = find(store, 7, 2);
    assert_non_null(schema);
    return schema;
}

/* ---- fields ---- */

static const struct field_case {
    const char *xml; /* stands behind a field N of one byte */
    uint16_t in_type, out_type, flags, count, length;
} field_cases[] = {
    {"inType='win:UnicodeString'", IN_UNICODE_STRING, 0, 0, 0, 0},
    {"inType='win:UnicodeString' length='N'", IN_UNICODE_STRING, 0, PROPERTY_LENGTH_FROM, 0, 0},
    {"inType='win:UnicodeString' length='12'", IN_UNICODE_STRING, 0, PROPERTY_FIXED_LENGTH, 0, 12},
    {"inType='win:AnsiString' outType='win:Utf8'", IN_ANSI_STRING, OUT_UTF8, 0, 0, 0},
    {"inType='win:AnsiString' length='0'", IN_ANSI_STRING, 0, PROPERTY_FIXED_LENGTH, 0, 0},
    {"inType='win:Int8' outType='xs:string'", IN_INT8, OUT_STRING, 0, 0, 0},
    {"inType='win:UInt8' count='N'", IN_UINT8, 0, PROPERTY_COUNT_FROM, 0, 0},
    {"inType='win:Int16'", IN_INT16, 0, 0, 0, 0},
    {"inType='win:UInt16' outType='win:Port'", IN_UINT16, OUT_PORT, 0, 0, 0},
    {"inType='win:Int32' outType='win:HResult'", IN_INT32, OUT_HRESULT, 0, 0, 0},
    {"inType='win:UInt32' outType='win:IPv4'", IN_UINT32, OUT_IPV4, 0, 0, 0},
    {"inType='win:UInt32' outType='win:NTSTATUS'", IN_UINT32, OUT_NTSTATUS, 0, 0, 0},
    {"inType='win:UInt32' outType='win:Win32Error'", IN_UINT32, OUT_WIN32ERROR, 0, 0, 0},
    {"inType='win:UInt32' outType='xs:unsignedInt'", IN_UINT32, 0, 0, 0, 0},
    {"inType='win:UInt32' outType='win:FromTomorrow'", IN_UINT32, 0, 0, 0, 0},
    {"inType='win:Int64' count='3'", IN_INT64, 0, PROPERTY_FIXED_COUNT, 3, 0},
    {"inType='win:UInt64' outType='win:ETWTIME'", IN_UINT64, OUT_ETWTIME, 0, 0, 0},
    {"inType='win:Float'", IN_FLOAT, 0, 0, 0, 0},
    {"inType='win:Double' count='1'", IN_DOUBLE, 0, PROPERTY_FIXED_COUNT, 1, 0},
    {"inType='win:Boolean' outType='xs:boolean'", IN_BOOLEAN, OUT_BOOLEAN, 0, 0, 0},
    {"inType='win:Binary' length='N'", IN_BINARY, 0, PROPERTY_LENGTH_FROM, 0, 0},
    {"inType='win:Binary' length='6'", IN_BINARY, 0, PROPERTY_FIXED_LENGTH, 0, 6},
    {"inType='win:Binary' length='0x10' outType='win:IPv6'", IN_BINARY, OUT_IPV6,
     PROPERTY_FIXED_LENGTH, 0, 16},
    {"inType='win:Binary' length='N' outType='win:SocketAddress'", IN_BINARY, OUT_SOCKETADDRESS,
     PROPERTY_LENGTH_FROM, 0, 0},
    {"inType='win:GUID' outType='xs:GUID'", IN_GUID, OUT_GUID, 0, 0, 0},
    {"inType='win:Pointer' outType='win:CodePointer'", IN_POINTER, OUT_CODE_POINTER, 0, 0, 0},
    {"inType='win:FILETIME' outType='win:DateTimeUtc'", IN_FILETIME, OUT_DATETIME_UTC, 0, 0, 0},
    {"inType='win:SYSTEMTIME'", IN_SYSTEMTIME, 0, 0, 0, 0},
    {"inType='win:SID'", IN_SID, 0, 0, 0, 0},
    {"inType='win:HexInt32'", IN_HEXINT32, 0, 0, 0, 0},
    {"inType='win:HexInt64' optional='true'", IN_HEXINT64, 0, PROPERTY_IS_OPTIONAL, 0, 0},
    {"inType='win:CountedUnicodeString'", IN_MANIFEST_COUNTED_STRING, 0, 0, 0, 0},
    {"inType='win:CountedAnsiString'", IN_MANIFEST_COUNTED_ANSI_STRING, 0, 0, 0, 0},
    {"inType='win:CountedBinary'", IN_MANIFEST_COUNTED_BINARY, 0, 0, 0, 0},
    {"inType='win:UInt32' length='4'", IN_UINT32, 0, 0, 0, 0},
};

static void every_type_length_and_count_is_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(field_cases); i++) {
        const struct field_case *test = &field_cases[i];
        char xml[2048];
        (void)snprintf(xml, sizeof(xml),
                       ONE_EVENT("<data name='N' inType='win:UInt8'/><data name='F' %s/>"),
                       test->xml);
        struct schema_store *store = new_store();
        const struct event_schema *schema = read_one(store, xml);
        assert_int_equal(schema->property_count, 2);
        const struct schema_property *property = &schema->properties[1];
        if (property->in_type != test->in_type || property->out_type != test->out_type ||
            property->flags != test->flags || property->count != test->count ||
            property->length != test->length) {
            fail_msg("%s: in %u out %u flags 0x%x count %u length %u", test->xml, property->in_type,
                     property->out_type, property->flags, property->count, property->length);
        }
        assert_string_equal(property->name, "F");
        schema_store_free(store);
    }
}

static void an_event_has_its_names_and_origin(void **state)
{
    (void)state;
    struct schema_store *store = new_store();
    const struct event_schema *schema =
        read_one(store, HEAD "<events>"
                             "<event value='0x7' version='2' task='Work' symbol='Symbol'"
                             " message='$(string.done)'/>"
                             "<event value='8' symbol='OnlySymbol' task='win:None'/>"
                             "<event value='9'/>"
                             "</events>" TAIL "<localization><resources culture='de-DE'>"
                             "<stringTable><string id='done' value='%1 fertig'/></stringTable>"
                             "</resources><resources culture='en-US'>"
                             "<stringTable><string id='done' value='%1 &amp; done &#x41; '/>"
                             "</stringTable></resources></localization>" END);
    assert_string_equal(schema->event_name, "Work");
    assert_string_equal(schema->message, "%1 & done A");
    assert_string_equal(schema->provider_name, "Test-Provider");
    assert_string_equal(schema->origin, "test.man");
    assert_int_equal(schema->source, ETW_SCHEMA_MANIFEST);
    assert_int_equal(schema->property_count, 0);
    assert_string_equal(find(store, 8, 0)->event_name, "OnlySymbol");
    assert_null(find(store, 9, 0)->event_name);
    assert_null(find(store, 9, 0)->message);
    assert_null(find(store, 10, 0));
    schema_store_free(store);
}

static void members_of_structs_stand_behind_the_top_level(void **state)
{
    (void)state;
    struct schema_store *store = new_store();
    const struct event_schema *schema =
        read_one(store, ONE_EVENT("<data name='Count' inType='win:UInt16'/>"
                                  "<struct name='Ports' count='Count'>"
                                  "  <data name='Size' inType='win:UInt8'/>"
                                  "  <struct name='Inner'>"
                                  "    <data name='Name' inType='win:AnsiString' length='Size'/>"
                                  "    <data name='Other' inType='win:Binary' length='Count'/>"
                                  "  </struct>"
                                  "  <data name='Last' inType='win:UInt32'/>"
                                  "</struct>"
                                  "<data name='After' inType='win:Binary' length='Count'/>"));
    static const char *const names[] = {"Count", "Ports", "After", "Size",
                                        "Inner", "Last",  "Name",  "Other"};
    assert_int_equal(schema->top_level_count, 3);
    assert_int_equal(schema->property_count, COUNT_OF(names));
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_string_equal(schema->properties[i].name, names[i]);
    }
    const struct schema_property *ports = &schema->properties[1];
    assert_int_equal(ports->flags, PROPERTY_IS_STRUCT | PROPERTY_COUNT_FROM);
    assert_int_equal(ports->count, 0);
    assert_int_equal(ports->first_member, 3);
    assert_int_equal(ports->member_count, 3);
    assert_int_equal(schema->properties[4].first_member, 6);
    assert_int_equal(schema->properties[4].member_count, 2);
    assert_int_equal(schema->properties[6].length, 3); /* Size of the struct around it */
    assert_int_equal(schema->properties[7].length, 0); /* Count of the top level */
    schema_store_free(store);
}

static void maps_are_sorted_and_shared(void **state)
{
    (void)state;
    struct schema_store *store = new_store();
    const struct event_schema *schema = read_one(
        store,
        HEAD "<events><event value='7' version='2' template='t'/></events>"
             "<templates><template tid='t'><data name='A' inType='win:UInt32' map='State'/>"
             "<data name='B' inType='win:UInt8' map='Bits'/>"
             "<data name='C' inType='win:UInt32' map='State'/></template></templates>"
             "<maps><valueMap name='State'><map value='9' message='$(string.nine)'/>"
             "<map value='0xFFFFFFFF' message='as it is'/><map value='5' message='$(string.no)'/>"
             "<map value='2' message='$(string.two)'/></valueMap>"
             "<bitMap name='Bits'><map value='0x1' message='one'/></bitMap></maps>" TAIL
             "<localization><resources><stringTable><string id='two' value='Two'/>"
             "<string id='nine' value='Nine'/></stringTable></resources></localization>" END);
    const struct etw_map *map = schema->properties[0].map;
    assert_non_null(map);
    assert_string_equal(map->name, "State");
    assert_false(map->is_bitmap);
    assert_int_equal(map->entry_count, 3); /* a text that is nowhere names nothing */
    assert_int_equal(map->entries[0].value, 2);
    assert_string_equal(map->entries[0].text, "Two");
    assert_string_equal(map->entries[1].text, "Nine");
    assert_int_equal(map->entries[2].value, UINT32_MAX);
    assert_string_equal(map->entries[2].text, "as it is");
    assert_true(schema->properties[1].map->is_bitmap);
    assert_ptr_equal(schema->properties[2].map, map);
    schema_store_free(store);
}

static void event_source_manifests_lose_only_what_is_wrong(void **state)
{
    (void)state;
    static const char xml[] = HEAD
        "<events><event value='7' version='2' symbol='RequestStart' task='Request'"
        " opcode='win:Start' message='$(string.event_RequestStart)' template='Args'/>"
        "<event value='8' template='Wrong'/><event value='9' template='Missing'/>"
        "<event value='70000'/><event value='10' template='Args'/></events>"
        "<templates><template tid='Args'>"
        "<data name='url' inType='win:UnicodeString'/>"
        "<data name='kind' inType='win:UInt32' map='NotThere'/>"
        "<data name='bodySize' inType='win:UInt32'/>"
        "<data name='body' inType='win:Binary' length='bodySize'/></template>"
        "<template tid='Wrong'><data name='x' inType='win:Future'/></template></templates>" TAIL
        "<localization><resources culture='en-US'><stringTable>"
        "<string id='event_RequestStart' value='{0} asked'/></stringTable></resources>"
        "</localization>" END;
    struct schema_store *store = new_store();
    assert_int_equal(read_bytes(store, xml, sizeof(xml) - 1, ETW_SCHEMA_EVENTSOURCE, NULL), ETW_OK);
    assert_string_equal(find(store, 7, 2)->event_name, "RequestStart");
    assert_int_equal(find(store, 7, 2)->property_count, 4);
    assert_int_equal(find(store, 7, 2)->source, ETW_SCHEMA_EVENTSOURCE);
    assert_null(find(store, 8, 0));
    assert_null(find(store, 9, 0));
    assert_ptr_equal(find(store, 10, 0)->properties, find(store, 7, 2)->properties);
    schema_store_free(store);
}

/* ---- errors ---- */

static const struct error_case {
    const char *xml;
    const char *expected; /* part of the sentence */
} error_cases[] = {
    {"", "test.man is empty"},
    {"no XML at all", "line 1: not well-formed XML"},
    {"<a>\n<b>\n</a>", "line 3: not well-formed XML"},
    {"<a/>", "line 1: there is no provider in it"},
    {"<a x='&nope;'/>", "line 1: not well-formed XML"},
    {"<a>&nope;</a>", "line 1: not well-formed XML"},
    {"<a x='1' x='2'/>", "not well-formed XML"},
    {"<a>\n<provider name='P' guid='{1}'/>\n</a>", "line 2: provider {1} has no valid guid"},
    {"<a><provider name='P'/></a>", "provider without one has no valid guid"},
    {HEAD "<event version='2'/>" TAIL END, "line 4: event has no value"},
    {HEAD "<event value='65536'/>" TAIL END, "value \"65536\" is not a number from 0 to 65535"},
    {HEAD "<event value='-1'/>" TAIL END, "value \"-1\" is not a number"},
    {HEAD "<event value='1' version='256'/>" TAIL END, "version \"256\" is not a number"},
    {HEAD "<event value='0x'/>" TAIL END, "value \"0x\" is not a number"},
    {HEAD "<event value='1' template='u'/>" TAIL END, "line 4: there is no template \"u\""},
    {HEAD "<template/>" TAIL END, "template has no tid"},
    {HEAD "<valueMap/>" TAIL END, "valueMap has no name"},
    {ONE_EVENT("<data inType='win:UInt8'/>"), "line 6: data has no name"},
    {ONE_EVENT("<data name='x'/>"), "line 6: inType \"\" is not known"},
    {ONE_EVENT("\n<data name='x' inType='win:Future'/>"), "line 7: inType \"win:Future\""},
    {ONE_EVENT("<data name='x' inType='win:UInt8' map='m'/>"), "there is no map \"m\""},
    {ONE_EVENT("<data name='x' inType='win:Binary' length='y'/>"
               "<data name='y' inType='win:UInt8'/>"),
     "length \"y\" is neither a number nor a field that stands before"},
    {ONE_EVENT("<data name='x' inType='win:Binary' length='x'/>"), "length \"x\" is neither"},
    {ONE_EVENT("<data name='x' inType='win:Binary' length='65536'/>"), "length \"65536\""},
    {ONE_EVENT("<struct name='s' count='t'/>"), "count \"t\" is neither"},
    {ONE_EVENT("<struct name='s'><data name='n' inType='win:UInt8'/></struct>"
               "<data name='x' inType='win:Binary' length='n'/>"),
     "length \"n\" is neither"},
    {ONE_EVENT("<data name='s' inType='win:UnicodeString'/>"
               "<data name='x' inType='win:Binary' length='s'/>"),
     "line 4: event 7 has a template that contradicts itself"},
    {HEAD "<event value='1' template='t'/><template tid='t'>"
          "<data name='x' inType='win:UInt8' map='m'/></template>\n"
          "<valueMap name='m'><map value='x' message='y'/></valueMap>" TAIL END,
     "line 5: value \"x\" of a map is not a 32-bit number"},
    /* Hostile ones. */
    {"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "line 1: a document type declaration"},
    {"<?xml version='1.0'?>\n<!DOCTYPE lolz [<!ENTITY l 'lol'>\n"
     "<!ENTITY l2 '&l;&l;&l;&l;&l;&l;&l;&l;&l;&l;'>\n"
     "<!ENTITY l3 '&l2;&l2;&l2;&l2;&l2;&l2;&l2;&l2;&l2;&l2;'>\n"
     "<!ENTITY l4 '&l3;&l3;&l3;&l3;&l3;&l3;&l3;&l3;&l3;&l3;'>]>\n<lolz x='&l4;'>&l4;</lolz>",
     "line 2: a document type declaration"},
    {"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "a document type declaration"},
    {"<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://192.0.2.1/x.dtd'> %x;]><a/>",
     "a document type declaration"},
    {"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
     "a document type declaration"},
    {"<?xml version='1.0' encoding='no-such-thing'?><a/>", "not well-formed XML"},
};

static void errors_say_what_is_wrong_and_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(error_cases); i++) {
        struct schema_store *store = new_store();
        struct etw_error error = {.text = ""};
        enum etw_status status = read_bytes(store, error_cases[i].xml, strlen(error_cases[i].xml),
                                            ETW_SCHEMA_MANIFEST, &error);
        if (status != ETW_ERR_INPUT || !strstr(error.text, error_cases[i].expected) ||
            strncmp(error.text, "test.man", 8) != 0) {
            fail_msg("%s\ngave %d: %s", error_cases[i].xml, (int)status, error.text);
        }
        schema_store_free(store);
    }
}

static void deep_nesting_is_refused(void **state)
{
    (void)state;
    static const struct {
        size_t depth;
        const char *expected;
    } cases[] = {{40, "nested too deeply"}, {300, "nested too deeply"}, {100000, "nested too"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text xml = {0};
        for (size_t depth = 0; depth < cases[i].depth; depth++) {
            text_add(&xml, "<a>");
        }
        struct schema_store *store = new_store();
        struct etw_error error = {.text = ""};
        assert_int_equal(read_bytes(store, xml.data, xml.size, ETW_SCHEMA_MANIFEST, &error),
                         ETW_ERR_LIMIT);
        assert_non_null(strstr(error.text, cases[i].expected));
        schema_store_free(store);
        text_done(&xml);
    }
}

static void structs_nested_beyond_the_limit_are_refused(void **state)
{
    (void)state;
    struct text xml = {0};
    text_add(&xml, HEAD "<event value='7' version='2' template='t'/><template tid='t'>");
    for (size_t depth = 0; depth < SCHEMA_DEPTH_MAXIMUM + 1; depth++) {
        text_add(&xml, "<struct name='s'>");
    }
    for (size_t depth = 0; depth < SCHEMA_DEPTH_MAXIMUM + 1; depth++) {
        text_add(&xml, "</struct>");
    }
    text_add(&xml, "</template>" TAIL END);
    struct schema_store *store = new_store();
    struct etw_error error = {.text = ""};
    assert_int_equal(read_bytes(store, xml.data, xml.size, ETW_SCHEMA_MANIFEST, &error),
                     ETW_ERR_INPUT);
    assert_non_null(strstr(error.text, "contradicts itself"));
    schema_store_free(store);
    text_done(&xml);
}

static void a_template_with_too_many_fields_is_refused(void **state)
{
    (void)state;
    struct text xml = {0};
    text_add(&xml, HEAD "<event value='7' version='2' template='t'/><template tid='t'>");
    for (unsigned i = 0; i <= SCHEMA_PROPERTIES_MAXIMUM; i++) {
        text_add(&xml, "<data name='f' inType='win:UInt8'/>");
    }
    text_add(&xml, "</template>" TAIL END);
    struct schema_store *store = new_store();
    struct etw_error error = {.text = ""};
    assert_int_equal(read_bytes(store, xml.data, xml.size, ETW_SCHEMA_MANIFEST, &error),
                     ETW_ERR_INPUT);
    assert_non_null(strstr(error.text, "a template with 1025 fields"));
    schema_store_free(store);
    text_done(&xml);
}

static void a_huge_attribute_is_refused(void **state)
{
    (void)state;
    struct text xml = {.maximum = (size_t)32 << 20};
    text_add(&xml, "<a x='");
    char *value = text_reserve(&xml, (size_t)11 << 20);
    assert_non_null(value);
    memset(value, 'v', (size_t)11 << 20);
    xml.size += (size_t)11 << 20;
    text_add(&xml, "'/>");
    struct schema_store *store = new_store();
    struct etw_error error = {.text = ""};
    assert_int_equal(read_bytes(store, xml.data, xml.size, ETW_SCHEMA_MANIFEST, &error),
                     ETW_ERR_INPUT);
    assert_non_null(strstr(error.text, "not well-formed XML"));
    schema_store_free(store);
    text_done(&xml);
}

static const char small[] =
    "<?xml version=\"1.0\"?>\n" HEAD
    "<events><event value=\"7\" version=\"2\" template=\"t\"/></events>\n"
    "<templates><template tid=\"t\"><data name=\"N\" inType=\"win:UInt8\" map=\"m\"/>"
    "<struct name=\"S\" count=\"N\"><data name=\"B\" inType=\"win:Binary\" length=\"N\"/></struct>"
    "</template></templates><maps><valueMap name=\"m\"><map value=\"1\" "
    "message=\"$(string.one)\"/></valueMap></maps>" TAIL
    "<localization><resources culture=\"en-US\"><stringTable><string id=\"one\" value=\"One\"/>"
    "</stringTable></resources></localization>" END;

static void every_truncation_is_a_clear_error(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof(small) - 1; size++) {
        struct schema_store *store = new_store();
        struct etw_error error = {.text = ""};
        enum etw_status status = read_bytes(store, small, size, ETW_SCHEMA_MANIFEST, &error);
        if (status != ETW_ERR_INPUT || strncmp(error.text, "test.man", 8) != 0 ||
            find(store, 7, 2)) {
            fail_msg("cut at %zu: %d %s", size, (int)status, error.text);
        }
        schema_store_free(store);
    }
    struct schema_store *store = new_store();
    assert_int_equal(read_one(store, small)->property_count, 3);
    schema_store_free(store);
}

static void every_changed_byte_is_survived(void **state)
{
    (void)state;
    static const char changes[] = {'\0', '<', '>', '"', '&', 'x', '\xff', '9'};
    char copy[sizeof(small)];
    for (size_t i = 0; i < sizeof(small) - 1; i++) {
        for (size_t change = 0; change < sizeof(changes); change++) {
            memcpy(copy, small, sizeof(small));
            copy[i] = changes[change];
            struct schema_store *store = new_store();
            struct etw_error error = {.text = ""};
            enum etw_status status =
                read_bytes(store, copy, sizeof(small) - 1, ETW_SCHEMA_MANIFEST, &error);
            assert_true(status == ETW_OK || error.text[0] != '\0');
            schema_store_free(store);
        }
    }
}

/* ---- files ---- */

static void utf16_and_files_are_read(void **state)
{
    (void)state;
    static const char path[] = "test_manifest_xml.man";
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite("\xff\xfe", 1, 2, file), 2);
    for (size_t i = 0; i < sizeof(small) - 1; i++) {
        const char unit[2] = {small[i], '\0'};
        assert_int_equal(fwrite(unit, 1, 2, file), 2);
    }
    assert_int_equal(fclose(file), 0);

    struct schema_store *store = new_store();
    struct etw_error error = {.text = ""};
    assert_int_equal(manifest_xml_read_file(store, path, &error), ETW_OK);
    assert_string_equal(find(store, 7, 2)->origin, path);
    assert_string_equal(find(store, 7, 2)->properties[0].map->entries[0].text, "One");
    assert_int_equal(remove(path), 0);
    assert_int_equal(manifest_xml_read_file(store, path, &error), ETW_ERR_INPUT);
    assert_true(error.text[0] != '\0');
    schema_store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_length_and_count_is_understood),
        cmocka_unit_test(an_event_has_its_names_and_origin),
        cmocka_unit_test(members_of_structs_stand_behind_the_top_level),
        cmocka_unit_test(maps_are_sorted_and_shared),
        cmocka_unit_test(event_source_manifests_lose_only_what_is_wrong),
        cmocka_unit_test(errors_say_what_is_wrong_and_where),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(structs_nested_beyond_the_limit_are_refused),
        cmocka_unit_test(a_template_with_too_many_fields_is_refused),
        cmocka_unit_test(a_huge_attribute_is_refused),
        cmocka_unit_test(every_truncation_is_a_clear_error),
        cmocka_unit_test(every_changed_byte_is_survived),
        cmocka_unit_test(utf16_and_files_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
