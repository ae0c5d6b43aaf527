package dev.sluice.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives the tests of a class a sandbox on this machine, as parameters: a {@link dev.sluice.client.SandboxClient} of the test's own, its
 * {@link dev.sluice.client.SandboxFiles}, or the {@link TestSandbox} itself.
 *
 * <pre>{@code
 * @WithSandbox
 * class GreetingTest {
 *     @Test
 *     void greets(SandboxClient sandbox) throws Exception {
 *         assertEquals("hello\n", sandbox.exec("echo", "hello").stdoutText());
 *     }
 * }
 * }</pre>
 *
 * <p>The sandbox is started when it is first asked for and ends with its scope, with all programs in it. It keeps no program from the
 * machine's files: what it tests is the program's way through relay and agent, not an isolation.
 */
@Target({ElementType.TYPE, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(SandboxExtension.class)
public @interface WithSandbox {
    /**
     * How long a sandbox lives.
     *
     * @return by default, as long as the class
     */
    Scope scope() default Scope.CLASS;

    /**
     * How long it may take to start, in seconds.
     *
     * @return by default, 60: a machine under load may need a while for a JVM
     */
    int startSeconds() default TestSandbox.START_SECONDS;

    /** How long a sandbox lives. */
    enum Scope {
        /** One for all tests of the class, those of nested classes included. */
        CLASS,
        /** One for each test. */
        TEST
    }
}
