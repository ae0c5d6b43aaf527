package dev.sluice.systemtests;

import java.util.stream.Stream;

/** Programs that can be started, in ways one does not think of, and programs that cannot. */
final class StartTrials {
    private static final String USUAL = "/usr/bin:/bin";

    private StartTrials() {
    }

    static Stream<Trial> all() {
        return Stream.concat(paths(), searches());
    }

    private static Stream<Trial> paths() {
        return Stream.of(
            Trial.of("absolute path", "/bin/echo", "x"),
            Trial.of("relative path", "./script", "x"),
            Trial.of("relative path from elsewhere", "../script", "x").directory("sub"),
            Trial.of("path below the directory", "bin1/tool"),
            Trial.of("link", "./link", "x"),
            Trial.of("script with an argument of its own", "./echo-script", "three"),
            Trial.of("script of a script", "./nested-script", "inner"),
            Trial.of("script that reads", "./reading-script").input("input".getBytes()),
            Trial.of("no such path", "/nosuch/program"),
            Trial.of("no such file", "./nosuch"),
            Trial.of("dangling link", "./dangling"),
            Trial.of("links in a circle", "./loop"),
            Trial.of("below a file", "./script/program"),
            Trial.of("file that is not executable", "./not-executable"),
            Trial.of("directory", "./sub"),
            Trial.of("root directory", "/"),
            Trial.of("fifo", "./fifo"),
            Trial.of("device", "/dev/null"),
            Trial.of("interpreter that is not there", "./lost-interpreter"),
            Trial.of("interpreter that is a directory", "./directory-interpreter"),
            Trial.of("interpreter without a name", "./blank-interpreter"),
            Trial.of("text without an interpreter", "./plain"),
            Trial.of("empty file", "./empty"),
            Trial.of("program that is cut off", "./cut-program"),
            Trial.of("program with a slash at its end", "./script/"),
            Trial.of("name that ends its own arguments", "sh", "-c", "echo \"$0\"", "--"));
    }

    private static Stream<Trial> searches() {
        return Stream.of(
            search("first of two", "bin1:bin2"),
            search("first of two, the other way round", "bin2:bin1"),
            search("second of two", "sub:bin2"),
            search("empty element first", ":bin1"),
            search("empty element last", "sub:"),
            search("empty element between", "sub::bin1"),
            search("nothing but separators", "::"),
            search("empty PATH", ""),
            search("directory of that name", "bin3:bin1"),
            search("file that is not executable", "bin4:bin2"),
            search("only one that is not executable", "bin4:sub"),
            search("only a directory of that name", "bin3"),
            search("element that is not there", "nosuch:bin1"),
            search("element that is a file", "script:bin1"),
            search("element with too long a name", "n".repeat(256) + ":bin1"),
            search("element in a circle", "loop:bin1"),
            search("nowhere", "sub:empty-directory"),
            search("relative to the working directory", "../bin2").directory("sub"),
            search("absolute elements", "/nosuch:" + USUAL),
            Trial.of("name that is nowhere", "nosuch-program"),
            Trial.of("name that is too long", "n".repeat(256)),
            Trial.of("name of a dot", ".").environment("PATH=bin1"),
            Trial.of("name of two dots", "..").environment("PATH=bin1"),
            Trial.of("PATH of the program, not ours", "sh", "-c", "echo $PATH; tool").environment("PATH=bin1:" + USUAL),
            Trial.of("text without an interpreter, found", "plain").environment("PATH=.:" + USUAL),
            Trial.of("lost interpreter before another place", "lost-interpreter").environment("PATH=.:bin1"));
    }

    private static Trial search(final String name, final String path) {
        return Trial.of("search: " + name, "tool", "x").environment("PATH=" + path);
    }
}
