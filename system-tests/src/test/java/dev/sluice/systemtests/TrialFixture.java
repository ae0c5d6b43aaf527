package dev.sluice.systemtests;

import java.io.IOException;

/**
 * The files that trials use, made by programs: a name that is no text cannot be written down for the JVM's own files.
 */
final class TrialFixture {
    /** A name that is no text in any encoding but the oldest: invalid as UTF-8, with a newline, a quote and a blank. */
    static final byte[] ODD_NAME = {'o', (byte) 0xFF, '\n', (byte) 0xC0, '"', ' ', '\'', (byte) 0x80, '*', '\\'};
    /** The longest name that a directory holds. */
    static final String LONG_NAME = "n".repeat(255);

    private static final String FILES = """
        set -e
        mkdir sub empty-directory 'a directory' bin1 bin2 bin3 bin4 bin3/tool
        printf '#!/bin/sh\\necho script "$0" "$@"\\n' > script
        printf 'echo plain text\\n' > plain
        : > empty
        printf '#!/nosuch/interpreter\\n' > lost-interpreter
        printf '#!/usr\\n' > directory-interpreter
        printf '#!\\n' > blank-interpreter
        printf '#!/bin/echo one two\\n' > echo-script
        printf '#!%s/script outer\\n' "$PWD" > nested-script
        printf '#!/bin/sh\\nexit 99\\n' > not-executable
        printf '#!/bin/sh\\ncat; exit 5\\n' > reading-script
        head -c 100 /bin/sh > cut-program
        for tool in bin1/tool bin2/tool; do printf '#!/bin/sh\\necho %s\\n' $tool > $tool; done
        printf 'not executable' > bin4/tool
        printf '#!/bin/sh\\necho here\\n' > tool
        chmod 755 script plain empty lost-interpreter directory-interpreter blank-interpreter echo-script nested-script reading-script \\
            cut-program bin1/tool bin2/tool tool
        chmod 644 not-executable bin4/tool
        ln -s loop loop
        ln -s script link
        ln -s nosuch dangling
        ln -s sub link-to-directory
        mkfifo fifo
        """;
    private static final String NAMED = """
        set -e
        mkdir "./$1"
        cp script "./$1/$1"
        printf content > "./$1/file"
        """;

    private TrialFixture() {
    }

    /** Somebody who runs a program to its end, which has to be a good one. */
    @FunctionalInterface
    interface Runner {
        void run(Trial step) throws IOException;
    }

    /** Makes the files in the directory that the runner runs programs in. */
    static void make(final Runner runner) throws IOException {
        runner.run(Trial.script("files", "sh", FILES));
        runner.run(Trial.script("odd name", "sh", NAMED).argument(ODD_NAME));
        runner.run(Trial.script("long name", "sh", NAMED, LONG_NAME));
    }
}
