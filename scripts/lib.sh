# Functions that the scripts beside this file share. Sourced, not run.
# shellcheck shell=bash

say() { printf 'firetower: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# Packages of Debian and Ubuntu that the build needs, each with a file or command that proves it is there.
firetower_missing_packages() {
    local missing=()
    command -v pkg-config >/dev/null 2>&1 || missing+=(pkg-config)
    command -v git >/dev/null 2>&1 || missing+=(git)
    if command -v pkg-config >/dev/null 2>&1; then
        pkg-config --exists sqlite3 || missing+=(libsqlite3-dev)
        pkg-config --exists openssl || missing+=(libssl-dev)
        pkg-config --exists libsecp256k1 || missing+=(libsecp256k1-dev)
        pkg-config --exists zlib || missing+=(zlib1g-dev)
    else
        missing+=(libsqlite3-dev libssl-dev libsecp256k1-dev zlib1g-dev)
    fi
    printf '%s\n' "${missing[@]}"
}

# Runs a command as root: directly, or with sudo.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        die "root is needed for: $*  (no sudo here: run it as root, then start again)"
    fi
}

# Installs the libraries that a new machine lacks.
install_libraries() {
    if [ "$(uname -s)" = Darwin ]; then
        command -v brew >/dev/null 2>&1 || die "Homebrew is missing; see https://brew.sh, then start again"
        local formula missing=()
        for formula in openssl@3 secp256k1 sqlite pkgconf; do
            brew list --formula "$formula" >/dev/null 2>&1 || missing+=("$formula")
        done
        [ "${#missing[@]}" -eq 0 ] || die "libraries are missing; run: brew install ${missing[*]}"
        return
    fi
    local missing
    mapfile -t missing < <(firetower_missing_packages | sed '/^$/d')
    [ "${#missing[@]}" -gt 0 ] || return 0
    command -v apt-get >/dev/null 2>&1 ||
        die "missing, by their Debian names: ${missing[*]}; install your system's packages of them"
    say "installing ${missing[*]} (apt-get)"
    as_root apt-get update -qq || die "apt-get update failed"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2 ||
        die "apt-get could not install: ${missing[*]}"
}

# Installs one program by the name that it has with every packager.
install_tool() {
    if [ "$(uname -s)" = Darwin ]; then die "$1 is missing; run: brew install $1"; fi
    command -v apt-get >/dev/null 2>&1 || die "$1 is missing; install your system's package of it"
    say "installing $1 (apt-get)"
    as_root apt-get update -qq || die "apt-get update failed"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >&2 ||
        die "apt-get could not install $1"
}

# Says how to get a Swift toolchain where there is none, or an older one than Package.swift wants.
require_swift() {
    local wanted="6.3" found
    command -v swift >/dev/null 2>&1 || die "no Swift toolchain found. Swift $wanted or newer is needed.
  Linux and macOS: https://www.swift.org/install (swiftly: curl -O https://download.swift.org/swiftly/linux/swiftly-\$(uname -m).tar.gz
  && tar zxf swiftly-*.tar.gz && ./swiftly init && swiftly install $wanted), or Xcode on macOS. Then start again."
    found=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -n 1)
    [ -n "$found" ] || die "\`swift --version\` names no version"
    local lowest
    lowest=$(printf '%s\n%s\n' "$wanted" "$found" | sort -t. -k1,1n -k2,2n | head -n 1)
    [ "$lowest" = "$wanted" ] || die "Swift $found is too old: $wanted or newer is needed (https://www.swift.org/install)"
}

# The repository's root, from any folder.
enter_repository() {
    cd "$(dirname "${BASH_SOURCE[0]}")/.." || die "cannot enter the repository"
}

# Installs, then makes sure that a toolchain is there. Everything else needs both.
prepare() {
    install_libraries
    require_swift
}

# Path of the release program, below the repository.
node_program=.build/release/node

# Builds the release program if it is absent or older than any source.
build_release() {
    if [ -x "$node_program" ] &&
        [ -z "$(find Package.swift Sources -newer "$node_program" -type f -print -quit)" ]; then
        return
    fi
    say "building the release program (the first time takes some minutes)"
    swift build -c release --product node >&2 || die "the build failed"
    # Nothing to do leaves the program's date as it was, and the sources would look newer for ever.
    touch "$node_program"
}

# Puts the packages of a requirements file into .venv, unless they are there. Fails with the reason on standard
# output.
prepare_python() {
    local wanted=$1
    # One record a file: the packages of all of them live side by side.
    local installed=.venv/installed-${wanted//\//-}
    if cmp -s "$wanted" "$installed"; then return; fi
    if ! command -v python3 >/dev/null 2>&1; then echo "there is no python3"; return 1; fi
    if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        rm -rf .venv
        if ! python3 -m venv .venv >/dev/null 2>&1; then
            # Debian and Ubuntu split it off.
            if command -v apt-get >/dev/null 2>&1; then
                (as_root apt-get update -qq &&
                    as_root apt-get install -y -qq --no-install-recommends python3-venv) >&2 || true
            fi
            rm -rf .venv
            if ! python3 -m venv .venv >&2; then echo "python3 cannot make .venv"; return 1; fi
        fi
    fi
    say "installing what $wanted names into .venv (pip)"
    if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$wanted" >&2; then
        echo "pip cannot install $wanted"
        return 1
    fi
    cp "$wanted" "$installed"
}
