package dev.sluice.systemtests;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** One output of a process, read to its end by a thread of its own: counted, digested, and its beginning kept. Thread safe. */
final class Output {
    /** So much of an output is kept to be looked at. */
    private static final int KEPT_BYTES = 1 << 20;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final Duration END_LIMIT = Duration.ofSeconds(10);

    private final String name;
    private final InputStream stream;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final MessageDigest digest;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private long length;
    private boolean ended;

    Output(final String name, final InputStream stream) {
        this.name = name;
        this.stream = stream;
        this.digest = newDigest();
        Thread.ofPlatform().daemon().name("output " + name).start(this::read);
    }

    static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void read() {
        final byte[] buffer = new byte[BUFFER_BYTES];
        try {
            for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
                append(buffer, count);
            }
        } catch (final IOException e) {
            // The stream was closed here, because its process was ended: what came until then is all there is.
            append(new byte[0], 0);
        } finally {
            synchronized (this) {
                ended = true;
                notifyAll();
            }
            end.complete(null);
        }
    }

    private synchronized void append(final byte[] buffer, final int count) {
        digest.update(buffer, 0, count);
        kept.write(buffer, 0, Math.min(count, KEPT_BYTES - kept.size()));
        length += count;
        notifyAll();
    }

    /** The first whole line that the predicate accepts, as soon as it is there. */
    synchronized String awaitLine(final Predicate<String> wanted, final Duration limit) throws InterruptedException {
        final long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            final String text = text();
            final String whole = text.substring(0, text.lastIndexOf('\n') + 1);
            final String found = whole.lines().filter(wanted).findFirst().orElse(null);
            if (found != null) {
                return found;
            }
            final long left = deadline - System.nanoTime();
            if (ended || left <= 0) {
                throw new AssertionError((ended ? name + " ended" : name + " timed out") + " without the line awaited:\n" + text);
            }
            wait(left / 1_000_000 + 1);
        }
    }

    /** Waits until everybody who could write has closed the output. */
    synchronized Output awaitEnd(final Duration limit) throws InterruptedException {
        final long deadline = System.nanoTime() + limit.toNanos();
        while (!ended) {
            final long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new AssertionError(name + " is still open after " + limit.toMillis() + " ms");
            }
            wait(left / 1_000_000 + 1);
        }
        return this;
    }

    /** Waits for the end, interrupted or not: whoever could write has been ended before. */
    void close() {
        end.copy().orTimeout(END_LIMIT.toSeconds(), TimeUnit.SECONDS).join();
        try {
            stream.close();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized long length() {
        return length;
    }

    /** What was kept, as text. */
    synchronized String text() {
        return kept.toString(StandardCharsets.UTF_8);
    }

    synchronized byte[] bytes() {
        return kept.toByteArray();
    }

    /** Digest of everything read; once, after the end. */
    synchronized String sha256() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
