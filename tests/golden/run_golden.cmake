cmake_minimum_required(VERSION 3.25)
# Runs cases of cases.txt and compares what the program prints with expected/NAME.txt.
#
#     cmake -DPROGRAM=etwtrail -DROOT=<source root> -DWORK=<scratch folder>
#           [-DMAKER=etwtrail-samples] [-DCASE=NAME] [-DUPDATE=ON] -P run_golden.cmake
#
# UPDATE writes the expected files instead; look at the difference before committing it.

set(here ${CMAKE_CURRENT_LIST_DIR})

# What stands between two marks in the text is left out: files of pcapout/page, the same in
# every page.
function(leave_out variable begin end)
  set(text "${${variable}}")
  string(FIND "${text}" "${begin}" from)
  string(FIND "${text}" "${end}" to REVERSE)
  if(from LESS 0 OR to LESS from)
    message(SEND_ERROR "no ${begin} ... ${end} in the page")
    return()
  endif()
  string(LENGTH "${begin}" size)
  math(EXPR from "${from} + ${size}")
  string(SUBSTRING "${text}" 0 ${from} head)
  string(SUBSTRING "${text}" ${to} -1 tail)
  set(${variable} "${head}...${tail}" PARENT_SCOPE)
endfunction()

function(run_case name wanted_status arguments)
  file(REMOVE_RECURSE ${WORK}/${name})
  file(MAKE_DIRECTORY ${WORK}/${name})
  string(REPLACE "{out}" "${WORK}/${name}" arguments "${arguments}")
  if(arguments MATCHES "{variant:([a-z0-9-]+)}")
    set(variant ${CMAKE_MATCH_1})
    set(trace ${WORK}/${name}/${variant}.etl)
    execute_process(COMMAND ${MAKER} variant ${variant} ${trace} OUTPUT_QUIET
      COMMAND_ERROR_IS_FATAL ANY)
    string(REPLACE "{variant:${variant}}" "${trace}" arguments "${arguments}")
  endif()
  separate_arguments(arguments UNIX_COMMAND "${arguments}")
  set(columns 100)
  if(name MATCHES "-narrow$")
    set(columns 80)
  elseif(name MATCHES "-wide$")
    set(columns 160)
  endif()
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env NO_COLOR=1 COLUMNS=${columns} ${PROGRAM} ${arguments}
    WORKING_DIRECTORY ${ROOT}/samples
    RESULT_VARIABLE status OUTPUT_VARIABLE printed ERROR_VARIABLE said)
  if(said)
    string(APPEND printed "[standard error]\n${said}")
  endif()
  string(REPLACE "${WORK}/${name}" "{out}" printed "${printed}")
  if(name MATCHES "^timeline-.*-html$")
    leave_out(printed "<style>" "</style>")
    leave_out(printed "<script>" "</script>")
    string(REGEX REPLACE "'sha256-[^']*'" "'sha256-...'" printed "${printed}") # of these
  endif()
  if(NOT status EQUAL wanted_status)
    message(NOTICE "${printed}")
    message(SEND_ERROR "${name}: exit status ${status}, expected ${wanted_status}")
  endif()

  set(expected_file ${here}/expected/${name}.txt)
  if(UPDATE)
    file(WRITE ${expected_file} "${printed}")
    return()
  endif()
  if(NOT EXISTS ${expected_file})
    message(SEND_ERROR "${name}: ${expected_file} is missing; the update-golden target writes it")
    return()
  endif()
  file(READ ${expected_file} expected)
  if(NOT printed STREQUAL expected)
    file(WRITE ${WORK}/${name}/printed.txt "${printed}")
    execute_process(COMMAND diff -u ${expected_file} ${WORK}/${name}/printed.txt
      OUTPUT_VARIABLE difference)
    message(NOTICE "${difference}")
    message(SEND_ERROR "${name}: another output than expected")
  endif()
endfunction()

file(STRINGS ${here}/cases.txt lines REGEX "^[a-z]")
set(found FALSE)
foreach(line IN LISTS lines)
  if(NOT line MATCHES "^([a-z0-9_-]+) *\\| *([0-9]+) *\\| *(.*)$")
    message(SEND_ERROR "cases.txt: not a case: ${line}")
  elseif(NOT DEFINED CASE OR CASE STREQUAL CMAKE_MATCH_1)
    set(found TRUE)
    run_case(${CMAKE_MATCH_1} ${CMAKE_MATCH_2} "${CMAKE_MATCH_3}")
  endif()
endforeach()
if(NOT found)
  message(SEND_ERROR "no case ${CASE} in cases.txt")
endif()
