package dev.sluice.junit;

import dev.sluice.client.SandboxClient;
import dev.sluice.client.SandboxFiles;
import dev.sluice.junit.WithSandbox.Scope;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Starts sandboxes for tests and ends them: behind {@link WithSandbox}, or registered by hand where options are to be computed.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final SandboxExtension SANDBOX = SandboxExtension.builder().startDeadline(Duration.ofMinutes(2)).build();
 * }</pre>
 *
 * <p>Parameters of type {@link SandboxClient}, {@link SandboxFiles} and {@link TestSandbox} are resolved, those of constructors and of
 * {@code @BeforeAll} methods too. A client belongs to the test or class that it was resolved for and is closed after it.
 */
public final class SandboxExtension implements ParameterResolver, BeforeAllCallback, AfterAllCallback {
    private static final Namespace NAMESPACE = Namespace.create(SandboxExtension.class);
    private static final String CLASS_CONTEXT = "class";

    private final Scope scope;
    private final Duration startDeadline;

    /** What {@link WithSandbox} on the test's class says; JUnit calls this. */
    public SandboxExtension() {
        this(null, null);
    }

    private SandboxExtension(final Scope scope, final Duration startDeadline) {
        this.scope = scope;
        this.startDeadline = startDeadline;
    }

    /**
     * Begins with the defaults of {@link WithSandbox}.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /** Notes the class that a sandbox for all its tests belongs to; classes nested in it share that. */
    @Override
    public void beforeAll(final ExtensionContext context) {
        store(context).getOrComputeIfAbsent(CLASS_CONTEXT, key -> new Scoped(context), Scoped.class);
    }

    /** Ends what belongs to the class now, not with the store: others may look at what a class leaves behind. */
    @Override
    public void afterAll(final ExtensionContext context) throws Exception {
        final Owned client = store(context).remove(clientKey(context), Owned.class);
        final Owned sandbox = store(context).remove(sandboxKey(context), Owned.class);
        if (client != null) {
            client.close();
        }
        if (sandbox != null) {
            sandbox.close();
        }
    }

    @Override
    public boolean supportsParameter(final ParameterContext parameter, final ExtensionContext context) {
        final Class<?> type = parameter.getParameter().getType();
        return type == SandboxClient.class || type == SandboxFiles.class || type == TestSandbox.class;
    }

    @Override
    public Object resolveParameter(final ParameterContext parameter, final ExtensionContext context) {
        final Class<?> type = parameter.getParameter().getType();
        final TestSandbox sandbox = sandbox(context);
        if (type == TestSandbox.class) {
            return sandbox;
        }
        final SandboxClient client = client(context, sandbox);
        return type == SandboxClient.class ? client : client.files();
    }

    private TestSandbox sandbox(final ExtensionContext context) {
        final WithSandbox options = AnnotationSupport.findAnnotation(context.getRequiredTestClass(), WithSandbox.class)
            .or(() -> context.getTestClass().map(Class::getEnclosingClass)
                .flatMap(outer -> AnnotationSupport.findAnnotation(outer, WithSandbox.class)))
            .orElse(null);
        final Scope wanted = scope != null ? scope : options != null ? options.scope() : Scope.CLASS;
        final Duration time = startDeadline != null ? startDeadline
            : Duration.ofSeconds(options != null ? options.startSeconds() : TestSandbox.START_SECONDS);
        final ExtensionContext owner = owner(context, wanted);
        return store(owner)
            .getOrComputeIfAbsent(sandboxKey(owner), made -> new Owned(start(time)), Owned.class).as(TestSandbox.class);
    }

    /** The context that ends with the sandbox. */
    private static ExtensionContext owner(final ExtensionContext context, final Scope scope) {
        if (scope == Scope.TEST) {
            return context;
        }
        final Scoped noted = store(context).get(CLASS_CONTEXT, Scoped.class);
        return noted != null ? noted.context : context;
    }

    private static SandboxClient client(final ExtensionContext context, final TestSandbox sandbox) {
        return store(context)
            .getOrComputeIfAbsent(clientKey(context), made -> new Owned(connect(sandbox)), Owned.class).as(SandboxClient.class);
    }

    /** The owner's own: a store also looks into those of the contexts around it, whose sandbox this one may not share. */
    private static String sandboxKey(final ExtensionContext owner) {
        return "sandbox of " + owner.getUniqueId();
    }

    /** The context's own: a client that an enclosing context has is not this one's to use. */
    private static String clientKey(final ExtensionContext context) {
        return "client of " + context.getUniqueId();
    }

    private static Store store(final ExtensionContext context) {
        return context.getStore(NAMESPACE);
    }

    private static TestSandbox start(final Duration deadline) {
        try {
            return TestSandbox.start(deadline);
        } catch (final IOException e) {
            throw new ExtensionConfigurationException("no sandbox: " + e.getMessage(), e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ExtensionConfigurationException("no sandbox: interrupted", e);
        }
    }

    private static SandboxClient connect(final TestSandbox sandbox) {
        try {
            return sandbox.connect();
        } catch (final IOException e) {
            throw new ExtensionConfigurationException("no connection to the sandbox: " + e.getMessage(), e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ExtensionConfigurationException("no connection to the sandbox: interrupted", e);
        }
    }

    /** A context that is noted in a store, which would close it if it lay there by itself. */
    private record Scoped(ExtensionContext context) {
    }

    /** Collects options. Not thread safe. */
    public static final class Builder {
        private Scope scope = Scope.CLASS;
        private Duration startDeadline = Duration.ofSeconds(TestSandbox.START_SECONDS);

        private Builder() {
        }

        /**
         * Gives each test a sandbox of its own.
         *
         * @return this builder
         */
        public Builder perTest() {
            scope = Scope.TEST;
            return this;
        }

        /**
         * Sets how long a sandbox may take to start.
         *
         * @param time more than nothing
         * @return this builder
         * @throws IllegalArgumentException when it is not
         */
        public Builder startDeadline(final Duration time) {
            if (!time.isPositive()) {
                throw new IllegalArgumentException("startDeadline: time=" + time);
            }
            startDeadline = time;
            return this;
        }

        /**
         * Makes the extension.
         *
         * @return what to put behind {@code @RegisterExtension}
         */
        public SandboxExtension build() {
            return new SandboxExtension(scope, startDeadline);
        }
    }
}
