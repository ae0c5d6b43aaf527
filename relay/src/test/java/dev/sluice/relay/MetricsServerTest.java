package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.fault.Call;
import dev.sluice.ffi.fault.Fault;
import dev.sluice.ffi.fault.FaultSchedule;
import dev.sluice.ffi.fault.FaultySyscalls;
import dev.sluice.testsupport.Seeds;
import dev.sluice.vsock.UnixAddress;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The metrics page as scrapers of all manners ask for it. */
class MetricsServerTest {
    private static final String GET = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";

    @TempDir
    Path directory;
    private final RelayCounters counters = new RelayCounters();
    private final FaultySyscalls faults = new FaultySyscalls(Posix.system().syscalls());
    private Path socket;
    private MetricsServer server;

    @BeforeEach
    void open() throws IOException {
        socket = directory.resolve("metrics.sock");
        server = MetricsServer.open(new Posix(faults), UnixAddress.of(socket), Duration.ofMillis(10), () -> PrometheusText.of(counters));
    }

    @AfterEach
    void close() {
        server.close();
        assertFalse(Files.exists(socket));
    }

    private String ask(final String request) throws IOException {
        try (Wire.End connection = new Wire.End(Wire.dial(socket))) {
            connection.write(request.getBytes(ISO_8859_1));
            return new String(connection.readToEnd(), ISO_8859_1);
        }
    }

    private static String body(final String answer) {
        final int end = answer.indexOf("\r\n\r\n");
        assertTrue(end > 0, answer);
        return answer.substring(end + 4);
    }

    @Test
    void aSocketThatACleanerRemovedIsMadeAgain() throws Exception {
        for (int i = 0; i < 3; i++) {
            Files.delete(socket);
            RelayUnderTest.await("the socket", () -> Files.exists(socket));
            assertTrue(ask(GET).startsWith("HTTP/1.1 200 OK\r\n"));
        }
    }

    @Test
    void thePageHasEveryCounterInTheTextFormat() throws Exception {
        counters.add(RelayCounter.CLIENTS_ACCEPTED, 41);
        counters.increment(RelayCounter.CLIENTS_ACCEPTED);
        counters.set(RelayCounter.GUEST_READY, 1);
        final String answer = ask(GET);
        assertTrue(answer.startsWith("HTTP/1.1 200 OK\r\n"), answer);
        assertTrue(answer.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"), answer);
        assertTrue(answer.contains("\r\nConnection: close\r\n"), answer);
        final String page = body(answer);
        assertTrue(answer.contains("\r\nContent-Length: " + page.length() + "\r\n"), answer);
        assertTrue(page.contains("\n# HELP sluice_relay_guest_ready guest ready\n# TYPE sluice_relay_guest_ready gauge\n"
            + "sluice_relay_guest_ready 1\n"), page);
        assertTrue(page.contains("# TYPE sluice_relay_clients_accepted_total counter\nsluice_relay_clients_accepted_total 42\n"), page);
        final List<String> names = new ArrayList<>();
        final Pattern sample = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*) [0-9]+");
        for (final String line : page.split("\n")) {
            if (!line.startsWith("#")) {
                final var matcher = sample.matcher(line);
                assertTrue(matcher.matches(), line);
                names.add(matcher.group(1));
            }
        }
        assertEquals(RelayCounter.values().length, names.stream().distinct().count());
        assertTrue(page.endsWith("\n"));
    }

    @Test
    void curlUnderstandsIt() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "needs curl");
        final Process curl = new ProcessBuilder(
            "/usr/bin/curl", "--silent", "--show-error", "--fail", "--max-time", "10", "--unix-socket", socket.toString(),
            "http://localhost/metrics", "http://localhost/metrics?name=x").start();
        final String output = new String(curl.getInputStream().readAllBytes(), ISO_8859_1);
        assertEquals(0, curl.waitFor(), () -> "curl: " + output);
        assertEquals(PrometheusText.of(counters).repeat(2), output);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "GET /metrics HTTP/1.0\r\n\r\n", "GET http://localhost/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /metrics?x=1 HTTP/1.1\r\nAccept: */*\r\nhost:\r\nX-Empty:\r\n\r\n"})
    void otherFormsOfTheRequestAreAnswered(final String request) throws Exception {
        assertTrue(ask(request).startsWith("HTTP/1.1 200 "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/metrics/", "/Metrics", "/metricsx", "/../metrics", "*", "http://localhost/", "/?/metrics"})
    void everyOtherTargetIsNotFound(final String target) throws Exception {
        assertTrue(ask("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n").startsWith("HTTP/1.1 404 Not Found\r\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "get", "PATCH"})
    void everyOtherMethodIsNotAllowed(final String method) throws Exception {
        final String answer = ask(method + " /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
        assertTrue(answer.startsWith("HTTP/1.1 405 Method Not Allowed\r\n"), answer);
        assertTrue(answer.contains("\r\nAllow: GET\r\n"), answer);
    }

    @Test
    void anAnswerToHeadHasNoBody() throws Exception {
        assertEquals("", body(ask("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n")));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "\r\n\r\n", "GET /metrics\r\n\r\n", "GET  /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "GET /metrics HTTP/2.0\r\nHost: x\r\n\r\n",
        "GET /metrics HTTP/1.1\r\n\r\n", "GET /metrics HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nHost : x\r\n\r\n", "GET /metrics HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nHost: \u0000\r\n\r\n", "GET /met\u0001rics HTTP/1.1\r\nHost: x\r\n\r\n", "SSH-2.0-x\r\n\r\n"})
    void whatIsNoRequestIsABadOne(final String request) throws Exception {
        assertTrue(ask(request).startsWith("HTTP/1.1 400 Bad Request\r\n"));
    }

    @Test
    void aRequestBeyondTheLimitIsRefusedAndTheAnswerArrives() throws Exception {
        final String head = "GET /metrics HTTP/1.1\r\nHost: x\r\nX: ";
        final String longest = head + "y".repeat(4096 - head.length() - 4) + "\r\n\r\n";
        assertTrue(ask(longest).startsWith("HTTP/1.1 200 "));
        assertTrue(ask(head + "y".repeat(40_000) + "\r\n\r\n").startsWith("HTTP/1.1 400 "));
    }

    @Test
    void aRequestInPiecesIsPutTogether() throws Exception {
        try (Wire.End connection = new Wire.End(Wire.dial(socket))) {
            for (final byte b : GET.getBytes(ISO_8859_1)) {
                connection.write(new byte[] {b});
            }
            assertTrue(new String(connection.readToEnd(), ISO_8859_1).startsWith("HTTP/1.1 200 "));
        }
    }

    @Test
    void whoSaysNothingOrDoesNotReadIsLeftAtTheDeadlineAndOthersAreServed() throws Exception {
        try (SocketChannel silent = Wire.dial(socket); SocketChannel slow = Wire.dial(socket)) {
            slow.write(ByteBuffer.wrap("GET /metr".getBytes(ISO_8859_1)));
            Wire.dial(socket).close();
            assertTrue(ask(GET).startsWith("HTTP/1.1 200 "));
            assertTrue(new Wire.End(silent).atEnd());
            assertTrue(new Wire.End(slow).atEnd());
        }
    }

    @Test
    void closingDoesNotWaitForAConnection() throws Exception {
        try (SocketChannel silent = Wire.dial(socket)) {
            final long begun = System.nanoTime();
            server.close();
            assertTrue(isCut(silent));
            assertTrue(System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(1500), "less than the connection's deadline");
        }
        server.close();
    }

    /** One that was not accepted yet sees a reset. */
    private static boolean isCut(final SocketChannel connection) throws IOException {
        try {
            return new Wire.End(connection).atEnd();
        } catch (final SocketException e) {
            return true;
        }
    }

    @Test
    void onlyThisUserCanConnectAndOnlyOneServerHasThePath() throws Exception {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        assertThrows(IOException.class, () -> MetricsServer.open(Posix.system(), UnixAddress.of(socket), Duration.ofMillis(10), () -> ""));
        assertTrue(ask(GET).startsWith("HTTP/1.1 200 "));
    }

    @Test
    void wantOfDescriptorsAndFailedCallsDoNotEndIt() throws Exception {
        faults.inject(FaultSchedule.onNth(Call.ACCEPT4, faults.count(Call.ACCEPT4) + 1, Fault.error(Errno.EMFILE)));
        assertTrue(ask(GET).startsWith("HTTP/1.1 200 "));
        for (final Call call : List.of(Call.READ, Call.SEND, Call.SHUTDOWN)) {
            faults.inject(FaultSchedule.onNth(call, faults.count(call) + 1, Fault.error(Errno.EIO)));
            try {
                final String answer = ask(GET);
                assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 200 "), answer);
            } catch (final SocketException e) {
                assertEquals("Connection reset", e.getMessage(), "what a request gets that could not be read");
            }
        }
        faults.inject(FaultSchedule.always(Call.SEND, Fault.shortCount(7)).or(FaultSchedule.always(Call.READ, Fault.shortCount(3))));
        assertEquals(PrometheusText.of(counters), body(ask(GET)));
        faults.inject(FaultSchedule.NEVER);
        assertEquals(PrometheusText.of(counters), body(ask(GET)));
    }

    @Test
    void noBytesMakeItFail() throws Exception {
        final Random random = new Random(Seeds.next("requests"));
        final byte[] good = GET.getBytes(ISO_8859_1);
        for (int i = 0; i < 500; i++) {
            final byte[] bytes = good.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                bytes[random.nextInt(bytes.length - 4)] = (byte) random.nextInt();
            }
            final String answer = ask(new String(bytes, ISO_8859_1));
            assertTrue(answer.matches("(?s)HTTP/1\\.1 (200|400|404|405) .*"), answer);
        }
    }
}
