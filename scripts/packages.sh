# shellcheck shell=bash
# Sourced by scripts/run, scripts/test and .ci/run: installs what is missing, and only that.
#
#     need    gcc=gcc cmake=cmake         without these nothing goes on
#     want    tshark=tshark               without these some tests are skipped
#
# A pair is COMMAND=PACKAGE; a command with a slash in it is a file that must exist (* allowed),
# one that begins with python: is a module.

has_item() {
    case $1 in
    python:*)
        # The same interpreter that CMake takes for the tests.
        local python=/usr/bin/python3
        [ -x "$python" ] || python=python3
        "$python" -c "import ${1#python:}" 2>/dev/null
        ;;
    */*) compgen -G "$1" >/dev/null ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

# Prints the packages of the pairs that are not there.
missing_packages() {
    local pair
    for pair in "$@"; do
        has_item "${pair%%=*}" || printf '%s\n' "${pair#*=}"
    done | sort -u
}

install_packages() {
    local as_root=()
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "This system has no apt-get; please install by hand: $*" >&2
        return 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            echo "Not root and no sudo; please have an administrator install: $*" >&2
            return 1
        fi
        as_root=(sudo)
    fi
    echo "Installing: $*"
    # The index may be older than the packages: try, refresh, try again.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends "$@" >/dev/null 2>&1 && return 0
    "${as_root[@]}" apt-get update -qq || true
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}

need() {
    local packages
    mapfile -t packages < <(missing_packages "$@")
    [ ${#packages[@]} -eq 0 ] && return 0
    install_packages "${packages[@]}" || {
        echo "Cannot go on without: ${packages[*]}" >&2
        exit 1
    }
}

want() {
    local packages package
    mapfile -t packages < <(missing_packages "$@")
    [ ${#packages[@]} -eq 0 ] && return 0
    install_packages "${packages[@]}" && return 0
    # One unknown name must not keep the others away.
    for package in "${packages[@]}"; do
        install_packages "$package" || echo "Without $package; what needs it is skipped" >&2
    done
}

build_tools() {
    need gcc=gcc cmake=cmake ninja=ninja-build '/usr/include/stdlib.h=libc6-dev' \
        '/usr/include/xxhash.h=libxxhash-dev' '/usr/include/libxml2/libxml/parser.h=libxml2-dev' \
        '/usr/include/zlib.h=zlib1g-dev'
    local version
    version=$(cmake --version | awk 'NR == 1 {print $3}')
    if [ "$(printf '%s\n' 3.25 "$version" | sort -V | head -n 1)" != 3.25 ]; then
        echo "cmake $version is too old: 3.25 or newer is needed (Debian 12 has it)" >&2
        exit 1
    fi
}

# What the build for Windows needs beside build_tools, and Wine, under which it runs here.
windows_tools() {
    need x86_64-w64-mingw32-gcc=gcc-mingw-w64-x86-64 dpkg-source=dpkg-dev wine=wine \
        '/usr/x86_64-w64-mingw32/lib/libz.a=libz-mingw-w64-dev'
}

# configure_and_build PRESET [TARGET [CMAKE-OPTION ...]]: into $BUILD_ROOT/PRESET, quietly
# unless it fails.
configure_and_build() {
    local preset=$1 target=${2:-all} folder=${BUILD_ROOT:-build}/$1 log
    shift $(($# < 2 ? $# : 2))
    mkdir -p "$folder"
    log=$folder/build.log
    if ! { cmake --preset "$preset" -B "$folder" "$@" &&
        cmake --build "$folder" --target "$target"; } >"$log" 2>&1; then
        cat "$log" >&2
        echo "The $preset build failed; the log is $log" >&2
        return 1
    fi
}
