# Run by cpack when a package's files are in place, before they are packed.
cmake_minimum_required(VERSION 3.25)

function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# As Debian has it: pages compressed, a changelog, zsh's functions in a folder of its own.
function(finish_deb root)
  file(MAKE_DIRECTORY ${root}/share/zsh/vendor-completions)
  file(RENAME ${root}/share/zsh/site-functions/_etwtrail
              ${root}/share/zsh/vendor-completions/_etwtrail)
  file(REMOVE_RECURSE ${root}/share/zsh/site-functions)
  set(changelog ${root}/share/doc/etwtrail/changelog)
  # CMake takes SOURCE_DATE_EPOCH where it is set.
  string(TIMESTAMP day "%a, %d %b %Y %H:%M:%S +0000" UTC)
  file(READ ${CPACK_ETWTRAIL_FILES}/changelog text)
  string(REPLACE "%DAY%" "${day}" text "${text}")
  file(WRITE ${changelog} "${text}")
  run(gzip -9 -n ${changelog} ${root}/share/man/man1/etwtrail.1)
  file(CHMOD_RECURSE ${root}/share FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ
    DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
    WORLD_EXECUTE)
endfunction()

function(finish_tgz root)
  file(COPY ${CPACK_ETWTRAIL_FILES}/README ${CPACK_RESOURCE_FILE_LICENSE} DESTINATION ${root})
endfunction()

set(root ${CPACK_TEMPORARY_DIRECTORY})
if(CPACK_GENERATOR STREQUAL "DEB")
  finish_deb(${root}/usr)
elseif(CPACK_GENERATOR STREQUAL "TGZ")
  finish_tgz(${root})
endif()
# The time in every package is that of the sources, where it is known.
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  run(find ${root} -exec touch -h -d @$ENV{SOURCE_DATE_EPOCH} {} +)
endif()
