/**
 * What every test of Sluice carries without asking for it: a hard time limit that dumps all threads, a leak check around each
 * test class, and seeds that are printed and can be replayed.
 *
 * <p>The extensions register themselves with JUnit Jupiter. The leak check looks at the whole process, so test classes run one
 * after the other within a JVM.
 */
package dev.sluice.testsupport;
