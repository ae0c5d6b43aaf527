package dev.sluice.testsupport;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The time one test method, or one of the methods run before and after it, may take. Without it the limit is
 * {@value TimeLimit#DEFAULT_SECONDS} seconds. On a class it holds for each of the class's methods that has none of its own.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface TimeLimit {
    /** The limit of a method that names none, in seconds. */
    int DEFAULT_SECONDS = 60;

    /**
     * The limit.
     *
     * @return seconds, greater than 0
     */
    int seconds();
}
