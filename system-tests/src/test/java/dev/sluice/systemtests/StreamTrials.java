package dev.sluice.systemtests;

import dev.sluice.testsupport.Seeds;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Input and output, by length and by content. */
final class StreamTrials {
    /** Around a page, a pipe, a chunk on the wire, a window. */
    private static final int[] LENGTHS = {
        0, 1, 2, 23, 24, 255, 256, 4095, 4096, 4097, 32768, 65535, 65536, 65537, 262_143, 262_145, 1_000_003};
    private static final int MUCH = 2_000_000;
    private static final int BYTE_VALUES = 256;

    private StreamTrials() {
    }

    static Stream<Trial> all() {
        return Stream.of(through("cat"), through("sha256sum"), through("tee", "/dev/stderr"), outputs(), earlyEnds(), contents())
            .flatMap(family -> family);
    }

    private static Stream<Trial> through(final String... command) {
        final Random random = new Random(Seeds.next(command[0]));
        return IntStream.of(LENGTHS).mapToObj(length -> {
            final byte[] input = new byte[length];
            random.nextBytes(input);
            return Trial.of(length + " bytes through " + command[0], command).input(input);
        });
    }

    private static Stream<Trial> outputs() {
        return Stream.of(
            Trial.of("much through cat", "cat").input("line of text\n".repeat(600_000).getBytes()),
            Trial.script("much output", "sh", "yes | head -c $1", String.valueOf(7_000_000)),
            Trial.script("much of errors", "sh", "yes | head -c $1 >&2", String.valueOf(7_000_000)),
            Trial.script("much of both", "sh", "yes out | head -c $1 & yes err | head -c $1 >&2; wait", String.valueOf(3_000_000)),
            Trial.script("output byte by byte", "sh", "i=0; while [ $i -lt 2000 ]; do printf x; printf y >&2; i=$((i + 1)); done"),
            Trial.script("all at the last moment", "sh", "head -c 65536 /dev/zero; exit 11"),
            Trial.script("left to a child", "sh", "(sleep 0.2; echo late) & echo early; exit 3"),
            Trial.script("nothing at all", "sh", ""),
            Trial.script("no input", "sh", "cat; echo end of it; exit 4").noInput(),
            Trial.script("output after the answer", "sh", "echo question; read -r answer; echo \"answer: $answer\"")
                .afterOutput().input("42\n".getBytes()),
            Trial.script("conversation", "sh", "echo go; while read -r line; do echo \"$line\" | tr a-z A-Z; done")
                .afterOutput().input("a\nbc\nd e f\n".getBytes()));
    }

    private static Stream<Trial> earlyEnds() {
        final byte[] input = "0123456789\n".repeat(MUCH / 11).getBytes();
        return Stream.of(
            Trial.of("reads ten bytes", "head", "-c", "10"),
            Trial.of("reads one line", "head", "-n", "1"),
            Trial.of("reads nothing", "true"),
            Trial.of("reads nothing and fails", "false"),
            Trial.script("closes its input", "sh", "exec <&-; sleep 0.1; echo done; exit 9"),
            Trial.script("closes it after a line", "sh", "read -r line; exec <&-; echo \"$line\"; sleep 0.1"),
            Trial.script("reads slowly", "sh", "head -c 100000 | wc -c; sleep 0.1; head -c 100000 | wc -c"),
            Trial.of("takes single bytes", "dd", "bs=1", "count=500", "status=none"),
            Trial.script("leaves it to a child", "sh", "cat | tail -c 3 & wait")).map(trial -> trial.input(input));
    }

    private static Stream<Trial> contents() {
        final byte[] values = new byte[BYTE_VALUES * 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) i;
        }
        return Stream.of(
            Trial.of("every byte", "cat").input(values),
            Trial.of("every byte, seen", "od", "-An", "-tx1").input(values),
            Trial.of("every byte, by lines", "sort", "-z").input(values),
            Trial.of("bytes of nothing", "cat").input(new byte[MUCH]),
            Trial.of("lines without an end", "cat", "-A").input(values),
            Trial.of("a terminal's sequences", "printf", "\\033[31mred\\033[0m\\007\\r\\n"),
            Trial.of("a program's own bytes", "head", "-c", "100000", "/bin/sh"),
            Trial.of("device of zeros", "head", "-c", "70000", "/dev/zero"),
            Trial.of("frame in the output", "printf", "\\0\\0\\0\\5\\0\\0\\0\\1\\1\\240"));
    }
}
