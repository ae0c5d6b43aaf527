package dev.sluice.systemtests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.client.SandboxClient;
import dev.sluice.testsupport.TimeLimit;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What an agent costs its guest while nobody wants anything of it. {@code bench/idle} prints the figures. */
@TimeLimit(seconds = 180)
class IdleAgentTest {
    private static final long MAX_KIB = 32 * 1024;
    /** With the code that running programs has had compiled. */
    private static final long MAX_KIB_USED = 40 * 1024;
    private static final long MAX_CPU_MS_PER_MINUTE = 60;
    private static final Duration SETTLE_LIMIT = Duration.ofSeconds(60);
    private static final int WATCHED_SECONDS = Full.isOn() ? 60 : 5;
    /** A tick of the kernel's count more or less. */
    private static final long TICK_MS = 10;

    /** What it costs is said of an agent that {@code ./sluice} starts, with the archive; Maven alone has not made one. */
    @BeforeAll
    static void needsTheArchive() throws Exception {
        Sluice.assumeBuilt();
        Sluice.makeArchive();
    }

    @Test
    void anIdleAgentIsSmallAndQuiet() throws Exception {
        try (Sandbox sandbox = Sandbox.start(Console.RING)) {
            sandbox.connect().close();
            assertSmallAndQuiet("started", sandbox, MAX_KIB);
            try (SandboxClient client = sandbox.connect()) {
                for (int i = 0; i < 50; i++) {
                    assertEquals(0, client.exec("true").exitCode());
                }
            }
            assertSmallAndQuiet("after 50 programs", sandbox, MAX_KIB_USED);
        }
    }

    private static void assertSmallAndQuiet(final String when, final Sandbox sandbox, final long maxKib) throws Exception {
        final long pid = sandbox.agent().pid();
        // What starting took is given back soon, not at once.
        Await.until(() -> when + ": not below " + maxKib + " KiB of private dirty memory", SETTLE_LIMIT,
            () -> ProcessMemory.privateDirtyKib(pid) <= maxKib);
        final long before = ProcessMemory.cpuMs(pid);
        Thread.sleep(Duration.ofSeconds(WATCHED_SECONDS));
        final long used = ProcessMemory.cpuMs(pid) - before;
        final long kib = ProcessMemory.privateDirtyKib(pid);
        System.out.printf("%s: %d KiB private dirty, %d ms of CPU in %d s%n", when, kib, used, WATCHED_SECONDS);
        assertTrue(kib <= maxKib, when + ": private dirty KiB: " + kib);
        if (Full.isOn()) {
            assertTrue(used <= MAX_CPU_MS_PER_MINUTE + TICK_MS, when + ": ms of CPU in a minute: " + used);
        }
    }
}
