# cmake -DOUTPUT=FILE -DINPUTS=A.xml|B@14393.xml -P embed.cmake
#
# Turns the built-in manifests into one C file: for each its name, the build from which it
# counts (after the @; 0 without one), its provider's GUID and its bytes. A string per line of
# XML keeps both this script and the compiler fast.
cmake_minimum_required(VERSION 3.25)
set(texts "")
set(rows "")
set(number 0)
string(REPLACE "|" ";" INPUTS "${INPUTS}")
foreach(input IN LISTS INPUTS)
  cmake_path(GET input STEM LAST_ONLY name)
  set(build 0)
  if(name MATCHES "@([0-9]+)$")
    set(build ${CMAKE_MATCH_1})
  endif()
  file(READ "${input}" text)
  if(NOT text MATCHES "guid=\"{([-0-9a-f]+)}\"")
    message(FATAL_ERROR "${input}: no guid=\"{...}\" in it")
  endif()
  set(guid ${CMAKE_MATCH_1})
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n\"" text "${text}")
  string(APPEND texts "static const char text_${number}[] =\n\"${text}\";\n\n")
  string(APPEND rows
    "    {\"${name}\", \"${guid}\", ${build}, text_${number}, sizeof(text_${number}) - 1},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE "${OUTPUT}.new"
  "/* SPDX-License-Identifier: MIT */\n/* Made by cmake/embed.cmake. */\n"
  "#include \"etw/schema/builtin_manifests.h\"\n\n${texts}"
  "const struct builtin_manifest builtin_manifests[] = {\n${rows}};\n\n"
  "const size_t builtin_manifest_count = ${number};\n")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
