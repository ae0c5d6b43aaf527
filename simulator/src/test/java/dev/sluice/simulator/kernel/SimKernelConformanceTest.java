package dev.sluice.simulator.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.testsupport.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The simulated kernel against the real one: the same random operations on both have the same results, in every errno and every event. */
class SimKernelConformanceTest {
    private static final int RUNS = 400;
    private static final int OPERATIONS = 250;
    private static final int LINES_SHOWN = 60;
    private static final int EVENTFD = 1;
    /** Beyond this much on its way the two would differ in when a socket is full, which depends on the kernel's own overhead. */
    private static final int WRITES_ON_THEIR_WAY_MAX = 8;
    private static final int SEND_CAPACITY = 212_992;

    @TempDir
    private Path directory;

    @Test
    void behavesAsTheRealKernel() throws IOException {
        final long seed = Seeds.next("kernel conformance");
        for (int run = 0; run < RUNS; run++) {
            compare(new SimRandom(SimRandom.mix(seed + run)), run);
        }
    }

    private void compare(final SimRandom random, final int run) throws IOException {
        final SimClock clock = new SimClock(0);
        final SimKernel kernel = new SimKernel(clock, new SimRandom(0), new Trace(clock, 1, null), new Nobody(), SEND_CAPACITY,
            new SimDisk(new SimRandom(0)));
        final Path realPath = directory.resolve("real");
        final Path simulatedPath = directory.resolve("simulated");
        final List<String> done = new ArrayList<>();
        try (Machine real = new Machine(Posix.system().syscalls(), realPath); Machine simulated = new Machine(kernel, simulatedPath)) {
            real.eventfd();
            simulated.eventfd();
            for (int i = 0; i < 2; i++) {
                real.pair();
                simulated.pair();
            }
            final int[] onTheirWay = new int[1];
            for (int i = 0; i < OPERATIONS; i++) {
                final Function<Machine, String> operation = draw(random, real, onTheirWay);
                final String expected = operation.apply(real);
                done.add(expected);
                final List<String> last = done.subList(Math.max(0, done.size() - LINES_SHOWN), done.size());
                assertEquals(expected, operation.apply(simulated), () -> "run " + run + " after " + last);
            }
        } finally {
            Files.deleteIfExists(realPath);
            Files.deleteIfExists(simulatedPath);
        }
        assertEquals(List.of(), kernel.leaks());
    }

    private static Function<Machine, String> draw(final SimRandom random, final Machine machine, final int[] onTheirWay) {
        final int file = random.below(machine.count());
        final int kind = random.below(100);
        if (kind < 30) {
            final int maxEvents = random.pick(1, 2, 16);
            return at -> at.await(maxEvents);
        }
        if (kind < 33) {
            return machine.count() < 24 ? Machine::socket : at -> at.await(1);
        }
        if (kind < 38) {
            return Machine::accept;
        }
        if (!machine.isOpen(file)) {
            return at -> at.await(16);
        }
        if (kind < 60) {
            final int flags = random.pick(0, Linux.EPOLLET);
            final int events = random.pick(0, Linux.EPOLLIN, Linux.EPOLLOUT, Linux.EPOLLIN | Linux.EPOLLOUT | Linux.EPOLLRDHUP) | flags;
            final int operation = random.pick(Linux.EPOLL_CTL_ADD, Linux.EPOLL_CTL_ADD, Linux.EPOLL_CTL_MOD, Linux.EPOLL_CTL_DEL);
            return at -> at.control(operation, file, events);
        }
        if (file == EVENTFD) {
            final long added = random.pick(0, 1, 7, -1, -2);
            return kind < 80 ? at -> at.read(file, Long.BYTES) : at -> at.count(file, added);
        }
        if (kind < 80) {
            final int length = random.between(1, 60);
            onTheirWay[0] = 0;
            return at -> at.read(file, length);
        }
        if (kind < 92) {
            if (file == 0 || onTheirWay[0]++ > WRITES_ON_THEIR_WAY_MAX) {
                return at -> at.await(16);
            }
            final int length = random.between(1, 50);
            return at -> at.write(file, file, length);
        }
        if (kind < 95) {
            return at -> at.connect(file);
        }
        if (kind < 98) {
            final int how = random.pick(Linux.SHUT_RD, Linux.SHUT_WR, Linux.SHUT_RDWR);
            return file == 0 ? at -> at.await(1) : at -> at.shutdown(file, how);
        }
        return at -> at.close(file);
    }

    /** A world without anybody in it. */
    private static final class Nobody implements Scheduler {
        @Override
        public void preempt() {
        }

        @Override
        public long nextEventInNs() {
            return NEVER;
        }

        @Override
        public void runDue() {
        }
    }
}
