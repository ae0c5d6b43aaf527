/**
 * Fuzz targets: one class for each thing that reads what a peer wrote, with a method {@code fuzzerTestOneInput(byte[])} that throws an
 * {@link java.lang.AssertionError}, or whatever the code under test throws that it should not, for an input that breaks a promise. They are
 * plain methods: the fuzzer, the corpus test and a debugger call them alike.
 *
 * <p>Targets keep what they reuse in static fields, for speed: one thread at a time.
 */
package dev.sluice.fuzz;
