package dev.sluice.systemtests;

import dev.sluice.protocol.ByteString;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Arguments, variables, directories and files whose names are bytes and no more. */
final class NameTrials {
    /** The longest argument or variable, its end included: MAX_ARG_STRLEN of linux/binfmts.h. */
    private static final int MAX_STRING = 131_072;
    private static final int MANY = 10_000;
    /** More than all arguments together may have: a quarter of the stack, 2 MiB of 8. */
    private static final int TOO_MANY = 25_000;

    private NameTrials() {
    }

    static Stream<Trial> all() {
        return Stream.of(words(), lengths(), variables(), directories(), files()).flatMap(family -> family);
    }

    private static Map<String, byte[]> oddWords() {
        final Map<String, byte[]> words = new LinkedHashMap<>();
        words.put("empty", bytes(""));
        words.put("blank", bytes(" "));
        words.put("newlines", bytes("\n\na\nb\n"));
        words.put("tab and return", bytes("\t\r\u000b"));
        words.put("quotes", bytes("'\"`$HOME`$(id)\\"));
        words.put("pattern", bytes("*?[a-z]~{x,y}"));
        words.put("option", bytes("--help"));
        words.put("assignment", bytes("=a=b="));
        words.put("other scripts", bytes("\u00fc\u4e2d\u0416\ud83d\ude00\u200f"));
        words.put("not UTF-8", new byte[] {(byte) 0xFF, (byte) 0xFE, 'x', (byte) 0x80});
        words.put("too short for UTF-8", new byte[] {(byte) 0xE2, (byte) 0x82});
        words.put("too long for UTF-8", new byte[] {(byte) 0xC0, (byte) 0xAF, (byte) 0xF8, (byte) 0x88});
        words.put("surrogates", new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80});
        words.put("Latin-1", new byte[] {(byte) 0xFC, (byte) 0xDF, (byte) 0xA0});
        words.put("control", new byte[] {1, 2, 3, 4, 7, 8, 27, 127});
        words.put("every byte", everyByte());
        words.put("what no name has", TrialFixture.ODD_NAME);
        return words;
    }

    private static Stream<Trial> words() {
        return oddWords().entrySet().stream().flatMap(word -> Stream.of(
            Trial.of("argument: " + word.getKey(), "printf", "[%s]", "before").argument(word.getValue()).arguments("after", ""),
            Trial.of("variable: " + word.getKey(), "printenv", "ODD").environment(variable("ODD", word.getValue()))));
    }

    private static Stream<Trial> lengths() {
        final Trial many = Trial.script("many arguments", "sh", "echo $#; echo \"$9999\"");
        final Trial tooMany = Trial.of("more arguments than fit", "true");
        for (int i = 0; i < TOO_MANY; i++) {
            tooMany.arguments("x".repeat(100));
            if (i < MANY) {
                many.arguments(String.valueOf(i));
            }
        }
        return Stream.of(
            many, tooMany,
            Trial.script("longest argument", "sh", "printf %s \"$1\" | wc -c", "a".repeat(MAX_STRING - 1)),
            Trial.script("argument too long", "sh", "echo not reached", "a".repeat(MAX_STRING)),
            Trial.script("longest variable", "sh", "printf %s \"$V\" | wc -c").environment("V=" + "v".repeat(MAX_STRING - 3)),
            Trial.script("variable too long", "sh", "echo not reached").environment("V=" + "v".repeat(MAX_STRING - 2)),
            Trial.of("longest name", "./" + TrialFixture.LONG_NAME + "/" + TrialFixture.LONG_NAME, "argument"),
            Trial.of("name too long", "./" + "n".repeat(256)),
            Trial.of("path too long", "/" + "d/".repeat(2048)),
            Trial.of("many blanks", "printf", "%s", " ".repeat(100_000)));
    }

    private static Stream<Trial> variables() {
        return Stream.of(
            Trial.of("variable without a value", "printenv", "EMPTY").environment("EMPTY="),
            Trial.of("variable that is not there", "printenv", "NOSUCH_VARIABLE"),
            Trial.of("the last of one name", "printenv", "TWICE").environment("TWICE=1").environment("TWICE=2"),
            Trial.of("value with separators", "printenv", "PAIRS").environment("PAIRS=a=b=c"),
            Trial.of("name with a dot", "printenv", "a.b-c d").environment("a.b-c d=odd"),
            Trial.of("name that is not UTF-8", "sh", "-c", "env -0 | grep -zac '^.x=value$'")
                .environment(ByteString.copyOf(concat(new byte[] {(byte) 0xFE, 'x'}, bytes("=value"))))
                .environment("LC_ALL=C"),
            Trial.of("overridden", "printenv", "HOME", "TMPDIR").environment("HOME=/elsewhere"),
            Trial.script("many", "sh", "echo $V0 $V1999; env | grep -c '^V[0-9]*='").environment("V0=zero").environment("V1999=last"));
    }

    private static Stream<Trial> directories() {
        return Stream.of(
            Trial.of("directory", "pwd").directory("sub"),
            Trial.of("directory with a blank", "pwd").directory("a directory"),
            Trial.of("directory of odd bytes", "pwd").directory(ByteString.copyOf(TrialFixture.ODD_NAME)),
            Trial.of("directory with a long name", "sh", "-c", "pwd; cat file").directory(TrialFixture.LONG_NAME),
            Trial.of("root", "pwd").directory("/"),
            Trial.of("directory behind a link", "pwd", "-P").directory("link-to-directory"),
            Trial.of("directory with dots", "pwd", "-P").directory("sub/../sub/./"),
            Trial.of("directory that is not there", "pwd").directory("nosuch"),
            Trial.of("directory that is a file", "pwd").directory("script"),
            Trial.of("directory below a file", "pwd").directory("script/sub"),
            Trial.of("directory behind a dangling link", "pwd").directory("dangling"),
            Trial.of("directory in a circle", "pwd").directory("loop"),
            Trial.of("directory with too long a name", "pwd").directory("d".repeat(256)),
            Trial.of("directory with too long a path", "pwd").directory("/" + "d/".repeat(2048)),
            Trial.of("directory and program both missing", "./nosuch").directory("nosuch"));
    }

    private static Stream<Trial> files() {
        final byte[] odd = TrialFixture.ODD_NAME;
        final byte[] program = concat(bytes("./"), odd, bytes("/"), odd);
        return Stream.of(
            Trial.of("program of odd bytes").argument(program).arguments("argument"),
            Trial.of("program of odd bytes in the PATH").argument(odd).environment(variable("PATH", concat(odd, bytes(":/usr/bin:/bin")))),
            Trial.of("list of odd names", "ls", "-1", "-N").argument(odd),
            Trial.of("file below an odd name", "cat").argument(concat(odd, bytes("/file"))),
            Trial.of("file that is not there", "cat", "no such\nfile"),
            Trial.script("file made and removed", "sh", "d=$(mktemp -d); : > \"$d/$1\"; ls -N \"$d\"; rm \"$d/$1\"; rmdir \"$d\"")
                .argument(odd));
    }

    private static ByteString variable(final String name, final byte... value) {
        return ByteString.copyOf(concat(bytes(name + "="), value));
    }

    private static byte[] everyByte() {
        final byte[] all = new byte[255];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) (i + 1);
        }
        return all;
    }

    private static byte[] bytes(final String text) {
        return ByteString.of(text).toByteArray();
    }

    private static byte[] concat(final byte[]... parts) {
        byte[] joined = {};
        for (final byte[] part : parts) {
            final int length = joined.length;
            joined = Arrays.copyOf(joined, length + part.length);
            System.arraycopy(part, 0, joined, length, part.length);
        }
        return joined;
    }
}
