# cmake -DOUTPUT=FILE -DINPUTS=A.xml|A@14393.xml|B.xml -P embed.cmake
#
# Turns the built-in manifests into one C file: for each its name, the build from which it
# counts (after the @; 0 without one), its provider's GUID, its bytes, and where in them each
# event stands with all that it refers to, so that one event can be read without the others. The
# manifests have one element a line, events ascend by number, and the generations of a
# provider come one after another, by build. A string per line of XML keeps both this script and
# the compiler fast.
cmake_minimum_required(VERSION 3.25)

# make_guid(OUT TEXT)
function(make_guid out text)
  string(REPLACE "-" ";" parts "${text}")
  list(GET parts 0 1 2 numbers)
  list(TRANSFORM numbers PREPEND "0x")
  list(SUBLIST parts 3 2 bytes)
  list(JOIN bytes "" bytes)
  string(REGEX REPLACE "(..)" ";0x\\1" bytes "${bytes}")
  string(REPLACE ";" ", " text "${numbers}${bytes}")
  set(${out} "GUID_OF(${text})" PARENT_SCOPE)
endfunction()

# index_lines(INPUT TEXT): where the provider, and the events with their parts, stand: as rows
# of C in `provider`, `parts` and `events`.
function(index_lines input text)
  # As many other characters for those that mean something in a list.
  string(REGEX REPLACE "[][;\\]" "_" text "${text}")
  string(REPLACE "\n" ";" lines "${text}")
  set(parts "")
  set(events "")
  set(offset 0)
  set(part_count 0)
  set(last_id -1)
  foreach(line IN LISTS lines)
    string(LENGTH "${line}" size)
    set(place "{${offset}, ${size}}")
    math(EXPR offset "${offset} + ${size} + 1")
    if(line MATCHES "^<event value=\"([0-9]+)\"")
      set(id ${CMAKE_MATCH_1})
      set(template "0, 0")
      if(line MATCHES " template=\"([^\"]+)\"")
        set(template "${template_${CMAKE_MATCH_1}}")
      endif()
      if(id LESS last_id OR template STREQUAL "")
        message(FATAL_ERROR "${input}: event ${id} has no template or does not ascend")
      endif()
      string(APPEND events "    {${id}, ${template}, ${place}},\n")
      set(last_id ${id})
    elseif(line MATCHES "^<template tid=\"([^\"]+)\"")
      set(template ${CMAKE_MATCH_1})
      string(REGEX MATCHALL " map=\"[^\"]+\"" uses "${line}")
      list(REMOVE_DUPLICATES uses)
      list(LENGTH uses count)
      math(EXPR count "${count} + 1")
      set(template_${template} "${count}, ${part_count}")
      math(EXPR part_count "${part_count} + ${count}")
      foreach(use IN LISTS uses)
        string(REGEX REPLACE " map=\"(.*)\"" "\\1" use "${use}")
        if(NOT DEFINED "map_${use}")
          message(FATAL_ERROR "${input}: template ${template} wants a map ${use}")
        endif()
        string(APPEND parts "    ${map_${use}},\n")
      endforeach()
      string(APPEND parts "    ${place},\n")
    elseif(line MATCHES "^<(valueMap|bitMap) name=\"([^\"]+)\"")
      set("map_${CMAKE_MATCH_2}" "${place}")
    elseif(line MATCHES "^<provider ")
      set(provider "${place}" PARENT_SCOPE)
    endif()
  endforeach()
  set(parts "${parts}" PARENT_SCOPE)
  set(events "${events}" PARENT_SCOPE)
endfunction()

set(texts "")
set(rows "")
set(number 0)
set(last_name "")
string(REPLACE "|" ";" INPUTS "${INPUTS}")
foreach(input IN LISTS INPUTS)
  cmake_path(GET input STEM LAST_ONLY name)
  set(build 0)
  if(name MATCHES "@([0-9]+)$")
    set(build ${CMAKE_MATCH_1})
    if(NOT name MATCHES "^${last_name}@" OR NOT build GREATER last_build)
      message(FATAL_ERROR "${input}: not behind an earlier generation of its provider")
    endif()
  else()
    set(last_name "${name}")
  endif()
  set(last_build ${build})
  file(READ "${input}" text)
  if(NOT text MATCHES "guid=\"{([-0-9a-f]+)}\"")
    message(FATAL_ERROR "${input}: no guid=\"{...}\" in it")
  endif()
  make_guid(guid ${CMAKE_MATCH_1})
  index_lines("${input}" "${text}")
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n\"" text "${text}")
  string(APPEND texts "static const char text_${number}[] =\n\"${text}\";\n\n"
    "static const struct manifest_span parts_${number}[] = {\n${parts}};\n\n"
    "static const struct builtin_manifest_event events_${number}[] = {\n${events}};\n\n")
  string(APPEND rows
    "    {\"${name}\", ${guid}, ${build}, text_${number}, sizeof(text_${number}) - 1, "
    "${provider}, parts_${number}, events_${number}, "
    "sizeof(events_${number}) / sizeof(events_${number}[0])},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE "${OUTPUT}.new"
  "/* SPDX-License-Identifier: MIT */\n/* Made by cmake/embed.cmake. */\n"
  "#include \"etw/schema/builtin_manifests.h\"\n\n${texts}"
  "const struct builtin_manifest builtin_manifests[] = {\n${rows}};\n\n"
  "const size_t builtin_manifest_count = ${number};\n")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
