package dev.sluice.relay;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.fault.Fault;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What may have come of one fault: harm to the connection that the call was for, and nothing else. */
final class SweepOracle {
    private final SweepExchange exchange;
    private final LockstepCalls calls;
    private final Fault fault;

    SweepOracle(final SweepExchange exchange, final LockstepCalls calls, final Fault fault) {
        this.exchange = exchange;
        this.calls = calls;
        this.fault = fault;
    }

    void check() {
        assertTrue(exchange.isShutDown(), "a client was served after the fault, and its shutdown came to the guest");
        final boolean guestLost = exchange.guests.size() > 1;
        assertFalse(guestLost && !mayHarmGuest(), "the guest was lost to a call on " + calls.faultedOn() + " " + calls.faultedCall());
        for (int i = 0; i < exchange.clients.size(); i++) {
            checkClient(i, guestLost);
        }
        exchange.guests.forEach(this::checkGuest);
    }

    /** Whether the fault is one that ends a connection: being interrupted, being told to come back, and moving little are none. */
    private boolean endsConnections() {
        return fault.errno() != 0 && fault.errno() != Errno.EINTR && fault.errno() != Errno.EAGAIN;
    }

    private boolean mayHarmGuest() {
        return switch (calls.faultedCall()) {
            // A ring is handed over whole or not at all.
            case "SENDMSG", "FCNTL" -> true;
            // Without a descriptor for it a guest is turned away, and comes again.
            case "ACCEPT4" -> fault.errno() == Errno.EMFILE || fault.errno() == Errno.ENFILE;
            default -> calls.faultedOn().role() == LockstepCalls.Role.GUEST && endsConnections();
        };
    }

    private boolean mayHarmClient(final int index, final boolean guestLost) {
        final LockstepCalls.Descriptor on = calls.faultedOn();
        return guestLost || on.role() == LockstepCalls.Role.CLIENT && on.client() == index && endsConnections();
    }

    private void checkClient(final int index, final boolean guestLost) {
        final SweepClient client = exchange.clients.get(index);
        final String name = "client " + index;
        final List<byte[]> meant = new ArrayList<>();
        if (client.id() != 0) {
            exchange.guests.forEach(
                guest -> guest.sent.stream().filter(frame -> ScriptedPeer.id(frame) == client.id()).forEach(meant::add));
        }
        // Behind the handshake and core.ready come the frames of the session.
        int same = 0;
        final int session = client.isGreeted() ? 2 : client.received.size();
        final int frames = client.received.size() - session;
        while (same < frames && same < meant.size() && Arrays.equals(meant.get(same), client.received.get(session + same))) {
            same++;
        }
        final boolean told = frames == same + 1 && SweepClient.isRelays(client.received.getLast());
        assertTrue(frames == same || told, name + " got a frame that was not meant for it, or not then");
        final byte[] partial = client.partial();
        if (partial.length > 0 && client.isGreeted()) {
            assertTrue(client.ended && same < meant.size() && partial.length < meant.get(same).length
                && Arrays.equals(partial, Arrays.copyOf(meant.get(same), partial.length)), name + " got part of a frame, and no end");
        }
        final boolean whole = client.sessionEnded && same == meant.size();
        assertTrue(whole || client.ended, name + " lost something and was not told");
        assertTrue(whole || mayHarmClient(index, guestLost),
            name + " came to harm by " + calls.faultedCall() + " on " + calls.faultedOn());
    }

    private void checkGuest(final SweepGuest guest) {
        for (final SweepClient client : exchange.clients) {
            if (client.id() == 0) {
                continue;
            }
            final List<byte[]> got = guest.received.stream().filter(frame -> ScriptedPeer.id(frame) == client.id()).toList();
            int same = 0;
            while (same < got.size() && same < client.sent.size() && Arrays.equals(client.sent.get(same), got.get(same))) {
                same++;
            }
            final boolean killed = got.size() == same + 1
                && new String(got.getLast(), StandardCharsets.US_ASCII).contains("core.exec.signal");
            assertTrue(got.size() == same || killed && client.isOver(), "the guest got a frame that no client sent");
        }
        assertTrue(guest.partial().length == 0 || guest.ended || guest.closed, "the guest got part of a frame, and no end");
    }
}
