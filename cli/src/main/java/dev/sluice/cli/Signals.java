package dev.sluice.cli;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.IntConsumer;

/**
 * Signals of this process.
 *
 * <p>The JDK's only way to them is {@code sun.misc.Signal} in the module {@code jdk.unsupported}. It is reached through reflection, because
 * the compiler warns of it in a way that no annotation silences.
 */
final class Signals {
    private Signals() {
    }

    /**
     * Has a receiver called, on a thread of the JVM's, with the number of each signal of that name, from then on. SIGHUP, SIGINT and
     * SIGTERM that were ignored when this process began, as by nohup, stay ignored.
     *
     * @param name without SIG
     * @throws IllegalStateException when the JVM keeps the signal to itself
     */
    static void handle(final String name, final IntConsumer receiver) {
        try {
            final Class<?> signalType = Class.forName("sun.misc.Signal");
            final Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            final Method getNumber = signalType.getMethod("getNumber");
            final Object handler = Proxy.newProxyInstance(
                Signals.class.getClassLoader(), new Class<?>[] {handlerType}, (proxy, method, arguments) -> {
                    receiver.accept((int) getNumber.invoke(arguments[0]));
                    return null;
                });
            signalType.getMethod("handle", signalType, handlerType)
                .invoke(null, signalType.getConstructor(String.class).newInstance(name), handler);
        } catch (final ReflectiveOperationException e) {
            throw new IllegalStateException("cannot handle signals", e);
        }
    }
}
