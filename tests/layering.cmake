cmake_minimum_required(VERSION 3.25)
# The arrows of the folders, as a test:
#
#     cmake -DROOT=<source root> -P tests/layering.cmake
#
# Reads every #include of ours and names each that points the wrong way, each
# operating system header outside etw/platform, and each #ifdef _WIN32 there.

cmake_path(ABSOLUTE_PATH ROOT)

# ---- inside etw/: what the files of each part may include, as regular expressions ----
set(model "etw/(record|event|smb_parts|findings)\\.h")
# Container and providers implement parts of what these declare: header fields, names, routes.
set(public_face "etw/(record|event|smb_parts|findings|trace|provider_names|packet_route)\\.h")
set(base "etw/base/[a-z0-9_]+\\.h")
set(platform "etw/platform/platform\\.h")
set(etw_base_may      "${base}")
set(etw_platform_may  "${base}|${platform}|etw/platform/failures\\.h|etw/platform/(posix|windows)/.*")
set(etw_container_may "${base}|${platform}|etw/(record|findings|trace|losses)\\.h|etw/container/.*")
set(etw_schema_may    "${base}|${platform}|etw/(record|findings|fields)\\.h|etw/container/extended_items\\.h|etw/schema/.*")
set(etw_providers_may "${base}|${public_face}|etw/schema/.*|etw/providers/.*")
set(etw_top_may       "etw/.*")

# ---- other folders: the headers on top of the folders below, and two parts of etw ----
set(etw_public "etw/[a-z0-9_]+\\.h|${base}|${platform}")
set(correlate_may "${etw_public}|correlate/.*")
set(pcapout_may   "${etw_public}|correlate/[a-z0-9_]+\\.h|pcapout/.*")
set(cli_may       "${etw_public}|correlate/[a-z0-9_]+\\.h|pcapout/[a-z0-9_]+\\.h|cli/.*")
# The writer of sample traces must not share a mistake with the reader.
set(samples_may   "samples/.*|[a-z0-9_]+\\.(h|inc)")

set(system_headers
  "unistd|pthread|fcntl|signal|dirent|termios|poll|sched|semaphore|dlfcn|pwd|netdb|windows|io|direct|process|winsock2?|ws2tcpip|shellapi|fileapi|threads|sys/.*|netinet/.*|arpa/.*|linux/.*")

# The rule for a file, given by its path from the root.
function(find_rule path out)
  if(path MATCHES "^etw/([a-z]+)/")
    set(rule etw_${CMAKE_MATCH_1}_may)
  elseif(path MATCHES "^etw/")
    set(rule etw_top_may)
    if(path MATCHES "^${model}$|^etw/findings\\.c$")
      set(${out} "${base}|${model}" PARENT_SCOPE)
      return()
    endif()
  else()
    string(REGEX REPLACE "/.*" "" folder "${path}")
    set(rule ${folder}_may)
  endif()
  if(NOT DEFINED ${rule})
    message(SEND_ERROR "${path}: tests/layering.cmake has no rule for its folder")
  endif()
  set(${out} "${${rule}}" PARENT_SCOPE)
endfunction()

set(checked 0)
foreach(folder etw correlate pcapout cli samples)
  file(GLOB_RECURSE sources RELATIVE ${ROOT} "${ROOT}/${folder}/*.[ch]" "${ROOT}/${folder}/*.inc")
  foreach(source IN LISTS sources)
    math(EXPR checked "${checked} + 1")
    find_rule(${source} may)
    file(STRINGS "${ROOT}/${source}" lines REGEX "^[ \t]*#[ \t]*(include|if|ifdef|ifndef|elif)")
    foreach(line IN LISTS lines)
      if(line MATCHES "include[ \t]*\"([^\"]*)\"")
        set(target "${CMAKE_MATCH_1}")
        if(NOT target MATCHES "^(${may})$")
          message(SEND_ERROR "${source}: ${line}\n  an include against the arrows")
        endif()
      elseif(NOT source MATCHES "^etw/platform/")
        if(line MATCHES "include[ \t]*<(${system_headers})\\.h>")
          message(SEND_ERROR "${source}: ${line}\n  operating system headers belong to etw/platform")
        elseif(line MATCHES "_WIN32|__linux__|__unix__|__APPLE__")
          message(SEND_ERROR "${source}: ${line}\n  platform differences belong to etw/platform")
        endif()
      endif()
    endforeach()
  endforeach()
endforeach()
if(checked EQUAL 0)
  message(SEND_ERROR "no sources under ${ROOT}")
endif()
message(STATUS "${checked} files checked")
