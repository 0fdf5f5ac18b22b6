cmake_minimum_required(VERSION 3.25)
# Every header must compile alone, and twice in one file.
#
#     cmake -DROOT=<source root> -DCOMPILER=cc -DWORK=<scratch folder> -P headers_alone.cmake
set(checked 0)
foreach(folder etw correlate pcapout cli samples)
  file(GLOB_RECURSE headers RELATIVE ${ROOT} "${ROOT}/${folder}/*.h")
  foreach(header IN LISTS headers)
    file(WRITE ${WORK}/one_header.c
      "#include \"${header}\"\n#include \"${header}\"\nextern int not_empty;\n")
    execute_process(
      COMMAND ${COMPILER} -std=c11 -Wall -Wextra -Wpedantic -Werror -I${ROOT} -fsyntax-only
              ${WORK}/one_header.c
      RESULT_VARIABLE result ERROR_VARIABLE said)
    if(NOT result EQUAL 0)
      message(SEND_ERROR "${header} does not compile alone:\n${said}")
    endif()
    math(EXPR checked "${checked} + 1")
  endforeach()
endforeach()
file(REMOVE ${WORK}/one_header.c)
message(STATUS "${checked} headers checked")
