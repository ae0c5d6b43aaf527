package dev.sluice.relay;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.Posix;
import dev.sluice.ffi.PosixException;
import dev.sluice.ffi.linux.Linux;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Supplier;

/** One connection of a {@link MetricsServer}: takes a request, sends the answer, ends. Every wait ends at the connection's deadline. */
final class MetricsConnection {
    /** Most bytes of a request's head. */
    static final int MAX_REQUEST_LENGTH = 4096;

    /** What is read away of a request that was refused unread. */
    private static final int MAX_DISCARDED = 64 * 1024;

    private final Posix posix;
    private final CancellableWait wait;
    private final int fd;
    private final long deadlineNs;

    MetricsConnection(final Posix posix, final CancellableWait wait, final int fd, final long deadlineNs) {
        this.posix = posix;
        this.wait = wait;
        this.fd = fd;
        this.deadlineNs = deadlineNs;
    }

    /** Serves it; the descriptor stays the caller's. */
    void serve(final Supplier<String> page) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment buffer = arena.allocate(MAX_REQUEST_LENGTH);
            final MetricsRequest request = receive(buffer);
            if (request != null && send(arena.allocateFrom(ValueLayout.JAVA_BYTE, answer(request, page)))) {
                posix.shutdown(fd, Linux.SHUT_WR);
                discardRest(buffer);
            }
        }
    }

    /** {@return the request, or null when nobody waits for an answer} */
    private MetricsRequest receive(final MemorySegment buffer) throws PosixException {
        final StringBuilder text = new StringBuilder();
        while (text.length() < MAX_REQUEST_LENGTH && wait.until(fd, Linux.POLLIN, deadlineNs)) {
            final long count = posix.read(fd, buffer.address(), MAX_REQUEST_LENGTH - text.length());
            if (count == 0 || count < 0 && count != -Errno.EAGAIN) {
                return null;
            }
            if (count > 0) {
                text.append(new String(buffer.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE), ISO_8859_1));
                final int end = text.indexOf(MetricsRequest.END);
                if (end >= 0) {
                    return MetricsRequest.parse(text.substring(0, end));
                }
            }
        }
        // One that is too long is told so; one that is too late has let its time for an answer pass.
        return text.length() == MAX_REQUEST_LENGTH ? MetricsRequest.UNREADABLE : null;
    }

    private static byte[] answer(final MetricsRequest request, final Supplier<String> page) {
        final boolean ok = request.status() == MetricsRequest.OK;
        final String status = request.status() + " " + request.reason();
        final byte[] body = (ok ? page.get() : status + ": this serves GET /metrics\n").getBytes(UTF_8);
        final byte[] head = ("HTTP/1.1 " + status + "\r\n"
            + "Content-Type: " + (ok ? PrometheusText.CONTENT_TYPE : "text/plain; charset=utf-8") + "\r\n"
            + "Content-Length: " + body.length + "\r\n"
            + (request.status() == MetricsRequest.METHOD_NOT_ALLOWED ? "Allow: GET\r\n" : "")
            + "Connection: close\r\n\r\n").getBytes(ISO_8859_1);
        final byte[] answer = new byte[head.length + (request.head() ? 0 : body.length)];
        System.arraycopy(head, 0, answer, 0, head.length);
        System.arraycopy(body, 0, answer, head.length, answer.length - head.length);
        return answer;
    }

    /** {@return whether everything was taken} */
    private boolean send(final MemorySegment bytes) throws PosixException {
        long sent = 0;
        while (sent < bytes.byteSize()) {
            final long count = posix.send(fd, bytes.address() + sent, bytes.byteSize() - sent, Linux.MSG_NOSIGNAL);
            if (count >= 0) {
                sent += count;
            } else if (count != -Errno.EAGAIN || !wait.until(fd, Linux.POLLOUT, deadlineNs)) {
                return false;
            }
        }
        return true;
    }

    /** Closing a Unix socket with unread bytes in it makes its peer see a reset, so they are read away. */
    private void discardRest(final MemorySegment buffer) throws PosixException {
        long discarded = 0;
        while (discarded < MAX_DISCARDED && wait.until(fd, Linux.POLLIN, deadlineNs)) {
            final long count = posix.read(fd, buffer.address(), buffer.byteSize());
            if (count == 0 || count < 0 && count != -Errno.EAGAIN) {
                return;
            }
            discarded += Math.max(0, count);
        }
    }
}
