# cmake -DOUTPUT=FILE -DPAGE=A.html -DSTYLE=A.css -DSCRIPTS=A.js|B.js -P embed_page.cmake
#
# Makes one page of its parts and turns it into a C file: what stands before the data of the
# page and what stands behind. In the page's source @STYLE@ and @SCRIPT@ are where the parts
# go, @STYLE_HASH@ and @SCRIPT_HASH@ what its content security policy calls them, and @DATA@
# is where it is cut.
cmake_minimum_required(VERSION 3.25)

# "sha256-" and the hash in base64: three hexadecimal digits are two letters, and the last of
# the 64 digits is one letter.
function(policy_hash text result)
  set(letters ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)
  string(SHA256 digits "${text}")
  set(base64 "")
  foreach(at RANGE 0 60 3)
    string(SUBSTRING ${digits} ${at} 3 three)
    math(EXPR first "0x${three} >> 6")
    math(EXPR second "0x${three} & 63")
    string(SUBSTRING ${letters} ${first} 1 first)
    string(SUBSTRING ${letters} ${second} 1 second)
    string(APPEND base64 ${first}${second})
  endforeach()
  string(SUBSTRING ${digits} 63 1 last)
  math(EXPR last "0x${last} << 2")
  string(SUBSTRING ${letters} ${last} 1 last)
  set(${result} "sha256-${base64}${last}=" PARENT_SCOPE)
endfunction()

# The policy counts bytes as the browser has them: without carriage returns.
function(read_part file result)
  file(READ "${file}" text)
  string(REPLACE "\r" "" text "${text}")
  if(text MATCHES "[^\n\t -~]")
    message(FATAL_ERROR "${file}: not ASCII")
  endif()
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

# A question mark may begin a trigraph.
function(c_string text result)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "?" "\\?" text "${text}")
  string(REPLACE "\n" "\\n\"\n\"" text "${text}")
  set(${result} "\"${text}\"" PARENT_SCOPE)
endfunction()

read_part("${PAGE}" page)
read_part("${STYLE}" style)
set(script "")
string(REPLACE "|" ";" SCRIPTS "${SCRIPTS}")
foreach(file IN LISTS SCRIPTS)
  read_part("${file}" part)
  string(APPEND script "${part}")
endforeach()
policy_hash("${style}" style_hash)
policy_hash("${script}" script_hash)
string(REPLACE "@STYLE_HASH@" "${style_hash}" page "${page}")
string(REPLACE "@SCRIPT_HASH@" "${script_hash}" page "${page}")
string(REPLACE "@STYLE@" "${style}" page "${page}")
string(REPLACE "@SCRIPT@" "${script}" page "${page}")

string(FIND "${page}" "@DATA@" cut)
if(cut LESS 0)
  message(FATAL_ERROR "${PAGE}: no @DATA@ in it")
endif()
math(EXPR behind "${cut} + 6")
string(SUBSTRING "${page}" 0 ${cut} head)
string(SUBSTRING "${page}" ${behind} -1 tail)
c_string("${head}" head)
c_string("${tail}" tail)
file(WRITE "${OUTPUT}.new"
  "/* SPDX-License-Identifier: MIT */\n/* Made by cmake/embed_page.cmake. */\n"
  "#include \"pcapout/timeline_page.h\"\n\n"
  "const char timeline_page_head[] =\n${head};\n\n"
  "const char timeline_page_tail[] =\n${tail};\n")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
