#!/bin/sh
# Regenerates package dev.sluice.ffi.linux from include/ and lists/.
#
#   generate.sh [JEXTRACT]        JEXTRACT: the jextract command; by default $JEXTRACT, else the one on the PATH
set -eu

here=$(cd "$(dirname "$0")" && pwd)
package=dev.sluice.ffi.linux
folder=dev/sluice/ffi/linux
main=$here/../ffi/src/main/java/$folder
test=$here/../ffi/src/test/java/$folder
jextract=${1:-${JEXTRACT:-jextract}}

command -v "$jextract" >/dev/null || {
    echo "generate.sh: no jextract: $jextract (see README.md)" >&2
    exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What is shipped: constants, layouts, functions that leave errno alone.
set --
for list in "$here"/lists/*.txt; do
    case $list in
        */prototypes.txt) ;;
        *) set -- "$@" "@$list" ;;
    esac
done
"$jextract" --include-dir "$here/include" --header-class-name Linux --target-package "$package" --output "$work/main" \
    "$@" "$here/include/sluice.h"

# What tests hold the hand-written calls against: the prototypes of the functions that set errno.
"$jextract" --include-dir "$here/include" --header-class-name Prototypes --target-package "$package" --output "$work/test" \
    "@$here/lists/prototypes.txt" "$here/include/sluice.h"

# Three changes, all here, so that nobody edits what is generated:
# - constants become public fields instead of methods, which makes them compile-time constants, usable in case labels;
# - warnings are off in these classes;
# - the tracing of calls is taken out, which would print to standard output.
for file in "$work"/*/"$folder"/*.java; do
    awk '
        skipping { if ($0 == "    }") skipping = 0; next }
        /^    private static final (byte|short|int|long) [A-Za-z0-9_]+ = / { sub(/private/, "public"); print; skipping = 1; next }
        /TRACE_DOWNCALLS = / || /^ *if \(TRACE_DOWNCALLS\) \{$/ { if ($NF == "{") tracing = 1; next }
        tracing { if ($1 == "}") tracing = 0; next }
        /static void traceDowncall\(/ { dropping = 1; next }
        dropping { if ($0 == "    }") { dropping = 0; getline }; next }
        /^public class / { print "@SuppressWarnings(\"restricted\")" }
        { sub(/[ \t]+$/, ""); print }
    ' "$file" > "$file.new"
    mv "$file.new" "$file"
done

mkdir -p "$main" "$test"
find "$main" "$test" -name '*.java' ! -name package-info.java -delete
cp "$work/main/$folder"/*.java "$main/"
cp "$work/test/$folder"/*.java "$test/"
echo "generate.sh: $(ls "$main" "$test" | grep -c java) files, $(cat "$main"/*.java "$test"/*.java | wc -l) lines in $package"
