#!/bin/sh
# Builds holdpoint and installs it for this account. Needs no root.
#
#   ./install.sh                  install, or update what is installed
#   ./install.sh --uninstall      take everything away again; asks a person first
#   ./install.sh --prefix DIR     below DIR instead of ~/.local
#   ./install.sh --no-modify-rc   leave the shell's start-up files alone
#   ./install.sh --help           this text
#
# What goes where: the program to PREFIX/bin, one link a guarded tool to
# PREFIX/share/holdpoint/shims, and one marked line into the start-up files of
# your shell (bash, zsh or fish). Policy and audit trail are not touched.
#
# HOLDPOINT_INSTALL_BINARY=FILE installs that file instead of building one.
set -eu

BEGIN='# >>> holdpoint >>>'
END='# <<< holdpoint <<<'
CREATED=' (in a file of its own)'
JOINED=' (behind a line without end)'

main() {
    uninstall=no
    modify_rc=yes
    prefix=
    while [ $# -gt 0 ]; do
        case $1 in
            --uninstall) uninstall=yes ;;
            --no-modify-rc) modify_rc=no ;;
            --prefix)
                [ $# -gt 1 ] || usage_error "--prefix needs a folder"
                prefix=$2
                shift
                ;;
            --prefix=*) prefix=${1#--prefix=} ;;
            -h | --help)
                sed -n '2,/^set -eu/s/^# \{0,1\}//p' "$0"
                exit 0
                ;;
            *) usage_error "unknown option $1" ;;
        esac
        shift
    done
    [ -n "${HOME-}" ] || die "HOME is not set."
    locate
    if [ "$uninstall" = yes ]; then
        uninstall
    else
        install
    fi
}

# Sets every path that is written to.
locate() {
    [ -n "$prefix" ] || prefix=$HOME/.local
    case $prefix in
        /*) ;;
        *) prefix=$PWD/$prefix ;;
    esac
    # One spelling, since the marked line is found by it again.
    while :; do
        case $prefix in
            *//*) prefix=${prefix%%//*}/${prefix#*//} ;;
            ?*/) prefix=${prefix%/} ;;
            *) break ;;
        esac
    done
    case $prefix in
        *:* | *"$NEWLINE"*) die "PATH cannot hold a folder named $prefix." ;;
    esac
    binary=$prefix/bin/holdpoint
    data=$prefix/share/holdpoint
    shims=$data/shims
    manual=$prefix/share/man/man1/holdpoint.1
    bash_completion=$prefix/share/bash-completion/completions/holdpoint
    zsh_completion=$prefix/share/zsh/site-functions/_holdpoint
    fish_completion=$prefix/share/fish/vendor_completions.d/holdpoint.fish
}

NEWLINE='
'

# --- install ---------------------------------------------------------------

install() {
    [ "$(uname -s)" = Linux ] || die "holdpoint runs on Linux only, so far."
    if [ -n "${HOLDPOINT_INSTALL_BINARY-}" ]; then
        built=$HOLDPOINT_INSTALL_BINARY
        [ -f "$built" ] || die "there is no file $built."
    else
        build
    fi
    put "$binary" 755 cat "$built"
    "$binary" shims install --dir "$shims" > /dev/null
    for shell in bash zsh fish; do
        put "$data/activate.$shell" 644 "$binary" activate "$shell" --dir "$shims"
    done
    put "$manual" 644 "$binary" man
    put "$bash_completion" 644 "$binary" completions bash
    put "$zsh_completion" 644 "$binary" completions zsh
    put "$fish_completion" 644 "$binary" completions fish
    say "installed: $binary"
    say "shims:     $shims"
    changed=
    activated=no
    if [ "$modify_rc" = yes ]; then
        activate
    fi
    say
    "$binary" demo || die "holdpoint is installed, but did not stop the replayed incident."
    say_what_next
}

# Builds a static program and sets $built to it.
build() {
    source=$(cd "$(dirname "$0")" && pwd)
    [ -f "$source/Cargo.toml" ] || die "run install.sh from holdpoint's source folder."
    command -v cargo > /dev/null 2>&1 ||
        die "cargo is missing. Install Rust from https://rustup.rs, open a new shell, run this again."
    command -v cc > /dev/null 2>&1 ||
        die "a C linker (cc) is missing. Debian, Ubuntu: sudo apt install gcc libc6-dev; Fedora: sudo dnf install gcc."
    machine=$(uname -m)
    case $machine in
        x86_64 | aarch64) ;;
        *) die "holdpoint is not built for $machine, so far." ;;
    esac
    cd "$source"
    folder=${CARGO_TARGET_DIR:-$source/target}
    target=$machine-unknown-linux-musl
    if ! has_target; then
        target=$machine-unknown-linux-gnu
        say "rustup could not add the musl target; building against glibc instead (starts slower)."
        RUSTFLAGS="${RUSTFLAGS-} -C target-feature=+crt-static"
        export RUSTFLAGS
    fi
    say "building holdpoint; this takes some minutes ..."
    cargo build --release --locked --target "$target" --target-dir "$folder" ||
        die "the build failed; the reason is above."
    built=$folder/$target/release/holdpoint
}

# Whether the musl target is there or could be added.
has_target() {
    [ ! -d "$(rustc --print target-libdir --target "$target" 2> /dev/null)" ] || return 0
    command -v rustup > /dev/null 2>&1 && rustup target add "$target"
}

# put FILE MODE COMMAND...: makes FILE of the command's output, by one rename.
# A file that is the same already is left alone; a command that this build does
# not have makes no file.
put() {
    file=$1
    mode=$2
    shift 2
    mkdir -p "$(dirname "$file")"
    draft=$file.$$
    if ! "$@" > "$draft" 2> /dev/null; then
        rm -f "$draft"
        return 0
    fi
    if cmp -s "$draft" "$file"; then
        rm -f "$draft"
    else
        chmod "$mode" "$draft"
        mv -f "$draft" "$file"
    fi
}

# Writes the marked line into the start-up files of the account's shell.
activate() {
    case $(user_shell) in
        bash)
            add_line bash "$HOME/.bashrc"
            add_line bash "$(bash_login_file)"
            ;;
        zsh)
            # Every zsh reads .zshenv; what is put in front of PATH afterwards,
            # in the system's zprofile, .zprofile and .zshrc, is overtaken at
            # the end of the latter two.
            add_line zsh "$(zshenv_file)"
            add_line zsh "$zsh_folder/.zprofile"
            add_line zsh "$zsh_folder/.zshrc"
            ;;
        fish) add_line fish "$fish_folder/conf.d/holdpoint.fish" ;;
        *) return 0 ;;
    esac
    activated=yes
}

user_shell() {
    shell=${SHELL-}
    [ -n "$shell" ] || shell=$(getent passwd "$(id -u)" | cut -d: -f7)
    say_only "${shell##*/}"
}

zsh_folder=${ZDOTDIR:-${HOME-}}
fish_folder=${XDG_CONFIG_HOME:-${HOME-}/.config}/fish

# The first file that a login bash reads, or the one that it would.
bash_login_file() {
    for name in .bash_profile .bash_login .profile; do
        if [ -e "$HOME/$name" ]; then
            say_only "$HOME/$name"
            return 0
        fi
    done
    say_only "$HOME/.profile"
}

# Where ZDOTDIR is set, it is mostly $HOME/.zshenv that sets it.
zshenv_file() {
    if [ -e "$HOME/.zshenv" ]; then
        say_only "$HOME/.zshenv"
    else
        say_only "$zsh_folder/.zshenv"
    fi
}

# The line that a shell's start-up file gets.
activation_line() {
    quoted=$(say_only "$data/activate.$1" | sed "s/'/'\\\\''/g")
    case $1 in
        fish)
            quoted=$(say_only "$data/activate.$1" | sed "s/\\\\/\\\\\\\\/g; s/'/\\\\'/g")
            say_only "test -r '$quoted'; and source '$quoted'"
            ;;
        *) say_only "[ ! -r '$quoted' ] || . '$quoted'" ;;
    esac
}

# add_line SHELL FILE
add_line() {
    line=$(activation_line "$1")
    file=$(real_path "$2")
    if [ -e "$file" ] && grep -qxF -e "$line" "$file"; then
        return 0
    fi
    remove_line "$2"
    begin=$BEGIN
    if [ ! -e "$file" ]; then
        mkdir -p "$(dirname "$file")"
        begin=$BEGIN$CREATED
        : > "$file"
    else
        cp -p "$file" "$file.holdpoint-backup"
        [ -z "$(tail -c 1 "$file")" ] || begin=$BEGIN$JOINED
    fi
    draft=$file.$$
    cp -p "$file" "$draft"
    {
        cat "$file"
        [ "$begin" != "$BEGIN$JOINED" ] || echo
        printf '%s\n%s\n%s\n' "$begin" "$line" "$END"
    } > "$draft"
    mv -f "$draft" "$file"
    changed="$changed $2"
}

# remove_line FILE: takes the marked lines out again, and nothing else.
remove_line() {
    file=$(real_path "$1")
    { [ -e "$file" ] && grep -qF -e "$BEGIN" "$file"; } || return 0
    ended=yes
    [ -z "$(tail -c 1 "$file")" ] || ended=no
    created=no
    ! grep -qxF -e "$BEGIN$CREATED" "$file" || created=yes
    draft=$file.$$
    cp -p "$file" "$draft"
    LC_ALL=C awk -v begin="$BEGIN" -v end="$END" -v joined="$BEGIN$JOINED" -v ended="$ended" '
        index($0, begin) == 1 { inside = 1; cut = ($0 == joined); last = 1; next }
        inside { if ($0 == end) inside = 0; next }
        { if (count++) printf "\n"; printf "%s", $0; last = 0 }
        END { if (count && (last ? !cut : ended == "yes")) printf "\n" }
    ' "$file" > "$draft"
    if [ "$created" = yes ] && [ ! -s "$draft" ]; then
        rm -f "$draft" "$file"
    else
        mv -f "$draft" "$file"
    fi
    # The copy from before is of no more use if this is the same.
    if cmp -s "$file" "$file.holdpoint-backup"; then
        rm -f "$file.holdpoint-backup"
    fi
}

# A file behind all its links, so that an edit does not replace a link.
real_path() {
    readlink -f "$1" 2> /dev/null || say_only "$1"
}

say_what_next() {
    say
    if [ "$modify_rc" = no ] || [ "$activated" = no ]; then
        say "Not active yet. Put this line at the end of your shell's start-up file:"
        say "  bash:  $(activation_line bash)"
        say "  zsh:   $(activation_line zsh)"
        say "  fish:  $(activation_line fish)"
    elif [ -n "$changed" ]; then
        say "One line was added to:$changed"
    fi
    case $(user_shell) in
        bash | zsh | fish)
            say "Open a new shell, or type here:"
            say "  $(activation_line "$(user_shell)")"
            ;;
        *) say "Then open a new shell." ;;
    esac
    say "Is it in place? holdpoint doctor"
    say "Name your production: holdpoint policy init"
    if [ "$prefix" = "$HOME/.local" ]; then
        say "Take it away again: $0 --uninstall"
    else
        say "Take it away again: $0 --uninstall --prefix $prefix"
    fi
}

# --- uninstall -------------------------------------------------------------

uninstall() {
    give_up_guard
    if [ -e "$shims/.holdpoint-shims" ]; then
        # Left over: links to a program that is no longer there.
        find "$shims" -mindepth 1 -maxdepth 1 -type l -exec rm -f {} +
        rm -f "$shims/.holdpoint-shims"
    fi
    if [ "$modify_rc" = yes ]; then
        for file in "$HOME/.bashrc" "$HOME/.bash_profile" "$HOME/.bash_login" "$HOME/.profile"; do
            remove_own_line bash "$file"
        done
        for file in "$HOME/.zshenv" "$zsh_folder/.zshenv" "$zsh_folder/.zprofile" \
            "$zsh_folder/.zshrc"; do
            remove_own_line zsh "$file"
        done
        remove_own_line fish "$fish_folder/conf.d/holdpoint.fish"
    fi
    rm -f "$data/activate.bash" "$data/activate.zsh" "$data/activate.fish"
    for file in "$manual" "$bash_completion" "$zsh_completion" "$fish_completion" "$binary"; do
        rm -f "$file"
    done
    for file in "$shims/x" "$data/x" "$manual" "$bash_completion" "$zsh_completion" \
        "$fish_completion" "$binary"; do
        remove_empty_folders "$(dirname "$file")"
    done
    say "holdpoint is gone from $prefix. Shells that are open keep its folder on PATH, where nothing is."
    say "Policy (~/.config/holdpoint) and audit trail (~/.local/state/holdpoint) were left."
}

# Has the installed program ask, and take its shims away. A person confirms,
# others are refused; then nothing has been removed. Where there are no shims,
# or no program behind them, nothing is guarded any more and nobody is asked.
give_up_guard() {
    { [ -e "$shims/.holdpoint-shims" ] && [ -e "$binary" ]; } || return 0
    status=0
    "$binary" shims remove --dir "$shims" > /dev/null || status=$?
    case $status in
        0) return 0 ;;
        77 | 12[89] | 1[3-9][0-9]) say "Nothing was removed." >&2 ;;
        *)
            status=1
            say "install.sh: $binary could not remove its shims. Nothing was removed." >&2
            say "If it does not run at all: install again, then uninstall. Or remove by hand," >&2
            say "the first one first: $shims" >&2
            say "  $data" >&2
            say "  $binary" >&2
            say "  the lines between '$BEGIN' and '$END' in your shell's start-up files" >&2
            ;;
    esac
    exit "$status"
}

# remove_own_line SHELL FILE: the marked lines, if they lead to this prefix.
# Another one's go on guarding.
remove_own_line() {
    { [ -e "$2" ] && grep -qxF -e "$(activation_line "$1")" "$2"; } || return 0
    remove_line "$2"
}

# Removes a folder and those above it, as long as they are empty and below
# the prefix.
remove_empty_folders() {
    folder=$1
    while [ "$folder" != "$prefix" ] && rmdir "$folder" 2> /dev/null; do
        folder=$(dirname "$folder")
    done
}

# --- words -----------------------------------------------------------------

say() {
    printf '%s\n' "$*"
}

say_only() {
    printf '%s' "$1"
}

die() {
    printf 'install.sh: %s\n' "$1" >&2
    exit 1
}

usage_error() {
    printf 'install.sh: %s; see --help\n' "$1" >&2
    exit 2
}

main "$@"
