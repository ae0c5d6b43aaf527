package dev.sluice.protocol;

import java.util.Objects;

/**
 * {@code core.ready}: the agent is up. Times are of the guest's boot clock, nanoseconds, unsigned.
 *
 * @param bootTimeNs   when the agent started
 * @param initTimeNs   how long its initialisation took
 * @param readyTimeNs  when this message was made
 * @param agentVersion version of the agent, "" when not told; left out when empty
 * @param sluiceWindow wire bytes of standard input that each session may be sent before {@code sluice.window} grants more, 0 when the agent
 *                     has no windows; left out when 0
 */
public record Ready(long bootTimeNs, long initTimeNs, long readyTimeNs, String agentVersion, long sluiceWindow) implements Message {
    /** Key of the window that either side announces. */
    static final String WINDOW_KEY = "sluice_window";

    private static final StructFields FIELDS =
        StructFields.of("boot_time_ns", "init_time_ns", "ready_time_ns", "agent_version", WINDOW_KEY);

    /**
     * A ready message.
     *
     * @throws IllegalArgumentException when the window is below 0 or above {@link WindowFrame#MAX_BYTES}
     */
    public Ready {
        Objects.requireNonNull(agentVersion, "agentVersion");
        WindowFrame.check(WindowFrame.STDIN, sluiceWindow);
    }

    static Ready decode(final CborReader reader) throws ProtocolException {
        long boot = 0;
        long init = 0;
        long ready = 0;
        String version = "";
        long window = 0;
        final StructReader struct = new StructReader(reader, FIELDS);
        for (int field = struct.next(); field != StructReader.END; field = struct.next()) {
            switch (field) {
                case 0 -> boot = reader.readUint64();
                case 1 -> init = reader.readUint64();
                case 2 -> ready = reader.readUint64();
                case 3 -> version = reader.tryReadNull() ? "" : reader.readString();
                default -> window = reader.tryReadNull() ? 0 : reader.readUint32();
            }
        }
        struct.require(0, 1, 2);
        return new Ready(boot, init, ready, version, window);
    }

    @Override
    public MessageType type() {
        return MessageType.READY;
    }

    @Override
    public void writePayload(final CborWriter writer) {
        writer.writeMapHead(3 + (agentVersion.isEmpty() ? 0 : 1) + (sluiceWindow == 0 ? 0 : 1));
        writer.writeText("boot_time_ns");
        writer.writeUnsigned(bootTimeNs);
        writer.writeText("init_time_ns");
        writer.writeUnsigned(initTimeNs);
        writer.writeText("ready_time_ns");
        writer.writeUnsigned(readyTimeNs);
        if (!agentVersion.isEmpty()) {
            writer.writeText("agent_version");
            writer.writeText(agentVersion);
        }
        if (sluiceWindow != 0) {
            writer.writeText(WINDOW_KEY);
            writer.writeUnsigned(sluiceWindow);
        }
    }
}
