/* SPDX-License-Identifier: MIT */
/*
 * manifest_xml.h - schemas from instrumentation manifests: those of Windows
 * components, those of people, and those that .NET's EventSource writes.
 *
 * What is read of a manifest:
 *
 *     provider name= guid=
 *       event value= version= symbol= task= template= message=
 *       template tid=
 *         data name= inType= outType= length= count= map=   (binary: the same)
 *         struct name= count= with data inside
 *       valueMap, bitMap name= with map value= message=
 *     localization resources culture= stringTable string id= value=
 *
 * Two things beyond that are our own, for the built-in manifests: a message that is
 * no $(string.ID) is the text itself, and data optional="true" is a field that newer
 * versions of Windows append under the same event version.
 *
 * The XML parser reads no other file, knows no network, and refuses a document type
 * declaration, so there are no entities to expand.
 */
#ifndef ETW_SCHEMA_MANIFEST_XML_H
#define ETW_SCHEMA_MANIFEST_XML_H

#include "etw/base/error.h"
#include "etw/schema/schema_store.h"

#define MANIFEST_SIZE_MAXIMUM ((size_t)64 << 20)

/*
 * Adds the schemas of all events. `origin` (file name, or "PROVIDER@BUILD"; may be NULL)
 * stands in front of errors, which name the line, and becomes event_schema.origin. Nothing is
 * added when the XML is broken; an event that is wrong ends the reading with an
 * error, except in ETW_SCHEMA_EVENTSOURCE manifests: those are nobody's to repair, and
 * only that event is left out.
 */
enum etw_status manifest_xml_read(struct schema_store *store, const char *data, size_t size,
                                  enum etw_schema_source source, const char *origin,
                                  struct etw_error *error);

/* The same for a file, as ETW_SCHEMA_MANIFEST. */
enum etw_status manifest_xml_read_file(struct schema_store *store, const char *path,
                                       struct etw_error *error);

#endif
