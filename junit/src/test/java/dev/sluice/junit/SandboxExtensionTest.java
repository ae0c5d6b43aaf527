package dev.sluice.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.sluice.client.SandboxClient;
import dev.sluice.client.SandboxFiles;
import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** What a test that uses the extension gets, seen by running such tests. This JVM has no flags, as a user's. */
@TimeLimit(seconds = 180)
class SandboxExtensionTest {
    private static final List<Path> SOCKETS = Collections.synchronizedList(new ArrayList<>());

    @Test
    void aClassSharesASandboxAndEachTestHasAClient() {
        SOCKETS.clear();
        run(PerClass.class).assertStatistics(stats -> stats.succeeded(4).failed(0));
        assertEquals(4, SOCKETS.size());
        assertEquals(1, SOCKETS.stream().distinct().count());
        assertFalse(Files.exists(SOCKETS.getFirst().getParent()), "the sandbox is gone");
    }

    @Test
    void eachTestCanHaveASandbox() {
        SOCKETS.clear();
        run(PerTest.class).assertStatistics(stats -> stats.succeeded(2).failed(0));
        assertNotEquals(SOCKETS.get(0), SOCKETS.get(1));
        assertFalse(Files.exists(SOCKETS.get(1).getParent()), "the sandbox is gone");
    }

    @Test
    void itCanBeRegisteredByHand() {
        run(Registered.class).assertStatistics(stats -> stats.succeeded(1).failed(0));
    }

    @Test
    void aTestThatFailsLeavesNothing() {
        SOCKETS.clear();
        run(Failing.class).assertStatistics(stats -> stats.failed(1));
        assertFalse(Files.exists(SOCKETS.getFirst().getParent()), "the sandbox is gone");
    }

    @Test
    void aSandboxThatDoesNotStartSaysWhatItNeeds() {
        final IOException failure = assertThrows(IOException.class, () -> TestSandbox.start(Duration.ofMillis(1)));
        assertTrue(failure.getMessage().contains("not ready within 0 s"), failure.getMessage());
        assertTrue(failure.getMessage().contains("--enable-native-access=ALL-UNNAMED"), failure.getMessage());
    }

    @Test
    void thisJvmHasNoFlags() {
        final List<String> flags = ManagementFactory.getRuntimeMXBean().getInputArguments();
        assertTrue(flags.stream().noneMatch(flag -> flag.contains("native-access") || flag.contains("jdk.internal")), flags::toString);
    }

    private static Events run(final Class<?> tests) {
        return EngineTestKit.engine("junit-jupiter")
            .configurationParameter("junit.jupiter.conditions.deactivate", "*")
            .selectors(selectClass(tests)).execute().testEvents();
    }

    @WithSandbox
    static class PerClass {
        private static SandboxClient atFirst;

        @BeforeAll
        static void prepare(final SandboxClient sandbox, final TestSandbox itself) throws Exception {
            assertEquals(0, sandbox.exec("true").exitCode());
            atFirst = sandbox;
            SOCKETS.add(itself.socket());
        }

        @Test
        void runsAProgram(final SandboxClient sandbox, final TestSandbox itself) throws Exception {
            assertEquals("hello\n", sandbox.exec("echo", "hello").stdoutText());
            assertNotEquals(atFirst, sandbox);
            SOCKETS.add(itself.socket());
        }

        @Test
        void readsAFile(final SandboxFiles files, final TestSandbox itself) throws Exception {
            assertTrue(files.exists("/proc/self/exe"));
            SOCKETS.add(itself.socket());
        }

        @Test
        void canCloseItsClient(final SandboxClient sandbox) throws Exception {
            sandbox.close();
            assertTrue(atFirst.isOpen());
        }

        @Nested
        class Inner {
            @Test
            void sharesIt(final SandboxClient sandbox, final TestSandbox itself) throws Exception {
                assertEquals(0, sandbox.exec("true").exitCode());
                SOCKETS.add(itself.socket());
            }
        }
    }

    @WithSandbox(scope = WithSandbox.Scope.TEST)
    static class PerTest {
        @Test
        void one(final SandboxClient sandbox, final TestSandbox itself) throws Exception {
            assertEquals(0, sandbox.exec("true").exitCode());
            SOCKETS.add(itself.socket());
        }

        @Test
        void another(final SandboxClient sandbox, final TestSandbox itself) throws Exception {
            assertEquals(0, sandbox.exec("true").exitCode());
            SOCKETS.add(itself.socket());
        }
    }

    static class Registered {
        @RegisterExtension
        static final SandboxExtension SANDBOX = SandboxExtension.builder().startDeadline(Duration.ofMinutes(2)).build();

        @Test
        void runsAProgram(final SandboxClient sandbox) throws Exception {
            assertEquals(7, sandbox.exec("sh", "-c", "exit 7").exitCode());
        }
    }

    @WithSandbox
    static class Failing {
        @Test
        void fails(final SandboxClient sandbox, final TestSandbox itself) {
            SOCKETS.add(itself.socket());
            throw new AssertionError("as wanted");
        }
    }
}
