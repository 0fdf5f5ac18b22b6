# Tests of what only Windows has, and what all tests need when they run under Wine.
set(ETWTRAIL_NATIVE "" CACHE FILEPATH
    "The same program, built for this system; its output is compared with the Windows program's")
if(CMOCKA_LIBRARY)
  add_executable(test_windows_platform windows/test_windows_platform.c)
  target_link_libraries(test_windows_platform PRIVATE ${tested_libraries} ${CMOCKA_LIBRARY})
  target_compile_definitions(test_windows_platform PRIVATE UNICODE WIN32_LEAN_AND_MEAN)
  add_test(NAME windows.platform COMMAND test_windows_platform)
  set_tests_properties(windows.platform PROPERTIES LABELS windows TIMEOUT 300
    WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
endif()
find_program(OBJDUMP NAMES x86_64-w64-mingw32-objdump objdump)
python_test(windows.imports windows/check_imports.py ${OBJDUMP} $<TARGET_FILE:etwtrail>)
python_test(windows.files windows/check_files.py ${program} ${maker} ${samples})
python_test(windows.same_output windows/check_same_output.py ${program} "${ETWTRAIL_NATIVE}"
            ${samples} ${ETWTRAIL_REAL_TRACES})

if(CMAKE_CROSSCOMPILING)
  get_property(tests DIRECTORY PROPERTY TESTS)
  set_tests_properties(${tests} PROPERTIES FIXTURES_REQUIRED wine)
  add_test(NAME wine.begin COMMAND ${wine} --begin)
  add_test(NAME wine.end COMMAND ${wine} --end)
  set_tests_properties(wine.begin PROPERTIES FIXTURES_SETUP wine LABELS windows TIMEOUT 300)
  set_tests_properties(wine.end PROPERTIES FIXTURES_CLEANUP wine LABELS windows TIMEOUT 60)
endif()
