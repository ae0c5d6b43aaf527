package dev.sluice.client;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.ExecResize;
import dev.sluice.protocol.ExecRlimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What program to run in the sandbox, and how. Immutable.
 *
 * <p>Names are bytes to Linux and to Sluice; where text is given, its UTF-8 bytes are meant.
 */
public final class ExecOptions {
    /** How long {@link SandboxClient#exec} gives a program unless told otherwise. */
    public static final Duration DEFAULT_EXEC_DEADLINE = Duration.ofMinutes(10);
    /** How long a program may take to start unless told otherwise. */
    public static final Duration DEFAULT_START_DEADLINE = Duration.ofSeconds(30);
    /** How many bytes of each output {@link SandboxClient#exec} keeps unless told otherwise. */
    public static final int DEFAULT_OUTPUT_LIMIT = 16 * 1024 * 1024;
    /** A resource limit that is none: RLIM_INFINITY of Linux. */
    public static final long NO_LIMIT = -1;

    private static final String SHELL = "/bin/sh";

    private final ByteString command;
    private final List<ByteString> arguments;
    private final List<ByteString> environment;
    private final ByteString workingDirectory;
    private final ByteString user;
    private final ExecResize terminal;
    private final List<ExecRlimit> rlimits;
    private final boolean input;
    private final Duration deadline;
    private final Duration startDeadline;
    private final int outputLimit;

    private ExecOptions(final Builder builder) {
        command = builder.command;
        arguments = List.copyOf(builder.arguments);
        environment = List.copyOf(builder.environment);
        workingDirectory = builder.workingDirectory;
        user = builder.user;
        terminal = builder.terminal;
        rlimits = List.copyOf(builder.rlimits);
        input = builder.input;
        deadline = builder.deadline;
        startDeadline = builder.startDeadline;
        outputLimit = builder.outputLimit;
    }

    private ExecOptions(final ExecOptions from) {
        command = from.command;
        arguments = from.arguments;
        environment = from.environment;
        workingDirectory = from.workingDirectory;
        user = from.user;
        terminal = from.terminal;
        rlimits = from.rlimits;
        input = false;
        deadline = from.deadline;
        startDeadline = from.startDeadline;
        outputLimit = from.outputLimit;
    }

    /**
     * Begins with a program and its arguments.
     *
     * @param command   name or path of the program; a name without a slash is looked up in the sandbox
     * @param arguments what is passed to it, its name not among them
     * @return a builder with everything else at its default
     */
    public static Builder command(final String command, final String... arguments) {
        return new Builder(ByteString.of(command)).arguments(arguments);
    }

    /**
     * Begins with a program by its exact bytes.
     *
     * @param command name or path of the program
     * @return a builder with everything else at its default
     */
    public static Builder command(final ByteString command) {
        return new Builder(command);
    }

    /**
     * Begins with a script.
     *
     * @param script what the sandbox's shell, {@code /bin/sh}, is to run
     * @return a builder with everything else at its default
     */
    public static Builder shell(final String script) {
        return command(SHELL, "-c", script);
    }

    ByteString command() {
        return command;
    }

    List<ByteString> arguments() {
        return arguments;
    }

    List<ByteString> environment() {
        return environment;
    }

    ByteString workingDirectory() {
        return workingDirectory;
    }

    /** Who the program runs as, or null for the agent's choice. */
    ByteString user() {
        return user;
    }

    /** The size of the program's terminal, or null for none. */
    ExecResize terminal() {
        return terminal;
    }

    List<ExecRlimit> rlimits() {
        return rlimits;
    }

    /** Tells whether there is to be input: otherwise its end is sent at once. */
    boolean hasInput() {
        return input;
    }

    /** The same options, with the end of input sent at once. */
    ExecOptions withoutInput() {
        return input ? new ExecOptions(this) : this;
    }

    /** The deadline of a session that begins now; the given one where the options name none. */
    Deadline sessionDeadline(final Duration otherwise) {
        return Deadline.after(deadline == null ? otherwise : deadline);
    }

    Deadline startDeadline() {
        return Deadline.after(startDeadline);
    }

    int outputLimit() {
        return outputLimit;
    }

    /** Collects options. Not thread safe. */
    public static final class Builder {
        private final ByteString command;
        private final List<ByteString> arguments = new ArrayList<>();
        private final List<ByteString> environment = new ArrayList<>();
        private final List<ExecRlimit> rlimits = new ArrayList<>();
        private ByteString workingDirectory;
        private ByteString user;
        private ExecResize terminal;
        private boolean input = true;
        private Duration deadline;
        private Duration startDeadline = DEFAULT_START_DEADLINE;
        private int outputLimit = DEFAULT_OUTPUT_LIMIT;

        private Builder(final ByteString command) {
            if (command.isEmpty()) {
                throw new IllegalArgumentException("command is empty");
            }
            this.command = command;
        }

        /**
         * Adds arguments.
         *
         * @param more the arguments
         * @return this builder
         */
        public Builder arguments(final String... more) {
            Arrays.stream(more).map(ByteString::of).forEach(arguments::add);
            return this;
        }

        /**
         * Adds arguments by their exact bytes.
         *
         * @param more the arguments
         * @return this builder
         */
        public Builder arguments(final List<ByteString> more) {
            arguments.addAll(more);
            return this;
        }

        /**
         * Adds a variable to the program's environment.
         *
         * @param name  its name, not empty and without {@code =}
         * @param value its value
         * @return this builder
         * @throws IllegalArgumentException when there can be no variable of that name
         */
        public Builder environment(final String name, final String value) {
            if (name.isEmpty() || name.indexOf('=') >= 0) {
                throw new IllegalArgumentException("environment: name=" + name);
            }
            environment.add(ByteString.of(name + "=" + value));
            return this;
        }

        /**
         * Adds variables by their exact bytes.
         *
         * @param more each {@code NAME=VALUE}
         * @return this builder
         * @throws IllegalArgumentException when one has no name or no {@code =}
         */
        public Builder environment(final List<ByteString> more) {
            for (final ByteString variable : more) {
                if (variable.indexOf('=') < 1) {
                    throw new IllegalArgumentException("environment: not NAME=VALUE: " + variable);
                }
            }
            environment.addAll(more);
            return this;
        }

        /**
         * Sets the directory to start the program in; without it the agent chooses.
         *
         * @param path an absolute path in the sandbox
         * @return this builder
         */
        public Builder workingDirectory(final String path) {
            return workingDirectory(ByteString.of(path));
        }

        /**
         * Sets the directory to start the program in by its exact bytes.
         *
         * @param path an absolute path in the sandbox
         * @return this builder
         */
        public Builder workingDirectory(final ByteString path) {
            workingDirectory = Objects.requireNonNull(path, "path");
            return this;
        }

        /**
         * Sets who the program runs as; without it the agent chooses.
         *
         * @param name a user of the sandbox, {@code user}, {@code user:group}, {@code uid} or {@code uid:gid}
         * @return this builder
         */
        public Builder user(final String name) {
            return user(ByteString.of(name));
        }

        /**
         * Sets who the program runs as by its exact bytes.
         *
         * @param name a user of the sandbox, {@code user}, {@code user:group}, {@code uid} or {@code uid:gid}
         * @return this builder
         */
        public Builder user(final ByteString name) {
            user = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * Gives the program a terminal: it then has no standard error of its own, what is written to its input passes through the
         * terminal's line editing, and the end of its input is ^D, the byte 4, at the start of a line.
         *
         * @param rows its height in characters, 0 to 65535
         * @param cols its width in characters, 0 to 65535
         * @return this builder
         * @throws IllegalArgumentException when one is out of range
         */
        public Builder terminal(final int rows, final int cols) {
            terminal = new ExecResize(rows, cols);
            return this;
        }

        /**
         * Limits a resource of the program.
         *
         * @param name the resource as in setrlimit(2), in lower case and without RLIMIT_: {@code cpu}, {@code nofile}, {@code as} and so on
         * @param soft what holds at first, unsigned, in the resource's unit; {@link #NO_LIMIT} for none
         * @param hard up to which the program may raise it, likewise
         * @return this builder
         * @throws IllegalArgumentException when the name is empty or the soft limit is above the hard one
         */
        public Builder rlimit(final String name, final long soft, final long hard) {
            if (name.isEmpty() || Long.compareUnsigned(soft, hard) > 0) {
                throw new IllegalArgumentException("rlimit: name=" + name + " soft=" + Long.toUnsignedString(soft)
                    + " hard=" + Long.toUnsignedString(hard));
            }
            rlimits.add(new ExecRlimit(name, soft, hard));
            return this;
        }

        /**
         * Tells that there will be no input: its end is sent together with the request.
         *
         * @return this builder
         */
        public Builder noInput() {
            input = false;
            return this;
        }

        /**
         * Sets how long the session may last. When that has passed, whatever waits on the session gets a {@link DeadlineExceededException};
         * {@link SandboxClient#exec} also kills the program and takes up to 5 seconds more for its last output. Without it
         * {@link SandboxClient#exec} has {@link #DEFAULT_EXEC_DEADLINE}, {@link SandboxClient#start} no limit.
         *
         * @param time from the call that starts the program; not negative
         * @return this builder
         */
        public Builder deadline(final Duration time) {
            deadline = checked("deadline", time);
            return this;
        }

        /**
         * Sets how long it may take until the program runs, {@link #DEFAULT_START_DEADLINE} if not set.
         *
         * @param time from the call that starts the program; not negative
         * @return this builder
         */
        public Builder startDeadline(final Duration time) {
            startDeadline = checked("startDeadline", time);
            return this;
        }

        /**
         * Sets how many bytes of each output {@link SandboxClient#exec} keeps, {@link #DEFAULT_OUTPUT_LIMIT} if not set. More is counted
         * and dropped: see {@link ExecResult#isComplete}.
         *
         * @param bytes 0 or more
         * @return this builder
         */
        public Builder outputLimit(final int bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("outputLimit: bytes=" + bytes);
            }
            outputLimit = bytes;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return options of what was set so far
         */
        public ExecOptions build() {
            return new ExecOptions(this);
        }

        private static Duration checked(final String name, final Duration time) {
            if (time.isNegative()) {
                throw new IllegalArgumentException(name + ": time=" + time);
            }
            return time;
        }
    }
}
