package dev.sluice.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * Links C functions and reads the errno they leave behind.
 *
 * <p>Pointers are declared as {@code long}, so that a call costs no segment object and fewer distinct call shapes are generated. Errno is
 * captured by the downcall itself, before the virtual machine can run anything else on the thread, into a segment each thread keeps.
 */
@SuppressWarnings("restricted")
final class Downcall {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE_LAYOUT = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = STATE_LAYOUT.byteOffset(PathElement.groupElement("errno"));
    private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");

    /** Automatic arenas, since nobody is told when a thread ends. */
    private static final ThreadLocal<MemorySegment> STATE = ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE_LAYOUT));

    private Downcall() {
    }

    /** Links a function that returns -1 and sets errno when it fails. The handle takes {@link #state()} first. */
    static MethodHandle settingErrno(final String symbol, final MemoryLayout result, final MemoryLayout... arguments) {
        return LINKER.downcallHandle(address(symbol), FunctionDescriptor.of(result, arguments), CAPTURE_ERRNO);
    }

    /** The same for a variadic function, of which the first {@code fixed} arguments are named in its prototype. */
    static MethodHandle variadic(final String symbol, final int fixed, final MemoryLayout result, final MemoryLayout... arguments) {
        return LINKER.downcallHandle(
            address(symbol), FunctionDescriptor.of(result, arguments), CAPTURE_ERRNO, Linker.Option.firstVariadicArg(fixed));
    }

    /**
     * Links the wrapper of a system call, or {@code syscall(number, ...)} where the C library has no wrapper of that name yet.
     */
    static MethodHandle systemCall(final String symbol, final long number, final MemoryLayout... arguments) {
        final Optional<MemorySegment> wrapper = LINKER.defaultLookup().find(symbol);
        if (wrapper.isPresent()) {
            return LINKER.downcallHandle(wrapper.get(), FunctionDescriptor.of(JAVA_INT, arguments), CAPTURE_ERRNO);
        }
        return rawSystemCall(number, arguments);
    }

    /** Links {@code syscall(number, ...)}, past any wrapper. */
    static MethodHandle rawSystemCall(final long number, final MemoryLayout... arguments) {
        final FunctionDescriptor generic = FunctionDescriptor.of(JAVA_LONG, arguments).insertArgumentLayouts(0, JAVA_LONG);
        final MethodHandle handle =
            MethodHandles.insertArguments(
                LINKER.downcallHandle(address("syscall"), generic, CAPTURE_ERRNO, Linker.Option.firstVariadicArg(1)), 1, number);
        final MethodType type = handle.type().changeReturnType(int.class);
        return MethodHandles.explicitCastArguments(handle, type);
    }

    /** The calling thread's segment for captured state: what a handle's first argument is. */
    static MemorySegment state() {
        return STATE.get();
    }

    /** Turns -1 into the negated errno. */
    static int result(final int returned, final MemorySegment state) {
        return returned == -1 ? -state.get(JAVA_INT, ERRNO_OFFSET) : returned;
    }

    /** Turns -1 into the negated errno. */
    static long result(final long returned, final MemorySegment state) {
        return returned == -1L ? -state.get(JAVA_INT, ERRNO_OFFSET) : returned;
    }

    /** What to throw when a handle throws, which linked handles of these types do not. */
    static RuntimeException unexpected(final Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
        return new IllegalStateException("a downcall threw", thrown);
    }

    private static MemorySegment address(final String symbol) {
        return LINKER.defaultLookup().find(symbol).orElseThrow(() ->
            new UnsatisfiedLinkError("the C library has no " + symbol + ": glibc 2.34 or newer is needed"));
    }
}
