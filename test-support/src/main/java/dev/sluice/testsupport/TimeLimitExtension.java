package dev.sluice.testsupport;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Ends test and lifecycle methods that run past their {@link TimeLimit}: all threads are dumped to standard error, the method's
 * thread is interrupted and the method fails. A method that does not end then takes the JVM down with it, so that no build hangs.
 */
public final class TimeLimitExtension implements InvocationInterceptor {
    /** Creates the extension; JUnit does. */
    public TimeLimitExtension() {
    }

    @Override
    public void interceptTestMethod(
        final Invocation<Void> invocation,
        final ReflectiveInvocationContext<Method> method,
        final ExtensionContext context) throws Throwable {
        limited(invocation, method, context);
    }

    @Override
    public void interceptTestTemplateMethod(
        final Invocation<Void> invocation,
        final ReflectiveInvocationContext<Method> method,
        final ExtensionContext context) throws Throwable {
        limited(invocation, method, context);
    }

    @Override
    public <T> T interceptTestFactoryMethod(
        final Invocation<T> invocation,
        final ReflectiveInvocationContext<Method> method,
        final ExtensionContext context) throws Throwable {
        return limited(invocation, method, context);
    }

    @Override
    public void interceptDynamicTest(
        final Invocation<Void> invocation,
        final DynamicTestInvocationContext dynamicTest,
        final ExtensionContext context) throws Throwable {
        final Method factory = context.getRequiredTestMethod();
        Watchdog.run(invocation::proceed, context.getDisplayName(), limitOf(factory, context));
    }

    @Override
    public void interceptBeforeAllMethod(
        final Invocation<Void> invocation,
        final ReflectiveInvocationContext<Method> method,
        final ExtensionContext context) throws Throwable {
        limited(invocation, method, context);
    }

    @Override
    public void interceptBeforeEachMethod(
        final Invocation<Void> invocation,
        final ReflectiveInvocationContext<Method> method,
        final ExtensionContext context) throws Throwable {
        limited(invocation, method, context);
    }

    @Override
    public void interceptAfterEachMethod(
        final Invocation<Void> invocation,
        final ReflectiveInvocationContext<Method> method,
        final ExtensionContext context) throws Throwable {
        limited(invocation, method, context);
    }

    @Override
    public void interceptAfterAllMethod(
        final Invocation<Void> invocation,
        final ReflectiveInvocationContext<Method> method,
        final ExtensionContext context) throws Throwable {
        limited(invocation, method, context);
    }

    private static <T> T limited(
        final Invocation<T> invocation,
        final ReflectiveInvocationContext<Method> method,
        final ExtensionContext context) throws Throwable {
        final Method executable = method.getExecutable();
        final String name = executable.getDeclaringClass().getName() + "." + executable.getName();
        return Watchdog.run(invocation::proceed, name, limitOf(executable, context));
    }

    private static Duration limitOf(final Method method, final ExtensionContext context) {
        Optional<TimeLimit> limit = AnnotationSupport.findAnnotation(method, TimeLimit.class);
        for (Class<?> type = context.getRequiredTestClass(); limit.isEmpty() && type != null; type = type.getEnclosingClass()) {
            limit = AnnotationSupport.findAnnotation(type, TimeLimit.class);
        }
        return Duration.ofSeconds(limit.map(TimeLimit::seconds).orElse(TimeLimit.DEFAULT_SECONDS));
    }
}
