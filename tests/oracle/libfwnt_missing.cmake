execute_process(COMMAND ${CMAKE_COMMAND} -E echo
  "SKIP: libfwnt: libfwnt-dev is not installed, so the decompressor has no witness")
