# cmake -DPACKAGE=NAME -P witness_missing.cmake
execute_process(COMMAND ${CMAKE_COMMAND} -E echo
  "SKIP: ${PACKAGE} is not installed, so the decompressors have no witness")
