# Cross build for 64-bit Windows with MinGW-w64: one static program, which needs no more than
# what Windows itself has. scripts/windows-libraries makes the libraries that are missing.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)

# This file is read once per project and once per compiler check; the folders are the same.
if(NOT DEFINED ENV{ETWTRAIL_WINDOWS_FOLDERS})
  execute_process(COMMAND ${CMAKE_CURRENT_LIST_DIR}/../scripts/windows-libraries
    OUTPUT_VARIABLE folders OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" folders "${folders}")
  set(ENV{ETWTRAIL_WINDOWS_FOLDERS} "${folders}")
endif()
set(CMAKE_FIND_ROOT_PATH $ENV{ETWTRAIL_WINDOWS_FOLDERS} /usr/x86_64-w64-mingw32)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
# What libxml2 installed knows that it is static; CMake's own search for it does not.
set(CMAKE_FIND_PACKAGE_PREFER_CONFIG ON)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
# Debian's package has a DLL, too, which would be found first.
set(ZLIB_LIBRARY /usr/x86_64-w64-mingw32/lib/libz.a)
