package dev.sluice.systemtests;

import dev.sluice.protocol.ByteString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A program to be run twice, directly and in a sandbox, which nobody is to be able to tell apart. Names are bytes; where text is given, its
 * UTF-8 bytes are meant.
 */
final class Trial {
    /** A limit of setrlimit(2); the number is Linux's. */
    record Limit(String name, int resource, long soft, long hard) {
    }

    /** The size of a terminal, in characters. */
    record Size(int rows, int columns) {
    }

    private final String name;
    private final List<ByteString> command = new ArrayList<>();
    private final List<ByteString> environment = new ArrayList<>();
    private final List<Limit> limits = new ArrayList<>();
    private ByteString directory = ByteString.EMPTY;
    private byte[] input = {};
    private boolean noInput;
    private boolean afterOutput;
    private int signal;
    private Size terminal;
    private Size resized;
    private String user = "";

    private Trial(final String name) {
        this.name = name;
    }

    /** A program and its arguments. */
    static Trial of(final String name, final String... command) {
        return new Trial(name).arguments(command);
    }

    /** A script, on a shell of this machine. */
    static Trial script(final String name, final String shell, final String script, final String... arguments) {
        return of(name, shell, "-c", script).arguments("name").arguments(arguments);
    }

    Trial arguments(final String... more) {
        Arrays.stream(more).map(ByteString::of).forEach(command::add);
        return this;
    }

    Trial argument(final byte... bytes) {
        command.add(ByteString.copyOf(bytes));
        return this;
    }

    /** Adds a variable, {@code NAME=VALUE}. */
    Trial environment(final ByteString variable) {
        environment.add(variable);
        return this;
    }

    Trial environment(final String variable) {
        return environment(ByteString.of(variable));
    }

    /** Sets the working directory; a relative one is below that of the fixture, which is also where a trial without one runs. */
    Trial directory(final ByteString path) {
        directory = path;
        return this;
    }

    Trial directory(final String path) {
        return directory(ByteString.of(path));
    }

    Trial input(final byte... bytes) {
        input = bytes.clone();
        return this;
    }

    Trial limit(final String resource, final int number, final long soft, final long hard) {
        limits.add(new Limit(resource, number, soft, hard));
        return this;
    }

    /** Has the input, and the signal, wait until the program has written something. */
    Trial afterOutput() {
        afterOutput = true;
        return this;
    }

    /** Sends the program's group a signal once it has written something. */
    Trial signal(final int number) {
        signal = number;
        return afterOutput();
    }

    /** Has no input, and the sandbox is told so. */
    Trial noInput() {
        noInput = true;
        return this;
    }

    /** Runs the program at a terminal: what it writes to either output is one stream. */
    Trial terminal(final int rows, final int columns) {
        terminal = new Size(rows, columns);
        return this;
    }

    /** Gives the terminal another size once the program has written something. */
    Trial resize(final int rows, final int columns) {
        resized = new Size(rows, columns);
        return afterOutput();
    }

    /** Runs the program as somebody else: {@code user}, {@code user:group} or numbers. */
    Trial user(final String spec) {
        user = spec;
        return this;
    }

    List<ByteString> command() {
        return command;
    }

    List<ByteString> environment() {
        return environment;
    }

    List<Limit> limits() {
        return limits;
    }

    ByteString directory() {
        return directory;
    }

    byte[] input() {
        return input.clone();
    }

    boolean hasNoInput() {
        return noInput;
    }

    /** The terminal's size, or null. */
    Size terminal() {
        return terminal;
    }

    /** The terminal's later size, or null. */
    Size resized() {
        return resized;
    }

    /** Whose program it is, or empty. */
    String user() {
        return user;
    }

    boolean isAfterOutput() {
        return afterOutput;
    }

    int signal() {
        return signal;
    }

    @Override
    public String toString() {
        return name;
    }
}
