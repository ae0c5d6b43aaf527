package dev.sluice.ffi;

import dev.sluice.ffi.linux.Prototypes;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** The hand-linked calls against the prototypes that the C headers declare. */
class PrototypesTest {
    /** Their prototypes end in an ellipsis and say nothing of the arguments behind it. */
    private static final List<String> VARIADIC = List.of("open", "openat", "fcntl", "ioctl", "prctl");
    /** The C library has no wrapper of that name. */
    private static final List<String> WITHOUT_PROTOTYPE = List.of("openat2");

    static Stream<Field> handles() {
        final Stream<Class<?>> classes = Stream.of(
            SocketCalls.class, FileCalls.class, FileSystemCalls.class, MemoryCalls.class, EventCalls.class, ProcessCalls.class,
            IdentityCalls.class);
        return classes
            .flatMap(calls -> Arrays.stream(calls.getDeclaredFields()))
            .filter(field -> field.getType() == MethodHandle.class);
    }

    @ParameterizedTest
    @MethodSource("handles")
    void isLinkedAsItsPrototypeSays(final Field field) throws ReflectiveOperationException {
        field.setAccessible(true);
        final MethodType linked = ((MethodHandle) field.get(null)).type();
        assertEquals(MemorySegment.class, linked.parameterType(0), "errno is captured");
        final String function = function(field.getName());
        if (VARIADIC.contains(function) || WITHOUT_PROTOTYPE.contains(function)) {
            return;
        }
        final FunctionDescriptor prototype = (FunctionDescriptor) Prototypes.class.getMethod(function + "$descriptor").invoke(null);
        final List<Class<?>> expected = prototype.argumentLayouts().stream().<Class<?>>map(PrototypesTest::carrier).toList();
        assertEquals(expected, linked.dropParameterTypes(0, 1).parameterList(), function);
        assertEquals(carrier(prototype.returnLayout().orElseThrow()), linked.returnType(), function);
    }

    private static Class<?> carrier(final MemoryLayout layout) {
        return layout instanceof AddressLayout ? long.class : ((ValueLayout) layout).carrier();
    }

    /** {@code EPOLL_CREATE1} links {@code epoll_create1}. */
    private static String function(final String field) {
        return field.toLowerCase(Locale.ROOT);
    }
}
