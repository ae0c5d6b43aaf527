/**
 * Gives a JUnit 5 test a sandbox: {@link dev.sluice.junit.WithSandbox}. Relay and agent run in one process of their own, so the test's JVM
 * needs no flags and no native access.
 */
package dev.sluice.junit;
