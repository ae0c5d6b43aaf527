package dev.sluice.bench;

import dev.sluice.ffi.Posix;
import dev.sluice.ffi.Syscalls;
import dev.sluice.ffi.linux.Linux;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one call into the kernel costs from Java. The floor is a generated call without errno; above it the same kind of call through
 * {@link Syscalls}, with errno captured, once succeeding and once failing, and through {@link Posix} with its repetition on EINTR.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgs = {BenchmarkJvm.NATIVE_ACCESS, BenchmarkJvm.ADD_EXPORTS})
public class DowncallBenchmark {
    private static final int NO_DESCRIPTOR = -1;

    private final Posix posix = Posix.system();
    private final Syscalls calls = posix.syscalls();

    /** Made by JMH. */
    public DowncallBenchmark() {
    }

    /**
     * getpid(2) as generated: no errno.
     *
     * @return the process id
     */
    @Benchmark
    public int generatedWithoutErrno() {
        return Linux.getpid();
    }

    /**
     * fcntl(F_GETFD) of standard input: errno captured, nothing failed.
     *
     * @return the descriptor's flags
     */
    @Benchmark
    public int callWithErrno() {
        return calls.fcntl(0, Linux.F_GETFD, 0);
    }

    /**
     * read(2) of no descriptor: errno captured and read.
     *
     * @return -EBADF
     */
    @Benchmark
    public long failingCall() {
        return calls.read(NO_DESCRIPTOR, 0, 0);
    }

    /**
     * The failing read through the layer that repeats interrupted calls.
     *
     * @return -EBADF
     */
    @Benchmark
    public long failingCallThroughPosix() {
        return posix.read(NO_DESCRIPTOR, 0, 0);
    }
}
