# What is installed, and the packages: `cpack -G DEB` and `cpack -G TGZ` on Linux, `cpack -G ZIP` of the
# Windows program. scripts/package makes all of them; packages/finish.cmake is what they differ in.
include(GNUInstallDirs)
set(package_sources ${PROJECT_SOURCE_DIR}/cmake/packages)
set(package_files ${PROJECT_BINARY_DIR}/packages)
set(ETWTRAIL_MAINTAINER "The etwtrail authors <etwtrail@example.org>" CACHE STRING
    "Who answers for the Debian package")

# What the program prints, and what is made of the manual.
if(NOT WIN32)
  foreach(shell bash zsh)
    set(script ${package_files}/completion.${shell})
    add_custom_command(OUTPUT ${script}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${package_files}
      COMMAND etwtrail --completion ${shell} > ${script}
      DEPENDS etwtrail VERBATIM)
    list(APPEND made_files ${script})
  endforeach()
endif()
find_program(MANDOC mandoc)
if(WIN32 AND MANDOC)
  add_custom_command(OUTPUT ${package_files}/manual.html
    COMMAND ${CMAKE_COMMAND} -E make_directory ${package_files}
    COMMAND ${MANDOC} -T html ${PROJECT_SOURCE_DIR}/docs/etwtrail.1 > ${package_files}/manual.html
    DEPENDS docs/etwtrail.1 VERBATIM)
  list(APPEND made_files ${package_files}/manual.html)
endif()
add_custom_target(package-files ALL DEPENDS ${made_files})
add_dependencies(package-files etwtrail)

file(GLOB sample_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/samples/*.etl)
file(GLOB files_of_several CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/samples/several/*.etl)
if(WIN32)
  set(program_folder .)
  set(sample_folder samples)
  configure_file(${package_sources}/READ-ME.txt.in ${package_files}/READ-ME.txt
                 @ONLY NEWLINE_STYLE CRLF)
  install(FILES ${package_files}/READ-ME.txt DESTINATION .)
  install(FILES ${package_files}/manual.html DESTINATION .)
  install(FILES ${package_sources}/copyright DESTINATION licences RENAME etwtrail.txt)
  # What is linked into the program, as the packages that it comes from state it.
  foreach(row libxml2=libxml2-dev zlib=libz-mingw-w64-dev mingw-w64=mingw-w64-common)
    string(REGEX MATCH "(.*)=(.*)" row ${row})
    install(FILES /usr/share/doc/${CMAKE_MATCH_2}/copyright
            DESTINATION licences RENAME ${CMAKE_MATCH_1}.txt)
  endforeach()
else()
  set(program_folder ${CMAKE_INSTALL_BINDIR})
  set(sample_folder ${CMAKE_INSTALL_DOCDIR}/samples)
  install(FILES docs/etwtrail.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${package_sources}/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
  install(FILES ${package_files}/completion.bash RENAME etwtrail
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${package_files}/completion.zsh RENAME _etwtrail
          DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
endif()
if(MINGW) # else it holds the second when it was linked
  target_link_options(etwtrail PRIVATE -Wl,--no-insert-timestamp)
endif()
install(TARGETS etwtrail RUNTIME DESTINATION ${program_folder})
install(FILES ${sample_files} samples/README.md DESTINATION ${sample_folder})
install(FILES ${files_of_several} DESTINATION ${sample_folder}/several)

string(TOLOWER ${CMAKE_SYSTEM_NAME} system)
configure_file(${package_sources}/README.in ${package_files}/README @ONLY)
configure_file(${package_sources}/changelog.in ${package_files}/changelog @ONLY)
set(CPACK_PACKAGE_NAME etwtrail)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_FILE_NAME etwtrail-${PROJECT_VERSION}-${system}-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_PACKAGE_VENDOR "The etwtrail authors")
set(CPACK_PACKAGE_CONTACT ${ETWTRAIL_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "read Windows event traces: packets and the processes that own them")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${package_sources}/finish.cmake)
set(CPACK_ETWTRAIL_FILES ${package_files})
set(CPACK_GENERATOR TGZ)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"etwtrail reads the event traces (.etl) that netsh trace, pktmon, logman and
WPR record on Windows, and says which process sent each packet and what its
socket went through. It writes pcapng for Wireshark, timelines, and rows as
text, JSON or CSV. Windows is not needed.")
if(WIN32)
  set(CPACK_GENERATOR ZIP)
endif()
include(CPack)
