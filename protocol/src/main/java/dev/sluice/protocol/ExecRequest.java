package dev.sluice.protocol;

import java.util.List;
import java.util.Objects;

/**
 * {@code core.exec.request}: starts a program. {@link #builder} makes one.
 *
 * @param cmd          the program: a path, or a name that the agent looks for
 * @param args         its arguments, without the program's own name
 * @param env          its environment on top of the agent's, each NAME=VALUE
 * @param cwd          its working directory, or null for the agent's choice
 * @param user         who it runs as, or null for the agent's choice
 * @param tty          whether it gets a terminal
 * @param rows         rows of the terminal, 0 to 65535
 * @param cols         columns of the terminal, 0 to 65535
 * @param rlimits      its resource limits
 * @param sluiceWindow wire bytes of standard output, and as many of standard error, that the client may be sent before
 *                     {@code sluice.window} grants more; 0 when the client has no windows; left out when 0
 */
public record ExecRequest(
    ByteString cmd,
    List<ByteString> args,
    List<ByteString> env,
    ByteString cwd,
    ByteString user,
    boolean tty,
    int rows,
    int cols,
    List<ExecRlimit> rlimits,
    long sluiceWindow) implements Message {

    /** Rows of a terminal when nothing else is said. */
    public static final int DEFAULT_ROWS = 24;
    /** Columns of a terminal when nothing else is said. */
    public static final int DEFAULT_COLS = 80;

    /**
     * Arguments and variables together; a request with more cannot be decoded. Enough for the 2 MiB of them that Linux hands to a program
     * by default when they have 7 bytes on average, and few enough that those of one byte cost no more than 8 MiB of memory.
     */
    public static final int MAX_STRINGS = 128 * 1024;

    /** Resource limits; a request with more cannot be decoded. Many times as many as there are resources. */
    public static final int MAX_RLIMITS = 1024;

    private static final String TOO_MANY_RLIMITS = "more resource limits than " + MAX_RLIMITS;
    private static final String TOO_MANY = "more arguments and variables than " + MAX_STRINGS;
    private static final StructFields FIELDS =
        StructFields.of("cmd", "args", "env", "cwd", "user", "tty", "rows", "cols", "rlimits", Ready.WINDOW_KEY);

    /**
     * A request.
     *
     * @throws NullPointerException     when something other than cwd and user is null
     * @throws IllegalArgumentException when rows, columns or window are out of range
     */
    public ExecRequest {
        Objects.requireNonNull(cmd, "cmd");
        args = List.copyOf(args);
        env = List.copyOf(env);
        rlimits = List.copyOf(rlimits);
        ExecResize.checkSize(rows, cols);
        WindowFrame.check(WindowFrame.STDOUT, sluiceWindow);
    }

    /**
     * Begins a request with defaults for everything but the program.
     *
     * @param cmd the program
     * @return a builder
     */
    public static Builder builder(final ByteString cmd) {
        return new Builder(cmd);
    }

    static ExecRequest decode(final CborReader reader) throws ProtocolException {
        final Builder request = new Builder(ByteString.EMPTY);
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            switch (field) {
                case 0 -> request.cmd = reader.readName();
                case 1 -> request.args = CborList.read(reader, CborReader::readName, MAX_STRINGS - request.env.size(), TOO_MANY);
                case 2 -> request.env = CborList.read(reader, CborReader::readName, MAX_STRINGS - request.args.size(), TOO_MANY);
                case 3 -> request.cwd = reader.tryReadNull() ? null : reader.readName();
                case 4 -> request.user = reader.tryReadNull() ? null : reader.readName();
                case 5 -> request.tty = reader.readBoolean();
                case 6 -> request.rows = reader.readUint16();
                case 7 -> request.cols = reader.readUint16();
                case 8 -> request.rlimits = CborList.read(reader, ExecRlimit::decode, MAX_RLIMITS, TOO_MANY_RLIMITS);
                default -> request.sluiceWindow = reader.tryReadNull() ? 0 : reader.readUint32();
            }
        }
        struct.require(0);
        return request.build();
    }

    @Override
    public MessageType type() {
        return MessageType.EXEC_REQUEST;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(sluiceWindow == 0 ? 9 : 10);
        writer.writeText("cmd");
        writer.writeName(cmd);
        writer.writeText("args");
        CborList.write(writer, args, CborWriter::writeName);
        writer.writeText("env");
        CborList.write(writer, env, CborWriter::writeName);
        writer.writeText("cwd");
        writer.writeNameOrNull(cwd);
        writer.writeText("user");
        writer.writeNameOrNull(user);
        writer.writeText("tty");
        writer.writeBoolean(tty);
        writer.writeText("rows");
        writer.writeUnsigned(rows);
        writer.writeText("cols");
        writer.writeUnsigned(cols);
        writer.writeText("rlimits");
        CborList.write(writer, rlimits, (to, limit) -> limit.write(to));
        if (sluiceWindow != 0) {
            writer.writeText(Ready.WINDOW_KEY);
            writer.writeUnsigned(sluiceWindow);
        }
    }

    /** Collects what a request is to say. Not thread safe. */
    public static final class Builder {
        private ByteString cmd;
        private List<ByteString> args = List.of();
        private List<ByteString> env = List.of();
        private ByteString cwd;
        private ByteString user;
        private boolean tty;
        private int rows = DEFAULT_ROWS;
        private int cols = DEFAULT_COLS;
        private List<ExecRlimit> rlimits = List.of();
        private long sluiceWindow;

        private Builder(final ByteString cmd) {
            this.cmd = cmd;
        }

        /**
         * Arguments.
         *
         * @param value without the program's own name
         * @return this builder
         */
        public Builder args(final List<ByteString> value) {
            args = value;
            return this;
        }

        /**
         * Environment on top of the agent's.
         *
         * @param value each NAME=VALUE
         * @return this builder
         */
        public Builder env(final List<ByteString> value) {
            env = value;
            return this;
        }

        /**
         * Working directory.
         *
         * @param value a path, or null for the agent's choice
         * @return this builder
         */
        public Builder cwd(final ByteString value) {
            cwd = value;
            return this;
        }

        /**
         * Who the program runs as.
         *
         * @param value USER[:GROUP], names or numbers, or null for the agent's choice
         * @return this builder
         */
        public Builder user(final ByteString value) {
            user = value;
            return this;
        }

        /**
         * Gives the program a terminal.
         *
         * @param withRows its rows, 0 to 65535
         * @param withCols its columns, 0 to 65535
         * @return this builder
         */
        public Builder tty(final int withRows, final int withCols) {
            tty = true;
            rows = withRows;
            cols = withCols;
            return this;
        }

        /**
         * Resource limits.
         *
         * @param value the limits
         * @return this builder
         */
        public Builder rlimits(final List<ExecRlimit> value) {
            rlimits = value;
            return this;
        }

        /**
         * Announces windows.
         *
         * @param bytes wire bytes of standard output, and as many of standard error, that may be sent at first; 0 for no windows
         * @return this builder
         */
        public Builder sluiceWindow(final long bytes) {
            sluiceWindow = bytes;
            return this;
        }

        /**
         * The request.
         *
         * @return a new request
         * @throws NullPointerException     when something other than cwd and user is null
         * @throws IllegalArgumentException when rows, columns or window are out of range
         */
        public ExecRequest build() {
            return new ExecRequest(cmd, args, env, cwd, user, tty, rows, cols, rlimits, sluiceWindow);
        }
    }
}
