cmake_minimum_required(VERSION 3.25)
# Proves that layering.cmake notices what it should: plants one violation at a time
# in a tree of its own and expects a failure that names the file and the line.
#
#     cmake -DSCRIPT=tests/layering.cmake -DWORK=<scratch folder> -P layering_violations.cmake

# Runs the check over a tree with one file; is_wrong: should it complain?
function(check path line is_wrong)
  file(REMOVE_RECURSE ${WORK})
  file(WRITE ${WORK}/${path} "${line}\n")
  execute_process(COMMAND ${CMAKE_COMMAND} -DROOT=${WORK} -P ${SCRIPT}
    RESULT_VARIABLE result OUTPUT_VARIABLE ignored ERROR_VARIABLE said)
  string(FIND "${said}" "${path}: ${line}" place)
  if(is_wrong AND (result EQUAL 0 OR place EQUAL -1))
    message(SEND_ERROR "not noticed or not named: ${path}: ${line}\n${said}")
  elseif(NOT is_wrong AND NOT result EQUAL 0)
    message(SEND_ERROR "refused although it is right: ${path}: ${line}\n${said}")
  endif()
endfunction()

check(etw/trace.c           "#include \"correlate/packets.h\"" TRUE)
check(etw/base/text.c       "#include \"etw/record.h\"" TRUE)
check(etw/record.h          "#include \"etw/trace.h\"" TRUE)
check(etw/container/clock.c "#include \"etw/providers/decoder.h\"" TRUE)
check(etw/schema/layout.c   "#include \"etw/container/buffer.h\"" TRUE)
check(etw/providers/a.c     "#include \"etw/container/buffer.h\"" TRUE)
check(correlate/packets.c   "#include \"pcapout/rows.h\"" TRUE)
check(correlate/packets.c   "#include \"etw/container/buffer.h\"" TRUE)
check(pcapout/rows.c        "#include \"cli/options.h\"" TRUE)
check(cli/main.c            "#include \"etw/schema/layout.h\"" TRUE)
check(cli/main.c            "#include <unistd.h>" TRUE)
check(pcapout/output_file.c "#include <pthread.h>" TRUE)
check(correlate/filter.c    "# include <sys/socket.h>" TRUE)
check(cli/terminal.c        "#ifdef _WIN32" TRUE)
check(samples/writer/etl.c  "#include \"etw/base/bytes.h\"" TRUE)

check(etw/platform/posix/files.c "#include <unistd.h>" FALSE)
check(etw/trace.c                "#include \"etw/providers/decoder.h\"" FALSE)
check(correlate/packets.c        "#include \"etw/base/array.h\"" FALSE)
check(pcapout/output_file.c      "#include \"etw/platform/platform.h\"" FALSE)
check(cli/main.c                 "#include \"pcapout/rows.h\"" FALSE)
check(samples/writer/etl.c       "#include \"samples/writer/etl.h\"" FALSE)
file(REMOVE_RECURSE ${WORK})
