package dev.sluice.systemtests;

import dev.sluice.client.ExecOptions;
import dev.sluice.client.ExecSession;
import dev.sluice.client.SandboxClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Clients of a sandbox, all of them in the middle of something: a flood of output, a stream there and back, a program that is waited for,
 * short commands one after the other; and one client as a process of its own. Each activity ends with a failure only.
 */
final class BusyClients implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration FOREVER = Duration.ofDays(1);
    private static final int BLOCK_BYTES = 64 * 1024;

    private final SandboxClient streams;
    private final SandboxClient commands;
    private final List<Activity> activities = new ArrayList<>();
    private final CountDownLatch busy = new CountDownLatch(4);
    private final Program process;
    private final long programOfProcess;

    /** How and when an activity ended. */
    record End(long nanoTime, Exception failure) {
    }

    /** What is going on, and its end. */
    record Activity(String name, CompletableFuture<End> end) {
    }

    /** Something that goes on until it fails. */
    @FunctionalInterface
    private interface Work {
        void run() throws Exception;
    }

    private BusyClients(final Sandbox sandbox) throws Exception {
        streams = sandbox.connect();
        commands = sandbox.connect();
        process = sandbox.exec("sh", "-c", "echo $$; exec sleep 1000");
        final ExecSession flood = streams.start(ExecOptions.command("yes").build());
        start("flood", () -> readAll(flood.stdout()));
        final ExecSession mirror = streams.start(ExecOptions.command("cat").build());
        start("mirror, written", () -> writeForever(mirror.stdin()));
        start("mirror, read", () -> readAll(mirror.stdout()));
        final ExecSession sleeper = streams.start(ExecOptions.command("sleep", "1000").build());
        start("sleeper", () -> sleeper.waitFor(FOREVER));
        start("commands", this::runCommandsForever);
        if (!busy.await(START_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("not all clients became busy; " + activities + sandbox.said());
        }
        programOfProcess = Long.parseLong(process.stdout().awaitLine(line -> true, START_LIMIT));
    }

    /** Returns when all of them are busy. */
    static BusyClients start(final Sandbox sandbox) throws Exception {
        return new BusyClients(sandbox);
    }

    private void start(final String name, final Work work) {
        final Activity activity = new Activity(name, new CompletableFuture<>());
        activities.add(activity);
        Thread.ofVirtual().name(name).start(() -> {
            try {
                work.run();
                activity.end.complete(new End(System.nanoTime(), null));
            } catch (final Exception e) {
                activity.end.complete(new End(System.nanoTime(), e));
            }
        });
    }

    private void readAll(final InputStream stream) throws IOException {
        final byte[] block = new byte[BLOCK_BYTES];
        boolean first = true;
        while (stream.read(block) >= 0) {
            if (first) {
                busy.countDown();
                first = false;
            }
        }
    }

    private void writeForever(final OutputStream stream) throws IOException {
        final byte[] block = new byte[BLOCK_BYTES];
        stream.write(block);
        busy.countDown();
        while (true) {
            stream.write(block);
        }
    }

    private void runCommandsForever() throws Exception {
        commands.exec("echo", "hello");
        busy.countDown();
        while (true) {
            commands.exec("echo", "hello");
        }
    }

    /** What goes on in this process. */
    List<Activity> activities() {
        return activities;
    }

    /** The client that is a process of its own. */
    Program process() {
        return process;
    }

    /** The process in the guest that the client process waits for. */
    long programOfProcess() {
        return programOfProcess;
    }

    @Override
    public void close() {
        streams.close();
        commands.close();
        process.close();
    }
}
