package dev.sluice.protocol;

import java.util.List;
import java.util.Objects;

/**
 * The program that becomes the guest's first process in the agent's place.
 *
 * @param cmd  its path, or "auto"
 * @param args its arguments, without its own name; left out when empty
 * @param cwd  its working directory, or null; left out when null
 * @param env  its environment; left out when empty
 */
public record GuestHandoff(ByteString cmd, List<ByteString> args, ByteString cwd, List<GuestEnv> env) {
    private static final StructFields FIELDS = StructFields.of("cmd", "args", "cwd", "env");

    /**
     * Checks that nothing is missing.
     *
     * @throws NullPointerException when something other than cwd is null
     */
    public GuestHandoff {
        Objects.requireNonNull(cmd, "cmd");
        args = List.copyOf(args);
        env = List.copyOf(env);
    }

    static GuestHandoff decode(final CborReader reader) throws ProtocolException {
        ByteString cmd = ByteString.EMPTY;
        List<ByteString> args = List.of();
        ByteString cwd = null;
        List<GuestEnv> env = List.of();
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            switch (field) {
                case 0 -> cmd = reader.readName();
                case 1 -> args = CborList.read(reader, CborReader::readName);
                case 2 -> cwd = reader.tryReadNull() ? null : reader.readName();
                default -> env = CborList.read(reader, GuestEnv::decode);
            }
        }
        struct.require(0);
        return new GuestHandoff(cmd, args, cwd, env);
    }

    void write(final CborWriter writer) {
        writer.writeMapHead(1 + (args.isEmpty() ? 0 : 1) + (cwd == null ? 0 : 1) + (env.isEmpty() ? 0 : 1));
        writer.writeText("cmd");
        writer.writeName(cmd);
        if (!args.isEmpty()) {
            writer.writeText("args");
            CborList.write(writer, args, CborWriter::writeName);
        }
        if (cwd != null) {
            writer.writeText("cwd");
            writer.writeName(cwd);
        }
        if (!env.isEmpty()) {
            writer.writeText("env");
            CborList.write(writer, env, (to, variable) -> variable.write(to));
        }
    }
}
