# Programs built for Windows on another system run under Wine: the build's own Wine, which
# wine.sh knows. Tests that are given the path of a program get a script of its name.
find_program(WINE NAMES wine wine64 REQUIRED)
find_program(WINESERVER NAMES wineserver REQUIRED)
set(wine_folder ${CMAKE_CURRENT_BINARY_DIR}/wine)
set(wine ${wine_folder}/wine.sh)
configure_file(${CMAKE_CURRENT_LIST_DIR}/wine.sh.in ${wine} @ONLY
  FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
set(CMAKE_CROSSCOMPILING_EMULATOR ${wine})
foreach(target etwtrail etwtrail-samples print_smb)
  file(GENERATE OUTPUT ${wine_folder}/${target}
    CONTENT "#!/bin/sh\nexec '${wine}' '$<TARGET_FILE:${target}>' \"$@\"\n"
    FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
endforeach()
set(program ${wine_folder}/etwtrail)
set(maker ${wine_folder}/etwtrail-samples)
set(printer ${wine_folder}/print_smb)
