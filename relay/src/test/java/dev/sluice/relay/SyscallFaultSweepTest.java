package dev.sluice.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.execlog.ExecLog;
import dev.sluice.execlog.LogLine;
import dev.sluice.execlog.LogQuery;
import dev.sluice.execlog.LogReader;
import dev.sluice.ffi.Errno;
import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.port.PortAddress;
import dev.sluice.testsupport.TimeLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every single system call of a relay is made to fail once, in every way it can, from its start to its end. Each time: a start that fails
 * says so with the typed exception; after the start nothing but the connection that the call was for comes to harm, nobody gets a byte that
 * is wrong, everybody who lost something is told, the relay goes on to serve, and nothing is leaked.
 *
 * <p>A slice of it, spread over all calls, unless {@code -Dsluice.full=true}.
 */
class SyscallFaultSweepTest {
    private static final boolean FULL = Boolean.getBoolean("sluice.full");
    /** In a slice every so many-th case is run; a prime, so that all calls and all faults come up. */
    private static final int SLICE = 7;

    private final Logger logger = Logger.getLogger("dev.sluice");
    private Level level;
    @TempDir
    Path directory;

    /** What became of one run. */
    private record Run(long calls, List<Call> made, IOException startFailure, long startCalls) {
    }

    @BeforeEach
    void quietly() {
        level = logger.getLevel();
        logger.setLevel(Level.OFF);
    }

    @AfterEach
    void asBefore() {
        logger.setLevel(level);
    }

    /** What the relay is given. */
    private enum Setup {
        UNIX(PortAddress.Kind.UNIX), UNIX_LISTEN(PortAddress.Kind.UNIX_LISTEN), RING(PortAddress.Kind.RING),
        /** Besides a socket guest: an exec log, counters in a file, and a second socket for clients. */
        LOGGED(PortAddress.Kind.UNIX);

        private final PortAddress.Kind guest;

        Setup(final PortAddress.Kind guest) {
            this.guest = guest;
        }
    }

    @ParameterizedTest
    @EnumSource
    @TimeLimit(seconds = 600)
    void everySingleCallFailsOnce(final Setup setup) throws Exception {
        final Run clean = run(setup, 0, Fault.NONE);
        assertEquals(clean.made(), run(setup, 0, Fault.NONE).made(), "the same script makes the same calls");
        final List<String> findings = new ArrayList<>();
        int cases = 0;
        int runs = 0;
        for (int n = 1; n <= clean.calls(); n++) {
            for (final Fault fault : SweepFaults.of(clean.made().get(n - 1))) {
                if (FULL || cases++ % SLICE == 0) {
                    runs++;
                    final String what = n + ". call " + clean.made().get(n - 1) + " " + describe(fault);
                    try {
                        final Run run = run(setup, n, fault);
                        if (run.startFailure() != null && n > clean.startCalls()) {
                            findings.add(what + ": not a call of the start, but that failed: " + run.startFailure());
                        }
                    } catch (final IOException | RuntimeException | AssertionError e) {
                        findings.add(what + ": " + e);
                    }
                }
            }
        }
        System.out.printf("%s: N=%d calls, %d of them to start; %d faults injected, %d findings%n",
            setup, clean.calls(), clean.startCalls(), runs, findings.size());
        assertTrue(findings.isEmpty(), String.join("\n", findings));
    }

    private static String describe(final Fault fault) {
        return fault.errno() == 0 ? "moves " + fault.maxBytes() + " byte" : Errno.name(fault.errno());
    }

    private Run run(final Setup setup, final int nth, final Fault fault) throws Exception {
        final Path place = Files.createTempDirectory(directory, "run");
        final Path socket = place.resolve("agent.sock");
        final Path console = place.resolve("console");
        final Path log = place.resolve("log");
        final PortAddress.Kind kind = setup.guest;
        final List<Call> made = new ArrayList<>();
        final String scheme = kind == PortAddress.Kind.RING ? "ring:" : kind == PortAddress.Kind.UNIX ? "unix:" : "unix-listen:";
        try (SweepExchange exchange = new SweepExchange(socket, console, kind)) {
            final LockstepCalls calls = new LockstepCalls(exchange::step, kind != PortAddress.Kind.UNIX);
            calls.inject(schedule(calls, made, nth, fault));
            IOException startFailure = null;
            long startCalls = 0;
            try {
                final RelayContext context = new RelayContext().posix(calls.posix()).clock(calls::nanoTime).wallClock(() -> 0)
                    .guest(PortAddress.parse(scheme + console)).listen(socket);
                if (setup == Setup.LOGGED) {
                    context.execLog(log).execLogDriver(exchange::logWriter).countersFile(place.resolve("counters"))
                        .listen(ListenAddress.parse("range:" + place.resolve("range.sock")));
                }
                try (Relay relay = Relay.open(context)) {
                    startCalls = calls.calls();
                    final RelayOutcome outcome = relay.run();
                    exchange.finish();
                    assertEquals(RelayOutcome.GUEST_SHUT_DOWN, outcome);
                    new SweepOracle(exchange, calls, fault).check();
                } catch (final IOException e) {
                    if (startCalls != 0) {
                        throw new AssertionError("the relay ended: " + e, e);
                    }
                    startFailure = e;
                }
                if (setup == Setup.LOGGED && startFailure == null) {
                    checkLog(log, exchange);
                }
                assertTrue(calls.faultedCall().equals("MUNMAP") || calls.leaks().isEmpty(), "left behind: " + calls.leaks());
                return new Run(made.size(), made, startFailure, startCalls);
            } finally {
                calls.close();
            }
        }
    }

    /** Everything that the guests have said is in the log, or marked as missing; of one that was lost there may be less. */
    private static void checkLog(final Path log, final SweepExchange exchange) throws IOException {
        long said = 0;
        for (final SweepGuest guest : exchange.guests) {
            said += (long) guest.outputs * SweepGuest.LARGE_OUTPUT;
        }
        long recorded = 0;
        try (LogReader reader = ExecLog.read(log, LogQuery.OUTPUTS)) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                recorded += line.gap() == null ? line.data().length : line.gap().bytes();
            }
            assertEquals(0, reader.skippedLines() + reader.tornLines(), "lines that are none");
        }
        assertTrue(recorded == said || recorded < said && exchange.guests.size() > 1, "recorded or marked: " + recorded + " of " + said);
    }

    private static FaultSchedule schedule(final LockstepCalls calls, final List<Call> made, final int nth, final Fault fault) {
        return (call, number, numberOfAll) -> {
            made.add(call);
            if (numberOfAll != nth) {
                return Fault.NONE;
            }
            return calls.faultNow(call.name()) && call != Call.SETSOCKOPT ? fault : Fault.NONE;
        };
    }
}
