package dev.sluice.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ffi.Posix;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a service manager is told, and that a manager that is not there or does not listen hurts nobody. */
class ServiceNotifierTest {
    @TempDir
    Path directory;

    @Test
    void tellsAPathAndAnAbstractName() throws Exception {
        for (final String name : new String[] {directory.resolve("notify").toString(), "@sluice-test-" + ProcessHandle.current().pid()}) {
            try (NotifySocket manager = new NotifySocket(name);
                ServiceNotifier notifier = ServiceNotifier.to(Posix.system(), name.getBytes(UTF_8))) {
                notifier.onBound();
                assertEquals("READY=1\nSTATUS=waiting for the guest", manager.receive());
                notifier.onReady();
                assertEquals("STATUS=guest ready", manager.receive());
                notifier.onGuestLost("it said\nREADY=1\u001b[2J" + "!".repeat(1000));
                final String lost = manager.receive();
                assertTrue(lost.startsWith("STATUS=waiting for a guest, the last was lost: it said READY=1\\x1b[2J!"), lost);
                assertTrue(lost.lines().count() == 1 && lost.length() < 300, lost);
                notifier.onDraining();
                assertEquals("STOPPING=1\nSTATUS=ending", manager.receive());
            }
        }
    }

    @Test
    void nobodyToTellIsNoFailure() throws Exception {
        Files.writeString(directory.resolve("file"), "");
        for (final String name : new String[] {
            "", "@", "relative", "vsock:2:1234", directory.resolve("missing").toString(), directory.resolve("file").toString(),
            "/" + "x".repeat(107), "@" + "x".repeat(108)}) {
            try (ServiceNotifier notifier = ServiceNotifier.to(Posix.system(), name.getBytes(UTF_8))) {
                notifier.onBound();
                notifier.onDraining();
            }
        }
    }

    @Test
    void aManagerThatDoesNotReadIsNotWaitedFor() throws Exception {
        final String name = directory.resolve("notify").toString();
        try (NotifySocket manager = new NotifySocket(name);
            ServiceNotifier notifier = ServiceNotifier.to(Posix.system(), name.getBytes(UTF_8))) {
            for (int i = 0; i < 2000; i++) {
                notifier.onReady();
            }
            assertEquals("STATUS=guest ready", manager.receive());
        }
    }

    @Test
    void aManagerThatHasGoneIsNoFailure() throws Exception {
        final String name = directory.resolve("notify").toString();
        final NotifySocket manager = new NotifySocket(name);
        try (ServiceNotifier notifier = ServiceNotifier.to(Posix.system(), name.getBytes(UTF_8))) {
            manager.close();
            notifier.onBound();
            notifier.onDraining();
        }
    }
}
