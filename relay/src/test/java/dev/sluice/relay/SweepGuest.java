package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** A guest: announces itself, answers a session's start with a small and a large output, gives input back, ends what it is told to end. */
final class SweepGuest extends ScriptedPeer {
    static final int LARGE_OUTPUT = 20_000;

    boolean shutDown;
    /** Large outputs, of so many sessions. */
    int outputs;

    SweepGuest(final SweepChannel channel) {
        super(channel);
        send(Wire.READY);
    }

    @Override
    void onFrame(final byte[] frame) {
        final int id = id(frame);
        if (id == 0) {
            shutDown |= (flags(frame) & 4) != 0;
            return;
        }
        final String body = new String(frame, 9, frame.length - 9, US_ASCII);
        if ((flags(frame) & 2) != 0) {
            send(Wire.frame(id, 0, ("started " + Integer.toUnsignedString(id)).getBytes(US_ASCII)));
            final byte[] output = new byte[LARGE_OUTPUT];
            for (int i = 0; i < output.length; i++) {
                output[i] = (byte) (i * 31 + id);
            }
            send(Wire.frame(id, 0, ExecLogFrames.output("stdout", output)));
            outputs++;
        } else if (body.equals("end") || body.contains("core.exec.signal")) {
            send(Wire.frame(id, 1, Wire.EXITED_BODY));
        } else {
            send(Wire.frame(id, 0, java.util.Arrays.copyOfRange(frame, 9, frame.length)));
        }
    }

    @Override
    boolean pump() {
        final boolean moved = super.pump();
        if (shutDown && !isOver()) {
            close();
            return true;
        }
        return moved;
    }
}
