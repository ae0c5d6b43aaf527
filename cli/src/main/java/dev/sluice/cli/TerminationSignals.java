package dev.sluice.cli;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Gives the signals that ask a program to end to somebody else, from then on, instead of ending the JVM.
 *
 * <p>The JDK's only way to signals is {@code sun.misc.Signal} in the module {@code jdk.unsupported}. It is reached through reflection,
 * because the compiler warns of it in a way that no annotation silences.
 */
final class TerminationSignals {
    private static final List<String> NAMES = List.of("HUP", "INT", "TERM");

    private TerminationSignals() {
    }

    /**
     * Has the receiver called, on a thread of the JVM's, with the number of each SIGHUP, SIGINT or SIGTERM. One that was ignored when this
     * process began, as by nohup, stays ignored.
     */
    static void forwardTo(final IntConsumer receiver) {
        try {
            final Class<?> signalType = Class.forName("sun.misc.Signal");
            final Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            final Method getNumber = signalType.getMethod("getNumber");
            final Object handler = Proxy.newProxyInstance(
                TerminationSignals.class.getClassLoader(), new Class<?>[] {handlerType}, (proxy, method, arguments) -> {
                    receiver.accept((int) getNumber.invoke(arguments[0]));
                    return null;
                });
            final Method handle = signalType.getMethod("handle", signalType, handlerType);
            for (final String name : NAMES) {
                handle.invoke(null, signalType.getConstructor(String.class).newInstance(name), handler);
            }
        } catch (final ReflectiveOperationException e) {
            throw new IllegalStateException("cannot handle signals", e);
        }
    }
}
